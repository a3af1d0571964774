//! The row of a prefix's fuse.

use super::fuse::Fuse;
use crate::encoding;
use crate::storage::{Store, Stored, any, first, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS fuse (
    id INTEGER PRIMARY KEY CHECK (id = 1), fuse TEXT NOT NULL, told INTEGER NOT NULL
) STRICT";

/// The fuse, and whether operators were told that it lets nothing through, or little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FuseRow {
    pub fuse: Fuse,
    pub is_told: bool,
}

impl FuseRow {
    pub fn load(store: &dyn Store) -> Stored<Self> {
        let Some(row) = first(store, "SELECT fuse, told FROM fuse WHERE id = 1", &[])? else {
            return Ok(Self::default());
        };
        Ok(Self { fuse: row.json(0, "fuse.fuse")?, is_told: row.integer(1) != 0 })
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let fuse = encoding::encode(&self.fuse);
        let params = [(&fuse).into(), i64::from(self.is_told).into()];
        run(store, "INSERT OR REPLACE INTO fuse (id, fuse, told) VALUES (1, ?, ?)", &params)
    }
}

/// Whether the object is a prefix's.
pub(super) fn exists(store: &dyn Store) -> Stored<bool> {
    any(store, "SELECT 1 FROM fuse WHERE id = 1", &[])
}

/// Operators were told.
pub(super) fn told(store: &dyn Store) -> Stored<()> {
    run(store, "UPDATE fuse SET told = 1 WHERE id = 1", &[])
}
