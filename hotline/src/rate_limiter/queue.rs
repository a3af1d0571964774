//! Who waits for a permit, as rows: one for each job that asked.
//!
//! A row is asleep (`expected` is 0), or its asker is expected: it was told an instant that is near, or was sent word
//! that its permit is there. What is kept for those who are expected nobody behind them may use.

use crate::effects::{Asker, Millis, PermitRequest, Priority, REQUEST_TIMEOUT, Waits};
use crate::storage::{Param, Row, Store, Stored, any, first, number, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS waiting (
    id TEXT PRIMARY KEY, class INTEGER NOT NULL, cost INTEGER NOT NULL, since INTEGER NOT NULL,
    expected INTEGER NOT NULL, calls INTEGER NOT NULL DEFAULT 0, probes INTEGER NOT NULL DEFAULT 0,
    probe INTEGER NOT NULL DEFAULT 0, probing_until INTEGER NOT NULL DEFAULT 0,
    mailbox TEXT NOT NULL, contact TEXT, job INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

pub(super) const BY_TURN: &str = "CREATE INDEX IF NOT EXISTS waiting_by_turn ON waiting (expected, class, since)";

/// What is to be kept beside a row's own cost.
pub(super) const KEEPS: &str = "ALTER TABLE waiting ADD COLUMN keeps INTEGER NOT NULL DEFAULT 0";

/// How long a permit is kept for who is expected. An alarm comes within milliseconds, after a failover within a minute
/// (Cloudflare, Alarms); who comes later waits anew, in its old place.
pub(super) const KEPT: Millis = 10_000;

/// How often somebody who does not come is sent word: its job may be gone. It asks by itself in the end.
const MOST_CALLS: i64 = 5;

/// How long the place of whose request goes to look is kept, and nobody else's looks instead of that of whom word was
/// sent: a request, and half as long again for the ways; and the time between two probes.
const PROBING: Millis = REQUEST_TIMEOUT + REQUEST_TIMEOUT / 2;
pub(super) const PROBE_KEPT: Millis = 5_000;

/// Whose request it is that goes to look whether the service is back: one of the first so many. One request that the
/// service never answers well must not keep all others waiting.
const CANDIDATES: i64 = 20;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub id: String,
    pub priority: Priority,
    /// What it uses up, and what is to be kept for what follows from it.
    pub needs: i64,
    is_write: bool,
    pub since: Millis,
    /// How often it was sent word since its asker last came.
    calls: i64,
    /// How often its request went to look whether the service is back.
    probes: i64,
    pub asker: Asker,
}

const COLUMNS: &str = "id, class, cost, since, calls, probes, mailbox, contact, job, keeps";

/// Ranks leave room for classes in between; rows of an unknown class come last.
fn class(priority: Priority) -> i64 {
    match priority {
        Priority::Conversation => 10,
        Priority::Receipt => 30,
        Priority::File => 40,
        Priority::View => 50,
        Priority::Bulk => 70,
    }
}

fn priority(class: i64) -> Priority {
    match class {
        ..=10 => Priority::Conversation,
        11..=30 => Priority::Receipt,
        31..=40 => Priority::File,
        41..=50 => Priority::View,
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
        calls: row.integer(4),
        probes: row.integer(5),
        asker: Asker { mailbox: row.text(6).parse().unwrap_or(0), contact: row.maybe_text(7), job: row.integer(8) },
    }
}

pub(super) fn is_waiting(store: &dyn Store, id: &str) -> Stored<bool> {
    any(store, "SELECT 1 FROM waiting WHERE id = ?", &[id.into()])
}

/// Makes a row, or changes what it waits for. Its asker has come, so that word may be sent to it anew.
pub(super) fn wait(
    store: &dyn Store,
    request: &PermitRequest,
    keeps: i64,
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
        keeps.into(),
    ];
    let sql = "INSERT INTO waiting (id, class, cost, since, expected, mailbox, contact, job, keeps) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET class = excluded.class, \
               cost = excluded.cost, keeps = excluded.keeps, since = excluded.since, expected = excluded.expected, calls = 0, \
               probe = 0, probing_until = 0";
    run(store, sql, &params)
}

/// Takes a row away. Returns how many there were.
pub(super) fn remove(store: &dyn Store, id: &str) -> Stored<i64> {
    removed(store, "DELETE FROM waiting WHERE id = ? RETURNING 1", &[id.into()])
}

/// Takes the row of a probe away, whose permit had this number.
pub(super) fn remove_probe(store: &dyn Store, id: &str, number: i64) -> Stored<i64> {
    removed(store, "DELETE FROM waiting WHERE id = ? AND probe = ? RETURNING 1", &[id.into(), number.into()])
}

fn removed(store: &dyn Store, sql: &str, params: &[Param]) -> Stored<i64> {
    Ok(i64::try_from(store.execute(sql, params)?.len()).unwrap_or(i64::MAX))
}

/// A place in the queue: by class, and of one class the oldest first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub priority: Priority,
    pub since: Millis,
    pub id: &'a str,
}

impl Waiting {
    pub fn place(&self) -> Place<'_> {
        Place { priority: self.priority, since: self.since, id: &self.id }
    }
}

