//! How documents are asked for, and what happens when they cannot be had.

use super::*;

#[test]
fn a_call_from_anna_is_announced_and_signed() {
    let mut line = Line::new("<Hangup/>");
    let sid = line.hear_out(Script::new());
    let (_, asked) = &line.asked[0];
    assert_eq!((asked.url.as_str(), asked.request.method.as_str()), ("https://hotline.example/twilio/calls", "POST"));
    let expected = [
        ("CallSid", sid.as_str()),
        ("From", ANNA),
        ("Caller", ANNA),
        ("To", HOTLINE),
        ("Called", HOTLINE),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("ApiVersion", "2010-04-01"),
        ("FromCountry", "US"),
        ("CallerCountry", "US"),
        ("StirVerstat", "TN-Validation-Passed-A"),
    ];
    for (name, value) in expected {
        assert_eq!(field(asked, name), value, "{name}");
    }
    let params: Vec<_> = form_urlencoded::parse(&asked.request.body).into_owned().collect();
    let signed =
        signing::headers(&Signing::AuthToken, DEVELOPMENT_AUTH_TOKEN, signing::About::Calls, &asked.url, &params);
    assert_eq!(header(asked, "x-twilio-signature"), signed[0].1);
}

#[test]
fn an_anonymous_caller_has_no_validation() {
    let mut line = Line::new("<Hangup/>");
    let now = line.fixture.now;
    line.twilio().call_in(now, "anonymous", HOTLINE, Script::new());
    line.until(10);
    assert_eq!(line.told("/twilio/calls", "From"), ["anonymous"]);
    assert_eq!(line.told("/twilio/calls", "StirVerstat"), ["No-TN-Validation"]);
}

#[test]
fn networks_say_whether_a_caller_is_who_they_say() {
    let mut line = Line::new("<Hangup/>");
    for (caller, verdict) in
        [(ANNA, "TN-Validation-Failed-C"), ("+88213300900", ""), ("+252600000", "TN-Validation-Passed-B")]
    {
        line.twilio().set_stir_verdict(caller, verdict);
        let now = line.fixture.now;
        line.twilio().call_in(now, caller, HOTLINE, Script::new());
        line.until((now - START) / 1000 + 1);
    }
    let told = line.told("/twilio/calls", "StirVerstat");
    assert_eq!(told, ["TN-Validation-Failed-C", "", "TN-Validation-Passed-B"]);
    assert_eq!(line.told("/twilio/calls", "From"), [ANNA, "+88213300900", "+252600000"]);
}

#[test]
fn the_fallback_hears_what_went_wrong_and_when_it_fails_too_twilio_apologises() {
    let down = || answer(500, "text/plain", "");
    let cases = [
        (answer(404, "text/plain", ""), 11200),
        (answer(200, "application/json", "{}"), 12300),
        (answer(200, "text/xml", "oops"), 12100),
        (answer(200, "text/xml", ""), 12100),
        (answer(200, "text/xml", &"x".repeat(70_000)), 11750),
    ];
    for (outcome, code) in cases {
        let mut line = Line::new("").answering("/twilio/calls", [outcome]).page("/fallback", ["<Say>Call later</Say>"]);
        line.twilio().settings_mut().senders[0].voice_fallback = "https://static.example/fallback".into();
        let sid = line.hear_out(Script::new());
        assert_eq!(line.heard(&sid), ["0 ringing", "0 said Call later", "1 ended"], "{code}");
        assert_eq!(line.told("/fallback", "ErrorCode"), [code.to_string()]);
        assert_eq!(line.told("/fallback", "ErrorUrl"), ["https://hotline.example/twilio/calls"]);

        let mut line = line.answering("/fallback", [down()]);
        let sid = line.call(Script::new());
        line.until(200_000);
        let heard = line.heard(&sid);
        assert!(heard[1].ends_with("application_error") && heard[2].ends_with("ended"), "{heard:?}");
        assert_eq!(line.codes().last(), Some(&11200));
    }
}

#[test]
fn a_page_that_is_down_is_tried_again_as_its_fragment_says() {
    let down = || answer(503, "text/plain", "");
    let mut line = Line::new("").answering("/twilio/calls", [down(), Outcome::Refused, twiml("<Say>Hi</Say>")]);
    let sid = line.hear_out(Script::new());
    assert_eq!(line.heard(&sid), ["0 ringing", "1 said Hi", "2 ended"]);
    let mut tokens: Vec<_> = line.asked[..3].iter().map(|(_, it)| header(it, "i-twilio-idempotency-token")).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
}

#[test]
fn fifteen_seconds_are_all_there_are() {
    let mut line = Line::new("").answering("/twilio/calls", [Outcome::Answered(twiml_response())]);
    line.call(Script::new());
    let delivery = line.fixture.twilio.take_due(START).remove(0);
    assert_eq!(line.fixture.twilio.patience(START, delivery.id), 15_000);
    line.fixture.now = START + 15_000;
    line.fixture.twilio.answered(START + 15_000, delivery.id, Outcome::TimedOut);
    line.until(60);
    assert_eq!(line.codes(), [11200]);
}

fn twiml_response() -> Response {
    Response { status: 200, headers: vec![], body: vec![] }
}

#[test]
fn a_circle_of_documents_is_given_up() {
    let mut line = Line::new("<Redirect>/twilio/calls</Redirect>");
    let sid = line.hear_out(Script::new());
    assert_eq!(line.codes(), [11215]);
    assert!(line.heard(&sid).contains(&"0 application_error".to_owned()));
}

#[test]
fn the_answer_to_a_caller_who_is_gone_does_nothing() {
    let mut line = Line::new("<Dial>+15550100201</Dial>");
    let sid = line.call(Script::new());
    let delivery = line.fixture.twilio.take_due(START).remove(0);
    line.fixture.twilio.hang_up(START + 500, &sid);
    line.fixture.twilio.answered(START + 900, delivery.id, twiml("<Dial>+15550100201</Dial>"));
    line.until(60);
    assert_eq!((line.status(&sid), line.fixture.twilio.rings(BERT)), ("no-answer", 0));
    assert_eq!(line.told("/twilio/calls/status", "CallStatus"), ["no-answer"]);
}

#[test]
fn what_is_due_may_be_looked_after_late() {
    let mut line = Line::new("<Say>Hi</Say><Gather action='/keys' numDigits='1' timeout='2'/>");
    let sid = line.call(Script::new());
    line.until(0);
    line.fixture.twilio.hang_up(START + 9_000, &sid);
    line.fixture.now = START + 10_000;
    line.until(20);
    assert_eq!(line.heard(&sid), ["0 ringing", "0 said Hi", "9 ended"]);
    assert_eq!(line.fixture.twilio.call(&sid).unwrap().duration(), 9);
}

#[test]
fn a_wait_document_may_not_dial() {
    let mut line =
        Line::new("<Enqueue waitUrl='/wait'>q</Enqueue>").page("/wait", ["<Dial>+15550100201</Dial><Say>Hold</Say>"]);
    let sid = line.hear_out(Script::new().hangs_up_at(1));
    assert_eq!(line.heard(&sid), ["0 ringing", "0 said Hold", "1 ended"]);
    assert_eq!((line.codes(), line.fixture.twilio.rings(BERT)), (vec![12200], 0));
}
