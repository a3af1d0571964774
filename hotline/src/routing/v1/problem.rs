//! Problem documents (RFC 9457), and the page that explains each code.

use std::fmt::Write;

use protocol::v1::{FieldError, Problem, Retry};

use crate::config::{Config, ConfigError};
use crate::json;
use crate::routing::HttpAnswer;
use crate::send_rules::Rule;

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
    pub retry: Retry,
    /// What whoever meets it must know and do; for the page.
    pub advice: &'static str,
}

macro_rules! kinds {
    ($($name:ident: $code:literal, $status:literal, $title:literal, $retry:ident, $advice:literal;)*) => {
        $(pub(super) const $name: Kind =
            Kind { code: $code, status: $status, title: $title, retry: Retry::$retry, advice: $advice };)*

        /// Every kind, in the order of the page.
        pub(super) const ALL: &[Kind] = &[$($name),*];
    };
}

kinds! {
    INVALID_REQUEST: "invalid_request", 400, "The request is wrong", AfterChange,
        "Its member `errors` names every field that is wrong, and what is expected there. Nothing was done.";
    KEY_MISSING: "key_missing", 401, "A key is missing", AfterChange,
        "Send the header `Authorization: Bearer rk_…`. `cargo xtask api-key new` makes a key.";
    KEY_UNKNOWN: "key_unknown", 401, "The key is unknown", AfterChange,
        "It was mistyped, or its entry was taken out of the secret `API_KEYS`.";
    SCOPE_MISSING: "scope_missing", 403, "The key does not open this", AfterChange,
        "Add the scope that `detail` names to the key's entry in the secret `API_KEYS`.";
    HOTLINE_FORBIDDEN: "hotline_forbidden", 403, "The hotline is not the key's", AfterChange,
        "Add the hotline to `hotlines` of the key's entry in the secret `API_KEYS`, or name another one.";
    NOT_FOUND: "not_found", 404, "There is no such thing", Never,
        "The address is none of `/v1`, or what it names does not exist, or belongs to a hotline that is not the key's.";
    METHOD_NOT_ALLOWED: "method_not_allowed", 405, "This address does not take that method", AfterChange,
        "The header `Allow` names those that it takes.";
    TOO_SLOW: "too_slow", 408, "The body did not come in time", Later,
        "It must come within 10 seconds.";
    STILL_RUNNING: "still_running", 409, "The same request is being carried out", Later,
        "A request with this `Idempotency-Key` has not ended yet. Send it again after the seconds of `Retry-After`: it has the same \
         answer then.";
    NOT_DELIVERED: "not_delivered", 409, "It holds what a person said", AfterChange,
        "The job would put something into Help Scout that a person said, and that stands nowhere else there. `retry` has it tried again; with \
         `force=true` it is dropped all the same, and can be read in the sidebar alone.";
    JOB_RUNNING: "job_running", 409, "The job is being done", Later,
        "Ask again in a minute: it is done then, or waits.";
    ENDPOINT_OFF: "endpoint_off", 409, "The endpoint is off", AfterChange,
        "Its `reason` says why. `PUT` switches it on again.";
    POOL_EXHAUSTED: "pool_exhausted", 409, "No number of the pool is free for one of the two", Later,
        "Each session of a person needs a number of its own. Add numbers to the pool's table, or close sessions that are over.";
    TOO_LARGE: "too_large", 413, "The body is too large", AfterChange,
        "A body may have 64 KiB. Send to many people with several requests.";
    IDEMPOTENCY_CONFLICT: "idempotency_conflict", 422, "The Idempotency-Key belongs to another request", AfterChange,
        "Within 24 hours it was sent with another body. Use a new one for each thing that you do.";
    NUMBER_INVALID: "number_invalid", 422, "That is no phone number", AfterChange,
        "Write the number in E.164, with its country: `+15550100123`.";
    PARTICIPANT_SAME: "participant_same", 422, "Both participants have one number", AfterChange,
        "A session connects two phones.";
    PARTICIPANT_OURS: "participant_ours", 422, "A participant's number is the hotline's own", AfterChange,
        "Numbers of hotlines and pools answer by themselves. Name the phone of a person.";
    PARTICIPANT_BLOCKED: "participant_blocked", 422, "The hotline blocks a participant", AfterChange,
        "Take the number out of `blocked` of the hotline's table, if it should not be.";
    COUNTRY_NOT_ALLOWED: "country_not_allowed", 422, "The hotline does not send to that country", AfterChange,
        "Add the country to `send_countries` of the hotline's table, if it should.";
    NUMBER_PREMIUM: "number_premium", 422, "The number costs extra", AfterChange,
        "Ask them for another number of theirs.";
    OPTED_OUT: "opted_out", 422, "They opted out of texts", AfterChange,
        "They wrote STOP to the hotline, and can write START.";
    BLOCKED: "blocked", 422, "The hotline blocks the number", AfterChange,
        "Take it out of `blocked` of the hotline's table, if it should not be.";
    WHATSAPP_WINDOW: "whatsapp_window", 422, "WhatsApp takes no code now", AfterChange,
        "They have not written on WhatsApp within 24 hours. Set `verify = { content_sid = \"HX…\" }` in the hotline's table to the \
         template for codes that WhatsApp has approved, or send a text.";
    NO_SENDER: "no_sender", 422, "The hotline has no sender for it", AfterChange,
        "Use another `channel`, or give the hotline a sender for this one.";
    VERIFICATION_OVER: "verification_over", 409, "The verification is over", Never,
        "It was approved, canceled, locked, or its time is over: its code is not sent any more. Ask for a new one.";
    NUMBER_LIMIT: "number_limit", 429, "Too many verifications of this number", Later,
        "A number has 5 verifications an hour.";
    IP_LIMIT: "ip_limit", 429, "Too many verifications for this address", Later,
        "For one `limits.ip` 10 verifications begin in an hour.";
    DEVICE_LIMIT: "device_limit", 429, "Too many verifications for this device", Later,
        "For one `limits.device` 10 verifications begin in an hour.";
    HOTLINE_LIMIT: "hotline_limit", 429, "Too many verifications of this hotline", Later,
        "`verify = { per_hour = 500 }` in the hotline's table says how many begin in an hour.";
    PREFIX_PAUSED: "prefix_paused", 429, "Too few codes to such numbers are given back", Later,
        "Of the last 20 codes to numbers that begin with the same country and six digits fewer than 2 were given back: a script that \
         has texts sent looks like that. After an hour it begins anew; after a rush one code a minute leaves until two were given back.";
    RESEND_TOO_SOON: "resend_too_soon", 429, "The code was sent a moment ago", Later,
        "It can be sent again 30 seconds after the first time, and twice as long after each further one: `resend_at` says when.";
    SENDS_USED_UP: "sends_used_up", 429, "The code was sent five times", Later,
        "It is not sent again. When its time is over there can be a new verification, perhaps to another number.";
    TOO_MANY_REQUESTS: "too_many_requests", 429, "Too many requests", Later,
        "A key may make 600 requests at once and 10 a second from then on. `Retry-After` says when there is room again.";
    TOO_MANY_WRONG_KEYS: "too_many_wrong_keys", 429, "Too many wrong keys", Later,
        "From this address too many wrong keys came within a minute.";
    MISCONFIGURED: "configuration", 500, "The configuration is wrong", AfterChange,
        "Nothing is answered until the operator has mended the field that `detail` names.";
    UNAVAILABLE: "unavailable", 503, "This did not work just now", Later,
        "Something of ours could not be reached. Send the request again; with an `Idempotency-Key` it is carried out once.";
}

