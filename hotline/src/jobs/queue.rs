//! The queue's rows. Every statement finds its rows by an index, however many jobs wait.

use serde_json::Value;

use super::{Job, State, Work};
use crate::effects::Millis;
use crate::encoding::{self, DecodeError};
use crate::json::Document;
use crate::storage::{Row, Store, Stored, any, first, number, run};

/// `head` marks the first job of each lane: only those can be due.
pub(crate) const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS queue (
        id INTEGER PRIMARY KEY, lane TEXT NOT NULL, key TEXT, work TEXT NOT NULL, state TEXT,
        attempts INTEGER NOT NULL, due INTEGER NOT NULL, since INTEGER NOT NULL, head INTEGER NOT NULL
    ) STRICT",
    "CREATE INDEX IF NOT EXISTS queue_by_lane ON queue (lane, id)",
    "CREATE INDEX IF NOT EXISTS queue_heads ON queue (due) WHERE head = 1",
    "CREATE INDEX IF NOT EXISTS queue_by_key ON queue (key) WHERE key IS NOT NULL",
    // Whatever removes a lane's first job, the next one is the first.
    "CREATE TRIGGER IF NOT EXISTS queue_next AFTER DELETE ON queue WHEN OLD.head = 1 BEGIN
        UPDATE queue SET head = 1 WHERE id = (SELECT MIN(id) FROM queue WHERE lane = OLD.lane);
    END",
];

const COLUMNS: &str = "id, lane, work, state, attempts, due, since";

/// The first word of the lanes of quarantined jobs.
const QUARANTINED: &str = "quarantined";

/// In this order `!` follows the space.
const IS_QUARANTINED: &str = "lane > 'quarantined ' AND lane < 'quarantined!'";

/// How long a quarantined job waits for a release that can do it. A deploy starts an object anew at its next event, so
/// this is how late the new release may be asked; asking costs one request and one row.
const ASKED_AGAIN: Millis = 3_600_000;

/// A row of which this release cannot read what is to be done.
pub(super) struct Undecodable {
    pub id: i64,
    pub lane: String,
    pub due: Millis,
}

fn read<W: Work>(row: &Row) -> Result<Job<W>, Undecodable> {
    let (id, lane, due) = (row.integer(0), row.string(1), row.integer(5));
    let decoded: Result<_, DecodeError> = encoding::decode(row.text(2)).and_then(|work| {
        let state = row.maybe_text(3).map_or(Ok(State::Pending), |state| encoding::decode(&state))?;
        Ok((work, state))
    });
    match decoded {
        Ok((work, state)) => {
            let (attempts, since) = (row.integer(4), row.integer(6));
            Ok(Job { id, lane, work, state, attempts, attempts_before: attempts, due, since })
        }
        Err(_) => Err(Undecodable { id, lane, due }),
    }
}

/// Those that this release can read: who looks for a job looks for one of a kind that it knows.
fn read_all<W: Work>(rows: &[Row]) -> Vec<Job<W>> {
    rows.iter().filter_map(|row| read(row).ok()).collect()
}

/// `NULL` stands for a job that is pending, as most are.
fn written(state: &State) -> Option<String> {
    (*state != State::Pending).then(|| encoding::encode(state))
}

/// Adds a job at the end of its lane.
pub(crate) fn add<W: Work>(store: &dyn Store, lane: &str, work: &W, due: Millis, now: Millis) -> Stored<()> {
    insert(store, lane, work, &State::Pending, 0, due, now)
}

pub(super) fn insert<W: Work>(
    store: &dyn Store,
    lane: &str,
    work: &W,
    state: &State,
    attempts: i64,
    due: Millis,
    since: Millis,
) -> Stored<()> {
    let (key, work, state) = (work.key(), encoding::encode(work), written(state));
    // The number of a job that was removed while it was under way does not come again: its answer would be taken for the
    // answer to another job.
    let sql = "INSERT INTO queue (id, lane, key, work, state, attempts, due, since, head) VALUES \
               ((SELECT max(coalesce(max(id), 0) + 1, ?7) FROM queue), ?1, ?2, ?3, ?4, ?5, ?6, ?7, NOT EXISTS (SELECT 1 FROM queue WHERE lane = ?1))";
    let params =
        [lane.into(), (&key).into(), (&work).into(), (&state).into(), attempts.into(), due.into(), since.into()];
    run(store, sql, &params)
}

