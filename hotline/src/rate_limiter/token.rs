//! Help Scout's token: fetched once for everybody, and again before it ends.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::Answer;
use crate::config::Config;
use crate::effects::{Body, Method, Millis, Outcome, Request, Service, Trouble};
use crate::form::encode;
use crate::json::Document;

/// The token, and whether another one is on its way.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Token {
    text: String,
    until: Millis,
    /// From then on another one is fetched, while this one still serves.
    renew_at: Millis,
    /// Another one is on its way until then, or is not to be had before.
    fetch_at: Millis,
    /// When Help Scout last gave one, or said that there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    told_at: Option<Millis>,
}

/// What became of a request for a token.
pub(super) enum Fetched {
    /// There is one.
    Token,
    /// The service takes no more requests now.
    Later,
    /// There is none to be had.
    Trouble(Trouble),
}

/// A token is given up so long before it ends, or at half its life when that is sooner: requests take up to ten seconds,
/// and clocks differ.
const BEFORE_ITS_END: Millis = 60_000;

/// How long a fetch may take before another one is begun: a request, and the way back.
const FETCH: Millis = 12_000;

/// How soon it is tried again while the old token still serves.
const RENEW_AGAIN: Millis = 60_000;

/// How soon it is tried again at the earliest when the service is busy, whatever it says: as often as a request probes
/// whether a service is back.
const BUSY_AGAIN: Millis = 5_000;

/// What a token lives when Help Scout does not say (Authentication: two days).
const TWO_DAYS_S: i64 = 172_800;

impl std::fmt::Debug for Token {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Token until {}", self.until)
    }
}

impl Token {
    /// The token of the release before, which kept it otherwise.
    pub fn from_previous_release(text: String, until: Millis) -> Self {
        Self { text, until, renew_at: until, ..Self::default() }
    }

    /// The token, when there is one.
    pub fn get(&self, now: Millis) -> Option<&str> {
        (now < self.until && !self.text.is_empty()).then_some(&self.text)
    }

    /// The request for another one, when it is time and none is under way.
    pub fn fetch(&mut self, config: &Config, now: Millis) -> Option<Request> {
        if now < self.renew_at || now < self.fetch_at {
            return None;
        }
        self.fetch_at = now + FETCH;
        let body = encode(&[
            ("grant_type", "client_credentials"),
            ("client_id", &config.secrets.helpscout_app_id),
            ("client_secret", config.secrets.helpscout_app_secret.expose()),
        ]);
        let path = "/v2/oauth2/token".to_owned();
        Some(Request { service: Service::HelpScout, method: Method::Post, path, body: Body::Form(body) })
    }

    /// When it is looked at again: the fetch under way has ended, or may be begun.
    pub fn fetch_at(&self) -> Millis {
        self.fetch_at
    }

    /// The service refuses this token. Returns whether it was the one that we have.
    pub fn refused(&mut self, token: &str) -> bool {
        let ours = self.text == token && !token.is_empty();
        if ours {
            *self = Self { fetch_at: self.fetch_at, told_at: self.told_at, ..Self::default() };
        }
        ours
    }

    /// When Help Scout last gave one, or said that there is none.
    pub fn told_at(&self) -> Option<Millis> {
        self.told_at
    }

    /// The clock was set back by so much.
    pub fn set_back(&mut self, by: Millis) {
        self.told_at = self.told_at.map(|at| at - by);
        self.until -= by;
        self.renew_at -= by;
        self.fetch_at -= by;
    }

    /// No token before that.
    pub fn not_before(&mut self, at: Millis) {
        self.fetch_at = at;
    }

    /// Takes what became of a request for a token.
    pub fn take(&mut self, outcome: Outcome, now: Millis) -> Fetched {
        let given = match &outcome {
            Outcome::Answered(response) if response.is_success() => response.json(),
            _ => Value::Null,
        };
        let text = given.at("access_token").text();
        if !text.is_empty() {
            let lives = given.at("expires_in").number().map_or(TWO_DAYS_S, u64::cast_signed) * 1_000;
            let until = now + lives - BEFORE_ITS_END.min(lives / 2);
            *self = Self { text: text.to_owned(), until, renew_at: now + lives / 2, fetch_at: 0, told_at: Some(now) };
            return Fetched::Token;
        }
        let trouble = match (&outcome, Answer::of(outcome.clone())) {
            (_, Answer::TooManyRequests(wait)) => {
                self.fetch_at = now + wait.max(BUSY_AGAIN);
                return Fetched::Later;
            }
            (Outcome::Answered(response), _) => {
                self.told_at = Some(now);
                Trouble::NoToken(response.status)
            }
            (Outcome::Lost, _) => Trouble::Unreachable,
            (Outcome::TimedOut, _) => Trouble::Silent,
        };
        if self.get(now).is_some() {
            // The old one serves on.
            self.fetch_at = now + RENEW_AGAIN;
            return Fetched::Later;
        }
        Fetched::Trouble(trouble)
    }
}
