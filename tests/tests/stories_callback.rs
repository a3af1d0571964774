//! An agent calls back: their own phone rings, they press a key, the contact's phone rings; each end has a name.

use emulator::twilio::{CallStatus, FarEnd, Script};
use ringside_tests::world::World;
use ringside_tests::world::stage::Stage;
use serde_json::Value;

const SAM: &str = "+15550100150";
const ADA: &str = "+15550100201";
const AGENT: i64 = 4004;

/// A world in which Sam has texted.
fn world(ada: FarEnd, sam: FarEnd) -> World {
    let mut world = World::new(&Stage::default());
    world.twilio.set_far_end(ADA, ada);
    world.twilio.set_far_end(SAM, sam);
    world.text(SAM, "Please call me");
    world.run_for(60_000);
    world
}

fn presses(keys: &str) -> FarEnd {
    FarEnd::answers_after(3, Script::new().presses(keys, 1))
}

fn answers() -> FarEnd {
    FarEnd::answers_after(4, Script::new().hangs_up_at(30))
}

/// State and outcome as the sidebar sees them.
fn seen(world: &mut World) -> (String, String) {
    let shown: Value = serde_json::from_str(&world.look("one", AGENT)).unwrap();
    let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("outcome"))
}

/// The call lives until it is over; all the states that were seen, and the outcome.
fn live(world: &mut World) -> (Vec<String>, String) {
    let mut states: Vec<String> = Vec::new();
    for _ in 0..600 {
        let (state, outcome) = seen(world);
        if states.last() != Some(&state) {
            states.push(state.clone());
        }
        if state == "ended" {
            world.settle(2);
            return (states, outcome);
        }
        world.run_for(500);
    }
    panic!("it never ends: {states:?}");
}

fn last_note(world: &World) -> String {
    world.notes(world.conversation(SAM)).pop().unwrap_or_default()
}

#[test]
fn an_agent_talks_with_the_contact_and_the_conversation_says_how_long() {
    let mut world = world(presses("1"), answers());
    world.call_back("one", AGENT, ADA, "", SAM);
    let (states, outcome) = live(&mut world);
    assert_eq!(states, ["ringing_agent", "confirm", "ringing_contact", "talking", "ended"]);
    assert_eq!(outcome, "completed");
    assert_eq!(last_note(&world), "Ada Byron called back at 2026-11-20 12:01 UTC: they talked for 30 s.");
    let shown: Vec<(&str, &str)> = world.twilio.calls().iter().map(|leg| (&*leg.from, &*leg.to)).collect();
    assert_eq!(shown, [("+15550100001", ADA), ("+15550100001", SAM)]);
}

#[test]
fn every_end_of_a_call_has_a_name() {
    for (ada, sam, outcome, last) in [
        (FarEnd::Busy, answers(), "agent_busy", "the agent's own phone was busy, or the call was declined."),
        (FarEnd::NoAnswer, answers(), "agent_no_answer", "the agent's own phone was not answered."),
        (FarEnd::Invalid, answers(), "agent_failed", "the agent's own phone could not be reached."),
        (FarEnd::voicemail(3), answers(), "not_confirmed", "nobody pressed the key on the agent's own phone."),
        (presses("1"), FarEnd::Busy, "contact_busy", "the line was busy, or the call was declined."),
        (presses("1"), FarEnd::NoAnswer, "contact_no_answer", "nobody answered."),
        (presses("1"), FarEnd::Invalid, "contact_failed", "the call could not be connected."),
        (
            presses("1"),
            FarEnd::voicemail(3),
            "completed",
            "connected for 20 s, by the sound of it with an answering machine.",
        ),
        (FarEnd::answers_after(3, Script::new().hangs_up_at(2)), answers(), "not_confirmed", "own phone."),
        (
            FarEnd::answers_after(3, Script::new().presses("1", 1).hangs_up_at(8)),
            FarEnd::NoAnswer,
            "cancelled",
            "cancelled.",
        ),
    ] {
        let mut world = world(ada.clone(), sam.clone());
        world.call_back("one", AGENT, ADA, "", SAM);
        let (states, came) = live(&mut world);
        assert_eq!(came, outcome, "{ada:?} {sam:?} {states:?}");
        assert!(last_note(&world).ends_with(last), "{outcome}: {}", last_note(&world));
        assert_eq!(world.twilio.ringing().count(), 0);
    }
}

