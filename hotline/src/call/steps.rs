//! What a call asks of Twilio, of the phones' rate limiters and of other objects, as jobs in lanes of their own.

use super::leg_rows::{Leg, LegCall, LegState};
use super::row::{CallKind, InboundState};
use super::times::{AGENT_RINGS_S, TOLD_WITHIN};
use super::work::{Job, Work};
use super::{CallContext, StepOutcome};
use crate::answer::Answer;
use crate::config::RingOrder;
use crate::effects::{
    Asker, Millis, ObjectReply, Permit, PermitRequest, Priority, RateLimiterName, Report, ToObject, Waits,
};
use crate::jobs::{self, Target};
use crate::json::Document;
use crate::messages::rate_limiter::BUSY_AGAIN;
use crate::messages::{contact, directory};
use crate::storage::Stored;
use crate::twilio::calls::{self, LONGEST_TALK_S, NewCall, Stage};

/// A rate limiter that says so soon could not be reached, or its phone is just being given back: it is worth asking again.
const WAIT_FOR_PERMIT: Millis = 3_000;

/// The wait after too many requests doubles so often, up to this: the phone is to ring while the caller is there.
const MOST_DOUBLINGS: u32 = 3;
const LONGEST_WAIT: Millis = 4_000;

/// How often a phone is dialled whose call got no answer from Twilio.
pub(super) const MOST_DIALS: usize = 3;

/// Twilio's word for a call that could not be made.
pub(super) const FAILED: &str = "failed";

/// How often Twilio is asked to do away with an empty queue; one that stays does no harm.
const MOST_SWEEPS: i64 = 5;

/// What a phone is held for beyond its ringing: the question, and requests each way.
const HELD_LONGER_S: i64 = 60;

fn limiter_of(leg: &Leg) -> RateLimiterName {
    RateLimiterName::Phone { number: leg.phone.clone() }
}

