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
        let date = Self { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? };
        (parts.next().is_none() && date.is_real()).then_some(date)
    }
}

/// An instant as the clock on the wall shows it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallClock {
    /// The day.
    pub date: Date,
    /// Since midnight, from 0 to 1439.
    pub minute: u16,
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

impl Date {
    /// Monday is 0, Sunday 6 (Zeller's congruence, shifted).
    fn weekday(self) -> u8 {
        let (year, month) = if self.month < 3 { (self.year - 1, self.month + 12) } else { (self.year, self.month) };
        let (year, month, day) = (u32::from(year), u32::from(month), u32::from(self.day));
        let from_saturday = (day + 13 * (month + 1) / 5 + year + year / 4 + year / 400 - year / 100) % 7;
        u8::try_from((from_saturday + 5) % 7).unwrap_or(0)
    }

    fn before(self) -> Self {
        let month_length =
            |year, month| (28..=31).rev().find(|day| Self { year, month, day: *day }.is_real()).unwrap_or(28);
        match (self.month, self.day) {
            (1, 1) => Self { year: self.year - 1, month: 12, day: 31 },
            (month, 1) => Self { month: month - 1, day: month_length(self.year, month - 1), ..self },
            (_, day) => Self { day: day - 1, ..self },
        }
    }

    fn is_real(self) -> bool {
        let is_leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let month_length = match self.month {
            2 => 28 + u8::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return false,
        };
        (1..=month_length).contains(&self.day)
    }
}

impl Hours {
    /// Whether the phones ring at this instant. A span that ends on the next day belongs to the day on which it begins.
    pub fn is_open(&self, now: WallClock) -> bool {
        let begins_on =
            |date: Date, opening: &Opening| opening.days.contains(date.weekday()) && !self.except.contains(&date);
        self.open.iter().any(|opening| {
            if !opening.spans_midnight() {
                return begins_on(now.date, opening) && (opening.from..opening.until).contains(&now.minute);
            }
            (begins_on(now.date, opening) && now.minute >= opening.from)
                || (begins_on(now.date.before(), opening) && now.minute < opening.until)
        })
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(text: &str) -> WallClock {
        let (date, time) = text.split_once(' ').unwrap();
        WallClock { date: Date::parse(date).unwrap(), minute: minutes(time).unwrap() }
    }

    #[test]
    fn the_phones_ring_within_the_hours_and_not_on_holidays() {
        // 2026-11-20 is a Friday.
        for (open, at, expected) in [
            ("Mon-Fri 09:00-17:00", "2026-11-20 09:00", true),
            ("Mon-Fri 09:00-17:00", "2026-11-20 08:59", false),
            ("Mon-Fri 09:00-17:00", "2026-11-20 16:59", true),
            ("Mon-Fri 09:00-17:00", "2026-11-20 17:00", false),
            ("Mon-Fri 09:00-17:00", "2026-11-21 12:00", false),
            ("Mon-Fri 09:00-17:00", "2026-12-25 12:00", false),
            ("Fri 22:00-06:00", "2026-11-20 23:00", true),
            ("Fri 22:00-06:00", "2026-11-21 05:59", true),
            ("Fri 22:00-06:00", "2026-11-21 06:00", false),
            ("Fri 22:00-06:00", "2026-11-20 05:00", false),
            ("Thu 22:00-06:00", "2026-12-25 05:00", true),
            ("Fri 22:00-06:00", "2026-12-26 05:00", false),
            ("Mon-Sun 00:00-24:00", "2024-02-29 12:00", true),
            ("Thu 12:00-13:00", "2024-02-29 12:00", true),
            ("Thu 22:00-06:00", "2024-03-01 01:00", true),
            ("Thu 22:00-06:00", "2026-01-01 23:00", true),
            ("Wed 22:00-06:00", "2026-01-01 01:00", true),
        ] {
            let hours = Hours {
                time_zone: TimeZone::parse("UTC").unwrap(),
                open: vec![Opening::parse(open).unwrap()],
                except: vec![Date::parse("2026-12-25").unwrap()],
                closed: Closed::Voicemail,
            };
            assert_eq!(hours.is_open(clock(at)), expected, "{open} at {at}");
        }
    }
}
