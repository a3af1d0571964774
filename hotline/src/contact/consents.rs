//! What a person has said about each class of messages: every word of theirs is kept, and the last one counts. STOP withdraws
//! what was granted; START grants nothing.

use protocol::v1::Class;

use super::StepContext;
use crate::effects::Millis;
use crate::messages::program::ConsentGiven;
use crate::send_rules::Consent;
use crate::storage::{Row, Store, Stored, any, first, run};

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS consents (
    number INTEGER PRIMARY KEY, class TEXT NOT NULL, granted INTEGER NOT NULL, source TEXT NOT NULL, evidence TEXT,
    at INTEGER NOT NULL
) STRICT";

/// The last word is asked by the class; of two of one instant the one that was told later counts.
pub(crate) const BY_CLASS: &str = "CREATE INDEX IF NOT EXISTS consents_by_class ON consents (class, at, number)";

const COLUMNS: &str = "number, class, granted, source, evidence, at";

/// The source of a withdrawal by STOP.
const STOP: &str = "STOP";

fn read(row: &Row) -> Stored<ConsentGiven> {
    Ok(ConsentGiven {
        class: row.word(1, "consents.class", Class::read)?,
        granted: row.integer(2) != 0,
        source: row.string(3),
        evidence: row.maybe_text(4),
        at: row.integer(5),
    })
}

/// Their last word on a class.
pub(super) fn last(store: &dyn Store, class: Class) -> Stored<Option<ConsentGiven>> {
    let sql = format!("SELECT {COLUMNS} FROM consents WHERE class = ? ORDER BY at DESC, number DESC LIMIT 1");
    first(store, &sql, &[class.as_str().into()])?.as_ref().map(read).transpose()
}

/// What that means for a message.
pub(super) fn of_class(store: &dyn Store, class: Class) -> Stored<Consent> {
    Ok(match last(store, class)? {
        None => Consent::Unknown,
        Some(ConsentGiven { granted: true, .. }) => Consent::Granted,
        Some(_) => Consent::Withdrawn,
    })
}

/// Keeps a word of theirs. The same one again is kept once.
pub(super) fn add(store: &dyn Store, consent: &ConsentGiven) -> Stored<()> {
    if last(store, consent.class)?.as_ref() == Some(consent) {
        return Ok(());
    }
    let params = [
        consent.class.as_str().into(),
        i64::from(consent.granted).into(),
        (&consent.source).into(),
        (&consent.evidence).into(),
        consent.at.into(),
    ];
    run(store, "INSERT INTO consents (class, granted, source, evidence, at) VALUES (?, ?, ?, ?, ?)", &params)
}

/// A page of all that they said, the latest told first; each with its number.
pub(super) fn history(store: &dyn Store, before: Option<i64>, limit: usize) -> Stored<Vec<(i64, ConsentGiven)>> {
    const END: i64 = 1 << 53;
    let sql = format!("SELECT {COLUMNS} FROM consents WHERE number < ? ORDER BY number DESC LIMIT {limit}");
    let rows = store.execute(&sql, &[before.unwrap_or(END).into()])?;
    rows.iter().map(|row| Ok((row.integer(0), read(row)?))).collect()
}

pub(super) fn exist(store: &dyn Store) -> Stored<bool> {
    any(store, "SELECT 1 FROM consents WHERE number > 0 LIMIT 1", &[])
}

/// They texted STOP: what was granted is withdrawn.
pub(super) fn withdraw_all(ctx: &StepContext, at: Millis) -> Stored<()> {
    for class in Class::ALL {
        if last(ctx.store, class)?.is_some_and(|last| last.granted) {
            let withdrawn = ConsentGiven { class, granted: false, source: STOP.to_owned(), evidence: None, at };
            add(ctx.store, &withdrawn)?;
        }
    }
    Ok(())
}
