//! What programs keep of a person: one row, written by them alone.

use crate::encoding;
use crate::messages::program::Profile;
use crate::storage::{Store, Stored, any, first, run};

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS profile (
    id INTEGER PRIMARY KEY CHECK (id = 1), zone TEXT, language TEXT, fields TEXT NOT NULL
) STRICT";

impl Profile {
    pub(super) fn load(store: &dyn Store) -> Stored<Option<Self>> {
        let Some(row) = first(store, "SELECT zone, language, fields FROM profile WHERE id = 1", &[])? else {
            return Ok(None);
        };
        let fields = row.json(2, "profile.fields")?;
        Ok(Some(Self { zone: row.maybe_text(0), language: row.maybe_text(1), fields }))
    }

    pub(super) fn exists(store: &dyn Store) -> Stored<bool> {
        any(store, "SELECT 1 FROM profile WHERE id = 1", &[])
    }

    pub(super) fn save(&self, store: &dyn Store) -> Stored<()> {
        let fields = encoding::encode(&self.fields);
        let params = [(&self.zone).into(), (&self.language).into(), (&fields).into()];
        run(store, "INSERT OR REPLACE INTO profile (id, zone, language, fields) VALUES (1, ?, ?, ?)", &params)
    }
}
