use jiff::Timestamp;
use jiff::civil::Time;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::story::{Story, hotline, millis};
use crate::config::Hotline;
use crate::domain::area_zones;
use crate::domain::phone::{Channel, E164};
use crate::domain::time::Millis;
use crate::domain::time_zone;
use crate::send_rules::{Consent, Decision, Rule};
use protocol::v1::Class;

const DAY: Millis = 24 * 3_600_000;
const SENDERS: [&str; 4] = ["+12125550001", "+13125550001", "whatsapp:+15550100009", "+15550100099"];

/// Quiet from and until, in minutes of the day; different ones.
fn quiet() -> impl Strategy<Value = (u16, u16)> {
    let quarter = || (0..96_u16).prop_map(|quarter| quarter * 15);
    prop_oneof![Just((21 * 60, 8 * 60)), (quarter(), quarter())]
        .prop_filter("not all day", |(from, until)| from != until)
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn hotlines() -> impl Strategy<Value = ((u16, u16), Hotline)> {
    let hours = select(vec![Value::Null, json!({"time_zone": "America/Denver", "open": ["09:00-17:00"]})]);
    (quiet(), hours, 1..4_u32).prop_map(|(quiet, hours, count)| {
        let table = json!({
            "numbers": ["+12125550001", "+13125550001"], "hours": hours,
            "quiet": {"from": clock(quiet.0), "until": clock(quiet.1), "classes": ["alert", "promotion"]},
            "cap": {"promotion": {"count": count, "days": 7}, "service": {"count": count, "days": 1}},
        });
        (quiet, hotline(table))
    })
}

fn senders() -> impl Strategy<Value = Vec<String>> {
    subsequence(SENDERS.to_vec(), 0..=3).prop_map(|senders| senders.into_iter().map(str::to_owned).collect())
}

/// Instants around `now`, at whole hours often.
fn near(now: Millis) -> impl Strategy<Value = Millis> + Clone {
    prop_oneof![
        (-240..48_i64).prop_map(move |hours| now + hours * 3_600_000),
        (-2..=2_i64).prop_map(move |step| now + step)
    ]
}

fn stories() -> impl Strategy<Value = Story> {
    let years = millis("2026-01-01T00:00:00Z")..millis("2030-01-01T00:00:00Z");
    let minutes = years.clone().prop_map(|at| at - at % 60_000);
    prop_oneof![years, minutes].prop_flat_map(|now| {
        let numbers = ["+12125550123", "+18505550123", "+15550100123", "+14165550123", "+61412345678", "+33612345678"];
        let zones = vec![None, None, Some("Australia/Lord_Howe"), Some("America/Phoenix"), Some("Europe/London")];
        let consent = select(vec![Consent::Unknown, Consent::Granted, Consent::Granted, Consent::Withdrawn]);
        let person =
            (proptest::bool::weighted(0.3), senders(), consent, select(zones), proptest::option::of(near(now)));
        let message = (
            select(numbers.to_vec()),
            select(vec![Channel::Sms, Channel::Sms, Channel::WhatsApp]),
            select(Class::ALL.to_vec()),
            any::<bool>(),
            proptest::option::weighted(0.3, near(now)),
            proptest::option::weighted(0.3, near(now)),
        );
        let left = proptest::collection::vec(near(now), 0..6);
        (message, person, left, proptest::option::of(select(SENDERS.to_vec())), senders()).prop_map(
            move |((to, channel, class, has_content_sid, send_at, expires_at), person, left, known, paused)| Story {
                to: to.to_owned(),
                channel,
                class,
                has_content_sid,
                send_at,
                expires_at,
                is_opted_out: person.0,
                opted_in: person.1,
                consent: person.2,
                zone: person.3.map(str::to_owned),
                heard_at: person.4,
                left,
                known: known.map(str::to_owned),
                paused,
                now,
            },
        )
    })
}

/// The zones of the contract: the person's, else by area code, else the hotline's, else all of the country.
fn zones(story: &Story, hotline: &Hotline) -> Vec<jiff::tz::TimeZone> {
    let number = E164::parse(&story.to).unwrap();
    let own = story.zone.as_deref().map(|zone| vec![zone]).or_else(|| area_zones::of_area(&number));
    match (own, &hotline.hours) {
        (None, Some(hours)) => vec![hours.time_zone.clone()],
        (own, _) => {
            let names = own.unwrap_or_else(|| area_zones::of_country(&number));
            names.into_iter().map(|name| time_zone::parse(name).unwrap()).collect()
        }
    }
}

fn is_quiet(time: Time, (from, until): (u16, u16)) -> bool {
    let minute = u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
    if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_is_sent_that_must_not_be(story in stories(), (quiet, hotline) in hotlines()) {
        let decision = story.decide(&hotline);
        if let Decision::Send { sender } = &decision {
            let now = Timestamp::from_millisecond(story.now).unwrap();
            let night = zones(&story, &hotline).iter().any(|zone| is_quiet(zone.to_datetime(now).time(), quiet));
            prop_assert!(!night || story.class == Class::Service);
            prop_assert!(!story.is_opted_out || story.opted_in.contains(sender));
            prop_assert!(story.expires_at.is_none_or(|expires_at| story.now < expires_at));
            prop_assert!(story.send_at.is_none_or(|send_at| send_at <= story.now));
            prop_assert!(!story.paused.contains(sender) && SENDERS[..3].contains(&sender.as_str()));
            prop_assert!(story.consent == Consent::Granted || story.class != Class::Promotion);
            let cap = hotline.program_messages.cap(story.class);
            let within = |days: u32| story.left.iter().filter(|at| **at > story.now - Millis::from(days) * DAY).count();
            prop_assert!(cap.is_none_or(|cap| within(cap.days) < cap.count as usize));
        }
    }

    #[test]
    fn what_is_held_waits_for_an_instant_to_come_at_which_that_rule_allows_it(
        story in stories(), (_, hotline) in hotlines()
    ) {
        let decision = story.decide(&hotline);
        match decision.until() {
            Some(until) => {
                prop_assert!(until > story.now, "{:?}", decision);
                let then = Story { now: until, ..story }.decide(&hotline);
                prop_assert_ne!(then.rule(), decision.rule());
            }
            // Either no sender, or a night without a morning somewhere.
            None => prop_assert!(!matches!(decision.rule(), Some(Rule::SendAt | Rule::FrequencyCap))),
        }
    }
}