#[test]
fn an_agent_may_cancel_at_every_stage() {
    for (wait, state) in [
        (30, "ringing_agent"),
        (100, "ringing_agent"),
        (2_000, "ringing_agent"),
        (5_000, "confirm"),
        (16_000, "ringing_contact"),
    ] {
        let ada = FarEnd::answers_after(3, Script::new().presses("1", 5));
        let mut world = world(ada, FarEnd::NoAnswer);
        world.call_back("one", AGENT, ADA, "", SAM);
        world.run_for(wait);
        assert_eq!(seen(&mut world), (state.to_owned(), String::new()), "{wait}");
        world.cancel("one", AGENT);
        world.run_for(3_000);
        assert_eq!(seen(&mut world), ("ended".to_owned(), "cancelled".to_owned()), "{wait}");
        let live = world.twilio.calls().iter().filter(|leg| !leg.status.is_final()).count();
        assert_eq!(live, 0, "{wait}: {state}");
        world.settle(2);
        assert!(last_note(&world).ends_with("cancelled."), "{}", last_note(&world));
    }
}

#[test]
fn hanging_up_by_the_sidebar_ends_a_talk() {
    let mut world = world(presses("1"), FarEnd::answers_after(1, Script::new()));
    world.call_back("one", AGENT, ADA, "", SAM);
    world.run_for(30_000);
    assert_eq!(seen(&mut world).0, "talking");
    world.cancel("one", AGENT);
    world.settle(2);
    assert_eq!(seen(&mut world).1, "completed");
    assert!(world.twilio.calls().iter().all(|leg| leg.status == CallStatus::Completed));
}

#[test]
fn a_phone_is_shown_to_be_the_agents_by_the_code_that_the_sidebar_shows() {
    for (keys, outcome) in [("4821", "completed"), ("1111", "not_confirmed")] {
        let pressed = Script::new().presses("9", 1).presses(keys, 1).presses("0000", 1);
        let mut world = world(FarEnd::answers_after(2, pressed), answers());
        world.call_back("one", AGENT, ADA, "4821", SAM);
        assert!(world.look("one", AGENT).contains("\"code\":\"4821\""));
        assert_eq!(live(&mut world).1, outcome, "{keys}");
        assert_eq!(world.twilio.rings(SAM), usize::from(outcome == "completed"));
    }
}

#[test]
fn somebody_elses_call_is_not_shown() {
    let mut world = world(presses("1"), answers());
    world.call_back("one", AGENT, ADA, "", SAM);
    assert!(world.look("one", 7).contains("not_found"));
    assert!(world.look("two", AGENT).contains("not_found"));
    world.cancel("one", 7);
    assert_eq!(live(&mut world).1, "completed");
}

#[test]
fn the_same_id_again_is_the_same_call() {
    let mut world = world(presses("1"), answers());
    for _ in 0..3 {
        world.call_back("one", AGENT, ADA, "", SAM);
    }
    live(&mut world);
    assert_eq!(world.twilio.rings(ADA), 1);
    assert_eq!(world.notes(world.conversation(SAM)).len(), 1);
}

#[test]
fn an_agent_on_the_phone_for_the_hotline_is_not_rung_by_their_own_click() {
    let mut world = world(presses("1"), FarEnd::answers_after(1, Script::new().hangs_up_at(120)));
    world.twilio.set_call_waiting(ADA, true);
    world.call_back("one", AGENT, ADA, "", SAM);
    world.run_for(20_000);
    world.call_back("two", AGENT, ADA, "", "+15550100151");
    world.run_for(10_000);
    let two: Value = serde_json::from_str(&world.look("two", AGENT)).unwrap();
    assert_eq!(two["outcome"], "agent_busy");
    assert_eq!(world.twilio.rings(ADA), 1);
}

#[test]
fn lost_answers_and_crashes_leave_a_call_with_an_end() {
    for at in (0..30_000).step_by(1_300) {
        let mut world = world(presses("1"), answers());
        world.random_faults.answer_lost = 500;
        world.call_back("one", AGENT, ADA, "", SAM);
        world.run_for(at);
        world.crash_all();
        world.run_for(100_000);
        world.random_faults.answer_lost = 0;
        world.settle(2);
        assert_eq!(seen(&mut world).0, "ended", "{at}");
        assert_eq!(world.twilio.rings(ADA), 1, "{at}");
        assert!(world.twilio.calls().iter().all(|leg| leg.status.is_final()));
        assert_eq!(world.notes(world.conversation(SAM)).len(), 1, "{at}");
    }
}

#[test]
fn states_come_in_order_though_callbacks_do_not() {
    let mut world = world(presses("1"), answers());
    world.random_faults.varies_latency = true;
    world.random_faults.late = 700;
    world.random_faults.twice = 500;
    world.call_back("one", AGENT, ADA, "", SAM);
    let order = ["ringing_agent", "confirm", "ringing_contact", "talking", "ended"];
    let (states, _) = live(&mut world);
    let places: Vec<_> = states.iter().map(|state| order.iter().position(|known| known == state).unwrap()).collect();
    assert!(places.is_sorted(), "{states:?}");
}