/// Whether somebody asleep goes first.
pub(super) fn is_behind(store: &dyn Store, now: Millis, kind: Kind, place: Place) -> Stored<bool> {
    let kind = kind.condition();
    let sql = format!(
        "SELECT 1 FROM waiting WHERE expected = 0 AND (class, since, id) < (?, ?, ?) AND probing_until <= ? {kind} LIMIT 1"
    );
    any(store, &sql, &[class(place.priority).into(), place.since.into(), place.id.into(), now.into()])
}

/// What is kept for those who are expected and go first.
pub(super) struct Kept {
    pub cost: i64,
    /// When the last of them comes.
    pub last: Millis,
}

pub(super) fn kept_before(store: &dyn Store, now: Millis, place: Place) -> Stored<Kept> {
    let sql =
        "SELECT SUM(cost + keeps), MAX(expected) FROM waiting WHERE expected > ? AND (class, since, id) < (?, ?, ?)";
    let params = [(now - KEPT).into(), class(place.priority).into(), place.since.into(), place.id.into()];
    let row = first(store, sql, &params)?;
    Ok(Kept { cost: row.as_ref().map_or(0, |row| row.integer(0)), last: row.as_ref().map_or(0, |row| row.integer(1)) })
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

/// The first of those asleep, as many as are asked for.
pub(super) fn asleep(store: &dyn Store, now: Millis, kind: Kind, most: i64) -> Stored<Vec<Waiting>> {
    let kind = kind.condition();
    let sql = format!(
        "SELECT {COLUMNS} FROM waiting WHERE expected = 0 AND probing_until <= ? {kind} ORDER BY class, since, id LIMIT ?"
    );
    Ok(store.execute(&sql, &[now.into(), most.into()])?.iter().map(read).collect())
}

/// Whose request goes to look next: of the first ones, whose has done so least often. A read is preferred, since it does
/// no harm when its answer is lost; but where it is only writing that fails, only a write can tell.
pub(super) fn candidate(store: &dyn Store, now: Millis, kind: Kind) -> Stored<Option<Waiting>> {
    let first = asleep(store, now, kind, CANDIDATES)?.into_iter();
    Ok(first.min_by_key(|waiting| (waiting.is_write, waiting.probes + waiting.calls)))
}

/// Whether somebody else's request is expected to go to look, and until when that counts.
pub(super) fn probe_expected(store: &dyn Store, now: Millis, kind: Kind, but: &str) -> Stored<Option<Millis>> {
    let kind = kind.condition();
    let sql = format!("SELECT MIN(expected) FROM waiting WHERE expected > ? AND id <> ? {kind}");
    let row = first(store, &sql, &[(now - PROBE_KEPT).into(), but.into()])?;
    Ok(row.and_then(|row| row.maybe_integer(0)).map(|expected| expected + PROBE_KEPT))
}

/// Its request goes to look, with the permit of this number.
pub(super) fn probe(store: &dyn Store, now: Millis, id: &str, number: i64) -> Stored<()> {
    let sql = "UPDATE waiting SET probes = probes + 1, probe = ?, probing_until = ? WHERE id = ?";
    run(store, sql, &[number.into(), (now + PROBING).into(), id.into()])
}

/// Who was sent word is expected now.
pub(super) fn call(store: &dyn Store, waiting: &Waiting, now: Millis) -> Stored<()> {
    let sql = "UPDATE waiting SET expected = ?, calls = calls + 1 WHERE id = ?";
    run(store, sql, &[now.into(), (&waiting.id).into()])
}

/// Who was expected and did not come sleeps on. Returns how many are not waited for any more.
pub(super) fn give_up(store: &dyn Store, now: Millis) -> Stored<i64> {
    let params = [(now - KEPT).into(), MOST_CALLS.into()];
    let sql = "DELETE FROM waiting WHERE expected > 0 AND expected <= ? AND calls >= ? RETURNING 1";
    let gone = removed(store, sql, &params)?;
    run(store, "UPDATE waiting SET expected = 0 WHERE expected > 0 AND expected <= ?", &[(now - KEPT).into()])?;
    Ok(gone)
}

/// The clock was set back by so much. Whoever is expected may come by another clock, and is sent word anew.
pub(super) fn set_back(store: &dyn Store, by: Millis) -> Stored<()> {
    run(store, "UPDATE waiting SET since = since - ?, expected = 0, probing_until = 0", &[by.into()])
}

/// How many wait. Reads all rows.
pub(super) fn count(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT COUNT(*) FROM waiting", &[])
}

/// When the first of those who are expected counts as not coming.
pub(super) fn first_given_up(store: &dyn Store) -> Stored<Option<Millis>> {
    let row = first(store, "SELECT MIN(expected) FROM waiting WHERE expected > 0", &[])?;
    Ok(row.and_then(|row| row.maybe_integer(0)).map(|expected| expected + KEPT))
}

/// How many people wait at each hotline, and since when the first. Reads all rows: only an operator's look does that.
pub(super) fn by_hotline(store: &dyn Store) -> Stored<Vec<(u64, i64, Millis)>> {
    let sql =
        "SELECT mailbox, COUNT(DISTINCT contact), MIN(since) FROM waiting WHERE contact IS NOT NULL GROUP BY mailbox";
    let read = |row: &Row| (row.text(0).parse().unwrap_or(0), row.integer(1), row.integer(2));
    Ok(store.execute(sql, &[])?.iter().map(read).collect())
}
