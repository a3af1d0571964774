//! Events and alerts that wait to be delivered: those of one person, or about one thing, in their order, others beside each other.

use crate::effects::Millis;
use crate::messages::event::{StoredEvent, WITHOUT_WORDS};
use crate::storage::{Row, Store, Stored, first, number, run};

/// `head` marks the first of each person: only that one is tried.
pub(crate) const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS deliveries (
        number INTEGER PRIMARY KEY, person TEXT NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
        data TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL, head INTEGER NOT NULL, UNIQUE (person, event)
    ) STRICT",
    "CREATE INDEX IF NOT EXISTS delivery_heads ON deliveries (due) WHERE head = 1",
    // Whatever removes a person's first, the next one is the first.
    "CREATE TRIGGER IF NOT EXISTS delivery_next AFTER DELETE ON deliveries WHEN OLD.head = 1 BEGIN
        UPDATE deliveries SET head = 1 WHERE number = (
            SELECT number FROM deliveries WHERE person = OLD.person ORDER BY event LIMIT 1
        );
    END",
];

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;

/// The waits between tries: three days (Standard Webhooks 1.0, "Deliverability and reliability").
const WAITS: [Millis; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// The wait after so many tries; `None` when there is none further.
pub(crate) fn wait(attempts: i64) -> Option<Millis> {
    WAITS.get(usize::try_from(attempts).ok()?).copied()
}

/// How many of one person wait at most. Who has more is no person: what is more is read by `GET /v1/events`.
const MOST_OF_ONE: i64 = 1_000;

/// An event on its way.
pub(crate) struct Waiting {
    pub number: i64,
    pub attempts: i64,
    pub event: StoredEvent,
}

const COLUMNS: &str = "number, person, event, at, kind, data, attempts";

fn read(row: &Row) -> Waiting {
    let (person, id, at) = (row.string(1), row.string(2), row.integer(3));
    let event = StoredEvent { id, at, person, kind: row.string(4), data: row.string(5) };
    Waiting { number: row.integer(0), attempts: row.integer(6), event }
}

/// Puts an event behind those of its person that came before it. One that waits already waits once. Returns whether it had room.
pub(crate) fn add(store: &dyn Store, lane: &str, event: &StoredEvent, now: Millis) -> Stored<bool> {
    let head = first(
        store,
        "SELECT number, event, attempts FROM deliveries WHERE person = ? AND head = 1 LIMIT 1",
        &[lane.into()],
    )?;
    if head.is_some()
        && number(store, "SELECT COUNT(*) FROM deliveries WHERE person = ?", &[lane.into()])? >= MOST_OF_ONE
    {
        return Ok(false);
    }
    // Of events that are sent again an earlier one comes after a later one.
    let is_before = head.as_ref().is_some_and(|head| event.id.as_str() < head.text(1));
    let is_head = head.is_none() || is_before;
    let params = [
        lane.into(),
        (&event.id).into(),
        event.at.into(),
        (&event.kind).into(),
        (&event.data).into(),
        now.into(),
        i64::from(is_head).into(),
    ];
    let sql = "INSERT OR IGNORE INTO deliveries (person, event, at, kind, data, due, attempts, head) \
               VALUES (?, ?, ?, ?, ?, ?, 0, ?) RETURNING number";
    let is_new = first(store, sql, &params)?.is_some();
    if let Some(head) = head.filter(|_| is_new && is_before) {
        run(store, "UPDATE deliveries SET head = 0 WHERE number = ?", &[head.integer(0).into()])?;
    }
    Ok(true)
}

/// Those that are to be tried now.
pub(crate) fn due(store: &dyn Store, now: Millis, most: usize) -> Stored<Vec<Waiting>> {
    let sql = format!("SELECT {COLUMNS} FROM deliveries WHERE head = 1 AND due <= ? ORDER BY due LIMIT {most}");
    Ok(store.execute(&sql, &[now.into()])?.iter().map(read).collect())
}

/// When the next one is.
pub(crate) fn next_due(store: &dyn Store) -> Stored<Option<Millis>> {
    let sql = "SELECT due FROM deliveries WHERE head = 1 AND due > 0 ORDER BY due LIMIT 1";
    Ok(first(store, sql, &[])?.map(|row| row.integer(0)))
}

/// It is tried at an instant for the first time, or again.
pub(crate) fn put_off(store: &dyn Store, delivery: i64, due: Millis, attempts: i64) -> Stored<()> {
    let params = [due.into(), attempts.into(), delivery.into()];
    run(store, "UPDATE deliveries SET due = ?, attempts = ? WHERE number = ?", &params)
}

/// How often it was tried; `None` when it is not there any more.
pub(crate) fn attempts(store: &dyn Store, delivery: i64) -> Stored<Option<i64>> {
    let sql = "SELECT attempts FROM deliveries WHERE number = ?";
    Ok(first(store, sql, &[delivery.into()])?.map(|row| row.integer(0)))
}

pub(crate) fn remove(store: &dyn Store, delivery: i64) -> Stored<()> {
    run(store, "DELETE FROM deliveries WHERE number = ?", &[delivery.into()])
}

/// All that wait are tried at once, as if for the first time.
pub(crate) fn try_all_again(store: &dyn Store, now: Millis) -> Stored<()> {
    run(store, "UPDATE deliveries SET due = ?, attempts = 0 WHERE head = 1", &[now.into()])
}

/// Those of a person say nothing any more; that something happened is still delivered.
pub(crate) fn forget_words(store: &dyn Store, lane: &str) -> Stored<()> {
    run(store, &format!("UPDATE deliveries SET data = {WITHOUT_WORDS} WHERE person = ?"), &[lane.into()])
}

pub(crate) fn remove_all(store: &dyn Store) -> Stored<()> {
    run(store, "DELETE FROM deliveries", &[])
}

pub(crate) fn count(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT COUNT(*) FROM deliveries", &[])
}
