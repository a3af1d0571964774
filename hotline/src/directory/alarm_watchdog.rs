//! A second pair of eyes for alarms. The platform gives an alarm up whose handler failed six times (Cloudflare, Durable
//! Objects, Alarms), and a text whose object is never woken again would wait for ever. So the directory knows who has left
//! work behind (`contact/work_left.rs`), and asks them to do it when their alarm should long have come.

use super::work::{Job, Work};
use super::{Directory, StepContext};
use crate::effects::Millis;
use crate::jobs::{self, Next};
use crate::messages::contact;
use crate::storage::Stored;

/// The lanes of the jobs that wake people's objects; a person has one of their own.
pub(super) const LANES: &str = "wake ";

impl Directory {
    /// A person's object has left work behind. It is asked then whether all is done.
    pub(super) fn on_work_left(&mut self, ctx: &StepContext, contact: &str, by: Millis) -> Stored<()> {
        let lane = format!("{LANES}{contact}");
        match jobs::in_lane::<Work>(ctx.store, &lane)?.last() {
            // What is asked this moment may be answered without a word of what has just been left.
            Some(job) if !self.in_flight.is_in_flight(job.id, ctx.now) => jobs::make_due(ctx.store, job.id, by),
            _ => jobs::add(ctx.store, &lane, &Work::Wake { contact: contact.to_owned() }, by, ctx.now),
        }
    }

    /// Asks a person's object to do what is due. It answers when to ask again, as long as it has work.
    pub(super) fn begin_wake(&mut self, ctx: &StepContext, job: &mut Job, contact: String) -> Next {
        self.tell_with_others(ctx, job, contact, contact::Message::Wake)
    }
}
