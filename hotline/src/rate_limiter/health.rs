//! What operators see of an outage: since when, why, and who waits.

use super::queue;
use super::state::{State, quarantined};
use crate::effects::Millis;
use crate::messages::rate_limiter::Health;
use crate::storage::{Store, Stored};

/// How the service of this rate limiter fares.
pub fn health(store: &dyn Store, now: Millis) -> Stored<Health> {
    let state = State::read(store)?;
    let known = state.as_ref().map(|state| of_state(state, now)).unwrap_or_default();
    Ok(Health { waiting: queue::by_hotline(store)?, quarantined: quarantined(store)?, ..known })
}

fn of_state(state: &State, now: Millis) -> Health {
    let open = state.breaker.open();
    Health {
        away: open.map(|open| (open.since, open.trouble.words())),
        trouble: open.map(|open| open.trouble),
        is_probing: state.breaker.is_probing(now),
        minute: state.budget.minute(now),
        token_at: state.token.told_at(),
        has_token: state.token.get(now).is_some(),
        ..Health::default()
    }
}