/// What a rule that refuses a code says to a program.
pub(super) fn of_rule(rule: Rule) -> Kind {
    match rule {
        Rule::NumberInvalid => NUMBER_INVALID,
        Rule::CountryNotAllowed => COUNTRY_NOT_ALLOWED,
        Rule::NumberPremium => NUMBER_PREMIUM,
        Rule::OptedOut => OPTED_OUT,
        Rule::Blocked => BLOCKED,
        Rule::WhatsappWindow => WHATSAPP_WINDOW,
        // No other rule is asked about codes (`send_rules::evaluate_code`).
        Rule::NoSender
        | Rule::ConsentMissing
        | Rule::ConsentWithdrawn
        | Rule::Expired
        | Rule::SendAt
        | Rule::QuietHours
        | Rule::FrequencyCap => NO_SENDER,
    }
}

/// Nothing is answered while the configuration is wrong; where its pages would be is not known then.
pub(in crate::routing) fn misconfigured(error: &ConfigError) -> HttpAnswer {
    let ConfigError { field, problem } = error;
    document(MISCONFIGURED, "about:blank".to_owned(), format!("{field}: {problem}"), Vec::new())
}

fn document(kind: Kind, page: String, detail: String, errors: Vec<FieldError>) -> HttpAnswer {
    let (title, code) = (kind.title.to_owned(), kind.code.to_owned());
    let Kind { status, retry, .. } = kind;
    let problem = Problem { page, title, status, detail, code, retry, errors, twilio_code: None };
    kept(status, json::written(&problem))
}

