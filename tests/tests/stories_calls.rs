//! Calls that come in: who rings, who gets the caller, what the conversation says, and that nobody ends in silence.

use emulator::faults::{Kind, Rule, Service, Unreadable};
use emulator::twilio::{CallStatus, DeliveryOutcome, FarEnd, Script, Transcription};
use ringside_tests::world::World;
use ringside_tests::world::random_faults::Outage;
use ringside_tests::world::stage::{GREETING, MISSED, Stage, TROUBLE, VOTERS_NUMBERS};
use serde_json::{Value, json};

const CALLER: &str = "+15550100150";
const ADA: &str = "+15550100101";
const BEN: &str = "+15550100102";

/// The voters' hotline with two phones.
fn stage(ring: Value) -> Stage {
    Stage { hotline: vec![("ring", ring)], ..Stage::default() }
}

fn both() -> Value {
    json!({"phones": [ADA, BEN], "seconds": 25})
}

fn world(ring: Value, ada: FarEnd, ben: FarEnd) -> World {
    let mut world = World::new(&stage(ring));
    world.twilio.set_far_end(ADA, ada);
    world.twilio.set_far_end(BEN, ben);
    world
}

fn takes(after: u64) -> FarEnd {
    FarEnd::answers_after(after, Script::new().presses("1", 2))
}

/// The conversation of the caller: what they said, and what we noted.
fn shown(world: &World) -> Vec<String> {
    let conversation = world.conversation(CALLER);
    [world.said(conversation), world.notes(conversation)].concat()
}

#[test]
fn the_first_who_presses_1_gets_the_caller_and_the_other_phone_stops() {
    let mut world = world(both(), takes(4), takes(9));
    let call = world.call(CALLER, Script::new().hangs_up_at(100));
    world.run_for(8_000);
    assert_eq!(world.twilio.bridges().len(), 1);
    let ben = world.twilio.calls().iter().find(|leg| leg.phone() == BEN).unwrap();
    assert!(ben.status.is_final(), "Ben's phone rings on: {:?}", ben.status);
    world.settle(2);
    assert_eq!(world.twilio.call(&call).unwrap().status, CallStatus::Completed);
    assert!(world.heard(&call).contains(&"bridged".to_owned()));
    let shown = shown(&world);
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].starts_with("Call at 2026-11-20 12:00 UTC, answered by +1 555 010 0101: 1 min 3"), "{shown:?}");
    assert!(world.phone(CALLER).is_empty());
}

#[test]
fn an_agent_who_has_shown_the_phone_to_be_theirs_is_named() {
    let mut world = World::new(&Stage { hotline: vec![("ring", both()), ("region", json!("US"))], ..Stage::default() });
    world.twilio.set_far_end(ADA, takes(3));
    world.owns_phone(4004, "Ada Byron", ADA);
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.settle(2);
    assert!(shown(&world)[0].contains("answered by Ada Byron: "), "{:?}", shown(&world));
}

#[test]
fn two_who_press_at_once_do_not_both_get_the_caller() {
    let mut world = world(both(), takes(4), takes(4));
    let call = world.call(CALLER, Script::new().hangs_up_at(60));
    world.settle(2);
    let bridged = world.heard(&call).iter().filter(|what| *what == "bridged").count();
    assert_eq!(bridged, 1);
    let talked = world.twilio.calls().iter().filter(|leg| leg.phone() != CALLER && leg.duration() > 20).count();
    assert_eq!(talked, 1);
}

#[test]
fn nobody_answers_and_the_caller_leaves_a_message_which_is_there_before_its_transcript() {
    let mut world = world(both(), FarEnd::NoAnswer, FarEnd::voicemail(5));
    world.twilio.set_transcription(CALLER, Transcription::Comes { after_ms: 60_000, text: "Call me back".into() });
    let call = world.call(CALLER, Script::new().speaks(9));
    world.run_for(75_000);
    let conversation = world.conversation(CALLER);
    assert_eq!(world.said(conversation), ["Voicemail at 2026-11-20 12:00 UTC, 9 s. Listen"]);
    let files = world.files(conversation);
    assert_eq!(files, [("voicemail-1.mp3".to_owned(), "audio/mpeg".to_owned())]);
    assert!(world.heard(&call).iter().any(|what| what.starts_with("said Please leave a message")));
    world.settle(2);
    let said = ["Voicemail at 2026-11-20 12:00 UTC, 9 s. Listen Transcript: Call me back"];
    assert_eq!(world.said(conversation), said);
    assert_eq!(world.phone(CALLER), [GREETING]);
    assert!(world.twilio.longest_silence(world.now.cast_unsigned(), &call) <= 3_000);
}

