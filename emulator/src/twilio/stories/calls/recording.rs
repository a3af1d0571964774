//! Voicemail: what is recorded, told, transcribed, and can be had.

use super::*;

const RECORD: &str = "<Say>Leave a message.</Say><Record action='/done' timeout='4' maxLength='60' transcribe='true' \
                      transcribeCallback='/transcript' recordingStatusCallback='/recording' \
                      recordingStatusCallbackEvent='in-progress completed absent'/><Say>We heard nothing.</Say>";
const RECORDINGS: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Recordings";

#[test]
fn what_callers_do_at_the_beep() {
    // The script, the recording's seconds, what the action and the recording's callback hear, the last thing heard.
    let cases = [
        (Script::new().speaks(10), Some(10), vec![""], vec!["in-progress", "completed"], "15 said Thanks"),
        (
            Script::new().speaks(10).presses_at(5, "#"),
            Some(4),
            vec!["#"],
            vec!["in-progress", "completed"],
            "5 said Thanks",
        ),
        (Script::new().speaks(10).hangs_up_at(7), Some(6), vec!["hangup"], vec!["in-progress", "completed"], "1 beep"),
        (Script::new().speaks(100), Some(60), vec![""], vec!["in-progress", "completed"], "61 said Thanks"),
        (Script::new(), None, vec![], vec!["in-progress", "absent"], "5 said We heard nothing."),
        (Script::new().hangs_up_at(3), None, vec![], vec!["in-progress", "absent"], "1 beep"),
    ];
    for (script, seconds, digits, states, last) in cases {
        let mut line = Line::new(RECORD).page("/done", ["<Say>Thanks</Say>"]);
        let sid = line.hear_out(script.clone());
        let told = |name| line.told("/done", name);
        assert_eq!(told("Digits"), digits, "{script:?}");
        let length: Vec<_> = seconds.into_iter().map(|it| it.to_string()).collect();
        assert_eq!(told("RecordingDuration"), length, "{script:?}");
        assert_eq!(line.told("/recording", "RecordingStatus"), states, "{script:?}");
        let heard = line.heard(&sid);
        assert_eq!(heard[heard.len() - 2], last, "{script:?}");
    }
}

#[test]
fn the_callback_comes_when_the_recording_is_ready_and_then_the_transcript() {
    let mut line = Line::new(RECORD);
    let sid = line.hear_out(Script::new().speaks(10));
    let at = |path: &str| line.asked.iter().rfind(|(_, it)| it.request.target == path).unwrap().0;
    assert_eq!((at("/done"), at("/recording"), at("/transcript")), (15, 16, 20));
    let told = |name| line.told("/recording", name).pop().unwrap();
    assert_eq!((told("CallSid"), told("RecordingDuration")), (sid.clone(), "10".into()));
    assert_eq!((told("RecordingSource"), told("RecordingChannels")), ("RecordVerb".into(), "1".into()));
    let told = |name| line.told("/transcript", name).remove(0);
    assert_eq!((told("TranscriptionStatus"), told("From")), ("completed".into(), ANNA.into()));
    assert!(told("TranscriptionText").contains("vote"));
    assert_eq!(told("RecordingSid"), line.fixture.twilio.recordings()[0].sid);
}

#[test]
fn transcripts_fail_or_never_come() {
    let text = |after_ms| Transcription::Comes { after_ms, text: "Hi".into() };
    let cases = [
        (text(0), 10, vec!["completed"]),
        (text(0), 1, vec!["failed"]),
        (Transcription::Fails, 10, vec!["failed"]),
        (Transcription::Never, 10, vec![]),
    ];
    for (transcription, speaks, states) in cases {
        let mut line = Line::new(RECORD);
        line.twilio().set_transcription(ANNA, transcription.clone());
        line.hear_out(Script::new().speaks(speaks));
        assert_eq!(line.told("/transcript", "TranscriptionStatus"), states, "{transcription:?} of {speaks} s");
    }
}

#[test]
fn a_recording_can_be_had_with_the_password_once_it_is_ready_until_it_is_deleted() {
    let mut line = Line::new(RECORD);
    line.twilio().settings_mut().voice.recording_ready_after_ms = 5_000;
    let sid = line.call(Script::new().speaks(10));
    line.until(18);
    let url = line.told("/recording", "RecordingUrl").pop().unwrap();
    let target = url.strip_prefix("https://api.twilio.com").unwrap().to_owned();
    assert_eq!(line.fixture.call("GET", &target, &[]).0, 404, "not ready");
    line.until(60);
    let naked = Request { method: "GET".into(), target: target.clone(), headers: vec![], body: vec![] };
    assert_eq!(line.fixture.twilio.handle(line.fixture.now, &naked).status, 401);
    let mut get = |extension: &str, range: &[(&str, &str)]| {
        let credentials = format!("{DEVELOPMENT_ACCOUNT_SID}:{DEVELOPMENT_AUTH_TOKEN}");
        let mut headers = vec![("authorization".to_owned(), format!("Basic {}", STANDARD.encode(credentials)))];
        headers.extend(range.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let request =
            Request { method: "GET".into(), target: format!("{target}{extension}"), headers, body: Vec::new() };
        let response = line.fixture.twilio.handle(line.fixture.now, &request);
        (response.status, response.headers[0].1.clone(), response.body)
    };
    let (status, kind, wav) = get("", &[]);
    assert_eq!((status, kind.as_str(), &wav[..4], wav.len()), (200, "audio/x-wav", b"RIFF".as_slice(), 58 + 80_000));
    assert_eq!(get(".wav", &[]).2, wav);
    let (status, kind, mp3) = get(".mp3", &[]);
    assert_eq!((status, kind.as_str(), mp3.len()), (200, "audio/mpeg", 417 * 24));
    assert_eq!(get(".mp3", &[("range", "bytes=0-3")]).2, mp3[..4]);

    let resource = format!("{target}.json");
    let (_, shown) = line.fixture.call("GET", &resource, &[]);
    assert_eq!(
        (&shown["duration"], &shown["status"], &shown["call_sid"]),
        (&json!("10"), &json!("completed"), &json!(sid))
    );
    let list = |line: &mut Line, call: &str| {
        line.fixture.call("GET", &format!("{RECORDINGS}.json?CallSid={call}"), &[]).1["recordings"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((list(&mut line, &sid), list(&mut line, "CA0")), (1, 0));
    assert_eq!(line.fixture.call("DELETE", &resource, &[]).0, 204);
    assert_eq!(line.fixture.call("GET", &target, &[]).0, 404);
    assert_eq!(list(&mut line, &sid), 0);
}
