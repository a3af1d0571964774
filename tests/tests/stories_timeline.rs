//! What the timeline in the sidebar says, by what has happened.

use emulator::faults::{Kind, Service};
use emulator::twilio::{DeliveryOutcome, Script};
use protocol::sidebar::{DeliveryState, Direction, Entry};
use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, MISSED, Stage};
use serde_json::json;

const SAM: &str = "+15550100150";
const MINUTE: i64 = 60_000;

fn world() -> World {
    let mut world = World::new(&Stage::default());
    world.text(SAM, "Hello");
    world.run_for(MINUTE);
    world
}

fn timeline(world: &mut World) -> Vec<Entry> {
    world.timeline(SAM).into_iter().map(|entry| serde_json::from_value(entry).unwrap()).collect()
}

fn entry(world: &mut World, text: &str) -> Entry {
    let entries = timeline(world);
    entries.iter().find(|it| it.words() == text).unwrap_or_else(|| panic!("no {text} in {entries:?}")).clone()
}

#[test]
fn an_automatic_text_stands_in_the_conversation_that_it_belongs_to() {
    let mut world = world();
    let conversation = Some(world.conversation(SAM));
    assert_eq!(entry(&mut world, GREETING).conversation, conversation);
    world.call(SAM, Script::new().hangs_up_at(40));
    world.run_for(50_000);
    assert_eq!(entry(&mut world, MISSED).conversation, conversation);

    let mut world = World::new(&Stage::default());
    world.call(SAM, Script::new().hangs_up_at(40));
    world.settle(1);
    let conversation = Some(world.conversation(SAM));
    let said: Vec<Entry> = timeline(&mut world).into_iter().filter(|it| it.direction == Direction::Out).collect();
    assert!(!said.is_empty(), "nothing was said to them");
    for entry in said {
        assert_eq!(entry.conversation, conversation, "{entry:?}");
    }
}

#[test]
fn an_automatic_text_of_an_outage_stands_in_the_conversation_that_came_after_it() {
    let mut world = World::new(&Stage::default());
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, "Hello");
    world.run_for(15 * MINUTE);
    world.faults.clear(Service::HelpScout, Some(outage));
    world.settle(1);
    let conversation = Some(world.conversation(SAM));
    let entries = timeline(&mut world);
    assert_eq!(entries.iter().filter(|it| it.direction == Direction::Out).count(), 2, "{entries:?}");
    assert!(entries.iter().all(|it| it.conversation == conversation), "{entries:?}");
}

#[test]
fn a_deleted_text_is_no_empty_one_and_was_not_delivered_just_now() {
    let mut world = world();
    let conversation = world.conversation(SAM);
    world.reply(conversation, "<p>At the library</p>");
    world.settle(1);
    assert_eq!(entry(&mut world, "At the library").state, Some(DeliveryState::Delivered));
    drop(world.play("delete", &json!({"conversation": conversation})));
    world.settle(1);
    let entries = timeline(&mut world);
    assert!(entries.len() > 2 && entries.iter().all(|it| it.words().is_empty() && it.deleted), "{entries:?}");
    assert!(entries.iter().all(|it| it.state.is_none()), "{entries:?}");
}

#[test]
fn a_text_that_was_sent_again_is_known_to_be() {
    let mut world = world();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::FILTERED);
    world.write("one", SAM, "At the library");
    world.run_for(MINUTE);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
    let failed = entry(&mut world, "At the library");
    assert!(failed.has_failed() && !failed.sent_again, "{failed:?}");
    assert_eq!(world.write_again("two", SAM, "In the library, 1 Main Street", Some(&failed.id)), 202);
    world.settle(1);
    assert!(entry(&mut world, "At the library").sent_again);
    let other = entry(&mut world, "In the library, 1 Main Street");
    assert_eq!((other.state, other.sent_again), (Some(DeliveryState::Delivered), false));
}

/// One wording for one state: the sidebar and the note say that Twilio cannot be reached, and what happens next.
#[test]
fn while_twilio_cannot_be_reached_the_sidebar_and_the_note_say_so() {
    let mut world = world();
    let conversation = world.conversation(SAM);
    let outage = world.faults.switch_on(Service::Twilio, Kind::Down { refuse: true });
    world.reply(conversation, "<p>At the library</p>");
    world.run_for(40_000);
    let waiting = entry(&mut world, "At the library");
    let reason = waiting.error.clone().map(|error| error.reason).unwrap_or_default();
    assert!(
        !waiting.has_failed() && reason.starts_with("Waiting to be sent. Twilio cannot be reached."),
        "{waiting:?}"
    );
    let notes = world.notes(conversation);
    let said = |note: &String| {
        note.starts_with("Waiting to be sent") && note.ends_with(&reason["Waiting to be sent. ".len()..])
    };
    assert!(notes.iter().any(said), "{reason}: {notes:?}");
    world.faults.clear(Service::Twilio, Some(outage));
    world.settle(1);
    let sent = entry(&mut world, "At the library");
    assert_eq!((sent.state, sent.error), (Some(DeliveryState::Delivered), None));
}
