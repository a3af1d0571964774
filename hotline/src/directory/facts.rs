//! What people's and calls' objects have told of themselves: who has work left, and who does not want to be texted.

use protocol::v1::JobObject;

use super::{StepContext, activity};
use crate::messages::facts::{PersonFacts, WorkSummary};
use crate::messages::jobs::ObjectWithJobs;
use crate::storage::{Row, Store, Stored, first, number, run};

/// A row for each object that has told something; `told` is the number of the last time. By `number` ids of jobs name the object: it
/// is never given to another one.
pub(super) const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS objects (
        kind TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, told INTEGER NOT NULL, opted_out INTEGER NOT NULL, helpscout INTEGER NOT NULL,
        phone INTEGER NOT NULL, calls INTEGER NOT NULL, uncertain INTEGER NOT NULL, oldest INTEGER, quarantined INTEGER NOT NULL,
        failed INTEGER NOT NULL, erasing INTEGER, busy INTEGER NOT NULL, PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS objects_with_work ON objects (number) WHERE busy = 1",
    "CREATE UNIQUE INDEX IF NOT EXISTS objects_by_number ON objects (number)",
    "CREATE INDEX IF NOT EXISTS objects_opted_out ON objects (kind, key) WHERE opted_out = 1",
];

const CONTACT: &str = "contact";
const CALL: &str = "call";

/// A person's object tells how they fare. What is told twice, or late, changes nothing.
pub(super) fn on_person(ctx: &StepContext, contact: &str, facts: &PersonFacts) -> Stored<()> {
    if !is_news(ctx.store, CONTACT, contact, facts.number)? {
        return Ok(());
    }
    activity::add(ctx.store, facts, ctx.now)?;
    save(ctx, CONTACT, contact, facts.number, &facts.work, facts.opted_out)
}

/// A call's object tells what is left to do.
pub(super) fn on_call(ctx: &StepContext, call: &str, told: i64, work: &WorkSummary) -> Stored<()> {
    if !is_news(ctx.store, CALL, call, told)? {
        return Ok(());
    }
    if work.is_empty() {
        // Calls are many, and of one that is over there is nothing to know.
        return run(ctx.store, "DELETE FROM objects WHERE kind = ? AND key = ?", &[CALL.into(), call.into()]);
    }
    save(ctx, CALL, call, told, work, false)
}

fn is_news(store: &dyn Store, kind: &str, key: &str, told: i64) -> Stored<bool> {
    let row = first(store, "SELECT told FROM objects WHERE kind = ? AND key = ?", &[kind.into(), key.into()])?;
    Ok(row.is_none_or(|row| row.integer(0) < told))
}

fn save(ctx: &StepContext, kind: &str, key: &str, told: i64, work: &WorkSummary, opted_out: bool) -> Stored<()> {
    // The number of a call that was forgotten does not come again: numbers are instants, unless two come at once.
    let sql = "INSERT OR REPLACE INTO objects (kind, key, told, opted_out, helpscout, phone, calls, uncertain, oldest, \
               quarantined, failed, erasing, busy, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
               COALESCE((SELECT number FROM objects WHERE kind = ?1 AND key = ?2), \
               (SELECT MAX(COALESCE(MAX(number), 0) + 1, ?14) FROM objects)))";
    let params = [
        kind.into(),
        key.into(),
        told.into(),
        i64::from(opted_out).into(),
        i64::from(work.helpscout).into(),
        i64::from(work.phone).into(),
        i64::from(work.calls).into(),
        i64::from(work.uncertain).into(),
        work.oldest.into(),
        i64::from(work.quarantined).into(),
        i64::from(work.failed).into(),
        work.erasing.into(),
        i64::from(!work.is_empty()).into(),
        ctx.now.into(),
    ];
    run(ctx.store, sql, &params)
}

/// Objects with jobs, from this number on.
pub(super) fn busy_from(store: &dyn Store, from: i64, limit: usize) -> Stored<Vec<ObjectWithJobs>> {
    let sql = "SELECT number, kind, key FROM objects WHERE busy = 1 AND number >= ? ORDER BY number LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    store.execute(sql, &[from.into(), limit.into()])?.iter().map(object).collect()
}

/// The object of this number.
pub(super) fn of_number(store: &dyn Store, number: i64) -> Stored<Option<ObjectWithJobs>> {
    let sql = "SELECT number, kind, key FROM objects WHERE number = ?";
    first(store, sql, &[number.into()])?.as_ref().map(object).transpose()
}

fn object(row: &Row) -> Stored<ObjectWithJobs> {
    let kind = row.word(1, "objects.kind", |kind| match kind {
        CONTACT => Some(JobObject::Contact),
        CALL => Some(JobObject::Call),
        _ => None,
    })?;
    Ok(ObjectWithJobs { number: row.integer(0), kind, key: row.string(2) })
}

/// What all objects have left to do, and how many people have a job.
pub(super) fn totals(store: &dyn Store) -> Stored<(WorkSummary, i64)> {
    let sql = "SELECT SUM(helpscout), SUM(phone), SUM(calls), SUM(uncertain), MIN(oldest), SUM(quarantined), SUM(failed), MIN(erasing), \
               SUM(kind = 'contact' AND oldest IS NOT NULL) FROM objects WHERE busy = 1";
    let Some(row) = first(store, sql, &[])? else { return Ok(Default::default()) };
    let sum = |column| row.maybe_integer(column).and_then(|sum| u32::try_from(sum).ok()).unwrap_or(0);
    let work = WorkSummary {
        helpscout: sum(0),
        phone: sum(1),
        calls: sum(2),
        uncertain: sum(3),
        oldest: row.maybe_integer(4),
        quarantined: sum(5),
        failed: sum(6),
        erasing: row.maybe_integer(7),
    };
    Ok((work, row.maybe_integer(8).unwrap_or(0)))
}

/// How many people do not want to be texted.
pub(super) fn opted_out(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT COUNT(*) FROM objects WHERE opted_out = 1", &[])
}
