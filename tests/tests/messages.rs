//! Messages between objects cross from one release to the next while a deploy is under way: old and new code run side by
//! side. `fixtures/messages` holds each as it is written, one file a type, and the fields without which it cannot be read.
//! A field that is added must have a default, and one that is unknown is ignored.
//!
//! What was written before a change stays in `earlier` and is read for ever. After a change that is meant:
//! `RINGSIDE_WRITE_FIXTURES=1 cargo test -p ringside-tests --test messages`. A name that is added to `required` breaks a
//! deploy: give the field `#[serde(default)]`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;

use hotline::domain::phone::Channel;
use hotline::domain::template::{Content, Data, Field, Filled, Template, Text, UsedTemplate, WhatsappContent, Wording};
use hotline::effects::{
    Asker, Grant, ObjectReply, Permit, PermitRequest, Priority, RateLimiterName, Refusal, Report, Trouble,
};
use hotline::encoding;
use hotline::helpscout::webhook::{Event, Happening};
use hotline::messages::api_key::{self, Begun, Idempotency, KeptAnswer, Quota};
use hotline::messages::audience::{self, Filter, Indexed, Place};
use hotline::messages::call::{self, CallOutcome, Reception, Start};
use hotline::messages::contact::{self, Erased, Opening, Written};
use hotline::messages::directory::{self, AgentSession, Count, Dial, Durations, Failed};
use hotline::messages::endpoint::{self, Listener, Push, Replay, Settings, Shown};
use hotline::messages::event::{EventQuery, NewEvent, StoredEvent};
use hotline::messages::export::ExportPage;
use hotline::messages::facts::{DayCounts, PersonFacts, Took, WorkSummary};
use hotline::messages::jobs::{JobsRequest, ListedJob, ObjectWithJobs};
use hotline::messages::monitor::{self, Monitored, Seen};
use hotline::messages::participant::{self, Hold, Passed, SessionReply};
use hotline::messages::program::{
    AtHelpScout, ConsentGiven, InConversation, PersonRequest, Profile, ProgramMessage, ProgramRequest, ViaStep,
};
use hotline::messages::rate_limiter::Spread;
use hotline::messages::template::{StoredTemplate, TemplateRequest};
use hotline::messages::verification::{CodeLimit, VerificationReply, VerificationRequest, WantedVerification};
use hotline::messages::verification_limit::{self, CodeId, Limit};
use hotline::messages::{
    Address, Addressed, ContactRequest, DirectoryRequest, RateLimiterRequest, Refused, rate_limiter,
};
use hotline::send_rules::Rule;
use hotline::twilio::calls::{AnsweredBy, Facts, Stage};
use hotline::twilio::inbound::{InboundText, MediumAt};
use hotline::twilio::lookup::Phone;
use hotline::twilio::status::{Delivery, Status};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use protocol::health::{Credentials, WebhookState};
use protocol::sidebar::{
    Agent, CallState, Channel as SidebarChannel, Direction, Entry, Kind, Person, TextChannel, TimelinePage,
};
use protocol::{Timestamp, v1};
use ringside_tests::workspace;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

const AT: i64 = 1_795_176_000_000;
const SAM: &str = "+15550100002";
const HOTLINE: &str = "+15550100001";
const ID: &str = "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21";

fn name(text: &str) -> String {
    text.to_owned()
}

/// A step on the way into a JSON value.
type Way = Vec<String>;

/// The fields of structs in a value. An object with a key that begins with a capital is a variant's name around its
/// content, and no struct.
fn fields(value: &Value, way: &Way, found: &mut Vec<Way>) {
    let further = |key: &str| way.iter().cloned().chain([key.to_owned()]).collect::<Way>();
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                if MAPS.contains(&key.as_str()) {
                    found.push(further(key));
                    continue;
                }
                if is_struct(object) {
                    found.push(further(key));
                }
                fields(inner, &further(key), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                fields(item, &further(&at.to_string()), found);
            }
        }
        _ => {}
    }
}

/// The fields that hold maps: their keys are no fields, but what somebody has written.
const MAPS: [&str; 5] = ["fields", "consent", "days", "senders", "refused_inboxes"];

fn is_struct(object: &Map<String, Value>) -> bool {
    !object.keys().any(|key| key.starts_with(|first: char| first.is_ascii_uppercase()))
}

fn inner<'a>(value: &'a mut Value, way: &[String]) -> &'a mut Value {
    way.iter().fold(value, |value, key| match value {
        Value::Array(items) => &mut items[key.parse::<usize>().expect("a place")],
        other => &mut other[key.as_str()],
    })
}

fn without(value: &Value, way: &Way) -> Value {
    let mut left = value.clone();
    let (key, above) = way.split_last().expect("a field");
    inner(&mut left, above).as_object_mut().expect("a struct").remove(key);
    left
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, encoding::DecodeError> {
    encoding::decode(&value.to_string())
}

/// The variants that a type can be read from, as serde names them.
fn variants<T: DeserializeOwned>() -> BTreeSet<String> {
    let error =
        serde_json::from_value::<T>(json!({ "NoSuchVariant": null })).err().map_or(String::new(), |it| it.to_string());
    let Some((_, known)) = error.split_once("expected ") else { return BTreeSet::new() };
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The variant that a value is written as.
fn variant(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name.clone()),
        Value::Object(object) if !is_struct(object) => object.keys().next().cloned(),
        _ => None,
    }
}

