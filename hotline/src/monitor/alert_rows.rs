//! What was found wrong by the last runs: a row for each reason, until a run does not find it any more.

use crate::effects::Millis;
use crate::storage::{Row, Store, Stored, run};

/// `mailbox` is 0 for what concerns all.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS alerts (
    code TEXT NOT NULL, mailbox INTEGER NOT NULL, since INTEGER NOT NULL, runs INTEGER NOT NULL, raised_at INTEGER,
    detail TEXT NOT NULL, PRIMARY KEY (code, mailbox)
) STRICT, WITHOUT ROWID";

/// A reason that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alert {
    pub code: String,
    pub mailbox: u64,
    pub since: Millis,
    /// How many runs in a row have found it.
    pub runs: i64,
    /// When operators were told.
    pub raised_at: Option<Millis>,
    pub detail: String,
}

const COLUMNS: &str = "code, mailbox, since, runs, raised_at, detail";

fn read(row: &Row) -> Alert {
    Alert {
        code: row.string(0),
        mailbox: u64::try_from(row.integer(1)).unwrap_or(0),
        since: row.integer(2),
        runs: row.integer(3),
        raised_at: row.maybe_integer(4),
        detail: row.string(5),
    }
}

/// All of them: at most each code for each hotline.
pub(super) fn all(store: &dyn Store) -> Stored<Vec<Alert>> {
    Ok(store.execute(&format!("SELECT {COLUMNS} FROM alerts"), &[])?.iter().map(read).collect())
}

pub(super) fn save(store: &dyn Store, alert: &Alert) -> Stored<()> {
    let params = [
        (&alert.code).into(),
        alert.mailbox.cast_signed().into(),
        alert.since.into(),
        alert.runs.into(),
        alert.raised_at.into(),
        (&alert.detail).into(),
    ];
    run(store, &format!("INSERT OR REPLACE INTO alerts ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"), &params)
}

pub(super) fn remove(store: &dyn Store, alert: &Alert) -> Stored<()> {
    let params = [(&alert.code).into(), alert.mailbox.cast_signed().into()];
    run(store, "DELETE FROM alerts WHERE code = ? AND mailbox = ?", &params)
}
