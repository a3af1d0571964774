//! `/healthz`: for whoever watches the Worker, and for whoever asks whether it is this one. It touches nothing.

use serde_json::json;

use super::{HttpAnswer, Request};
use crate::config::{Config, ConfigError};
use crate::domain::challenge;
use crate::form::Form;

/// Green only when every hotline runs. With `?challenge=` it also proves that it is this deployment.
pub(super) fn answer(request: &Request, config: &Config) -> HttpAnswer {
    if !config.faults.is_empty() {
        return faults(&config.faults);
    }
    let query = Form::parse(request.query().as_bytes());
    let Some(asked) = query.get("challenge") else {
        return HttpAnswer::json(200, json!({"status": "ok"}).to_string());
    };
    if !challenge::is_challenge(asked) {
        let wanted = "A challenge has 16 to 64 letters, digits, - and _.";
        return HttpAnswer::error(400, "bad_challenge", wanted);
    }
    let proof = challenge::proof(config.secrets.session_secret.expose(), asked, &config.public_url);
    HttpAnswer::json(200, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "proof": proof}).to_string())
}

/// What is wrong, field by field.
pub(super) fn faults(faults: &[ConfigError]) -> HttpAnswer {
    HttpAnswer::misconfigured(503, faults)
}
