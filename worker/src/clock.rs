//! The only clock; the rules are handed the time.

use hotline::effects::Millis;

/// Milliseconds since 1970.
pub fn now() -> Millis {
    // Whole milliseconds far below 2^53: nothing is lost.
    #[expect(clippy::cast_possible_truncation)]
    let now = js_sys::Date::now() as Millis;
    now
}
