//! The operator's door: what was given up, refused or not understood, by hotline.

use hotline::config::Config;
use hotline::signature::is_api_key;
use worker::{Env, Response, Result};

use super::Visit;
use crate::answer;
use crate::objects::letters;

/// What belongs to no hotline is counted under this inbox.
const NO_HOTLINE: u64 = 0;

/// Shows the health of every hotline.
pub async fn show(visit: &Visit, env: &Env, config: &Config) -> Result<Response> {
    let keys = config.secrets.api_keys.as_ref().map_or("", |keys| keys.expose());
    if !is_api_key(keys, visit.header("authorization").as_deref()) {
        return answer::error(401, "bad_key", "Authorization: Bearer and one of API_KEYS is needed.");
    }
    let mut hotlines = Vec::new();
    for mailbox in config.hotlines.iter().map(|hotline| hotline.mailbox).chain([NO_HOTLINE]) {
        let health = letters::health(env, mailbox).await.unwrap_or_else(|| "null".to_owned());
        hotlines.push(format!("\"{mailbox}\":{health}"));
    }
    answer::json(200, &["{\"hotlines\":{", &hotlines.join(","), "}}"].concat())
}
