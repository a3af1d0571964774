//! An object's tables have a version. When an object starts, the migrations that its storage has not seen run in order. Each
//! object's list is the constant `MIGRATIONS` in its `mod.rs`: `contact`, `call`, `directory`, `rate_limiter`.
//!
//! A released migration never changes; a change of tables is a further one at the end of the list. Each keeps the
//! release before it running (it only adds), since for minutes both run, and a release may be taken back. What is no
//! longer used goes one release later.

use super::{Store, Stored, first, run};

/// Statements that bring the tables from one version to the next.
pub type Migration = &'static [&'static str];

const VERSION: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL
) STRICT";

/// Brings an object's tables to the newest version. Storage of a later release is left as it is: each release reads
/// what the next one has added to.
pub fn migrate(store: &dyn Store, migrations: &[Migration]) -> Stored<()> {
    store.transaction(&mut || {
        run(store, VERSION, &[])?;
        let version = first(store, "SELECT version FROM schema_version", &[])?.map_or(0, |row| row.integer(0));
        let seen = usize::try_from(version).unwrap_or(0);
        let unseen = migrations.get(seen..).unwrap_or_default();
        for statement in unseen.iter().copied().flatten() {
            run(store, statement, &[])?;
        }
        if unseen.is_empty() {
            return Ok(());
        }
        let newest = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
        run(store, "INSERT OR REPLACE INTO schema_version (id, version) VALUES (1, ?)", &[newest.into()])
    })
}
