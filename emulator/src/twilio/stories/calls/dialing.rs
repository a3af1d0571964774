//! `<Dial>`: who rings, who is connected, and what the action hears.

use super::*;

const DIAL: &str = "<Dial timeout='20' action='/done'><Number statusCallback='/leg' \
                    statusCallbackEvent='initiated ringing answered completed'>+15550100201</Number></Dial>";

fn talks(seconds: u64) -> FarEnd {
    FarEnd::answers_after(3, Script::new().hangs_up_at(seconds))
}

#[test]
fn anna_talks_with_bert() {
    let mut line = Line::new(DIAL).page("/done", ["<Say>Goodbye</Say>"]).far_end(BERT, talks(60));
    let sid = line.hear_out(Script::new());
    assert_eq!(line.heard(&sid), ["0 ringing", "3 bridged +15550100201", "63 said Goodbye", "64 ended"]);
    let leg = line.leg_to(BERT);
    assert_eq!(line.heard(&leg), ["0 ringing", "3 bridged +15550100100", "63 ended"]);
    let told = |name| line.told("/done", name).remove(0);
    assert_eq!((told("DialCallStatus"), told("DialCallDuration")), ("completed".into(), "60".into()));
    assert_eq!((told("DialCallSid"), told("DialBridged")), (leg.clone(), "true".into()));
    assert_eq!(line.told("/leg", "CallStatus"), ["initiated", "ringing", "in-progress", "completed"]);
    assert_eq!(line.told("/leg", "SequenceNumber"), ["0", "1", "2", "3"]);
    assert_eq!(line.told("/leg", "ParentCallSid"), [sid.as_str(); 4]);
    assert_eq!(line.told("/leg", "Direction"), ["outbound-dial"; 4]);
    assert_eq!(line.told("/leg", "From"), [ANNA; 4]);
    assert_eq!(line.told("/leg", "CallDuration")[3], "60");
}

#[test]
fn what_becomes_of_a_dial_is_told() {
    let cases = [
        (FarEnd::Busy, "busy", 0),
        (FarEnd::Invalid, "failed", 0),
        (FarEnd::NoAnswer, "no-answer", 1),
        (FarEnd::ByHand, "no-answer", 1),
        (FarEnd::answers_after(60, Script::new()), "no-answer", 1),
    ];
    for (far_end, status, rings) in cases {
        let mut line = Line::new(DIAL).far_end(BERT, far_end.clone()).page("/done", ["<Say>Sorry</Say>"]);
        let sid = line.hear_out(Script::new());
        assert_eq!(line.told("/done", "DialCallStatus"), [status], "{far_end:?}");
        assert_eq!(line.told("/done", "DialBridged"), ["false"]);
        assert_eq!(line.told("/leg", "CallStatus").pop().as_deref(), Some(status));
        assert_eq!(line.fixture.twilio.rings(BERT), rings, "{far_end:?}");
        assert!(line.heard(&sid).iter().any(|it| it.ends_with("said Sorry")));
    }
}

#[test]
fn a_phone_rings_five_seconds_longer_than_the_timeout() {
    let mut line = Line::new(DIAL).far_end(BERT, FarEnd::NoAnswer);
    line.hear_out(Script::new());
    let leg = line.leg_to(BERT);
    let call = line.fixture.twilio.call(&leg).unwrap();
    assert_eq!(call.ended.unwrap() - call.started.unwrap(), 25_000);
}

#[test]
fn the_first_to_answer_wins_and_the_others_stop() {
    let dial = "<Dial action='/done'><Number>+15550100201</Number><Number>+15550100202</Number></Dial>";
    let mut line = Line::new(dial).far_end(BERT, FarEnd::NoAnswer).far_end(CARLA, talks(10));
    let sid = line.call(Script::new());
    line.until(2);
    assert_eq!(line.fixture.twilio.ringing().count(), 2);
    line.until(5);
    assert_eq!(line.fixture.twilio.bridges(), [(sid.clone(), line.leg_to(CARLA))]);
    assert_eq!(line.status(&line.leg_to(BERT)), "canceled");
    line.until(60);
    assert_eq!(line.told("/done", "DialCallSid"), [line.leg_to(CARLA)]);
}

#[test]
fn in_turn_the_next_rings_when_the_one_before_did_not_take_it() {
    let dial = "<Dial sequential='true' timeout='10' action='/done'><Number>+15550100201</Number>\
                <Number>+15550100202</Number></Dial>";
    let mut line = Line::new(dial).far_end(BERT, FarEnd::Busy).far_end(CARLA, talks(10));
    line.call(Script::new());
    line.until(2);
    assert_eq!(line.fixture.twilio.ringing().map(|call| call.to.as_str()).collect::<Vec<_>>(), [CARLA]);
    line.until(60);
    assert_eq!(line.told("/done", "DialCallStatus"), ["completed"]);
}

