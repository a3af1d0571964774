//! What is known of a person beside what they said.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Class;

/// A person at a hotline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct OptedOut {
    /// Since when.
    pub at: Timestamp,
    /// To which sender they said so.
    pub sender: String,
}

/// What somebody has said about messages of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    pub at: Timestamp,
}
