use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000;

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn hours(zone: &str, open: &[&str]) -> Hours {
    Hours {
        time_zone: time_zone::parse(zone).unwrap(),
        open: open.iter().map(|text| Opening::parse(text).unwrap()).collect(),
        except: vec![date("2026-12-25").unwrap()],
        closed: Closed::Voicemail,
    }
}

/// The changes between open and closed in the day and a half after an instant, as the clock on the wall shows them.
fn changes(hours: &Hours, from: &str) -> Vec<String> {
    let minutes = (0..36 * 60).map(|minute| at(from) + minute * MINUTE);
    let changes = minutes.filter(|&now| hours.is_open(now) != hours.is_open(now - MINUTE));
    let show = |now| {
        let clock = Timestamp::from_millisecond(now).unwrap().to_zoned_datetime(hours.time_zone.clone());
        let word = if hours.is_open(now) { "opens" } else { "closes" };
        format!("{word} {}", clock.strftime("%a %H:%M %z"))
    };
    changes.map(show).collect()
}

#[test]
fn the_phones_ring_within_the_hours_and_not_on_holidays() {
    // 2026-11-20 is a Friday.
    for (open, now, expected) in [
        ("Mon-Fri 09:00-17:00", "2026-11-20T09:00:00Z", true),
        ("Mon-Fri 09:00-17:00", "2026-11-20T08:59:59Z", false),
        ("Mon-Fri 09:00-17:00", "2026-11-20T16:59:59Z", true),
        ("Mon-Fri 09:00-17:00", "2026-11-20T17:00:00Z", false),
        ("Mon-Fri 09:00-17:00", "2026-11-21T12:00:00Z", false),
        ("Mon-Fri 09:00-17:00", "2026-12-25T12:00:00Z", false),
        ("Fri 22:00-06:00", "2026-11-20T23:00:00Z", true),
        ("Fri 22:00-06:00", "2026-11-21T05:59:00Z", true),
        ("Fri 22:00-06:00", "2026-11-21T06:00:00Z", false),
        ("Fri 22:00-06:00", "2026-11-20T05:00:00Z", false),
        ("Thu 22:00-06:00", "2026-12-25T05:00:00Z", true),
        ("Fri 22:00-06:00", "2026-12-25T23:00:00Z", false),
        ("Fri 22:00-06:00", "2026-12-26T05:00:00Z", false),
        ("Mon-Sun 00:00-24:00", "2024-02-29T12:00:00Z", true),
        ("Mon-Sun 00:00-24:00", "2024-02-29T00:00:00Z", true),
        ("Thu 12:00-13:00", "2024-02-29T12:00:00Z", true),
        ("Thu 22:00-06:00", "2024-03-01T01:00:00Z", true),
        ("Thu 22:00-06:00", "2026-01-01T23:00:00Z", true),
        ("Wed 22:00-06:00", "2026-01-01T01:00:00Z", true),
    ] {
        assert_eq!(hours("UTC", &[open]).is_open(at(now)), expected, "{open} at {now}");
    }
}

