//! How many jobs of an object have not ended, by what they wait for.

use super::{Work, failed, queue};
use crate::effects::Millis;
use crate::messages::facts::WorkSummary;
use crate::storage::{Store, Stored};

/// What has not ended.
pub(crate) fn summary<W: Work>(store: &dyn Store, now: Millis) -> Stored<WorkSummary> {
    let mut summary = WorkSummary { failed: failed::count(store)?, ..WorkSummary::default() };
    for job in queue::all::<W>(store)? {
        match job {
            Ok(job) if queue::former_lane(&job.lane).is_none() => {
                summary.add(W::waits_for(&job, now), job.since, job.is_uncertain());
            }
            _ => summary.quarantined += 1,
        }
    }
    Ok(summary)
}
