//! Calls: what Twilio tells us of them, and the requests of the Call resource.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::{Body, Method, Request, Service};
use crate::config::Config;
use crate::domain::phone::{Channel, Party};
use crate::domain::time::Millis;
use crate::form::{Form, encode, percent_encode};
use crate::json::Document;
use crate::twilio::request::instant;

/// Which of a call's requests this is. Each has a route below `/twilio/calls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// A call comes in.
    Incoming,
    /// The number's own status callback: the caller's call is over.
    Over,
    /// The caller waits in the queue: what do they hear?
    Wait,
    /// The caller has left the queue.
    Queue,
    /// The caller is taken to voicemail.
    Voicemail,
    /// The message is spoken.
    Recorded,
    /// Its file is there, or never will be.
    Recording,
    /// Its transcript is there, or never will be.
    Transcript,
    /// A phone of the team, or an agent's, was answered.
    Leg,
    /// A key was pressed there.
    Pressed,
    /// The talk of that phone is over.
    LegOver,
    /// That phone's call has come further.
    LegStatus,
    /// The contact's call, which an agent asked for, has come further.
    ContactStatus,
    /// Twilio has found out who or what answered the contact's call.
    ContactAnsweredBy,
}

/// The routes; each stage has one.
const ROUTES: [(&str, Stage); 14] = [
    ("", Stage::Incoming),
    ("/status", Stage::Over),
    ("/wait", Stage::Wait),
    ("/queue", Stage::Queue),
    ("/voicemail", Stage::Voicemail),
    ("/recorded", Stage::Recorded),
    ("/recording", Stage::Recording),
    ("/transcript", Stage::Transcript),
    ("/leg", Stage::Leg),
    ("/leg/pressed", Stage::Pressed),
    ("/leg/over", Stage::LegOver),
    ("/leg/status", Stage::LegStatus),
    ("/contact/status", Stage::ContactStatus),
    ("/contact/answered-by", Stage::ContactAnsweredBy),
];

/// Without this Twilio asks once; the whole of its tries takes at most fifteen seconds (Twilio, Webhooks connection
/// overrides).
const RETRIED: &str = "#rc=3&rp=5xx,ct,rt";

/// The longest talk: Twilio's own limit for a dialled call, four hours (Twilio, Dial verb: timeLimit).
pub(crate) const LONGEST_TALK_S: u32 = 14_400;
pub(crate) const LONGEST_TALK: Millis = LONGEST_TALK_S as Millis * 1_000;

impl Stage {
    /// The stage behind a route, by the segments that follow `/twilio/calls`.
    pub fn of_route(rest: &[&str]) -> Option<Self> {
        let is_it = |route: &str| route.split('/').skip(1).eq(rest.iter().copied());
        ROUTES.iter().find(|(route, _)| is_it(route)).map(|(_, stage)| *stage)
    }

    fn route(self) -> &'static str {
        ROUTES.iter().find(|(_, stage)| *stage == self).map_or("", |(route, _)| route)
    }

    /// Whether Twilio expects TwiML; else it wants to be heard and no more.
    pub fn wants_twiml(self) -> bool {
        !matches!(
            self,
            Self::Over
                | Self::Recording
                | Self::Transcript
                | Self::LegStatus
                | Self::ContactStatus
                | Self::ContactAnsweredBy
        )
    }

    /// The whole address of this stage of a call.
    pub fn address(self, config: &Config, mailbox: u64, call: &str, leg: Option<i64>) -> String {
        let route = self.route();
        let leg = leg.map_or(String::new(), |leg| format!("&l={leg}"));
        format!("{}/twilio/calls{route}?h={mailbox}&c={}{leg}{RETRIED}", config.public_url, percent_encode(call))
    }
}

/// What Twilio says of a call, as far as we use it; what it does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `CallSid`: of the caller's call, or of the phone's.
    pub sid: String,
    /// `From`.
    pub from: String,
    /// `To`.
    pub to: String,
    /// `CallStatus`; for recordings `RecordingStatus`, for transcripts `TranscriptionStatus`.
    pub status: String,
    /// `Digits`.
    pub digits: String,
    /// `QueueResult`, or `DialCallStatus`.
    pub result: String,
    /// `RecordingDuration`, `DialCallDuration` or `CallDuration`. Less than nothing is a length that is not known yet.
    pub seconds: Option<i64>,
    /// `RecordingSid`.
    pub recording: String,
    /// `TranscriptionText`.
    pub text: String,
    /// `QueueSid`.
    pub queue: String,
    /// `StirVerstat` says that the network could not verify the caller id (Twilio, SHAKEN/STIR): `TN-Validation-Failed` and
    /// its levels. A call without a verdict, or with none that is known, is like any other.
    #[serde(default)]
    pub caller_id_failed: bool,
    /// `AnsweredBy`.
    #[serde(default)]
    pub answered_by: AnsweredBy,
}

