//! Answers to requests with an `Idempotency-Key`: whoever sends one again gets the same one.

use crate::effects::Millis;
use crate::messages::api_key::{Idempotency, KeptAnswer};
use crate::storage::{Store, Stored, first, run};

/// `status` is null as long as the request is under way.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL, status INTEGER, body TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID";

pub(super) const BY_AGE: &str = "CREATE INDEX IF NOT EXISTS answers_by_age ON answers (at)";

/// How long an answer is kept: 24 hours.
pub(super) const KEPT_FOR: Millis = 86_400_000;

/// What is known of a request.
pub(super) enum Known {
    /// It is the first of its kind.
    Nothing,
    /// It was begun, and has no answer yet.
    Begun,
    /// It has this answer.
    Answered(KeptAnswer),
    /// Its `Idempotency-Key` belongs to a request that says something else.
    Other,
}

pub(super) fn find(store: &dyn Store, wanted: &Idempotency) -> Stored<Known> {
    let sql = "SELECT fingerprint, status, body FROM answers WHERE id = ?";
    Ok(match first(store, sql, &[(&wanted.id).into()])? {
        None => Known::Nothing,
        Some(row) if row.text(0) != wanted.fingerprint => Known::Other,
        Some(row) => row.maybe_integer(1).map_or(Known::Begun, |status| {
            Known::Answered(KeptAnswer { status: u16::try_from(status).unwrap_or(500), body: row.string(2) })
        }),
    })
}

pub(super) fn begin(store: &dyn Store, idempotency: &Idempotency, now: Millis) -> Stored<()> {
    let sql = "INSERT OR IGNORE INTO answers (id, fingerprint, at) VALUES (?, ?, ?)";
    run(store, sql, &[(&idempotency.id).into(), (&idempotency.fingerprint).into(), now.into()])
}

/// The answer of the copy that ends first stays. Without an answer the request may be tried again.
pub(super) fn finish(store: &dyn Store, id: &str, answer: Option<&KeptAnswer>) -> Stored<()> {
    match answer {
        Some(KeptAnswer { status, body }) => {
            let sql = "UPDATE answers SET status = ?, body = ? WHERE id = ? AND status IS NULL";
            run(store, sql, &[i64::from(*status).into(), body.into(), id.into()])
        }
        None => run(store, "DELETE FROM answers WHERE id = ? AND status IS NULL", &[id.into()]),
    }
}

pub(super) fn forget_old(store: &dyn Store, now: Millis) -> Stored<()> {
    run(store, "DELETE FROM answers WHERE at <= ?", &[(now - KEPT_FOR).into()])
}

/// When the oldest request came of which something is kept.
pub(super) fn oldest(store: &dyn Store) -> Stored<Option<Millis>> {
    Ok(first(store, "SELECT at FROM answers WHERE at > 0 ORDER BY at LIMIT 1", &[])?.map(|row| row.integer(0)))
}
