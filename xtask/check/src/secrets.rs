//! Secrets: all that are needed are listed, so that a deploy without one fails, and none stands in the open.
use super::Problem;
use std::collections::BTreeSet;
use toml::{Table, Value};

/// Those that the Worker needs.
pub const NEEDED: [&str; 7] = [
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "HELPSCOUT_APP_ID",
    "HELPSCOUT_APP_SECRET",
    "HELPSCOUT_WEBHOOK_SECRET",
    "HELPSCOUT_SIDEBAR_SECRET",
    "SESSION_SECRET",
];

/// Those that it may have.
pub const OPTIONAL: [&str; 9] = [
    "TWILIO_AUTH_TOKEN_NEXT",
    "TWILIO_WEBHOOK_KEYS",
    "TWILIO_API_KEY_SID",
    "TWILIO_API_KEY_SECRET",
    "HELPSCOUT_WEBHOOK_SECRET_NEXT",
    "HELPSCOUT_SIDEBAR_SECRET_NEXT",
    "API_KEYS",
    "ALERT_WEBHOOK_SECRET",
    "ALERT_WEBHOOK_SECRET_NEXT",
];

/// How a secret begins that holds a hotline's table.
pub(super) const HOTLINE: &str = "HOTLINE_";

/// The secrets without which a deploy fails.
pub fn required(here: &Table) -> impl Iterator<Item = &str> {
    let listed = here.get("secrets").and_then(|secrets| secrets.get("required")).and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str)
}

/// The problems of the list, and of secrets among the variables. `wrangler.toml` is in git, and its values are readable in
/// the dashboard.
pub(super) fn problems(here: &Table) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut listed = BTreeSet::new();
    for name in required(here) {
        if !listed.insert(name) {
            found.push(Problem::new("secrets.required", format!("names {name} twice")));
        }
        if !is_secret(name) && !name.starts_with(HOTLINE) {
            found.push(Problem::new("secrets.required", format!("names {name}, which Ringside does not read")));
        }
    }
    for name in NEEDED.into_iter().filter(|name| !listed.contains(name)) {
        found.push(Problem::new("secrets.required", format!("add \"{name}\", so that a deploy without it fails")));
    }
    let vars = here.get("vars").and_then(Value::as_table).into_iter().flatten();
    for (name, _) in vars.filter(|(name, _)| is_secret(name) || listed.contains(name.as_str())) {
        let problem = format!("is a secret: remove it here, and run `npx wrangler secret put {name}`");
        found.push(Problem::new(name, problem));
    }
    found
}

/// Whether a variable of this name is a secret.
pub fn is_secret(name: &str) -> bool {
    NEEDED.contains(&name) || OPTIONAL.contains(&name)
}
