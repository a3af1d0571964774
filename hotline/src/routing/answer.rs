//! What a route answers.

use protocol::{Error, ErrorBody};

use crate::config::{Config, ConfigError};
use crate::effects::ObjectReply;
use crate::sidebar::{json, page};
use crate::twilio::twiml::{Verb, document};

/// An HTTP response as a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; there is none when it is empty.
    pub body: String,
}

/// Nobody keeps a copy, and nobody on the way changes a byte: a zone of Cloudflare's may have features on that rewrite mail
/// addresses, scripts and the end of a page (Email Obfuscation, Rocket Loader, Web Analytics).
const NOT_STORED: (&str, &str) = ("cache-control", "no-store, no-transform");

/// The look of a page with words alone; an entry that the address points to (`#code`) is marked.
const PAGE_STYLE: &str = ":root{color-scheme:light dark}\
    body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}\
    h1{font-size:1.5rem}dt{margin-top:1.25rem;font-weight:600}dd{margin:.25rem 0 0}\
    dt:target{outline:2px solid;outline-offset:.25rem}\
    code{font-family:ui-monospace,monospace;font-size:.9em;background:#8882;border-radius:.2em;padding:.1em .3em}";
const AS_IT_SAYS: (&str, &str) = ("x-content-type-options", "nosniff");

impl HttpAnswer {
    fn new(status: u16, headers: &[(&'static str, &str)], body: String) -> Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { status, headers, body }
    }

    /// Nothing but a status.
    pub fn empty(status: u16) -> Self {
        Self::new(status, &[NOT_STORED], String::new())
    }

    /// A TwiML document.
    pub fn twiml(document: String) -> Self {
        Self::new(200, &[("content-type", "text/xml; charset=utf-8"), AS_IT_SAYS, NOT_STORED], document)
    }

    /// TwiML that does nothing.
    pub(super) fn no_twiml() -> Self {
        Self::twiml(document(&[]))
    }

    pub(super) fn verbs(verbs: &[Verb]) -> Self {
        Self::twiml(document(verbs))
    }

    /// JSON.
    pub fn json(status: u16, body: String) -> Self {
        Self::typed(status, "application/json", body)
    }

    /// A document of this type.
    pub(super) fn typed(status: u16, content_type: &str, body: String) -> Self {
        Self::new(status, &[("content-type", content_type), AS_IT_SAYS, NOT_STORED], body)
    }

    /// An error with a stable code, as JSON.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let error = Error { code: code.to_owned(), message: message.to_owned() };
        Self::json(status, json(&ErrorBody { error }))
    }

    /// Fields of the configuration are wrong. Their names are no secret; their values may be.
    pub(super) fn misconfigured(status: u16, errors: &[ConfigError]) -> Self {
        let words: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.problem)).collect();
        Self::error(status, "configuration", &words.join("; "))
    }

    /// A page for whoever follows a link.
    pub fn page(status: u16, title: &str, words: &str) -> Self {
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{title}</title><style>{PAGE_STYLE}</style><h1>{title}</h1><p>{words}</p></html>"
        );
        let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        let alone = ("content-security-policy", policy);
        Self::new(status, &[("content-type", "text/html; charset=utf-8"), AS_IT_SAYS, NOT_STORED, alone], html)
    }

    /// A page within Help Scout's. Its address is a proof, so no other place hears of it.
    pub fn framed(config: &Config, status: u16, html: String) -> Self {
        let policy = page::policy(config);
        let headers = [
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", policy.as_str()),
            AS_IT_SAYS,
            ("referrer-policy", "no-referrer"),
            NOT_STORED,
        ];
        Self::new(status, &headers, html)
    }

    /// A framed page that says something and offers nothing.
    pub(super) fn framed_words(config: &Config, status: u16, title: &str, words: &str) -> Self {
        Self::framed(config, status, page::words(title, words))
    }

    /// What an object has to say to a sidebar.
    pub fn of_object(reply: &ObjectReply) -> Self {
        match reply {
            ObjectReply::TextTaken => Self::json(202, "{}".to_owned()),
            ObjectReply::Agent(agent) => Self::json(200, json(agent)),
            ObjectReply::Refused(refused) => Self::error(refused.status, &refused.code, &refused.words),
            _ => Self::not_now(),
        }
    }

    /// Something that a sidebar asks for cannot be had at this moment.
    pub fn not_now() -> Self {
        Self::error(503, "not_now", "This did not work just now. Please try again.")
    }

    pub(super) fn not_found() -> Self {
        Self::error(404, "not_found", "There is no such route.")
    }

    pub(super) fn wrong_method(allowed: &str) -> Self {
        Self::error(405, "method_not_allowed", "This route does not take that method.").with("allow", allowed)
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}
