//! How many requests a key may make: a bucket of 600, which gains 10 a second.

use crate::effects::Millis;
use crate::messages::api_key::Quota;
use crate::storage::{Store, Stored, first, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS bucket (
    id INTEGER PRIMARY KEY CHECK (id = 1), filled_at INTEGER NOT NULL, number INTEGER NOT NULL
) STRICT";

/// What the bucket holds.
const LIMIT: Millis = 600;

/// Milliseconds in which it gains one.
const ONE_EVERY: Millis = 100;

/// The bucket. It stands as the instant at which it is full again: that needs no arithmetic as time goes by.
pub(super) struct Bucket {
    now: Millis,
    filled_at: Millis,
    /// Requests so far.
    pub number: i64,
}

impl Bucket {
    pub fn load(store: &dyn Store, now: Millis) -> Stored<Self> {
        let row = first(store, "SELECT filled_at, number FROM bucket WHERE id = 1", &[])?;
        let (filled_at, number) = row.map_or((now, 0), |row| (row.integer(0), row.integer(1)));
        // When the clock was set back the bucket is not emptier for that than it can be.
        Ok(Self { now, filled_at: filled_at.clamp(now, now + LIMIT * ONE_EVERY), number })
    }

    /// Takes one request out; how long to wait when there is none.
    pub fn take(&mut self) -> Millis {
        let filled_at = self.filled_at + ONE_EVERY;
        let wait = filled_at - (self.now + LIMIT * ONE_EVERY);
        if wait <= 0 {
            self.filled_at = filled_at;
            self.number += 1;
        }
        wait.max(0)
    }

    pub fn quota(&self) -> Quota {
        let full_in = self.filled_at - self.now;
        let used = (full_in + ONE_EVERY - 1) / ONE_EVERY;
        let whole = |count: Millis| u32::try_from(count).unwrap_or(0);
        Quota { limit: whole(LIMIT), remaining: whole(LIMIT - used), full_in }
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO bucket (id, filled_at, number) VALUES (1, ?, ?)";
        run(store, sql, &[self.filled_at.into(), self.number.into()])
    }
}
