//! Requests to the APIs of Twilio and Help Scout, and their answers, as values.

use serde_json::Value;

use crate::domain::time::Millis;
use crate::json;

/// Time limit of one request to a service. A job's lease and the time between probes follow from it, so it is ten seconds or
/// less.
pub const REQUEST_TIMEOUT: Millis = 10_000;

/// Which service a request goes to; the Worker adds the address and the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Twilio's REST API, Basic auth.
    Twilio,
    /// Twilio's Lookup, with the same credentials.
    Lookups,
    /// Help Scout's Inbox API, bearer token.
    HelpScout,
}

/// HTTP methods that we use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes.
    Post,
    /// Replaces.
    Put,
    /// Changes one thing.
    Patch,
    /// Takes away.
    Delete,
}

impl Method {
    /// As it stands on the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// `application/json`.
    Json(String),
    /// `application/x-www-form-urlencoded`.
    Form(String),
}

/// A request to a service. `path` follows the configured address of that service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// To whom.
    pub service: Service,
    /// How.
    pub method: Method,
    /// From the first slash after the configured address; with query.
    pub path: String,
    /// With what.
    pub body: Body,
}

/// A service's answer, as far as the rules read it. Redirects are not followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Help Scout's `Resource-ID` of what was made.
    pub resource_id: Option<String>,
    /// `Location` of what was made or has moved.
    pub location: Option<String>,
    /// Seconds: `X-RateLimit-Retry-After`, else `Retry-After`.
    pub retry_after: Option<i64>,
    /// `X-RateLimit-Limit-Minute`.
    pub limit: Option<i64>,
    /// `X-RateLimit-Remaining-Minute`.
    pub remaining: Option<i64>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A status of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The id of what was made in Help Scout: `Resource-ID`, else the end of `Location`.
    pub fn made(&self) -> Option<String> {
        let place = || self.location.as_ref()?.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
        self.resource_id.clone().or_else(place).filter(|id| id.parse::<u64>().is_ok())
    }

    /// The body as JSON, `null` when it is none.
    pub fn json(&self) -> Value {
        json::parse(&self.body).unwrap_or_default()
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service answered.
    Answered(Response),
    /// The connection failed: the work was done or not, and no longer goes on.
    Lost,
    /// No answer in time: the work may even be done later.
    TimedOut,
}

/// A medium that a supporter sent, fetched or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Its bytes, and the type the media host gave.
    Fetched {
        /// `Content-Type`, may be empty.
        content_type: String,
        /// `Content-Disposition`, may be empty.
        disposition: String,
        /// The file.
        bytes: Vec<u8>,
    },
    /// Larger than we may attach.
    TooLarge,
    /// Not there, or refused; another try may help.
    Unavailable,
}
