//! An endpoint of a program: what happens to people of some hotlines is delivered to its address, signed, each event at least
//! once, those of one person in their order. Nobody but the endpoint itself waits for its address.

mod delivery;
mod pushes;
mod row;
mod secrets;

use crate::config::Config;
use crate::deliveries;
use crate::effects::{Completion, Effect, Input, LEASE, Millis, ObjectReply, Ticket, ToObject};
use crate::jobs::InFlight;
pub use crate::messages::endpoint::Message;
use crate::messages::endpoint::Settings;
use crate::messages::{Refused, directory};
use crate::storage::{self, Migration, Store, Stored};
use row::Endpoint as Row;

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The whole configuration.
    pub config: &'a Config,
    /// The endpoint's name.
    pub name: &'a str,
    /// The instant.
    pub now: Millis,
}

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[&[row::TABLE, pushes::TABLE], deliveries::TABLES];

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

/// Whether an alarm has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    let Some(endpoint) = Row::load(store)? else { return Ok(false) };
    Ok(endpoint.untold.is_some() || (endpoint.off.is_none() && deliveries::next_due(store)?.is_some()))
}

/// The part of the object that lives in memory: what is under way.
#[derive(Default)]
pub struct Endpoint {
    in_flight: InFlight<()>,
}

impl Endpoint {
    /// One step, whole or not at all. The effects are performed after the step is stored. The reply is for the sender of a
    /// message.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        ctx.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let mut endpoint = Row::load(ctx.store)?;
            let before = endpoint.clone();
            let mut effects = Vec::new();
            let reply = self.take(ctx, &mut endpoint, input, &mut effects)?;
            if let Some(endpoint) = &mut endpoint {
                self.deliver(ctx, endpoint, &mut effects)?;
                tell_operators(ctx, endpoint, &mut effects);
                effects.extend(self.wake(ctx, endpoint)?.map(Effect::Wake));
                if before.as_ref() != Some(endpoint) {
                    endpoint.save(ctx.store)?;
                }
            }
            done = (reply, effects);
            Ok(())
        })?;
        Ok(done)
    }

    fn take(
        &mut self,
        ctx: &StepContext,
        endpoint: &mut Option<Row>,
        input: Input<Message>,
        effects: &mut Vec<Effect>,
    ) -> Stored<ObjectReply> {
        match (input, endpoint.as_mut()) {
            (Input::Message(Message::Put(settings)), _) => self.put(ctx, endpoint, settings),
            (Input::Message(message), Some(known)) => match message {
                Message::Delete => self.delete(ctx, endpoint),
                message => on_message(ctx, known, message, effects),
            },
            (Input::Message(_), None) => Ok(ObjectReply::NotFound),
            (Input::Completed(ticket, back), Some(known)) => {
                match (back, self.in_flight.complete(ticket)) {
                    (Completion::Response(outcome), Some(())) => {
                        delivery::on_answer(ctx, known, ticket.job, &outcome, effects)?;
                    }
                    (Completion::ObjectReply(ObjectReply::Done), _) => known.untold = None,
                    _ => {}
                }
                Ok(ObjectReply::Done)
            }
            _ => Ok(ObjectReply::Done),
        }
    }

    fn put(&mut self, ctx: &StepContext, endpoint: &mut Option<Row>, settings: Settings) -> Stored<ObjectReply> {
        let known = endpoint.get_or_insert_with(|| Row::new(ctx, settings.clone()));
        if known.off.is_some() || known.settings.url != settings.url {
            // What an address answers says nothing of the one after it.
            self.in_flight = InFlight::default();
            deliveries::try_all_again(ctx.store, ctx.now)?;
        }
        (known.settings, known.changed_at, known.version) = (settings, ctx.now, known.version + 1);
        (known.off, known.failing) = (None, None);
        let secret = if known.is_confirmed { None } else { known.secrets.newest(ctx) };
        Ok(ObjectReply::Endpoint(Box::new(known.shown(secret))))
    }

    /// Nothing of it stays.
    fn delete(&mut self, ctx: &StepContext, endpoint: &mut Option<Row>) -> Stored<ObjectReply> {
        let was = endpoint.take();
        self.in_flight = InFlight::default();
        deliveries::remove_all(ctx.store)?;
        pushes::forget_all(ctx.store)?;
        row::delete(ctx.store)?;
        Ok(was.map_or(ObjectReply::NotFound, |was| ObjectReply::Endpoint(Box::new(was.shown(None)))))
    }

    /// When it is looked at again.
    fn wake(&mut self, ctx: &StepContext, endpoint: &Row) -> Stored<Option<Millis>> {
        let untold = endpoint.untold.as_ref().map(|untold| untold.due);
        if endpoint.off.is_some() {
            return Ok(untold);
        }
        let next =
            if self.has_room(ctx) { deliveries::next_due(ctx.store)? } else { self.in_flight.first_lease(ctx.now) };
        Ok(next.into_iter().chain(untold).min())
    }
}

/// What a message to an endpoint that there is leads to.
fn on_message(
    ctx: &StepContext,
    endpoint: &mut Row,
    message: Message,
    effects: &mut Vec<Effect>,
) -> Stored<ObjectReply> {
    let mut secret = None;
    match message {
        Message::Push(push) => return pushes::take(ctx, endpoint, &push, effects),
        Message::ForgetWords { mailbox, person } => {
            deliveries::forget_words(ctx.store, &pushes::lane(mailbox, &person))?;
            return Ok(ObjectReply::Done);
        }
        Message::Test => return test(ctx, endpoint),
        Message::Confirm => endpoint.is_confirmed = true,
        Message::Rotate => {
            endpoint.secrets.rotate(ctx);
            endpoint.is_confirmed = true;
            secret = endpoint.secrets.newest(ctx);
        }
        Message::Replay => endpoint.replays += 1,
        // Done before it comes here.
        Message::Put(_) | Message::Delete | Message::Read => {}
    }
    Ok(ObjectReply::Endpoint(Box::new(endpoint.shown(secret))))
}

/// An event for nobody but whoever looks whether it arrives.
fn test(ctx: &StepContext, endpoint: &Row) -> Stored<ObjectReply> {
    if let Some(reason) = &endpoint.off {
        let words = format!("The endpoint is off: {reason}. PUT switches it on.");
        return Ok(ObjectReply::Refused(Refused { status: 409, code: "endpoint_off".to_owned(), words }));
    }
    let event = delivery::test_event(ctx);
    deliveries::add(ctx.store, "test", &event, ctx.now)?;
    Ok(ObjectReply::TestSent { id: event.id })
}

/// The object that counts what belongs to no hotline is told, until it has heard it.
fn tell_operators(ctx: &StepContext, endpoint: &mut Row, effects: &mut Vec<Effect>) {
    let Some(untold) = endpoint.untold.as_mut().filter(|untold| untold.due <= ctx.now) else { return };
    untold.due = ctx.now + LEASE;
    let count = directory::Message::Count { what: untold.what.clone() };
    effects.push(Effect::ToObject(Ticket { job: 0, nonce: 0 }, ToObject::Directory(count)));
}
