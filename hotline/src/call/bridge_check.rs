//! A phone took the caller, both are gone, and nothing says whether they have met: Twilio knows when each call was over.
//!
//! A caller who still waits in their queue has met nobody. Who is not there any more, and has not hung up, was connected.
//! Who has hung up was connected when they were there as the phone took them, and both calls ended at once.

use super::inbound::InboundEvent;
use super::lookups::{again, listed};
use super::row::InboundState;
use super::times::CALLBACK_GRACE;
use super::work::{BridgeFacts, Job, Work};
use super::{CallContext, StepOutcome};
use crate::answer::Answer;
use crate::effects::Millis;
use crate::storage::Stored;
use crate::twilio::calls::{self, MadeCall};

/// A caller who is on the line so long after the phone has taken them was in the queue then: our answer needs a moment to
/// reach Twilio, which tells whole seconds.
const IN_THE_QUEUE: Millis = 1_000;

/// How far apart the ends of two connected calls are at most: Twilio asks us for one document in between, and tells whole
/// seconds.
const ENDS_APART: Millis = 3_000;

/// How long after the end of the caller's call Twilio's own word about the queue may still come: four tries at a callback, each
/// given up after 15 s (Twilio, Webhooks, Connection Overrides: `rc=3`, `rt`). It is better than any guess.
const QUEUE_TOLD_WITHIN: Millis = 60_000;

impl CallContext<'_> {
    /// Whether Twilio was asked, and has not said.
    pub(super) fn asked_in_vain_about_meeting(&self) -> Stored<bool> {
        let knows_queue = self.row.inbound().is_some_and(|call| !call.queue.is_empty());
        Ok(!knows_queue || self.is_to_do(&Work::CheckBridge(BridgeFacts::default()))?)
    }

    /// Twilio is asked for the phone's call, then for the caller's, then for the queue of a caller who is still there.
    pub(super) fn begin_check_bridge(&self, known: &BridgeFacts) -> StepOutcome {
        let taken = self.row.inbound().filter(|call| call.state == InboundState::Taken);
        let (Some(call), Some(talk)) = (taken, &self.row.talk) else { return StepOutcome::Done };
        StepOutcome::Send(match known {
            BridgeFacts { phone_ended_at: None, .. } => calls::fetch_call(self.ctx.config, &talk.sid),
            BridgeFacts { caller_is_there: false, .. } => calls::fetch_call(self.ctx.config, self.id),
            BridgeFacts { .. } => calls::fetch_queue(self.ctx.config, &call.queue),
        })
    }

    pub(super) fn checked_bridge(&mut self, job: &mut Job, known: BridgeFacts, answer: Answer) -> Stored<StepOutcome> {
        if self.row.inbound_state() != Some(InboundState::Taken) {
            return Ok(StepOutcome::Done);
        }
        let response = match listed(answer, "sid") {
            Ok(response) => response.json(),
            Err(wait) => return Ok(again(job, self.ctx.now, wait)),
        };
        let ended_at = MadeCall::read(&response).filter(MadeCall::is_over).and_then(|made| made.ended_at);
        let met = match (known.phone_ended_at, ended_at) {
            (None, None) => return Ok(again(job, self.ctx.now, None)),
            (None, Some(_)) => return Ok(self.asks_further(job, BridgeFacts { phone_ended_at: ended_at, ..known })),
            (Some(phone), _) if known.caller_is_there => (calls::waiting_in(&response) == Some(0)).then_some(phone),
            (Some(_), Some(caller)) if self.ctx.now < caller + QUEUE_TOLD_WITHIN => {
                return self.asks_once_more(job, caller + QUEUE_TOLD_WITHIN);
            }
            (Some(phone), Some(caller)) => self.were_connected(phone, caller).then_some(phone.min(caller)),
            (Some(_), None) => return Ok(self.asks_further(job, BridgeFacts { caller_is_there: true, ..known })),
        };
        if ended_at.is_some() {
            self.on_inbound(InboundEvent::HungUp)?;
        }
        self.on_inbound(match met {
            Some(until) => InboundEvent::Talked { seconds: self.talked_until(until) },
            None => InboundEvent::NotTaken,
        })?;
        Ok(StepOutcome::Done)
    }

    fn asks_further(&self, job: &mut Job, known: BridgeFacts) -> StepOutcome {
        (job.work, job.due) = (Work::CheckBridge(known), self.ctx.now);
        StepOutcome::Wait
    }

    /// Nobody is on the line any more, so that nobody is kept waiting.
    fn asks_once_more(&mut self, job: &mut Job, at: Millis) -> Stored<StepOutcome> {
        job.due = at;
        self.on_inbound(InboundEvent::HungUp)?;
        self.on_inbound(InboundEvent::Extend(at + CALLBACK_GRACE))?;
        Ok(StepOutcome::Wait)
    }

    fn were_connected(&self, phone_ended: Millis, caller_ended: Millis) -> bool {
        let taken_at = self.row.talk.as_ref().and_then(|talk| talk.since);
        taken_at.is_some_and(|since| caller_ended >= since + IN_THE_QUEUE)
            && (phone_ended - caller_ended).abs() <= ENDS_APART
    }

    fn talked_until(&self, end: Millis) -> Option<i64> {
        let since = self.row.talk.as_ref().and_then(|talk| talk.since)?;
        Some(((end - since) / 1_000).max(0))
    }
}
