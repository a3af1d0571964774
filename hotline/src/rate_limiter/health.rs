//! What operators see of an outage: since when, why, and who waits.

use super::queue;
use super::state::{State, quarantined};
use crate::messages::rate_limiter::Health;
use crate::storage::{Store, Stored};

/// How the service of this rate limiter fares.
pub fn health(store: &dyn Store) -> Stored<Health> {
    let state = State::read(store)?;
    let away = state.as_ref().and_then(|state| state.breaker.open()).map(|open| (open.since, open.trouble.words()));
    Ok(Health { away, waiting: queue::by_hotline(store)?, quarantined: quarantined(store)? })
}
