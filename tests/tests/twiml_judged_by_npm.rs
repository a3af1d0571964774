//! The types of npm's `twilio` judge every TwiML document that the Worker can produce.

use ringside_tests::oracle;
use ringside_tests::world::documents;

/// What is wrong with each document.
fn complaints(documents: &[&str]) -> Vec<Vec<String>> {
    oracle::ask("twiml.mjs", &documents)
}

#[test]
fn every_document_is_made_of_what_twilio_knows() {
    let known: Vec<&str> = documents::known().into_iter().collect();
    assert!(known.len() > 20, "{}", known.len());
    for (document, found) in known.iter().zip(complaints(&known)) {
        assert!(found.is_empty(), "{found:?}\n{document}");
    }
}

#[test]
fn the_judge_knows_a_bad_document_when_it_sees_one() {
    for (document, complaint) in [
        ("<Response><Say><Play>x</Play></Say></Response>", "<Play> in Say"),
        ("<Response><Shout>x</Shout></Response>", "<Shout> in Response"),
        ("<Response><Record maxLenght=\"1\"/></Response>", "Record has no maxLenght"),
        ("<Response><Record maxLength=\"one\"/></Response>", "Record maxLength=\"one\" is no number"),
        ("<Response><Reject reason=\"rude\"/></Response>", "Reject reason=\"rude\" is no RejectReason"),
        (
            "<Response><Record recordingStatusCallbackEvent=\"completed gone\"/></Response>",
            "Record recordingStatusCallbackEvent=\"completed gone\" is no RecordRecordingEvent[]",
        ),
        ("<Response><Dial><Queue>x</Dial></Response>", "</Dial> ends nothing"),
    ] {
        let found = complaints(&[document]).remove(0);
        assert_eq!(found.first().map(String::as_str), Some(complaint), "{document}");
    }
}
