//! Counts codes that verify numbers: of an address, of a device, of a hotline, and to a prefix of numbers (`fuse.rs`). Each is an
//! object of its own.

mod counted;
mod fuse;
mod fuse_row;

use crate::effects::{Completion, Effect, Input, Millis, ObjectReply, Ticket, ToObject};
use crate::messages::directory;
pub use crate::messages::verification_limit::Message;
use crate::messages::verification_limit::{CodeId, Limit};
use crate::storage::{self, Migration, Store, Stored};
use fuse::{LOOKED_AT, Mode};
use fuse_row::FuseRow;

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The instant.
    pub now: Millis,
}

const HOUR: Millis = 3_600_000;

/// How long a prefix remembers codes: what few people asked for in weeks says nothing of today.
const REMEMBERED: Millis = 7 * 24 * HOUR;

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[&[counted::TABLE, counted::BY_AGE, fuse_row::TABLE]];

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

/// Whether an alarm has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    counted::oldest(store).map(|oldest| oldest.is_some())
}

/// The object has nothing in memory.
#[derive(Debug, Default)]
pub struct VerificationLimit;

impl VerificationLimit {
    /// One step, whole or not at all. The reply is for the sender of a message.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        ctx.store.transaction(&mut || {
            let mut effects = Vec::new();
            let reply = match input.take() {
                Some(Input::Message(message)) => take(ctx, message, &mut effects)?,
                Some(Input::Completed(_, Completion::ObjectReply(ObjectReply::Done))) => {
                    fuse_row::told(ctx.store)?;
                    ObjectReply::Done
                }
                _ => ObjectReply::Done,
            };
            let kept_for = if fuse_row::exists(ctx.store)? { REMEMBERED } else { HOUR };
            counted::forget_old(ctx.store, ctx.now - kept_for)?;
            effects.extend(counted::oldest(ctx.store)?.map(|at| Effect::Wake(at + kept_for)));
            done = (reply, effects);
            Ok(())
        })?;
        Ok(done)
    }
}

fn take(ctx: &StepContext, message: Message, effects: &mut Vec<Effect>) -> Stored<ObjectReply> {
    match message {
        Message::Take { code, .. } if counted::is_counted(ctx.store, &code)? => {}
        Message::Take { code, limit: Limit::Hourly(most) } => return take_hourly(ctx, &code, most),
        Message::Take { code, limit: Limit::Fuse(prefix) } => return take_by_fuse(ctx, &code, &prefix, effects),
        Message::GiveBack { request } => counted::give_back(ctx.store, &request)?,
        Message::Approved { requests } => counted::approve(ctx.store, &requests)?,
    }
    Ok(ObjectReply::Done)
}

fn take_hourly(ctx: &StepContext, code: &CodeId, most: u32) -> Stored<ObjectReply> {
    if let Some(oldest) = counted::nth_newest(ctx.store, ctx.now - HOUR, most)? {
        return Ok(ObjectReply::Later(oldest + HOUR - ctx.now));
    }
    counted::count(ctx.store, code, ctx.now).map(|()| ObjectReply::Done)
}

fn take_by_fuse(ctx: &StepContext, code: &CodeId, prefix: &str, effects: &mut Vec<Effect>) -> Stored<ObjectReply> {
    let mut row = FuseRow::load(ctx.store)?;
    if counted::oldest(ctx.store)?.is_none() {
        // Numbers begin anew too.
        row = FuseRow::default();
    }
    let before = row.clone();
    let codes = counted::last(ctx.store, row.fuse.since, 2 * LOOKED_AT)?;
    let taken = row.fuse.take(&codes, ctx.now);
    row.is_told &= before.fuse.mode != Mode::Closed;
    if row.fuse.mode != Mode::Closed && !row.is_told {
        let what = format!("verification: codes to +{prefix}… are paused, too few are given back");
        let count = ToObject::Directory(directory::Message::Count { what });
        effects.push(Effect::ToObject(Ticket { job: 0, nonce: 0 }, count));
    }
    if row != before || !fuse_row::exists(ctx.store)? {
        row.save(ctx.store)?;
    }
    match taken {
        Ok(()) => counted::count(ctx.store, code, ctx.now).map(|()| ObjectReply::Done),
        Err(wait) => Ok(ObjectReply::Later(wait)),
    }
}
