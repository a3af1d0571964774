//! Reads the bodies of requests about codes that verify numbers.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::v1::VerificationChannel;

use super::Asked;
use super::code_limits::{CodeLimits, Counter, OF_ONE_IN_AN_HOUR, counted_address, of_prefix};
use super::fields::{self, Errors, Fields};
use super::problem;
use super::start_verification::StartVerification;
use crate::config::Hotline;
use crate::domain::phone::{E164, Party};
use crate::domain::verification_code;
use crate::messages::verification::{CodeLimit, WantedVerification};
use crate::messages::verification_limit::{self, Limit};
use crate::routing::HttpAnswer;

/// The longest name of a hotline, of a purpose, and of what a number has one of; and a number is shorter.
const LONGEST_NAME: usize = 64;

const LONGEST_REFERENCE: usize = 255;

/// The longest id that programs know devices by.
const LONGEST_DEVICE: usize = 255;

/// The longest name of an origin: in every language the text with it is one segment of 160 characters.
const LONGEST_ORIGIN: usize = 80;

const SCHEME: &str = "https://";

/// The longest text that may be a code, with blanks and hyphens.
const LONGEST_TYPED: usize = 64;

/// Bytes of a nonce: nobody draws the same twice.
const NONCE: usize = 16;

impl Asked<'_> {
    /// Reads a request for a code.
    pub(super) fn start_verification(&self) -> Result<StartVerification, HttpAnswer> {
        let errors = Errors::default();
        let Some(object) = fields::object(self.body()?, &errors) else { return Err(self.invalid(errors)) };
        let mut fields = Fields::new(object, &errors);
        let hotline = fields.required_text("hotline", 1..=LONGEST_NAME);
        let hotline = hotline.map(|name| self.hotline(&name)).transpose()?;
        let asked_for = AskedFor::read(&mut fields);
        let wanted = self.read_wanted(&mut fields);
        fields.finish();
        let wanted = errors.check(wanted).map_err(|errors| self.problems().invalid(errors))?;
        let wrong = "`to` is no phone number. Write it in E.164, with its country: +15550100123.";
        let number = E164::parse(&wanted.to).ok_or_else(|| self.problems().answer(problem::NUMBER_INVALID, wrong))?;
        let number = number.canonical();
        let person = Party::Phone(number.clone()).key();
        let mailbox = hotline.map_or(0, |hotline| hotline.mailbox);
        let limits = CodeLimits::new(self.counters(hotline, &number, asked_for));
        Ok(StartVerification::new(mailbox, person, wanted, self.nonce()?, limits))
    }

    fn read_wanted(&self, fields: &mut Fields) -> Option<WantedVerification> {
        let to = fields.required_text("to", 1..=LONGEST_NAME);
        let channel = fields.word("channel", &VerificationChannel::ALL.map(|channel| (channel.as_str(), channel)));
        let purpose = fields.text("purpose", 1..=LONGEST_NAME);
        let unique_for = fields.text("unique_for", 1..=LONGEST_NAME);
        let origin = origin(fields);
        let reference = fields.text("reference", 1..=LONGEST_REFERENCE);
        Some(WantedVerification {
            request: String::new(),
            program: self.key.id.clone(),
            to: to?,
            channel: channel.unwrap_or_default(),
            purpose,
            unique_for,
            origin,
            reference,
        })
    }

    /// Who counts the code, the narrowest limit first.
    fn counters(&self, hotline: Option<&Hotline>, number: &E164, asked_for: AskedFor) -> Vec<Counter> {
        let Some(hotline) = hotline else { return Vec::new() };
        let secret = self.config.secrets.session_secret.expose();
        let of_person = |limit, kind, value: &str| Counter {
            limit,
            name: verification_limit::of_person(secret, hotline.mailbox, kind, value),
            of: Limit::Hourly(OF_ONE_IN_AN_HOUR),
        };
        let ip = asked_for.ip.map(|ip| of_person(CodeLimit::Ip, "ip", &counted_address(ip)));
        let device = asked_for.device.map(|device| of_person(CodeLimit::Device, "device", &device));
        let of_hotline = Counter {
            limit: CodeLimit::Hotline,
            name: verification_limit::of_hotline(hotline.mailbox),
            of: Limit::Hourly(hotline.verify.per_hour),
        };
        ip.into_iter().chain(device).chain([of_hotline, of_prefix(number)]).collect()
    }

    fn nonce(&self) -> Result<String, HttpAnswer> {
        let random = (self.request.random)();
        let nonce = random.as_ref().and_then(|random| random.first_chunk::<NONCE>());
        let failed = || self.problems().answer(problem::UNAVAILABLE, "No code could be drawn. Please send it again.");
        nonce.map(|nonce| URL_SAFE_NO_PAD.encode(nonce)).ok_or_else(failed)
    }

    /// Reads a code that somebody has typed, as six digits.
    pub(super) fn read_code(&self) -> Result<String, HttpAnswer> {
        let errors = Errors::default();
        let Some(object) = fields::object(self.body()?, &errors) else { return Err(self.invalid(errors)) };
        let mut fields = Fields::new(object, &errors);
        if fields.is_number("code") {
            let detail = "must be a text, such as \"012345\": a number loses the zeros that it begins with";
            fields.error("code", "wrong_type", detail);
            fields.take("code");
            fields.finish();
            return Err(self.invalid(errors));
        }
        let code = fields.required_text("code", 1..=LONGEST_TYPED);
        let typed = code.as_deref().and_then(verification_code::typed);
        if code.is_some() && typed.is_none() {
            fields.error(
                "code",
                "not_a_code",
                "must be six digits, such as 012345. It was not counted as a wrong code",
            );
        }
        fields.finish();
        errors.check(typed).map_err(|errors| self.problems().invalid(errors))
    }
}

