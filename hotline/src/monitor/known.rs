//! What the runs have found, and how far they have come: one row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::encoding;
use crate::messages::monitor::Monitored;
use crate::storage::{Store, Stored, any, first, run};

pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS monitored (id INTEGER PRIMARY KEY CHECK (id = 1), known TEXT NOT NULL) STRICT";

/// So long without a run, and the object runs by its own alarm: three times the cron has not come, and health has called it gone.
const WITHOUT_CRON: Millis = 40 * 60_000;

/// What stays from one run to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Known {
    /// What health shows.
    pub found: Monitored,
    /// The last run, over or not.
    pub last: Option<Begun>,
    /// How far each inbox was looked through for replies that nobody told us of.
    pub scans: BTreeMap<u64, Scan>,
    /// When Twilio's account was last looked at.
    pub account_at: Option<Millis>,
}

/// When a run was begun, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub at: Millis,
    /// Otherwise the cron had stayed away.
    pub by_cron: bool,
}

/// How far an inbox was looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scan {
    /// Conversations that were modified since then are looked at.
    pub since: Millis,
    /// When that was begun.
    pub began: Millis,
    /// The next page, from 1.
    pub page: u32,
}

impl Known {
    pub fn load(store: &dyn Store) -> Stored<Self> {
        let row = first(store, "SELECT known FROM monitored WHERE id = 1", &[])?;
        row.map_or_else(|| Ok(Self::default()), |row| row.json(0, "monitored.known"))
    }

    /// When the object runs by itself, unless the cron comes before: a cron that stays away cannot say so. `None` before the first.
    pub fn own_run_at(&self) -> Option<Millis> {
        self.last.map(|last| last.at + WITHOUT_CRON)
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let known = encoding::encode(self);
        run(store, "INSERT OR REPLACE INTO monitored (id, known) VALUES (1, ?)", &[(&known).into()])
    }
}

/// Whether there ever was a run: the next one is waited for.
pub(super) fn has_run(store: &dyn Store) -> Stored<bool> {
    any(store, "SELECT 1 FROM monitored WHERE json_extract(known, '$.last') IS NOT NULL", &[])
}

#[cfg(test)]
mod tests {
    use super::Known;
    use crate::encoding::golden::{lacks, stays};

    #[test]
    fn what_is_known_stays_readable() {
        stays::<Known>(&[concat!(
            r#"{"found":{"last_run_at":1,"took_ms":2,"webhook":{"is":"enabled","since":3,"at":4},"refused_inboxes":{"3003":5},"#,
            r#""twilio":{"is":"ok","since":6,"at":7},"inactive":null,"balance":["12.30","USD"],"balance_low_since":8,"#,
            r#""senders":{"+15550100001":{"is":true,"since":9,"at":10}}},"last":{"at":11,"by_cron":true},"#,
            r#""scans":{"3003":{"since":12,"began":13,"page":2}},"account_at":14}"#
        )]);
        lacks::<Known>(&["{}"]);
    }
}
