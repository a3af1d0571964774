//! Why a request was refused: RFC 9457, `application/problem+json`.

use serde::{Deserialize, Serialize};

use super::Retry;

/// The body of every answer above 399 below `/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The address of a page that explains `code`.
    #[serde(rename = "type")]
    pub page: String,
    /// The kind of problem, in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened here, to what, and what to do.
    pub detail: String,
    /// Stable, for programs.
    pub code: String,
    /// Whether the same request may succeed.
    pub retry: Retry,
    /// Every fault of the request's fields; empty when it is not about fields.
    pub errors: Vec<FieldError>,
    /// Twilio's error code, when Twilio has refused something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twilio_code: Option<u32>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// A dotted path: `via.0.channel`.
    pub field: String,
    /// Stable, for programs.
    pub code: String,
    /// What is expected.
    pub detail: String,
}
