//! What operators see of an outage: since when, why, and who waits.

use serde::{Deserialize, Serialize};

use super::queue;
use super::state::{State, quarantined};
use crate::effects::Millis;
use crate::helpscout::read::rfc3339;
use crate::json::quoted;
use crate::storage::{Store, Stored};

/// How a service fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Since when it is away, and why.
    pub away: Option<(Millis, String)>,
    /// How many people of each hotline wait for it, and since when the first.
    pub waiting: Vec<(u64, i64, Millis)>,
    /// How often the rate limiter began afresh because it could not read its state.
    #[serde(default)]
    pub quarantined: i64,
}

/// How the service of this rate limiter fares.
pub fn health(store: &dyn Store) -> Stored<Health> {
    let state = State::read(store)?;
    let away = state.as_ref().and_then(|state| state.breaker.open()).map(|open| (open.since, open.trouble.words()));
    Ok(Health { away, waiting: queue::by_hotline(store)?, quarantined: quarantined(store)? })
}

impl Health {
    /// How many people of a hotline wait, and since when the first.
    pub fn waiting_at(&self, mailbox: u64) -> (i64, Option<Millis>) {
        let here = self.waiting.iter().find(|(hotline, ..)| *hotline == mailbox);
        here.map_or((0, None), |(_, people, since)| (*people, Some(*since)))
    }

    /// As operators read it.
    pub fn json(&self) -> String {
        let quarantined = match self.quarantined {
            0 => String::new(),
            states => format!(",\"unreadable_states\":{states}"),
        };
        match &self.away {
            None => format!("{{\"available\":true{quarantined}}}"),
            Some((since, why)) => {
                let (since, why) = (quoted(&rfc3339(*since)), quoted(why));
                format!("{{\"available\":false,\"since\":{since},\"reason\":{why}{quarantined}}}")
            }
        }
    }
}
