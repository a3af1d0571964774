//! What an object asks of the world, and what the world answers: values only.

pub use crate::api::{Body, Medium, Method, Outcome, REQUEST_TIMEOUT, Request, Response, Service};
pub use crate::domain::time::Millis;
pub use crate::messages::rate_limiter::{
    Asker, Grant, Permit, PermitRequest, Priority, RateLimiterName, Refusal, Report, Trouble, Waits,
};
pub use crate::messages::{ObjectMessage, ObjectReply, ToObject};

use crate::log::LogLine;
use crate::messages::endpoint::Delivery;

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

/// What an object asks of the world. Each is carried out once; its answer comes back as an input with the same ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask a rate limiter for a permit.
    Permit(Ticket, RateLimiterName, PermitRequest),
    /// Send a request; `token` is for Help Scout.
    Send(Ticket, Request, String),
    /// Deliver an event to an address of a program. Of the answer nothing but the status is read.
    Deliver(Ticket, Delivery),
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
    Log(LogLine),
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