#[test]
fn a_working_day_begins_at_nine_before_and_after_the_clock_changes() {
    for (zone, open, from, expected) in [
        // Hours that moved by an hour with summer time: Rocket.Chat #4898, Grafana OnCall #3261, Azure DevOps #8675.
        ("America/New_York", "09:00-17:00", "2026-10-31T06:00:00Z", ["Sat 09:00 -0400", "Sat 17:00 -0400"]),
        ("America/New_York", "09:00-17:00", "2026-11-01T06:00:00Z", ["Sun 09:00 -0500", "Sun 17:00 -0500"]),
        ("America/Chicago", "09:00-17:00", "2026-03-07T06:00:00Z", ["Sat 09:00 -0600", "Sat 17:00 -0600"]),
        ("America/Chicago", "09:00-17:00", "2026-03-08T06:00:00Z", ["Sun 09:00 -0500", "Sun 17:00 -0500"]),
        ("Europe/London", "08:30-17:30", "2023-10-28T00:00:00Z", ["Sat 08:30 +0100", "Sat 17:30 +0100"]),
        ("Europe/London", "08:30-17:30", "2023-10-29T00:00:00Z", ["Sun 08:30 +0000", "Sun 17:30 +0000"]),
        // Clocks that go by half hours and quarters, or change by half an hour.
        ("Asia/Kathmandu", "09:00-17:00", "2026-11-20T00:00:00Z", ["Fri 09:00 +0545", "Fri 17:00 +0545"]),
        ("Australia/Lord_Howe", "09:00-17:00", "2026-04-04T18:00:00Z", ["Sun 09:00 +1030", "Sun 17:00 +1030"]),
        // Countries that gave up summer time or moved their clock: the zone data must be of this decade.
        ("America/Mexico_City", "09:00-17:00", "2026-07-01T06:00:00Z", ["Wed 09:00 -0600", "Wed 17:00 -0600"]),
        ("Asia/Almaty", "09:00-17:00", "2026-07-01T00:00:00Z", ["Wed 09:00 +0500", "Wed 17:00 +0500"]),
        ("America/Asuncion", "09:00-17:00", "2026-07-01T06:00:00Z", ["Wed 09:00 -0300", "Wed 17:00 -0300"]),
    ] {
        let [opens, closes] = expected;
        let changes = changes(&hours(zone, &[open]), from);
        assert_eq!(
            changes.get(..2),
            Some(&[format!("opens {opens}"), format!("closes {closes}")][..]),
            "{zone} {from}"
        );
    }
}

#[test]
fn a_night_is_as_long_as_the_clock_makes_it() {
    for (zone, from, expected, minutes) in [
        ("America/New_York", "2026-03-07T20:00:00Z", ["Sat 22:00 -0500", "Sun 06:00 -0400"], 7 * 60),
        ("America/New_York", "2026-10-31T20:00:00Z", ["Sat 22:00 -0400", "Sun 06:00 -0500"], 9 * 60),
        ("Europe/Berlin", "2026-03-28T12:00:00Z", ["Sat 22:00 +0100", "Sun 06:00 +0200"], 7 * 60),
        ("Australia/Lord_Howe", "2026-04-04T02:00:00Z", ["Sat 22:00 +1100", "Sun 06:00 +1030"], 8 * 60 + 30),
        // The clock changes at midnight.
        ("America/Santiago", "2026-04-04T15:00:00Z", ["Sat 22:00 -0300", "Sun 06:00 -0400"], 9 * 60),
        ("America/Santiago", "2026-09-05T15:00:00Z", ["Sat 22:00 -0400", "Sun 06:00 -0300"], 7 * 60),
        ("Africa/Cairo", "2026-04-23T12:00:00Z", ["Thu 22:00 +0200", "Fri 06:00 +0300"], 7 * 60),
    ] {
        let night = hours(zone, &["Thu,Sat 22:00-06:00"]);
        let [opens, closes] = expected;
        assert_eq!(changes(&night, from), [format!("opens {opens}"), format!("closes {closes}")], "{zone} {from}");
        let open = (0..36 * 60).filter(|minute| night.is_open(at(from) + minute * MINUTE)).count();
        assert_eq!(open, minutes, "{zone} {from}");
    }
}

#[test]
fn an_hour_that_the_clock_skips_is_skipped() {
    for (open, expected) in [
        // A span that begins in the gap begins when the clock has leapt over it ("don't schedule for 2AM on DST day").
        ("02:30-03:30", &["opens Sun 03:00 -0400", "closes Sun 03:30 -0400"][..]),
        ("01:30-02:30", &["opens Sun 01:30 -0500", "closes Sun 03:00 -0400"]),
        ("02:00-03:00", &[]),
    ] {
        assert_eq!(changes(&hours("America/New_York", &[&["Sun ", open].concat()]), "2026-03-08T05:00:00Z"), expected);
    }
    // No midnight: Friday begins at one.
    let cairo = hours("Africa/Cairo", &["Fri 00:00-06:00"]);
    assert_eq!(changes(&cairo, "2026-04-23T12:00:00Z"), ["opens Fri 01:00 +0300", "closes Fri 06:00 +0300"]);
}

