//! Entries that Help Scout does not have yet: nothing that a person said is removed before it is there.

use std::collections::BTreeSet;

use super::work::{Job, Work};
use super::{StepContext, TEXTS};
use crate::jobs;
use crate::storage::Stored;

/// Their numbers.
pub(super) struct Unposted(BTreeSet<i64>);

impl Unposted {
    /// Those whose jobs wait, are uncertain, or are left to another release. As many as may wait for a person.
    pub fn read(ctx: &StepContext) -> Stored<Self> {
        let waiting = jobs::in_lane::<Work>(ctx.store, TEXTS)?.into_iter();
        let entry = |job: Job| Some(job.work.entry()).filter(|_| matches!(job.work, Work::Post { .. }));
        let quarantined = jobs::quarantined_fields(ctx.store, "entry")?;
        Ok(Self(waiting.filter_map(entry).chain(quarantined.iter().filter_map(serde_json::Value::as_i64)).collect()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, entry: i64) -> bool {
        self.0.contains(&entry)
    }
}
