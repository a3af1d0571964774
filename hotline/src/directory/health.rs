//! What operators see of a hotline.

use super::activity::Activity;
use super::work::Work;
use super::{counts, facts, retention};
use crate::effects::Millis;
use crate::jobs;
use crate::messages::directory::Health;
use crate::messages::facts::WorkSummary;
use crate::storage::{Store, Stored};

/// What the hotline's own object knows of its health. It asks nobody.
pub fn health(store: &dyn Store, now: Millis) -> Stored<Health> {
    let (of_objects, people) = facts::totals(store)?;
    let work = together(of_objects, jobs::summary::<Work>(store, now)?);
    let activity = Activity::load(store)?;
    Ok(Health {
        waiting: work.jobs().into(),
        oldest: work.oldest,
        counts: counts(store)?,
        work,
        people,
        opted_out: facts::opted_out(store)?,
        days: activity.days(),
        to_helpscout: activity.to_helpscout(now),
        to_phone: activity.to_phone(now),
        failed: activity.failed(now),
        last_event_at: activity.event_at(),
        retention: retention::health(store)?,
    })
}

/// What the objects have left, and what the directory itself has.
fn together(objects: WorkSummary, own: WorkSummary) -> WorkSummary {
    WorkSummary {
        helpscout: objects.helpscout + own.helpscout,
        phone: objects.phone + own.phone,
        calls: objects.calls + own.calls,
        uncertain: objects.uncertain + own.uncertain,
        oldest: jobs::earlier(objects.oldest, own.oldest),
        quarantined: objects.quarantined + own.quarantined,
        failed: objects.failed + own.failed,
        erasing: jobs::earlier(objects.erasing, own.erasing),
    }
}
