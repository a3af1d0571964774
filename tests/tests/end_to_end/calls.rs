//! Calls that come in, against the real Worker.

use emulator::faults::Service;
use emulator::twilio::{CallStatus, FarEnd, Heard, Script};
use ringside_tests::runtime::{GREETING, Stand};
use serde_json::{Value, json};

use crate::{ANN, SAM};

pub const ADA: &str = "+15550100201";
pub const BEN: &str = "+15550100202";
pub const MISSED: &str = "Sorry we missed you.";

/// A hotline that rings so, and whose prompt is short. Its phones are not answered unless a story says so.
pub async fn ringing(ring: Value) -> Stand {
    let stand = Stand::start(|vars| change(vars, ring)).await;
    for phone in [ADA, BEN] {
        stand.phone(phone, FarEnd::NoAnswer);
    }
    stand
}

/// One with two phones that ring for `seconds`.
async fn stand(seconds: u32) -> Stand {
    ringing(both(seconds)).await
}

fn both(seconds: u32) -> Value {
    json!({ "phones": [ADA, BEN], "seconds": seconds })
}

fn change(vars: &mut Value, ring: Value) {
    vars["HOTLINE_VOTERS"]["ring"] = ring;
    vars["HOTLINE_VOTERS"]["missed"] = json!(MISSED);
    vars["HOTLINE_VOTERS"]["voicemail"] = json!({ "say": "Speak." });
}

pub fn takes() -> FarEnd {
    FarEnd::answers_after(1, Script::new().presses("1", 1))
}

pub fn was_bridged(stand: &Stand, call: &str) -> bool {
    stand.heard(call).iter().any(|it| matches!(it, Heard::Bridged(_)))
}

pub async fn until_bridged(stand: &Stand, call: &str) {
    stand.until("a talk", |it| was_bridged(it, call).then_some(())).await;
}

pub async fn until_beep(stand: &Stand, call: &str) {
    stand.until("the beep", |it| it.heard(call).contains(&Heard::Beep).then_some(())).await;
}

/// What the only conversation shows first.
async fn first_word(stand: &Stand) -> String {
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    (*talk.said().first().expect("a thread")).to_owned()
}

#[tokio::test]
async fn a_call_is_taken_by_pressing_1_and_logged_with_who_and_how_long() {
    let stand = stand(20).await;
    let talk = stand.first_contact(SAM, "May I call?").await;
    stand.phone(ADA, takes());
    let call = stand.call(SAM, Script::new().hangs_up_at(6));
    until_bridged(&stand, &call).await;
    stand
        .until("Ben's phone stops", |it| it.world(|world| world.twilio.ringing().next().is_none()).then_some(()))
        .await;
    assert_eq!(stand.until_over(&call).await, CallStatus::Completed);
    stand.until_told(talk, "answered by +1 555 010 0201: ").await;
    assert_eq!(stand.talk(talk).said().len(), 1);
    assert_eq!(stand.received(SAM), [GREETING]);
    let queues = |it: &Stand| it.world(|world| world.twilio.queues().len());
    stand.until("no queue is left behind", |it| (queues(it) == 0).then_some(())).await;
}

