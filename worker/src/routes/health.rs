//! The operator's route: what was given up, refused or not understood, by hotline.

use std::cell::RefCell;

use hotline::config::Config;
use hotline::domain::signature::is_api_key;
use hotline::domain::wrong_keys::WrongKeys;
use hotline::effects::RateLimiterName;
use hotline::json::or_null;
use hotline::{directory, encoding, rate_limiter};
use serde::de::DeserializeOwned;
use web_sys::Response;
use worker::Env;

use super::IncomingRequest;
use crate::clock::now;
use crate::objects::requests::{self, ObjectRequest};
use crate::{answer, logging};

/// What belongs to no hotline is counted under this inbox.
const NO_HOTLINE: u64 = 0;

thread_local! {
    static WRONG_KEYS: RefCell<WrongKeys> = RefCell::default();
}

/// Whether a request has one of the API keys. An address that guesses is not listened to for a minute.
fn prove(incoming: &IncomingRequest, config: &Config) -> Result<(), Response> {
    // Cloudflare alone sets it; without Cloudflare all come from one address.
    let address = incoming.header("cf-connecting-ip").unwrap_or_default();
    let wait = WRONG_KEYS.with_borrow(|wrong| wrong.wait_seconds(now(), &address));
    if wait > 0 {
        let refusal = answer::error(429, "too_many_wrong_keys", "Too many wrong keys. Please wait a minute.");
        answer::set(&refusal.headers(), &[("retry-after", &wait.to_string())]);
        return Err(refusal);
    }
    let keys = config.secrets.api_keys.as_ref().map_or("", |keys| keys.expose());
    if is_api_key(keys, incoming.header("authorization").as_deref()) {
        return Ok(());
    }
    WRONG_KEYS.with_borrow_mut(|wrong| wrong.count(now(), &address));
    logging::line("v1.wrong_key", &[]);
    Err(answer::error(401, "bad_key", "Authorization: Bearer and one of API_KEYS is needed."))
}

/// Shows the health of every hotline.
pub async fn show(incoming: &IncomingRequest, env: &Env, config: &Config) -> Response {
    if let Err(refusal) = prove(incoming, config) {
        return refusal;
    }
    let help_scout: Option<rate_limiter::Health> =
        ask(env, ObjectRequest::LimiterHealth(RateLimiterName::HelpScout)).await;
    let mut hotlines = Vec::new();
    for mailbox in config.hotlines.iter().map(|hotline| hotline.mailbox).chain([NO_HOTLINE]) {
        let health: Option<directory::Health> = ask(env, ObjectRequest::Health { mailbox }).await;
        let health = health.zip(help_scout.as_ref()).map(|(health, help_scout)| health.json(mailbox, help_scout));
        hotlines.push(format!("\"{mailbox}\":{}", or_null(health)));
    }
    let help_scout = or_null(help_scout.map(|health| health.json()));
    answer::json(200, &["{\"hotlines\":{", &hotlines.join(","), "},\"help_scout\":", &help_scout, "}"].concat())
}

/// What an object says of its health; `None` when it cannot be reached.
async fn ask<T: DeserializeOwned>(env: &Env, request: ObjectRequest) -> Option<T> {
    requests::post(env, request).await.ok().and_then(|health| encoding::decode(&health).ok())
}
