//! Whether a message may leave at this instant.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Case;
use super::decision::{Decision, Rule};
use crate::domain::time::{Millis, timestamp};
use crate::domain::{area_zones, time_zone};

/// A day of a cap. It is rolling, so that a change of the clock makes none shorter.
const DAY: Millis = 24 * 3_600_000;

/// What comes too late is not sent.
pub(super) fn expired(case: &Case<'_>) -> Option<Decision> {
    let expires_at = case.message.expires_at.filter(|expires_at| *expires_at <= case.now)?;
    Decision::refuse(Rule::Expired, format!("The message expired at {} before it could leave.", timestamp(expires_at)))
}

/// A message for later waits.
pub(super) fn send_at(case: &Case<'_>) -> Option<Decision> {
    let send_at = case.message.send_at.filter(|send_at| case.now < *send_at)?;
    let detail = format!("The message is for {} and waits until then.", timestamp(send_at));
    Some(Decision::Hold { rule: Rule::SendAt, until: Some(send_at), detail })
}

/// A class that can wait does not leave at night.
pub(super) fn quiet_hours(case: &Case<'_>) -> Option<Decision> {
    let class = case.message.class;
    let hours = case.hotline.program_messages.quiet_hours(class)?;
    let now = Timestamp::from_millisecond(case.now).ok()?;
    let (zones, known_by) = zones(case);
    let end = hours.end(now, &zones);
    if end == Some(now) {
        return None;
    }
    let names: Vec<&str> = zones.iter().filter_map(TimeZone::iana_name).collect();
    let leaves = match end {
        Some(end) => format!("This one may leave at {end}."),
        None => "It is always quiet in one of these: set the person's zone.".to_owned(),
    };
    let detail = format!(
        "Messages of the class {} wait from {hours} where the person is: {}, by {known_by}. {leaves}",
        class.as_str(),
        names.join(" or "),
    );
    Some(Decision::Hold { rule: Rule::QuietHours, until: end.map(Timestamp::as_millisecond), detail })
}

/// The time zones in one of which the person is, and by what that is known.
fn zones(case: &Case<'_>) -> (Vec<TimeZone>, &'static str) {
    let parsed = |names: Vec<&str>| names.into_iter().filter_map(time_zone::parse).collect();
    if let Some(zone) = case.person.zone.and_then(time_zone::parse) {
        return (vec![zone], "their own zone");
    }
    if let Some(zones) = case.number.as_ref().and_then(area_zones::of_area) {
        return (parsed(zones), "their number");
    }
    if let Some(hours) = &case.hotline.hours {
        return (vec![hours.time_zone.clone()], "the hotline's hours");
    }
    (parsed(case.number.as_ref().map(area_zones::of_country).unwrap_or_default()), "their country")
}

/// A person gets so many messages of a class within so many days.
pub(super) fn frequency_cap(case: &Case<'_>) -> Option<Decision> {
    let class = case.message.class;
    let cap = case.hotline.program_messages.cap(class)?;
    let mut left = case.person.left.to_vec();
    left.sort_unstable_by(|one, other| other.cmp(one));
    // Once the one that is so many before is old enough, fewer than so many are left.
    let before = usize::try_from(cap.count).ok()?.checked_sub(1)?;
    let until = left.get(before)?.saturating_add(Millis::from(cap.days) * DAY);
    if until <= case.now {
        return None;
    }
    let detail = format!(
        "The limit for the class {} is reached: {} to a person within {} days. This one may leave at {}.",
        class.as_str(),
        cap.count,
        cap.days,
        timestamp(until),
    );
    Some(Decision::Hold { rule: Rule::FrequencyCap, until: Some(until), detail })
}