/// The name of where the code is typed in, without its scheme.
fn origin(fields: &mut Fields) -> Option<String> {
    let origin = fields.text("origin", 1..=SCHEME.len() + LONGEST_ORIGIN)?;
    let name = origin.strip_prefix(SCHEME).filter(|name| is_name(name)).map(str::to_ascii_lowercase);
    if name.is_none() {
        let detail = "must be https:// and a name alone, without port and path, such as https://example.org";
        fields.error("origin", "not_an_origin", detail);
    }
    name
}

/// Whether it is the name of a host on the internet (RFC 1123): labels of letters, digits and hyphens, at least two.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_inner = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&label.len()) && is_inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    // Names of the last label are never digits alone; addresses are.
    name.contains('.') && name.split('.').all(is_label) && !last.bytes().all(|b| b.is_ascii_digit())
}

/// For whom a code is asked.
#[derive(Default)]
struct AskedFor {
    ip: Option<IpAddr>,
    device: Option<String>,
}

impl AskedFor {
    fn read(fields: &mut Fields) -> Self {
        let Some(mut limits) = fields.inner("limits") else { return Self::default() };
        let text = limits.text("ip", 1..=LONGEST_NAME);
        let ip = text.as_deref().and_then(|ip| ip.parse().ok());
        if text.is_some() && ip.is_none() {
            limits.error("ip", "not_an_address", "must be an address, such as 203.0.113.7 or 2001:db8::7");
        }
        let device = limits.text("device", 1..=LONGEST_DEVICE);
        limits.finish();
        Self { ip, device }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_name_on_the_internet() {
        for name in ["example.org", "a.b.example.org", "xn--mnchen-3ya.de", "1.example.org", "a-b.org"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "localhost",
            "example",
            ".org",
            "example.",
            "-a.org",
            "a-.org",
            "a..b",
            "192.0.2.1",
            "[::1]",
            "a b.org",
            "example.org:443",
            "example.org/",
            "münchen.de",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