#[test]
fn an_hour_that_the_clock_shows_twice_is_open_twice() {
    for (zone, open, from, expected) in [
        // moment-business-time #58: the hour from two to three comes again.
        (
            "Europe/Amsterdam",
            "Sun 00:00-10:00",
            "2022-10-29T12:00:00Z",
            &["opens Sun 00:00 +0200", "closes Sun 10:00 +0100"][..],
        ),
        (
            "America/New_York",
            "Sun 01:00-01:30",
            "2026-11-01T04:00:00Z",
            &["opens Sun 01:00 -0400", "closes Sun 01:30 -0400", "opens Sun 01:00 -0500", "closes Sun 01:30 -0500"],
        ),
        // The hour before midnight and the one after it come again.
        (
            "America/Santiago",
            "Sat 12:00-24:00",
            "2026-04-04T12:00:00Z",
            &["opens Sat 12:00 -0300", "closes Sun 00:00 -0400"],
        ),
        (
            "America/Havana",
            "Sat 22:00-24:00",
            "2026-10-31T12:00:00Z",
            &["opens Sat 22:00 -0400", "closes Sun 00:00 -0400"],
        ),
    ] {
        assert_eq!(changes(&hours(zone, &[open]), from), expected, "{zone} {open}");
    }
}

#[test]
fn days_and_holidays_are_those_of_the_time_zone() {
    // spatie/opening-hours #157, mento-core #659: a holiday was judged by the server's date.
    for (zone, now, expected) in [
        ("America/New_York", "2026-12-25T04:59:00Z", true),
        ("America/New_York", "2026-12-25T05:00:00Z", false),
        ("America/New_York", "2026-12-26T04:59:00Z", false),
        ("America/New_York", "2026-12-26T05:00:00Z", true),
        ("Pacific/Auckland", "2026-12-24T10:59:00Z", true),
        ("Pacific/Auckland", "2026-12-24T11:00:00Z", false),
        ("Pacific/Kiritimati", "2026-12-24T10:00:00Z", false),
    ] {
        assert_eq!(hours(zone, &["00:00-24:00"]).is_open(at(now)), expected, "{zone} {now}");
    }
    // Friday evening in Los Angeles is Saturday in UTC. After midnight it is still Friday's night (prox #124).
    let friday = hours("America/Los_Angeles", &["Fri 17:00-02:00"]);
    assert_eq!(changes(&friday, "2026-11-20T12:00:00Z"), ["opens Fri 17:00 -0800", "closes Sat 02:00 -0800"]);
    // A day that Samoa never had.
    let samoa = hours("Pacific/Apia", &["09:00-17:00"]);
    assert_eq!(
        changes(&samoa, "2011-12-29T18:00:00Z"),
        ["opens Thu 09:00 -1000", "closes Thu 17:00 -1000", "opens Sat 09:00 +1400", "closes Sat 17:00 +1400"]
    );
}

#[test]
fn spans_that_touch_never_close() {
    let touching = hours("America/New_York", &["Mon-Fri 00:00-12:00", "Mon-Fri 12:00-24:00", "Sat,Sun 00:00-24:00"]);
    assert_eq!(changes(&touching, "2026-03-07T18:00:00Z"), Vec::<String>::new());
    assert_eq!(changes(&touching, "2026-10-31T18:00:00Z"), Vec::<String>::new());
}

proptest! {
    #[test]
    fn a_span_and_the_rest_of_the_day_share_all_time(
        zone in prop::sample::select(vec!["America/New_York", "Europe/London", "Africa/Cairo", "America/Havana", "Pacific/Apia", "UTC"]),
        from in 1u16..1439,
        days in -20_000i64..40_000,
        second in 0i64..86_400,
    ) {
        let written = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let now = (days * 86_400 + second) * 1_000;
        let mut open = hours(zone, &[&[written(from), "-".to_owned(), written(1439)].concat()]);
        let mut rest = hours(zone, &[&[written(1439), "-".to_owned(), written(from)].concat()]);
        (open.except, rest.except) = (Vec::new(), Vec::new());
        prop_assert_ne!(open.is_open(now), rest.is_open(now));
    }
}
