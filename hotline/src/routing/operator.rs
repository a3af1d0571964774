//! The operator's route: proof is one of the API keys.

use super::{Decision, HttpAnswer, Request};
use crate::config::Config;
use crate::domain::signature::is_api_key;
use crate::domain::wrong_keys::WrongKeys;
use crate::effects::Millis;
use crate::log::{Level, LogLine};

/// Somebody asks how the hotlines fare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorRequest {
    /// Where the request came from. Cloudflare alone sets it; without Cloudflare all come from one address.
    address: String,
    has_key: bool,
}

pub(super) fn health(request: &Request, config: &Config) -> Decision {
    let keys = config.secrets.api_keys.as_ref().map_or("", |keys| keys.expose());
    Decision::Health(OperatorRequest {
        address: request.header("cf-connecting-ip").unwrap_or_default(),
        has_key: is_api_key(keys, request.header("authorization").as_deref()),
    })
}

impl OperatorRequest {
    /// Lets in who has a key. An address that guesses is not listened to for a minute.
    pub fn admit(&self, wrong_keys: &mut WrongKeys, now: Millis) -> Result<(), (Option<Box<LogLine>>, HttpAnswer)> {
        let wait = wrong_keys.wait_seconds(now, &self.address);
        if wait > 0 {
            let refusal = HttpAnswer::error(429, "too_many_wrong_keys", "Too many wrong keys. Please wait a minute.");
            return Err((None, refusal.with("retry-after", &wait.to_string())));
        }
        if self.has_key {
            return Ok(());
        }
        wrong_keys.count(now, &self.address);
        let refusal = HttpAnswer::error(401, "bad_key", "Authorization: Bearer and one of API_KEYS is needed.");
        Err((Some(Box::new(LogLine::new(Level::Warning, "v1.wrong_key"))), refusal))
    }
}