#[test]
fn a_voicemail_too_large_to_attach_is_a_link_that_plays_it() {
    let mut world = world(both(), FarEnd::NoAnswer, FarEnd::NoAnswer);
    world.largest_medium = 100;
    world.call(CALLER, Script::new().speaks(9));
    world.settle(2);
    let conversation = world.conversation(CALLER);
    assert!(world.said(conversation)[0].starts_with("Voicemail at 2026-11-20 12:00 UTC, 9 s. Listen"));
    assert_eq!(world.files(conversation), []);
    let threads = world.helpscout.threads(conversation);
    let link = format!("href=\"{}/media/", world.config.public_url);
    assert!(threads.iter().any(|thread| thread.text.contains(&link)), "no link to {link}");
}

#[test]
fn whoever_hangs_up_while_it_rings_has_missed_us_and_the_phones_stop_within_two_seconds() {
    let mut world = world(both(), FarEnd::NoAnswer, FarEnd::NoAnswer);
    world.call(CALLER, Script::new().hangs_up_at(10));
    world.run_for(12_000);
    assert_eq!(world.twilio.ringing().count(), 0);
    world.settle(2);
    assert_eq!(shown(&world), ["Missed call at 2026-11-20 12:00 UTC. They hung up before anybody answered."]);
    assert_eq!(world.phone(CALLER), [MISSED]);
}

#[test]
fn busy_failing_and_wrong_numbers_never_skip_voicemail() {
    for (ada, ben) in [
        (FarEnd::Busy, FarEnd::Busy),
        (FarEnd::Invalid, FarEnd::NoAnswer),
        (FarEnd::Busy, FarEnd::voicemail(1)),
        (FarEnd::answers_after(2, Script::new().hangs_up_at(1)), FarEnd::Invalid),
        (FarEnd::answers_after(2, Script::new().presses("9", 1).presses("2", 1)), FarEnd::Busy),
    ] {
        let mut world = world(both(), ada.clone(), ben.clone());
        let call = world.call(CALLER, Script::new().speaks(5));
        world.settle(2);
        assert!(shown(&world)[0].starts_with("Voicemail at "), "{ada:?} {ben:?}: {:?}", shown(&world));
        assert!(world.twilio.longest_silence(world.now.cast_unsigned(), &call) <= 3_000, "{:?}", world.heard(&call));
    }
}

#[test]
fn a_number_that_twilio_will_not_call_does_not_stop_the_others() {
    let mut world = World::new(&stage(json!({"phones": ["+15005550001", BEN], "seconds": 25})));
    world.twilio.set_far_end(BEN, takes(3));
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.settle(2);
    assert!(shown(&world)[0].contains("answered by +1 555 010 0102"), "{:?}", shown(&world));
    assert_eq!(world.counted("failed: phone: Twilio error 21217"), 1);
}

#[test]
fn outside_the_hours_and_without_phones_there_is_voicemail_at_once() {
    for field in [("ring", json!(null)), ("hours", hours("voicemail"))] {
        let mut stage = stage(both());
        stage.hotline.push(field);
        let mut world = World::new(&stage);
        world.open = false;
        let call = world.call(CALLER, Script::new().speaks(5));
        world.settle(2);
        assert!(shown(&world)[0].starts_with("Voicemail at "), "{:?}", shown(&world));
        assert_eq!(world.twilio.calls().len(), 1);
        assert!(world.heard(&call).iter().any(|what| what == "beep"));
    }
}

