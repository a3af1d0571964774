//! Endpoints that get the events of this part: each has a place in them, up to which its object has taken them.

use super::{Audience, StepContext, Telling, erasures, events};
use crate::effects::{Effect, LEASE, Millis, ObjectReply, ToObject};
use crate::encoding;
use crate::jobs;
use crate::messages::Refused;
use crate::messages::endpoint::{self, Listener, Push};
use crate::storage::{Row, Store, Stored, any, first, number, run};

/// `due` is when something is pushed, or pushed again whose answer does not come; null when the endpoint has all there is.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS listeners (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, events TEXT NOT NULL, version INTEGER NOT NULL,
    replay INTEGER NOT NULL, after TEXT NOT NULL, due INTEGER, attempts INTEGER NOT NULL
) STRICT";

/// How many endpoints get the events of one hotline: each event is stored once for each of them.
const MOST: i64 = 20;

/// Events of one push: with the longest texts some 100 KB.
const AT_ONCE: usize = 20;

const COLUMNS: &str = "number, name, events, replay, after, attempts";

/// An endpoint, and where it stands.
struct Listening {
    number: i64,
    name: String,
    events: Vec<String>,
    replay: u32,
    after: String,
    attempts: i64,
}

fn read(row: &Row) -> Stored<Listening> {
    Ok(Listening {
        number: row.integer(0),
        name: row.string(1),
        events: row.json(2, "listeners.events")?,
        replay: u32::try_from(row.integer(3)).unwrap_or_default(),
        after: row.string(4),
        attempts: row.integer(5),
    })
}

/// An endpoint gets events of this part, or other ones, or again.
pub(super) fn listen(ctx: &StepContext, listener: &Listener) -> Stored<ObjectReply> {
    let Listener { name, events, version, since, replay } = listener;
    let is_known = any(ctx.store, "SELECT 1 FROM listeners WHERE name = ?", &[name.into()])?;
    if !is_known && number(ctx.store, "SELECT COUNT(*) FROM listeners", &[])? >= MOST {
        let words = format!("has a hotline to which {MOST} endpoints listen already");
        return Ok(ObjectReply::Refused(Refused { status: 400, code: "too_many".to_owned(), words }));
    }
    let (events, version, after) = (encoding::encode(events), i64::from(*version), events::first_id_of(*since));
    let sql = "INSERT INTO listeners (name, events, version, replay, after, due, attempts) VALUES (?1, ?2, ?3, 0, ?4, ?5, 0) \
               ON CONFLICT (name) DO UPDATE SET events = excluded.events, version = excluded.version, due = excluded.due, \
               attempts = 0 WHERE excluded.version >= version";
    run(ctx.store, sql, &[name.into(), (&events).into(), version.into(), (&after).into(), ctx.now.into()])?;
    if let Some(replay) = replay {
        let after = events::first_id_of(replay.since);
        let sql = "UPDATE listeners SET replay = ?1, after = min(after, ?2) WHERE name = ?3 AND replay < ?1";
        run(ctx.store, sql, &[i64::from(replay.number).into(), (&after).into(), name.into()])?;
    }
    Ok(ObjectReply::Done)
}

/// An endpoint gets none of them any more.
pub(super) fn forget(store: &dyn Store, name: &str) -> Stored<()> {
    erasures::forget_endpoint(store, name)?;
    run(store, "DELETE FROM listeners WHERE name = ?", &[name.into()])
}

/// Something was recorded.
pub(super) fn on_event(ctx: &StepContext) -> Stored<()> {
    run(ctx.store, "UPDATE listeners SET due = ? WHERE due IS NULL", &[ctx.now.into()])
}

/// When something is pushed next.
pub(super) fn next_due(store: &dyn Store) -> Stored<Option<Millis>> {
    Ok(first(store, "SELECT MIN(due) FROM listeners", &[])?.and_then(|row| row.maybe_integer(0)))
}

impl Audience {
    /// Pushes what is due.
    pub(super) fn push(&mut self, ctx: &StepContext) -> Stored<Vec<Effect>> {
        let sql = format!("SELECT {COLUMNS} FROM listeners WHERE due <= ?");
        let due: Stored<Vec<Listening>> = ctx.store.execute(&sql, &[ctx.now.into()])?.iter().map(read).collect();
        let mut effects = Vec::new();
        for listening in due? {
            let next = events::after(ctx.store, &listening.after, &listening.events, AT_ONCE)?;
            if next.is_empty() {
                // What it does not want is not looked at again.
                let after = events::last(ctx.store)?.unwrap_or(listening.after);
                let sql = "UPDATE listeners SET after = max(after, ?), due = NULL, attempts = 0 WHERE number = ?";
                run(ctx.store, sql, &[(&after).into(), listening.number.into()])?;
                continue;
            }
            put_off(ctx.store, listening.number, ctx.now + LEASE, listening.attempts)?;
            let push = Push { mailbox: ctx.mailbox, part: ctx.part, replay: listening.replay, events: next };
            let telling = Telling::Push { endpoint: listening.name.clone() };
            let ticket = self.in_flight.begin(listening.number, ctx.now, telling);
            effects.push(Effect::ToObject(ticket, ToObject::Endpoint(listening.name, endpoint::Message::Push(push))));
        }
        Ok(effects)
    }

    /// An endpoint's object has answered.
    pub(super) fn on_pushed(ctx: &StepContext, name: &str, reply: &ObjectReply) -> Stored<()> {
        let sql = format!("SELECT {COLUMNS} FROM listeners WHERE name = ?");
        let Some(row) = first(ctx.store, &sql, &[name.into()])? else { return Ok(()) };
        let listening = read(&row)?;
        match reply {
            ObjectReply::Pushed { replay, taken } => {
                if *replay == listening.replay {
                    let sql = "UPDATE listeners SET after = max(after, ?) WHERE number = ?";
                    run(ctx.store, sql, &[taken.into(), listening.number.into()])?;
                }
                put_off(ctx.store, listening.number, ctx.now, 0)
            }
            ObjectReply::Later(wait) => put_off(ctx.store, listening.number, ctx.now + wait, 0),
            ObjectReply::NotFound => forget(ctx.store, name),
            _ => {
                let wait = jobs::back_off(listening.attempts);
                put_off(ctx.store, listening.number, ctx.now + wait, listening.attempts + 1)
            }
        }
    }
}

fn put_off(store: &dyn Store, listener: i64, due: Millis, attempts: i64) -> Stored<()> {
    let params = [due.into(), attempts.into(), listener.into()];
    run(store, "UPDATE listeners SET due = ?, attempts = ? WHERE number = ?", &params)
}
