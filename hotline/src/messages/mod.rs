//! What objects say to each other, and the routes to them. Each message may be said twice without harm. All of it crosses
//! from one release to the next while a deploy is under way: a field is added with `#[serde(default)]`, and an unknown one
//! is ignored.

pub mod api_key;
pub mod audience;
pub mod call;
pub mod contact;
pub mod directory;
pub mod endpoint;
pub mod event;
pub mod export;
pub mod facts;
pub mod jobs;
pub mod monitor;
pub mod participant;
pub mod program;
pub mod rate_limiter;
pub mod request;
pub mod template;
pub mod verification;
pub mod verification_limit;

use protocol::sidebar::{Agent, Call, TimelinePage};
use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;
use call::{Reception, Start};
use directory::AgentSession;
use rate_limiter::{Permit, RateLimiterName, Report, Spread};

/// Something said to an object, of whichever kind it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectMessage {
    /// To a person's.
    Contact(contact::Message),
    /// To a call's.
    Call(call::Message),
    /// To a hotline's.
    Directory(directory::Message),
    /// To a rate limiter.
    RateLimiter(rate_limiter::Message),
    /// To the object of a program's key.
    ApiKey(api_key::Message),
    /// To a part of a hotline's people.
    Audience(audience::Message),
    /// To what counts codes that verify numbers.
    VerificationLimit(verification_limit::Message),
    /// To a participant's.
    Participant(participant::Message),
    /// To the object of an endpoint.
    Endpoint(endpoint::Message),
    /// To the deployment's monitor.
    Monitor(monitor::Message),
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// HTTP status for a sidebar.
    pub status: u16,
    /// Stable, for programs.
    pub code: String,
    /// For the agent.
    pub words: String,
}

/// How often a message follows an [`ObjectReply::Moved`]: a number leads to an id of WhatsApp, and that to a number in
/// another spelling.
pub const MOST_MOVES: usize = 2;

/// What another object says to a [`ToObject`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectReply {
    /// Understood and stored.
    Done,
    /// Not now; ask again after so many milliseconds.
    Later(Millis),
    /// The conversation is yours.
    Yours,
    /// The conversation belongs to somebody else.
    Theirs,
    /// It is not done, and why.
    Refused(Refused),
    /// To Twilio: a document that says what comes next in a call.
    Twiml(String),
    /// How a call is received.
    Reception(Reception),
    /// A page of a person's timeline.
    Timeline(Box<TimelinePage>),
    /// The sidebar as HTML, before its script runs.
    Html(String),
    /// The number of ours that a person knows, E.164; what releases up to 0.1.0 answer.
    Number(String),
    /// The number of ours that a person knows, and theirs, E.164.
    Numbers {
        /// Ours.
        ours: String,
        /// The one to dial; `None` when no number of theirs is known.
        theirs: Option<String>,
    },
    /// The person whom this key means is known by another.
    Moved {
        /// That key: its object is to be told instead.
        to: String,
    },
    /// What the object of another key knows of a person.
    Met {
        /// Whether it has a history with them.
        has_history: bool,
        /// Whether they are opted out there.
        opted_out: bool,
    },
    /// Whose phone it is, in words.
    Name(String),
    /// Who shows a session.
    AgentSession(AgentSession),
    /// A text from the sidebar is stored.
    TextTaken,
    /// An agent's phone.
    Agent(Agent),
    /// A call that an agent may make.
    StartCall(Box<Start>),
    /// The id of the call in which an agent is.
    Running(String),
    /// How far an agent's call has come.
    Call(Call),
    /// A rate limiter's answer.
    Permit(Permit),
    /// When the first message of a list asks for its permit.
    SpreadFrom(Millis),
    /// What becomes of a request of a program.
    Begun(api_key::Begun),
    /// A message of a program's.
    ProgramMessage {
        /// As it is now.
        message: Box<audience::Indexed>,
        /// Whether it was there before.
        existed: bool,
    },
    /// What was decided about a message of a program's.
    Why(protocol::v1::Why),
    /// Whether a message of a program's was canceled before it left.
    Canceled(bool),
    /// What is known of a person.
    Person(Box<protocol::v1::Person>),
    /// A page of all that is kept of a person.
    Export(Box<export::ExportPage>),
    /// Nothing is kept of a person but that they are not to be texted.
    OnlyOptOut,
    /// What a person has said about a class of messages.
    Consent(protocol::v1::Consent),
    /// All that they have said about it.
    Consents(protocol::v1::Page<protocol::v1::Consent>),
    /// Whether a conversation is a person's.
    Conversation(protocol::v1::PersonConversation),
    /// Something that goes on after its request.
    Job(Box<protocol::v1::Job>),
    /// Objects that have jobs, in the order of their numbers.
    ObjectsWithJobs(Vec<jobs::ObjectWithJobs>),
    /// A page of an object's jobs, in the order of their numbers.
    Jobs(Vec<jobs::ListedJob>),
    /// A page of messages of programs, the newest first.
    Indexed(Vec<audience::Indexed>),
    /// Whose the name is that a program gave a message.
    Claimed {
        /// The person's key.
        person: String,
    },
    /// What came of a request about a code that verifies a number.
    Verification(verification::VerificationReply),
    /// What came of a request about a masked session.
    Session(participant::SessionReply),
    /// An endpoint, as it is now.
    Endpoint(Box<endpoint::Shown>),
    /// An endpoint is being sent an event that nothing has happened for.
    TestSent {
        /// Its id.
        id: String,
    },
    /// An endpoint has taken a part's events up to this one.
    Pushed {
        /// In this replay.
        replay: u32,
        /// The event's id.
        taken: String,
    },
    /// A page of events, the oldest first.
    Events(Vec<event::StoredEvent>),
    /// Events of a person are recorded up to this number.
    Recorded {
        /// The number.
        number: i64,
    },
    /// A template of the hotline's.
    Template(Box<template::StoredTemplate>),
    /// How a hotline fares.
    DirectoryHealth(Box<directory::Health>),
    /// How the service of a rate limiter fares.
    LimiterHealth(Box<rate_limiter::Health>),
    /// What the cron has found.
    Monitored(Box<monitor::Monitored>),
    /// There is no such thing here.
    NotFound,
    /// The object could not be reached.
    Unreachable,
}

