//! A person of this part is erased: the endpoints are told at which events of theirs may wait, also those that are off.

use super::{Audience, StepContext, Telling};
use crate::effects::{Effect, LEASE, Millis, ObjectReply, ToObject};
use crate::jobs;
use crate::messages::endpoint;
use crate::storage::{Store, Stored, first, run};

/// Whom an endpoint is to be told of.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS erasures (
    number INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, person TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
    UNIQUE (endpoint, person)
) STRICT";

pub(super) const BY_DUE: &str = "CREATE INDEX IF NOT EXISTS erasures_by_due ON erasures (due)";

/// Endpoints that are told in one step.
const AT_ONCE: usize = 20;

/// Every endpoint is to be told: at once, or when a push is over that is under way and may still have the words.
pub(super) fn add(ctx: &StepContext, person: &str) -> Stored<()> {
    let sql = "INSERT INTO erasures (endpoint, person, due, attempts) \
               SELECT name, ?1, CASE WHEN due > ?2 THEN min(due, ?3) ELSE ?2 END, 0 FROM listeners WHERE true \
               ON CONFLICT (endpoint, person) DO UPDATE SET due = excluded.due, attempts = 0";
    run(ctx.store, sql, &[person.into(), ctx.now.into(), (ctx.now + LEASE).into()])
}

/// When the next one is told.
pub(super) fn next_due(store: &dyn Store) -> Stored<Option<Millis>> {
    Ok(first(store, "SELECT due FROM erasures WHERE due > 0 ORDER BY due LIMIT 1", &[])?.map(|row| row.integer(0)))
}

/// An endpoint gets no events any more.
pub(super) fn forget_endpoint(store: &dyn Store, endpoint: &str) -> Stored<()> {
    run(store, "DELETE FROM erasures WHERE endpoint = ?", &[endpoint.into()])
}

/// An endpoint's object has answered. One that there is not has nothing to forget.
pub(super) fn on_told(ctx: &StepContext, number: i64, reply: &ObjectReply) -> Stored<()> {
    if matches!(reply, ObjectReply::Done | ObjectReply::NotFound) {
        return run(ctx.store, "DELETE FROM erasures WHERE number = ?", &[number.into()]);
    }
    let attempts = first(ctx.store, "SELECT attempts FROM erasures WHERE number = ?", &[number.into()])?;
    let wait = jobs::back_off(attempts.map_or(0, |row| row.integer(0)));
    let sql = "UPDATE erasures SET due = ?, attempts = attempts + 1 WHERE number = ?";
    run(ctx.store, sql, &[(ctx.now + wait).into(), number.into()])
}

impl Audience {
    /// Tells whoever is due.
    pub(super) fn tell_erasures(&mut self, ctx: &StepContext) -> Stored<Vec<Effect>> {
        let sql = format!("SELECT number, endpoint, person FROM erasures WHERE due <= ? ORDER BY due LIMIT {AT_ONCE}");
        let mut effects = Vec::new();
        for row in ctx.store.execute(&sql, &[ctx.now.into()])? {
            let number = row.integer(0);
            // By then an answer that is lost does not come any more.
            let due = (ctx.now + LEASE).into();
            run(ctx.store, "UPDATE erasures SET due = ? WHERE number = ?", &[due, number.into()])?;
            // The numbers of pushes are those of endpoints.
            let ticket = self.in_flight.begin(-number, ctx.now, Telling::Erasure { number });
            let forget = endpoint::Message::ForgetWords { mailbox: ctx.mailbox, person: row.string(2) };
            effects.push(Effect::ToObject(ticket, ToObject::Endpoint(row.string(1), forget)));
        }
        Ok(effects)
    }
}
