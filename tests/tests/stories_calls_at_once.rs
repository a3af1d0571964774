//! Several callers at once: whoever waits is offered the first phone that is given back, the oldest caller first.

use emulator::twilio::{Call, CallDirection, FarEnd, Heard, Script};
use proptest::prelude::*;
use ringside_tests::world::World;
use ringside_tests::world::stage::Stage;
use serde_json::json;

/// How long a phone may rest between two callers: a request each way, the poll of who waits, and Twilio's queue, which
/// begins one call a second.
const RESTS_MS: u64 = 6_000;

/// How long phones ring for a caller, and how long whoever answers may take to press 1.
const RINGS_S: u64 = 25;
const PROMPT_MS: u64 = 20_000;

fn phone(number: usize) -> String {
    format!("+15550100{:03}", 201 + number)
}

fn caller(number: usize) -> String {
    format!("+15550100{:03}", 401 + number)
}

/// A hotline whose phones are picked up after so many seconds and press 1, and stay in a talk for so many.
fn hotline(phones: &[(u64, u64)]) -> World {
    let numbers: Vec<String> = (0..phones.len()).map(phone).collect();
    let mut world = World::new(&Stage::with("ring", json!({"phones": numbers, "seconds": RINGS_S})));
    for (number, (after, talks)) in numbers.iter().zip(phones) {
        let script = Script::new().presses("1", 1).hangs_up_at(*talks);
        world.twilio.set_far_end(number, FarEnd::answers_after(*after, script));
    }
    world
}

/// When a call was connected with another one, in milliseconds.
fn met_at(call: &Call) -> Option<u64> {
    call.heard.iter().find(|(_, heard)| matches!(heard, Heard::Bridged(_))).map(|(at, _)| *at)
}

fn at_voicemail(call: &Call) -> Option<u64> {
    call.heard.iter().find(|(_, heard)| matches!(heard, Heard::Beep)).map(|(at, _)| *at)
}

/// From when to when a phone is in use, in the order of the calls.
fn in_use(world: &World, phone: &str) -> Vec<(u64, u64)> {
    let calls = world.twilio.calls().iter().filter(|call| call.to == phone);
    calls.map(|call| (call.created, call.ended.unwrap_or(u64::MAX))).collect()
}

/// Whether a phone rests for too long between two instants.
fn rests(used: &[(u64, u64)], from: u64, until: u64) -> bool {
    let mut free_since = from;
    for (begins, ends) in used {
        if *begins > free_since + RESTS_MS && free_since + RESTS_MS < until {
            return true;
        }
        free_since = free_since.max(*ends);
    }
    free_since + RESTS_MS < until
}

/// The first instant in which somebody talks on every phone: whoever waits then goes to voicemail.
fn all_talk_at(world: &World, phones: usize, from: u64, until: u64) -> u64 {
    let talks = |number: usize, at: u64| {
        let mut calls = world.twilio.calls().iter().filter(|call| call.to == phone(number));
        calls.any(|call| met_at(call).is_some_and(|met| met <= at) && call.ended.is_none_or(|ended| ended > at))
    };
    (from..until).step_by(100).find(|at| (0..phones).all(|number| talks(number, *at))).unwrap_or(until)
}

/// What callers were promised and did not get.
fn broken(world: &World, phones: usize) -> Vec<String> {
    let mut broken = Vec::new();
    let callers: Vec<&Call> =
        world.twilio.calls().iter().filter(|call| call.direction == CallDirection::Inbound).collect();
    let mut last_met = 0;
    for call in &callers {
        let until = call.created + RINGS_S * 1_000;
        match (met_at(call), at_voicemail(call)) {
            (Some(met), _) if met > until + PROMPT_MS => broken.push(format!("{}: met only at {met}", call.from)),
            (Some(met), _) if met < last_met => {
                broken.push(format!("{}: met before somebody who came earlier", call.from));
            }
            (Some(met), _) => last_met = met,
            (None, None) => broken.push(format!("{}: neither met nor at voicemail: {:?}", call.from, call.heard)),
            (None, Some(beep)) => {
                let waits_until = all_talk_at(world, phones, call.created, beep.min(until));
                let idle = |number: &usize| rests(&in_use(world, &phone(*number)), call.created, waits_until);
                if let Some(number) = (0..phones).find(idle) {
                    broken.push(format!("{}: at voicemail at {beep} while phone {number} was idle", call.from));
                }
            }
        }
        if call.heard.iter().filter(|(_, heard)| matches!(heard, Heard::Bridged(_))).count() > 1 {
            broken.push(format!("{}: was given twice", call.from));
        }
    }
    broken
}

#[test]
fn a_second_caller_gets_the_phone_that_the_first_did_not_take() {
    let mut world = hotline(&[(6, 60), (9, 60)]);
    world.call(&caller(0), Script::new().hangs_up_at(80));
    world.run_for(2_000);
    world.call(&caller(1), Script::new().hangs_up_at(80));
    world.run_for(90_000);
    assert_eq!(broken(&world, 2), [] as [String; 0]);
    let met =
        world.twilio.calls().iter().filter(|call| call.direction == CallDirection::Inbound && met_at(call).is_some());
    assert_eq!(met.count(), 2);
}

#[test]
fn when_all_phones_talk_a_caller_is_at_voicemail_at_once() {
    let mut world = hotline(&[(2, 200), (2, 200)]);
    for number in 0..2 {
        world.call(&caller(number), Script::new().hangs_up_at(300));
        world.run_for(15_000);
    }
    let third = world.call(&caller(2), Script::new().speaks(5).hangs_up_at(60));
    world.run_for(12_000);
    assert!(world.heard(&third).contains(&"beep".to_owned()), "{:?}", world.heard(&third));
}

#[test]
fn a_phone_that_is_given_back_rings_for_who_still_waits() {
    let mut world = hotline(&[(2, 18), (40, 60)]);
    world.call(&caller(0), Script::new().hangs_up_at(100));
    world.run_for(8_000);
    let second = world.call(&caller(1), Script::new().hangs_up_at(100));
    world.run_for(60_000);
    assert!(world.heard(&second).contains(&"bridged".to_owned()), "{:?}", world.heard(&second));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn no_caller_waits_while_a_phone_is_idle(
        phones in prop::collection::vec((1_u64..12, 10_u64..90), 1..=8),
        gaps in prop::collection::vec(0_i64..8_000, 2..=20),
    ) {
        let mut world = hotline(&phones);
        for (number, gap) in gaps.iter().enumerate() {
            world.call(&caller(number), Script::new().speaks(4).hangs_up_at(150));
            world.run_for(*gap);
        }
        world.run_for(300_000);
        prop_assert_eq!(broken(&world, phones.len()), [] as [String; 0]);
    }
}
