//! What an object asks of the world, and what the world answers: values only.

use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::{call, contact, directory, rate_limiter};

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

/// Who goes first at a rate limiter. The order is strict: while a class waits, no later one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Texts, calls and replies: somebody waits for an answer.
    Conversation,
    /// Notes about deliveries.
    Receipt,
    /// What an open sidebar asks.
    View,
    /// Broadcasts.
    Bulk,
}

/// A job that waits for a permit, and the object to which it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asker {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The person's key; `None` for the hotline's directory.
    pub contact: Option<String>,
    /// The job's number.
    pub job: i64,
}

/// Who may wait for a permit that is not to be had at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// Who is told when the permit is there.
    pub asker: Asker,
    /// How long they have waited: of one class the oldest goes first.
    pub since: Millis,
}

/// A request for a permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitRequest {
    /// The job, the call, the agent: who asks again under the same id keeps its place and is not counted twice.
    pub id: String,
    /// What it uses up: Help Scout counts a write as 2; a sender counts segments; a phone is held for so many seconds,
    /// unless it is given back before.
    pub cost: i64,
    /// Who goes first.
    pub priority: Priority,
    /// Without it the answer is a permit or a refusal.
    #[serde(default)]
    pub waits: Option<Waits>,
}

impl PermitRequest {
    /// A job of `asker` asks, and may wait.
    pub fn waiting(asker: Asker, since: Millis, cost: i64, priority: Priority) -> Self {
        let id = format!("{}/{}/{}", asker.mailbox, asker.contact.as_deref().unwrap_or(""), asker.job);
        Self { id, cost, priority, waits: Some(Waits { asker, since }) }
    }

    /// A permit now or never: somebody looks at a page that cannot wait.
    pub fn now_or_never(id: String, cost: i64, priority: Priority) -> Self {
        Self { id, cost, priority, waits: None }
    }
}

/// A permit for one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Help Scout's bearer token.
    pub token: String,
    /// What the rate limiter believes is left of the minute after this permit.
    pub left: i64,
    /// What the rate limiter believes a minute holds.
    pub limit: i64,
    /// Permits are numbered by what they cost, so that an answer tells how much was permitted since it was asked for.
    #[serde(default)]
    pub number: i64,
    /// The rate limiter wants to hear how the service answered: it may be away, or others use it too.
    #[serde(default)]
    pub confirm: bool,
}

/// A rate limiter's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permit {
    /// Now.
    Granted(Grant),
    /// The permit is to be had at this instant: ask again then. The rate limiter may send word earlier.
    ReservedAt(Millis),
    /// Not now; only who cannot wait hears that.
    Refused(Refusal),
}

/// Why there is no permit now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Others use up what the service takes.
    Busy,
    /// The service does not answer, or gives no token.
    Away,
    /// The token is being fetched: a moment.
    Starting,
}

/// Why a service counts as not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// No connection.
    Unreachable,
    /// No answer in time.
    Silent,
    /// 5xx, or what is no answer of the API.
    Failing,
    /// 401 to a token that it has just given.
    TokenRefused,
    /// No token: the status of the token endpoint.
    NoToken(u16),
    /// 401 or 403: it takes nothing from our account.
    AccountRefused,
}

/// What an asker tells its rate limiter after an answer that the rate limiter did not foresee.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The number of the permit.
    pub number: i64,
    /// What the service says is left of this minute.
    pub remaining: Option<i64>,
    /// What the service says a minute holds.
    pub limit: Option<i64>,
    /// Milliseconds for which nobody may go.
    pub pause: Option<i64>,
    /// A token that was refused.
    pub refused_token: Option<String>,
    /// The service was not there.
    pub trouble: Option<Trouble>,
    /// The service answered.
    pub answered: bool,
    /// Who failed, and would be told when the service is back.
    pub again: Option<PermitRequest>,
    /// The id of a [`PermitRequest`] whose permit is given back: a phone is free again.
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
    /// Tell a waiting job that its permit is there; nothing comes back, and who does not come is told again.
    PermitReady(Asker),
    /// Wake this object at the latest then.
    Wake(Millis),
    /// Write a line into the log; nothing comes back.
    Log {
        /// What happened, in dotted words.
        event: &'static str,
        /// To what: the kind of a job, or why.
        subject: String,
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
    /// To a rate limiter.
    RateLimiter(rate_limiter::Message),
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
    /// A rate limiter's answer.
    Permit(Permit),
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
