//! What an operator sees of an object's jobs, and does with them.

use protocol::v1::{JobError, QueuedState};
use serde_json::Value;

use super::failed::{self, FailedRow};
use super::queue::{self, QueuedRow};
use super::runner::lane_kind;
use super::{Job, Work};
use crate::effects::{Millis, ObjectReply};
use crate::messages::Refused;
use crate::messages::jobs::{JobsRequest, ListedJob};
use crate::storage::{Store, Stored};

/// What is to be dropped.
pub(crate) enum Doomed<W> {
    /// A job of the queue.
    Queued(Job<W>),
    /// What a job that was given up was to do.
    Failed(W),
    /// This release cannot read what it is.
    Unreadable,
}

impl<W> Doomed<W> {
    /// What it was to do, as far as this release can read it.
    pub fn work(&self) -> Option<&W> {
        match self {
            Self::Queued(job) => Some(&job.work),
            Self::Failed(work) => Some(work),
            Self::Unreadable => None,
        }
    }
}

/// Who answers an operator: an object that knows what its jobs are about.
pub(crate) trait Operated {
    /// What its jobs are.
    type Work: Work;

    /// Whether a job is under way.
    fn is_in_flight(&mut self, job: i64) -> bool;

    /// Whether the team would never read something that a person said.
    fn holds_what_was_said(work: &Self::Work) -> bool;

    /// What else follows when a job that was given up is tried again.
    fn retried(&mut self, _work: &Self::Work) -> Stored<()> {
        Ok(())
    }

    /// What else follows when a job is dropped.
    fn dropped(&mut self, _doomed: &Doomed<Self::Work>) -> Stored<()> {
        Ok(())
    }
}

/// What a person said, or may have said, is not dropped by mistake.
fn not_delivered() -> Refused {
    Refused {
        status: 409,
        code: "not_delivered".to_owned(),
        words: "It holds what a person said, which is not in Help Scout. With force=true it is dropped all the same."
            .to_owned(),
    }
}

fn under_way() -> Refused {
    Refused {
        status: 409,
        code: "still_running".to_owned(),
        words: "It is being done at this moment. Ask again in a minute.".to_owned(),
    }
}

/// Answers an operator.
pub(crate) fn answer<O: Operated>(
    store: &dyn Store,
    now: Millis,
    object: &mut O,
    request: &JobsRequest,
) -> Stored<ObjectReply> {
    match request {
        JobsRequest::List { states, after, limit } => list(store, states, *after, *limit).map(ObjectReply::Jobs),
        JobsRequest::Retry { job } => retry(store, now, object, *job).map(|()| ObjectReply::Done),
        JobsRequest::Drop { job, force } => {
            Ok(drop_job(store, object, *job, *force)?.map_or(ObjectReply::Done, ObjectReply::Refused))
        }
    }
}

/// How many rows of the queue are looked at for one page: of those in rare states a page may be short, and the next one
/// goes on behind it.
const MOST_ROWS: i64 = 1_000;

fn list(store: &dyn Store, states: &[QueuedState], after: i64, limit: usize) -> Stored<Vec<ListedJob>> {
    let mut jobs = Vec::new();
    let most = i64::try_from(limit).unwrap_or(MOST_ROWS).min(MOST_ROWS);
    if states.contains(&QueuedState::Failed) {
        jobs.extend(failed::page(store, after, most)?.iter().map(of_failed));
    }
    if states.iter().any(|state| *state != QueuedState::Failed) {
        let queued = queue::page(store, after, MOST_ROWS)?;
        jobs.extend(queued.iter().map(of_queued).filter(|job| states.contains(&job.state)));
    }
    jobs.sort_by_key(|job| job.number);
    jobs.truncate(limit);
    Ok(jobs)
}

fn of_failed(row: &FailedRow) -> ListedJob {
    ListedJob {
        number: row.id,
        lane: lane_kind(&row.lane).to_owned(),
        kind: kind(&row.work),
        state: QueuedState::Failed,
        attempts: row.attempts,
        since: row.since,
        due: None,
        error: Some(JobError { code: row.code.clone(), reason: row.reason.clone() }),
    }
}

fn of_queued(row: &QueuedRow) -> ListedJob {
    let former = queue::former_lane(&row.lane);
    let unreadable = || JobError {
        code: "unreadable".to_owned(),
        reason: "This release cannot read what is to be done. It is kept for one that can.".to_owned(),
    };
    ListedJob {
        number: row.id,
        lane: lane_kind(former.unwrap_or(&row.lane)).to_owned(),
        kind: kind(&row.work),
        state: match former {
            Some(_) => QueuedState::Quarantined,
            None if row.is_uncertain => QueuedState::Uncertain,
            None => QueuedState::Waiting,
        },
        attempts: row.attempts,
        since: row.since,
        due: Some(row.due),
        error: former.map(|_| unreadable()),
    }
}

/// The name of what is to be done; also of what a later release has written.
fn kind(work: &str) -> String {
    let work: Option<Value> = serde_json::from_str(work).ok();
    let kind = work.as_ref().and_then(|work| work.get("kind")?.as_str());
    kind.unwrap_or("unknown").to_owned()
}

fn retry<O: Operated>(store: &dyn Store, now: Millis, object: &mut O, id: i64) -> Stored<()> {
    if let Some(row) = failed::find(store, id)? {
        // What this release cannot read stays where it is.
        let Ok(work) = row.work::<O::Work>() else { return Ok(()) };
        let work = work.started_anew();
        row.try_again(store, &work, now)?;
        return object.retried(&work);
    }
    queue::start_anew(store, id, now)
}

fn drop_job<O: Operated>(store: &dyn Store, object: &mut O, id: i64, force: bool) -> Stored<Option<Refused>> {
    if let Some(row) = failed::find(store, id)? {
        let doomed = row.work::<O::Work>().map_or(Doomed::Unreadable, Doomed::Failed);
        return give_away(object, &doomed, force, || failed::remove(store, id));
    }
    if object.is_in_flight(id) {
        return Ok(Some(under_way()));
    }
    let doomed = match queue::find_any::<O::Work>(store, id)? {
        None => return Ok(None),
        Some(Ok(job)) => Doomed::Queued(job),
        Some(Err(_)) => Doomed::Unreadable,
    };
    give_away(object, &doomed, force, || queue::remove_any(store, id))
}

/// Drops it, unless it holds what a person said, or may: then only by force.
fn give_away<O: Operated>(
    object: &mut O,
    doomed: &Doomed<O::Work>,
    force: bool,
    remove: impl FnOnce() -> Stored<()>,
) -> Stored<Option<Refused>> {
    if !force && doomed.work().is_none_or(O::holds_what_was_said) {
        return Ok(Some(not_delivered()));
    }
    object.dropped(doomed)?;
    remove().map(|()| None)
}