/// Compares a type with its file, and reads it with fields missing and fields more.
fn judge<T: Serialize + DeserializeOwned + PartialEq + Debug + Clone>(file: &str, examples: &[T]) {
    let written: Vec<Value> =
        examples.iter().map(|it| serde_json::from_str(&encoding::encode(it)).expect("JSON")).collect();
    for (value, example) in written.iter().zip(examples) {
        assert_eq!(read::<T>(value).as_ref(), Ok(example));
    }
    let shown: BTreeSet<String> = written.iter().filter_map(variant).collect();
    let kinds = variants::<T>();
    if kinds.len() > 1 {
        assert_eq!(shown, kinds, "{file}: an example of each variant");
    }

    let mut required = BTreeSet::new();
    let mut optional = Vec::new();
    for (at, value) in written.iter().enumerate() {
        let mut all = Vec::new();
        fields(value, &Vec::new(), &mut all);
        for way in all {
            if read::<T>(&without(value, &way)).is_ok() {
                optional.push((at, way));
            } else {
                let names: Vec<&str> = way.iter().map(String::as_str).filter(|it| it.parse::<u8>().is_err()).collect();
                required.insert(names.join("."));
            }
        }
    }

    let path = workspace().join("tests/fixtures/messages").join(file).with_extension("json");
    let kept: Value = fs::read(&path).map_or(json!({}), |file| serde_json::from_slice(&file).expect("JSON"));
    let mut earlier = kept["earlier"].as_array().cloned().unwrap_or_default();
    if std::env::var_os("RINGSIDE_WRITE_FIXTURES").is_some() {
        let before = kept["examples"].as_array().cloned().unwrap_or_default();
        earlier.extend(before.into_iter().filter(|shape| !written.contains(shape)));
        let found = json!({ "required": required, "examples": written, "earlier": earlier });
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, format!("{found:#}\n")).expect("written");
    } else {
        assert_eq!(json!(required), kept["required"], "{file}: what was written before lacks a new field");
        assert_eq!(json!(written), kept["examples"], "{file}");
    }
    for shape in &earlier {
        assert!(read::<T>(shape).is_ok(), "{file}: {shape}");
    }
    any_release_is_read(examples, &written, &optional);
}

