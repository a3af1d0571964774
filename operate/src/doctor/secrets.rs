//! The secrets that are at hand: whether all are there, and good. None of them is told.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use hotline::config::{Secret, is_loopback};
use serde_json::Value;

use super::codes::{Code, Source};
use super::report::{Place, Report};
use crate::project::Files;

/// What is judged here.
const RESOURCE: &str = "secret";

/// The secrets of development, which everybody can read.
const EXAMPLES: &str = include_str!("../../../.dev.vars.example");

/// How they begin.
const PUBLISHED: &str = "dev_";

/// How long each may be, in bytes: shorter ones can be guessed (RFC 2104, section 3); Help Scout keeps 40 characters of its two
/// (Help Scout, Create webhook; Apps).
const LENGTHS: [(&str, RangeInclusive<usize>); 5] = [
    ("SESSION_SECRET", 32..=usize::MAX),
    ("HELPSCOUT_WEBHOOK_SECRET", 16..=40),
    ("HELPSCOUT_WEBHOOK_SECRET_NEXT", 16..=40),
    ("HELPSCOUT_SIDEBAR_SECRET", 16..=40),
    ("HELPSCOUT_SIDEBAR_SECRET_NEXT", 16..=40),
];

/// What names an account or an app, and is no secret by itself.
const NAMES: [&str; 3] = ["TWILIO_ACCOUNT_SID", "TWILIO_API_KEY_SID", "HELPSCOUT_APP_ID"];

/// Judges them.
pub fn judge(files: &Files, report: &mut Report) {
    if !report.wants(&[Source::Secrets]) {
        return;
    }
    let place = |name: &str| Place::new(RESOURCE, name);
    let listed = files.required_secrets();
    let needed: BTreeSet<&str> = xtask_check::NEEDED_SECRETS.into_iter().chain(listed).collect();
    for name in needed.iter().filter(|name| files.secret(name).is_none()) {
        report.find(Code::SecretMissing, place(name), Value::Null, "a secret");
    }
    for (name, length) in LENGTHS {
        let Some(secret) = files.secret(name) else { continue };
        let (bytes, characters) = (secret.expose().len(), secret.expose().chars().count());
        if bytes < *length.start() {
            let wanted = format!("at least {}", length.start());
            report.find(Code::SecretShort, place(name), format!("{bytes} bytes"), wanted);
        } else if characters > *length.end() {
            let wanted = format!("at most {}", length.end());
            report.find(Code::SecretLong, place(name), format!("{characters} characters"), wanted);
        }
    }
    let known = xtask_check::NEEDED_SECRETS.into_iter().chain(xtask_check::OPTIONAL_SECRETS);
    let there: Vec<(&str, Secret)> = known.filter_map(|name| Some((name, files.secret(name)?))).collect();
    if !is_loopback(files.text("PUBLIC_URL").unwrap_or_default()) {
        let examples: BTreeSet<String> =
            dotenvy::from_read_iter(EXAMPLES.as_bytes()).filter_map(|line| Some(line.ok()?.1)).collect();
        let is_published = |secret: &str| secret.starts_with(PUBLISHED) || examples.contains(secret);
        for (name, _) in there.iter().filter(|(_, secret)| is_published(secret.expose())) {
            report.find(Code::SecretPublished, place(name), "a value of .dev.vars.example", "one of your own");
        }
    }
    let secret = there.iter().filter(|(name, _)| !NAMES.contains(name));
    let secret: Vec<_> = secret.collect();
    for (at, (name, value)) in secret.iter().enumerate() {
        if let Some((other, _)) = secret.iter().take(at).find(|(_, earlier)| earlier == value) {
            report.find(Code::SecretRepeated, place(name), format!("the same as {other}"), "another one");
        }
    }
}
