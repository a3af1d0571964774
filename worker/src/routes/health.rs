//! The operator's route: what was given up, refused or not understood, by hotline.

use hotline::config::Config;
use hotline::domain::signature::is_api_key;
use web_sys::Response;
use worker::Env;

use super::IncomingRequest;
use crate::answer;
use crate::objects::requests::{self, ObjectRequest};

/// What belongs to no hotline is counted under this inbox.
const NO_HOTLINE: u64 = 0;

/// Shows the health of every hotline.
pub async fn show(incoming: &IncomingRequest, env: &Env, config: &Config) -> Response {
    let keys = config.secrets.api_keys.as_ref().map_or("", |keys| keys.expose());
    if !is_api_key(keys, incoming.header("authorization").as_deref()) {
        return answer::error(401, "bad_key", "Authorization: Bearer and one of API_KEYS is needed.");
    }
    let mut hotlines = Vec::new();
    for mailbox in config.hotlines.iter().map(|hotline| hotline.mailbox).chain([NO_HOTLINE]) {
        let health = requests::post(env, ObjectRequest::Health { mailbox }).await.unwrap_or_else(|_| "null".to_owned());
        hotlines.push(format!("\"{mailbox}\":{health}"));
    }
    answer::json(200, &["{\"hotlines\":{", &hotlines.join(","), "}}"].concat())
}
