//! A time zone by its name.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Reads the name of a time zone, such as `America/New_York` or `UTC`.
///
/// Abbreviations are refused: `EST` is an hour off all summer. The database is the bundled one, on every machine.
pub fn parse(name: &str) -> Option<TimeZone> {
    let named = name.contains('/') || name == "UTC";
    named.then(|| TimeZoneDatabase::bundled().get(name).ok())?.filter(|zone| !zone.is_unknown())
}