#[test]
fn press_one_keeps_a_voicemail_from_swallowing_the_caller() {
    let dial = "<Dial action='/done' answerOnBridge='true'><Number url='/screen'>+15550100201</Number></Dial>";
    let screen = "<Gather numDigits='1' action='/accept' timeout='3'><Say>Press one.</Say></Gather><Hangup/>";
    let accepts = FarEnd::answers_after(2, Script::new().presses("1", 2).hangs_up_at(60));
    for (far_end, status, bridged) in [(accepts, "completed", true), (FarEnd::voicemail(2), "no-answer", false)] {
        let mut line = Line::new(dial).page("/screen", [screen]).page("/accept", [""]).far_end(BERT, far_end);
        let sid = line.call(Script::new());
        line.until(3);
        assert_eq!(line.heard(&sid), ["0 ringing"]);
        assert_eq!(line.status(&sid), "ringing");
        line.until(120);
        assert_eq!(line.told("/done", "DialCallStatus"), [status]);
        assert_eq!(line.told("/done", "DialBridged"), [bridged.to_string()]);
        assert_eq!(line.told("/screen", "CallSid"), [line.leg_to(BERT)]);
        let at_bert = line.heard(&line.leg_to(BERT));
        assert_eq!(at_bert[1..3], ["2 said Press one.", "3 silence"]);
        assert_eq!(at_bert[3], if bridged { "4 bridged +15550100100" } else { "6 ended" });
    }
}

#[test]
fn hanging_up_at_every_stage() {
    // When Anna hangs up, and then: her call, Bert's leg, what the action hears.
    let cases = [
        (1, "completed", "canceled", Some("canceled")),
        (2, "completed", "canceled", Some("canceled")),
        (10, "completed", "completed", Some("completed")),
        (10, "completed", "completed", None),
    ];
    for (second, hers, his, told) in cases {
        let mut line = Line::new(DIAL).far_end(BERT, talks(60)).page("/done", ["<Say>Never heard</Say>"]);
        line.twilio().settings_mut().voice.dial_action_after_hangup = told.is_some();
        let sid = line.hear_out(Script::new().hangs_up_at(second));
        assert_eq!((line.status(&sid), line.status(&line.leg_to(BERT))), (hers, his), "{second}");
        assert_eq!(line.told("/done", "DialCallStatus"), Vec::from_iter(told), "{second}");
        assert_eq!(line.told("/twilio/calls/status", "CallStatus"), [hers]);
        assert_eq!(line.heard(&sid).last().unwrap(), &format!("{second} ended"));
        assert_eq!(line.fixture.twilio.next_due(), None, "nothing is left ringing");
    }
}

#[test]
fn a_star_ends_the_conversation_but_not_the_call() {
    let dial = "<Dial hangupOnStar='true' timeLimit='30' action='/done'>+15550100201</Dial>";
    for (script, second) in [(Script::new().presses_at(10, "5*"), 10), (Script::new(), 32)] {
        let mut line = Line::new(dial).far_end(BERT, FarEnd::answers_after(2, Script::new()));
        let sid = line.call(script);
        line.until(60);
        assert_eq!(line.told("/done", "DialCallStatus"), ["completed"]);
        assert_eq!(line.heard(&sid).last().unwrap(), &format!("{second} ended"), "the empty action ends it");
    }
}

#[test]
fn a_caller_id_must_be_known() {
    for (id, status) in [("+15550100999", "failed"), (HOTLINE, "busy"), (ANNA, "busy")] {
        let mut line =
            Line::new(&format!("<Dial callerId='{id}' action='/done'>{BERT}</Dial>")).far_end(BERT, FarEnd::Busy);
        line.hear_out(Script::new());
        assert_eq!(line.told("/done", "DialCallStatus"), [status], "{id}");
        assert_eq!(line.codes(), if status == "failed" { vec![13214] } else { vec![] });
    }
}

#[test]
fn a_phone_in_a_call_is_busy_for_the_next_one() {
    for (call_waiting, rings) in [(false, 1), (true, 2)] {
        let mut line = Line::new(&format!("<Dial>{BERT}</Dial>")).far_end(BERT, talks(100));
        line.twilio().set_call_waiting(BERT, call_waiting);
        line.call(Script::new());
        line.until(10);
        let now = line.fixture.now;
        line.twilio().call_in(now, "+15550100101", HOTLINE, Script::new());
        line.until(12);
        assert_eq!(line.fixture.twilio.rings(BERT), rings);
    }
}

#[test]
fn a_conference_of_two_ends_with_its_host() {
    let conference = |more: &str| format!("<Dial action='/done'><Conference {more}>conference</Conference></Dial>");
    let guest = conference(
        "startConferenceOnEnter='false' statusCallback='/conference' statusCallbackEvent='start end join leave'",
    );
    let mut line = Line::new(&guest)
        .page("/host", [conference("endConferenceOnExit='true'").as_str()])
        .page("/done", ["<Say>Bye</Say>"])
        .far_end(BERT, FarEnd::answers_after(2, Script::new().hangs_up_at(20)));
    let sid = line.call(Script::new());
    line.create(BERT, &[("Url", "https://hotline.example/host")]);
    line.until(120);
    assert_eq!(line.heard(&sid), ["0 ringing", "0 music", "2 bridged +15550100201", "22 said Bye", "23 ended"]);
    assert_eq!(line.told("/done", "DialCallStatus"), ["answered", "answered"]);
    let events = ["participant-join", "conference-start", "participant-join", "participant-leave", "conference-end"];
    assert_eq!(line.told("/conference", "StatusCallbackEvent"), events);
}
