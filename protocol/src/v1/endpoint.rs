//! Endpoints: addresses of programs that events are delivered to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether events are delivered to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    /// They are.
    On,
    /// They are not; `reason` says why. `PUT` switches it on again, and what happened meanwhile is delivered then.
    Off,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The types of events that it gets; `message.*` stands for all that begin so.
    pub events: Vec<String>,
    /// The hotlines whose events it gets.
    pub hotlines: Vec<String>,
    /// Whether events are delivered.
    pub status: EndpointStatus,
    /// Why they are not; or, while they are tried again, what went wrong last. Null when all is well.
    pub reason: Option<String>,
    /// The secret that signs what is delivered; there when it is made, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub created_at: Timestamp,
}

/// Makes an endpoint, or changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutEndpoint {
    /// Where to: `https`, a public name, port 443 or one above 1023, no user.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 1_000), example = &"https://crm.example.org/events"))]
    pub url: String,
    /// The types of events; `message.*` stands for all that begin so, `*` for all.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 20), inner(length(min = 1, max = 64))))]
    pub events: Vec<String>,
    /// The hotlines, by the name that follows `HOTLINE_`.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 15), inner(length(min = 1, max = 64))))]
    pub hotlines: Vec<String>,
}

/// Delivers again what happened since an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayEvents {
    /// From then on. What is older than 30 days is gone.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub since: Timestamp,
}

/// An event that an endpoint is tested with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TestEvent {
    /// Its id: the header `webhook-id`.
    pub id: String,
}
