//! Where Twilio has not told something, its lists are looked at: which calls were made to a phone, whether a talk goes on,
//! whether a message was left.

use super::callback::{CallbackEvent, contact_outcome};
use super::inbound::InboundEvent;
use super::leg_rows::{Leg, LegCall};
use super::row::{CallKind, InboundState};
use super::steps::{FAILED, MOST_DIALS};
use super::times::TOLD_WITHIN;
use super::work::{Job, Work};
use super::{CallContext, StepOutcome};
use crate::answer::Answer;
use crate::effects::{Millis, Response};
use crate::jobs::{self, back_off};
use crate::json::Document;
use crate::storage::Stored;
use crate::twilio::calls::{self, Facts, MadeCall, Recording};

/// How far Twilio's clock may differ from ours.
const SKEW: Millis = 60_000;

/// A call that is over counts as ours when it was made after we asked for it; Twilio tells whole seconds.
const ROUNDED: Millis = 1_000;

/// Looks that fail before a call is given up that nobody wants any more.
const MOST_FAILED_LOOKS: i64 = 5;

/// How soon a look that decides nothing is repeated: a phone rings, or a recording is being made ready.
const LOOK_AGAIN: Millis = 15_000;

/// How long Twilio is asked for a message, when it says that there is one and not that it is ready, or cannot be asked.
/// Recordings are there within seconds as a rule (Twilio, Recording resource).
const MESSAGE_WITHIN: Millis = 900_000;

