//! An agent texts from the sidebar: once, under their name, and never twice by way of the webhook.

use emulator::faults::{Kind, Rule, Service};
use emulator::helpscout::{Person, Thread, ThreadKind};
use ringside_tests::world::World;
use ringside_tests::world::dice::Dice;
use ringside_tests::world::object::Name;
use ringside_tests::world::random_faults::RandomFaults;
use ringside_tests::world::stage::{GREETING, Stage};
use serde_json::json;

const SAM: &str = "+15550100150";

fn world() -> World {
    let mut world = World::new(&Stage::default());
    world.text(SAM, "Hello");
    world.run_for(60_000);
    world
}

/// The texts that agents wrote, as Help Scout shows them.
fn replies(world: &World) -> Vec<String> {
    let threads = world.helpscout.threads(world.conversation(SAM));
    let replies = threads.into_iter().filter(|thread| thread.kind == ThreadKind::Message);
    replies.map(|thread| thread.text.clone()).collect()
}

#[test]
fn it_arrives_and_stands_in_the_conversation_under_the_agents_name() {
    let mut world = world();
    assert_eq!(world.write("one", SAM, "Tom & Jerry <b>"), 202);
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "Tom & Jerry <b>"]);
    let conversation = world.conversation(SAM);
    let thread = world.helpscout.threads(conversation).into_iter().find(|it| it.kind == ThreadKind::Message).unwrap();
    assert_eq!((thread.text.as_str(), thread.created_by), ("Tom &amp; Jerry &lt;b&gt;", Person::User(4004)));
    assert!(world.notes(conversation).iter().any(|note| note.starts_with("Delivered as a text")));
    assert!(world.helpscout.outbox().is_empty(), "it was e-mailed too");
}

#[test]
fn the_same_id_again_and_lost_answers_send_it_once() {
    let mut world = world();
    world.random_faults.answer_lost = 600;
    for _ in 0..3 {
        assert_eq!(world.write("one", SAM, "Only once"), 202);
    }
    world.run_for(60_000);
    world.random_faults.answer_lost = 0;
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "Only once"]);
    assert_eq!(replies(&world), ["Only once"]);
}

#[test]
fn it_keeps_its_place_among_replies_and_texts() {
    let mut world = world();
    let conversation = world.conversation(SAM);
    for (at, text) in ["one", "two", "three"].into_iter().enumerate() {
        world.write(&at.to_string(), SAM, text);
    }
    world.reply(conversation, "<p>four</p>");
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "one", "two", "three", "four"]);
    assert_eq!(replies(&world), ["<p>four</p>", "one", "two", "three"]);
}

#[test]
fn what_cannot_be_sent_is_refused_at_once() {
    let mut world = world();
    let refused = |world: &mut World, person: &str, text: &str, status: u16, words: &str| {
        let answer = world.answer_to(words, person, text, None);
        assert!(answer.status == status && answer.body.contains(words), "{words}: {} {}", answer.status, answer.body);
    };
    refused(&mut world, SAM, "  ", 400, "There is nothing to send yet.");
    refused(&mut world, SAM, &"x".repeat(1_601), 400, "Please shorten it, or reply in Help Scout.");
    refused(&mut world, "anonymous", "Hi", 409, "This person cannot be texted.");
    refused(&mut world, "+15550100159", "Hi", 409, "Please reply there.");
    world.text(SAM, "STOP");
    world.run_for(60_000);
    refused(&mut world, SAM, "Hi", 409, "They can be texted after START.");
    world.settle(2);
    assert_eq!((world.phone(SAM).len(), replies(&world).len()), (1, 0));
}

#[test]
fn an_agent_whom_help_scout_does_not_take_is_not_named() {
    let mut world = world();
    drop(world.play("remove_user", &json!({"user": 4004})));
    world.write("one", SAM, "Still sent");
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "Still sent"]);
    assert_eq!(replies(&world), ["Still sent"]);
}

#[test]
fn a_receipt_stands_below_its_text_and_quotes_it() {
    for seed in 0..20 {
        let mut world = World::seeded(
            &Stage::default(),
            Dice::new(seed),
            RandomFaults { varies_latency: true, ..RandomFaults::default() },
        );
        world.text(SAM, "Hello");
        world.run_for(60_000);
        let texts = ["At the library.", "And bring the form that came with the letter, please; we copy it there."];
        for (at, text) in texts.into_iter().enumerate() {
            world.write(&at.to_string(), SAM, text);
        }
        world.settle(2);
        let conversation = world.conversation(SAM);
        let threads = world.helpscout.threads(conversation);
        let place = |kind, words: &str| {
            let meant = |it: &&&Thread| it.kind == kind && it.text.contains(words);
            threads.iter().find(meant).map_or(0, |thread| thread.id)
        };
        for quoted in ["At the library.", "And bring the form that came with the letter, please; we"] {
            let (text, receipt) = (place(ThreadKind::Message, quoted), place(ThreadKind::Note, quoted));
            assert!(0 < text && text < receipt, "seed {seed}: {text} {receipt} {:?}", world.notes(conversation));
        }
    }
}

/// Help Scout is away: the text has arrived, and its receipt still waits for its thread.
#[test]
fn a_receipt_waits_for_its_text_through_an_outage() {
    let mut world = world();
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.write("one", SAM, "At the library.");
    world.run_for(600_000);
    let (name, _) = world.objects.iter().find(|(name, _)| matches!(name, Name::Contact(..))).unwrap();
    let jobs = world.objects[name].store.jobs();
    assert!(jobs.iter().all(|job| !job.contains("receipt")), "{jobs:?}");
    world.faults.clear(Service::HelpScout, Some(outage));
    world.settle(2);
    let conversation = world.conversation(SAM);
    assert_eq!(world.notes(conversation), ["Delivered as a text to +1 555 010 0150. “At the library.”"]);
}

/// Help Scout takes the words in no form: the text has arrived all the same, and its receipt says so.
#[test]
fn a_text_that_help_scout_refuses_has_its_receipt() {
    let mut world = world();
    let kind = Kind::Status { status: 400, headers: [].into(), body: json!(null) };
    let (method, path_contains) = (Some("POST".into()), Some("/reply".into()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times: None });
    let kind = Kind::Status { status: 400, headers: [].into(), body: json!(null) };
    let (method, path_contains) = (Some("POST".into()), Some("/customer".into()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times: None });
    world.write("one", SAM, "At the library.");
    world.settle(2);
    assert_eq!((world.phone(SAM).len(), replies(&world).len()), (2, 0));
    assert_eq!(world.notes(world.conversation(SAM)), ["Delivered as a text to +1 555 010 0150. “At the library.”"]);
}
