//! The operator's route: what was given up, refused or not understood, by hotline.

use std::collections::BTreeMap;

use hotline::config::Config;
use hotline::effects::RateLimiterName;
use hotline::json;
use hotline::routing::{Admission, HttpAnswer};
use hotline::{directory, encoding, rate_limiter};
use protocol::health::Health;
use serde::de::DeserializeOwned;
use worker::Env;

use super::api;
use crate::objects::requests::{self, ObjectRequest};

/// What belongs to no hotline is counted under this inbox.
const NO_HOTLINE: u64 = 0;

/// Shows the health of every hotline.
pub async fn show(admission: &Admission, env: &Env, config: &Config) -> HttpAnswer {
    if let Err(refusal) = api::admit(admission) {
        return refusal;
    }
    let help_scout: Option<rate_limiter::Health> =
        ask(env, ObjectRequest::LimiterHealth(RateLimiterName::HelpScout)).await;
    let mut hotlines = BTreeMap::new();
    for mailbox in config.mailboxes().chain([NO_HOTLINE]) {
        let health: Option<directory::Health> = ask(env, ObjectRequest::Health { mailbox }).await;
        let health = health.zip(help_scout.as_ref()).map(|(health, help_scout)| health.view(mailbox, help_scout));
        hotlines.insert(mailbox, health);
    }
    let help_scout = help_scout.map(|health| health.view());
    HttpAnswer::json(200, json::written(&Health { hotlines, help_scout }))
}

/// What an object says of its health; `None` when it cannot be reached.
async fn ask<T: DeserializeOwned>(env: &Env, request: ObjectRequest) -> Option<T> {
    requests::post(env, request).await.ok().and_then(|health| encoding::decode(&health).ok())
}
