//! What a caller hears of each verb, and when.

use super::*;

#[test]
fn a_caller_hears_words_music_and_pauses_in_time() {
    let mut line = Line::new("<Say>Good morning, this is the hotline.</Say><Pause length='2'/><Play>/hi.mp3</Play>");
    let sid = line.hear_out(Script::new());
    let heard = line.heard(&sid);
    let expected = [
        "0 ringing",
        "0 said Good morning, this is the hotline.",
        "2 silence",
        "4 played https://hotline.example/hi.mp3",
        "10 ended",
    ];
    assert_eq!(heard, expected);
    assert_eq!((line.status(&sid), line.fixture.twilio.call(&sid).unwrap().duration()), ("completed", 10));
    assert_eq!(line.fixture.twilio.longest_silence(line.fixture.now, &sid), 2_000);
}

#[test]
fn gather_hears_keys_while_it_speaks_and_after() {
    let prompt = "<Say>Press one to vote by mail or two to vote in person, please.</Say>";
    let cases = [
        ("numDigits='1'", Script::new().presses("1", 0), vec!["1"]),
        ("numDigits='1'", Script::new().presses("2", 7), vec!["2"]),
        ("numDigits='2'", Script::new().presses("2", 7), vec!["2"]),
        ("", Script::new().presses("12#3", 1), vec!["12"]),
        ("", Script::new().presses("12", 1).presses_at(5, "3"), vec!["123"]),
        ("finishOnKey='*'", Script::new().presses("1#2*", 1), vec!["1#2"]),
        ("timeout='2'", Script::new().presses("1", 7), vec![]),
        ("", Script::new().presses("#", 1), vec![]),
        ("actionOnEmptyResult='true'", Script::new(), vec![""]),
        ("", Script::new(), vec![]),
    ];
    for (attributes, script, digits) in cases {
        let verbs = format!("<Gather action='/keys' {attributes}>{prompt}</Gather><Say>Nobody there.</Say>");
        let mut line = Line::new(&verbs);
        let sid = line.hear_out(script);
        assert_eq!(line.told("/keys", "Digits"), digits, "{attributes}");
        let fell_through = line.heard(&sid).iter().any(|it| it.contains("Nobody there"));
        assert_eq!(fell_through, digits.is_empty(), "{attributes}");
    }
}

#[test]
fn without_an_action_gather_comes_back_to_its_own_document() {
    let mut line = Line::new("").page("/twilio/calls", ["<Gather numDigits='1'/>", "<Hangup/>"]);
    line.hear_out(Script::new().presses("7", 1));
    assert_eq!(line.told("/twilio/calls", "Digits"), ["", "7"]);
}

#[test]
fn a_redirect_runs_another_document_and_nothing_after_it() {
    let mut line =
        Line::new("<Redirect method='GET'>next?a=1</Redirect><Say>No</Say>").page("/twilio/next", ["<Say>Yes</Say>"]);
    let sid = line.hear_out(Script::new());
    assert_eq!(line.heard(&sid), ["0 ringing", "0 said Yes", "1 ended"]);
    let (_, get) = &line.asked[1];
    assert_eq!((get.request.method.as_str(), get.request.body.len()), ("GET", 0));
    assert!(get.url.starts_with("https://hotline.example/twilio/next?a=1&CallSid=CA"), "{}", get.url);
}

#[test]
fn who_is_rejected_is_never_answered() {
    let cases = [
        (
            "<Reject/>",
            vec!["0 ringing", "0 said The number you have dialed is not in service.", "2 ended"],
            "no-answer",
        ),
        ("<Reject reason='busy'/>", vec!["0 ringing", "0 busy", "2 ended"], "busy"),
        ("<Pause length='3'/><Reject reason='busy'/>", vec!["0 ringing", "3 busy", "5 ended"], "busy"),
    ];
    for (verbs, heard, status) in cases {
        let mut line = Line::new(verbs);
        let sid = line.hear_out(Script::new());
        assert_eq!((line.heard(&sid), line.status(&sid)), (heard.iter().map(|it| (*it).to_owned()).collect(), status));
        assert_eq!(line.fixture.twilio.call(&sid).unwrap().answered, None, "{verbs}");
        assert_eq!(line.told("/twilio/calls/status", "CallStatus"), [status]);
    }
}

#[test]
fn reject_is_too_late_after_another_verb() {
    let mut line = Line::new("<Say>Hi</Say><Reject/><Say>Bye</Say>");
    let sid = line.hear_out(Script::new());
    assert_eq!(line.heard(&sid), ["0 ringing", "0 said Hi", "1 said Bye", "2 ended"]);
    assert_eq!(line.codes(), [12200]);
}

#[test]
fn strange_verbs_and_attributes_are_noted_and_ignored() {
    let mut line = Line::new("<Sing/><Say loud='yes'>Hi</Say>");
    let sid = line.hear_out(Script::new());
    assert_eq!(line.heard(&sid), ["0 ringing", "0 said Hi", "1 ended"]);
    assert_eq!(line.codes(), [12200, 12200]);
}