/// Whether any job is still to do.
pub(crate) fn has_jobs(store: &dyn Store) -> Stored<bool> {
    any(store, "SELECT 1 FROM queue WHERE head = 1 LIMIT 1", &[])
}

/// The first job of every lane, and of the others the oldest, at most so many.
pub(super) fn oldest<W: Work>(store: &dyn Store, most: usize) -> Stored<Vec<Result<Job<W>, Undecodable>>> {
    let heads = format!("SELECT {COLUMNS} FROM queue WHERE head = 1");
    let others = format!("SELECT {COLUMNS} FROM queue WHERE id > 0 AND head = 0 ORDER BY id LIMIT {most}");
    let rows = [store.execute(&heads, &[])?, store.execute(&others, &[])?].concat();
    Ok(rows.iter().map(read).collect())
}

/// How many jobs there are. SQLite counts the entries of an index and reads none of them.
pub(super) fn total(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT COUNT(*) FROM queue", &[])
}

/// The first jobs of all lanes that are due, and those that are due next: what a step needs to know, in one statement.
pub(super) fn due<W: Work>(store: &dyn Store, now: Millis) -> Stored<Vec<Result<Job<W>, Undecodable>>> {
    // `+`: in the order of `id` itself SQLite would read every job, to spare itself the sorting of a few heads.
    let sql = format!(
        "SELECT {COLUMNS} FROM queue WHERE head = 1 AND \
         due <= COALESCE((SELECT MIN(due) FROM queue WHERE head = 1 AND due > ?1), ?1) ORDER BY +id"
    );
    Ok(store.execute(&sql, &[now.into()])?.iter().map(read).collect())
}

/// Whether the first job of any lane has been due since before `since`, other than these.
pub(crate) fn is_overdue(store: &dyn Store, since: Millis, mut in_flight: impl FnMut(i64) -> bool) -> Stored<bool> {
    let rows = store.execute("SELECT id FROM queue WHERE head = 1 AND due < ?", &[since.into()])?;
    Ok(rows.iter().any(|row| !in_flight(row.integer(0))))
}

/// The first job of every lane.
pub(crate) fn heads<W: Work>(store: &dyn Store) -> Stored<Vec<Job<W>>> {
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE head = 1");
    let mut heads = read_all(&store.execute(&sql, &[])?);
    heads.sort_by_key(|job: &Job<W>| job.id);
    Ok(heads)
}

/// The first job of a lane.
pub(crate) fn head_of<W: Work>(store: &dyn Store, lane: &str) -> Stored<Option<Job<W>>> {
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE lane = ? ORDER BY id LIMIT 1");
    Ok(first(store, &sql, &[lane.into()])?.and_then(|row| read(&row).ok()))
}

/// The jobs of a lane, in order, as long as there are few.
pub(crate) fn in_lane<W: Work>(store: &dyn Store, lane: &str) -> Stored<Vec<Job<W>>> {
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE lane = ? ORDER BY id");
    Ok(read_all(&store.execute(&sql, &[lane.into()])?))
}

/// The first job of a lane of which this holds.
pub(crate) fn first_in<W: Work>(store: &dyn Store, lane: &str, is: impl Fn(&W) -> bool) -> Stored<Option<Job<W>>> {
    const PAGE: usize = 8;
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE lane = ? AND id > ? ORDER BY id LIMIT {PAGE}");
    let mut after = 0;
    loop {
        let rows = store.execute(&sql, &[lane.into(), after.into()])?;
        if let Some(found) = read_all(&rows).into_iter().find(|job: &Job<W>| is(&job.work)) {
            return Ok(Some(found));
        }
        let Some(last) = rows.last().filter(|_| rows.len() == PAGE) else { return Ok(None) };
        after = last.integer(0);
    }
}

