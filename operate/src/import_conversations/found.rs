//! Conversations by phone in an inbox, and the numbers of their customers.

use std::collections::{BTreeMap, BTreeSet};

use hotline::config::Hotline;
use hotline::domain::phone::E164;
use hotline::domain::time::timestamp;
use serde_json::Value;

use crate::doctor::clock::now;
use crate::failure::{Failure, Outcome};
use crate::helpscout::HelpScout;
use crate::output::Output;

use super::number::number;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Pages of conversations that are read: Help Scout has 25 on each.
const MOST_PAGES: u64 = 2_000;

/// After so many customers it is said how far it is.
const SAID_EVERY: usize = 100;

/// A person's newest conversation.
pub struct Found {
    pub number: E164,
    pub conversation: u64,
    pub changed_at: String,
}

/// A conversation that nobody can be texted from.
pub struct Skipped {
    pub conversation: u64,
    pub reason: &'static str,
}

/// What the inbox of a hotline has from the last so many days.
pub fn search(helpscout: &HelpScout, hotline: &Hotline, days: u16, out: Output) -> Outcome<(Vec<Found>, Vec<Skipped>)> {
    let newest = newest_by_customer(helpscout, hotline.mailbox, days)?;
    let (mut found, mut skipped): (BTreeMap<String, Found>, Vec<Skipped>) = (BTreeMap::new(), Vec::new());
    for (at, (customer, (conversation, changed_at))) in newest.iter().enumerate() {
        if at > 0 && at % SAID_EVERY == 0 {
            out.say(&format!("{at} of {} customers are read.", newest.len()));
        }
        let conversation = *conversation;
        match number_of(&helpscout.read(&format!("customers/{customer}"))?, hotline) {
            Err(reason) => skipped.push(Skipped { conversation, reason }),
            Ok(number) => {
                let it = Found { number, conversation, changed_at: changed_at.clone() };
                // Two records of one person: the conversation that changed last counts.
                let known = found.entry(it.number.as_str().to_owned());
                known
                    .and_modify(|known| {
                        if known.changed_at < it.changed_at {
                            *known =
                                Found { changed_at: it.changed_at.clone(), number: it.number.clone(), conversation };
                        }
                    })
                    .or_insert(it);
            }
        }
    }
    Ok((found.into_values().collect(), skipped))
}

/// The newest conversation by phone of each customer: its id, and when it changed.
fn newest_by_customer(helpscout: &HelpScout, mailbox: u64, days: u16) -> Outcome<BTreeMap<u64, (u64, String)>> {
    let since = timestamp(now().as_millisecond() - i64::from(days) * DAY);
    let mut newest = BTreeMap::new();
    for page in 1..=MOST_PAGES {
        let list = helpscout.read(&format!(
            "conversations?mailbox={mailbox}&status=all&modifiedSince={since}&sortField=modifiedAt&sortOrder=desc&page={page}"
        ))?;
        let all = list["_embedded"]["conversations"].as_array().into_iter().flatten();
        for it in all.filter(|it| it["type"] == "phone" && it["state"] != "deleted") {
            if let (Some(id), Some(customer)) = (it["id"].as_u64(), it["primaryCustomer"]["id"].as_u64()) {
                let changed_at = it["userUpdatedAt"].as_str().or_else(|| it["createdAt"].as_str());
                newest.entry(customer).or_insert_with(|| (id, changed_at.unwrap_or_default().to_owned()));
            }
        }
        let pages = list["page"]["totalPages"].as_u64().ok_or_else(|| {
            Failure::new("helpscout_unreadable", "Help Scout's list of conversations cannot be read; try again")
        })?;
        if pages <= page {
            return Ok(newest);
        }
    }
    let message = format!("inbox {mailbox} has more than {MOST_PAGES} pages of conversations; take fewer --days");
    Err(Failure::new("list_too_long", message))
}

/// The one number of a record.
fn number_of(record: &Value, hotline: &Hotline) -> Result<E164, &'static str> {
    let phones = record["_embedded"]["phones"].as_array().into_iter().flatten();
    let phones: Vec<&str> = phones.filter_map(|phone| phone["value"].as_str()).collect();
    let country = hotline.numbers.first().map_or("", E164::country_code);
    let numbers: BTreeSet<String> =
        phones.iter().filter_map(|phone| number(phone, country)).map(|number| number.as_str().to_owned()).collect();
    let mut numbers = numbers.iter();
    match (numbers.next().and_then(|number| E164::parse(number)), numbers.next()) {
        (None, _) if phones.is_empty() => Err("Its customer has no number."),
        (None, _) => Err("The number of its customer cannot be read; write it with + and its country code."),
        (Some(_), Some(_)) => Err("Its customer has several numbers, and nothing says which one is texted."),
        (Some(number), None) if hotline.numbers.contains(&number) => Err("Its customer has the hotline's own number."),
        (Some(number), None) => Ok(number),
    }
}
