//! What must be allowed beside a number's own fields: carriers in the United States want campaigns, brands and toll-free numbers
//! registered, and Twilio calls only countries that are switched on.

use std::collections::BTreeMap;

use hotline::config::Hotline;
use hotline::domain::numbering;
use serde_json::Value;

use crate::asked::Asked;
use crate::http::side_by_side;
use crate::toll_free;
use crate::twilio::{Host, Twilio};

/// Whether carriers of the United States want a campaign for a number.
pub fn needs_campaign(hotline: &Hotline, number: &str) -> bool {
    let in_us = hotline.region.as_ref().is_some_and(|region| region.as_str() == "US");
    in_us && number.starts_with("+1") && !toll_free::is(number)
}

/// Where agents, contacts and the team's own phones are called.
pub fn called_countries(hotline: &Hotline) -> Vec<String> {
    let by_agents = hotline.callback.iter().flat_map(|callback| &callback.countries);
    let team = hotline.ring.iter().flat_map(|ring| &ring.phones).filter_map(numbering::country);
    let mut all: Vec<_> = by_agents.map(|country| country.as_str().to_owned()).chain(team.map(str::to_owned)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// How far a registration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Carriers know it.
    Done,
    /// There is none, it waits, or it failed.
    Missing,
    Pending,
    Failed,
}

/// The best campaign of a service.
pub fn campaign(rows: &[Value]) -> (Registration, Option<&Value>) {
    let status = |row: &Value| match row["campaign_status"].as_str().unwrap_or_default() {
        "VERIFIED" => Registration::Done,
        "PENDING" | "IN_PROGRESS" => Registration::Pending,
        _ => Registration::Failed,
    };
    let rated = rows.iter().map(|row| (status(row), Some(row)));
    rated.min_by_key(|(status, _)| *status as u8).unwrap_or((Registration::Missing, None))
}

/// The best verification of a toll-free number.
pub fn verification(rows: &[Value]) -> Registration {
    let status = |row: &Value| match row["status"].as_str().unwrap_or_default() {
        "TWILIO_APPROVED" => Registration::Done,
        "PENDING_REVIEW" | "IN_REVIEW" => Registration::Pending,
        _ => Registration::Failed,
    };
    rows.iter().map(status).min_by_key(|status| *status as u8).unwrap_or(Registration::Missing)
}

/// Whether a brand is approved.
pub fn is_approved(brand: Option<&Value>) -> bool {
    brand.is_some_and(|brand| brand["status"] == "APPROVED")
}

/// The campaigns of services, and their brands, by SID.
#[derive(Debug, Default)]
pub struct Campaigns {
    /// By service; one that has none holds an empty list.
    pub of_services: BTreeMap<String, Asked<Vec<Value>>>,
    /// By SID.
    pub brands: BTreeMap<String, Asked<Option<Value>>>,
}

impl Campaigns {
    /// Reads those of these services.
    pub fn read(twilio: &Twilio, services: Vec<String>) -> Self {
        let of_services = each(services, |service| {
            list(twilio, &format!("v1/Services/{service}/Compliance/Usa2p"), "compliance", &[])
        });
        let rows = of_services.values().filter_map(Asked::answer).flatten();
        let brands = rows.filter_map(|row| row["brand_registration_sid"].as_str().map(str::to_owned)).collect();
        let brands =
            each(brands, |brand| twilio.read(Host::Messaging, &format!("v1/a2p/BrandRegistrations/{brand}")).into());
        Self { of_services, brands }
    }

    /// Whether carriers know the numbers of a service; also false where that cannot be seen.
    pub fn is_registered(&self, service: &str) -> bool {
        let rows = self.of_services.get(service).and_then(Asked::answer);
        let Some((Registration::Done, Some(row))) = rows.map(|rows| campaign(rows)) else { return false };
        let brand = row["brand_registration_sid"].as_str().and_then(|sid| self.brands.get(sid));
        brand.is_none_or(|brand| brand.answer().is_some_and(|brand| is_approved(brand.as_ref())))
    }
}

/// The verifications of toll-free numbers, by number; `sid` knows a number's SID.
pub fn verifications<'a>(
    twilio: &Twilio,
    numbers: Vec<String>,
    sid: impl Fn(&str) -> Option<&'a str> + Sync,
) -> BTreeMap<String, Asked<Vec<Value>>> {
    each(numbers, |number| {
        let Some(sid) = sid(number) else { return Asked::Not };
        list(twilio, "v1/Tollfree/Verifications", "verifications", &[("TollfreePhoneNumberSid", sid)])
    })
}

/// The dialing permissions of countries, by their two letters.
pub fn dialing(twilio: &Twilio, countries: Vec<String>) -> BTreeMap<String, Asked<Option<Value>>> {
    each(countries, |country| twilio.read(Host::Voice, &format!("v1/DialingPermissions/Countries/{country}")).into())
}

/// Asks about each name once, beside each other.
pub fn each<T: Send>(mut names: Vec<String>, ask: impl Fn(&str) -> Asked<T> + Sync) -> BTreeMap<String, Asked<T>> {
    names.sort_unstable();
    names.dedup();
    let answers = side_by_side(&names, |name| ask(name));
    names.into_iter().zip(answers).collect()
}

/// A list; one that is not there is empty.
fn list(twilio: &Twilio, path: &str, key: &str, query: &[(&str, &str)]) -> Asked<Vec<Value>> {
    Asked::from(twilio.list(Host::Messaging, path, key, query)).map(Option::unwrap_or_default)
}