/// How many jobs a lane holds. Each of them is looked at.
pub(crate) fn count(store: &dyn Store, lane: &str) -> Stored<i64> {
    number(store, "SELECT COUNT(*) FROM queue WHERE lane = ?", &[lane.into()])
}

/// What all jobs are about, by the name of their work, and since when each waits.
pub(crate) fn kinds(store: &dyn Store, most: usize) -> Stored<Vec<(String, Millis)>> {
    let sql = format!("SELECT work, since FROM queue WHERE id > 0 ORDER BY id LIMIT {most}");
    let kind = |row: &Row| {
        let work: Value = serde_json::from_str(row.text(0)).unwrap_or_default();
        (work.string("kind"), row.integer(1))
    };
    Ok(store.execute(&sql, &[])?.iter().map(kind).collect())
}

/// The job with this number, if it is still to do.
pub(crate) fn find<W: Work>(store: &dyn Store, id: i64) -> Stored<Option<Job<W>>> {
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE id = ?");
    Ok(first(store, &sql, &[id.into()])?.and_then(|row| read(&row).ok()))
}

/// Whether there is a job with this key, also one that this release cannot read.
pub(crate) fn has_key(store: &dyn Store, key: &str) -> Stored<bool> {
    any(store, "SELECT 1 FROM queue WHERE key = ? LIMIT 1", &[key.into()])
}

/// All jobs with this key, in order.
pub(crate) fn find_by_key<W: Work>(store: &dyn Store, key: &str) -> Stored<Vec<Job<W>>> {
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE key = ? ORDER BY id");
    Ok(read_all(&store.execute(&sql, &[key.into()])?))
}

/// Writes back what may change in a job.
pub(crate) fn save<W: Work>(store: &dyn Store, job: &Job<W>) -> Stored<()> {
    let (work, state) = (encoding::encode(&job.work), written(&job.state));
    let params = [(&work).into(), (&state).into(), job.attempts.into(), job.due.into(), job.id.into()];
    run(store, "UPDATE queue SET work = ?, state = ?, attempts = ?, due = ? WHERE id = ?", &params)
}

/// The number of the last job there is.
pub(crate) fn last(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT MAX(id) FROM queue", &[])
}

/// Makes a job due at this instant, if it would be due later.
pub(crate) fn make_due(store: &dyn Store, id: i64, due: Millis) -> Stored<()> {
    run(store, "UPDATE queue SET due = ? WHERE id = ? AND due > ?", &[due.into(), id.into(), due.into()])
}

/// Moves the jobs of a lane between `after` and `until` to its end, in their order.
pub(crate) fn move_to_end_of_lane(store: &dyn Store, lane: &str, after: i64, until: i64) -> Stored<()> {
    let sql = "UPDATE queue SET id = id + ?, head = 0 WHERE lane = ? AND id > ? AND id <= ?";
    run(store, sql, &[last(store)?.into(), lane.into(), after.into(), until.into()])?;
    mark_head(store, lane)
}

fn mark_head(store: &dyn Store, lane: &str) -> Stored<()> {
    let sql = "UPDATE queue SET head = 1 WHERE id = (SELECT MIN(id) FROM queue WHERE lane = ?) AND head = 0";
    run(store, sql, &[lane.into()])
}

/// Moves a lane's first job to another, empty lane.
pub(crate) fn change_lane<W>(store: &dyn Store, job: &mut Job<W>, lane: &str) -> Stored<()> {
    let former = std::mem::replace(&mut job.lane, lane.to_owned());
    run(store, "UPDATE queue SET lane = ? WHERE id = ?", &[lane.into(), job.id.into()])?;
    mark_head(store, &former)
}

/// A row as an operator sees it, whatever is to be done.
pub(super) struct QueuedRow {
    pub id: i64,
    pub lane: String,
    pub work: String,
    pub is_uncertain: bool,
    pub attempts: i64,
    pub due: Millis,
    pub since: Millis,
}

