//! What Help Scout's webhooks tell us. The event's name is only in the header `X-HelpScout-Event`.

use serde::{Deserialize, Serialize};

use crate::json;

use super::read::{Conversation, embedded_threads};

/// What happened, of the events that concern us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// An agent replied.
    Replied,
    /// A conversation was made.
    Created,
    /// Another conversation was merged into this one.
    Merged,
    /// It is now in another inbox.
    Moved,
    /// It is gone.
    Deleted,
}

impl Happening {
    /// Reads the header; `None` for events that do not concern us.
    pub fn from_header(event: &str) -> Option<Self> {
        Some(match event.trim() {
            "convo.agent.reply.created" => Self::Replied,
            "convo.created" => Self::Created,
            "convo.merged" => Self::Merged,
            "convo.moved" => Self::Moved,
            "convo.deleted" => Self::Deleted,
            _ => return None,
        })
    }
}

/// The events that concern us, as a webhook is set up with them.
pub const EVENTS: [&str; 5] =
    ["convo.created", "convo.agent.reply.created", "convo.merged", "convo.moved", "convo.deleted"];

/// An event, as far as we use it. Threads in the payload are used for nothing but who wrote them, which payload version
/// V3 alone says: they may be missing, late or stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub happening: Happening,
    /// To which conversation.
    pub conversation: u64,
    /// In which inbox, when the payload says so.
    pub mailbox: Option<u64>,
    /// The conversation's type, empty when not said.
    pub kind: String,
    /// How many threads it has, when said.
    pub threads: Option<u64>,
    /// The customer's address; empty when not said.
    #[serde(default)]
    pub email: String,
    /// Replies that an AI agent of Help Scout wrote, as far as the payload says so.
    #[serde(default)]
    pub ai_replies: Vec<u64>,
}

/// Why a signed webhook is not acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// An event that does not concern us.
    OtherEvent,
    /// Not JSON, or without a conversation.
    Unreadable,
}

/// Reads a signed webhook.
pub fn read(event: Option<&str>, body: &[u8]) -> Result<Event, Ignored> {
    let happening = Happening::from_header(event.unwrap_or("")).ok_or(Ignored::OtherEvent)?;
    let value = json::parse(body).ok_or(Ignored::Unreadable)?;
    let conversation = Conversation::read(&value).ok_or(Ignored::Unreadable)?;
    let threads = embedded_threads(&value);
    Ok(Event {
        happening,
        conversation: conversation.id,
        mailbox: conversation.mailbox,
        kind: conversation.kind,
        threads: conversation.threads,
        email: conversation.email,
        ai_replies: threads.iter().filter(|it| it.is_reply() && it.is_by_ai()).map(|it| it.id).collect(),
    })
}
