//! Whose turn it is to have removed what is older than the hotline keeps. People are visited by their next instant, at most so many
//! in a run of the cron; where the hotline's days change, everybody is visited anew.

use super::work::{Job, Work};
use super::{Directory, StepContext};
use crate::config::retention::Retention;
use crate::effects::Millis;
use crate::jobs::{self, Next};
use crate::messages::contact;
use crate::messages::directory::{Removed, Retained, RetentionHealth};
use crate::storage::{Row, Store, Stored, first, number, run};

pub(super) const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS people (
        contact TEXT PRIMARY KEY, policy INTEGER NOT NULL, visit_at INTEGER NOT NULL, run INTEGER NOT NULL, held INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS people_by_turn ON people (policy, visit_at)",
    "CREATE INDEX IF NOT EXISTS people_with_held ON people (held) WHERE held > 0",
    "CREATE TABLE IF NOT EXISTS retention (
        id INTEGER PRIMARY KEY CHECK (id = 1), policy INTEGER NOT NULL, days TEXT NOT NULL, last_run_at INTEGER NOT NULL,
        texts INTEGER NOT NULL, media INTEGER NOT NULL, recordings INTEGER NOT NULL
    ) STRICT",
    // Whoever has a conversation is visited; a text adds no row.
    "CREATE TRIGGER IF NOT EXISTS person_of_conversation AFTER INSERT ON conversations BEGIN
        INSERT OR IGNORE INTO people (contact, policy, visit_at, run, held) VALUES (NEW.contact, 0, 0, 0, 0);
    END",
    "INSERT OR IGNORE INTO people (contact, policy, visit_at, run, held) SELECT contact, 0, 0, 0, 0 FROM conversations",
];

/// People who are visited in one run.
const AT_A_RUN: usize = 200;

/// Whoever has not told by then how it went is visited again.
const TOLD_WITHIN: Millis = 86_400_000;

/// How far this hotline has come.
struct State {
    policy: i64,
    days: String,
    last_run_at: Millis,
    removed: Removed,
}

impl State {
    fn load(store: &dyn Store) -> Stored<Option<Self>> {
        let sql = "SELECT policy, days, last_run_at, texts, media, recordings FROM retention WHERE id = 1";
        let count = |row: &Row, at| u64::try_from(row.integer(at)).unwrap_or(0);
        Ok(first(store, sql, &[])?.map(|row| Self {
            policy: row.integer(0),
            days: row.string(1),
            last_run_at: row.integer(2),
            removed: Removed { texts: count(&row, 3), media: count(&row, 4), recordings: count(&row, 5) },
        }))
    }

    fn save(&self, store: &dyn Store) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO retention (id, policy, days, last_run_at, texts, media, recordings) \
                   VALUES (1, ?, ?, ?, ?, ?, ?)";
        let Removed { texts, media, recordings } = self.removed;
        let params = [
            self.policy.into(),
            (&self.days).into(),
            self.last_run_at.into(),
            texts.cast_signed().into(),
            media.cast_signed().into(),
            recordings.cast_signed().into(),
        ];
        run(store, sql, &params)
    }
}

/// The cron asks that whoever is due is visited.
pub(super) fn begin(ctx: &StepContext) -> Stored<()> {
    let Some(retention) = ctx.hotline.map(|hotline| hotline.retention).filter(Retention::is_set) else { return Ok(()) };
    let days = format!("{:?} {:?} {:?}", retention.text_days, retention.media_days, retention.recordings_days);
    let known = State::load(ctx.store)?;
    let mut state =
        known.unwrap_or(State { policy: 0, days: String::new(), last_run_at: 0, removed: Removed::default() });
    if state.days != days {
        (state.policy, state.days) = (state.policy + 1, days);
    }
    state.last_run_at = ctx.now;
    state.save(ctx.store)?;
    for contact in due(ctx, state.policy)? {
        let params = [state.policy.into(), (ctx.now + TOLD_WITHIN).into(), (&contact).into()];
        run(ctx.store, "UPDATE people SET policy = ?, visit_at = ? WHERE contact = ?", &params)?;
        let lane = format!("retention {contact}");
        if jobs::head_of::<Work>(ctx.store, &lane)?.is_none() {
            jobs::add(ctx.store, &lane, &Work::Retain { contact }, ctx.now, ctx.now)?;
        }
    }
    Ok(())
}

/// First those who were not visited since the days have changed.
fn due(ctx: &StepContext, policy: i64) -> Stored<Vec<String>> {
    let sql = format!("SELECT contact FROM people WHERE policy < ? ORDER BY policy, visit_at LIMIT {AT_A_RUN}");
    let mut due: Vec<String> = ctx.store.execute(&sql, &[policy.into()])?.iter().map(|row| row.string(0)).collect();
    let rest = AT_A_RUN - due.len();
    let sql = format!("SELECT contact FROM people WHERE policy = ? AND visit_at <= ? ORDER BY visit_at LIMIT {rest}");
    due.extend(ctx.store.execute(&sql, &[policy.into(), ctx.now.into()])?.iter().map(|row| row.string(0)));
    Ok(due)
}

/// Also somebody who has no conversation may have something that is removed in time: the directory knows of them by their facts.
pub(super) fn add_person(store: &dyn Store, contact: &str) -> Stored<()> {
    let sql = "INSERT OR IGNORE INTO people (contact, policy, visit_at, run, held) VALUES (?, 0, 0, 0, 0)";
    run(store, sql, &[contact.into()])
}

/// A person's object tells what it has removed. The same again counts once.
pub(super) fn on_retained(ctx: &StepContext, contact: &str, told: &Retained) -> Stored<()> {
    add_person(ctx.store, contact)?;
    let sql = "UPDATE people SET run = ?1, visit_at = ?2, held = ?3 WHERE contact = ?4 AND run <> ?1 RETURNING 1";
    let params = [told.run.into(), told.next_at.into(), told.held.into(), contact.into()];
    let is_new = !ctx.store.execute(sql, &params)?.is_empty();
    if let Some(mut state) = State::load(ctx.store)?.filter(|_| is_new) {
        let Removed { texts, media, recordings } = told.removed;
        state.removed.texts += texts;
        state.removed.media += media;
        state.removed.recordings += recordings;
        state.save(ctx.store)?;
    }
    Ok(())
}

/// What operators read.
pub(super) fn health(store: &dyn Store) -> Stored<RetentionHealth> {
    let state = State::load(store)?;
    let held = number(store, "SELECT SUM(held) FROM people WHERE held > 0", &[])?;
    Ok(RetentionHealth {
        last_run_at: state.as_ref().map(|state| state.last_run_at),
        removed: state.map(|state| state.removed).unwrap_or_default(),
        held: u64::try_from(held).unwrap_or(0),
    })
}

impl Directory {
    /// Tells a person's object that it is its turn.
    pub(super) fn begin_visit(&mut self, ctx: &StepContext, job: &mut Job, contact: String) -> Next {
        self.tell_with_others(ctx, job, contact, contact::Message::Retain)
    }
}
