//! Instants.

use jiff::Timestamp;

/// Milliseconds since 1970.
pub type Millis = i64;

/// An instant as others read it, in whole seconds.
pub fn timestamp(at: Millis) -> Timestamp {
    // Far outside of jiff's years nobody has texted.
    Timestamp::from_second(at.div_euclid(1_000)).unwrap_or_default()
}