#[test]
fn outside_the_hours_a_caller_may_be_rejected_and_is_told_by_text() {
    let mut stage = stage(both());
    stage.hotline.push(("hours", hours("reject")));
    let mut world = World::new(&stage);
    world.open = false;
    let call = world.call(CALLER, Script::new());
    world.settle(2);
    assert_eq!(world.twilio.call(&call).unwrap().status, CallStatus::Busy);
    assert_eq!(shown(&world), ["Missed call at 2026-11-20 12:00 UTC, outside opening hours."]);
    assert_eq!(world.phone(CALLER), [MISSED]);
}

fn hours(closed: &str) -> Value {
    json!({"time_zone": "UTC", "open": ["Mon-Fri 09:00-17:00"], "closed": closed})
}

#[test]
fn a_blocked_caller_is_rejected_and_leaves_no_trace() {
    let mut stage = stage(both());
    stage.hotline.push(("blocked", json!([CALLER])));
    let mut world = World::new(&stage);
    let call = world.call(CALLER, Script::new());
    world.settle(2);
    assert_eq!(world.twilio.call(&call).unwrap().answered, None);
    assert!(world.conversations(CALLER).is_empty());
    assert_eq!(world.twilio.calls().len(), 1);
}

#[test]
fn whoever_withholds_their_number_may_leave_a_message_and_is_not_texted() {
    for from in ["anonymous", "+266696687"] {
        let mut world = world(both(), FarEnd::NoAnswer, FarEnd::Busy);
        world.twilio.call_in(world.now.cast_unsigned(), from, VOTERS_NUMBERS[0], Script::new().speaks(5));
        world.settle(2);
        let conversation = world.helpscout.conversations().find(|it| it.source.kind == "api").unwrap();
        assert_eq!(conversation.subject, "Unknown caller");
        assert!(world.said(conversation.id)[0].starts_with("Voicemail at "));
        assert!(world.twilio.sent().is_empty());
    }
}

#[test]
fn phones_may_ring_in_turn() {
    let ring = json!({"phones": [ADA, BEN], "seconds": 10, "order": "in_turn"});
    let mut world = world(ring, FarEnd::NoAnswer, takes(3));
    world.call(CALLER, Script::new().hangs_up_at(90));
    world.run_for(9_000);
    assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (1, 0));
    world.run_for(60_000);
    assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN), world.twilio.bridges().len()), (1, 1, 1));
    world.settle(2);
    assert!(shown(&world)[0].contains("answered by +1 555 010 0102"), "{:?}", shown(&world));
}

#[test]
fn in_turn_too_everybody_reaches_voicemail() {
    let ring = json!({"phones": [ADA, BEN], "seconds": 10, "order": "in_turn"});
    let mut world = world(ring, FarEnd::Busy, FarEnd::voicemail(2));
    world.call(CALLER, Script::new().speaks(5));
    world.settle(2);
    assert!(shown(&world)[0].starts_with("Voicemail at "), "{:?}", shown(&world));
}

#[test]
fn without_press_1_whoever_answers_has_the_caller() {
    let ring = json!({"phones": [ADA, BEN], "seconds": 25, "accept": "none"});
    let mut world = world(ring, FarEnd::answers_after(3, Script::new()), FarEnd::NoAnswer);
    world.call(CALLER, Script::new().hangs_up_at(30));
    world.run_for(8_000);
    assert_eq!(world.twilio.bridges().len(), 1);
    world.settle(2);
    assert!(shown(&world)[0].contains("answered by"), "{:?}", shown(&world));
}

#[test]
fn a_phone_that_talks_for_a_hotline_is_not_rung_for_another_call() {
    let mut world = world(both(), takes(2), FarEnd::Busy);
    world.twilio.set_call_waiting(ADA, true);
    world.call(CALLER, Script::new().hangs_up_at(100));
    world.run_for(10_000);
    let second = world.call("+15550100151", Script::new().speaks(5));
    world.run_for(60_000);
    assert_eq!(world.twilio.rings(ADA), 1);
    assert!(world.heard(&second).iter().any(|what| what == "beep"), "{:?}", world.heard(&second));
    world.settle(2);
    // It is given back afterwards.
    world.call("+15550100152", Script::new().hangs_up_at(60));
    world.run_for(20_000);
    assert_eq!(world.twilio.rings(ADA), 2);
}

