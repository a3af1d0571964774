//! The clocks of the others, by the `Date` of their answers.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::codes::Code;
use super::report::{Place, Report};
use crate::http::Answer;

/// How far a clock may be away, in seconds (OPERATE, doctor).
const MOST_S: i64 = 60;

/// What was seen of each clock: the resource that it belongs to, and how far it is ahead of ours, in seconds.
#[derive(Debug, Default)]
pub struct Clocks(Mutex<Vec<(&'static str, i64)>>);

impl Clocks {
    /// Looks at an answer that has just come.
    pub fn look(&self, resource: &'static str, answer: &Answer) {
        let ahead = answer.header("date").and_then(ahead_s);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(ahead.map(|ahead| (resource, ahead)));
    }

    /// Judges the first answer of each.
    pub fn judge(&self, report: &mut Report) {
        let mut judged = Vec::new();
        for (resource, ahead) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if ahead.abs() > MOST_S && !judged.contains(resource) {
                let words = if *ahead > 0 { "ahead of ours" } else { "behind ours" };
                let found = format!("{} s {words}", ahead.abs());
                report.find(Code::ClockSkew, Place::new(resource, "Date"), found, format!("at most {MOST_S} s"));
            }
            judged.push(*resource);
        }
    }
}

/// The instant it is by our clock.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_default()
}

fn ahead_s(date: &str) -> Option<i64> {
    /// RFC 9110, 5.6.7, writes GMT for what RFC 2822 writes as an offset.
    static PARSER: DateTimeParser = DateTimeParser::new();
    let then = PARSER.parse_timestamp(date).ok()?.as_second();
    Some(then - now().as_second())
}
