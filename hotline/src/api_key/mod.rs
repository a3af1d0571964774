//! The object of a program's key: how many requests it may make, and the answers to those with an `Idempotency-Key`.

mod answers;
mod bucket;

use std::collections::BTreeMap;

use crate::effects::{Effect, Input, Millis, ObjectReply};
pub use crate::messages::api_key::Message;
use crate::messages::api_key::{Begun, Idempotency};
use crate::storage::{self, Migration, Store, Stored};
use answers::Known;
use bucket::Bucket;

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The instant.
    pub now: Millis,
}

/// How long a request may be under way before a copy of it is carried out too: the longest that one takes, with room. Whatever
/// it makes is made once by its id, so a copy does no harm.
const UNDER_WAY_AT_MOST: Millis = 30_000;

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[&[bucket::TABLE, answers::TABLE, answers::BY_AGE, answers::BODIES]];

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

/// Whether an alarm has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    answers::oldest(store).map(|oldest| oldest.is_some())
}

/// The part of the object that lives in memory: what is under way. After a crash nothing is.
#[derive(Debug, Default)]
pub struct ApiKey {
    under_way: BTreeMap<String, Millis>,
}

impl ApiKey {
    /// One step, whole or not at all. The reply is for the sender of a message.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        ctx.store.transaction(&mut || {
            let reply = match input.take() {
                Some(Input::Message(Message::Begin { idempotency })) => {
                    ObjectReply::Begun(self.begin(ctx, idempotency.as_ref())?)
                }
                Some(Input::Message(Message::Finish { id, answer })) => {
                    self.under_way.remove(&id);
                    answers::finish(ctx.store, &id, answer.as_ref())?;
                    ObjectReply::Done
                }
                _ => ObjectReply::Done,
            };
            answers::forget_old(ctx.store, ctx.now)?;
            let oldest = answers::oldest(ctx.store)?;
            done = (reply, oldest.map(|at| Effect::Wake(at + answers::KEPT_FOR)).into_iter().collect());
            Ok(())
        })?;
        Ok(done)
    }

    fn begin(&mut self, ctx: &StepContext, idempotency: Option<&Idempotency>) -> Stored<Begun> {
        let mut bucket = Bucket::load(ctx.store, ctx.now)?;
        let wait = bucket.take();
        bucket.save(ctx.store)?;
        let (number, quota) = (bucket.number, bucket.quota());
        if wait > 0 {
            return Ok(Begun::TooMany { wait, quota });
        }
        let Some(idempotency) = idempotency else { return Ok(Begun::Go { number, quota }) };
        Ok(match answers::find(ctx.store, idempotency)? {
            Known::Other => Begun::Conflict { quota },
            Known::Answered(answer) => Begun::Replayed { answer, quota },
            Known::Begun if self.is_under_way(&idempotency.id, ctx.now) => Begun::Running { quota },
            known => {
                if matches!(known, Known::Nothing) {
                    answers::begin(ctx.store, idempotency, ctx.now)?;
                }
                self.under_way.insert(idempotency.id.clone(), ctx.now);
                Begun::Go { number, quota }
            }
        })
    }

    fn is_under_way(&self, id: &str, now: Millis) -> bool {
        self.under_way.get(id).is_some_and(|since| now - since < UNDER_WAY_AT_MOST)
    }
}