/// A problem document that was written before.
pub(super) fn kept(status: u16, document: String) -> HttpAnswer {
    HttpAnswer::typed(status, "application/problem+json", document)
}

/// Something of ours could not be reached.
pub(super) fn unavailable(config: &Config) -> HttpAnswer {
    Problems { config }.answer(UNAVAILABLE, "Part of this could not be stored or read. Please send it again.")
}

/// How to write a problem document: where the pages are.
pub(super) struct Problems<'a> {
    pub config: &'a Config,
}

impl Problems<'_> {
    /// The answer that says what went wrong.
    pub fn answer(&self, kind: Kind, detail: impl Into<String>) -> HttpAnswer {
        self.with_errors(kind, detail, Vec::new())
    }

    /// The answer that names every wrong field.
    pub fn invalid(&self, errors: Vec<FieldError>) -> HttpAnswer {
        let detail = match errors.as_slice() {
            [FieldError { field, detail, .. }] if field.is_empty() => detail.clone(),
            [FieldError { field, detail, .. }] => format!("{field}: {detail}"),
            several => format!("{} fields are wrong; `errors` names each.", several.len()),
        };
        self.with_errors(INVALID_REQUEST, detail, errors)
    }

    /// The answer that names every field that is refused for what it says; the first one's code is the problem's.
    pub fn refused(&self, errors: Vec<FieldError>) -> HttpAnswer {
        let first = errors.first();
        let kind = first.and_then(|error| ALL.iter().find(|kind| kind.code == error.code)).copied();
        let detail = first.map_or_else(String::new, |error| format!("{} {}.", error.field, error.detail));
        self.with_errors(kind.unwrap_or(INVALID_REQUEST), detail, errors)
    }

    fn with_errors(&self, kind: Kind, detail: impl Into<String>, errors: Vec<FieldError>) -> HttpAnswer {
        document(kind, format!("{}/assets/errors#{}", self.config.public_url, kind.code), detail.into(), errors)
    }
}

/// The page on which `type` of a problem points.
pub(in crate::routing) fn page() -> HttpAnswer {
    let mut words = String::from("What a program meets below <code>/v1</code>, by <code>code</code>.</p><dl>");
    for Kind { code, status, title, advice, .. } in ALL {
        let advice = marked(advice);
        let _ = write!(words, "<dt id=\"{code}\"><code>{code}</code> ({status}): {title}</dt><dd>{advice}</dd>");
    }
    words.push_str("</dl><p>");
    HttpAnswer::page(200, "Errors of the API", &words)
}

/// What stands between backquotes, as code.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_place_on_the_page() {
        let page = page().body;
        for Kind { code, .. } in ALL {
            assert_eq!(page.matches(&format!("id=\"{code}\"")).count(), 1, "{code}");
        }
        assert!(!page.contains('`'));
    }
}