impl CallContext<'_> {
    /// The answer to a dial was lost: was the call made? Twilio's list by phone and number has it from the start; by start
    /// time it would not, as long as the call waits for its turn there.
    pub(super) fn look_for_calls(&self, job: &mut Job, leg: &Leg) -> Stored<StepOutcome> {
        let told = job.sent_at() + TOLD_WITHIN;
        if self.ctx.now < told {
            job.due = told;
            return Ok(StepOutcome::Wait);
        }
        job.mark_uncertain(TOLD_WITHIN, TOLD_WITHIN);
        jobs::save(self.ctx.store, job)?;
        Ok(StepOutcome::Send(calls::list_calls(self.ctx.config, &leg.phone, &self.row.number)))
    }

    pub(super) fn looked_for_calls(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        let Some(leg) = Leg::load(self.ctx.store, job.work.leg())? else {
            return Ok(StepOutcome::Done);
        };
        let made = match listed(answer, "calls") {
            Ok(response) => calls::read_calls(&response.json()),
            Err(wait) if self.row.rings() || job.attempts < MOST_FAILED_LOOKS => {
                return Ok(again(job, self.ctx.now, wait));
            }
            Err(_) => return self.not_dialled(&leg, FAILED),
        };
        for made in made {
            self.found_call(&leg, job, &made)?;
        }
        if self.row.rings() && LegCall::of(self.ctx.store, leg.place)?.is_empty() && job.work.dials() < MOST_DIALS {
            job.start_again(self.ctx.now);
            return Ok(StepOutcome::Wait);
        }
        self.not_dialled(&leg, FAILED)
    }

    /// A call to the phone in Twilio's list: ours, unless it is of before. The phone was ours alone since we asked for it.
    fn found_call(&mut self, leg: &Leg, job: &Job, made: &MadeCall) -> Stored<()> {
        let since = if made.is_over() { job.sent_at() - ROUNDED } else { job.since - SKEW };
        if made.created_at < since || LegCall::load(self.ctx.store, &made.sid)?.is_some() {
            return Ok(());
        }
        let call = self.leg_call(leg, &made.sid)?;
        if made.is_over() { self.leg_over(call, &made.status, self.ctx.now) } else { Ok(()) }
    }

    /// A talk has gone on for a while, or its end was told in part: Twilio is asked how it is.
    pub(super) fn begin_check(&self) -> StepOutcome {
        let Some(talk) = self.row.talk.as_ref().filter(|_| self.row.talks()) else { return StepOutcome::Done };
        StepOutcome::Send(match self.row.kind {
            CallKind::Inbound(_) => calls::fetch_call(self.ctx.config, &talk.sid),
            CallKind::Callback(_) => calls::list_children(self.ctx.config, &talk.sid),
        })
    }

    pub(super) fn checked(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        if !self.row.talks() {
            return Ok(StepOutcome::Done);
        }
        let is_inbound = self.row.inbound().is_some();
        let response = match listed(answer, if is_inbound { "sid" } else { "calls" }) {
            Ok(response) => response.json(),
            Err(wait) => return Ok(again(job, self.ctx.now, wait)),
        };
        if !is_inbound {
            return self.checked_contact(job, calls::read_calls(&response).into_iter().next());
        }
        let made = MadeCall::read(&response).filter(MadeCall::is_over);
        if let (Some(made), Some(call)) = (made, self.talking_call()?) {
            self.leg_over(call, &made.status, made.ended_at.unwrap_or(self.ctx.now))?;
        }
        Ok(StepOutcome::Done)
    }

    /// How the contact's own call is, which the agent's call has made.
    fn checked_contact(&mut self, job: &mut Job, made: Option<MadeCall>) -> Stored<StepOutcome> {
        let answered = |made: &MadeCall| CallbackEvent::ContactAnswered { at: made.started_at.unwrap_or(self.ctx.now) };
        match made {
            Some(made) if made.is_over() => {
                if made.status == "completed" {
                    self.on_callback(answered(&made))?;
                }
                let known = self.row.talk.as_ref().and_then(|talk| talk.seconds);
                let (outcome, seconds) = (contact_outcome(&made.status), known.or(made.seconds));
                self.stop_calls(|_| true)?;
                self.on_callback(CallbackEvent::DialEnded { outcome, seconds })?;
                return Ok(StepOutcome::Done);
            }
            Some(made) if made.status == "in-progress" => {
                self.on_callback(answered(&made))?;
                return Ok(StepOutcome::Done);
            }
            // It rings, or the list does not have it yet: who called it has hung up, or does not wait for ever.
            _ if self.phone_hung_up()? && job.attempts > 0 => {
                self.on_callback(CallbackEvent::Overdue { asked_in_vain: true })?;
                return Ok(StepOutcome::Done);
            }
            _ => {}
        }
        job.attempts += i64::from(self.phone_hung_up()?);
        job.due = self.ctx.now + LOOK_AGAIN;
        Ok(StepOutcome::Wait)
    }

    /// The caller has left, or was long at voicemail, and no message was told of: was one left? Once asked in vain, what
    /// is known has to do.
    pub(super) fn look_for_message(&mut self) -> Stored<()> {
        if !self.is_to_do(&Work::FindRecording)? {
            self.add(&Work::FindRecording)?;
            return self.on_inbound(InboundEvent::Extend(self.ctx.now + MESSAGE_WITHIN));
        }
        self.give_up(&Work::FindRecording)?;
        self.on_inbound(InboundEvent::Settle)
    }

    pub(super) fn begin_recordings(&self) -> StepOutcome {
        if self.row.inbound_state() != Some(InboundState::Voicemail) {
            return StepOutcome::Done;
        }
        StepOutcome::Send(calls::list_recordings(self.ctx.config, self.id))
    }

    pub(super) fn looked_for_message(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        if self.row.inbound_state() != Some(InboundState::Voicemail) {
            return Ok(StepOutcome::Done);
        }
        let made = match listed(answer, "recordings") {
            Ok(response) => calls::read_recordings(&response.json()),
            Err(wait) => return Ok(again(job, self.ctx.now, wait)),
        };
        if made.iter().any(Recording::is_coming) {
            job.due = self.ctx.now + LOOK_AGAIN;
            return Ok(StepOutcome::Wait);
        }
        // One that is there decides, whatever else was begun.
        let (there, others): (Vec<_>, Vec<_>) = made.into_iter().partition(|made| made.status == "completed");
        for Recording { sid, status, seconds } in there.into_iter().chain(others) {
            // What could not be made is not asked for again.
            let status = if status == "failed" { "absent".to_owned() } else { status };
            let facts = Facts { recording: sid, status, seconds, ..Facts::default() };
            self.recording(&facts)?;
        }
        self.on_inbound(InboundEvent::Settle)?;
        Ok(StepOutcome::Done)
    }
}

/// A list, or what was asked for by name; else how long to wait before it is asked for again, if Twilio says so.
pub(super) fn listed(answer: Answer, member: &str) -> Result<Response, Option<Millis>> {
    let is_there = |response: &Response| {
        let json = response.json();
        let value = json.at(member);
        value.is_array() || value.as_str().is_some()
    };
    match answer.expecting(is_there) {
        Answer::Done(response) => Ok(response),
        Answer::TooManyRequests(wait) => Err(Some(wait)),
        _ => Err(None),
    }
}

/// The same look again, after a while.
pub(super) fn again(job: &mut Job, now: Millis, wait: Option<Millis>) -> StepOutcome {
    job.due = now + wait.unwrap_or_else(|| back_off(job.attempts));
    job.attempts += 1;
    StepOutcome::Wait
}
