//! What a number is, in whatever form somebody typed it (Twilio, Lookup v2: the basic lookup costs nothing).

use crate::json::Document;
use serde::{Deserialize, Serialize};

use crate::api::{Body, Method, Outcome, Request, Service};
use crate::config::Country;
use crate::domain::phone::E164;
use crate::domain::typed_number;
use crate::form::percent_encode;

/// Longer than every number, however it is spaced and whatever stands around it.
const LONGEST_TYPED: usize = 64;

/// A number, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// E.164.
    pub number: String,
    /// The country's two letters; empty where a number belongs to none.
    pub country: String,
}

/// What Twilio says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is a number.
    Phone(Phone),
    /// It is none.
    Nothing,
    /// Nobody knows: Twilio could not be asked.
    Unknown,
}

/// Asks what was typed; a form without a country code is read as one of `region`. `None` when it can be no number.
pub fn lookup(typed: &str, region: Option<&Country>) -> Option<Request> {
    let typed = typed_number::plain(typed);
    if typed.len() > LONGEST_TYPED || !typed.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let national = region.filter(|_| !typed.starts_with('+'));
    let country = national.map_or(String::new(), |region| ["?CountryCode=", region.as_str()].concat());
    let path = ["/v2/PhoneNumbers/", &percent_encode(&typed), &country].concat();
    Some(Request { service: Service::Lookups, method: Method::Get, path, body: Body::Empty })
}

/// Reads the answer. What is no number is answered with 200 and `valid: false`, some of it with 400 or 404.
pub fn read(outcome: Outcome) -> Found {
    let Outcome::Answered(response) = outcome else { return Found::Unknown };
    match response.status {
        200 => {}
        400 | 404 => return Found::Nothing,
        _ => return Found::Unknown,
    }
    let found = response.json();
    let number = E164::parse(found.at("phone_number").text()).filter(|_| found.at("valid").as_bool() == Some(true));
    number.map_or(Found::Nothing, |number| {
        Found::Phone(Phone { number: number.as_str().to_owned(), country: found.string("country_code") })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Response;

    #[test]
    fn a_number_is_asked_for_as_it_was_typed() {
        let us = Country::parse("US");
        for (typed, region, path) in [
            (" (555) 010-0104 ", us, Some("/v2/PhoneNumbers/%28555%29%20010-0104?CountryCode=US")),
            ("+44 7700 900123", us, Some("/v2/PhoneNumbers/%2B44%207700%20900123")),
            ("5550100104", None, Some("/v2/PhoneNumbers/5550100104")),
            ("\u{202a}+447700900123\u{202c}", us, Some("/v2/PhoneNumbers/%2B447700900123")),
            ("tel:+44 (0)7700 900123", us, Some("/v2/PhoneNumbers/%2B44%207700%20900123")),
            ("call/../1", None, Some("/v2/PhoneNumbers/call%2F..%2F1")),
            ("", us, None),
            ("..", us, None),
            ("my phone", us, None),
            (&"1".repeat(65), us, None),
        ] {
            assert_eq!(lookup(typed, region.as_ref()).map(|it| it.path).as_deref(), path, "{typed}");
        }
    }

    #[test]
    fn only_a_valid_number_is_one() {
        let says = |status, body: &str| {
            read(Outcome::Answered(Response { status, body: body.as_bytes().to_vec(), ..Response::default() }))
        };
        let phone = Found::Phone(Phone { number: "+15550100104".to_owned(), country: "US".to_owned() });
        let good = r#"{"phone_number":"+15550100104","country_code":"US","valid":true}"#;
        assert_eq!(says(200, good), phone);
        assert_eq!(says(200, &good.replace("true", "false")), Found::Nothing);
        assert_eq!(says(200, "{}"), Found::Nothing);
        assert_eq!(says(404, good), Found::Nothing);
        for status in [401, 429, 500, 503] {
            assert_eq!(says(status, good), Found::Unknown, "{status}");
        }
        assert_eq!(read(Outcome::TimedOut), Found::Unknown);
        let nowhere = r#"{"phone_number":"+88160000001","country_code":null,"valid":true}"#;
        assert!(matches!(says(200, nowhere), Found::Phone(phone) if phone.country.is_empty()));
    }
}
