//! A part of a hotline's people as programs see them: their messages by name, tag and status. What may leave and when is decided
//! by each person's own object; this one is asked when many are meant, and looks after alarms of theirs that are lost.

mod erasures;
mod events;
mod index;
mod listeners;
mod references;

use crate::effects::{Completion, Effect, Input, Millis, ObjectReply, Ticket, ToObject};
use crate::jobs::InFlight;
pub use crate::messages::audience::Message;
use crate::messages::contact;
use crate::storage::{self, Migration, Store, Stored};

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The hotline's inbox.
    pub mailbox: u64,
    /// Which part it is.
    pub part: u8,
    /// The instant.
    pub now: Millis,
}

/// How long what was sent is found: as long as a program's own name for it is taken, 400 days.
const KEPT_FOR: Millis = 400 * 86_400_000;

/// Between two looks at a person whose alarm may be lost.
const LOOK_EVERY: Millis = 5 * 60_000;

/// People who are woken by one alarm.
const WOKEN_AT_ONCE: usize = 50;

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[
    index::TABLES,
    &[references::TABLE, references::BY_AGE],
    events::TABLES,
    &[listeners::TABLE],
    &[events::BY_PERSON],
    &[erasures::TABLE, erasures::BY_DUE],
];

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

/// Whether an alarm has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    Ok(index::next_look(store)?.is_some()
        || listeners::next_due(store)?.is_some()
        || erasures::next_due(store)?.is_some())
}

/// The part of the object that lives in memory: which endpoints are being told.
#[derive(Default)]
pub struct Audience {
    in_flight: InFlight<Telling>,
}

/// What an endpoint is being told.
enum Telling {
    /// Events.
    Push { endpoint: String },
    /// That a person is erased.
    Erasure { number: i64 },
}

impl Audience {
    /// One step, whole or not at all. The reply is for the sender of a message.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        ctx.store.transaction(&mut || {
            let mut effects = Vec::new();
            let reply = match input.take() {
                Some(Input::Message(message)) => Self::take(ctx, message)?,
                Some(Input::Wake) => {
                    effects = Self::wake_people(ctx)?;
                    ObjectReply::Done
                }
                Some(Input::Completed(ticket, Completion::ObjectReply(reply))) => {
                    match self.in_flight.complete(ticket) {
                        Some(Telling::Push { endpoint }) => Self::on_pushed(ctx, &endpoint, &reply)?,
                        Some(Telling::Erasure { number }) => erasures::on_told(ctx, number, &reply)?,
                        None => {}
                    }
                    ObjectReply::Done
                }
                _ => ObjectReply::Done,
            };
            effects.extend(self.push(ctx)?);
            effects.extend(self.tell_erasures(ctx)?);
            let next = [index::next_look(ctx.store)?, listeners::next_due(ctx.store)?, erasures::next_due(ctx.store)?];
            effects.extend(next.into_iter().flatten().min().map(Effect::Wake));
            done = (reply, effects);
            Ok(())
        })?;
        Ok(done)
    }

    fn take(ctx: &StepContext, message: Message) -> Stored<ObjectReply> {
        match message {
            Message::Index { messages } => {
                for indexed in &messages {
                    index::put(ctx.store, indexed)?;
                }
                index::forget_old(ctx.store, ctx.now - KEPT_FOR)?;
            }
            Message::List { filter, before, limit } => {
                return index::list(ctx.store, &filter, before.as_ref(), limit).map(ObjectReply::Indexed);
            }
            Message::Read { id } => return index::read(ctx.store, &id).map(ObjectReply::Indexed),
            Message::Claim { reference, person } => {
                references::forget_old(ctx.store, ctx.now - KEPT_FOR)?;
                let person = references::claim(ctx.store, &reference, &person, ctx.now)?;
                return Ok(ObjectReply::Claimed { person });
            }
            Message::Listen(listener) => return listeners::listen(ctx, &listener),
            Message::Forget { endpoint } => listeners::forget(ctx.store, &endpoint)?,
            Message::Events(query) => return events::list(ctx.store, &query).map(ObjectReply::Events),
            Message::Record { person, events } => {
                let number = events::record(ctx, &person, &events)?;
                listeners::on_event(ctx)?;
                return Ok(ObjectReply::Recorded { number });
            }
        }
        Ok(ObjectReply::Done)
    }

    /// Whoever is not told about by then is woken: what is due there is done.
    fn wake_people(ctx: &StepContext) -> Stored<Vec<Effect>> {
        let people = index::due(ctx.store, ctx.now, WOKEN_AT_ONCE)?;
        index::look_again(ctx.store, &people, ctx.now + LOOK_EVERY)?;
        let wake = |(_, person): (String, String)| {
            Effect::ToObject(Ticket { job: 0, nonce: 0 }, ToObject::Contact(person, contact::Message::Wake))
        };
        Ok(people.into_iter().map(wake).collect())
    }
}
