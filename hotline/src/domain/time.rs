//! Instants.

/// Milliseconds since 1970.
pub type Millis = i64;