impl Facts {
    /// Reads a webhook. Never fails: what is malformed is empty.
    pub fn read(form: &Form) -> Self {
        let first = |names: &[&str]| {
            let filled = |name: &&str| form.get(name).map(str::trim).filter(|value| !value.is_empty());
            names.iter().find_map(filled).unwrap_or("").to_owned()
        };
        let address = first(&["RecordingUrl"]);
        let recording = Some(first(&["RecordingSid"])).filter(|sid| !sid.is_empty());
        Self {
            sid: first(&["CallSid"]),
            from: first(&["From"]),
            to: first(&["To"]),
            status: first(&["RecordingStatus", "TranscriptionStatus", "CallStatus"]).to_ascii_lowercase(),
            digits: first(&["Digits"]),
            result: first(&["QueueResult", "DialCallStatus"]).to_ascii_lowercase(),
            seconds: first(&["RecordingDuration", "DialCallDuration", "CallDuration"])
                .parse()
                .ok()
                .filter(|it| *it >= 0),
            recording: recording.unwrap_or_else(|| address.rsplit('/').next().unwrap_or("").to_owned()),
            text: first(&["TranscriptionText"]),
            queue: first(&["QueueSid"]),
            caller_id_failed: first(&["StirVerstat"]).starts_with("TN-Validation-Failed"),
            answered_by: AnsweredBy::read(&first(&["AnsweredBy"])),
        }
    }

    /// Whether they are about a call to our WhatsApp sender.
    pub fn is_to_whatsapp(&self) -> bool {
        Party::parse(&self.to).0 == Channel::WhatsApp
    }

    /// Whether the call they are about has ended.
    pub fn is_over(&self) -> bool {
        is_over(&self.status)
    }
}

/// Whether a call's state is its last (Twilio, Call resource: status values).
fn is_over(status: &str) -> bool {
    matches!(status, "completed" | "busy" | "no-answer" | "failed" | "canceled")
}

/// Who or what answered a phone (Twilio, Answering machine detection: `AnsweredBy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// Twilio has not told, or could not find out.
    #[default]
    Unknown,
    /// A person.
    Human,
    /// An answering machine or a fax.
    Machine,
}

impl AnsweredBy {
    fn read(word: &str) -> Self {
        match word {
            "human" => Self::Human,
            "fax" => Self::Machine,
            word if word.starts_with("machine") => Self::Machine,
            _ => Self::Unknown,
        }
    }
}

/// A call to make.
pub struct NewCall<'a> {
    /// E.164.
    pub to: &'a str,
    /// One of our numbers.
    pub from: &'a str,
    /// What whoever answers meets.
    pub url: &'a str,
    /// Where its states are told.
    pub status_callback: &'a str,
    /// Seconds it rings.
    pub timeout: u32,
    /// The longest it lasts, in seconds.
    pub time_limit: u32,
}

fn path(config: &Config, rest: &str) -> String {
    format!("/2010-04-01/Accounts/{}{rest}", config.secrets.twilio_account_sid)
}

/// Create call.
pub fn create_call(config: &Config, new: &NewCall) -> Request {
    let (timeout, time_limit) = (new.timeout.to_string(), new.time_limit.to_string());
    let mut fields = vec![
        ("To", new.to),
        ("From", new.from),
        ("Url", new.url),
        ("StatusCallback", new.status_callback),
        ("Timeout", &timeout),
        ("TimeLimit", &time_limit),
    ];
    fields.extend(["initiated", "ringing", "answered", "completed"].map(|event| ("StatusCallbackEvent", event)));
    post(config, "/Calls.json", encode(&fields))
}

/// Update call: ends it, whether it rings or talks.
pub fn end_call(config: &Config, sid: &str) -> Request {
    post(config, &format!("/Calls/{}.json", percent_encode(sid)), encode(&[("Status", "completed")]))
}

/// Update call: whoever is there goes on with the document at an address.
pub fn redirect_call(config: &Config, sid: &str, url: &str) -> Request {
    post(config, &format!("/Calls/{}.json", percent_encode(sid)), encode(&[("Url", url)]))
}

/// Fetch call.
pub fn fetch_call(config: &Config, sid: &str) -> Request {
    let path = path(config, &format!("/Calls/{}.json", percent_encode(sid)));
    Request { service: Service::Twilio, method: Method::Get, path, body: Body::Empty }
}

/// List calls to a phone from one of our numbers, newest first.
pub fn list_calls(config: &Config, to: &str, from: &str) -> Request {
    list(config, "/Calls.json", &[("To", to), ("From", from)])
}

/// List the calls that a call has made by `<Dial>`.
pub fn list_children(config: &Config, parent: &str) -> Request {
    list(config, "/Calls.json", &[("ParentCallSid", parent)])
}