#[tokio::test]
async fn nobody_answers_and_the_message_can_be_heard_and_read_in_the_conversation() {
    let stand = stand(5).await;
    stand.phone(BEN, FarEnd::voicemail(1));
    let call = stand.call(SAM, Script::new().speaks(3));
    let said = first_word(&stand).await;
    assert!(said.starts_with("Voicemail at ") && said.contains(", 3 s. "), "{said}");
    stand.until_over(&call).await;
    let talk = stand.talks().remove(0);
    let (name, file) = stand.world(|world| {
        let id = talk.threads[0].attachments[0];
        (world.helpscout.file_name(id), world.helpscout.attachment(id).unwrap())
    });
    assert_eq!((name.as_deref(), file.0.as_str()), (Some("voicemail-1.mp3"), "audio/mpeg"));
    let link = said.split_once("href=\"").and_then(|(_, rest)| rest.split_once('"')).unwrap().0.to_owned();
    let whole = stand.http.get(&link).send().await.unwrap();
    assert_eq!((whole.status().as_u16(), whole.headers()["content-type"].as_bytes()), (200, &b"audio/mpeg"[..]));
    assert_eq!(whole.bytes().await.unwrap(), file.1);
    let part = stand.http.get(&link).header("range", "bytes=10-19").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap().len()), (206, 10));
    let transcript = |it: &Stand| it.talk(talk.id()).said()[0].contains("Transcript: Hello, where do I vote?");
    stand.until("the transcript", |it| transcript(it).then_some(())).await;
    stand.until_received(SAM, &[GREETING]).await;
    assert_eq!((stand.talk(talk.id()).threads.len(), stand.talks().len()), (1, 1));
}

#[tokio::test]
async fn who_hangs_up_stops_the_phones_and_gets_a_text() {
    let stand = stand(30).await;
    let call = stand.call(SAM, Script::new().hangs_up_at(4));
    stand.until("both phones", |it| (it.world(|world| world.twilio.ringing().count()) == 2).then_some(())).await;
    stand.until_over(&call).await;
    stand.until("quiet", |it| it.world(|world| world.twilio.ringing().next().is_none()).then_some(())).await;
    assert!(first_word(&stand).await.starts_with("Missed call at "));
    stand.until_received(SAM, &[MISSED]).await;
}

/// A hotline that is closed now: it opens on one day, at another time.
async fn closed_now(closed: &str) -> Stand {
    Stand::start(|vars| {
        change(vars, both(20));
        let open = if is_early() { "18:00-18:01" } else { "02:00-02:01" };
        vars["HOTLINE_VOTERS"]["hours"] = json!({ "time_zone": "Europe/London", "open": [open], "closed": closed });
    })
    .await
}

/// Whether it is far from the evening in London, give or take its summer time.
fn is_early() -> bool {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    seconds / 3_600 % 24 < 12
}

#[tokio::test]
async fn outside_the_hours_there_is_voicemail_at_once() {
    let stand = closed_now("voicemail").await;
    let call = stand.call(SAM, Script::new().speaks(2));
    until_beep(&stand, &call).await;
    assert!(first_word(&stand).await.starts_with("Voicemail at "));
    assert_eq!(stand.world(|world| world.twilio.calls().len()), 1, "no phone was called");
}

#[tokio::test]
async fn outside_the_hours_a_call_may_be_turned_away_and_is_logged() {
    let stand = closed_now("reject").await;
    let call = stand.call(SAM, Script::new());
    assert_eq!(stand.until_over(&call).await, CallStatus::Busy);
    assert!(first_word(&stand).await.contains("outside opening hours"));
    stand.until_received(SAM, &[MISSED]).await;
}

#[tokio::test]
async fn hours_that_never_close_ring() {
    let stand = Stand::start(|vars| {
        change(vars, both(20));
        vars["HOTLINE_VOTERS"]["hours"] = json!({ "time_zone": "America/New_York", "open": ["00:00-24:00"] });
    })
    .await;
    stand.phone(ADA, takes());
    let call = stand.call(SAM, Script::new().hangs_up_at(8));
    until_bridged(&stand, &call).await;
}

#[tokio::test]
async fn a_time_zone_that_there_is_not_is_named_and_callers_hear_words() {
    let stand = Stand::start(|vars| {
        change(vars, both(20));
        vars["HOTLINE_VOTERS"]["hours"] = json!({ "time_zone": "Mars/Olympus", "open": ["00:00-24:00"] });
    })
    .await;
    let params = [("CallSid", "CA1"), ("From", SAM), ("To", ringside_tests::runtime::HOTLINE)];
    let answer = stand.fetch(&stand.twilio("/twilio/calls", &params)).await;
    assert!(answer.status == 200 && answer.text().contains("cannot be connected"), "{}", answer.text());
    let health = stand.fetch(&ringside_tests::runtime::HttpRequest::plain("GET", "/healthz")).await;
    assert_eq!(health.status, 503);
    assert!(health.text().contains("HOTLINE_VOTERS.hours.time_zone"), "{}", health.text());
}

