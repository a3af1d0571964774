//! An agent texts from the sidebar: once, under their name, and never twice by way of the webhook.

use emulator::helpscout::{Person, ThreadKind};
use ringside_tests::world::World;
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
    world.weather.answer_lost = 600;
    for _ in 0..3 {
        assert_eq!(world.write("one", SAM, "Only once"), 202);
    }
    world.run_for(60_000);
    world.weather.answer_lost = 0;
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
    assert_eq!(world.write("1", SAM, "  "), 400);
    assert_eq!(world.write("2", SAM, &"x".repeat(1_601)), 400);
    assert_eq!(world.write("3", "anonymous", "Hi"), 409);
    assert_eq!(world.write("4", "+15550100159", "Hi"), 409);
    world.text(SAM, "STOP");
    world.run_for(60_000);
    assert_eq!(world.write("5", SAM, "Hi"), 409);
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
