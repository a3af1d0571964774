//! What is known of a person beside what they said.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Class;

/// A person at a hotline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Person {
    /// Their number, E.164.
    pub number: String,
    /// The hotline.
    pub hotline: String,
    /// The name of their time zone, such as `America/New_York`.
    pub zone: Option<String>,
    /// The tag of their language, such as `es`.
    pub language: Option<String>,
    /// What programs keep of them.
    pub fields: BTreeMap<String, String>,
    /// That they opted out of every sender of the hotline; null as long as one is open.
    pub opted_out: Option<OptedOut>,
    /// Their last word on each class of messages, where there is one.
    pub consent: BTreeMap<Class, Consent>,
}

/// That somebody wants no more texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct OptedOut {
    /// Since when.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
    /// To which sender they said so.
    pub sender: String,
}

/// What somebody has said about messages of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Consent {
    /// The class.
    pub class: Class,
    /// Whether they want them.
    pub granted: bool,
    /// Where they said it: a form, a call, `STOP`.
    pub source: String,
    /// What shows that they did.
    pub evidence: Option<String>,
    /// When they said it.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
}

/// What programs keep of a person: it replaces what was kept before. As [`super::SendMessage`], it is read field by field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplacePerson {
    /// The name of their time zone: quiet hours are theirs.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"America/New_York"))]
    pub zone: Option<String>,
    /// The tag of their language.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"es-MX"))]
    pub language: Option<String>,
    /// What is yours: at most 50, with names of at most 64 characters.
    #[cfg_attr(
        feature = "openapi",
        schemars(
            inner(length(max = 500)),
            extend("maxProperties" = 50, "propertyNames" = { "minLength": 1, "maxLength": 64 })
        )
    )]
    pub fields: Option<BTreeMap<String, String>>,
}

/// What a person has said about messages of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GiveConsent {
    /// The class.
    pub class: Class,
    /// Whether they want them.
    pub granted: bool,
    /// Where they said it.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"sign-up form"))]
    pub source: String,
    /// What shows that they did.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 1_000)))]
    pub evidence: Option<String>,
    /// When they said it; now where it is left out, and never in the future.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub at: Option<Timestamp>,
}

/// A conversation in Help Scout that is a person's, or is said to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PersonConversation {
    /// Help Scout's id of it.
    pub id: u64,
    /// Whether it is theirs.
    pub status: ConversationStatus,
}

/// Whether a conversation is a person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    /// It is read at Help Scout.
    Checking,
    /// Replies in it reach them.
    Theirs,
}
