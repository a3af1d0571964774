//! `POST …/Calls.json`: synchronous errors and their codes (Twilio, Call resource and its error pages; Test
//! Credentials for the magic numbers).

use super::Call;
use super::call::{Callback, Program};
use super::verbs::Address;
use crate::twilio::json::ApiError;
use crate::twilio::{MAGIC_SENDER, Twilio};

/// Results that test numbers stand for (Twilio, Test Credentials).
const MAGIC_FROM: (&str, u32, &str) = ("+15005550001", 21212, "The 'From' number is not a valid phone number");
const MAGIC_TO: [(&str, u32, &str); 4] = [
    ("+15005550001", 21217, "Phone number does not appear to be valid"),
    ("+15005550002", 21214, "'To' phone number cannot be reached"),
    ("+15005550003", 21215, "Account not authorized to call this number"),
    ("+15005550004", 21216, "Account not allowed to call this number"),
];
/// Each is a parameter of its own; several in one, as TwiML has them, are none.
const EVENTS: [&str; 4] = ["initiated", "ringing", "answered", "completed"];
/// Longest `Twiml` in characters.
const TWIML_LIMIT: usize = 4000;
/// Longest `Timeout` in seconds.
const TIMEOUT_LIMIT: u64 = 600;

type Form = [(String, String)];

pub(super) fn one<'a>(form: &'a Form, name: &str) -> &'a str {
    form.iter().rev().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// An address and its method; what is no web address is refused (error 21205, for callbacks 21609).
pub(super) fn address(form: &Form, url: &str, method: &str, code: u32) -> Result<Address, ApiError> {
    let given = one(form, url);
    let http = given.is_empty() || given.starts_with("http://") || given.starts_with("https://");
    if !http {
        return Err(ApiError::bad(code, format!("{url} is not a valid URL: {given}")));
    }
    Ok(Address { url: given.to_owned(), get: one(form, method).eq_ignore_ascii_case("GET") })
}

/// `Url`, or else `Twiml`.
pub(super) fn program(form: &Form) -> Result<Option<Program>, ApiError> {
    let (url, twiml) = (address(form, "Url", "Method", 21205)?, one(form, "Twiml"));
    if !url.url.is_empty() {
        return Ok(Some(Program::At(url)));
    }
    if twiml.chars().count() > TWIML_LIMIT {
        return Err(ApiError::bad(21624, "Twiml exceeds the limit of 4000 characters"));
    }
    Ok((!twiml.is_empty()).then(|| Program::Twiml(twiml.to_owned())))
}

impl Twilio {
    /// The sid of the new call.
    pub(super) fn create_call(&mut self, now: u64, form: &Form) -> Result<String, ApiError> {
        let (to, from) = (one(form, "To"), one(form, "From"));
        self.check_numbers(to, from)?;
        let program = program(form)?.ok_or_else(|| ApiError::bad(21205, "Url parameter is required."))?;
        let mut events: Vec<_> = form
            .iter()
            .filter(|(key, value)| key == "StatusCallbackEvent" && EVENTS.contains(&value.as_str()))
            .map(|(_, value)| value.clone())
            .collect();
        if events.is_empty() {
            events.push("completed".to_owned());
        }
        let callback = address(form, "StatusCallback", "StatusCallbackMethod", 21609)?;
        let fallback = address(form, "FallbackUrl", "FallbackMethod", 21205)?;
        let seconds = |name: &str| one(form, name).parse::<u64>().ok();
        let sid = self.sids.make("CA");
        let mut call = Call::new(now, sid.clone(), to.to_owned());
        from.clone_into(&mut call.from);
        call.callback = Callback { to: callback, events, told: 0 };
        (call.program, call.fallback) = (program, fallback);
        call.timeout_ms = seconds("Timeout").map_or(call.timeout_ms, |wanted| wanted.min(TIMEOUT_LIMIT) * 1000);
        call.time_limit_ms = seconds("TimeLimit").map_or(call.time_limit_ms, |wanted| wanted * 1000);
        let turn = self.calls.next_start.max(now);
        self.calls.next_start = turn + 1000 / self.settings.voice.calls_per_second.max(1);
        self.send_out(turn, call);
        Ok(sid)
    }

    fn check_numbers(&self, to: &str, from: &str) -> Result<(), ApiError> {
        if to.is_empty() {
            return Err(ApiError::bad(21201, "No 'To' number is specified"));
        }
        if from.is_empty() {
            return Err(ApiError::bad(21213, "No 'From' number is specified"));
        }
        if from == MAGIC_FROM.0 {
            return Err(ApiError::bad(MAGIC_FROM.1, format!("{}: {from}", MAGIC_FROM.2)));
        }
        if from != MAGIC_SENDER && !(Self::callable(from) && self.settings.sender(from).is_some()) {
            let text = format!("The source phone number provided, {from}, is not yet verified for your account.");
            return Err(ApiError::bad(21210, text));
        }
        if let Some((number, code, message)) = MAGIC_TO.iter().find(|(number, ..)| *number == to) {
            return Err(ApiError::bad(*code, format!("{message}: {number}")));
        }
        if !Self::callable(to) {
            return Err(ApiError::bad(21211, format!("Invalid 'To' Phone Number: {to}")));
        }
        Ok(())
    }
}
