//! What is read of Twilio's account: each list whole and once, beside each other.

use std::collections::BTreeMap;
use std::thread;

use hotline::config::{Hotline, RingOrder};
use hotline::form::percent_encode;
use jiff::SignedDuration;
use serde_json::Value;

use super::clock::now;
use super::codes::Source;
use super::report::Report;
use crate::asked::Asked;
use crate::failure::Outcome;
use crate::http::joined;
use crate::http::side_by_side;
use crate::permissions::{self, Campaigns, called_countries};
use crate::project::Project;
use crate::toll_free;
use crate::twilio::{Host, Twilio};

/// Calls that are looked at (OPERATE, doctor).
const CALLS: usize = 50;

/// Texts that are looked at (OPERATE, doctor).
const TEXTS: usize = 200;

/// How old an alert may be, in hours (OPERATE, doctor).
const ALERT_HOURS: i64 = 24;

/// A Messaging Service with the SIDs of its numbers.
#[derive(Clone, Debug)]
pub struct Pool {
    pub service: Value,
    pub numbers: Vec<String>,
}

/// What Twilio answered.
#[derive(Debug)]
pub struct Facts {
    pub numbers: Asked<Vec<Value>>,
    /// By SID.
    pub pools: Asked<BTreeMap<String, Pool>>,
    pub campaigns: Campaigns,
    /// Verifications by toll-free number.
    pub verifications: BTreeMap<String, Asked<Vec<Value>>>,
    /// Regions by number; `None` for one that was never given any.
    pub regions: BTreeMap<String, Asked<Option<Value>>>,
    pub senders: Asked<Vec<Value>>,
    /// Dialing permissions by country.
    pub countries: BTreeMap<String, Asked<Option<Value>>>,
    pub calls: Asked<Vec<Value>>,
    pub texts: Asked<Vec<Value>>,
    pub alerts: Asked<Vec<Value>>,
}

impl Facts {
    /// The resource of a number of the account.
    pub fn number(&self, number: &str) -> Option<&Value> {
        self.numbers.answer()?.iter().find(|it| it["phone_number"] == number)
    }

    /// The service whose pool a number of the account is in.
    pub fn pool_of(&self, number: &str) -> Option<(&str, &Pool)> {
        let sid = self.number(number)?["sid"].as_str()?;
        let mut pools = self.pools.answer()?.iter();
        pools.find(|(_, pool)| pool.numbers.iter().any(|it| it == sid)).map(|(service, pool)| (service.as_str(), pool))
    }
}

impl Facts {
    /// Nothing was asked; why.
    fn without(why: &str, countries: Vec<String>) -> Self {
        let failed = || why.to_owned();
        Self {
            numbers: Asked::Failed(failed()),
            pools: Asked::Failed(failed()),
            campaigns: Campaigns::default(),
            verifications: BTreeMap::new(),
            regions: BTreeMap::new(),
            senders: Asked::Failed(failed()),
            countries: countries.into_iter().map(|country| (country, Asked::Failed(failed()))).collect(),
            calls: Asked::Failed(failed()),
            texts: Asked::Failed(failed()),
            alerts: Asked::Failed(failed()),
        }
    }
}

/// Reads what the report needs; without the account, nothing.
pub fn read(twilio: &Result<Twilio, String>, project: &Project, hotlines: &[&Hotline], report: &Report) -> Facts {
    match twilio {
        Ok(twilio) => Reader { twilio, project, hotlines, report }.read(),
        Err(why) => Facts::without(why, countries(hotlines)),
    }
}

fn countries(hotlines: &[&Hotline]) -> Vec<String> {
    hotlines.iter().flat_map(|hotline| called_countries(hotline)).collect()
}

struct Reader<'a> {
    twilio: &'a Twilio<'a>,
    project: &'a Project,
    hotlines: &'a [&'a Hotline],
    report: &'a Report,
}

