//! What a call came to is told to the person's object, which shows it to the agents.

use protocol::sidebar;

use super::leg_rows::Leg;
use super::row::{CallKind, InboundOutcome, InboundState, VoiceMessage};
use super::work::{Job, Work};
use super::{CallContext, StepOutcome};
use crate::answer::Answer;
use crate::domain::phone::Party;
use crate::effects::{Millis, Response, ToObject};
use crate::json::Document;
use crate::messages::call::{CallOutcome, Report};
use crate::messages::{contact, directory};
use crate::storage::Stored;
use crate::twilio::calls;
use crate::twilio::calls::AnsweredBy;

/// How often Twilio is asked who left a message, about four minutes; after that it goes to the unknown caller's
/// conversation, where agents can hear it.
const MOST_ASKED: i64 = 8;

/// For how long Twilio is asked who called and left none, which helps nobody without a number: longer than its outages last.
const NOBODY_WAITS: Millis = 24 * 3_600_000;

impl CallContext<'_> {
    /// Once it is over, and once more when something has come to it since.
    pub(super) fn will_report(&self) -> Stored<()> {
        self.add(&Work::Report { named: false })
    }

    /// First who called, then who answered, then to the person's object.
    pub(super) fn begin_report(&mut self, named: bool) -> Stored<StepOutcome> {
        if self.row.party.is_empty() {
            return Ok(StepOutcome::Send(calls::fetch_call(self.ctx.config, self.id)));
        }
        let is_answered = self.row.inbound_state() == Some(InboundState::Ended(InboundOutcome::Answered));
        if is_answered && self.row.agent_name.is_empty() && !named {
            let leg = self.row.talk.as_ref().map_or(Ok(None), |talk| Leg::load(self.ctx.store, talk.leg))?;
            let phone = leg.map_or(String::new(), |leg| leg.phone);
            return Ok(StepOutcome::tell(ToObject::Directory(directory::Message::NameOf { phone })));
        }
        Ok(StepOutcome::tell(self.to_contact(contact::Message::Call(self.report()))))
    }

    /// A message that was spoken before the one that the call's row knows; its file has had time to be there.
    pub(super) fn begin_report_message(
        &self,
        job: &mut Job,
        recording: String,
        seconds: i64,
        transcript: Option<String>,
    ) -> StepOutcome {
        if self.row.party.is_empty() {
            job.retry(self.ctx.now);
            return StepOutcome::Wait;
        }
        let came = CallOutcome::Voicemail;
        let message = Report { id: recording.clone(), came, recording, seconds, transcript, ..self.report() };
        StepOutcome::tell(self.to_contact(contact::Message::Call(message)))
    }

    fn report(&self) -> Report {
        let row = &self.row;
        let report = Report {
            id: self.id.to_owned(),
            came: CallOutcome::Callback,
            at: row.since,
            number: row.number.clone(),
            seconds: row.talk.as_ref().and_then(|talk| talk.seconds).unwrap_or(0),
            who: row.agent_name.clone(),
            outcome: sidebar::CallOutcome::Unknown,
            recording: String::new(),
            transcript: None,
            caller_id_failed: false,
            file_lost: false,
            is_whatsapp: false,
            answered_by: AnsweredBy::Unknown,
        };
        let call = match &row.kind {
            CallKind::Inbound(call) => call,
            CallKind::Callback(call) => {
                let outcome = call.outcome().unwrap_or(report.outcome);
                return Report { outcome, answered_by: call.answered_by, ..report };
            }
        };
        let came = match call.state {
            InboundState::Ended(InboundOutcome::Answered) => CallOutcome::Answered,
            InboundState::Ended(InboundOutcome::Missed) => CallOutcome::Missed,
            InboundState::Ended(InboundOutcome::Closed) => CallOutcome::Closed,
            InboundState::Ended(InboundOutcome::Voicemail | InboundOutcome::VoicemailLost) => CallOutcome::Voicemail,
            _ => CallOutcome::NoMessage,
        };
        let (transcript, caller_id_failed) = (call.transcript.clone(), call.caller_id_failed);
        let file_lost = call.state == InboundState::Ended(InboundOutcome::VoicemailLost);
        let is_whatsapp = call.is_whatsapp;
        let report = Report { came, transcript, caller_id_failed, file_lost, is_whatsapp, ..report };
        match call.message.clone().filter(|_| came == CallOutcome::Voicemail) {
            Some(VoiceMessage { recording, seconds }) => {
                Report { id: recording.clone(), recording, seconds: seconds.unwrap_or(0), ..report }
            }
            None => report,
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
            Answer::Lost(_) | Answer::TooManyRequests(_) | Answer::TokenRefused | Answer::AccountRefused
                if self.is_caller_asked_for(job) =>
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

    /// Whether it is worth to ask again.
    fn is_caller_asked_for(&self, job: &Job) -> bool {
        let has_message = self.report().came == CallOutcome::Voicemail;
        job.attempts < MOST_ASKED || (!has_message && self.ctx.now < job.since + NOBODY_WAITS)
    }

    /// The hotline has said whose phone it was that answered; without a name it is the phone's number.
    pub(super) fn named(&mut self, job: &mut Job, name: &str) {
        name.clone_into(&mut self.row.agent_name);
        (job.work, job.due) = (Work::Report { named: true }, self.ctx.now);
    }
}
