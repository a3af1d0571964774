//! Calls that we make, and what their callbacks tell.

use super::*;

const ALL: [(&str, &str); 6] = [
    ("Url", "https://hotline.example/agent"),
    ("StatusCallback", "https://hotline.example/state"),
    ("StatusCallbackEvent", "initiated"),
    ("StatusCallbackEvent", "ringing"),
    ("StatusCallbackEvent", "answered"),
    ("StatusCallbackEvent", "completed"),
];

#[test]
fn a_call_tells_its_states_in_order() {
    let answers = FarEnd::answers_after(2, Script::new());
    let cases = [
        (answers, vec!["initiated", "ringing", "in-progress", "completed"]),
        (FarEnd::NoAnswer, vec!["initiated", "ringing", "no-answer"]),
        (FarEnd::Busy, vec!["initiated", "busy"]),
        (FarEnd::Invalid, vec!["initiated", "failed"]),
    ];
    for (far_end, states) in cases {
        let mut line = Line::new("").page("/agent", ["<Say>Hello agent</Say>"]).far_end(BERT, far_end.clone());
        line.create(BERT, &ALL);
        line.until(300);
        assert_eq!(line.told("/state", "CallStatus"), states, "{far_end:?}");
        let numbers: Vec<_> = (0..states.len()).map(|number| number.to_string()).collect();
        assert_eq!(line.told("/state", "SequenceNumber"), numbers);
        assert_eq!(line.told("/state", "CallbackSource"), vec!["call-progress-events"; states.len()]);
        let talked = if states.contains(&"completed") { "1" } else { "0" };
        assert_eq!(line.told("/state", "CallDuration").pop().unwrap(), talked);
    }
}

#[test]
fn without_a_choice_of_events_only_the_end_is_told() {
    let mut line = Line::new("").far_end(BERT, FarEnd::answers_after(1, Script::new()));
    line.create(BERT, &ALL[..2]);
    line.until(60);
    assert_eq!(line.told("/state", "CallStatus"), ["completed"]);
}

#[test]
fn calls_are_ended_while_they_wait_ring_and_talk() {
    // When, with which word, what it becomes, what is told.
    let cases = [
        (0, "canceled", "canceled", vec!["initiated", "canceled"]),
        (2, "canceled", "canceled", vec!["initiated", "ringing", "canceled"]),
        (2, "completed", "canceled", vec!["initiated", "ringing", "canceled"]),
        (6, "completed", "completed", vec!["initiated", "ringing", "in-progress", "completed"]),
    ];
    for (second, word, status, states) in cases {
        let mut line = Line::new("")
            .page("/agent", ["<Pause length='60'/>"])
            .far_end(BERT, FarEnd::answers_after(4, Script::new()));
        let sid = line.create(BERT, &ALL);
        line.until(second);
        let (answered, shown) = line.post(&format!("{CALLS}/{sid}.json"), &[("Status", word)]);
        assert_eq!((answered, &shown["status"]), (200, &json!(status)), "{word} at {second}");
        line.until(60);
        assert_eq!(line.told("/state", "CallStatus"), states);
        let again = line.post(&format!("{CALLS}/{sid}.json"), &[("Status", "completed")]);
        assert_eq!((again.0, &again.1["code"]), (400, &json!(21220)), "it is over");
    }
}

#[test]
fn the_second_call_of_a_second_waits_and_can_be_canceled_without_a_word() {
    let mut line = Line::new("");
    line.create(BERT, &[("Twiml", "<Response/>")]);
    let sid = line.create(CARLA, &ALL);
    line.until(0);
    assert_eq!(line.status(&sid), "queued");
    line.post(&format!("{CALLS}/{sid}.json"), &[("Status", "canceled")]);
    line.until(60);
    assert_eq!((line.status(&sid), line.told("/state", "CallStatus")), ("canceled", vec![]));
    assert_eq!(line.fixture.twilio.rings(CARLA), 0);
}

#[test]
fn an_agent_calls_a_supporter_back() {
    let screen = "<Gather numDigits='1' action='/call'><Say>Press one to call Anna.</Say></Gather><Hangup/>";
    let call = format!(
        "<Dial callerId='{HOTLINE}' action='/over' timeout='20' answerOnBridge='true'><Number>{ANNA}</Number></Dial>"
    );
    let agent = FarEnd::answers_after(2, Script::new().presses("1", 2).hangs_up_at(30));
    let cases = [
        (FarEnd::answers_after(3, Script::new()), "completed"),
        (FarEnd::Busy, "busy"),
        (FarEnd::NoAnswer, "no-answer"),
        (FarEnd::Invalid, "failed"),
    ];
    for (supporter, status) in cases {
        let mut line = Line::new("")
            .page("/agent", [screen])
            .page("/call", [call.as_str()])
            .far_end(BERT, agent.clone())
            .far_end(ANNA, supporter);
        let sid = line.create(BERT, &ALL);
        line.until(300);
        assert_eq!(line.told("/over", "DialCallStatus"), [status]);
        let leg = line.fixture.twilio.call(&line.leg_to(ANNA)).unwrap();
        assert_eq!((leg.from.as_str(), leg.parent.as_ref()), (HOTLINE, Some(&sid)));
    }
}

#[test]
fn a_voicemail_of_the_agent_never_presses_and_calls_nobody() {
    let screen = "<Gather numDigits='1' action='/call' timeout='4'><Say>Press one.</Say></Gather><Hangup/>";
    let mut line = Line::new("").page("/agent", [screen]).far_end(BERT, FarEnd::voicemail(3));
    let sid = line.create(BERT, &ALL);
    line.until(60);
    assert_eq!(line.heard(&sid), ["0 ringing", "3 said Press one.", "4 silence", "8 ended"]);
    assert_eq!(line.told("/call", "Digits"), Vec::<String>::new());
}

#[test]
fn a_person_answers_by_hand_or_declines() {
    for (answers, status) in [(true, "completed"), (false, "busy")] {
        let mut line = Line::new("").page("/agent", ["<Say>Hi</Say>"]);
        let sid = line.create(BERT, &ALL);
        line.until(5);
        let now = line.fixture.now;
        let done =
            if answers { line.twilio().take_call(now, &sid, Script::new()) } else { line.twilio().decline(now, &sid) };
        assert!(done);
        line.until(10);
        assert_eq!(line.status(&sid), status);
        assert!(!line.twilio().decline(now + 10_000, &sid), "it does not ring any more");
    }
}

#[test]
fn a_call_that_nobody_ends_is_ended_by_its_time_limit() {
    let mut line = Line::new("").far_end(BERT, FarEnd::answers_after(0, Script::new()));
    let sid = line.create(BERT, &[("Twiml", "<Response><Pause length='9999'/></Response>"), ("TimeLimit", "60")]);
    line.until(100);
    assert_eq!((line.status(&sid), line.fixture.twilio.call(&sid).unwrap().duration()), ("completed", 60));
}
