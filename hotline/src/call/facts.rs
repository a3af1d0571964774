//! What the hotline's directory is told of a call: what is left to do, when it has been left for a while, and when nothing is.

use super::work::Work;
use super::{Call, CallContext};
use crate::effects::Millis;
use crate::encoding;
use crate::jobs::{self, Schedule};
use crate::messages::directory;
use crate::messages::facts::{LOOK_EVERY, WorkSummary};
use crate::storage::{Store, Stored, first, run};

/// What the directory was told last.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS told (id INTEGER PRIMARY KEY CHECK (id = 1), work TEXT NOT NULL) STRICT";

impl Call {
    /// Tells the directory, if it is time. Returns whether there is a job for that, and when to look again.
    pub(super) fn tell_facts(&mut self, call_ctx: &CallContext, schedule: Schedule) -> Stored<(bool, Option<Millis>)> {
        let (store, now) = (call_ctx.ctx.store, call_ctx.ctx.now);
        let told = if schedule.is_busy() {
            let look_at = *self.left_since.get_or_insert(now) + LOOK_EVERY;
            if look_at > now {
                return Ok((false, Some(look_at)));
            }
            self.left_since = Some(now);
            load(store)?
        } else {
            self.left_since = None;
            let told = load(store)?;
            if told.is_empty() {
                return Ok((false, None));
            }
            told
        };
        let work = jobs::summary::<Work>(store, now)?;
        if work == told {
            return Ok((false, None));
        }
        save(store, &work)?;
        let message = directory::Message::CallFacts { call: call_ctx.id.to_owned(), number: now, work };
        call_ctx.tell_directory(message)?;
        Ok((true, None))
    }
}

fn load(store: &dyn Store) -> Stored<WorkSummary> {
    let row = first(store, "SELECT work FROM told", &[])?;
    row.map_or_else(|| Ok(WorkSummary::default()), |row| row.json(0, "told.work"))
}

fn save(store: &dyn Store, work: &WorkSummary) -> Stored<()> {
    run(store, "INSERT OR REPLACE INTO told (id, work) VALUES (1, ?)", &[(&encoding::encode(work)).into()])
}