/// List the recordings of a call.
pub fn list_recordings(config: &Config, call: &str) -> Request {
    list(config, "/Recordings.json", &[("CallSid", call)])
}

fn list(config: &Config, resource: &str, filters: &[(&str, &str)]) -> Request {
    /// The newest are looked for; a phone of the team has fewer calls in a minute.
    const PAGE_SIZE: (&str, &str) = ("PageSize", "20");
    let query = encode(&[filters, &[PAGE_SIZE]].concat());
    let path = path(config, &format!("{resource}?{query}"));
    Request { service: Service::Twilio, method: Method::Get, path, body: Body::Empty }
}

/// A call as Twilio shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeCall {
    /// `CallSid`.
    pub sid: String,
    /// Its state, as a word.
    pub status: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was answered, or began to ring.
    pub started_at: Option<i64>,
    /// When it was over.
    pub ended_at: Option<i64>,
    /// How long it lasted, once it is over.
    pub seconds: Option<i64>,
}

impl MadeCall {
    /// Reads a call; `None` without a sid.
    pub fn read(value: &Value) -> Option<Self> {
        let at = |name: &str| instant(value.at(name).text());
        let sid = value.at("sid").text().to_owned();
        (!sid.is_empty()).then(|| Self {
            sid,
            status: value.at("status").text().to_owned(),
            created_at: at("date_created").unwrap_or(0),
            started_at: at("start_time"),
            ended_at: at("end_time"),
            seconds: value.at("duration").number().and_then(|seconds| seconds.try_into().ok()),
        })
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        is_over(&self.status)
    }
}

/// The calls of a list.
pub fn read_calls(value: &Value) -> Vec<MadeCall> {
    value.at("calls").items().iter().filter_map(MadeCall::read).collect()
}

/// A recording as Twilio shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// `RecordingSid`.
    pub sid: String,
    /// Its state, as a word.
    pub status: String,
    /// How long it is, once it is ready.
    pub seconds: Option<i64>,
}

impl Recording {
    /// Whether it is not ready yet (Twilio, Recording resource: status).
    pub fn is_coming(&self) -> bool {
        matches!(self.status.as_str(), "in-progress" | "paused" | "stopped" | "processing")
    }
}

/// The recordings of a list.
pub fn read_recordings(value: &Value) -> Vec<Recording> {
    let text = |value: &Value, name: &str| value.string(name);
    let read = |value: &Value| Recording {
        sid: text(value, "sid"),
        status: text(value, "status"),
        seconds: value.at("duration").number().and_then(|seconds| seconds.try_into().ok()),
    };
    value.at("recordings").items().iter().map(read).filter(|recording| !recording.sid.is_empty()).collect()
}

/// Fetch queue.
pub fn fetch_queue(config: &Config, sid: &str) -> Request {
    let path = path(config, &format!("/Queues/{}.json", percent_encode(sid)));
    Request { service: Service::Twilio, method: Method::Get, path, body: Body::Empty }
}

/// How many wait in a queue as Twilio shows it (Twilio, Queue resource: `current_size`).
pub fn waiting_in(queue: &Value) -> Option<u64> {
    queue.at("current_size").number()
}

/// Delete queue: one that is made by `<Enqueue>` stays until it is deleted.
pub fn delete_queue(config: &Config, sid: &str) -> Request {
    let path = path(config, &format!("/Queues/{}.json", percent_encode(sid)));
    Request { service: Service::Twilio, method: Method::Delete, path, body: Body::Empty }
}

fn post(config: &Config, rest: &str, form: String) -> Request {
    Request { service: Service::Twilio, method: Method::Post, path: path(config, rest), body: Body::Form(form) }
}

/// Where the file of a recording is (Twilio, Recording resource: `.mp3`).
pub fn recording_url(config: &Config, recording: &str) -> String {
    format!("{}{}.mp3", config.twilio_api_url, path(config, &format!("/Recordings/{}", percent_encode(recording))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_has_a_route_of_its_own() {
        for (at, (route, stage)) in ROUTES.iter().enumerate() {
            let segments: Vec<&str> = route.split('/').skip(1).collect();
            assert_eq!(Stage::of_route(&segments), Some(*stage));
            assert!(ROUTES[at + 1..].iter().all(|(other, again)| other != route && again != stage), "{route}");
        }
        assert_eq!(Stage::of_route(&["nowhere"]), None);
    }

    #[test]
    fn a_recording_is_known_by_its_address_when_its_sid_is_not_told() {
        for (body, recording) in [
            ("RecordingSid=RE1&RecordingUrl=http%3A%2F%2Fx%2FRecordings%2FRE2", "RE1"),
            ("RecordingUrl=http%3A%2F%2Fx%2FRecordings%2FRE2", "RE2"),
            ("", ""),
        ] {
            assert_eq!(Facts::read(&Form::parse(body.as_bytes())).recording, recording, "{body}");
        }
    }
}
