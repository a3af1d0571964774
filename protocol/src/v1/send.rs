//! A request to send, as the description of the API has it. What is read field by field, so that all that is wrong is named at
//! once, is held to these types by a test.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Class, Message};

/// A message to one person, or to many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The hotline that sends: what follows `HOTLINE_` in its configuration.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"VOTERS"))]
    pub hotline: String,
    /// To whom: a number with its country, or a list of them.
    pub to: Recipients,
    /// How urgent it is.
    pub class: Class,
    /// What it says; required where there is neither a `template` nor `media`.
    #[cfg_attr(feature = "openapi", schemars(length(max = 1_600), example = &"Your ballot was received."))]
    pub body: Option<String>,
    /// What it says is what this template says; in place of `body`.
    pub template: Option<SendTemplate>,
    /// Addresses of pictures and files, which Twilio fetches. They begin with `https://`.
    #[cfg_attr(
        feature = "openapi",
        schemars(length(max = 10), inner(length(min = 1, max = 2_048), regex(pattern = r"^https://[^\s]+$")))
    )]
    pub media: Option<Vec<String>>,
    /// The channels, in the order in which they are tried; a text where it is left out. Each stands there once.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 2)))]
    pub via: Option<Vec<SendVia>>,
    /// When it leaves at the earliest; the past means now. At most 35 days ahead.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub send_at: Option<Timestamp>,
    /// When it is no longer worth sending; after `send_at`.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub expires_at: Option<Timestamp>,
    /// Your own name for it, unique within the hotline; of a list, with each number. What has it already is answered instead.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 255)))]
    pub reference: Option<String>,
    /// Words to find it by.
    #[cfg_attr(feature = "openapi", schemars(length(max = 10), inner(length(min = 1, max = 64))))]
    pub tags: Option<Vec<String>>,
    /// Asks the rules, and neither stores nor sends anything.
    pub dry_run: Option<bool>,
    /// Where agents see it; `on_reply` where it is left out. `note` is for at most 10 recipients.
    pub conversation: Option<InConversation>,
}

/// The template that a message is from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendTemplate {
    /// Its name.
    pub name: String,
    /// The language; the person's where it is left out, else the template's first.
    pub language: Option<String>,
    /// The values of its fields.
    pub data: Option<BTreeMap<String, String>>,
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Recipients {
    /// One person. The answer is one item.
    One(#[cfg_attr(feature = "openapi", schemars(example = &"+15550100123"))] String),
    /// Many. The answer is a list of items, in the same order.
    Many(#[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 1_000)))] Vec<String>),
}

/// A channel to send by. The next one is tried when the message has failed by this one, and with `until` and `within` also when
/// it has not come so far in time. The last one has neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SendVia {
    /// Which.
    pub channel: ViaChannel,
    /// How far the message must come by it; beside `within`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<ViaUntil>,
    /// Within how long, from when it may leave: a duration of ISO 8601, 5 seconds to 24 hours; beside `until`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = r"^P[0-9.DTHMS]+$"), example = &"PT2M"))]
    pub within: Option<String>,
}

/// How far a message must come by a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ViaUntil {
    /// The carrier has it.
    Sent,
    /// It has arrived.
    Delivered,
    /// It was opened; of a text nobody hears that.
    Read,
}

/// A channel that messages go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ViaChannel {
    /// SMS, or MMS with media.
    Sms,
    /// WhatsApp.
    WhatsApp,
}

/// Where agents see a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InConversation {
    /// When the person answers, above what they answer.
    OnReply,
    /// At once, as a note.
    Note,
    /// On the timeline in the sidebar alone.
    None,
}

/// The answer to a request to send: an item for one recipient, a list for a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum MessageOrMessages {
    /// `to` was a number.
    One(Box<Message>),
    /// `to` was a list.
    Many(Messages),
}

/// Items, in the order of the recipients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Messages {
    /// The items.
    pub data: Vec<Message>,
}
