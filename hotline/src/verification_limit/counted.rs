//! The codes that have left, a row each.

use super::fuse::Code;
use crate::effects::Millis;
use crate::messages::verification_limit::CodeId;
use crate::storage::{Row, Store, Stored, any, first, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS codes (
    number INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE, verification TEXT NOT NULL, at INTEGER NOT NULL,
    approved INTEGER NOT NULL DEFAULT 0
) STRICT";

pub(super) const BY_AGE: &str = "CREATE INDEX IF NOT EXISTS codes_by_age ON codes (at)";

/// Whether a code was counted before.
pub(super) fn is_counted(store: &dyn Store, code: &CodeId) -> Stored<bool> {
    any(store, "SELECT 1 FROM codes WHERE request = ?", &[(&code.request).into()])
}

pub(super) fn count(store: &dyn Store, code: &CodeId, now: Millis) -> Stored<()> {
    let sql = "INSERT INTO codes (request, verification, at) VALUES (?, ?, ?)";
    run(store, sql, &[(&code.request).into(), (&code.verification).into(), now.into()])
}

pub(super) fn give_back(store: &dyn Store, request: &str) -> Stored<()> {
    run(store, "DELETE FROM codes WHERE request = ?", &[request.into()])
}

pub(super) fn approve(store: &dyn Store, requests: &[String]) -> Stored<()> {
    requests
        .iter()
        .try_for_each(|request| run(store, "UPDATE codes SET approved = 1 WHERE request = ?", &[request.into()]))
}

/// When the nth of those left that left since an instant, counted from the newest.
pub(super) fn nth_newest(store: &dyn Store, since: Millis, n: u32) -> Stored<Option<Millis>> {
    let before = n.saturating_sub(1);
    let sql = format!("SELECT at FROM codes WHERE at > ? ORDER BY at DESC LIMIT 1 OFFSET {before}");
    Ok(first(store, &sql, &[since.into()])?.map(|row| row.integer(0)))
}

/// The last codes after this number, the newest first.
pub(super) fn last(store: &dyn Store, after: i64, most: usize) -> Stored<Vec<Code>> {
    let sql = format!(
        "SELECT number, verification, at, approved FROM codes WHERE number > ? ORDER BY number DESC LIMIT {most}"
    );
    let code = |row: &Row| Code {
        number: row.integer(0),
        verification: row.string(1),
        at: row.integer(2),
        is_approved: row.integer(3) != 0,
    };
    Ok(store.execute(&sql, &[after.into()])?.iter().map(code).collect())
}

/// Forgets a few of those that left before an instant: each step a few more than it adds.
pub(super) fn forget_old(store: &dyn Store, before: Millis) -> Stored<()> {
    const AT_ONCE: usize = 20;
    let sql = format!(
        "DELETE FROM codes WHERE number IN (SELECT number FROM codes WHERE at <= ? ORDER BY at LIMIT {AT_ONCE})"
    );
    run(store, &sql, &[before.into()])
}

/// When the oldest left.
pub(super) fn oldest(store: &dyn Store) -> Stored<Option<Millis>> {
    Ok(first(store, "SELECT at FROM codes WHERE at > 0 ORDER BY at LIMIT 1", &[])?.map(|row| row.integer(0)))
}
