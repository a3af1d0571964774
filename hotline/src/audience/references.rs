//! Programs' own names for messages to one person: whose each is.

use crate::effects::Millis;
use crate::storage::{Store, Stored, first, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS message_references (
    reference TEXT PRIMARY KEY, person TEXT NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

pub(super) const BY_AGE: &str = "CREATE INDEX IF NOT EXISTS message_references_by_age ON message_references (at)";

/// Whose a name is; it is this person's from now on if it was nobody's.
pub(super) fn claim(store: &dyn Store, reference: &str, person: &str, now: Millis) -> Stored<String> {
    let sql = "INSERT OR IGNORE INTO message_references (reference, person, at) VALUES (?, ?, ?)";
    run(store, sql, &[reference.into(), person.into(), now.into()])?;
    let sql = "SELECT person FROM message_references WHERE reference = ?";
    Ok(first(store, sql, &[reference.into()])?.map_or_else(|| person.to_owned(), |row| row.string(0)))
}

pub(super) fn forget_old(store: &dyn Store, before: Millis) -> Stored<()> {
    run(store, "DELETE FROM message_references WHERE at < ?", &[before.into()])
}