/// The jobs with a number above `after`, in their order.
pub(super) fn page(store: &dyn Store, after: i64, limit: i64) -> Stored<Vec<QueuedRow>> {
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE id > ? ORDER BY id LIMIT ?");
    let uncertain = |state: String| matches!(encoding::decode(&state), Ok(State::Uncertain(..)));
    let read = |row: &Row| QueuedRow {
        id: row.integer(0),
        lane: row.string(1),
        work: row.string(2),
        is_uncertain: row.maybe_text(3).is_some_and(uncertain),
        attempts: row.integer(4),
        due: row.integer(5),
        since: row.integer(6),
    };
    Ok(store.execute(&sql, &[after.into(), limit.into()])?.iter().map(read).collect())
}

/// The job with this number, whether this release can read it or not.
pub(super) fn find_any<W: Work>(store: &dyn Store, id: i64) -> Stored<Option<Result<Job<W>, Undecodable>>> {
    let sql = format!("SELECT {COLUMNS} FROM queue WHERE id = ?");
    Ok(first(store, &sql, &[id.into()])?.map(|row| read(&row)))
}

/// Due now, as if it had never been tried. What may have been done is searched for all the same.
pub(super) fn start_anew(store: &dyn Store, id: i64, now: Millis) -> Stored<()> {
    run(store, "UPDATE queue SET attempts = 0, due = ? WHERE id = ?", &[now.into(), id.into()])
}

/// A job is dropped, whether this release can read it or not.
pub(super) fn remove_any(store: &dyn Store, id: i64) -> Stored<()> {
    run(store, "DELETE FROM queue WHERE id = ?", &[id.into()])
}

/// A job is done, or dropped.
pub(crate) fn remove<W>(store: &dyn Store, job: &Job<W>) -> Stored<()> {
    run(store, "DELETE FROM queue WHERE id = ?", &[job.id.into()])
}

/// A job that this release cannot do is kept for one that can, in a lane of its own; the lane that it stood in goes on.
/// Returns when it is looked at again.
pub(super) fn quarantine(store: &dyn Store, id: i64, lane: &str, now: Millis) -> Stored<Millis> {
    let (own, due) = (format!("{QUARANTINED} {id} {lane}"), now + ASKED_AGAIN);
    run(store, "UPDATE queue SET lane = ?, due = ? WHERE id = ?", &[(&own).into(), due.into(), id.into()])?;
    mark_head(store, lane)?;
    Ok(due)
}

/// The lane that a quarantined job stood in.
pub(super) fn former_lane(lane: &str) -> Option<&str> {
    Some(lane.strip_prefix(QUARANTINED)?.strip_prefix(' ')?.split_once(' ')?.1)
}

/// A job that this release can read goes to the end of the lane that it stood in: what stood behind it may have begun.
pub(super) fn release(store: &dyn Store, id: i64, lane: &str) -> Stored<()> {
    let sql =
        "UPDATE queue SET id = ?1, lane = ?2, head = NOT EXISTS (SELECT 1 FROM queue WHERE lane = ?2) WHERE id = ?3";
    run(store, sql, &[(last(store)? + 1).into(), lane.into(), id.into()])
}

/// All quarantined jobs are looked at again at once.
pub(super) fn ask_again(store: &dyn Store) -> Stored<()> {
    run(store, &format!("UPDATE queue SET due = since WHERE {IS_QUARANTINED}"), &[])
}

/// What the jobs say in this field that this release leaves to another one.
pub(crate) fn quarantined_fields(store: &dyn Store, field: &str) -> Stored<Vec<Value>> {
    let rows = store.execute(&format!("SELECT work FROM queue WHERE {IS_QUARANTINED}"), &[])?;
    let fields =
        rows.iter().filter_map(|row| Some(serde_json::from_str::<Value>(row.text(0)).ok()?.get(field)?.clone()));
    Ok(fields.collect())
}

/// Whether this release leaves any job to another one.
pub(crate) fn is_any_quarantined(store: &dyn Store) -> Stored<bool> {
    any(store, &format!("SELECT 1 FROM queue WHERE {IS_QUARANTINED} LIMIT 1"), &[])
}
