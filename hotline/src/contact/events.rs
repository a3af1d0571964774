//! What programs are told of happens in a step, and is written down in the same step. A job then hands it over to the part of
//! the hotline's people that this person belongs to, which gives it an id (`audience/events.rs`).
//!
//! Whatever has something to tell calls [`record`], in the step in which it happens. Where no key of a program opens the events
//! of the hotline, that does nothing.

use protocol::v1::EventType;
use serde::Serialize;

use super::person::Person;
use super::work::{Job, Work};
use super::{Contact, StepContext};
use crate::config::ApiScope;
use crate::effects::{ObjectReply, ToObject};
use crate::jobs::{self, Next};
use crate::json;
use crate::messages::audience::{self, part_of};
use crate::messages::event::{ERASED, NewEvent, WITHOUT_WORDS};
use crate::storage::{Row, Stored, any, run};

/// The last one that was handed over stays, without what it says, so that numbers only grow.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS event_outbox (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT
) STRICT";

/// The lane of the job that hands events over.
const LANE: &str = "events";

/// Events of one request: with the longest texts some 100 KB.
const AT_ONCE: usize = 20;

/// Whether a program of this hotline may listen.
pub(super) fn are_wanted(ctx: &StepContext) -> bool {
    ctx.config.secrets.api_keys.open(ApiScope::Events, ctx.hotline.api_name())
}

/// Something has happened. `data` is one of the types of `protocol::v1::EventData`, with the person's number ([`number_of`]):
/// who may not see numbers is told without it.
pub(super) fn record(ctx: &StepContext, kind: EventType, data: &impl Serialize) -> Stored<()> {
    if !are_wanted(ctx) {
        return Ok(());
    }
    write_down(ctx, kind.as_str(), &json::written(data))
}

fn write_down(ctx: &StepContext, kind: &str, data: &str) -> Stored<()> {
    // A number is never smaller than the instant, so that they also grow over the loss of all rows.
    let sql = "INSERT INTO event_outbox (number, at, kind, data) VALUES \
               ((SELECT max(coalesce(max(number), 0) + 1, ?1) FROM event_outbox), ?1, ?2, ?3)";
    run(ctx.store, sql, &[ctx.now.into(), kind.into(), data.into()])?;
    if jobs::head_of::<Work>(ctx.store, LANE)?.is_none() {
        jobs::add(ctx.store, LANE, &Work::HandOverEvents, ctx.now, ctx.now)?;
    }
    Ok(())
}

/// They are erased: what was told of them says nothing any more, here and where it is kept. Of whom nothing was told there is
/// nothing to do.
pub(super) fn forget_words(ctx: &StepContext) -> Stored<()> {
    if !any(ctx.store, "SELECT 1 FROM event_outbox WHERE number > 0 LIMIT 1", &[])? {
        return Ok(());
    }
    let sql = format!("UPDATE event_outbox SET data = {WITHOUT_WORDS} WHERE number > 0 AND data IS NOT NULL");
    run(ctx.store, &sql, &[])?;
    write_down(ctx, ERASED, "{}")
}

/// The person's number, or how else they are known.
pub(super) fn number_of(person: &Person) -> String {
    person.number().map_or_else(|| person.party.key(), String::from)
}

fn read(row: &Row) -> NewEvent {
    NewEvent { number: row.integer(0), at: row.integer(1), kind: row.string(2), data: row.string(3) }
}

impl Contact {
    pub(super) fn begin_hand_over_events(&mut self, ctx: &StepContext, person: &Person, job: &Job) -> Stored<Next> {
        // At most one of them was handed over before.
        let sql = format!(
            "SELECT number, at, kind, data FROM event_outbox WHERE number > 0 ORDER BY number LIMIT {}",
            AT_ONCE + 1
        );
        let rows = ctx.store.execute(&sql, &[])?;
        let events: Vec<NewEvent> = rows.iter().filter(|row| row.maybe_text(3).is_some()).map(read).collect();
        if events.is_empty() {
            return Ok(Next::Done);
        }
        let person = person.party.key();
        let part = part_of(&person);
        Ok(self.tell_object(ctx, job, ToObject::Audience(part, audience::Message::Record { person, events })))
    }
}

/// The part has answered. What it has is forgotten here.
pub(super) fn on_handed_over(ctx: &StepContext, job: &mut Job, reply: &ObjectReply) -> Stored<Next> {
    let ObjectReply::Recorded { number } = *reply else {
        job.retry(ctx.now);
        return Ok(Next::Wait);
    };
    run(ctx.store, "DELETE FROM event_outbox WHERE number < ?", &[number.into()])?;
    run(ctx.store, "UPDATE event_outbox SET data = NULL WHERE number = ?", &[number.into()])?;
    if !any(ctx.store, "SELECT 1 FROM event_outbox WHERE number > ? LIMIT 1", &[number.into()])? {
        return Ok(Next::Done);
    }
    job.attempts = 0;
    job.start_again(ctx.now);
    Ok(Next::Wait)
}