#[test]
fn silence_and_a_click_are_missed_calls() {
    for seconds in [0, 1] {
        let mut world = world(both(), FarEnd::Busy, FarEnd::Busy);
        world.call(CALLER, Script::new().speaks(seconds).hangs_up_at(60));
        world.settle(2);
        let missed = "Missed call at 2026-11-20 12:00 UTC. Nobody answered, and they left no message.";
        assert_eq!(shown(&world), [missed], "{seconds}");
        assert_eq!(world.phone(CALLER), [MISSED]);
    }
}

#[test]
fn a_transcript_that_fails_is_said_plainly_and_one_that_never_comes_is_not_missed() {
    for (transcription, said) in [
        (Transcription::Fails, "Listen The transcript could not be made. Please listen to the message."),
        (Transcription::Never, "Listen"),
    ] {
        let mut world = world(both(), FarEnd::Busy, FarEnd::Busy);
        world.twilio.set_transcription(CALLER, transcription);
        world.call(CALLER, Script::new().speaks(5));
        world.settle(2);
        assert_eq!(shown(&world), [format!("Voicemail at 2026-11-20 12:00 UTC, 5 s. {said}")]);
    }
}

#[test]
fn a_transcript_reaches_a_voicemail_in_a_conversation_that_was_there() {
    let mut world = world(both(), FarEnd::Busy, FarEnd::Busy);
    world.twilio.set_transcription(CALLER, Transcription::Comes { after_ms: 30_000, text: "Hi".into() });
    world.text(CALLER, "Hello");
    world.run_for(60_000);
    world.call(CALLER, Script::new().speaks(5));
    world.settle(2);
    assert_eq!(shown(&world), ["Hello", "Voicemail at 2026-11-20 12:01 UTC, 5 s. Listen Transcript: Hi"]);
    assert_eq!(world.phone(CALLER), [GREETING]);
}

#[test]
fn a_caller_is_told_at_most_once_a_day_that_they_were_missed() {
    let mut world = world(both(), FarEnd::NoAnswer, FarEnd::NoAnswer);
    for (hours, reply) in [(0, 1), (2, 1), (23, 2)] {
        world.run_for(hours * 3_600_000);
        world.call(CALLER, Script::new().hangs_up_at(5));
        world.run_for(600_000);
        assert_eq!(world.phone(CALLER).len(), reply, "{hours}");
    }
}

#[test]
fn who_has_opted_out_is_not_texted_about_a_call() {
    let mut world = world(both(), FarEnd::NoAnswer, FarEnd::NoAnswer);
    world.text(CALLER, "STOP");
    world.run_for(60_000);
    world.call(CALLER, Script::new().hangs_up_at(5));
    world.run_for(600_000);
    world.call(CALLER, Script::new().speaks(5));
    world.settle(2);
    assert!(world.phone(CALLER).is_empty());
}

#[test]
fn a_landline_is_not_texted_again() {
    let mut world = world(both(), FarEnd::NoAnswer, FarEnd::NoAnswer);
    world.twilio.set_delivery_outcome(CALLER, DeliveryOutcome::LANDLINE);
    for _ in 0..2 {
        world.call(CALLER, Script::new().hangs_up_at(5));
        world.run_for(25 * 3_600_000);
    }
    assert_eq!(world.made_for(CALLER).len(), 1);
}

#[test]
fn a_voicemail_that_does_not_reach_help_scout_brings_the_trouble_text() {
    let mut world = world(both(), FarEnd::Busy, FarEnd::Busy);
    world.text(CALLER, "Hello");
    world.run_for(60_000);
    world.random_faults.outages.push(outage(world.now, 30 * 60_000));
    world.call(CALLER, Script::new().speaks(5));
    world.settle(2);
    assert_eq!(world.phone(CALLER), [GREETING, TROUBLE]);
    assert!(shown(&world)[1].starts_with("Voicemail at "));
}

fn outage(from: i64, lasts: i64) -> Outage {
    Outage { service: Service::HelpScout, from, until: from + lasts, status: Some(503) }
}

