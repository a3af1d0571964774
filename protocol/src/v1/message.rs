//! Messages that programs send.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::send::SendVia;
use super::template::TemplateUse;

/// How urgent a message is. Of two that wait for one sender the class that stands first here goes first; what agents reply goes
/// before all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Somebody waits for it now.
    Alert,
    /// About something that the person has asked for.
    Service,
    /// Anything that wants them to do something. It needs their consent.
    Promotion,
}

impl Class {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Alert, Self::Service, Self::Promotion];

    /// In requests, rows and the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Service => "service",
            Self::Promotion => "promotion",
        }
    }

    /// The class of that name.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }
}

/// How far a message has come. A status never moves down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// It waits for its turn at the sender.
    Accepted,
    /// A rule holds it; `decision` says which, and until when.
    Held,
    /// Twilio has it.
    Queued,
    /// It is on its way to the carrier.
    Sending,
    /// The carrier has it.
    Sent,
    /// It arrived.
    Delivered,
    /// It was opened.
    Read,
    /// It will not arrive; `error` says why.
    Failed,
    /// A rule refused it; `decision` says which.
    Refused,
    /// Its time was over before it could leave.
    Expired,
    /// It was canceled before it left.
    Canceled,
    /// Twilio did not answer, and nothing tells whether it left.
    Unknown,
}

/// What the rules say of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It may leave.
    Send,
    /// It leaves later.
    Hold,
    /// It never leaves.
    Refuse,
}

impl Outcome {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Hold => "hold",
            Self::Refuse => "refuse",
        }
    }
}

/// The latest decision about a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Decision {
    /// What the rules say.
    pub outcome: Outcome,
    /// The rule that decided; null for `send`.
    pub rule: Option<String>,
    /// In words.
    pub detail: String,
    /// Until when it is held, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub until: Option<Timestamp>,
}

/// How a text is encoded on its way: what a segment holds depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub enum Encoding {
    /// 160 characters in one segment.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// 70 characters in one segment.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

/// Whether trying the same again may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// It never will.
    Never,
    /// It may, later.
    Later,
    /// It will, once something was changed.
    AfterChange,
}

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct MessageError {
    /// Twilio's error code, where it gave one.
    pub code: Option<u32>,
    /// In words.
    pub reason: String,
    /// Whether another message may arrive.
    pub retry: Retry,
}

/// One message at Twilio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Part {
    /// Twilio's id; null as long as Twilio has not answered.
    pub sid: Option<String>,
    /// How far it has come.
    pub status: MessageStatus,
    /// Twilio's error code.
    pub error: Option<u32>,
    /// `sms` or `whatsapp`; empty in what an earlier release has kept.
    #[serde(default)]
    pub channel: String,
}

/// What a message cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Price {
    /// A decimal as Twilio writes it; what was charged is negative.
    #[cfg_attr(feature = "openapi", schemars(example = &"-0.00790"))]
    pub amount: String,
    /// ISO 4217.
    #[cfg_attr(feature = "openapi", schemars(example = &"USD"))]
    pub currency: String,
}

/// A message that a program has sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Message {
    /// Its id; null where nothing was stored, as with `dry_run`.
    pub id: Option<String>,
    /// How far it has come.
    pub status: MessageStatus,
    /// What the rules said last.
    pub decision: Decision,
    /// The hotline.
    pub hotline: String,
    /// To whom, as the request has it.
    pub to: String,
    /// How urgent it is.
    pub class: Class,
    /// `sms` or `whatsapp`; with several, the one that it is tried by now.
    pub channel: String,
    /// The channels that it is tried by, one after another, as the request has them; empty where there is one alone.
    #[serde(default)]
    pub via: Vec<SendVia>,
    /// The number or service that it leaves from; null as long as none is chosen.
    pub sender: Option<String>,
    /// What it says.
    pub body: String,
    /// The addresses of its media.
    pub media: Vec<String>,
    /// How many segments it is charged as.
    pub segments: u32,
    /// How it is encoded.
    pub encoding: Encoding,
    /// The program's own name for it.
    pub reference: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it leaves at the earliest, as the request has it.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub send_at: Option<Timestamp>,
    /// When it is no longer worth sending, as the request has it.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub expires_at: Option<Timestamp>,
    /// The messages at Twilio, by every channel that was tried.
    pub parts: Vec<Part>,
    /// What all parts cost; null until Twilio has priced each, minutes to hours after its end, and where it never does.
    #[serde(default)]
    pub price: Option<Price>,
    /// Why it failed.
    pub error: Option<MessageError>,
    /// The id of the key that sent it.
    pub program: String,
    /// When it came.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub created_at: Timestamp,
    /// The template that it is from; null without one.
    #[serde(default)]
    pub template: Option<TemplateUse>,
}

/// Answer to a request to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Canceled {
    /// Whether it will not leave; false when it had left before.
    pub canceled: bool,
}

/// All decisions about a message, the first one first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Why {
    /// The decisions.
    pub data: Vec<WhyStep>,
}

/// One decision about a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct WhyStep {
    /// When.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
    /// The rule that decided; null when all rules allowed it, and for what is no rule's decision.
    pub rule: Option<String>,
    /// What it came to: `send`, `hold`, `refuse`, the status that followed, or with several channels `next_channel` or
    /// `last_channel`: whether another one was tried.
    pub outcome: String,
    /// In words.
    pub detail: String,
}