impl CallContext<'_> {
    /// The whole address of a stage of this call.
    pub(super) fn address(&self, stage: Stage, leg: Option<i64>) -> String {
        stage.address(self.ctx.config, self.ctx.hotline.mailbox, self.id, leg)
    }

    pub(super) fn add(&self, work: &Work) -> Stored<()> {
        jobs::add(self.ctx.store, &work.lane(), work, self.ctx.now, self.ctx.now)
    }

    /// Whether something is still to do, or under way.
    pub(super) fn is_to_do(&self, work: &Work) -> Stored<bool> {
        Ok(jobs::head_of::<Work>(self.ctx.store, &work.lane())?.is_some())
    }

    /// Something is to do, unless it is already.
    pub(super) fn add_once(&self, work: &Work) -> Stored<()> {
        if self.is_to_do(work)? { Ok(()) } else { self.add(work) }
    }

    /// Something need not be done any more.
    pub(super) fn give_up(&self, work: &Work) -> Stored<()> {
        let jobs = jobs::in_lane::<Work>(self.ctx.store, &work.lane())?;
        jobs.iter().try_for_each(|job| jobs::remove(self.ctx.store, job))
    }

    /// Begins a job: the head of its lane, due, and not under way.
    pub(super) fn begin(&mut self, job: &mut Job) -> Stored<StepOutcome> {
        match &job.work {
            Work::Dial { .. } => self.begin_dial(job),
            Work::Hold { .. } | Work::Free { .. } => self.begin_about_phone(job),
            Work::Stop { sid } => self.begin_stop(sid),
            Work::CheckTalk => Ok(self.begin_check()),
            Work::CheckBridge(known) => Ok(self.begin_check_bridge(known)),
            Work::FindRecording => Ok(self.begin_recordings()),
            Work::Redirect => Ok(self.begin_move()),
            Work::Report { named } => self.begin_report(*named),
            Work::ReportMessage { recording, seconds, transcript } => {
                let (recording, seconds, transcript) = (recording.clone(), *seconds, transcript.clone());
                Ok(self.begin_report_message(job, recording, seconds, transcript))
            }
            Work::Push { frame } => {
                Ok(StepOutcome::tell(self.to_contact(contact::Message::Push { frame: frame.clone() })))
            }
            Work::TellDirectory { message } => Ok(StepOutcome::tell(ToObject::Directory(message.clone()))),
            Work::DeleteQueue { queue } => Ok(StepOutcome::Send(calls::delete_queue(self.ctx.config, queue))),
        }
    }

    pub(super) fn to_contact(&self, message: contact::Message) -> ToObject {
        ToObject::Contact(self.row.party.clone(), message)
    }

    fn leg_of(&self, job: &Job) -> Stored<Option<Leg>> {
        Leg::load(self.ctx.store, job.work.leg())
    }

    fn begin_dial(&mut self, job: &mut Job) -> Stored<StepOutcome> {
        let Some(leg) = self.leg_of(job)? else { return Ok(StepOutcome::Done) };
        if !job.is_pending() {
            return self.look_for_calls(job, &leg);
        }
        if leg.is_over() || !LegCall::of(self.ctx.store, leg.place)?.is_empty() {
            self.count_refusals(job)?;
            self.after_leg(leg.place, FAILED, true)?;
            return Ok(StepOutcome::Done);
        }
        if !self.row.rings() || job.work.dials() >= MOST_DIALS {
            self.count_refusals(job)?;
            return self.not_dialled(&leg, FAILED);
        }
        if self.is_in_turn() && self.rings_after(leg.place)? {
            // Whether somebody talks on it is asked when that phone has had its time.
            leg.becomes(LegState::Rings, self.ctx.store)?;
            job.due = self.ctx.now + BUSY_AGAIN;
            return Ok(StepOutcome::Wait);
        }
        let mut request = self.holding(&leg, i64::from(self.rings_for()) + HELD_LONGER_S);
        if self.row.inbound().is_some() {
            let asker = Asker { mailbox: self.ctx.hotline.mailbox, contact: None, job: job.id };
            request.waits = Some(Waits { asker, since: self.row.since });
        }
        Ok(StepOutcome::Permit(limiter_of(&leg), request))
    }

    /// A phone that was never called, since Twilio took no calls at all, is an operator's business.
    fn count_refusals(&self, job: &Job) -> Stored<()> {
        match job.work {
            Work::Dial { dials: 0, refusals: 1.., .. } => {
                self.learn("phone not rung: Twilio error 20429, too many requests")
            }
            _ => Ok(()),
        }
    }

    fn is_in_turn(&self) -> bool {
        let ring = self.ctx.hotline.ring.as_ref().filter(|_| self.row.inbound().is_some());
        ring.is_some_and(|ring| ring.order == RingOrder::InTurn)
    }

    /// Whether a phone rings whose turn is later: this one was not free when its own came.
    fn rings_after(&self, place: i64) -> Stored<bool> {
        Ok(LegCall::all(self.ctx.store)?.iter().any(|call| call.place > place && call.is_live()))
    }

    /// A phone does not ring, and why: as Twilio would say it of a call.
    pub(super) fn not_dialled(&mut self, leg: &Leg, why: &str) -> Stored<StepOutcome> {
        self.after_leg(leg.place, why, true)?;
        Ok(StepOutcome::Done)
    }

    /// A phone is held for so many seconds, now or never.
    fn holding(&self, leg: &Leg, seconds: i64) -> PermitRequest {
        PermitRequest::now_or_never(self.holder(leg.place), seconds, Priority::Conversation)
    }

    fn holder(&self, leg: i64) -> String {
        format!("{}/{leg}", self.id)
    }

    /// Seconds that a phone rings.
    fn rings_for(&self) -> u32 {
        match (&self.row.kind, &self.ctx.hotline.ring) {
            (CallKind::Inbound(_), Some(ring)) => ring.seconds,
            _ => AGENT_RINGS_S,
        }
    }

    /// The rate limiter of a phone has answered.
    pub(super) fn permit(&mut self, job: &mut Job, permit: &Permit) -> Stored<StepOutcome> {
        let Some(leg) = self.leg_of(job)? else { return Ok(StepOutcome::Done) };
        if leg.is_over() {
            // It was given back before it was had.
            self.free(leg.place)?;
            return Ok(StepOutcome::Done);
        }
        match permit {
            _ if matches!(job.work, Work::Hold { .. }) => Ok(StepOutcome::Done),
            // It rings for an earlier caller, or is just being given back.
            Permit::ReservedAt(at) if *at <= self.ctx.now + WAIT_FOR_PERMIT => {
                leg.becomes(LegState::Rings, self.ctx.store)?;
                if self.is_in_turn() {
                    self.next_or_nobody(leg.place)?;
                }
                job.due = *at;
                Ok(StepOutcome::Wait)
            }
            Permit::ReservedAt(_) if self.row.inbound().is_some() && self.row.rings() => {
                self.leg_busy(&leg)?;
                job.due = self.ctx.now + BUSY_AGAIN;
                Ok(StepOutcome::Wait)
            }
            Permit::ReservedAt(_) | Permit::Refused(_) => self.not_dialled(&leg, "busy"),
            Permit::Granted { .. } if !self.row.rings() => self.not_dialled(&leg, FAILED),
            Permit::Granted { .. } => {
                if self.is_in_turn() {
                    // Not before: somebody there may still press 1 while this phone is not to be had.
                    self.stop_calls(|call| call.place < leg.place)?;
                }
                self.dial(job, &leg)
            }
        }
    }

    fn dial(&self, job: &mut Job, leg: &Leg) -> Stored<StepOutcome> {
        if let Work::Dial { dials, .. } = &mut job.work {
            *dials += 1;
        }
        leg.becomes(LegState::Rings, self.ctx.store)?;
        job.mark_sent(Target::Call, String::new(), self.ctx.now);
        jobs::save(self.ctx.store, job)?;
        let (url, status_callback) =
            (self.address(Stage::Leg, Some(leg.place)), self.address(Stage::LegStatus, Some(leg.place)));
        let new = NewCall {
            to: &leg.phone,
            from: &self.row.number,
            url: &url,
            status_callback: &status_callback,
            timeout: self.rings_for(),
            time_limit: LONGEST_TALK_S,
        };
        Ok(StepOutcome::Send(calls::create_call(self.ctx.config, &new)))
    }

    fn begin_about_phone(&self, job: &Job) -> Stored<StepOutcome> {
        let Some(leg) = self.leg_of(job)? else { return Ok(StepOutcome::Done) };
        Ok(match job.work {
            Work::Hold { .. } if !leg.is_over() => {
                let ringing = self.holding(&leg, i64::from(LONGEST_TALK_S) + HELD_LONGER_S);
                StepOutcome::Permit(limiter_of(&leg), PermitRequest { talks: true, ..ringing })
            }
            Work::Free { .. } if leg.is_over() => {
                let report = Report { over: Some(self.holder(leg.place)), ..Report::default() };
                StepOutcome::tell(ToObject::RateLimiter(limiter_of(&leg), report))
            }
            _ => StepOutcome::Done,
        })
    }

    fn begin_stop(&self, sid: &str) -> Stored<StepOutcome> {
        let call = LegCall::load(self.ctx.store, sid)?.filter(LegCall::is_live);
        Ok(call.map_or(StepOutcome::Done, |call| StepOutcome::Send(calls::end_call(self.ctx.config, &call.sid))))
    }

    fn begin_move(&self) -> StepOutcome {
        let is_awaited =
            self.row.inbound().is_some_and(|call| call.state == InboundState::Voicemail && !call.caller_gone);
        if !is_awaited {
            return StepOutcome::Done;
        }
        StepOutcome::Send(calls::redirect_call(self.ctx.config, self.id, &self.address(Stage::Voicemail, None)))
    }

    /// Twilio has answered.
    pub(super) fn answered(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        match &job.work {
            Work::Dial { .. } if job.is_uncertain() => self.looked_for_calls(job, answer),
            Work::Dial { .. } => self.dialled(job, answer),
            Work::Report { .. } => self.fetched(job, answer),
            Work::CheckTalk => self.checked(job, answer),
            Work::CheckBridge(known) => {
                let known = known.clone();
                self.checked_bridge(job, known, answer)
            }
            Work::FindRecording => self.looked_for_message(job, answer),
            work => {
                let done = matches!(answer, Answer::Done(_) | Answer::Refused(_) | Answer::Gone(_));
                if done
                    && let Work::Stop { sid } = work
                    && let Some(call) = LegCall::load(self.ctx.store, sid)?
                {
                    self.leg_over(call, "canceled", self.ctx.now)?;
                }
                if done || (matches!(work, Work::DeleteQueue { .. }) && job.attempts >= MOST_SWEEPS) {
                    return Ok(StepOutcome::Done);
                }
                job.retry(self.ctx.now);
                Ok(StepOutcome::Wait)
            }
        }
    }

    fn dialled(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        let Some(leg) = self.leg_of(job)? else { return Ok(StepOutcome::Done) };
        match answer.expecting(|response| !response.json().at("sid").text().is_empty()) {
            Answer::Done(response) => {
                self.leg_call(&leg, response.json().at("sid").text())?;
                self.after_leg(leg.place, FAILED, true)?;
                Ok(StepOutcome::Done)
            }
            Answer::Lost(_) => {
                job.mark_uncertain(TOLD_WITHIN, TOLD_WITHIN);
                job.due = job.due.max(self.ctx.now);
                Ok(StepOutcome::Wait)
            }
            // Twilio has not processed it (error 20429): it is no dial.
            Answer::TooManyRequests(wait) => {
                let mut longer = 0;
                if let Work::Dial { dials, refusals, .. } = &mut job.work {
                    (*dials, longer) = (dials.saturating_sub(1), (*refusals).min(MOST_DOUBLINGS));
                    *refusals += 1;
                }
                job.start_again(self.ctx.now + (wait << longer).min(LONGEST_WAIT.max(wait)));
                Ok(StepOutcome::Wait)
            }
            Answer::Refused(response) => {
                let code = crate::twilio::request::error_code(&response.json()).unwrap_or(0);
                self.learn(&format!("phone: Twilio error {code}"))?;
                self.not_dialled(&leg, FAILED)
            }
            Answer::TokenRefused | Answer::AccountRefused | Answer::Gone(_) | Answer::ConversationFull => {
                self.learn("account: Twilio makes no calls for us")?;
                self.not_dialled(&leg, FAILED)
            }
        }
    }

    /// Something that an operator must know.
    pub(super) fn learn(&self, what: &str) -> Stored<()> {
        self.tell_directory(directory::Message::Failed { what: what.to_owned(), at: self.ctx.now })
    }

    pub(super) fn tell_directory(&self, message: directory::Message) -> Stored<()> {
        self.add(&Work::TellDirectory { message })
    }

    /// Another object has answered.
    pub(super) fn reply(&mut self, job: &mut Job, reply: ObjectReply) -> Stored<StepOutcome> {
        match reply {
            ObjectReply::Unreachable => job.retry(self.ctx.now),
            ObjectReply::Later(wait) => job.due = self.ctx.now + wait,
            ObjectReply::Name(name) if matches!(job.work, Work::Report { .. }) => self.named(job, &name),
            _ => return Ok(StepOutcome::Done),
        }
        Ok(StepOutcome::Wait)
    }
}
