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
fn a_message_of_which_nothing_is_told_is_found_at_twilio() {
    let mut world = World::new(&Stage::default());
    for path in ["/twilio/calls/recorded?", "/twilio/calls/recording?", "/twilio/calls/transcript?"] {
        lose(&mut world, path);
    }
    world.call(CALLER, Script::new().speaks(9));
    world.settle(1);
    assert_eq!(shown(&world), ["Voicemail at 2026-11-20 12:00 UTC, 9 s. Listen"]);
    assert_eq!(world.files(world.conversation(CALLER)).len(), 1);
    assert_eq!(world.phone(CALLER), [GREETING]);
}

#[test]
fn a_message_whose_file_takes_long_is_no_missed_call() {
    for (told, processing_ms) in [(false, 45_000), (true, 45_000), (false, 4 * 60_000)] {
        let mut world = World::new(&Stage::default());
        world.twilio.settings_mut().voice.recording_processing_ms = processing_ms;
        if !told {
            lose(&mut world, "/twilio/calls/recorded?");
        }
        world.call(CALLER, Script::new().speaks(9));
        world.settle(1);
        assert_eq!(shown(&world).len(), 1, "{:?}", shown(&world));
        assert!(shown(&world)[0].starts_with("Voicemail at 2026-11-20 12:00 UTC, 9 s."), "{:?}", shown(&world));
        assert_eq!(world.files(world.conversation(CALLER)).len(), 1, "{told} {processing_ms}");
        assert_eq!(world.phone(CALLER), [GREETING]);
    }
}

#[test]
fn a_caller_who_left_is_a_missed_call_though_twilio_cannot_be_asked() {
    let mut world = World::new(&Stage::default());
    let kind = Kind::Down { refuse: true };
    let path = Some("/Recordings.json".into());
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method: None, path_contains: path, times: None });
    world.call(CALLER, Script::new().hangs_up_at(1));
    world.settle(1);
    assert_eq!(shown(&world), [NO_MESSAGE]);
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
    let told =
        |frame: &String| frame.contains("\"type\":\"call\"") && frame.contains("\"outcome\":\"agent_no_answer\"");
    assert!(world.ledger.pushed.iter().any(told), "the open sidebars: {:?}", world.ledger.pushed);
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

/// Too short a talk to know by our own clock that they have met: Twilio knows when each call was over.
#[test]
fn a_short_talk_of_which_only_the_ends_are_told_is_no_missed_call() {
    for caller_hangs_up in [true, false] {
        let ada = Script::new().presses("1", 2).hangs_up_at(if caller_hangs_up { 60 } else { 12 });
        let mut world = world(json!({"phones": [ADA], "seconds": 25}), FarEnd::answers_after(3, ada), FarEnd::Busy);
        lose(&mut world, "/twilio/calls/leg/over");
        lose(&mut world, "/twilio/calls/queue");
        world.call(CALLER, Script::new().hangs_up_at(if caller_hangs_up { 18 } else { 60 }));
        world.run_for(2 * MINUTE);
        let said = shown(&world);
        assert!(said[0].starts_with("Call at 2026-11-20 12:00 UTC, answered by"), "{caller_hangs_up}: {said:?}");
        assert!(said[0].contains(" 1"), "between ten and nineteen seconds: {said:?}");
        assert!(world.phone(CALLER).is_empty(), "{caller_hangs_up}");
    }
}

/// The same hearsay of a caller who hung up before 1 was pressed; and of Twilio that cannot be asked.
#[test]
fn a_caller_whom_nobody_met_is_a_missed_call_though_only_the_phones_end_is_told() {
    for twilio_is_away in [false, true] {
        let mut world = world(json!({"phones": [ADA], "seconds": 25}), takes(5), FarEnd::Busy);
        lose(&mut world, "/twilio/calls/leg/over");
        lose(&mut world, "/twilio/calls/queue");
        lose(&mut world, "/twilio/calls/status");
        let call = world.call(CALLER, Script::new().hangs_up_at(7));
        world.run_for(12_000);
        assert!(!world.heard(&call).contains(&"bridged".to_owned()), "the harness: {:?}", world.heard(&call));
        if twilio_is_away {
            let rule = Rule { id: 0, kind: Kind::Drop, method: Some("GET".into()), path_contains: None, times: None };
            world.faults.add(Service::Twilio, rule);
        }
        world.run_for(10 * MINUTE);
        assert!(shown(&world)[0].starts_with("Missed call at"), "{twilio_is_away}: {:?}", shown(&world));
        world.faults.clear(Service::Twilio, None);
        world.settle(1);
    }
}

#[test]
fn a_talk_whose_end_nobody_tells_is_in_the_conversation_and_its_phone_is_free_again() {
    let mut world = world(both(), takes(3), FarEnd::Busy);
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(20_000);
    lose(&mut world, "/twilio/calls");
    world.run_for(MINUTE);
    world.faults.clear(Service::Twilio, None);
    world.run_for(10 * MINUTE);
    assert!(shown(&world)[0].starts_with("Call at 2026-11-20 12:00 UTC, answered by"), "{:?}", shown(&world));
    assert!(shown(&world)[0].contains(": 5"), "how long is Twilio's to say: {:?}", shown(&world));
    world.call("+15550100151", Script::new().hangs_up_at(60));
    world.run_for(20_000);
    assert_eq!(world.twilio.rings(ADA), 2);
    world.settle(1);
}

#[test]
fn an_agents_talk_whose_end_nobody_tells_ends_within_minutes() {
    let mut world = World::new(&Stage::with("region", json!("US")));
    world.text(CALLER, "Please call me");
    world.run_for(MINUTE);
    world.owns_phone(AGENT, "Ada Byron", ADA);
    world.twilio.set_far_end(ADA, takes(3));
    world.twilio.set_far_end(CALLER, FarEnd::answers_after(3, Script::new().hangs_up_at(60)));
    assert_eq!(world.asks_to_call("one", AGENT, CALLER), 201);
    world.run_for(40_000);
    assert!(world.look("one", AGENT).contains("\"state\":\"talking\""));
    lose(&mut world, "/twilio/calls");
    world.run_for(10 * MINUTE);
    assert!(world.look("one", AGENT).contains("\"outcome\":\"completed\""), "{}", world.look("one", AGENT));
    assert!(world.notes(world.conversation(CALLER))[0].contains("they talked for"));
    assert_eq!(world.asks_to_call("two", AGENT, CALLER), 201);
}

#[test]
fn a_call_at_rest_wakes_nobody() {
    let mut world = world(both(), takes(3), FarEnd::Busy);
    world.call(CALLER, Script::new().hangs_up_at(60));
    assert!(world.settle(1), "something goes on for ever");
    assert!(!shown(&world).is_empty() && world.config.by_mailbox(VOTERS).is_some());
}
