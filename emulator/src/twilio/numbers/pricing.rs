//! Pricing v1: what a number costs a month in each country.

use serde_json::json;

use super::super::api::only;
use super::super::json::{ApiError, respond};
use crate::http::Response;

/// What a country's numbers cost a month in US dollars, by their kind.
struct Country {
    code: &'static str,
    name: &'static str,
    prices: [(&'static str, &'static str); 2],
}

/// As Twilio published them in 2026.
const COUNTRIES: [Country; 2] = [
    Country { code: "US", name: "United States", prices: [("local", "1.15"), ("toll free", "2.15")] },
    Country { code: "GB", name: "United Kingdom", prices: [("local", "1.15"), ("mobile", "1.15")] },
];

/// `GET /v1/PhoneNumbers/Countries/{CC}`.
pub(in crate::twilio) fn of_country(path: &str, country: &str, method: &str) -> Result<Response, ApiError> {
    only(method, "GET", path)?;
    let found = COUNTRIES.into_iter().find(|it| it.code == country);
    let Country { code, name, prices } = found.ok_or_else(|| ApiError::not_found(path))?;
    let prices: Vec<_> = prices
        .into_iter()
        .map(|(kind, price)| json!({"number_type": kind, "base_price": price, "current_price": price}))
        .collect();
    Ok(respond(
        200,
        &json!({
            "country": name, "iso_country": code, "price_unit": "USD", "phone_number_prices": prices,
            "url": format!("https://pricing.twilio.com/v1/PhoneNumbers/Countries/{code}"),
        }),
    ))
}
