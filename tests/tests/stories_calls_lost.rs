//! Calls of which Twilio does not tell everything: each has an end all the same, and the conversation says which.

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{FarEnd, Script};
use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, MISSED, Stage, VOTERS};
use serde_json::{Value, json};

const CALLER: &str = "+15550100150";
const ADA: &str = "+15550100101";
const BEN: &str = "+15550100102";
const AGENT: i64 = 4004;
const MINUTE: i64 = 60_000;

fn world(ring: Value, ada: FarEnd, ben: FarEnd) -> World {
    let mut world = World::new(&Stage::with("ring", ring));
    world.twilio.set_far_end(ADA, ada);
    world.twilio.set_far_end(BEN, ben);
    world
}

fn both() -> Value {
    json!({"phones": [ADA, BEN], "seconds": 25})
}

fn takes(after: u64) -> FarEnd {
    FarEnd::answers_after(after, Script::new().presses("1", 2))
}

/// From now on nothing comes of these callbacks.
fn lose(world: &mut World, path: &str) {
    let rule = Rule { id: 0, kind: Kind::Drop, method: None, path_contains: Some(path.into()), times: None };
    world.faults.add(Service::Twilio, rule);
}

fn shown(world: &World) -> Vec<String> {
    world.conversations(CALLER).iter().flat_map(|id| [world.said(*id), world.notes(*id)].concat()).collect()
}

const NO_MESSAGE: &str = "Missed call at 2026-11-20 12:00 UTC. Nobody answered, and they left no message.";

#[test]
fn who_hangs_up_during_the_prompt_of_voicemail_is_a_missed_call() {
    for ring in [json!(null), json!({"phones": [ADA], "seconds": 5})] {
        let mut world = world(ring.clone(), FarEnd::Busy, FarEnd::Busy);
        world.call(CALLER, Script::new().hangs_up_at(4));
        world.run_for(MINUTE);
        assert_eq!(shown(&world), [NO_MESSAGE], "{ring}");
        assert_eq!(world.phone(CALLER), [MISSED]);
    }
}

#[test]
fn silence_at_the_beep_is_a_missed_call() {
    let mut world = World::new(&Stage::default());
    world.call(CALLER, Script::new());
    world.run_for(2 * MINUTE);
    assert_eq!(shown(&world), [NO_MESSAGE]);
    assert_eq!(world.phone(CALLER), [MISSED]);
}

#[test]
fn a_message_whose_file_is_never_told_of_is_a_voicemail() {
    let mut world = World::new(&Stage::default());
    lose(&mut world, "/twilio/calls/recording?");
    lose(&mut world, "/twilio/calls/transcript?");
    world.call(CALLER, Script::new().speaks(9));
    world.run_for(2 * MINUTE);
    assert_eq!(shown(&world), ["Voicemail at 2026-11-20 12:00 UTC, 9 s. Listen"]);
    assert_eq!(world.phone(CALLER), [GREETING]);
}

#[test]
fn an_agents_call_of_which_nothing_is_told_has_an_end_within_two_minutes() {
    let mut world = World::new(&Stage::with("region", json!("US")));
    world.text(CALLER, "Please call me");
    world.run_for(MINUTE);
    world.owns_phone(AGENT, "Ada Byron", ADA);
    world.twilio.set_far_end(ADA, FarEnd::NoAnswer);
    lose(&mut world, "/twilio/calls/leg");
    assert_eq!(world.asks_to_call("one", AGENT, CALLER), 201);
    world.run_for(2 * MINUTE);
    assert!(world.look("one", AGENT).contains("\"outcome\":\"agent_no_answer\""), "{}", world.look("one", AGENT));
    assert!(world.notes(world.conversation(CALLER))[0].ends_with("own phone was not answered."));
    assert_eq!(world.asks_to_call("two", AGENT, CALLER), 201, "the agent may call again");
    world.run_for(5_000);
    assert_eq!(world.twilio.ringing().count(), 1);
    world.settle(1);
}

#[test]
fn an_answered_call_whose_end_the_numbers_own_callback_tells_alone_is_in_the_conversation() {
    let mut world = world(both(), takes(3), FarEnd::Busy);
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(20_000);
    lose(&mut world, "/twilio/calls/leg");
    lose(&mut world, "/twilio/calls/queue");
    world.run_for(MINUTE);
    assert!(shown(&world)[0].starts_with("Call at 2026-11-20 12:00 UTC, answered by"), "{:?}", shown(&world));
    assert!(world.phone(CALLER).is_empty());
}

#[test]
fn a_call_at_rest_wakes_nobody() {
    let mut world = world(both(), takes(3), FarEnd::Busy);
    world.call(CALLER, Script::new().hangs_up_at(60));
    assert!(world.settle(1), "something goes on for ever");
    assert!(!shown(&world).is_empty() && world.config.by_mailbox(VOTERS).is_some());
}
