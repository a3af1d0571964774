//! Messages by when they came, as their people's objects last told of them.

use crate::effects::Millis;
use crate::encoding;
use crate::json;
use crate::messages::audience::{Filter, Indexed, Place};
use crate::storage::{Param, Store, Stored, first, run};

pub(super) const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS messages (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, at INTEGER NOT NULL, known_at INTEGER NOT NULL, status TEXT NOT NULL,
        reference TEXT, look_at INTEGER, indexed TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS messages_by_age ON messages (at, id)",
    "CREATE INDEX IF NOT EXISTS messages_by_reference ON messages (reference, at, id) WHERE reference IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS messages_to_look_at ON messages (look_at) WHERE look_at IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS tags (tag TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (tag, id)) STRICT, WITHOUT ROWID",
];

/// Stores how far a message has come, unless something later is known.
pub(super) fn put(store: &dyn Store, message: &Indexed) -> Stored<()> {
    let Some(id) = &message.item.id else { return Ok(()) };
    let (status, indexed) = (status(message), encoding::encode(message));
    let params = [
        id.into(),
        (&message.person).into(),
        message.at.into(),
        message.known_at.into(),
        (&status).into(),
        (&message.item.reference).into(),
        message.look_at.into(),
        (&indexed).into(),
    ];
    let sql = "INSERT INTO messages (id, person, at, known_at, status, reference, look_at, indexed) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET known_at = excluded.known_at, \
               status = excluded.status, look_at = excluded.look_at, indexed = excluded.indexed \
               WHERE excluded.known_at >= known_at RETURNING 1";
    store.execute(sql, &params)?;
    for tag in &message.item.tags {
        run(store, "INSERT OR IGNORE INTO tags (tag, id) VALUES (?, ?)", &[tag.into(), id.into()])?;
    }
    Ok(())
}

/// The message of this id, if there is one.
pub(super) fn read(store: &dyn Store, id: &str) -> Stored<Vec<Indexed>> {
    let rows = store.execute("SELECT indexed FROM messages WHERE id = ?", &[id.into()])?;
    rows.iter().map(|row| row.json(0, "messages.indexed")).collect()
}

/// The word for a status, as in JSON.
fn status(message: &Indexed) -> String {
    json::written(&message.item.status).trim_matches('"').to_owned()
}

/// A page, the newest first.
pub(super) fn list(store: &dyn Store, filter: &Filter, before: Option<&Place>, limit: usize) -> Stored<Vec<Indexed>> {
    const END: Millis = 1 << 53;
    let status = filter.status.map(|status| json::written(&status).trim_matches('"').to_owned());
    let (at, id) = before.map_or((END, ""), |place| (place.at, place.id.as_str()));
    let mut conditions = vec!["(at, id) < (?, ?)", "at >= ?"];
    let mut params: Vec<Param> = vec![at.into(), id.into(), filter.since.unwrap_or(0).into()];
    let wanted = [
        ("person = ?", &filter.person),
        ("reference = ?", &filter.reference),
        ("status = ?", &status),
        ("id IN (SELECT id FROM tags WHERE tag = ?)", &filter.tag),
    ];
    for (condition, value) in wanted.into_iter().filter_map(|(condition, value)| Some((condition, value.as_ref()?))) {
        conditions.push(condition);
        params.push(value.into());
    }
    let conditions = conditions.join(" AND ");
    let sql = format!("SELECT indexed FROM messages WHERE {conditions} ORDER BY at DESC, id DESC LIMIT {limit}");
    store.execute(&sql, &params)?.iter().map(|row| row.json(0, "messages.indexed")).collect()
}

/// When the first is looked at again.
pub(super) fn next_look(store: &dyn Store) -> Stored<Option<Millis>> {
    let sql = "SELECT look_at FROM messages WHERE look_at > 0 ORDER BY look_at LIMIT 1";
    Ok(first(store, sql, &[])?.map(|row| row.integer(0)))
}

/// Ids and people of those that are to be looked at now.
pub(super) fn due(store: &dyn Store, now: Millis, most: usize) -> Stored<Vec<(String, String)>> {
    let sql = format!("SELECT id, person FROM messages WHERE look_at <= ? ORDER BY look_at LIMIT {most}");
    Ok(store.execute(&sql, &[now.into()])?.iter().map(|row| (row.string(0), row.string(1))).collect())
}

pub(super) fn look_again(store: &dyn Store, messages: &[(String, String)], at: Millis) -> Stored<()> {
    for (id, _) in messages {
        run(store, "UPDATE messages SET look_at = ? WHERE id = ?", &[at.into(), id.into()])?;
    }
    Ok(())
}

/// Forgets a few of those that came before an instant: each step a few more than it adds.
pub(super) fn forget_old(store: &dyn Store, before: Millis) -> Stored<()> {
    const AT_ONCE: usize = 20;
    let sql = format!("SELECT id FROM messages WHERE at < ? ORDER BY at LIMIT {AT_ONCE}");
    for row in store.execute(&sql, &[before.into()])? {
        let id = row.text(0);
        let found = store.execute("DELETE FROM messages WHERE id = ? RETURNING indexed", &[id.into()])?;
        let old: Option<Indexed> = found.first().map(|row| row.json(0, "messages.indexed")).transpose()?;
        for tag in old.iter().flat_map(|old| &old.item.tags) {
            run(store, "DELETE FROM tags WHERE tag = ? AND id = ?", &[tag.into(), id.into()])?;
        }
    }
    Ok(())
}
