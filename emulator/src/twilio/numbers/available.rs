//! `AvailablePhoneNumbers`: numbers for sale. They are numbers that regulators keep for stories and films, so that nobody's
//! phone is among them.

use serde_json::{Value, json};

use super::super::Twilio;
use super::super::api::{Pairs, only};
use super::super::json::{ApiError, page, respond};
use super::Capabilities;
use crate::http::Response;

/// A number for sale.
#[derive(Clone, Debug)]
pub(super) struct ForSale {
    pub(super) number: String,
    capabilities: Capabilities,
    locality: Option<&'static str>,
    region: Option<&'static str>,
    country: &'static str,
}

/// Numbers of one kind, in one place.
struct Block {
    country: &'static str,
    kind: &'static str,
    /// What stands before the last two digits.
    prefix: &'static str,
    place: Option<(&'static str, &'static str)>,
    capabilities: Capabilities,
}

const EVERYTHING: Capabilities = Capabilities { sms: true, mms: true, voice: true };

/// Of each block so many are for sale.
const OF_EACH: u8 = 20;

/// NANPA keeps 555-0100 to 0199 of each area for fiction; Ofcom 020 7946 0000 to 0999 and 07700 900000 to 900999.
const BLOCKS: [Block; 6] = [
    Block {
        country: "US",
        kind: "Local",
        prefix: "+141555501",
        place: Some(("San Francisco", "CA")),
        capabilities: EVERYTHING,
    },
    Block {
        country: "US",
        kind: "Local",
        prefix: "+121255501",
        place: Some(("New York", "NY")),
        capabilities: EVERYTHING,
    },
    Block {
        country: "US",
        kind: "Local",
        prefix: "+160755501",
        place: Some(("Ithaca", "NY")),
        capabilities: Capabilities { sms: false, mms: false, voice: true },
    },
    Block { country: "US", kind: "TollFree", prefix: "+180055501", place: None, capabilities: EVERYTHING },
    Block {
        country: "GB",
        kind: "Local",
        prefix: "+4420794600",
        place: Some(("London", "")),
        capabilities: Capabilities { sms: false, mms: false, voice: true },
    },
    Block {
        country: "GB",
        kind: "Mobile",
        prefix: "+4477009000",
        place: None,
        capabilities: Capabilities { sms: true, mms: false, voice: true },
    },
];

pub(super) fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| digits.len() >= 8 && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

pub(super) fn is_for_sale(number: &str) -> bool {
    BLOCKS.iter().flat_map(all).any(|it| it.number == number)
}

fn all(block: &Block) -> impl Iterator<Item = ForSale> {
    let (country, capabilities, place) = (block.country, block.capabilities, block.place);
    let number = |end: u8| format!("{}{end:02}", block.prefix);
    (0..OF_EACH).map(number).map(move |number| ForSale {
        number,
        capabilities,
        locality: place.map(|(locality, _)| locality),
        region: place.map(|(_, region)| region).filter(|region| !region.is_empty()),
        country,
    })
}

impl Twilio {
    pub(in crate::twilio) fn available_numbers(
        &self,
        path: &str,
        country: &str,
        name: &str,
        method: &str,
        query: &Pairs,
    ) -> Result<Response, ApiError> {
        only(method, "GET", path)?;
        let kind = name.strip_suffix(".json").unwrap_or_default();
        // A kind that a country does not have is no resource.
        if !BLOCKS.iter().any(|block| block.country == country && block.kind == kind) {
            return Err(ApiError::not_found(path));
        }
        let rows: Vec<_> = self.numbers_for_sale(country, kind, query)?.iter().map(shown).collect();
        Ok(respond(200, &page("available_phone_numbers", &rows, path, query)))
    }

    pub(super) fn numbers_for_sale(
        &self,
        country: &str,
        kind: &str,
        query: &[(String, String)],
    ) -> Result<Vec<ForSale>, ApiError> {
        let given = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let area = given("AreaCode");
        if area.is_some_and(|area| area.len() != 3 || area.parse::<u16>().is_err()) {
            return Err(ApiError::bad(21459, "AreaCode must be three digits"));
        }
        let pattern = given("Contains");
        if pattern.is_some_and(|pattern| !(2..=16).contains(&pattern.len())) {
            return Err(ApiError::bad(21460, "Contains must have 2 to 16 characters"));
        }
        let yes = |name: &str| given(name) == Some("true");
        let fits = |it: &ForSale| {
            area.is_none_or(|area| it.number.strip_prefix("+1").is_some_and(|rest| rest.starts_with(area)))
                && pattern.is_none_or(|pattern| contains(&it.number, pattern))
                && (it.capabilities.sms || !yes("SmsEnabled"))
                && (it.capabilities.mms || !yes("MmsEnabled"))
                && (it.capabilities.voice || !yes("VoiceEnabled"))
                && !self.settings.senders.iter().any(|sender| sender.address == it.number)
        };
        let blocks = BLOCKS.iter().filter(|block| block.country == country && block.kind == kind);
        Ok(blocks.flat_map(all).filter(fits).collect())
    }
}

/// `*` stands for any one character; the pattern may begin anywhere.
fn contains(number: &str, pattern: &str) -> bool {
    let (number, pattern) = (number.as_bytes(), pattern.as_bytes());
    number
        .windows(pattern.len())
        .any(|part| part.iter().zip(pattern).all(|(digit, wanted)| *wanted == b'*' || digit == wanted))
}

fn shown(it: &ForSale) -> Value {
    json!({
        "address_requirements": "none", "beta": false, "capabilities": it.capabilities.json(), "friendly_name": it.number,
        "iso_country": it.country, "lata": null, "latitude": null, "locality": it.locality, "longitude": null,
        "phone_number": it.number, "postal_code": null, "rate_center": null, "region": it.region,
    })
}
