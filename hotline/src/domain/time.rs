//! Instants.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Milliseconds since 1970.
pub type Millis = i64;

/// An instant as others read it, in whole seconds.
pub fn timestamp(at: Millis) -> Timestamp {
    // Far outside of jiff's years nobody has texted.
    Timestamp::from_second(at.div_euclid(1_000)).unwrap_or_default()
}

/// The day of an instant on the calendar of a zone, else of UTC, as `2026-11-28`.
pub fn day_in(zone: Option<&TimeZone>, at: Millis) -> String {
    zone.unwrap_or(&TimeZone::UTC).to_datetime(timestamp(at)).date().to_string()
}
