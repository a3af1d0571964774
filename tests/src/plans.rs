//! No statement reads more rows the more there is: each finds its rows by an index. Every story and every history is a
//! judge of the statements that it carries out.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use rusqlite::Connection;

/// Tables that are read whole, and what bounds them.
const BOUNDED_TABLES: &[(&str, &str)] = &[
    ("schema_version", "one row"),
    ("plain", "of the tests of the store itself"),
    ("named", "of the tests of the store itself"),
    ("lean", "of the tests of the store itself"),
    ("person", "one row"),
    ("call", "one row"),
    ("legs", "the phones of a hotline"),
    ("leg_calls", "the phones of a hotline, each dialled thrice at most"),
    ("rate_limiter", "one row"),
    ("gate", "one row of the first release"),
    ("automatic_texts", "as many as may leave in an hour"),
    ("texts", "as many as agents may send in an hour"),
    ("calls", "as many as are answered before calls are rejected"),
    ("call_rejections", "one row"),
    ("undoable_replies", "the replies of a day that could still be undone when they were read"),
    ("conversations", "of a person: a conversation holds ninety threads"),
    ("counts", "kinds of faults; operators read them"),
    ("listeners", "the endpoints of a hotline, 20 at most"),
    ("deliveries", "as many as may wait at an endpoint"),
    ("parts", "the parts of an endpoint's hotlines; when it is deleted"),
    ("endpoint", "one row"),
    ("activity", "one row"),
    ("monitored", "one row"),
    ("told", "one row"),
    ("alerts", "each kind of reason, once a hotline; once a run of the cron"),
    ("retention", "a row a kind"),
    ("held_entries", "what of one person Help Scout does not have; counted once a visit"),
    ("templates", "as many as a hotline may have; counted when there is another one"),
    ("jobs", "what the first release has left to do; read once at an object's start"),
    ("quarantined", "what the rate limiter could not read; an operator asks"),
];

/// An index for these would cost every text a written row.
const MOVED: &str = "once for each conversation that agents merge or delete";

/// Statements, whole, that read a whole index or table, and what bounds them.
const BOUNDED_STATEMENTS: &[(&str, &str)] = &[
    ("UPDATE entries SET conversation = ? WHERE conversation = ?", MOVED),
    (
        "SELECT messages.id, messages.media FROM messages JOIN entries ON entries.seq = messages.entry WHERE \
         entries.conversation = ? AND messages.media <> ''",
        MOVED,
    ),
    ("SELECT seq FROM entries WHERE conversation = ?", MOVED),
    ("SELECT MAX(at) FROM entries WHERE conversation = ?", MOVED),
    ("SELECT 1 FROM queue WHERE head = 1 LIMIT 1", "one row"),
    ("SELECT id, lane, work, state, attempts, due, since FROM queue WHERE head = 1", "one row a lane"),
    ("SELECT at FROM entries WHERE inward = 1 AND channel = 'whatsapp' ORDER BY at DESC LIMIT 1", "one row"),
    ("SELECT 1 FROM waiting LIMIT 1", "one row"),
    ("SELECT CAST(COUNT(*) AS TEXT) FROM waiting", "a test asks"),
    ("SELECT COUNT(*) FROM waiting", "when a state cannot be read"),
    ("UPDATE waiting SET since = since - ?, expected = 0, probing_until = 0", "when a clock was set back"),
    ("SELECT MAX(seq) FROM entries", "one row"),
    ("SELECT COUNT(*) FROM queue", "an index is counted and not read, every ten seconds at most"),
    ("SELECT COUNT(*) FROM failed_jobs", "what was given up, as few as operators look after"),
    ("SELECT COUNT(*) FROM objects WHERE opted_out = 1", "an operator asks"),
    (
        "SELECT SUM(helpscout), SUM(phone), SUM(calls), SUM(uncertain), MIN(oldest), SUM(quarantined), SUM(failed), MIN(erasing), \
         SUM(kind = 'contact' AND oldest IS NOT NULL) FROM objects WHERE busy = 1",
        "an operator asks",
    ),
    (
        "SELECT mailbox, COUNT(DISTINCT contact), MIN(since) FROM waiting WHERE contact IS NOT NULL GROUP BY mailbox",
        "an operator asks",
    ),
];

static JUDGED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// Fails the test when a statement reads a table whole that may grow. Each is looked at once in a process.
///
/// # Panics
/// Then.
pub(crate) fn judge(connection: &Connection, sql: &str) {
    if !matches!(sql.split_whitespace().next(), Some("SELECT" | "INSERT" | "UPDATE" | "DELETE")) {
        return;
    }
    let mut judged = JUDGED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if judged.contains(sql) {
        return;
    }
    judged.insert(sql.to_owned());
    drop(judged);
    let plan: rusqlite::Result<Vec<String>> = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .and_then(|mut plan| plan.query_map([], |row| row.get(3))?.collect());
    let steps = plan.unwrap_or_default();
    let table = |step: &str| step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()).map(str::to_owned);
    let whole = |table: &String| {
        let is_derived = table.starts_with('(') || table == "CONSTANT";
        !is_derived && !BOUNDED_TABLES.iter().any(|(bounded, _)| bounded == table)
    };
    let grows: Vec<String> = steps.iter().filter_map(|step| table(step)).filter(whole).collect();
    let bounded = BOUNDED_STATEMENTS.iter().any(|(statement, _)| sql == *statement);
    assert!(grows.is_empty() || bounded, "reads all of {}: {sql}\n{}", grows.join(" and "), steps.join("\n"));
}
