//! Two people who reach each other without seeing each other's numbers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The pool whose numbers it uses.
    pub pool: String,
    /// Whether the two still reach each other.
    pub status: SessionStatus,
    /// The two, in the order in which they were named.
    #[cfg_attr(feature = "openapi", schemars(length(equal = 2)))]
    pub participants: Vec<Participant>,
    /// What may be said in it.
    pub mode: Vec<SessionMode>,
    /// Your own name for it.
    pub reference: Option<String>,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub created_at: Timestamp,
    /// When it expires unless something is said before; null for one that stays until it is closed.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub ended_at: Option<Timestamp>,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Participant {
    /// Their own number, E.164.
    pub number: String,
    /// The number at which they reach the other.
    pub proxy: String,
    /// Their name.
    pub name: Option<String>,
}

/// Whether the two still reach each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// They do.
    Open,
    /// It was closed.
    Closed,
    /// Nothing was said for as long as its `ttl`.
    Expired,
}

/// What may be said in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(transform = crate::schema::one_word))]
#[serde(rename_all = "snake_case")]
pub enum SessionMode {
    /// Texts.
    Text,
}

/// A session that is wanted. As [`super::SendMessage`], it is read field by field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// What follows `POOL_` in the name of the pool's table.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"COURIERS"))]
    pub pool: String,
    /// The two.
    #[cfg_attr(feature = "openapi", schemars(length(equal = 2)))]
    pub participants: Vec<WantedParticipant>,
    /// After how long without a word it expires: a duration of ISO 8601 from a minute to 366 days. Left out: when it is closed.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"PT24H"))]
    pub ttl: Option<String>,
    /// What may be said in it: texts.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 1)))]
    pub mode: Option<Vec<SessionMode>>,
    /// Your own name for it, unique within the hotline for 400 days: the same again is the same session.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 255)))]
    pub reference: Option<String>,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WantedParticipant {
    /// Their number, E.164.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"+15550100123"))]
    pub number: String,
    /// Their name, for notes to your team.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64)))]
    pub name: Option<String>,
}
