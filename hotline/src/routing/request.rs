//! A request from outside, as far as the routes look at it.

use crate::effects::Millis;

/// HTTP methods that routes take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`: the headers of `GET`.
    Head,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `DELETE`.
    Delete,
    /// Any other.
    Other,
}

impl From<&str> for Method {
    fn from(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }
}

/// Random bytes: as many as the longest key that is made of them has (SHA-256).
pub type Random = [u8; 32];

/// One HTTP request.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// How.
    pub method: Method,
    /// Path and query as they came: signatures cover every byte of them.
    pub target: &'a str,
    /// The value of a header, by its name in lower case.
    pub headers: &'a dyn Fn(&str) -> Option<String>,
    /// What it carries.
    pub body: Body<'a>,
    /// When it came.
    pub now: Millis,
    /// Draws from the platform's random source; `None` when that fails.
    pub random: &'a dyn Fn() -> Option<Random>,
}

impl<'a> Request<'a> {
    /// A header that is there and not empty.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        (self.headers)(name).filter(|value| !value.is_empty())
    }

    pub(super) fn path(&self) -> &'a str {
        self.target.split_once('?').map_or(self.target, |(path, _)| path)
    }

    /// The raw query, without its `?`.
    pub(super) fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// A body. It is read only where a route asks for it ([`super::Decision::ReadBody`]): behind a signature or a session.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// Not read yet.
    Unread,
    /// All of it.
    Read(&'a [u8]),
    /// It was not read to its end.
    Refused(BodyRefusal),
}

/// Why a body is not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRefusal {
    /// It is larger than any of this sender's.
    TooLarge,
    /// It took too long.
    TooSlow,
    /// Too much of this sender's is under way.
    Busy,
}

impl BodyRefusal {
    /// The HTTP status that says so.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::TooSlow => 408,
            Self::Busy => 503,
        }
    }
}

/// Who sends a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFrom {
    /// Twilio's webhooks.
    Twilio,
    /// Help Scout's webhook.
    HelpScout,
    /// Sidebars.
    Sidebar,
    /// Other programs.
    Program,
}

/// Limits of one sender's bodies, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    /// Of one body.
    pub most: usize,
    /// Of all that are under way in an isolate, which has 128 MB for everything (Workers, Limits). Each sender has its own
    /// share: nobody's bodies keep another's out.
    pub together: usize,
}

impl BodyFrom {
    /// How much is read.
    pub fn limits(self) -> BodyLimits {
        match self {
            // Twilio's largest request, a text of 1,600 characters with ten media and every parameter, has below 20 KiB.
            // A program's thousand recipients and a long text have below 30 KiB.
            Self::Twilio | Self::Program => BodyLimits { most: 64 << 10, together: 8 << 20 },
            // A conversation of a hundred threads with long mails embedded stays far below 10 MiB.
            Self::HelpScout => BodyLimits { most: 10 << 20, together: 20 << 20 },
            // A sidebar writes texts and numbers.
            Self::Sidebar => BodyLimits { most: 1 << 20, together: 8 << 20 },
        }
    }
}