impl Reader<'_> {
    fn read(&self) -> Facts {
        let wants = |sources: &[Source]| self.report.wants(sources);
        let rings_many = |hotline: &&&Hotline| {
            hotline.ring.as_ref().is_some_and(|ring| ring.order == RingOrder::All && ring.phones.len() > 3)
        };
        let has_numbers = self.hotlines.iter().any(|hotline| !hotline.numbers.is_empty());
        let mut facts = thread::scope(|scope| {
            let numbers = scope.spawn(|| {
                use Source::{Brands, Campaigns, Numbers, Pools, TollFree};
                let needed = has_numbers && wants(&[Numbers, Pools, Campaigns, Brands, TollFree, Source::Services]);
                Asked::when(needed, || {
                    self.list(Host::Account, "IncomingPhoneNumbers.json", "incoming_phone_numbers", &[])
                })
            });
            let pools = scope.spawn(|| {
                use Source::{Brands, Campaigns, Pools, Services};
                Asked::when(wants(&[Services, Pools, Campaigns, Brands]), || self.pools().into())
            });
            let senders = scope.spawn(|| {
                let has = self.hotlines.iter().any(|hotline| hotline.whatsapp.is_some());
                let channel = [("Channel", "whatsapp")];
                let ask = || self.list(Host::Messaging, "v2/Channels/Senders", "senders", &channel);
                Asked::when(has && wants(&[Source::Senders]), ask)
            });
            let calls = scope.spawn(|| {
                let needed = self.hotlines.iter().any(|it| rings_many(&it)) && wants(&[Source::Calls]);
                Asked::when(needed, || self.twilio.newest("Calls.json", "calls", CALLS).into())
            });
            let texts = scope.spawn(|| {
                let needed = has_numbers && wants(&[Source::Texts]);
                Asked::when(needed, || self.twilio.newest("Messages.json", "messages", TEXTS).into())
            });
            let alerts = scope.spawn(|| Asked::when(wants(&[Source::Alerts]), || self.alerts()));
            let needed = wants(&[Source::Countries]);
            let countries = permissions::dialing(self.twilio, if needed { countries(self.hotlines) } else { vec![] });
            let numbers_of_file = self.numbers().map(|(_, number)| number);
            let needed = wants(&[Source::Regions]);
            let regions = permissions::each(numbers_of_file.filter(|_| needed).collect(), |number| {
                self.twilio.read(Host::Routes, &format!("v2/PhoneNumbers/{}", percent_encode(number))).into()
            });
            Facts {
                numbers: joined(numbers),
                pools: joined(pools),
                campaigns: Campaigns::default(),
                verifications: BTreeMap::new(),
                regions,
                senders: joined(senders),
                countries,
                calls: joined(calls),
                texts: joined(texts),
                alerts: joined(alerts),
            }
        });
        self.read_registrations(&mut facts);
        facts
    }

    /// What hangs on numbers and pools.
    fn read_registrations(&self, facts: &mut Facts) {
        if self.report.wants(&[Source::TollFree]) {
            let toll_free = self.numbers().map(|(_, number)| number).filter(|it| toll_free::is(it));
            let sid = |number: &str| facts.number(number)?["sid"].as_str();
            facts.verifications = permissions::verifications(self.twilio, toll_free.collect(), sid);
        }
        if self.report.wants(&[Source::Campaigns, Source::Brands]) {
            let numbers = self.numbers().filter(|(hotline, number)| permissions::needs_campaign(hotline, number));
            let service = |number: &str| facts.pool_of(number).map(|(service, _)| service.to_owned());
            let services = numbers.filter_map(|(_, number)| service(&number)).collect();
            facts.campaigns = Campaigns::read(self.twilio, services);
        }
    }

    /// The hotlines' numbers.
    fn numbers(&self) -> impl Iterator<Item = (&Hotline, String)> {
        let hotlines = self.hotlines.iter().copied();
        hotlines.flat_map(|hotline| hotline.numbers.iter().map(move |number| (hotline, number.to_string())))
    }

    /// A list; one that is not there is empty.
    fn list(&self, host: Host, path: &str, key: &str, query: &[(&str, &str)]) -> Asked<Vec<Value>> {
        Asked::from(self.twilio.list(host, path, key, query)).map(Option::unwrap_or_default)
    }

    fn pools(&self) -> Outcome<BTreeMap<String, Pool>> {
        let services = self.twilio.list(Host::Messaging, "v1/Services", "services", &[])?.unwrap_or_default();
        let pools = side_by_side(&services, |service| {
            let sid = service["sid"].as_str().unwrap_or_default();
            let path = format!("v1/Services/{sid}/PhoneNumbers");
            let rows = self.twilio.list(Host::Messaging, &path, "phone_numbers", &[])?.unwrap_or_default();
            let numbers = rows.iter().filter_map(|row| Some(row["sid"].as_str()?.to_owned())).collect();
            Ok((sid.to_owned(), Pool { service: service.clone(), numbers }))
        });
        pools.into_iter().collect()
    }

    fn alerts(&self) -> Asked<Vec<Value>> {
        let from = now().checked_sub(SignedDuration::from_hours(ALERT_HOURS));
        let from = from.ok().and_then(|at| at.round(jiff::Unit::Second).ok()).unwrap_or_default().to_string();
        let url = &self.project.config.public_url;
        let rows = self.list(Host::Monitor, "v1/Alerts", "alerts", &[("LogLevel", "error"), ("StartDate", &from)]);
        rows.map(|rows| rows.into_iter().filter(|row| is_below(row["request_url"].as_str(), url)).collect())
    }
}

/// Whether an address is ours, or below it.
fn is_below(address: Option<&str>, url: &str) -> bool {
    let rest = address.and_then(|address| address.strip_prefix(url));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}
