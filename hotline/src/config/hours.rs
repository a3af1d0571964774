//! Opening hours as they are written, `Mon-Fri 09:00-17:00`, and as they are kept.

use super::fields::Fields;

/// Minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;

/// The days as they are written, Monday first.
const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A time zone by its name (IANA time zone database); whether it exists, the platform's `Intl` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// Reads a name such as `America/New_York` or `UTC`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
        };
        ((text.contains('/') || text == "UTC") && text.split('/').all(is_part)).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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

    /// Whether a day is among them; Monday is 0, Sunday 6.
    pub fn contains(self, weekday: u8) -> bool {
        weekday < 7 && self.0 & (1 << weekday) != 0
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

fn digits(text: &str, length: usize) -> Option<u16> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// As in 2026.
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

impl Date {
    /// Reads `2026-12-25`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let month_length = match month {
            2 => 28 + u16::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let is_real = parts.next().is_none() && (1..=month_length).contains(&day);
        is_real.then_some(Self { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
    }
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
    pub(super) fn read(mut fields: Fields<'_>) -> Option<Self> {
        let zone = fields.text("time_zone");
        let time_zone = zone.as_deref().and_then(TimeZone::parse);
        if time_zone.is_none() {
            fields.problem("time_zone", "must be the name of a time zone, such as America/New_York");
        }
        let open = fields.list("open", Opening::parse, "must be days and times, such as Mon-Fri 09:00-17:00");
        if open.is_empty() {
            fields.problem("open", "needs a span such as \"Mon-Fri 09:00-17:00\"; leave out hours to be always open");
        }
        let except = fields.list("except", Date::parse, "must be a day that exists, such as 2026-12-25");
        let closed = fields.word("closed", ("voicemail", Closed::Voicemail), ("reject", Closed::Reject));
        fields.finish();
        Some(Self { time_zone: time_zone?, open, except, closed })
    }
}
