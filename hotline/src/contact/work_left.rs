//! An alarm can be lost (Cloudflare gives one up whose handler failed six times). So the directory is told when work is left
//! to it, and asks later whether it is done (`directory/alarm_watchdog.rs`).

use super::person::Person;
use super::work::Fact;
use super::{Contact, StepContext};
use crate::effects::{Effect, Millis, ObjectReply};
use crate::jobs;
use crate::log::{Level, LogLine};
use crate::storage::Stored;

/// How long the directory waits beyond what is due. A supporter waits no longer than that for an alarm that was lost, and
/// in an outage that leaves work with thousands the directory has some ten of them a second to ask.
const WAKE_AFTER: Millis = 5 * 60_000;

/// An alarm that is later than that was lost: maintenance delays one by up to a minute (Cloudflare, Durable Objects, Alarms).
const LATEST_ALARM: Millis = 60_000;

impl Contact {
    /// Work is left that is due then. Returns whether the directory is to be told of it.
    pub(super) fn leave_work(&self, ctx: &StepContext, person: &mut Person, due: Millis) -> Stored<bool> {
        let by = due.max(ctx.now) + WAKE_AFTER;
        if person.woken_by.is_some_and(|known| ctx.now < known && known <= by) {
            return Ok(false);
        }
        person.woken_by = Some(by);
        self.tell_directory(ctx, Fact::WorkLeft(by))?;
        Ok(true)
    }

    /// The directory asks whether the alarm has come. What is due is done by the same step.
    pub(super) fn on_wake(&mut self, ctx: &StepContext, effects: &mut Vec<Effect>) -> Stored<()> {
        if jobs::is_overdue(ctx.store, ctx.now - LATEST_ALARM, |job| self.in_flight.is_in_flight(job, ctx.now))? {
            effects.push(Effect::Log(LogLine::new(Level::Error, "alarm.lost")));
            self.tell_directory(ctx, Fact::Count("alarm lost".to_owned()))?;
        }
        Ok(())
    }

    /// What the directory is answered once all is done that is due.
    pub(super) fn answer_wake(ctx: &StepContext, person: &mut Person, due: Option<Millis>) -> ObjectReply {
        person.woken_by = due.map(|due| due.max(ctx.now) + WAKE_AFTER);
        person.woken_by.map_or(ObjectReply::Done, |by| ObjectReply::Later(by - ctx.now))
    }
}