#[test]
fn a_missed_call_in_an_outage_is_no_message_that_waits() {
    let mut world = world(both(), FarEnd::Busy, FarEnd::Busy);
    world.random_faults.outages.push(outage(world.now, 30 * 60_000));
    world.call(CALLER, Script::new().hangs_up_at(5));
    world.settle(2);
    assert_eq!(world.phone(CALLER), [MISSED]);
    assert_eq!(shown(&world).len(), 1);
}

#[test]
fn when_our_own_state_cannot_be_reached_a_caller_still_leaves_a_message() {
    let mut world = world(both(), takes(2), takes(2));
    world.text(CALLER, "Hello");
    world.run_for(60_000);
    world.switch.fail_all();
    let call = world.call(CALLER, Script::new().speaks(9));
    world.run_for(9_000);
    assert!(world.heard(&call).iter().any(|what| what == "beep"), "{:?}", world.heard(&call));
    world.switch.mend();
    world.settle(2);
    assert!(shown(&world)[1].starts_with("Voicemail at "), "{:?}", shown(&world));
}

#[test]
fn an_empty_answer_about_who_called_makes_nobody_an_unknown_caller() {
    let mut world = world(both(), takes(2), takes(2));
    world.text(CALLER, "Hello");
    world.run_for(60_000);
    world.switch.fail_all();
    world.call(CALLER, Script::new().speaks(9));
    world.run_for(22_000);
    world.switch.mend();
    // Who called is asked of Twilio when the recording's callback is the first that is stored of the call.
    let kind = Kind::Unreadable { body: Unreadable::Empty };
    let (method, path_contains) = (Some("GET".to_owned()), Some("/Calls/CA".to_owned()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times: Some(1) });
    world.settle(2);
    assert!(shown(&world).iter().any(|said| said.starts_with("Voicemail at ")), "{:?}", shown(&world));
}

/// Of the whole call only the callback that there is no recording is stored, and Twilio is away when we ask who called.
#[test]
fn a_missed_call_is_shown_with_its_caller_though_twilio_is_away_for_an_hour() {
    let mut world = world(both(), takes(2), takes(2));
    world.text(CALLER, "Hello");
    world.run_for(60_000);
    for path in ["/twilio/calls/recorded", "/twilio/calls/over"] {
        let rule = Rule { id: 0, kind: Kind::Drop, method: None, path_contains: Some(path.to_owned()), times: None };
        world.faults.add(Service::Twilio, rule);
    }
    world.switch.fail_all();
    world.call(CALLER, Script::new().hangs_up_at(300));
    world.run_for(5_000);
    world.switch.mend();
    world.faults.switch_on(Service::Twilio, Kind::Down { refuse: true });
    world.run_for(3_600_000);
    world.faults.clear(Service::Twilio, None);
    world.settle(2);
    assert!(shown(&world).iter().any(|said| said.starts_with("Missed call at ")), "{:?}", shown(&world));
}

#[test]
fn lost_answers_of_twilio_ring_nobody_twice_and_leave_nobody_ringing() {
    let mut world = world(both(), takes(6), FarEnd::NoAnswer);
    world.random_faults.answer_lost = 1_000;
    world.call(CALLER, Script::new().hangs_up_at(100));
    world.run_for(60_000);
    world.random_faults.answer_lost = 0;
    assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (1, 1));
    assert_eq!(world.twilio.bridges().len(), 1);
    world.settle(2);
    assert!(shown(&world)[0].contains("answered by"), "{:?}", shown(&world));
}

