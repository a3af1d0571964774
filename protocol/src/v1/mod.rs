//! The API for other programs, below `/v1`: what its answers hold.
//!
//! Times are RFC 3339 in UTC. A member may be added to an answer at any time; a reader ignores those that it does not know.

mod message;
mod page;
mod person;
mod problem;

pub use message::{
    Canceled, Class, Decision, Encoding, Message, MessageError, MessageStatus, Outcome, Part, Retry, Why, WhyStep,
};
pub use page::Page;
pub use person::{Consent, OptedOut, Person};
pub use problem::{FieldError, Problem};
