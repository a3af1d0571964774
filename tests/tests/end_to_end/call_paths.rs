//! The further ways that a call takes, against the real Worker.

use emulator::twilio::{FarEnd, Script, Transcription};
use ringside_tests::runtime::{GREETING, Stand};
use serde_json::json;

use crate::calls::{ADA, BEN, MISSED, ringing, takes, until_beep, until_bridged, was_bridged};
use crate::{ANN, SAM};

/// What the only conversation shows first, once it holds these words.
async fn until_first_word(stand: &Stand, words: &str) {
    let said = |it: &Stand| it.talks().first().and_then(|talk| Some((*talk.said().first()?).to_owned()));
    stand.until(words, |it| said(it).filter(|said| said.contains(words)).map(drop)).await;
}

#[tokio::test]
async fn in_turn_the_second_phone_rings_when_the_first_is_busy() {
    let stand = ringing(json!({ "phones": [ADA, BEN], "seconds": 20, "order": "in_turn" })).await;
    stand.phone(ADA, FarEnd::Busy);
    stand.phone(BEN, takes());
    let call = stand.call(SAM, Script::new().hangs_up_at(15));
    until_bridged(&stand, &call).await;
    stand.until_over(&call).await;
    until_first_word(&stand, "answered by +1 555 010 0202").await;
}

#[tokio::test]
async fn without_press_1_whoever_answers_has_the_caller() {
    let stand = ringing(json!({ "phones": [ADA], "seconds": 20, "accept": "none" })).await;
    stand.phone(ADA, FarEnd::answers_after(1, Script::new()));
    let call = stand.call(SAM, Script::new().hangs_up_at(8));
    until_bridged(&stand, &call).await;
    stand.until_over(&call).await;
    until_first_word(&stand, "answered by").await;
}

#[tokio::test]
async fn who_presses_nothing_or_the_wrong_key_has_no_caller() {
    let stand = ringing(json!({ "phones": [ADA, "+15005550001"], "seconds": 20 })).await;
    stand.phone(ADA, FarEnd::answers_after(1, Script::new().presses("7", 0).presses("8", 0).presses("9", 0)));
    let call = stand.call(SAM, Script::new().speaks(2));
    until_beep(&stand, &call).await;
    assert!(!was_bridged(&stand, &call));
    until_first_word(&stand, "Voicemail at ").await;
}

#[tokio::test]
async fn silence_at_voicemail_is_a_missed_call() {
    let stand = ringing(json!({ "phones": [ADA], "seconds": 5 })).await;
    stand.phone(ADA, FarEnd::Busy);
    let call = stand.call(SAM, Script::new());
    stand.until_over(&call).await;
    until_first_word(&stand, "they left no message").await;
    stand.until_received(SAM, &[MISSED]).await;
}

#[tokio::test]
async fn a_phone_that_talks_is_not_rung_for_the_next_caller() {
    let stand = ringing(json!({ "phones": [ADA], "seconds": 20 })).await;
    stand.phone(ADA, takes());
    stand.world(|world| world.twilio.set_call_waiting(ADA, true));
    let first = stand.call(SAM, Script::new().hangs_up_at(30));
    until_bridged(&stand, &first).await;
    let second = stand.call(ANN, Script::new().speaks(2));
    until_beep(&stand, &second).await;
    assert_eq!(stand.world(|world| world.twilio.rings(ADA)), 1);
}

#[tokio::test]
async fn a_transcript_that_fails_is_said_plainly() {
    let stand = ringing(json!({ "phones": [ADA], "seconds": 5 })).await;
    stand.phone(ADA, FarEnd::Invalid);
    stand.world(|world| world.twilio.set_transcription(SAM, Transcription::Fails));
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.call(SAM, Script::new().speaks(3));
    let second = |it: &Stand| it.talk(talk).said().get(1).map(|said| (*said).to_owned());
    let failed = |it: &Stand| second(it).filter(|said| said.contains("The transcript could not be made.")).map(drop);
    stand.until("a plain sentence", failed).await;
    assert_eq!(stand.received(SAM), [GREETING]);
}
