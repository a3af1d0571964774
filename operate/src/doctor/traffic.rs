//! What the last calls, texts and alerts show.

use std::collections::{BTreeMap, BTreeSet};

use hotline::config::{Hotline, RingOrder};
use hotline::domain::phone::E164;
use hotline::domain::text::keywords::Keyword;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::{Value, json};

use super::clock::now;
use super::codes::{Code, Source};
use super::report::{Place, Report};
use super::twilio::Facts;

/// How long a call may wait until Twilio begins it, in milliseconds (OPERATE, doctor).
const MOST_QUEUED_MS: u64 = 2_000;

/// Within which time a STOP is answered, in seconds (OPERATE, doctor).
const ANSWER_WITHIN_S: i64 = 60;

/// Judges whether the last calls waited for each other.
pub fn judge_calls(facts: &Facts, hotlines: &[&Hotline], report: &mut Report) {
    let Some(calls) = report.take(&facts.calls, Source::Calls) else { return };
    let waits = calls.iter().filter_map(|call| call["queue_time"].as_str()?.parse::<u64>().ok());
    let Some(worst) = waits.max().filter(|ms| *ms > MOST_QUEUED_MS) else { return };
    for hotline in hotlines {
        let Some(ring) = &hotline.ring else { continue };
        if ring.order == RingOrder::All && ring.phones.len() > 3 {
            let place = Place::new("twilio_account", "queue_time").of(hotline.api_name());
            report.find(Code::RingOutrunsCalls, place, format!("{worst} ms"), format!("at most {MOST_QUEUED_MS} ms"));
        }
    }
}

/// A text of the list.
struct Text<'a> {
    from: &'a str,
    to: &'a str,
    inbound: bool,
    stops: bool,
    at: Timestamp,
}

impl<'a> Text<'a> {
    fn read(row: &'a Value) -> Option<Self> {
        static PARSER: DateTimeParser = DateTimeParser::new();
        let date = row["date_sent"].as_str().or_else(|| row["date_created"].as_str())?;
        let body = row["body"].as_str().unwrap_or_default();
        Some(Self {
            from: row["from"].as_str()?,
            to: row["to"].as_str()?,
            inbound: row["direction"] == "inbound",
            stops: Keyword::read(body, None) == Some(Keyword::Stop),
            at: PARSER.parse_timestamp(date).ok()?,
        })
    }
}

/// Judges how each first STOP of a person was answered. A further one of somebody who had stopped is not answered.
pub fn judge_texts(facts: &Facts, hotlines: &[&Hotline], report: &mut Report) {
    let Some(rows) = report.take(&facts.texts, Source::Texts) else { return };
    let mut texts: Vec<Text> = rows.iter().filter_map(Text::read).collect();
    texts.sort_by_key(|text| text.at);
    let now = now();
    for hotline in hotlines {
        for number in hotline.numbers.iter().map(E164::as_str) {
            let mut seen = BTreeSet::new();
            let (mut none, mut several, mut judged) = (0, 0, 0);
            for stop in texts.iter().filter(|text| text.inbound && text.stops && text.to == number) {
                let is_over = now.as_second() - stop.at.as_second() > ANSWER_WITHIN_S;
                if !seen.insert(stop.from) || !is_over {
                    continue;
                }
                let answers = texts.iter().filter(|text| {
                    let after = text.at.as_second() - stop.at.as_second();
                    !text.inbound
                        && text.from == number
                        && text.to == stop.from
                        && (0..=ANSWER_WITHIN_S).contains(&after)
                });
                judged += 1;
                match answers.count() {
                    0 => none += 1,
                    1 => {}
                    _ => several += 1,
                }
            }
            let place = || Place::new("twilio_number", "opt_out").of(hotline.api_name()).named(number);
            if none > 0 {
                report.find(Code::OptOutUnanswered, place(), format!("{none} of {judged}"), "one answer to each STOP");
            }
            if several > 0 {
                report.find(Code::OptOutTwice, place(), format!("{several} of {judged}"), "one answer to each STOP");
            }
        }
    }
}

/// Judges the alerts of addresses below ours.
pub fn judge_alerts(facts: &Facts, report: &mut Report) {
    let Some(alerts) = report.take(&facts.alerts, Source::Alerts) else { return };
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for alert in alerts {
        let code = alert["error_code"].as_str().map_or_else(|| alert["error_code"].to_string(), str::to_owned);
        *counts.entry(code).or_default() += 1;
    }
    if !counts.is_empty() {
        report.find(Code::WebhookErrors, Place::new("twilio_account", "error_code"), json!(counts), json!({}));
    }
}