#[tokio::test]
async fn a_blocked_caller_is_rejected_before_anything_is_answered() {
    let stand = Stand::start(|vars| {
        change(vars, both(20));
        vars["HOTLINE_VOTERS"]["blocked"] = json!([SAM]);
    })
    .await;
    let call = stand.call(SAM, Script::new());
    assert_eq!(stand.until_over(&call).await, CallStatus::Busy);
    // Whoever comes next is a measure of the time in which a trace would have come.
    stand.first_contact(ANN, "Hello").await;
    assert_eq!(stand.talks().len(), 1);
}

#[tokio::test]
async fn whoever_withholds_their_number_leaves_a_message_for_the_unknown_caller() {
    let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["voicemail"] = json!({ "say": "Speak." })).await;
    stand.call("anonymous", Script::new().speaks(2));
    assert!(first_word(&stand).await.starts_with("Voicemail at "));
    assert_eq!(stand.talks()[0].conversation.subject, "Unknown caller");
    assert!(stand.sent().is_empty());
}

#[tokio::test]
async fn a_call_while_our_state_cannot_be_reached_leaves_a_message_that_finds_its_conversation() {
    let mut stand = stand(20).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand
        .sabotage(
            "
import * as built from './index.js';
const real = built.Call.prototype.fetch;
const until = Date.now() + 4000;
built.Call.prototype.fetch = function (...args) {
  if (Date.now() < until) throw new Error('no storage');
  return real.apply(this, args);
};
",
        )
        .await;
    let call = stand.call(SAM, Script::new().speaks(4));
    until_beep(&stand, &call).await;
    let second = |it: &Stand| it.talk(talk).said().get(1).map(|said| (*said).to_owned());
    assert!(stand.until("a voicemail", second).await.starts_with("Voicemail at "));
    assert_eq!(stand.talks().len(), 1);
}

#[tokio::test]
async fn killed_while_the_phones_ring_the_caller_is_still_taken() {
    let mut stand = stand(20).await;
    stand.phone(ADA, FarEnd::answers_after(4, Script::new().presses("1", 1)));
    let call = stand.call(SAM, Script::new().hangs_up_at(20));
    stand.until("both phones", |it| (it.world(|world| world.twilio.ringing().count()) == 2).then_some(())).await;
    stand.worker.kill();
    stand.worker.restart().await;
    until_bridged(&stand, &call).await;
    stand.until_over(&call).await;
    assert!(first_word(&stand).await.contains("answered by +1 555 010 0201"));
}

#[tokio::test]
async fn killed_while_the_phones_ring_for_nothing_the_caller_reaches_voicemail() {
    let mut stand = stand(6).await;
    let call = stand.call(SAM, Script::new().speaks(2));
    stand.until("both phones", |it| (it.world(|world| world.twilio.ringing().count()) == 2).then_some(())).await;
    stand.worker.kill();
    stand.worker.restart().await;
    until_beep(&stand, &call).await;
    assert!(first_word(&stand).await.starts_with("Voicemail at "));
}

#[tokio::test]
async fn a_twilio_that_makes_no_calls_sends_the_caller_to_voicemail() {
    let stand = stand(8).await;
    stand.spoil(Service::Twilio, json!({ "kind": "down", "path_contains": "/Calls" }));
    let call = stand.call(SAM, Script::new().speaks(2));
    until_beep(&stand, &call).await;
    assert!(first_word(&stand).await.starts_with("Voicemail at "));
}