/// Something said to another object. It is said at least once; the hearer takes it twice without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToObject {
    /// To this hotline's own object.
    Directory(directory::Message),
    /// To a person's object.
    Contact(String, contact::Message),
    /// To a call's object.
    Call(String, call::Message),
    /// To a rate limiter. It is told again until it has answered, unlike an `Effect::Report`.
    RateLimiter(RateLimiterName, Report),
    /// To a rate limiter: messages to many people come.
    Spread(RateLimiterName, Spread),
    /// To a rate limiter: how does its service fare?
    LimiterHealth(RateLimiterName),
    /// To the object of the key with this id.
    ApiKey(String, api_key::Message),
    /// To this part of the hotline's people.
    Audience(u8, audience::Message),
    /// To the object of this name, which counts codes that verify numbers.
    VerificationLimit(String, verification_limit::Message),
    /// To the object of somebody who takes part in the sessions of a pool, by its name.
    Participant(String, participant::Message),
    /// To the object of the endpoint of this name.
    Endpoint(String, endpoint::Message),
    /// To the deployment's monitor.
    Monitor(monitor::Message),
    /// To an object of the hotline of this inbox, which is not the sender's.
    Of(u64, Box<ToObject>),
}

/// Who an object is: its id does not say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The hotline's inbox; 0 counts what belongs to no hotline.
    pub mailbox: u64,
    /// A person's key, a call's id, a rate limiter's resource; empty for a hotline's directory.
    pub name: String,
}

/// A message with the address of the object that it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressed<M> {
    /// To whom.
    pub to: Address,
    /// What.
    pub message: M,
}

/// What a person's object is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "made once for each request, and written at once")]
pub enum ContactRequest {
    /// Something that its rules decide.
    Message(contact::Message),
    /// A sidebar's socket.
    Live {
        /// The sidebar's token.
        token: String,
        /// What it is sent first; may be empty.
        first: String,
    },
}

/// What a hotline's directory is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DirectoryRequest {
    /// Something that its rules decide.
    Message(directory::Message),
    /// What must an operator know?
    Health,
}

/// What a rate limiter is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "made once for each request, and written at once")]
pub enum RateLimiterRequest {
    /// Something that its rules decide.
    Message(rate_limiter::Message),
    /// What must an operator know?
    Health,
}
