//! What a program is answered about a code.

use super::problem::{self, Kind, Problems};
use crate::config::Config;
use crate::effects::Millis;
use crate::json;
use crate::messages::verification::{CodeLimit, VerificationReply};
use crate::routing::HttpAnswer;

/// The answer. What was made has a status of its own.
pub(super) fn answer(config: &Config, reply: VerificationReply, made: u16) -> HttpAnswer {
    let problems = Problems { config };
    match reply {
        VerificationReply::Is { item, existed } => {
            HttpAnswer::json(if existed { 200 } else { made }, json::written(&item))
        }
        VerificationReply::Checked(check) => HttpAnswer::json(200, json::written(&check)),
        VerificationReply::Refused { rule, detail } => problems.answer(problem::of_rule(rule), detail),
        VerificationReply::TooMany { limit, wait } => too_many(config, limit, wait),
        VerificationReply::Over(item) => {
            let detail = format!("The verification is {}.", json::written(&item.status).trim_matches('"'));
            problems.answer(problem::VERIFICATION_OVER, detail)
        }
        // Whoever asks that goes on.
        VerificationReply::MayLeave { .. } => problem::unavailable(config),
    }
}

/// The answer that says no for a while.
pub(super) fn too_many(config: &Config, limit: CodeLimit, wait: Millis) -> HttpAnswer {
    let seconds = ((wait + 999) / 1_000).max(1);
    let (kind, what): (Kind, &str) = match limit {
        CodeLimit::Number => (problem::NUMBER_LIMIT, "This number has had as many verifications as begin in an hour"),
        CodeLimit::Resend => (problem::RESEND_TOO_SOON, "The code was sent a moment ago"),
        CodeLimit::Sends => (problem::SENDS_USED_UP, "The code was sent as often as it is sent"),
        CodeLimit::Ip => (problem::IP_LIMIT, "This address has had as many verifications as begin in an hour"),
        CodeLimit::Device => (problem::DEVICE_LIMIT, "This device has had as many verifications as begin in an hour"),
        CodeLimit::Hotline => (problem::HOTLINE_LIMIT, "The hotline has had as many verifications as begin in an hour"),
        CodeLimit::Prefix => (problem::PREFIX_PAUSED, "Too few codes to numbers that begin like this are given back"),
    };
    let refusal = Problems { config }.answer(kind, format!("{what}. It is worth asking again in {seconds} s."));
    refusal.with("retry-after", &seconds.to_string())
}
