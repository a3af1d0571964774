//! The jobs that wait for a permit, a row each.
//!
//! A row is idle (`expected` is 0), or its job is expected: it was told an instant that is near, or was woken because its
//! permit is there. What is reserved for an expected job, no job behind it may use.

use crate::effects::{Asker, Millis, PermitRequest, Priority, REQUEST_TIMEOUT, Waits};
use crate::storage::{Param, Row, Store, Stored, any, first, number, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS waiting (
    id TEXT PRIMARY KEY, class INTEGER NOT NULL, cost INTEGER NOT NULL, since INTEGER NOT NULL,
    expected INTEGER NOT NULL, calls INTEGER NOT NULL DEFAULT 0, probes INTEGER NOT NULL DEFAULT 0,
    probe INTEGER NOT NULL DEFAULT 0, probing_until INTEGER NOT NULL DEFAULT 0,
    mailbox TEXT NOT NULL, contact TEXT, job INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

pub(super) const BY_TURN: &str = "CREATE INDEX IF NOT EXISTS waiting_by_turn ON waiting (expected, class, since)";

/// What is to be reserved beside a row's own cost.
pub(super) const ADD_KEEPS: &str = "ALTER TABLE waiting ADD COLUMN keeps INTEGER NOT NULL DEFAULT 0";

/// How long a permit is reserved for a job that is expected. An alarm comes within milliseconds, after a failover within a
/// minute (Cloudflare, Alarms); a job that comes later waits again, in its old position.
pub(super) const RESERVED_FOR: Millis = 10_000;

/// How often a job that does not come is woken: it may be gone. If it is not, it asks again by itself in the end.
const MAX_WAKEUPS: i64 = 5;

/// How long a probing request keeps its row: one request time-out and a half.
const PROBING: Millis = REQUEST_TIMEOUT + REQUEST_TIMEOUT / 2;

/// How long no other job probes after one was woken to: the time between two probes.
pub(super) const PROBE_INTERVAL: Millis = 5_000;

/// The probe is one of the first 20 requests: one that the service never answers well must not keep all others waiting.
const CANDIDATES: i64 = 20;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub id: String,
    pub priority: Priority,
    /// What it costs, and what is to be reserved for what follows from it.
    pub needs: i64,
    is_write: bool,
    pub since: Millis,
    /// How often it was woken since its job last asked.
    wakeups: i64,
    /// How often its request probed whether the service is back.
    probes: i64,
    pub asker: Asker,
}

const COLUMNS: &str = "id, class, cost, since, calls, probes, mailbox, contact, job, keeps";

/// Ranks leave room for classes in between; rows of an unknown class come last.
fn class(priority: Priority) -> i64 {
    match priority {
        Priority::Conversation => 10,
        Priority::Alert => 20,
        Priority::Receipt => 30,
        Priority::File => 40,
        Priority::View => 50,
        Priority::Service => 60,
        Priority::Bulk => 70,
    }
}

fn priority(class: i64) -> Priority {
    match class {
        ..=10 => Priority::Conversation,
        11..=20 => Priority::Alert,
        21..=30 => Priority::Receipt,
        31..=40 => Priority::File,
        41..=50 => Priority::View,
        51..=60 => Priority::Service,
        _ => Priority::Bulk,
    }
}

fn read(row: &Row) -> Waiting {
    Waiting {
        id: row.string(0),
        priority: priority(row.integer(1)),
        needs: row.integer(2) + row.integer(9),
        is_write: row.integer(2) > 1,
        since: row.integer(3),
        wakeups: row.integer(4),
        probes: row.integer(5),
        asker: Asker { mailbox: row.text(6).parse().unwrap_or(0), contact: row.maybe_text(7), job: row.integer(8) },
    }
}

pub(super) fn is_waiting(store: &dyn Store, id: &str) -> Stored<bool> {
    any(store, "SELECT 1 FROM waiting WHERE id = ?", &[id.into()])
}

/// Inserts a row, or changes what it waits for. Its job has asked, so its wake-ups are counted from 0 again.
pub(super) fn wait(
    store: &dyn Store,
    request: &PermitRequest,
    reserves: i64,
    waits: &Waits,
    expected: Millis,
) -> Stored<()> {
    let (mailbox, asker) = (waits.asker.mailbox.to_string(), &waits.asker);
    let params = [
        (&request.id).into(),
        class(request.priority).into(),
        request.cost.into(),
        waits.since.into(),
        expected.into(),
        (&mailbox).into(),
        (&asker.contact).into(),
        asker.job.into(),
        reserves.into(),
    ];
    let sql = "INSERT INTO waiting (id, class, cost, since, expected, mailbox, contact, job, keeps) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET class = excluded.class, \
               cost = excluded.cost, keeps = excluded.keeps, since = excluded.since, expected = excluded.expected, calls = 0, \
               probe = 0, probing_until = 0";
    run(store, sql, &params)
}

/// Deletes a row. Returns how many there were.
pub(super) fn remove(store: &dyn Store, id: &str) -> Stored<i64> {
    removed(store, "DELETE FROM waiting WHERE id = ? RETURNING 1", &[id.into()])
}

/// Deletes the row of the probe whose permit had this number.
pub(super) fn remove_probe(store: &dyn Store, id: &str, number: i64) -> Stored<i64> {
    removed(store, "DELETE FROM waiting WHERE id = ? AND probe = ? RETURNING 1", &[id.into(), number.into()])
}

fn removed(store: &dyn Store, sql: &str, params: &[Param]) -> Stored<i64> {
    Ok(i64::try_from(store.execute(sql, params)?.len()).unwrap_or(i64::MAX))
}

/// A position in the queue: by class, and of one class the oldest first.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueuePosition<'a> {
    pub priority: Priority,
    pub since: Millis,
    pub id: &'a str,
}

