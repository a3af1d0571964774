//! What an object asks of the world, and what the world answers: values only.

use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::{call, contact, directory};

/// Milliseconds since 1970.
pub type Millis = i64;

/// The longest that one outside request may take; the invariant of the design is ten seconds or less.
pub const REQUEST_TIMEOUT: Millis = 10_000;

/// How long a job counts as under way without a word: one request, and half as long again for the way there and back.
pub(crate) const LEASE: Millis = REQUEST_TIMEOUT + REQUEST_TIMEOUT / 2;

/// Names one try of one job, so that an answer which comes too late is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The job.
    pub job: i64,
    /// The try.
    pub nonce: u64,
}

/// Which service a request goes to; the effects adds the address and the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Twilio's REST API, Basic auth.
    Twilio,
    /// Twilio's Lookup, with the same credentials.
    Lookups,
    /// Help Scout's Inbox API, bearer token.
    HelpScout,
}

/// HTTP methods that we use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes.
    Post,
    /// Changes one thing.
    Patch,
    /// Takes away.
    Delete,
}

impl Method {
    /// As it stands on the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// `application/json`.
    Json(String),
    /// `application/x-www-form-urlencoded`.
    Form(String),
}

/// A request to a service. `path` follows the configured address of that service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// To whom.
    pub service: Service,
    /// How.
    pub method: Method,
    /// From the first slash after the configured address; with query.
    pub path: String,
    /// With what.
    pub body: Body,
}

/// A service's answer, as far as the rules read it. Redirects are not followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Help Scout's `Resource-ID` of what was made.
    pub resource_id: Option<String>,
    /// `Location` of what was made or has moved.
    pub location: Option<String>,
    /// Seconds: `X-RateLimit-Retry-After`, else `Retry-After`.
    pub retry_after: Option<i64>,
    /// `X-RateLimit-Limit-Minute`.
    pub limit: Option<i64>,
    /// `X-RateLimit-Remaining-Minute`.
    pub remaining: Option<i64>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A status of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The id of what was made in Help Scout: `Resource-ID`, else the end of `Location`.
    pub fn made(&self) -> Option<String> {
        let place = || self.location.as_ref()?.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
        self.resource_id.clone().or_else(place).filter(|id| id.parse::<u64>().is_ok())
    }

    /// The body as JSON, `null` when it is none.
    pub fn json(&self) -> Json {
        Json::parse(&self.body).unwrap_or_default()
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service answered.
    Answered(Response),
    /// The connection failed: the work was done or not, and no longer goes on.
    Lost,
    /// No answer in time: the work may even be done later.
    TimedOut,
}

/// A medium that a supporter sent, fetched or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Its bytes, and the type the media host gave.
    Fetched {
        /// `Content-Type`, may be empty.
        content_type: String,
        /// The file.
        bytes: Vec<u8>,
    },
    /// Larger than we may attach.
    TooLarge,
    /// Not there, or refused; another try may help.
    Unavailable,
}

/// A scarce outside resource, each with an object of its own that hands out permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RateLimiterName {
    /// The Help Scout account's minute budget.
    HelpScout,
    /// A Twilio sender's rate: an address or a Messaging Service, and its messages a second.
    Sender {
        /// E.164, `whatsapp:` address or `MG…`.
        sender: String,
        /// Segments a second.
        per_second: u32,
    },
    /// A phone of the team, of whichever hotline: one call at a time.
    Phone {
        /// E.164.
        number: String,
    },
}

/// Who waits for whom at a rate limiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Priority {
    /// Somebody waits for an answer.
    Conversation,
    /// Notes about deliveries.
    Receipt,
    /// Broadcasts.
    Bulk,
}

/// A request for a permit. The same id again asks after the same permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitRequest {
    /// Unique among all that ask at this rate limiter.
    pub id: String,
    /// What it uses up: Help Scout counts a write as 2; a sender counts segments; a phone is held for so many seconds,
    /// unless it is given back before.
    pub cost: i64,
    /// Who goes first.
    pub priority: Priority,
}

/// A rate limiter's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permit {
    /// Now.
    Granted {
        /// Help Scout's bearer token.
        token: String,
        /// What the rate limiter believes is left of the minute after this permit.
        left: i64,
        /// What the rate limiter believes a minute holds.
        limit: i64,
    },
    /// A permit is kept for the asker at this instant; ask again then, with the same id.
    ReservedAt(Millis),
}

/// What an asker tells its rate limiter after an answer that the rate limiter did not foresee.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What the service says is left of this minute.
    pub remaining: Option<i64>,
    /// What the service says a minute holds.
    pub limit: Option<i64>,
    /// Milliseconds for which nobody may go.
    pub pause: Option<i64>,
    /// A token that was refused.
    pub refused_token: Option<String>,
    /// The id of an [`PermitRequest`] whose permit is given back: a phone is free again.
    pub over: Option<String>,
}

/// What an object asks of the world. Each is carried out once; its answer comes back as an input with the same ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask a rate limiter for a permit.
    Permit(Ticket, RateLimiterName, PermitRequest),
    /// Send a request; `token` is for Help Scout.
    Send(Ticket, Request, String),
    /// Fetch media from Twilio with credentials, following the redirect without them.
    Fetch(Ticket, Vec<String>),
    /// Say something to another object.
    ToObject(Ticket, ToObject),
    /// Tell a rate limiter what a service said; nothing comes back.
    Report(RateLimiterName, Report),
    /// Show this frame, JSON, to the sidebars that are open now; nothing comes back.
    Push(String),
    /// Wake this object at the latest then.
    Wake(Millis),
    /// Write a line into the log; nothing comes back.
    Log {
        /// What happened, in dotted words.
        event: &'static str,
        /// The kind of the job that it happened to.
        job: String,
    },
}

/// What an object's step begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<M> {
    /// Somebody said something to it.
    Message(M),
    /// Something came back that it had asked for.
    Completed(Ticket, Completion),
    /// It is time.
    Wake,
}

/// What comes back of an [`Effect`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// A rate limiter's answer.
    Permit(Permit),
    /// What became of a request.
    Response(Outcome),
    /// The media that were asked for, in their order.
    Media(Vec<Medium>),
    /// What another object said.
    ObjectReply(ObjectReply),
}

/// Something said to an object, of whichever kind it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectMessage {
    /// To a person's.
    Contact(contact::Message),
    /// To a call's.
    Call(call::Message),
    /// To a hotline's.
    Hotline(directory::Message),
}

impl Input<ObjectMessage> {
    /// What it is to one kind of object: words for another kind only wake it.
    pub fn narrow<M>(self, words: impl FnOnce(ObjectMessage) -> Option<M>) -> Input<M> {
        match self {
            Self::Message(said) => words(said).map_or(Input::Wake, Input::Message),
            Self::Completed(ticket, back) => Input::Completed(ticket, back),
            Self::Wake => Input::Wake,
        }
    }
}

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
    /// What whoever asked is to be shown: TwiML or JSON.
    Says {
        /// HTTP status.
        status: u32,
        /// The document.
        body: String,
    },
    /// The object could not be reached.
    Unreachable,
}

/// Something said to another object. It is said at least once; the hearer takes it twice without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToObject {
    /// To this hotline's own object.
    Hotline(directory::Message),
    /// To a person's object.
    Contact(String, contact::Message),
    /// To a call's object.
    Call(String, call::Message),
    /// To a rate limiter: it hears it for certain, unlike an [`Effect::Report`].
    RateLimiter(RateLimiterName, Report),
}
