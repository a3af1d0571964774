//! The domain of the customers' addresses: whatever Help Scout mails there must arrive nowhere.

use hotline::config::Customers;
use hotline::form::encode;
use serde_json::Value;

use super::codes::{Code, Source};
use super::report::{Place, Report};
use crate::asked::Asked;
use crate::http::{Http, side_by_side};

/// The resolver that is asked when none is named (Cloudflare, DNS over HTTPS).
pub const RESOLVER: &str = "https://cloudflare-dns.com/dns-query";

/// The types that are asked for, with their numbers (RFC 1035, 3.2.2; RFC 3596).
const TYPES: [(&str, u64); 3] = [("MX", 15), ("A", 1), ("AAAA", 28)];

/// What says that a domain takes no mail (RFC 7505).
const NULL_MX: &str = "0 .";

/// "No such name" is an answer as well (RFC 1035, 4.1.1).
const NO_SUCH_NAME: u64 = 3;

/// A domain's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    domain: String,
    /// By the order of [`TYPES`].
    data: Vec<Vec<String>>,
}

/// Asks for the domain's records, if there is one.
pub fn read(http: &Http, resolver: &str, customers: Option<&Customers>) -> Asked<Records> {
    let Some(Customers::Email { domain }) = customers else { return Asked::Not };
    let found = side_by_side(&TYPES, |(name, number)| one(http, resolver, domain, name, *number));
    match found.into_iter().collect::<Result<_, _>>() {
        Ok(data) => Asked::Answered(Records { domain: domain.clone(), data }),
        Err(reason) => Asked::Failed(reason),
    }
}

fn one(http: &Http, resolver: &str, domain: &str, kind: &str, number: u64) -> Result<Vec<String>, String> {
    let url = format!("{resolver}?{}", encode(&[("name", domain), ("type", kind)]));
    let headers = [("accept", "application/dns-json".to_owned())];
    let answer = http.send("GET", &url, &headers, None).map_err(|none| format!("DNS does not answer: {}", none.0))?;
    let status = answer.body["Status"].as_u64().filter(|_| answer.is_success());
    if !matches!(status, Some(0 | NO_SUCH_NAME)) {
        return Err(format!("DNS answered {} without records of {domain}", answer.status));
    }
    // Aliases on the way to a record stand beside it.
    let rows = answer.body["Answer"].as_array().into_iter().flatten().filter(|row| row["type"] == number);
    Ok(rows.filter_map(|row| Some(row["data"].as_str()?.trim().to_owned())).collect())
}

/// Judges them.
pub fn judge(asked: &Asked<Records>, report: &mut Report) {
    let Some(Records { domain, data }) = report.take(asked, Source::Domain) else { return };
    let [mx, hosts @ ..] = data.as_slice() else { return };
    let place = Place::new("dns", "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN").named(domain);
    let takes_mail: Vec<_> = mx.iter().filter(|data| *data != NULL_MX).cloned().collect();
    if !takes_mail.is_empty() {
        report.find(Code::CustomerDomainTakesMail, place, format!("MX {}", takes_mail.join(", ")), "MX 0 .");
    } else if mx.is_empty() && hosts.iter().any(|host| !host.is_empty()) {
        let hosts: Vec<&str> = hosts.iter().flatten().map(String::as_str).collect();
        report.find(Code::CustomerDomainHasHost, place, Value::from(hosts), "MX 0 .");
    }
}
