//! A request that meets no route, or none for its method. When Twilio or Help Scout signed it, somebody set up a wrong
//! address there, and what it carries is lost: an operator must see that.

use super::counts::{NO_HOTLINE, counted};
use super::{BodyFrom, Decision, HttpAnswer, Request, Unproven, helpscout, twilio};
use crate::config::Config;
use crate::log::{Level, LogLine};

/// The longest path that is logged, in characters.
const LONGEST_LOGGED: usize = 80;

/// Under which name it is counted, beside who signed it.
const COUNTED_AS: &str = "request to an unknown address";

/// What is done about it; `allowed` are the methods of a path that has routes.
pub(super) fn decide(request: &Request, config: &Config, allowed: Option<&str>) -> (Option<LogLine>, Decision) {
    let signed_by = match signer(request, config) {
        Ok(Some(signer)) => signer,
        Ok(None) => return (None, Decision::Answer(refusal(request, allowed))),
        Err(from) => return (None, Decision::ReadBody(from)),
    };
    let log = LogLine::new(Level::Error, "signed.no_route").about(format!("{signed_by} {}", masked(request.path())));
    let answer = match (signed_by, allowed) {
        (TWILIO, None) => HttpAnswer::empty(404),
        _ => refusal(request, allowed),
    };
    (Some(log), counted(NO_HOTLINE, &format!("{COUNTED_AS}, signed by {signed_by}"), answer))
}

/// Towards Twilio a wrong method has no body: it reads TwiML or nothing.
pub(super) fn refusal(request: &Request, allowed: Option<&str>) -> HttpAnswer {
    match (allowed, super::segments(request.path()).first()) {
        (None, _) => HttpAnswer::not_found(),
        (Some(allowed), Some(&"twilio")) => HttpAnswer::empty(405).with("allow", allowed),
        (Some(allowed), _) => HttpAnswer::wrong_method(allowed),
    }
}

/// The line about a request to Twilio's or Help Scout's part of the addresses that found nothing there. Nobody has signed
/// it, so nothing is stored for it; a slip in their settings, or in `PUBLIC_URL`, shows here.
pub(super) fn line(request: &Request, decision: &Decision) -> Option<LogLine> {
    let Decision::Answer(HttpAnswer { status: status @ (404 | 405), .. }) = decision else { return None };
    let is_theirs = matches!(super::segments(request.path()).first(), Some(&("twilio" | "helpscout")));
    let line = LogLine::new(Level::Warning, "request.no_route");
    is_theirs.then(|| line.about(format!("{status} {}", masked(request.path()))))
}

const TWILIO: &str = "Twilio";
const HELP_SCOUT: &str = "Help Scout";

/// Who signed a request; `None` when nobody did.
fn signer(request: &Request, config: &Config) -> Result<Option<&'static str>, BodyFrom> {
    if request.header("x-twilio-signature").is_some() {
        return Ok(found(twilio::proven(request, config))?.then_some(TWILIO));
    }
    let by_help_scout = request.header("x-helpscout-signature").is_some()
        && found(helpscout::proven_body(request, config))?
        || helpscout::signed_query(request, config).is_some();
    Ok(by_help_scout.then_some(HELP_SCOUT))
}

/// Whether there is a proof; an error says whose body must be read first.
fn found<T>(proof: Result<T, Unproven>) -> Result<bool, BodyFrom> {
    match proof {
        Ok(_) => Ok(true),
        Err(Unproven::Refused(_)) => Ok(false),
        Err(Unproven::ReadBody(from)) => Err(from),
    }
}

/// A path as the log may hold it: no digit of a number or a token is left, nor what is escaped.
fn masked(path: &str) -> String {
    let shown = |c: char| if c.is_ascii_alphabetic() || "/-_.".contains(c) { c } else { '?' };
    path.chars().map(shown).take(LONGEST_LOGGED).collect()
}
