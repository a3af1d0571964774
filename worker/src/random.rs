//! The platform's random source.

use hotline::routing::Random;

use crate::fetch;

/// Random bytes; `None` when the platform gives none.
pub fn bytes() -> Option<Random> {
    let mut random = Random::default();
    fetch::global().crypto().ok()?.get_random_values_with_u8_array(&mut random).ok()?;
    Some(random)
}