impl Waiting {
    pub fn place(&self) -> QueuePosition<'_> {
        QueuePosition { priority: self.priority, since: self.since, id: &self.id }
    }
}

/// Whether an idle row goes first.
pub(super) fn is_behind(store: &dyn Store, now: Millis, kind: Kind, place: QueuePosition) -> Stored<bool> {
    let kind = kind.condition();
    let sql = format!(
        "SELECT 1 FROM waiting WHERE expected = 0 AND (class, since, id) < (?, ?, ?) AND probing_until <= ? {kind} LIMIT 1"
    );
    any(store, &sql, &[class(place.priority).into(), place.since.into(), place.id.into(), now.into()])
}

/// What is reserved for expected jobs that go first.
pub(super) struct Reservation {
    pub cost: i64,
    /// When the last of them comes.
    pub last: Millis,
}

pub(super) fn reserved_before(store: &dyn Store, now: Millis, place: QueuePosition) -> Stored<Reservation> {
    let sql =
        "SELECT SUM(cost + keeps), MAX(expected) FROM waiting WHERE expected > ? AND (class, since, id) < (?, ?, ?)";
    let params = [(now - RESERVED_FOR).into(), class(place.priority).into(), place.since.into(), place.id.into()];
    let row = first(store, sql, &params)?;
    Ok(Reservation {
        cost: row.as_ref().map_or(0, |row| row.integer(0)),
        last: row.as_ref().map_or(0, |row| row.integer(1)),
    })
}

/// Which requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    /// Those that change nothing.
    Reads,
    /// Those that would.
    Writes,
}

impl Kind {
    fn condition(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Reads => "AND cost = 1",
            Self::Writes => "AND cost > 1",
        }
    }
}

/// The first idle rows, at most so many.
pub(super) fn idle(store: &dyn Store, now: Millis, kind: Kind, most: i64) -> Stored<Vec<Waiting>> {
    let kind = kind.condition();
    let sql = format!(
        "SELECT {COLUMNS} FROM waiting WHERE expected = 0 AND probing_until <= ? {kind} ORDER BY class, since, id LIMIT ?"
    );
    Ok(store.execute(&sql, &[now.into(), most.into()])?.iter().map(read).collect())
}

