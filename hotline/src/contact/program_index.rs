//! The part of the hotline's people that a person belongs to knows how far programs' messages to them have come, so that programs
//! can ask for many at once (`audience/`).

use super::person::Person;
use super::program_item::item;
use super::program_row::{ProgramRow, State};
use super::program_turns::turn_lane;
use super::program_via::watch;
use super::work::{Job, Work};
use super::{Contact, StepContext};
use crate::effects::{Millis, ToObject};
use crate::jobs::{self, Next};
use crate::messages::audience::{self, Indexed, part_of};
use crate::storage::Stored;

/// What happens to a message within so long is told at once.
const TOLD_AFTER: Millis = 2_000;

/// How long after its time a message is looked at that still waits: as late as an alarm comes after a failover, with room.
const LOOKED_AT_AFTER: Millis = 5 * 60_000;

fn lane(number: i64) -> String {
    format!("index {number}")
}

/// A message as it is now.
pub(super) fn indexed(ctx: &StepContext, person: &Person, row: &ProgramRow) -> Stored<Indexed> {
    let (at, known_at, look_at) = (row.at, ctx.now, look_at(ctx, row)?);
    Ok(Indexed { person: person.party.key(), at, known_at, look_at, item: item(ctx, person, row)? })
}

/// Who waits in a list has an alarm that nobody else looks after.
fn look_at(ctx: &StepContext, row: &ProgramRow) -> Stored<Option<Millis>> {
    if !matches!(row.state, State::Held | State::Accepted) || row.message.turn_at.is_none() || row.number == 0 {
        return Ok(None);
    }
    let waits: Option<Job> = match row.entry {
        None => jobs::head_of(ctx.store, &turn_lane(row.number))?,
        Some(_) if row.is_chain() => watch(ctx, row.number)?,
        Some(_) => None,
    };
    Ok(waits.map(|job| job.due + LOOKED_AT_AFTER))
}

impl Contact {
    /// A message came further: programs that listen are told too.
    pub(super) fn tell_update(ctx: &StepContext, number: i64) -> Stored<()> {
        ctx.store.updated(number);
        Self::enqueue_index(ctx, number)
    }

    /// Something has happened to a message. What happens to it meanwhile is told with it.
    pub(super) fn enqueue_index(ctx: &StepContext, number: i64) -> Stored<()> {
        let lane = lane(number);
        let waiting: Vec<Job> = jobs::in_lane(ctx.store, &lane)?;
        // The first one may be under way, with what was known before.
        if waiting.len() > 1 || waiting.first().is_some_and(|job| job.due > ctx.now && job.attempts == 0) {
            return Ok(());
        }
        jobs::add(ctx.store, &lane, &Work::Index { message: number }, ctx.now + TOLD_AFTER, ctx.now)
    }

    pub(super) fn begin_index(&mut self, ctx: &StepContext, person: &Person, job: &Job, number: i64) -> Stored<Next> {
        let Some(row) = ProgramRow::load(ctx.store, number)? else { return Ok(Next::Done) };
        let indexed = indexed(ctx, person, &row)?;
        let part = part_of(&indexed.person);
        let message = audience::Message::Index { messages: vec![indexed] };
        Ok(self.tell_object(ctx, job, ToObject::Audience(part, message)))
    }
}
