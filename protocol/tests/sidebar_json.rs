//! The JSON of the sidebar's routes, word for word. A change here breaks sidebars that are open while a release goes out.

use std::fmt::Debug;

use protocol::sidebar::{
    Agent, Call, CallFrame, CallOutcome, CallState, Channel, ClientFrame, DeliveryState, Direction, Entry, Failure,
    Frame, Kind, Media, OptOut, OptOutSource, Person, SendText, SetPhone, StartCall, TextChannel, TimelinePage,
};
use protocol::{Error, ErrorBody, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[track_caller]
fn is_written_and_read_as<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const SAM: &str = r#"{"number":"+15550100100","readable":"+1 555 010 0100","channel":"whatsapp","since":"2026-11-20T12:00:00Z","opted_out":{"since":"2026-11-21T08:30:00Z","by":"twilio"},"first_contact":true}"#;

fn sam() -> Person {
    Person {
        number: "+15550100100".to_owned(),
        readable: "+1 555 010 0100".to_owned(),
        channel: TextChannel::WhatsApp,
        since: at("2026-11-20T12:00:00Z"),
        opted_out: Some(OptOut { since: at("2026-11-21T08:30:00Z"), by: OptOutSource::Twilio }),
        first_contact: true,
        is_whatsapp_user: false,
    }
}

const REPLY: &str = r#"{"id":"hs:77","at":"2026-11-20T12:00:01Z","kind":"text","direction":"out","channel":"mms","text":"At the \"town hall\"","state":"failed","error":{"code":30006,"reason":"It is a landline."},"media":[{"url":"https://hotline.example.org/media/x","type":"image/png"}],"agent":"Ada Byron","conversation":1001,"seconds":null,"transcript":null}"#;

fn reply() -> Entry {
    Entry {
        id: "hs:77".to_owned(),
        at: at("2026-11-20T12:00:01Z"),
        kind: Kind::Text,
        direction: Direction::Out,
        channel: Channel::Mms,
        text: Some("At the \"town hall\"".to_owned()),
        state: Some(DeliveryState::Failed),
        error: Some(Failure { code: Some(30_006), reason: "It is a landline.".to_owned() }),
        media: vec![Media { url: "https://hotline.example.org/media/x".to_owned(), mime: "image/png".to_owned() }],
        agent: "Ada Byron".to_owned(),
        conversation: Some(1001),
        seconds: None,
        transcript: None,
        deleted: false,
        sent_again: false,
        removed_at: None,
        media_removed_at: None,
    }
}

const VOICEMAIL: &str = r#"{"id":"RE1","at":"2026-11-20T12:00:02Z","kind":"voicemail","direction":"in","channel":"voice","text":"","state":null,"error":null,"media":[],"agent":"","conversation":null,"seconds":14,"transcript":"Please call me."}"#;

fn voicemail() -> Entry {
    Entry {
        id: "RE1".to_owned(),
        at: at("2026-11-20T12:00:02Z"),
        kind: Kind::Voicemail,
        direction: Direction::In,
        channel: Channel::Voice,
        text: Some(String::new()),
        state: None,
        error: None,
        media: Vec::new(),
        agent: String::new(),
        conversation: None,
        seconds: Some(14),
        transcript: Some("Please call me.".to_owned()),
        deleted: false,
        sent_again: false,
        removed_at: None,
        media_removed_at: None,
    }
}

const CALL: &str =
    r#"{"id":"3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21","state":"ended","outcome":"completed","seconds":190}"#;

fn call() -> Call {
    Call {
        id: "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21".to_owned(),
        state: CallState::Ended,
        outcome: Some(CallOutcome::Completed),
        seconds: Some(190),
        code: None,
    }
}

#[test]
fn a_page_of_the_timeline() {
    let page = TimelinePage {
        person: sam(),
        entries: vec![reply(), voicemail()],
        earlier: Some("17".to_owned()),
        now: Some(at("2026-11-20T12:05:00Z")),
    };
    let json =
        format!(r#"{{"person":{SAM},"entries":[{REPLY},{VOICEMAIL}],"earlier":"17","now":"2026-11-20T12:05:00Z"}}"#);
    is_written_and_read_as(&page, &json);
    let person = Person { opted_out: None, channel: TextChannel::Sms, first_contact: false, ..sam() };
    let first = TimelinePage { person, entries: Vec::new(), earlier: None, now: None };
    let json = r#"{"person":{"number":"+15550100100","readable":"+1 555 010 0100","channel":"sms","since":"2026-11-20T12:00:00Z","opted_out":null,"first_contact":false},"entries":[],"earlier":null,"now":null}"#;
    is_written_and_read_as(&first, json);
}

#[test]
fn what_few_entries_are_is_written_for_those_alone() {
    let entry = Entry { deleted: true, sent_again: true, ..voicemail() };
    let json = VOICEMAIL.replace(
        r#""transcript":"Please call me.""#,
        r#""transcript":"Please call me.","deleted":true,"sent_again":true"#,
    );
    is_written_and_read_as(&entry, &json);
}

#[test]
fn the_agents_phone() {
    let agent = Agent { phone: Some("+15550100104".to_owned()), confirmed: true };
    is_written_and_read_as(&agent, r#"{"phone":"+15550100104","confirmed":true}"#);
    is_written_and_read_as(&Agent::default(), r#"{"phone":null,"confirmed":false}"#);
    is_written_and_read_as(&SetPhone { phone: "(555) 010-0105".to_owned() }, r#"{"phone":"(555) 010-0105"}"#);
}

#[test]
fn a_call_and_its_code() {
    is_written_and_read_as(&call(), CALL);
    let rings =
        Call { state: CallState::RingingAgent, outcome: None, seconds: None, code: Some("4821".to_owned()), ..call() };
    let json = r#"{"id":"3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21","state":"ringing_agent","outcome":null,"seconds":null,"code":"4821"}"#;
    is_written_and_read_as(&rings, json);
    let id = "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21".to_owned();
    is_written_and_read_as(&StartCall { id: id.clone() }, r#"{"id":"3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21"}"#);
    is_written_and_read_as(
        &SendText { id: id.clone(), text: "Hello".to_owned(), again: None },
        r#"{"id":"3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21","text":"Hello"}"#,
    );
    is_written_and_read_as(
        &SendText { id, text: "Hello".to_owned(), again: Some("hs:77".to_owned()) },
        r#"{"id":"3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21","text":"Hello","again":"hs:77"}"#,
    );
}

#[test]
fn the_frames_of_the_socket() {
    is_written_and_read_as(&Frame::Entry(voicemail()), &VOICEMAIL.replacen('{', r#"{"type":"entry","#, 1));
    is_written_and_read_as(&Frame::Person(sam()), &SAM.replacen('{', r#"{"type":"person","#, 1));
    let frame = Frame::Call(CallFrame { agent: 4004, call: call() });
    is_written_and_read_as(&frame, &CALL.replacen('{', r#"{"type":"call","agent":4004,"#, 1));
    let renew = ClientFrame::Renew { token: "TOKEN".to_owned() };
    is_written_and_read_as(&renew, r#"{"type":"renew","token":"TOKEN"}"#);
}

#[test]
fn a_refusal() {
    let error = Error { code: "opted_out".to_owned(), message: "They opted out.".to_owned() };
    is_written_and_read_as(&ErrorBody { error }, r#"{"error":{"code":"opted_out","message":"They opted out."}}"#);
}

#[test]
fn every_word_of_an_enum() {
    fn words<T: Serialize>(all: &[T]) -> Vec<String> {
        all.iter().map(|it| serde_json::to_value(it).unwrap().as_str().unwrap().to_owned()).collect()
    }
    assert_eq!(
        words(&[Kind::Text, Kind::Call, Kind::MissedCall, Kind::Voicemail, Kind::Notice]),
        ["text", "call", "missed_call", "voicemail", "notice"]
    );
    assert_eq!(
        words(&[Channel::Sms, Channel::Mms, Channel::WhatsApp, Channel::Voice]),
        ["sms", "mms", "whatsapp", "voice"]
    );
    assert_eq!(words(&[OptOutSource::Person, OptOutSource::Twilio]), ["person", "twilio"]);
    assert_eq!(words(&DELIVERY_STATES), ["waiting", "queued", "sending", "sent", "failed", "delivered", "read"]);
    assert_eq!(words(&CALL_STATES), ["ringing_agent", "confirm", "ringing_contact", "talking", "ended"]);
    for (outcome, word) in OUTCOMES {
        assert_eq!(words(&[outcome]), [word]);
    }
}

const DELIVERY_STATES: [DeliveryState; 7] = [
    DeliveryState::Waiting,
    DeliveryState::Queued,
    DeliveryState::Sending,
    DeliveryState::Sent,
    DeliveryState::Failed,
    DeliveryState::Delivered,
    DeliveryState::Read,
];

const CALL_STATES: [CallState; 5] =
    [CallState::RingingAgent, CallState::Confirm, CallState::RingingContact, CallState::Talking, CallState::Ended];

const OUTCOMES: [(CallOutcome, &str); 9] = [
    (CallOutcome::Completed, "completed"),
    (CallOutcome::Cancelled, "cancelled"),
    (CallOutcome::AgentBusy, "agent_busy"),
    (CallOutcome::AgentNoAnswer, "agent_no_answer"),
    (CallOutcome::AgentFailed, "agent_failed"),
    (CallOutcome::NotConfirmed, "not_confirmed"),
    (CallOutcome::ContactBusy, "contact_busy"),
    (CallOutcome::ContactNoAnswer, "contact_no_answer"),
    (CallOutcome::ContactFailed, "contact_failed"),
];

#[test]
fn what_the_next_release_adds_is_read_past() {
    let json = VOICEMAIL
        .replace(r#""kind":"voicemail""#, r#""kind":"video_call","mood":{"is":"good"}"#)
        .replace(r#""channel":"voice""#, r#""channel":"video""#)
        .replace(r#""state":null"#, r#""state":"pondering""#);
    let entry: Entry = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (entry.kind, entry.channel, entry.state),
        (Kind::Notice, Channel::Unknown, Some(DeliveryState::Unknown))
    );
    let frame: Frame = serde_json::from_str(r#"{"type":"typing","who":"Sam"}"#).unwrap();
    assert_eq!(frame, Frame::Unknown);
    let call: Call =
        serde_json::from_str(r#"{"id":"1","state":"on_hold","outcome":"handed_over","seconds":null}"#).unwrap();
    assert_eq!((call.state, call.outcome), (CallState::Unknown, Some(CallOutcome::Unknown)));
}
