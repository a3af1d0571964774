//! Opening hours: how they are written, `Mon-Fri 09:00-17:00`, and whether a hotline is open at an instant.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::fields::Fields;
use crate::domain::time_zone;

/// Minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;

/// The days as they are written, Monday first.
const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);

    /// Reads `Mon`, `Mon-Fri`, `Fri-Mon` (over the weekend) and lists of these with commas.
    pub fn parse(text: &str) -> Option<Self> {
        let mut days = 0;
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |name: &str| DAY_NAMES.iter().position(|known| known.eq_ignore_ascii_case(name));
            let (first, last) = (number(first)?, number(last)?);
            days |= (0..=(last + 7 - first) % 7).fold(0, |days, step| days | 1 << ((first + step) % 7));
        }
        Some(Self(days))
    }

    /// Whether a day is among them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

/// A span of opening, in minutes since midnight. One that ends before it begins ends on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The days on which it begins.
    pub days: Days,
    /// From 0.
    pub from: u16,
    /// The first minute after it; up to 1440.
    pub until: u16,
}

impl Opening {
    /// Reads `Mon-Fri 09:00-17:00`; without days it holds every day.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (days, span) = match (words.next()?, words.next(), words.next()) {
            (span, None, _) => (Days::ALL, span),
            (days, Some(span), None) => (Days::parse(days)?, span),
            _ => return None,
        };
        let (from, until) = span.split_once('-')?;
        let opening = Self { days, from: minutes(from)?, until: minutes(until)? };
        // "09:00-09:00" could mean all day or never.
        (opening.from < DAY_MINUTES && opening.from != opening.until).then_some(opening)
    }

    /// Whether it ends on the next day.
    pub fn spans_midnight(self) -> bool {
        self.until < self.from
    }
}

/// Minutes since midnight of `09:00`, up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    Some(hour * 60 + minute).filter(|&minutes| minute < 60 && minutes <= DAY_MINUTES)
}

/// Reads `09:00`, before `24:00`.
pub(super) fn time_of_day(text: &str) -> Option<Time> {
    let minutes = minutes(text)?;
    let hour = i8::try_from(minutes / 60).ok()?;
    Time::new(hour, i8::try_from(minutes % 60).ok()?, 0, 0).ok()
}

fn digits(text: &str, length: usize) -> Option<u16> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Reads `2026-12-25`, and no other spelling of a date.
fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|date: &Date| date.to_string() == text)
}

/// What meets a caller outside the hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Voicemail.
    Voicemail,
    /// A busy tone.
    Reject,
}

/// When the phones ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Whose clock counts.
    pub time_zone: TimeZone,
    /// At least one span.
    pub open: Vec<Opening>,
    /// Days on which nothing begins.
    pub except: Vec<Date>,
    /// What meets a caller outside.
    pub closed: Closed,
}

impl Hours {
    /// Whether the phones ring at an instant, in Unix milliseconds.
    ///
    /// What the clock on the wall shows in the time zone decides: an hour that the clock shows twice is open twice, one
    /// that it skips is skipped. A span that ends on the next day belongs to the day on which it begins.
    pub fn is_open(&self, now_ms: i64) -> bool {
        let Ok(now) = Timestamp::from_millisecond(now_ms) else { return false };
        let clock = self.time_zone.to_datetime(now);
        let minute = u16::from(clock.hour().unsigned_abs()) * 60 + u16::from(clock.minute().unsigned_abs());
        let begins_on =
            |date: Date, opening: &Opening| opening.days.contains(date.weekday()) && !self.except.contains(&date);
        self.open.iter().any(|opening| {
            if !opening.spans_midnight() {
                return begins_on(clock.date(), opening) && (opening.from..opening.until).contains(&minute);
            }
            let since_yesterday = || clock.date().yesterday().is_ok_and(|date| begins_on(date, opening));
            (minute >= opening.from && begins_on(clock.date(), opening))
                || (minute < opening.until && since_yesterday())
        })
    }

    pub(super) fn read(mut fields: Fields<'_>) -> Option<Self> {
        let zone = fields.text("time_zone");
        let time_zone = zone.as_deref().and_then(time_zone::parse);
        if time_zone.is_none() {
            fields.problem("time_zone", "must be the name of a time zone, such as America/New_York");
        }
        let open = fields.list("open", Opening::parse, "must be days and times, such as Mon-Fri 09:00-17:00");
        if open.is_empty() {
            fields.problem("open", "needs a span such as \"Mon-Fri 09:00-17:00\"; leave out hours to be always open");
        }
        let except = fields.list("except", date, "must be a day that exists, such as 2026-12-25");
        let closed = fields.word("closed", ("voicemail", Closed::Voicemail), ("reject", Closed::Reject));
        fields.finish();
        Some(Self { time_zone: time_zone?, open, except, closed })
    }
}

#[cfg(test)]
mod tests;
