//! A request that meets no route. When Twilio or Help Scout signed it, somebody set up a wrong address there, and what it
//! carries is lost: an operator must see that.

use super::{BodyFrom, Decision, HttpAnswer, Request, Unproven, helpscout, twilio};
use crate::config::Config;
use crate::log::{Level, LogLine};

/// The longest path that is logged, in characters.
const LONGEST_LOGGED: usize = 80;

pub(super) fn decide(request: &Request, config: &Config) -> (Option<LogLine>, Decision) {
    let (signed_by, answer) = match signer(request, config) {
        Ok(Some(found)) => found,
        Ok(None) => return (None, Decision::Answer(HttpAnswer::not_found())),
        Err(from) => return (None, Decision::ReadBody(from)),
    };
    let log = LogLine::new(Level::Error, "signed.no_route").about(format!("{signed_by} {}", masked(request.path())));
    let what = format!("request signed by {signed_by} at an address without a route");
    (Some(log), twilio::counted(twilio::NO_HOTLINE, &what, answer))
}

/// Who signed a request, and how it is answered; `None` when nobody did.
fn signer(request: &Request, config: &Config) -> Result<Option<(&'static str, HttpAnswer)>, BodyFrom> {
    if request.header("x-twilio-signature").is_some() {
        let found = found(twilio::proven(request, config))?;
        return Ok(found.then(|| ("Twilio", HttpAnswer::empty(404))));
    }
    let by_help_scout = request.header("x-helpscout-signature").is_some()
        && found(helpscout::proven_body(request, config))?
        || helpscout::signed_query(request, config).is_some();
    Ok(by_help_scout.then(|| ("Help Scout", HttpAnswer::not_found())))
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
