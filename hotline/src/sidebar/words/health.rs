//! How the hotlines fare, in words for an operator who has ten seconds.

mod chart;
mod hotline;
mod services;

use protocol::Timestamp;
use protocol::health::{Health, Reason, Status};

pub use self::chart::{Bars, bars, legend, row, summary};
pub use self::hotline::hotline;
pub use self::services::{helpscout, ringside, twilio};
use super::{DAY, HOUR, MINUTE, WriteDate, when};

/// What the button is called that opens it.
pub const TITLE: &str = "Hotline health";

/// Said until the first report has come.
const READING: &str = "Reading how the hotlines fare…";

/// The instant of a report, and how the agent's browser writes others.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// When the report was put together.
    pub now: Timestamp,
    /// Writes a time of day.
    pub time_of_day: WriteDate,
    /// Writes a date with its time of day.
    pub date_and_time: WriteDate,
}

impl Clock {
    /// How long ago something was.
    fn when(&self, at: Timestamp) -> String {
        when(self.now, at, self.time_of_day, self.date_and_time)
    }

    /// Since when something has been so, and for how long: `since 2:05 PM (25 min)`.
    pub fn since(&self, at: Timestamp) -> String {
        let seconds = self.now.duration_since(at).as_secs().max(0);
        let written = if seconds < DAY { (self.time_of_day)(at) } else { (self.date_and_time)(at) };
        let lasting = match seconds {
            past if past < MINUTE => "under a minute".to_owned(),
            past if past < HOUR => format!("{} min", past / MINUTE),
            past if past < DAY => format!("{} h", past / HOUR),
            past if past < 2 * DAY => "1 day".to_owned(),
            past => format!("{} days", past / DAY),
        };
        format!("since {written} ({lasting})")
    }
}

/// Something that is known, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is called.
    pub name: &'static str,
    /// What is known of it, a line each.
    pub lines: Vec<String>,
    /// Whether it is one of the things that are wrong.
    pub is_wrong: bool,
}

impl Fact {
    fn new(name: &'static str, line: impl Into<String>, is_wrong: bool) -> Self {
        Self { name, lines: vec![line.into()], is_wrong }
    }
}

/// The first line: whether all is well as far as the last report says; an old one is said to be so.
pub fn first_line(last: Option<&Health>, is_old: bool, time_of_day: WriteDate) -> String {
    match last {
        None if is_old => String::new(),
        None => READING.to_owned(),
        Some(health) if is_old => format!("Not known now. At {}: {}", time_of_day(health.at), headline(health)),
        Some(health) => headline(health),
    }
}

/// Whether all is well, and if not, how bad it is.
fn headline(health: &Health) -> String {
    let wrong = match health.reasons.len() {
        0 => return "All is well.".to_owned(),
        1 => "1 thing is wrong.".to_owned(),
        many => format!("{many} things are wrong."),
    };
    match health.status {
        Status::Down => format!("Down: {wrong}"),
        Status::Ok | Status::Degraded => format!("It works, but {wrong}"),
    }
}

/// Of when the report is.
pub fn as_of(health: &Health, exact: WriteDate) -> String {
    format!("As of {}. Read every minute.", exact(health.at))
}

/// How the first line looks.
pub fn class(last: Option<&Health>, is_old: bool) -> &'static str {
    match last.filter(|_| !is_old).map(|health| health.status) {
        None => "overall",
        Some(Status::Ok) => "overall well",
        Some(Status::Degraded) => "overall degraded",
        Some(Status::Down) => "overall down",
    }
}

/// A hotline's status in a word or two.
pub fn hotline_status(status: Status) -> &'static str {
    match status {
        Status::Ok => "is well",
        Status::Degraded => "works, but not all is well",
        Status::Down => "is down",
    }
}

/// What is wrong: where, where that is one hotline of several, and what.
pub fn detail(health: &Health, reason: &Reason) -> String {
    let of_several = reason.hotline.as_ref().filter(|_| health.hotlines.len() > 1);
    let named = of_several.and_then(|name| health.hotlines.iter().find(|it| it.hotline == *name));
    named.map_or_else(|| reason.detail.clone(), |hotline| format!("{}: {}", hotline.name, reason.detail))
}

/// Whether a reason with this code is there, of this hotline or of all.
fn is_wrong(health: &Health, code: &str, hotline: Option<&str>) -> bool {
    health.reasons.iter().any(|reason| reason.code == code && reason.hotline.as_deref() == hotline)
}

/// How many, with the word for one or for several.
fn counted(count: impl Into<u64>, one: &str, several: &str) -> String {
    match count.into() {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

/// How long something took: `0.9 s`, `42 s`, `12 min`, `3 h`.
fn took(ms: i64) -> String {
    /// Below this a tenth of a second is seen.
    const TENTHS: i64 = 10_000;
    let (seconds, tenths) = (ms.max(0) / 1_000, ms.max(0) / 100);
    match seconds {
        _ if tenths == 0 => "under 0.1 s".to_owned(),
        _ if ms < TENTHS => format!("{}.{} s", tenths / 10, tenths % 10),
        seconds if seconds < MINUTE => format!("{seconds} s"),
        seconds if seconds < HOUR => format!("{} min", seconds / MINUTE),
        seconds => format!("{} h", seconds / HOUR),
    }
}

#[cfg(test)]
mod tests;
