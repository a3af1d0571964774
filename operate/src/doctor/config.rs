//! What wrangler.toml itself says.

use hotline::config::{ALREADY_BELONGS, CALLS_ITSELF, Hotline, Var, is_loopback};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use toml::Value as Toml;
use xtask_check::Problem;

use super::clock::now;
use super::codes::Code;
use super::report::{Place, Report};
use crate::project::Files;

/// What is judged here stands in the file.
const RESOURCE: &str = "config";

/// From when on a compatibility date is old (OPERATE, doctor).
const OLD_AFTER_DAYS: i32 = 365;

/// Judges the file. `names` are the hotlines to look at; none: all.
pub fn judge(files: &Files, hotlines: &[&Hotline], names: &[String], report: &mut Report) {
    let prefix = files.prefix();
    let problems = files.problems();
    let is_told = |code_of: Code| problems.iter().any(|it| code(it, bare(it, &prefix), files) == code_of);
    if !is_told(Code::CompatibilityDate) {
        compatibility_date(files, report);
    }
    if !is_told(Code::CronMissing) {
        crons(files, report);
    }
    for problem in &problems {
        let field = bare(problem, &prefix);
        let hotline = field.strip_prefix("HOTLINE_").and_then(|rest| rest.split('.').next());
        if hotline.is_some_and(|hotline| !names.is_empty() && names.iter().all(|name| name != hotline)) {
            continue;
        }
        let place = Place { hotline: hotline.map(str::to_owned), ..Place::new(RESOURCE, &problem.field) };
        let code = code(problem, field, files);
        let in_vars = Place { resource: "secret", field: field.to_owned(), ..place.clone() };
        let place = if code == Code::SecretInVars { in_vars } else { place };
        report.find(code, place, problem.problem.as_str(), Value::Null);
    }
    public_url(files, report);
    for hotline in hotlines {
        let given = &hotline.fallback;
        for (name, given) in [("fallback.text", &given.text), ("fallback.voice", &given.voice)] {
            if given.is_none() {
                let place = Place::new(RESOURCE, &format!("{}.{name}", hotline.variable)).of(hotline.api_name());
                report.find(Code::FallbackMissing, place, Value::Null, "https://handler.twilio.com/twiml/EH…");
            }
        }
    }
}

/// The field of a problem, as it is named within its environment.
fn bare<'a>(problem: &'a Problem, prefix: &str) -> &'a str {
    problem.field.strip_prefix(prefix).unwrap_or(&problem.field)
}

/// The code of a problem that `cargo xtask check` tells.
fn code(problem: &Problem, field: &str, files: &Files) -> Code {
    let words = problem.problem.as_str();
    match field {
        name if xtask_check::is_secret(name) => Code::SecretInVars,
        "compatibility_date" => Code::CompatibilityDate,
        "triggers.crons" => Code::CronMissing,
        "PUBLIC_URL" if is_plain(files.text("PUBLIC_URL").unwrap_or_default()) => Code::PublicUrlInsecure,
        _ if field.ends_with(".hours.time_zone") => Code::TimeZoneUnknown,
        _ if words.starts_with(ALREADY_BELONGS) && field.ends_with(".mailbox") => Code::InboxRepeated,
        _ if words.starts_with(ALREADY_BELONGS) => Code::SenderRepeated,
        _ if words.ends_with(CALLS_ITSELF) => Code::RingPhoneIsOurs,
        _ => Code::ConfigInvalid,
    }
}

/// Whether an address could be read on the way to another machine.
fn is_plain(address: &str) -> bool {
    address.starts_with("http://") && !is_loopback(address)
}

fn compatibility_date(files: &Files, report: &mut Report) {
    let Some(Toml::String(text)) = files.inherited("compatibility_date") else { return };
    let Ok(date) = text.parse::<Date>() else { return };
    let age = today().since(date).map_or(0, |span| span.get_days());
    let place = Place::new(RESOURCE, "compatibility_date");
    if age > OLD_AFTER_DAYS {
        report.find(Code::CompatibilityDate, place, text.as_str(), "a day of the last year");
    } else if age < 0 {
        report.find(Code::CompatibilityDate, place, text.as_str(), "a day that has come");
    }
}

/// The day it is, in UTC, by which Cloudflare goes.
fn today() -> Date {
    TimeZone::UTC.to_datetime(now()).date()
}

fn crons(files: &Files, report: &mut Report) {
    let crons = files.inherited("triggers").and_then(|triggers| triggers.get("crons")).and_then(Toml::as_array);
    if crons.is_some_and(|crons| !crons.is_empty()) {
        return;
    }
    let retains = files.vars().iter().any(|(name, var)| {
        let has = |table: &Value| table.get("retention").is_some_and(|it| !it.is_null());
        name.starts_with("HOTLINE_")
            && match var {
                Var::Json(table) => has(table),
                Var::Text(text) => serde_json::from_str(text).is_ok_and(|table| has(&table)),
            }
    });
    let code = if retains { Code::RetentionWithoutCron } else { Code::CronMissing };
    report.find(code, Place::new(RESOURCE, "triggers.crons"), Value::Null, "*/10 * * * *");
}

/// Twilio takes no address whose host has an underscore (Twilio, Webhooks security).
fn public_url(files: &Files, report: &mut Report) {
    let url = files.text("PUBLIC_URL").unwrap_or_default();
    let host = url.split_once("://").and_then(|(_, rest)| rest.split(['/', ':']).next()).unwrap_or_default();
    if host.contains('_') {
        report.find(Code::PublicUrlInsecure, Place::new(RESOURCE, "PUBLIC_URL"), url, "a host without an underscore");
    }
}
