//! Instants.

use jiff::fmt::temporal::SpanParser;
use jiff::tz::TimeZone;
use jiff::{SpanRelativeTo, Timestamp};

/// Milliseconds since 1970.
pub type Millis = i64;

/// An instant as others read it, in whole seconds.
pub fn timestamp(at: Millis) -> Timestamp {
    // Far outside of jiff's years nobody has texted.
    Timestamp::from_second(at.div_euclid(1_000)).unwrap_or_default()
}

/// A duration of ISO 8601, such as `PT2M` or `P7D`; a day has 24 hours.
pub fn duration(text: &str) -> Option<Millis> {
    let span = SpanParser::new().parse_span(text).ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Millis::try_from(duration.as_millis()).ok()
}

/// The day of an instant on the calendar of a zone, else of UTC, as `2026-11-28`.
pub fn day_in(zone: Option<&TimeZone>, at: Millis) -> String {
    zone.unwrap_or(&TimeZone::UTC).to_datetime(timestamp(at)).date().to_string()
}
