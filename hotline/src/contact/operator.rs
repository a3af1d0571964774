//! What an operator sees of a person's jobs, and does with them (`GET /v1/jobs`).

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::timeline::Entry;
use super::work::{Posted, Work};
use super::{Contact, Message, StepContext};
use crate::effects::ObjectReply;
use crate::jobs::{self, Doomed, Operated};
use crate::messages::jobs::JobsRequest;
use crate::storage::Stored;
use crate::twilio::status::Delivery;

/// Remark on an entry that an operator has dropped. The sidebar knows it by this.
pub(super) const DROPPED: &str = "The operator of this hotline has dropped it.";

impl Contact {
    pub(super) fn on_operator(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        request: &JobsRequest,
    ) -> Stored<ObjectReply> {
        jobs::answer_operator(ctx.store, ctx.now, &mut Operator { contact: self, ctx, person }, request)
    }
}

struct Operator<'a> {
    contact: &'a mut Contact,
    ctx: &'a StepContext<'a>,
    person: &'a mut Person,
}

impl Operated for Operator<'_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.contact.in_flight.is_in_flight(job, self.ctx.now)
    }

    fn retried(&mut self, work: &Work) -> Stored<()> {
        if let Work::Post { entry, .. } = work {
            set_delivery(self.ctx, *entry, Delivery::Delivered, "")?;
        }
        Ok(())
    }

    fn holds_what_was_said(work: &Work) -> bool {
        match work {
            Work::Post { of: Posted::Message | Posted::MissedCall, .. } => true,
            Work::Deliver { message } => matches!(**message, Message::Text(_) | Message::Call(_)),
            _ => false,
        }
    }

    fn dropped(&mut self, doomed: &Doomed<Work>) -> Stored<()> {
        if let Some(Work::Post { entry, .. }) = doomed.work() {
            set_delivery(self.ctx, *entry, Delivery::Failed, DROPPED)?;
            self.contact.reached_help_scout(self.ctx, self.person, *entry)?;
        }
        if let Doomed::Queued(job) = doomed
            && let Work::Send { message, .. } = &job.work
            && let Some(text) = OutgoingText::load(self.ctx.store, message)?
        {
            self.contact.give_up(self.ctx, job, text, None, DROPPED)?;
        }
        Ok(())
    }
}

/// Of what they said: whether it is, or goes, into Help Scout.
fn set_delivery(ctx: &StepContext, entry: i64, delivery: Delivery, remark: &str) -> Stored<()> {
    let Some(mut entry) = Entry::load(ctx.store, entry)?.filter(|entry| entry.inward) else { return Ok(()) };
    entry.delivery = delivery;
    remark.clone_into(&mut entry.remark);
    entry.save(ctx.store)
}
