//! Jobs that were given up for good. They are kept until an operator has them tried again, or drops them
//! (`GET /v1/jobs`).

use super::queue::{self, Undecodable};
use super::{Job, State, Work};
use crate::effects::Millis;
use crate::encoding;
use crate::storage::{Row, Store, Stored, first, number, run};

/// A row has the number that the job had in the queue.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS failed_jobs (
    id INTEGER PRIMARY KEY, lane TEXT NOT NULL, work TEXT NOT NULL, attempts INTEGER NOT NULL,
    since INTEGER NOT NULL, failed_at INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL
) STRICT";

/// Why a job was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Stable, for programs.
    pub code: &'static str,
    /// For an operator: what refused it and how, never a person's words.
    pub reason: String,
}

impl Failure {
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

/// The job leaves the queue, and what stands behind it in its lane goes on.
pub(super) fn give_up<W: Work>(store: &dyn Store, job: &Job<W>, failure: &Failure, now: Millis) -> Stored<()> {
    let work = encoding::encode(&job.work);
    let sql = "INSERT OR REPLACE INTO failed_jobs (id, lane, work, attempts, since, failed_at, code, reason) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let (code, reason) = (failure.code.into(), (&failure.reason).into());
    let params = [job.id.into(), (&job.lane).into(), (&work).into(), job.attempts.into(), job.since.into(), now.into()];
    run(store, sql, &params.into_iter().chain([code, reason]).collect::<Vec<_>>())?;
    queue::remove(store, job)
}

/// A row of the table.
pub(super) struct FailedRow {
    pub id: i64,
    pub lane: String,
    pub work: String,
    pub attempts: i64,
    pub since: Millis,
    pub code: String,
    pub reason: String,
}

const COLUMNS: &str = "id, lane, work, attempts, since, code, reason";

fn read(row: &Row) -> FailedRow {
    FailedRow {
        id: row.integer(0),
        lane: row.string(1),
        work: row.string(2),
        attempts: row.integer(3),
        since: row.integer(4),
        code: row.string(5),
        reason: row.string(6),
    }
}

/// How many there are.
pub(crate) fn count(store: &dyn Store) -> Stored<u32> {
    let count = number(store, "SELECT COUNT(*) FROM failed_jobs", &[])?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Those with a number above `after`, in their order.
pub(super) fn page(store: &dyn Store, after: i64, limit: i64) -> Stored<Vec<FailedRow>> {
    let sql = format!("SELECT {COLUMNS} FROM failed_jobs WHERE id > ? ORDER BY id LIMIT ?");
    Ok(store.execute(&sql, &[after.into(), limit.into()])?.iter().map(read).collect())
}

/// The job of this number that was given up.
pub(super) fn find(store: &dyn Store, id: i64) -> Stored<Option<FailedRow>> {
    let sql = format!("SELECT {COLUMNS} FROM failed_jobs WHERE id = ?");
    Ok(first(store, &sql, &[id.into()])?.as_ref().map(read))
}

pub(super) fn remove(store: &dyn Store, id: i64) -> Stored<()> {
    run(store, "DELETE FROM failed_jobs WHERE id = ?", &[id.into()])
}

/// None of them is tried again: what they say is to be forgotten.
pub(crate) fn forget_all(store: &dyn Store) -> Stored<()> {
    run(store, "DELETE FROM failed_jobs WHERE id > 0", &[])
}

impl FailedRow {
    /// What was to be done.
    pub fn work<W: Work>(&self) -> Result<W, Undecodable> {
        let unreadable = |_| Undecodable { id: self.id, lane: self.lane.clone(), due: 0 };
        encoding::decode(&self.work).map_err(unreadable)
    }

    /// It stands at the end of its lane again, as if it were new.
    pub fn try_again<W: Work>(&self, store: &dyn Store, work: &W, now: Millis) -> Stored<()> {
        queue::insert(store, &self.lane, work, &State::Pending, 0, now, now)?;
        remove(store, self.id)
    }
}