/// Picks the next probe: of the first twenty, a read before a write, then the least probed. A read does no harm when its
/// answer is lost; where only writes fail, `kind` leaves only writes.
pub(super) fn candidate(store: &dyn Store, now: Millis, kind: Kind) -> Stored<Option<Waiting>> {
    let first = idle(store, now, kind, CANDIDATES)?.into_iter();
    Ok(first.min_by_key(|waiting| (waiting.is_write, waiting.probes + waiting.wakeups)))
}

/// Whether another job is expected to probe, and until when that counts.
pub(super) fn probe_expected(store: &dyn Store, now: Millis, kind: Kind, but: &str) -> Stored<Option<Millis>> {
    let kind = kind.condition();
    let sql = format!("SELECT MIN(expected) FROM waiting WHERE expected > ? AND id <> ? {kind}");
    let row = first(store, &sql, &[(now - PROBE_INTERVAL).into(), but.into()])?;
    Ok(row.and_then(|row| row.maybe_integer(0)).map(|expected| expected + PROBE_INTERVAL))
}

/// Its request probes, with the permit of this number.
pub(super) fn probe(store: &dyn Store, now: Millis, id: &str, number: i64) -> Stored<()> {
    let sql = "UPDATE waiting SET probes = probes + 1, probe = ?, probing_until = ? WHERE id = ?";
    run(store, sql, &[number.into(), (now + PROBING).into(), id.into()])
}

/// A job was woken: it is expected now.
pub(super) fn mark_woken(store: &dyn Store, waiting: &Waiting, now: Millis) -> Stored<()> {
    let sql = "UPDATE waiting SET expected = ?, calls = calls + 1 WHERE id = ?";
    run(store, sql, &[now.into(), (&waiting.id).into()])
}

/// A job that was expected and did not come is idle again. Returns how many were woken so often that they are dropped.
pub(super) fn give_up(store: &dyn Store, now: Millis) -> Stored<i64> {
    let params = [(now - RESERVED_FOR).into(), MAX_WAKEUPS.into()];
    let sql = "DELETE FROM waiting WHERE expected > 0 AND expected <= ? AND calls >= ? RETURNING 1";
    let gone = removed(store, sql, &params)?;
    run(store, "UPDATE waiting SET expected = 0 WHERE expected > 0 AND expected <= ?", &[(now - RESERVED_FOR).into()])?;
    Ok(gone)
}

/// The clock was set back by so much. An expected job may come by another clock, and is woken again.
pub(super) fn set_back(store: &dyn Store, by: Millis) -> Stored<()> {
    run(store, "UPDATE waiting SET since = since - ?, expected = 0, probing_until = 0", &[by.into()])
}

/// How many wait. Reads all rows.
pub(super) fn count(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT COUNT(*) FROM waiting", &[])
}

/// When the first expected job counts as not coming.
pub(super) fn first_given_up(store: &dyn Store) -> Stored<Option<Millis>> {
    let row = first(store, "SELECT MIN(expected) FROM waiting WHERE expected > 0", &[])?;
    Ok(row.and_then(|row| row.maybe_integer(0)).map(|expected| expected + RESERVED_FOR))
}

/// How many people wait at each hotline, and since when the first. Reads all rows: only an operator's look does that.
pub(super) fn by_hotline(store: &dyn Store) -> Stored<Vec<(u64, i64, Millis)>> {
    let sql =
        "SELECT mailbox, COUNT(DISTINCT contact), MIN(since) FROM waiting WHERE contact IS NOT NULL GROUP BY mailbox";
    let read = |row: &Row| (row.text(0).parse().unwrap_or(0), row.integer(1), row.integer(2));
    Ok(store.execute(sql, &[])?.iter().map(read).collect())
}
