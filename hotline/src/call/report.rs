//! What a call came to is told to the person's object, which shows it to the agents.

use protocol::sidebar::{CallFrame, Frame};

use super::leg_rows::{Leg, LegCall};
use super::row::State;
use super::work::{Job, Work};
use super::{CallContext, StepOutcome};
use crate::answer::Answer;
use crate::domain::phone::Party;
use crate::effects::{Response, ToObject};
use crate::json::Document;
use crate::messages::call::{CallOutcome, Report};
use crate::messages::{contact, directory};
use crate::sidebar::json;
use crate::storage::Stored;
use crate::twilio::calls;

/// How often Twilio is asked who called; after that their message goes to the unknown caller's conversation.
const MOST_ASKED: i64 = 8;

impl CallContext<'_> {
    /// It is over: the phones stop, and the conversation says what it came to.
    pub(super) fn end(&mut self, outcome: &str) -> Stored<()> {
        if self.row.state == State::Ended {
            return Ok(());
        }
        self.row.end(outcome);
        // Who is not stopped hears how the call ended, and then hangs up by themselves.
        if let Some(call) = self.claimed_call()?
            && !self.is_stopping(&call)?
        {
            self.leg_over(call, "completed", self.ctx.now)?;
        }
        if self.row.claimed.is_some() || !self.row.is_callback() {
            self.stop_phones()?;
        }
        if !self.row.queue.is_empty() {
            self.add(&Work::DeleteQueue { queue: self.row.queue.clone() })?;
        }
        self.will_report()
    }

    /// The call that has the caller, or the agent.
    pub(super) fn claimed_call(&self) -> Stored<Option<LegCall>> {
        LegCall::load(self.ctx.store, &self.row.claimed_sid)
    }

    /// The phone that has the caller.
    fn claimant(&self) -> Stored<Option<Leg>> {
        self.row.claimed.map_or(Ok(None), |leg| Leg::load(self.ctx.store, leg))
    }

    /// Once more when something has come to it since.
    pub(super) fn will_report(&self) -> Stored<()> {
        self.add(&Work::Report { named: false })
    }

    /// First who called, then who answered, then to the person's object.
    pub(super) fn begin_report(&mut self, named: bool) -> Stored<StepOutcome> {
        if self.row.party.is_empty() {
            return Ok(StepOutcome::Send(calls::fetch_call(self.ctx.config, self.id)));
        }
        if self.row.outcome == "answered" && self.row.agent_name.is_empty() && !named {
            let phone = self.claimant()?.map_or(String::new(), |leg| leg.phone);
            return Ok(StepOutcome::tell(ToObject::Hotline(directory::Message::NameOf { phone })));
        }
        Ok(StepOutcome::tell(self.to_contact(contact::Message::Call(self.report()))))
    }

    /// A message that was spoken before the one that the call's row knows; its file has had time to be there.
    pub(super) fn begin_report_message(&self, job: &mut Job, recording: String, seconds: i64) -> StepOutcome {
        if self.row.party.is_empty() {
            job.retry(self.ctx.now);
            return StepOutcome::Wait;
        }
        let came = CallOutcome::Voicemail;
        let message = Report { id: recording.clone(), came, recording, seconds, transcript: None, ..self.report() };
        StepOutcome::tell(self.to_contact(contact::Message::Call(message)))
    }

    fn report(&self) -> Report {
        let row = &self.row;
        let came = match row.outcome.as_str() {
            _ if row.is_callback() => CallOutcome::Callback,
            "answered" => CallOutcome::Answered,
            "missed" => CallOutcome::Missed,
            "closed" => CallOutcome::Closed,
            "voicemail" => CallOutcome::Voicemail,
            _ => CallOutcome::NoMessage,
        };
        let id = if came == CallOutcome::Voicemail { &row.recording } else { self.id };
        Report {
            id: id.to_owned(),
            came,
            at: row.since,
            number: row.number.clone(),
            seconds: row.seconds.unwrap_or(0),
            who: row.agent_name.clone(),
            outcome: row.outcome.clone(),
            recording: row.recording.clone(),
            transcript: row.transcript.clone(),
            caller_id_failed: row.caller_id_failed,
        }
    }

    /// Twilio has said who called.
    pub(super) fn fetched(&mut self, job: &mut Job, answer: Answer) -> Stored<StepOutcome> {
        // A caller who withholds the number is named by a word; an answer that names nobody is none.
        let names_caller = |response: &Response| !response.json().at("from").text().is_empty();
        let caller = match answer.expecting(names_caller) {
            Answer::Done(response) => {
                let call = response.json();
                call.at("to").text().clone_into(&mut self.row.number);
                Party::parse(call.at("from").text()).1
            }
            Answer::Lost(_) | Answer::Later(_) | Answer::TokenRefused | Answer::AccountRefused
                if job.attempts < MOST_ASKED =>
            {
                job.retry(self.ctx.now);
                return Ok(StepOutcome::Wait);
            }
            _ => {
                self.learn("call: nobody knows who called")?;
                Party::Anonymous
            }
        };
        self.row.party = caller.key();
        job.due = self.ctx.now;
        Ok(StepOutcome::Wait)
    }

    /// The hotline has said whose phone it was that answered; without a name it is the phone's number.
    pub(super) fn named(&mut self, job: &mut Job, name: &str) {
        name.clone_into(&mut self.row.agent_name);
        (job.work, job.due) = (Work::Report { named: true }, self.ctx.now);
    }

    /// Shows the sidebars how far an agent's call has come.
    pub(super) fn push(&self) -> Stored<()> {
        let frame = Frame::Call(CallFrame { agent: self.row.agent, call: self.shown(false) });
        self.add(&Work::Push { frame: json(&frame) })
    }
}
