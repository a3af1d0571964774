//! How many jobs of an object have not ended, by what they wait for.

use super::{Work, failed, queue};
use crate::effects::Millis;
use crate::messages::facts::WorkSummary;
use crate::storage::{Store, Stored};

/// Jobs behind the first of their lanes that are read, so that a text costs about the same however many wait before it. Replies that
/// wait for one person are half as many (`limits.waiting_texts_per_person`).
const MOST_READ: usize = 100;

/// What has not ended. Jobs beyond those that are read are taken to wait for what most of these wait for.
pub(crate) fn summary<W: Work>(store: &dyn Store, now: Millis) -> Stored<WorkSummary> {
    let mut summary = WorkSummary { failed: failed::count(store)?, ..WorkSummary::default() };
    let read = queue::oldest::<W>(store, MOST_READ)?;
    let unread =
        if read.len() < MOST_READ { 0 } else { queue::total(store)? - i64::try_from(read.len()).unwrap_or(i64::MAX) };
    for job in read {
        match job {
            Ok(job) if queue::former_lane(&job.lane).is_none() => {
                summary.add(W::waits_for(&job, now), job.since, job.is_uncertain());
            }
            _ => summary.quarantined += 1,
        }
    }
    summary.add_to_most(u32::try_from(unread).unwrap_or(0));
    Ok(summary)
}
