//! For whom a message is: who is asked, and who is not.

use std::collections::BTreeSet;

use protocol::v1::{Decision, Message, MessageStatus, Outcome};
use serde_json::Value;

use super::fields::{self, Fields};
use crate::config::Config;
use crate::domain::phone::{E164, Party};
use crate::domain::text::segments;
use crate::domain::time::timestamp;
use crate::effects::Millis;
use crate::messages::audience::Indexed;
use crate::messages::program::ProgramMessage;

/// The most recipients of one request.
const MOST_RECIPIENTS: usize = 1_000;

/// One for whom it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recipient {
    /// As the request has it.
    pub to: String,
    /// The person's key; or why nobody is asked.
    pub key: Result<String, NotAsked>,
    /// When their turn comes; `None` at once.
    pub turn_at: Option<Millis>,
    /// The message, and whether it was there before.
    pub answer: Option<(Indexed, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAsked {
    NoNumber,
    Duplicate,
}

impl NotAsked {
    fn rule(self) -> &'static str {
        match self {
            Self::NoNumber => "number_invalid",
            Self::Duplicate => "duplicate",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::NoNumber => "This is no phone number. Write it in E.164, with its country: +15550100123.",
            Self::Duplicate => "This number stands in the list before, and gets the message once.",
        }
    }
}

/// The recipients, and whether they came as a list.
pub(super) fn recipients(fields: &mut Fields) -> Option<(Vec<String>, bool)> {
    match fields.required("to")? {
        Value::String(to) => Some((vec![to], false)),
        Value::Array(items) if items.is_empty() => {
            fields.error("to", "empty", "must name at least one number");
            None
        }
        Value::Array(items) if items.len() > MOST_RECIPIENTS => {
            let detail = format!("has {} numbers; at most {MOST_RECIPIENTS} are allowed", items.len());
            fields.error("to", "too_many", detail);
            None
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for (at, item) in items.into_iter().enumerate() {
                match fields::into_text(item) {
                    Some(to) => all.push(to),
                    None => fields.error(&format!("to.{at}"), "wrong_type", "must be a text"),
                }
            }
            Some((all, true))
        }
        _ => {
            fields.error("to", "wrong_type", "must be a number as a text, or a list of them");
            None
        }
    }
}

/// Who is asked, and who is not.
pub(super) fn sorted_out(to: Vec<String>) -> Vec<Recipient> {
    let mut seen = BTreeSet::new();
    let sort = |to: String| {
        let number = E164::parse(&to).map(|number| Party::Phone(number.canonical()).key());
        let key = number.ok_or(NotAsked::NoNumber);
        let key = key.and_then(|key| if seen.insert(key.clone()) { Ok(key) } else { Err(NotAsked::Duplicate) });
        Recipient { to, key, turn_at: None, answer: None }
    };
    to.into_iter().map(sort).collect()
}

/// What becomes of a message to a recipient who is not asked. `id` is its own where it is stored.
pub(super) fn not_asked(
    config: &Config,
    mailbox: u64,
    message: &ProgramMessage,
    (to, id): (&str, Option<String>),
    reason: NotAsked,
    now: Millis,
) -> Indexed {
    let decision = Decision {
        outcome: Outcome::Refuse,
        rule: Some(reason.rule().to_owned()),
        detail: reason.detail().to_owned(),
        until: None,
    };
    let counted = segments::count(&message.body);
    let item = Message {
        id,
        status: MessageStatus::Refused,
        decision,
        hotline: config.by_mailbox(mailbox).map_or_else(String::new, |hotline| hotline.api_name().to_owned()),
        to: to.to_owned(),
        class: message.class,
        channel: message.channel.as_str().to_owned(),
        via: message.via.iter().map(|step| step.shown()).collect(),
        sender: None,
        body: message.body.clone(),
        media: message.media.clone(),
        segments: u32::try_from(counted.segments).unwrap_or(u32::MAX),
        encoding: counted.encoding.into(),
        reference: message.reference.clone(),
        tags: message.tags.clone(),
        send_at: message.send_at.map(timestamp),
        expires_at: message.expires_at.map(timestamp),
        parts: Vec::new(),
        price: None,
        error: None,
        program: message.program.clone(),
        created_at: timestamp(now),
        template: message.template_use(),
    };
    Indexed { person: String::new(), at: now, known_at: now, look_at: None, item }
}