/// A gateway's time-out, or what nobody can read, is no refusal: the call may ring, also when Twilio tells nothing of it
/// before somebody answers.
#[test]
fn an_error_after_the_deed_rings_nobody_twice() {
    for kind in [
        Kind::DoneStatus { status: 504 },
        Kind::DoneStatus { status: 500 },
        Kind::Unreadable { body: Unreadable::Html },
        Kind::Unreadable { body: Unreadable::Cut },
    ] {
        let mut world = world(both(), takes(6), FarEnd::NoAnswer);
        let path_contains = Some("/twilio/calls/leg/status".to_owned());
        world.faults.add(Service::Twilio, Rule { id: 0, kind: Kind::Drop, method: None, path_contains, times: None });
        let (method, path_contains) = (Some("POST".to_owned()), Some("/Calls.json".to_owned()));
        world.faults.add(Service::Twilio, Rule { id: 0, kind: kind.clone(), method, path_contains, times: None });
        world.call(CALLER, Script::new().hangs_up_at(100));
        world.run_for(60_000);
        world.faults.clear(Service::Twilio, None);
        assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (1, 1), "{kind:?}");
        world.settle(2);
        assert!(shown(&world)[0].contains("answered by"), "{kind:?}: {:?}", shown(&world));
    }
}

#[test]
fn calls_that_twilio_did_not_make_are_made_again() {
    let mut world = world(both(), takes(3), FarEnd::NoAnswer);
    world.random_faults.outages.push(Outage {
        service: Service::Twilio,
        from: world.now,
        until: world.now + 4_000,
        status: Some(503),
    });
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(20_000);
    assert_eq!(world.twilio.bridges().len(), 1);
    world.settle(2);
}

#[test]
fn an_agent_who_hangs_up_first_has_answered() {
    let talks = FarEnd::answers_after(3, Script::new().presses("1", 2).hangs_up_at(60));
    let mut world = world(both(), talks, FarEnd::NoAnswer);
    let call = world.call(CALLER, Script::new().hangs_up_at(600));
    world.settle(2);
    assert!(shown(&world)[0].contains("answered by +1 555 010 0101: "), "{:?}", shown(&world));
    let heard = world.heard(&call);
    assert!(!heard.contains(&"beep".to_owned()) && world.phone(CALLER).is_empty(), "{heard:?}");
    assert_eq!((shown(&world).len(), world.twilio.call(&call).unwrap().status), (1, CallStatus::Completed));
}

#[test]
fn an_agent_who_hangs_up_before_they_are_together_leaves_the_caller_to_voicemail() {
    let press_and_go = FarEnd::answers_after(3, Script::new().presses("1", 2).hangs_up_at(2));
    let mut world = world(both(), press_and_go, FarEnd::Busy);
    let call = world.call(CALLER, Script::new().speaks(5));
    world.settle(2);
    let heard = world.heard(&call);
    let met = heard.contains(&"bridged".to_owned()) || heard.contains(&"beep".to_owned());
    assert!(met, "{heard:?}");
    assert_eq!(shown(&world).len(), 1, "{:?}", shown(&world));
}

#[test]
fn a_crash_at_any_moment_loses_no_caller() {
    for at in (0..40_000).step_by(1_700) {
        let mut world = world(both(), FarEnd::NoAnswer, takes(20));
        let call = world.call(CALLER, Script::new().speaks(5).hangs_up_at(120));
        world.run_for(at);
        world.crash_all();
        world.settle(2);
        let heard = world.heard(&call);
        assert!(heard.iter().any(|what| what == "bridged" || what == "beep"), "{at}: {heard:?}");
        assert_eq!(shown(&world).len(), 1, "{at}: {:?}", shown(&world));
        assert_eq!(world.twilio.ringing().count(), 0);
    }
}

#[test]
fn a_prompt_may_be_a_recording_or_nothing_and_a_number_may_be_unknown() {
    for voicemail in [
        json!({"play": "https://example.org/hello.mp3?a=1&b=2", "transcribe": false, "max_seconds": 600}),
        json!({"say": ""}),
        json!({"say": "Ben & \"Jo\" <3"}),
    ] {
        let mut world = World::new(&Stage::with("voicemail", voicemail));
        world.call(CALLER, Script::new().speaks(5));
        world.settle(2);
        assert!(shown(&world)[0].starts_with("Voicemail at "));
    }
    let mut world = World::new(&Stage::default());
    world.config = std::rc::Rc::new(Stage::with("numbers", json!(["+15550100009"])).config());
    let call = world.call(CALLER, Script::new());
    world.settle(2);
    assert!(world.twilio.call(&call).unwrap().status.is_final());
    assert!(world.conversations(CALLER).is_empty());
}
