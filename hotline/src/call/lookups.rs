//! Where Twilio has not told something, its lists are looked at: which calls were made to a phone, whether a talk goes on,
//! whether a message was left.

use super::callback::contact_outcome;
use super::leg_rows::{Leg, LegCall};
use super::row::State;
use super::steps::{FAILED, MOST_DIALS};
use super::times::{CHECKED_EVERY, TOLD_WITHIN};
use super::work::{Job, Work};
use super::{CallContext, StepOutcome};
use crate::answer::Answer;
use crate::effects::{Millis, Response};
use crate::jobs::{self, back_off};
use crate::json::Document;
use crate::storage::Stored;
use crate::twilio::calls::{self, Facts, LONGEST_TALK, MadeCall, Recording};

/// How long it takes at the longest until agent and contact talk: two phones ring and a key is pressed, thrice over.
const LONGEST_RINGING: Millis = 600_000;

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
            Err(wait) if self.rings() || job.attempts < MOST_FAILED_LOOKS => {
                return Ok(again(job, self.ctx.now, wait));
            }
            Err(_) => return self.not_dialled(&leg, FAILED),
        };
        for made in made {
            self.found_call(&leg, job, &made)?;
        }
        if self.rings() && LegCall::of(self.ctx.store, leg.place)?.is_empty() && job.work.dials() < MOST_DIALS {
            job.pend(self.ctx.now);
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

    /// A talk has gone on for a while, or its end was told in part: Twilio is asked how it is. An agent's call that was
    /// asked about in vain ends as far as we know.
    pub(super) fn talk_overdue(&mut self) -> Stored<()> {
        let is_asked = self.is_to_do(&Work::CheckTalk)?;
        let over = self.claimed_call()?.is_none_or(|call| !call.is_live());
        let longest = self.row.talks_since.map_or(self.row.since + LONGEST_RINGING, |since| since + LONGEST_TALK);
        let too_long = self.ctx.now >= longest;
        if self.row.is_callback() && (too_long || (over && is_asked)) {
            return self.end_talk();
        }
        if !is_asked {
            self.add(&Work::CheckTalk)?;
        }
        self.row.deadline = Some(self.ctx.now + CHECKED_EVERY);
        Ok(())
    }

    fn end_talk(&mut self) -> Stored<()> {
        self.hang_up()?;
        self.end_back(if self.row.state == State::Talking { "completed" } else { "cancelled" })
    }

    pub(super) fn begin_check(&self) -> StepOutcome {
        let (config, sid) = (self.ctx.config, &self.row.claimed_sid);
        match self.row.state {
            State::Taken => StepOutcome::Send(calls::fetch_call(config, sid)),
            State::RingingContact | State::Talking => StepOutcome::Send(calls::list_children(config, sid)),
            _ => StepOutcome::Done,
        }
    }

    pub(super) fn checked(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        if !matches!(self.row.state, State::Taken | State::RingingContact | State::Talking) {
            return Ok(StepOutcome::Done);
        }
        let member = if self.row.state == State::Taken { "sid" } else { "calls" };
        let response = match listed(answer, member) {
            Ok(response) => response.json(),
            Err(wait) => return Ok(again(job, self.ctx.now, wait)),
        };
        if self.row.state != State::Taken {
            return self.checked_contact(job, calls::read_calls(&response).into_iter().next());
        }
        let made = MadeCall::read(&response).filter(MadeCall::is_over);
        if let (Some(made), Some(call)) = (made, self.claimed_call()?) {
            self.leg_over(call, &made.status, made.ended_at.unwrap_or(self.ctx.now))?;
        }
        Ok(StepOutcome::Done)
    }

    /// How the contact's own call is, which the agent's call has made.
    fn checked_contact(&mut self, job: &mut Job, made: Option<MadeCall>) -> Stored<StepOutcome> {
        match made {
            Some(made) if made.is_over() => {
                if made.status == "completed" {
                    let started = made.started_at.unwrap_or(self.ctx.now);
                    self.contact_talks_since(started);
                    self.row.seconds = self.row.seconds.or(made.seconds);
                }
                self.hang_up()?;
                self.end_back(contact_outcome(&made.status))?;
                return Ok(StepOutcome::Done);
            }
            Some(made) if made.status == "in-progress" => {
                self.contact_talks_since(made.started_at.unwrap_or(self.ctx.now));
                return Ok(StepOutcome::Done);
            }
            // It rings, or the list does not have it yet: who called it has hung up, or does not wait for ever.
            _ if self.claimed_call()?.is_some_and(|call| call.is_live()) => {}
            _ => return self.end_talk().map(|()| StepOutcome::Done),
        }
        job.due = self.ctx.now + LOOK_AGAIN;
        Ok(StepOutcome::Wait)
    }

    /// The caller has left, or was long at voicemail, and no message was told of: was one left? Once asked in vain, what
    /// is known has to do.
    pub(super) fn look_for_message(&mut self) -> Stored<()> {
        if !self.is_to_do(&Work::FindRecording)? {
            self.row.deadline = Some(self.ctx.now + MESSAGE_WITHIN);
            return self.add(&Work::FindRecording);
        }
        self.give_up(&Work::FindRecording)?;
        self.end(if self.row.recording.is_empty() { "no_message" } else { "voicemail" })
    }

    pub(super) fn begin_recordings(&self) -> StepOutcome {
        if self.row.state != State::Voicemail {
            return StepOutcome::Done;
        }
        StepOutcome::Send(calls::list_recordings(self.ctx.config, self.id))
    }

    pub(super) fn looked_for_message(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        if self.row.state != State::Voicemail {
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
            let facts = Facts { recording: sid, status, seconds, ..Facts::default() };
            self.recording(&facts)?;
        }
        self.end(if self.row.recording.is_empty() { "no_message" } else { "voicemail" })?;
        Ok(StepOutcome::Done)
    }
}

/// A list, or what was asked for by name; else how long to wait before it is asked for again, if Twilio says so.
fn listed(answer: Answer, member: &str) -> Result<Response, Option<Millis>> {
    let is_there = |response: &Response| {
        let json = response.json();
        let value = json.at(member);
        value.is_array() || value.as_str().is_some()
    };
    match answer.expecting(is_there) {
        Answer::Done(response) => Ok(response),
        Answer::Later(wait) => Err(Some(wait)),
        _ => Err(None),
    }
}

/// The same look again, after a while.
fn again(job: &mut Job, now: Millis, wait: Option<Millis>) -> StepOutcome {
    job.due = now + wait.unwrap_or_else(|| back_off(job.attempts));
    job.attempts += 1;
    StepOutcome::Wait
}
