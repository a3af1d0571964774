//! A thousand histories that nobody wrote, each of which must keep every promise.
//!
//! `RINGSIDE_SEED=N` lives one of them again and shows all that happened; `RINGSIDE_HISTORIES=N` changes how many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use emulator::twilio::{FarEnd, Script};
use ringside_tests::world::World;
use ringside_tests::world::stage::Stage;
use serde_json::json;

/// How many lines of a broken history are shown.
const LINES: usize = 120;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Lives one history; what was broken in it.
fn live(seed: u64, write_down: bool) -> (Vec<String>, World) {
    let mut world = World::history(seed);
    if write_down {
        world.write_down();
    }
    let rests = world.live();
    let mut broken = world.broken_promises();
    if !rests {
        broken.push("it does not come to rest".to_owned());
    }
    (broken, world)
}

/// What was broken, also when the history ended in a panic; `None` when all was kept.
fn verdict(seed: u64) -> Option<Vec<String>> {
    let lived = catch_unwind(AssertUnwindSafe(|| live(seed, false).0));
    let broken = lived.unwrap_or_else(|_| vec!["it ended in a panic".to_owned()]);
    (!broken.is_empty()).then_some(broken)
}

#[test]
fn every_history_keeps_every_promise() {
    if let Some(seed) = number("RINGSIDE_SEED") {
        let (broken, world) = live(seed, true);
        println!("{}", world.last_events(usize::MAX));
        assert!(broken.is_empty(), "seed {seed}\n{}", broken.join("\n"));
        return;
    }
    let histories = number("RINGSIDE_HISTORIES").unwrap_or(1_000);
    let next = AtomicU64::new(0);
    let work = || {
        let mut failures = Vec::new();
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < histories) {
            failures.extend(verdict(seed).map(|broken| (seed, broken)));
        }
        failures
    };
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let mut failures: Vec<(u64, Vec<String>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    failures.sort();
    for (seed, broken) in &failures {
        println!("seed {seed}\n  {}", broken.join("\n  "));
    }
    if let Some((seed, _)) = failures.first() {
        let lived = catch_unwind(|| live(*seed, true).1.last_events(LINES));
        println!("the last events of seed {seed}:\n{}", lived.unwrap_or_default());
    }
    assert!(failures.is_empty(), "{} of {histories} histories broke a promise", failures.len());
}

/// A short history without other faults, in which one statement fails: each of its statements in turn.
#[test]
fn any_statement_may_fail_once() {
    let history = |failing: Option<u64>| {
        let mut world = World::new(&Stage::default());
        if let Some(n) = failing {
            world.switch.fail_after(n);
        }
        world.text("+15550100101", "T00001 where do I vote?");
        world.run_for(90_000);
        let conversation = world.conversation("+15550100101");
        world.reply_with(conversation, "<p>R00001 at the town hall</p>", "R00001", &[]);
        world.text("+15550100101", "T00002 thanks");
        assert!(world.settle(2), "statement {failing:?}: it does not come to rest");
        assert_eq!(world.broken_promises(), [""; 0], "statement {failing:?}");
        assert_eq!(world.phone("+15550100101").len(), 2, "statement {failing:?}");
        world.switch.statements()
    };
    let statements = history(None);
    for n in 1..=statements {
        history(Some(n));
    }
}

/// The same with a call that somebody takes, one that nobody takes, and one that an agent makes.
#[test]
fn any_statement_of_a_call_may_fail_once() {
    const SAM: &str = "+15550100150";
    const ADA: &str = "+15550100201";
    let history = |failing: Option<u64>| {
        let mut world = World::new(&Stage::with("ring", json!({"phones": [ADA], "seconds": 10})));
        world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new().presses("1", 2)));
        if let Some(n) = failing {
            world.switch.fail_after(n);
        }
        world.call(SAM, Script::new().speaks(5).hangs_up_at(60));
        world.run_for(90_000);
        world.twilio.set_far_end(ADA, FarEnd::NoAnswer);
        world.call(SAM, Script::new().speaks(5).hangs_up_at(60));
        world.run_for(90_000);
        world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new().presses("1", 2)));
        world.twilio.set_far_end(SAM, FarEnd::answers_after(3, Script::new().hangs_up_at(20)));
        while !world.call_back("one", 4004, ADA, "", SAM) {}
        world.ledger.called_back.push(("one".to_owned(), SAM.to_owned()));
        assert!(world.settle(2), "statement {failing:?}: it does not come to rest");
        assert_eq!(world.broken_promises(), [""; 0], "statement {failing:?}");
        world.switch.statements()
    };
    let statements = history(None);
    for n in 1..=statements {
        history(Some(n));
    }
}
