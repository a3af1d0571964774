//! Who comes with which key.

use super::problem::{self, Problems};
use crate::config::{ApiKey, Config};
use crate::domain::wrong_keys::WrongKeys;
use crate::effects::Millis;
use crate::log::{Level, LogLine};
use crate::routing::{HttpAnswer, Request};

/// Whether somebody is let in. Guesses at keys are counted where memory is: in the Worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Where the request came from. Cloudflare alone sets it; without Cloudflare all come from one address.
    address: String,
    /// Why they are not let in.
    refusal: Option<HttpAnswer>,
    /// Said to whoever guesses.
    too_many: HttpAnswer,
}

/// The key of a request, or what is answered without one.
pub(super) fn key<'a>(request: &Request, config: &'a Config) -> Result<&'a ApiKey, HttpAnswer> {
    let problems = Problems { config };
    let header = request.header("authorization");
    let token = header.as_deref().and_then(|header| header.strip_prefix("Bearer ")).map(str::trim);
    let token = token.filter(|token| !token.is_empty());
    let Some(token) = token else {
        return Err(problems.answer(problem::KEY_MISSING, "The header Authorization: Bearer and a key is needed."));
    };
    let unknown = || problems.answer(problem::KEY_UNKNOWN, "This key is none of API_KEYS.");
    config.secrets.api_keys.find(token).ok_or_else(unknown)
}

impl Admission {
    pub(super) fn new(request: &Request, config: &Config, refusal: Option<HttpAnswer>) -> Self {
        let too_many =
            Problems { config }.answer(problem::TOO_MANY_WRONG_KEYS, "Too many wrong keys. Please wait a minute.");
        let address = request.header("cf-connecting-ip").unwrap_or_default();
        Self { address, refusal, too_many }
    }

    /// Lets in who has a key. An address that guesses is not listened to for a minute.
    pub fn admit(&self, wrong_keys: &mut WrongKeys, now: Millis) -> Result<(), (Option<Box<LogLine>>, HttpAnswer)> {
        let wait = wrong_keys.wait_seconds(now, &self.address);
        if wait > 0 {
            return Err((None, self.too_many.clone().with("retry-after", &wait.to_string())));
        }
        let Some(refusal) = &self.refusal else { return Ok(()) };
        wrong_keys.count(now, &self.address);
        let refusal = refusal.clone().with("www-authenticate", "Bearer");
        Err((Some(Box::new(LogLine::new(Level::Warning, "v1.wrong_key"))), refusal))
    }
}
