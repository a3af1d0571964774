//! The operator's view: `GET /v1/health`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How every hotline and Help Scout fare; `null` where nobody could say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Health {
    /// By inbox; 0 is for what belongs to no hotline.
    pub hotlines: BTreeMap<u64, Option<HotlineHealth>>,
    /// Help Scout, as all hotlines find it.
    pub help_scout: Option<ServiceHealth>,
}

/// How a hotline fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct HotlineHealth {
    /// Events, messages and people that wait.
    pub waiting: i64,
    /// Since when the first does.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub oldest: Option<Timestamp>,
    /// What went wrong.
    pub counts: Vec<Count>,
}

/// Something that went wrong, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Count {
    /// What.
    pub what: String,
    /// How often.
    pub count: i64,
    /// First seen.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub first: Timestamp,
    /// Last seen.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub last: Timestamp,
}

/// How a service fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ServiceHealth {
    /// Whether it answers.
    pub available: bool,
    /// Since when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub since: Option<Timestamp>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often its rate limiter began afresh because it could not read its state, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable_states: Option<i64>,
}