/// Any of the fields that a release may lack are missing, and the next one has added others: it is read; and with nothing
/// missing it is read as it was meant.
fn any_release_is_read<T: DeserializeOwned + PartialEq + Debug>(
    examples: &[T],
    written: &[Value],
    optional: &[(usize, Way)],
) {
    let unknown = prop_oneof![Just(json!(null)), Just(json!(7)), Just(json!("x")), Just(json!({ "a": [1] }))];
    let change = (0..written.len(), any::<u64>(), proptest::collection::vec(unknown, 1..3));
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) });
    let outcome = runner.run(&change, |(at, dropped, added)| {
        let mut value = written[at].clone();
        add(&mut value, &added);
        prop_assert_eq!(&read::<T>(&value).expect("an unknown field is ignored"), &examples[at]);
        // The deepest first, so that no way leads through what is gone.
        let here = optional.iter().filter(|(example, _)| *example == at).enumerate();
        let mut ways: Vec<&Way> = here.filter(|(bit, _)| dropped >> (bit % 64) & 1 == 1).map(|(_, it)| &it.1).collect();
        ways.sort_by_key(|way| std::cmp::Reverse(way.len()));
        for way in ways {
            value = without(&value, way);
        }
        prop_assert!(read::<T>(&value).is_ok(), "{}", value);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Adds fields that nobody knows to every struct.
fn add(value: &mut Value, added: &[Value]) {
    match value {
        Value::Object(object) => {
            let structs = object.iter_mut().filter(|(key, _)| !MAPS.contains(&key.as_str()));
            structs.for_each(|(_, inner)| add(inner, added));
            if is_struct(object) {
                object.extend(added.iter().enumerate().map(|(at, it)| (format!("added_{at}"), it.clone())));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| add(item, added)),
        _ => {}
    }
}

fn event() -> Event {
    Event {
        happening: Happening::Replied,
        conversation: 1001,
        mailbox: Some(3003),
        kind: name("phone"),
        threads: Some(2),
        email: name("15550100002@sms.example.org"),
        ai_replies: vec![7],
    }
}

fn text() -> InboundText {
    InboundText {
        sid: name("SM1"),
        channel: Channel::Sms,
        from: name(SAM),
        external_id: Some(name("US.13491208655302741918")),
        to: name(HOTLINE),
        service: Some(name("MG1")),
        body: name("Hello"),
        details: vec![name("rating: Excellent")],
        replied_to: Some(name("SM0")),
        media: vec![MediumAt { mime: name("image/png"), url: name("https://api.twilio.com/1") }],
        profile: Some(name("Sam")),
        opt_out_type: Some(name("STOP")),
    }
}

fn phone() -> Phone {
    Phone { number: name("+15550100101"), country: name("US") }
}

fn start() -> Start {
    Start {
        agent: 4004,
        agent_name: name("Ada"),
        phone: name("+15550100101"),
        code: name("1234"),
        contact: name(SAM),
        dialled: name(SAM),
        number: name(HOTLINE),
    }
}

fn report() -> call::Report {
    call::Report {
        id: name("CA1"),
        came: CallOutcome::Answered,
        at: AT,
        number: name(HOTLINE),
        seconds: 60,
        who: name("Ada"),
        outcome: protocol::sidebar::CallOutcome::Completed,
        recording: name("RE1"),
        transcript: Some(name("Hello")),
        caller_id_failed: true,
        file_lost: true,
        is_whatsapp: true,
        answered_by: AnsweredBy::Human,
    }
}

#[test]
fn a_persons_object_understands_every_release() {
    use contact::Message;
    let written =
        Written { id: name(ID), agent: 4004, name: name("Ada"), text: name("Hi"), again: Some(name("sidebar:1")) };
    judge(
        "contact_message",
        &[
            Message::Text(text()),
            Message::Jobs(JobsRequest::Retry { job: 7 }),
            Message::Jobs(JobsRequest::Drop { job: 7, force: true }),
            Message::Status(Status {
                message: name("1.0.0"),
                sid: name("SM1"),
                delivery: Delivery::Failed,
                code: Some(30003),
            }),
            Message::Event(event()),
            Message::Seen { conversation: 1001, opening: Opening { at: AT, said: vec![name("hello")] }, replied: true },
            Message::Reply { conversation: 1001, thread: 7 },
            Message::Merged { from: 1001, into: 1002, at: AT, ours: true },
            Message::CallComes { call: name("CA1"), from: name(SAM) },
            Message::Call(report()),
            Message::Write(written),
            Message::Push { frame: name("{}") },
            Message::Look { before: Some(7) },
            Message::Prerender { beside: 1001, phone: name("+15550100101"), confirmed: true },
            Message::Number,
            Message::PermitReady { job: 7 },
            Message::Wake,
            Message::IsCustomer { conversation: 1001, customer: 2002 },
            Message::Customer { id: 2002 },
            Message::Meet(contact::Acquaintance {
                key: name(SAM),
                has_history: true,
                number: Some(name(SAM)),
                opted_out: true,
            }),
            Message::Consent { opted_out: true },
            Message::Program(Box::new(ProgramRequest::Send {
                message: Box::new(program_message()),
                dry_run: true,
                template: Some(Box::new(filled())),
            })),
            Message::Program(Box::new(ProgramRequest::Read { number: 7 })),
            Message::Program(Box::new(ProgramRequest::Why { number: 7 })),
            Message::Program(Box::new(ProgramRequest::Cancel { number: 7 })),
            Message::Program(Box::new(ProgramRequest::OfReference { reference: name("ballot-1") })),
            Message::Verification(Box::new(VerificationRequest::Start {
                wanted: Box::new(wanted_verification()),
                nonce: name("nonce"),
                asks_only: true,
            })),
            Message::Verification(Box::new(VerificationRequest::OfReference { reference: name("sign-up-1") })),
            Message::Verification(Box::new(VerificationRequest::Read { number: 7 })),
            Message::Verification(Box::new(VerificationRequest::Check {
                number: 7,
                code: name("012345"),
                request: name("crm/8"),
            })),
            Message::Verification(Box::new(VerificationRequest::Resend {
                number: 7,
                request: name("crm/8"),
                asks_only: true,
            })),
            Message::Verification(Box::new(VerificationRequest::Called { number: 7, send: 1, status: name("busy") })),
            Message::Verification(Box::new(VerificationRequest::Cancel { number: 7 })),
            Message::Person(Box::new(PersonRequest::Read)),
            Message::Person(Box::new(PersonRequest::Replace { profile: profile() })),
            Message::Person(Box::new(PersonRequest::Consent { given: consent() })),
            Message::Person(Box::new(PersonRequest::Erase { program: name("crm"), helpscout: AtHelpScout::Delete })),
            Message::Retain,
            Message::Erased(Erased { program: name("crm"), helpscout: AtHelpScout::Keep, told: vec![name(SAM)] }),
            Message::Person(Box::new(PersonRequest::Job { number: 7 })),
            Message::Person(Box::new(PersonRequest::Export { after: Some(7) })),
            Message::Person(Box::new(PersonRequest::Consents { before: Some(7), limit: 50 })),
            Message::Person(Box::new(PersonRequest::ImportConversation { id: 1001 })),
            Message::Person(Box::new(PersonRequest::ReadConversation { id: 1001 })),
        ],
    );
}

#[test]
fn a_calls_object_understands_every_release() {
    use call::Message;
    let facts = Facts {
        sid: name("CA1"),
        from: name(SAM),
        to: name(HOTLINE),
        status: name("completed"),
        digits: name("1"),
        result: name("bridged"),
        seconds: Some(60),
        recording: name("RE1"),
        text: name("Hello"),
        queue: name("QU1"),
        caller_id_failed: true,
        answered_by: AnsweredBy::Machine,
    };
    let twilio =
        Message::Twilio { stage: Stage::Pressed, leg: Some(2), facts, open: true, reception: Reception::Voicemail };
    judge(
        "call_message",
        &[
            twilio,
            Message::Start(start()),
            Message::Look { agent: 4004 },
            Message::Cancel { agent: 4004 },
            Message::Forget,
            Message::Jobs(list_of_jobs()),
        ],
    );
}

#[test]
fn a_hotlines_object_understands_every_release() {
    use directory::Message;
    let contact = || name(SAM);
    let facts = Some(directory::Facts { country: name("US"), number: name(HOTLINE), theirs: Some(name(SAM)) });
    judge(
        "directory_message",
        &[
            Message::Event(event()),
            Message::Jobs(list_of_jobs()),
            Message::ObjectsWithJobs { from: 7, limit: 20 },
            Message::ObjectWithJobs { number: 7 },
            Message::Conversation { id: 1001, contact: contact() },
            Message::Guest { id: 1001, contact: contact() },
            Message::Customer { id: 2002, contact: contact() },
            Message::Claim { id: 1001, contact: contact() },
            Message::Failed { what: name("post"), at: AT },
            Message::Count { what: name("unreadable text") },
            Message::NameOf { phone: name("+15550100101") },
            Message::Confirmed { agent: 4004, phone: name("+15550100101") },
            Message::CallEnded { id: name(ID) },
            Message::AgentSession { conversation: 1001, agent: 4004, call: Some(name(ID)), other: Some(contact()) },
            Message::Agent { id: 4004, name: Some(name("Ada")), phone: Some(phone()), is_operator: Some(true) },
            Message::Phone { agent: 4004, phone: phone() },
            Message::Dial(Dial { id: name(ID), agent: 4004, contact: contact(), code: name("1234"), facts }),
            Message::MayText { agent: 4004, id: name("sidebar:1") },
            Message::MaySendAutomatically { id: name("1"), contact: contact(), channel: Channel::WhatsApp },
            Message::Running { agent: 4004, contact: contact() },
            Message::PermitReady { job: 7 },
            Message::Retention,
            Message::Retained {
                contact: contact(),
                told: directory::Retained { run: 7, next_at: AT, removed: removed(), held: 1 },
            },
            Message::Template(Box::new(TemplateRequest::Put { name: name("hello"), template: template() })),
            Message::Template(Box::new(TemplateRequest::Read { name: name("hello") })),
            Message::Template(Box::new(TemplateRequest::Delete { name: name("hello") })),
            Message::WorkLeft { contact: "+15550100150".into(), by: 3 },
            Message::Facts { contact: name(SAM), facts: Box::new(person_facts()) },
            Message::Modified {
                conversations: vec![directory::Modified {
                    id: 3_000_000_001,
                    kind: name("phone"),
                    threads: Some(2),
                    mark: name("2026-11-28T12:00:00Z/2"),
                }],
            },
            Message::CallFacts { call: name("CA1"), number: 7, work: work() },
            Message::Health,
        ],
    );
}

fn permit_request() -> PermitRequest {
    let asker = Asker { mailbox: 3003, contact: Some(name(SAM)), job: 7 };
    let reserves = vec![name("media/7")];
    PermitRequest { reserves, ..PermitRequest::waiting(asker, AT, 2, Priority::Conversation) }
}

#[test]
fn a_rate_limiter_understands_every_release() {
    use rate_limiter::Message;
    let sender = RateLimiterName::Sender { sender: name(HOTLINE), per_second: 1 };
    let report = Report {
        number: 7,
        remaining: Some(398),
        limit: Some(400),
        pause: Some(1_000),
        refused_token: Some(name("token")),
        trouble: Some(Trouble::NoToken(401)),
        answered: true,
        again: Some(permit_request()),
        over: Some(name("1")),
    };
    judge(
        "rate_limiter_message",
        &[
            Message::Permit(sender, permit_request()),
            Message::Permit(RateLimiterName::Phone { number: name("+15550100101") }, permit_request()),
            Message::Report(RateLimiterName::HelpScout, report),
            Message::Health(RateLimiterName::HelpScout),
            Message::Spread(
                RateLimiterName::HelpScout,
                Spread { priority: Priority::Bulk, cost: 7, not_before: Some(AT) },
            ),
        ],
    );
}

fn quota() -> Quota {
    Quota { limit: 600, remaining: 599, full_in: 100 }
}

fn kept() -> KeptAnswer {
    KeptAnswer { status: 202, body: name("{}") }
}

#[test]
fn the_object_of_a_key_understands_every_release() {
    let idempotency = Idempotency { id: name("id"), fingerprint: name("fingerprint") };
    judge(
        "api_key_message",
        &[
            api_key::Message::Begin { idempotency: Some(idempotency) },
            api_key::Message::Finish { id: name("id"), answer: Some(kept()) },
        ],
    );
}

fn program_message() -> ProgramMessage {
    ProgramMessage {
        request: name("crm/7"),
        program: name("crm"),
        to: name(SAM),
        class: v1::Class::Service,
        channel: Channel::Sms,
        via: vec![ViaStep { channel: Channel::WhatsApp, until: Some(v1::ViaUntil::Delivered), within: Some(120_000) }],
        body: name("Your ballot was received."),
        media: vec![name("https://shop.example/a.png")],
        send_at: Some(AT),
        expires_at: Some(AT),
        turn_at: Some(AT),
        reference: Some(name("ballot-1")),
        tags: vec![name("ballot")],
        conversation: InConversation::Note,
        template: Some(UsedTemplate {
            name: name("hello"),
            language: name("en"),
            version: 2,
            content: Some(Content { sid: name("HX1"), variables: vec![(name("1"), name("Sam"))] }),
        }),
    }
}

fn template() -> Template {
    let variables = vec![(name("1"), name("first"))];
    let whatsapp = Some(WhatsappContent { content_sid: name("HX1"), variables });
    let text = Text::parse("Hi {{first}}").expect("a text");
    Template {
        wordings: vec![Wording { language: name("en"), text, whatsapp }],
        fields: vec![Field { name: name("first"), required: true, max: Some(40) }],
    }
}

fn filled() -> Filled {
    let data = Data(vec![(name("first"), name("Sam"))]);
    Filled { name: name("hello"), version: 2, template: template(), language: Some(name("en")), data }
}

fn profile() -> Profile {
    let fields = [(name("first"), name("Sam"))].into();
    Profile { zone: Some(name("America/New_York")), language: Some(name("en")), fields }
}

fn consent() -> ConsentGiven {
    let (source, evidence) = (name("web form"), Some(name("form 7")));
    ConsentGiven { class: v1::Class::Promotion, granted: true, source, evidence, at: AT }
}

fn shown_consent() -> v1::Consent {
    let at = Timestamp::from_millisecond(AT).expect("an instant");
    let (source, evidence) = (name("web form"), Some(name("form 7")));
    v1::Consent { class: v1::Class::Promotion, granted: true, source, evidence, at }
}

fn removed() -> directory::Removed {
    directory::Removed { texts: 3, media: 2, recordings: 1 }
}

fn shown_job() -> v1::Job {
    let at = Timestamp::from_millisecond(AT).expect("an instant");
    v1::Job {
        id: name("job_000000000001"),
        kind: v1::JobKind::Erasure,
        status: v1::JobStatus::Failed,
        progress: v1::JobProgress { total: 7, done: 6, failed: 1 },
        waiting_for: Some(v1::WaitingFor::Twilio),
        removed: v1::Removed { texts: 3, media: 2, recordings: 1 },
        created_at: at,
        ended_at: Some(at),
    }
}

fn shown_person() -> v1::Person {
    let Profile { zone, language, fields } = profile();
    let at = Timestamp::from_millisecond(AT).expect("an instant");
    v1::Person {
        number: name(SAM),
        hotline: name("VOTERS"),
        zone,
        language,
        fields,
        opted_out: Some(v1::OptedOut { at, sender: name(HOTLINE) }),
        consent: [(v1::Class::Promotion, shown_consent())].into(),
    }
}

fn shown_export() -> ExportPage {
    let at = Timestamp::from_millisecond(AT).expect("an instant");
    let v1::Person { opted_out, consent, zone, language, fields, .. } = shown_person();
    let entry = Entry {
        id: name("SM1"),
        at,
        kind: Kind::Text,
        direction: Direction::In,
        channel: SidebarChannel::Sms,
        text: Some(name("Hello")),
        state: None,
        error: None,
        media: Vec::new(),
        agent: String::new(),
        conversation: Some(1001),
        seconds: None,
        transcript: None,
        deleted: false,
        sent_again: false,
        removed_at: None,
        media_removed_at: None,
    };
    let export = v1::HotlineExport {
        hotline: name("VOTERS"),
        opted_out,
        consent,
        zone,
        language,
        fields,
        helpscout: v1::AtHelpScout { customer: Some(2002), conversations: vec![1001] },
        entries: vec![v1::ExportedEntry { entry, sid: Some(name("SM1")) }],
        waiting: vec![v1::WaitingJob { kind: name("post"), since: at }],
        verifications: vec![v1::ExportedVerification {
            purpose: Some(name("sign-up")),
            at,
            status: v1::VerificationStatus::Approved,
        }],
    };
    ExportPage { export, next: Some(7), other_keys: vec![name(SAM)] }
}

fn item() -> v1::Message {
    let at = Timestamp::from_millisecond(AT).expect("an instant");
    v1::Message {
        id: Some(name("msg_000000000007")),
        status: v1::MessageStatus::Failed,
        decision: v1::Decision {
            outcome: v1::Outcome::Hold,
            rule: Some(name("quiet_hours")),
            detail: name("Later."),
            until: Some(at),
        },
        hotline: name("VOTERS"),
        to: name(SAM),
        class: v1::Class::Service,
        channel: name("sms"),
        via: vec![v1::SendVia {
            channel: v1::ViaChannel::WhatsApp,
            until: Some(v1::ViaUntil::Delivered),
            within: Some(name("PT2M")),
        }],
        sender: Some(name(HOTLINE)),
        body: name("Hi"),
        media: Vec::new(),
        segments: 1,
        encoding: v1::Encoding::Gsm7,
        reference: Some(name("ballot-1")),
        tags: vec![name("ballot")],
        send_at: Some(at),
        expires_at: Some(at),
        parts: vec![v1::Part {
            sid: Some(name("SM1")),
            status: v1::MessageStatus::Failed,
            error: Some(30003),
            channel: name("sms"),
        }],
        price: Some(v1::Price { amount: name("-0.00790"), currency: name("USD") }),
        error: Some(v1::MessageError { code: Some(30003), reason: name("Off."), retry: v1::Retry::Later }),
        program: name("crm"),
        created_at: at,
        template: Some(v1::TemplateUse { name: name("hello"), language: name("en"), version: 2 }),
    }
}

fn wanted_verification() -> WantedVerification {
    WantedVerification {
        request: name("crm/1"),
        program: name("crm"),
        to: name(SAM),
        channel: v1::VerificationChannel::Sms,
        purpose: Some(name("sign-up")),
        unique_for: Some(name("welcome-discount")),
        origin: Some(name("example.org")),
        reference: Some(name("sign-up-1")),
    }
}

fn verification() -> v1::Verification {
    let at = Timestamp::from_millisecond(AT).expect("an instant");
    v1::Verification {
        id: name("ver_1"),
        status: v1::VerificationStatus::Pending,
        hotline: name("VOTERS"),
        to: name(SAM),
        channel: v1::VerificationChannel::Sms,
        purpose: Some(name("sign-up")),
        reference: Some(name("sign-up-1")),
        created_at: at,
        expires_at: at,
        attempts_left: 5,
        sends_left: 4,
        resend_at: Some(at),
        delivery: v1::MessageStatus::Failed,
        error: Some(v1::MessageError { code: Some(30003), reason: name("Off."), retry: v1::Retry::Later }),
        program: name("crm"),
    }
}

fn list_of_jobs() -> JobsRequest {
    JobsRequest::List { states: vec![v1::QueuedState::Failed], after: 7, limit: 50 }
}

fn object_with_jobs() -> ObjectWithJobs {
    ObjectWithJobs { number: 7, kind: v1::JobObject::Contact, key: name(SAM) }
}

fn listed_job() -> ListedJob {
    ListedJob {
        number: 7,
        lane: name("texts"),
        kind: name("post"),
        state: v1::QueuedState::Failed,
        attempts: 3,
        since: AT,
        due: Some(AT),
        error: Some(v1::JobError { code: name("helpscout_refused"), reason: name("HTTP 400") }),
    }
}

fn indexed() -> Indexed {
    Indexed { person: name(SAM), at: AT, known_at: AT, look_at: Some(AT), item: item() }
}

#[test]
fn a_part_of_the_people_understands_every_release() {
    let filter = Filter {
        person: Some(name(SAM)),
        reference: Some(name("ballot-1")),
        tag: Some(name("ballot")),
        status: Some(v1::MessageStatus::Sent),
        since: Some(AT),
    };
    let before = Some(Place { at: AT, id: name("msg_1") });
    judge(
        "audience_message",
        &[
            audience::Message::Index { messages: vec![indexed()] },
            audience::Message::List { filter, before, limit: 50 },
            audience::Message::Read { id: name("msg_n1") },
            audience::Message::Claim { reference: name("ballot-1"), person: name(SAM) },
            audience::Message::Record {
                person: name(SAM),
                events: vec![NewEvent { number: AT, at: AT, kind: name("person.opted_out"), data: name("{}") }],
            },
            audience::Message::Events(EventQuery {
                after: Some(name("evt_1")),
                until: AT,
                kinds: Some(vec![name("message.*")]),
                limit: 50,
            }),
            audience::Message::Listen(Listener {
                name: name("crm"),
                events: vec![name("message.*")],
                version: 2,
                since: AT,
                replay: Some(Replay { number: 1, since: AT }),
            }),
            audience::Message::Forget { endpoint: name("crm") },
        ],
    );
}

fn settings() -> Settings {
    let (events, hotlines) = (vec![name("message.*")], vec![name("VOTERS")]);
    Settings { key: name("crm"), url: name("https://crm.example.org/events"), events, hotlines }
}

fn shown_endpoint() -> Shown {
    Shown {
        settings: settings(),
        version: 2,
        changed_at: AT,
        replays: 1,
        off: Some(name("Gone.")),
        trouble: Some(name("Late.")),
        created_at: AT,
        secret: Some(name("whsec_1")),
    }
}

#[test]
fn an_endpoint_understands_every_release() {
    judge(
        "endpoint_message",
        &[
            endpoint::Message::Read,
            endpoint::Message::Put(settings()),
            endpoint::Message::Confirm,
            endpoint::Message::Delete,
            endpoint::Message::Rotate,
            endpoint::Message::Test,
            endpoint::Message::Replay,
            endpoint::Message::Push(Push { mailbox: 3003, part: 7, replay: 1, events: vec![stored_event()] }),
            endpoint::Message::ForgetWords { mailbox: 3003, person: name(SAM) },
        ],
    );
}

#[test]
fn a_participant_understands_every_release() {
    use participant::Message;
    let session = || name("ses_1");
    let hold = Hold {
        request: name("crm/7"),
        session: Some(session()),
        name: name("Carl"),
        other_name: name("Corner shop"),
        other: name("+15550100102"),
        other_proxy: Some(name("+15550100011")),
        ttl: Some(3_600_000),
        reference: Some(name("order-7")),
    };
    let medium = MediumAt { mime: name("image/png"), url: name("https://api.twilio.com/ME1") };
    let passed = Passed { session: session(), sid: name("SM1"), at: AT, body: name("hello"), media: vec![medium] };
    let status = Status { message: name("7"), sid: name("SM2"), delivery: Delivery::Failed, code: Some(30_006) };
    judge(
        "participant_message",
        &[
            Message::Text(Box::new(text())),
            Message::Status(status),
            Message::Hold(Box::new(hold)),
            Message::Open { number: 7, other_proxy: name("+15550100011") },
            Message::Opened { session: session() },
            Message::Release { session: session() },
            Message::Read { number: 7 },
            Message::OfReference { reference: name("order-7") },
            Message::Close { number: 7 },
            Message::Closed { session: session(), at: AT },
            Message::Pass(Box::new(passed)),
            Message::NotDelivered { session: session(), sid: name("SM1") },
            Message::PermitReady { job: 7 },
        ],
    );
}

#[test]
fn what_counts_codes_understands_every_release() {
    let code = || CodeId { request: name("crm/2"), verification: name("crm/1") };
    judge(
        "verification_limit_message",
        &[
            verification_limit::Message::Take { code: code(), limit: Limit::Hourly(10) },
            verification_limit::Message::Take { code: code(), limit: Limit::Fuse(name("1555010")) },
            verification_limit::Message::GiveBack { request: name("crm/2") },
            verification_limit::Message::Approved { requests: vec![name("crm/1"), name("crm/2")] },
        ],
    );
}

fn stored_event() -> StoredEvent {
    StoredEvent { id: name("evt_1"), at: AT, person: name(SAM), kind: name("person.opted_out"), data: name("{}") }
}

fn why_step() -> v1::WhyStep {
    let at = Timestamp::from_millisecond(AT).expect("an instant");
    v1::WhyStep { at, rule: Some(name("quiet_hours")), outcome: name("hold"), detail: name("Later.") }
}

fn session() -> AgentSession {
    AgentSession {
        contact: Some(name(SAM)),
        phone: name("+15550100101"),
        confirmed: true,
        checked_at: AT,
        gone_at: AT,
        name: name("Ada"),
        call: true,
        is_operator: Some(true),
    }
}

/// A page as sidebars have it; its entries have a golden JSON of their own in protocol.
fn page() -> TimelinePage {
    let since = "2026-11-20T12:00:00Z".parse().expect("an instant");
    let person = Person {
        number: name(SAM),
        readable: name("+1 555 010 0002"),
        channel: TextChannel::Sms,
        since,
        opted_out: None,
        first_contact: true,
        is_whatsapp_user: false,
    };
    TimelinePage { person, entries: Vec::new(), earlier: Some(name("7")), now: Some(since) }
}

fn approved() -> v1::VerificationCheck {
    let status = v1::VerificationStatus::Approved;
    v1::VerificationCheck { status, valid: true, first_time: true, attempts_left: 0 }
}

fn ended_call() -> protocol::sidebar::Call {
    protocol::sidebar::Call {
        id: name(ID),
        state: CallState::Ended,
        outcome: Some(protocol::sidebar::CallOutcome::Completed),
        seconds: Some(60),
        code: Some(name("1234")),
    }
}

#[test]
fn replies_of_every_release_are_understood() {
    let grant = Grant { token: name("token"), left: 398, limit: 400, number: 7, confirm: true };
    judge(
        "object_reply",
        &[
            ObjectReply::Done,
            ObjectReply::Later(1_000),
            ObjectReply::Yours,
            ObjectReply::Theirs,
            ObjectReply::Refused(Refused { status: 403, code: name("not_a_phone"), words: name("No.") }),
            ObjectReply::Twiml(name("<Response/>")),
            ObjectReply::Reception(Reception::Voicemail),
            ObjectReply::Timeline(Box::new(page())),
            ObjectReply::Html(name("<h1>Sam</h1>")),
            ObjectReply::Number(name(HOTLINE)),
            ObjectReply::Numbers { ours: name(HOTLINE), theirs: Some(name(SAM)) },
            ObjectReply::Moved { to: name(SAM) },
            ObjectReply::Met { has_history: true, opted_out: true },
            ObjectReply::Name(name("Ada")),
            ObjectReply::AgentSession(session()),
            ObjectReply::TextTaken,
            ObjectReply::Agent(Agent { phone: Some(name("+15550100101")), confirmed: true }),
            ObjectReply::StartCall(Box::new(start())),
            ObjectReply::Running(name(ID)),
            ObjectReply::Call(ended_call()),
            ObjectReply::Permit(Permit::Granted(grant)),
            ObjectReply::Permit(Permit::ReservedAt(AT)),
            ObjectReply::SpreadFrom(AT),
            ObjectReply::Permit(Permit::Refused(Refusal::Busy)),
            ObjectReply::ProgramMessage { message: Box::new(indexed()), existed: true },
            ObjectReply::Indexed(vec![indexed()]),
            ObjectReply::Jobs(vec![listed_job()]),
            ObjectReply::ObjectsWithJobs(vec![object_with_jobs()]),
            ObjectReply::Job(Box::new(shown_job())),
            ObjectReply::Conversation(v1::PersonConversation { id: 1001, status: v1::ConversationStatus::Theirs }),
            ObjectReply::Claimed { person: name(SAM) },
            ObjectReply::Recorded { number: AT },
            ObjectReply::Session(SessionReply::Held {
                number: 7,
                id: name("ses_1"),
                proxy: name(HOTLINE),
                is_open: true,
            }),
            ObjectReply::Session(SessionReply::Exhausted),
            ObjectReply::Endpoint(Box::new(shown_endpoint())),
            ObjectReply::TestSent { id: name("evt_1") },
            ObjectReply::Pushed { replay: 1, taken: name("evt_1") },
            ObjectReply::Events(vec![stored_event()]),
            ObjectReply::Why(v1::Why { data: vec![why_step()] }),
            ObjectReply::Canceled(true),
            ObjectReply::Person(Box::new(shown_person())),
            ObjectReply::Consent(shown_consent()),
            ObjectReply::Export(Box::new(shown_export())),
            ObjectReply::OnlyOptOut,
            ObjectReply::Consents(v1::Page { data: vec![shown_consent()], next: Some(name("7")) }),
            ObjectReply::Verification(VerificationReply::Is { item: Box::new(verification()), existed: true }),
            ObjectReply::Verification(VerificationReply::Checked(approved())),
            ObjectReply::Verification(VerificationReply::Refused { rule: Rule::OptedOut, detail: name("STOP.") }),
            ObjectReply::Verification(VerificationReply::TooMany { limit: CodeLimit::Number, wait: 1_000 }),
            ObjectReply::Verification(VerificationReply::MayLeave { verification: name("crm/1") }),
            ObjectReply::Verification(VerificationReply::Over(Box::new(verification()))),
            ObjectReply::Template(Box::new(StoredTemplate { version: 2, at: AT, template: template() })),
            ObjectReply::NotFound,
            ObjectReply::Begun(Begun::Go { number: 7, quota: quota() }),
            ObjectReply::Begun(Begun::TooMany { wait: 100, quota: quota() }),
            ObjectReply::Begun(Begun::Replayed { answer: kept(), quota: quota() }),
            ObjectReply::Begun(Begun::Conflict { quota: quota() }),
            ObjectReply::Begun(Begun::Running { quota: quota() }),
            ObjectReply::DirectoryHealth(Box::new(directory_health())),
            ObjectReply::LimiterHealth(Box::new(limiter_health())),
            ObjectReply::Monitored(Box::new(monitored())),
            ObjectReply::Unreachable,
        ],
    );
    judge("directory_health", &[directory_health()]);
    let away = Some((AT, name("unreachable")));
    let waiting = vec![(3003, 2, AT)];
    judge("rate_limiter_health", &[rate_limiter::Health { away, waiting, ..limiter_health() }]);
}

fn work() -> WorkSummary {
    let (helpscout, phone, calls) = (1, 2, 3);
    WorkSummary {
        helpscout,
        phone,
        calls,
        uncertain: 1,
        oldest: Some(AT),
        quarantined: 4,
        failed: 5,
        erasing: Some(AT),
    }
}

fn days() -> BTreeMap<String, DayCounts> {
    let day = DayCounts { texts_in: 1, texts_out: 2, calls_in: 3, calls_out: 4, voicemails: 5 };
    BTreeMap::from([(name("2026-11-28"), day)])
}

fn person_facts() -> PersonFacts {
    let took = vec![Took { at: AT, ms: 900 }];
    PersonFacts { number: 7, work: work(), opted_out: true, days: days(), to_helpscout: took.clone(), to_phone: took }
}

fn directory_health() -> directory::Health {
    let took = Durations { count: 1, median_ms: Some(900), worst_ms: Some(901) };
    directory::Health {
        waiting: 1,
        oldest: Some(AT),
        counts: vec![Count { what: name("unreadable text"), count: 2, first: AT, last: AT }],
        work: work(),
        people: 1,
        opted_out: 2,
        days: days(),
        to_helpscout: took,
        to_phone: took,
        failed: vec![Failed { code: name("text"), count: 1, first: AT, last: AT }],
        last_event_at: Some(AT),
        retention: directory::RetentionHealth { last_run_at: Some(AT), removed: removed(), held: 1 },
    }
}

fn limiter_health() -> rate_limiter::Health {
    rate_limiter::Health {
        away: None,
        waiting: Vec::new(),
        quarantined: 1,
        trouble: Some(Trouble::NoToken(401)),
        is_probing: true,
        minute: Some((400, 371)),
        token_at: Some(AT),
        has_token: true,
    }
}

fn monitored() -> Monitored {
    let seen = |is| Seen { is, since: AT, at: AT };
    Monitored {
        last_run_at: Some(AT),
        took_ms: Some(812),
        webhook: Some(Seen { is: WebhookState::Disabled, since: AT, at: AT }),
        refused_inboxes: BTreeMap::from([(3003, AT)]),
        twilio: Some(Seen { is: Credentials::Ok, since: AT, at: AT }),
        inactive: Some(name("suspended")),
        balance: Some((name("12.30"), name("USD"))),
        balance_low_since: Some(AT),
        senders: BTreeMap::from([(name(HOTLINE), seen(true))]),
    }
}

#[test]
fn what_the_monitor_is_told_is_understood_by_every_release() {
    judge("monitor_message", &[monitor::Message::Run, monitor::Message::Health]);
}

#[test]
fn an_address_of_every_release_is_understood() {
    let to = || Address { mailbox: 3003, name: name(SAM) };
    let number = ContactRequest::Message(contact::Message::Number);
    let live = ContactRequest::Live { token: name("token"), first: name("{}") };
    judge("contact_request", &[number, live].map(|message| Addressed { to: to(), message }));
    let count = DirectoryRequest::Message(directory::Message::PermitReady { job: 7 });
    judge("directory_request", &[count, DirectoryRequest::Health].map(|message| Addressed { to: to(), message }));
    let permit = rate_limiter::Message::Permit(RateLimiterName::HelpScout, permit_request());
    let requests = [RateLimiterRequest::Message(permit), RateLimiterRequest::Health];
    judge("rate_limiter_request", &requests.map(|message| Addressed { to: to(), message }));
}
