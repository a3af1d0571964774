//! Hours in which no message leaves that can wait, such as 21:00 to 08:00. The clock on the wall of whoever gets it decides.

use std::fmt;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// From one time of the day until another; across midnight when the second is the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    until: Time,
}

/// In so many rounds the quiet hours of all zones of a country have an end at once, or never have: each round waits for at
/// least one zone, and a day has one end of quiet hours a zone and another one for each change of its clock.
const MOST_ROUNDS: usize = 50;

impl QuietHours {
    /// `None` when both are the same: that could mean all day or never.
    pub fn new(from: Time, until: Time) -> Option<Self> {
        (from != until).then_some(Self { from, until })
    }

    /// Whether it is quiet when the clock shows this.
    fn contains(self, time: Time) -> bool {
        if self.from < self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }

    /// The first instant, not before `at`, at which it is quiet in none of these zones. `None` when there is none: the zones
    /// are so far apart that it is always quiet in one.
    ///
    /// An hour that a clock shows twice is quiet twice, one that it skips is skipped.
    pub fn end(self, at: Timestamp, zones: &[TimeZone]) -> Option<Timestamp> {
        let mut at = at;
        for _ in 0..MOST_ROUNDS {
            let ends = zones.iter().filter_map(|zone| self.end_in(at, zone));
            match ends.max().filter(|end| *end > at) {
                Some(end) => at = end,
                None => return Some(at),
            }
        }
        None
    }

    /// The same for one zone; `None` at the end of time.
    fn end_in(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut at = at;
        loop {
            let clock = zone.to_datetime(at).time();
            if !self.contains(clock) {
                return Some(at);
            }
            let wait = clock.duration_until(self.until);
            let wait = if wait.is_negative() { wait + SignedDuration::from_hours(24) } else { wait };
            let end = at.checked_add(wait).ok()?;
            // What the clock shows from its next change on says whether it is quiet then.
            match zone.following(at).next().map(|change| change.timestamp()) {
                Some(change) if change < end => at = change,
                _ => return Some(end),
            }
        }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from.strftime("%H:%M"), self.until.strftime("%H:%M"));
        write!(f, "{from} to {until}")
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    use super::*;

    /// All clocks of the world change, and all quiet hours of these tests end, at a multiple of it.
    const STEP: SignedDuration = SignedDuration::from_mins(5);

    fn quiet(from: (i8, i8), until: (i8, i8)) -> QuietHours {
        let time = |(hour, minute)| Time::new(hour, minute, 0, 0).unwrap();
        QuietHours::new(time(from), time(until)).unwrap()
    }

    fn end(quiet: QuietHours, at: &str, zones: &[&str]) -> String {
        let zones: Vec<TimeZone> = zones.iter().map(|name| TimeZoneDatabase::bundled().get(name).unwrap()).collect();
        quiet.end(at.parse().unwrap(), &zones).map_or_else(String::new, |end| end.to_string())
    }

    #[test]
    fn a_message_at_night_waits_until_morning_where_the_person_lives() {
        let night = quiet((21, 0), (8, 0));
        for (at, zones, until) in [
            ("2026-11-20T17:00:00Z", &["America/New_York"][..], "2026-11-20T17:00:00Z"),
            ("2026-11-21T02:00:00Z", &["America/New_York"], "2026-11-21T13:00:00Z"),
            ("2026-11-21T12:59:59.999Z", &["America/New_York"], "2026-11-21T13:00:00Z"),
            ("2026-11-21T13:00:00Z", &["America/New_York"], "2026-11-21T13:00:00Z"),
            // Whose zone nobody knows: morning in all of the country, before the night in any.
            ("2026-11-21T13:00:00Z", &["America/New_York", "Pacific/Honolulu"], "2026-11-21T18:00:00Z"),
            ("2026-11-22T02:30:00Z", &["America/New_York", "Pacific/Honolulu"], "2026-11-22T18:00:00Z"),
        ] {
            assert_eq!(end(night, at, zones), until, "{at} {zones:?}");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_is_quiet_twice_and_one_that_is_skipped_is_not_waited_for() {
        for (quiet, at, until) in [
            // At 02:00 the clock goes on to 03:00, which is past 02:30.
            (quiet((21, 0), (2, 30)), "2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z"),
            // 01:30 comes, is loud, goes back to 01:00, and is quiet until it comes again.
            (quiet((21, 0), (1, 30)), "2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z"),
            (quiet((21, 0), (1, 30)), "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z"),
            (quiet((21, 0), (8, 0)), "2026-11-01T04:00:00Z", "2026-11-01T13:00:00Z"),
        ] {
            assert_eq!(end(quiet, at, &["America/New_York"]), until, "{at}");
        }
    }

    #[test]
    fn zones_between_which_it_is_always_night_have_no_morning() {
        assert_eq!(end(quiet((18, 0), (9, 0)), "2026-11-20T17:00:00Z", &["America/New_York", "Asia/Tokyo"]), "");
    }

    /// Every change of every zone's clock from 2026 to 2036, a day before and after it, step by step: the end is the first
    /// step at which that clock shows a time that is not quiet.
    #[test]
    fn nothing_leaves_in_quiet_hours_and_nothing_is_held_longer_in_any_zone_of_the_world() {
        let (from, to) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2036-12-31T00:00:00Z".parse().unwrap());
        let mut judged = 0;
        for name in TimeZoneDatabase::bundled().available() {
            let zone = TimeZoneDatabase::bundled().get(name.as_str()).unwrap();
            let changes = zone.following(from).map(|change| change.timestamp());
            for change in changes.take_while(|change| *change < to).chain([from]) {
                for quiet in [quiet((21, 0), (8, 0)), quiet((0, 30), (2, 30)), quiet((22, 0), (1, 15))] {
                    judge(quiet, &zone, change);
                    judged += 1;
                }
            }
        }
        assert!(judged > 10_000, "{judged}");
    }

    fn judge(quiet: QuietHours, zone: &TimeZone, change: Timestamp) {
        let (day, zones) = (SignedDuration::from_hours(24), std::slice::from_ref(zone));
        let (mut at, mut loud) = (change + day, None);
        while at > change - day {
            at -= STEP;
            if !quiet.contains(zone.to_datetime(at).time()) {
                loud = Some(at);
            }
            if loud.is_some() {
                assert_eq!(quiet.end(at, zones), loud, "{zone:?} {at}");
            }
        }
    }
}
