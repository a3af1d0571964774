//! What an agent who calls back meets: their own phone rings first, then the contact's, and both see the hotline's number.

use protocol::sidebar::{CallFrame, CallOutcome, Frame};

use super::callback::{CallbackEvent, contact_outcome};
use super::leg_rows::{Leg, LegCall};
use super::row::{Callback, Row, Talk};
use super::team_phones::MOST_TRIES;
use super::times::{CONTACT_RINGS_S, LONGEST_RINGING};
use super::work::Work;
use super::{CallContext, Start};
use crate::domain::phone::E164;
use crate::effects::ObjectReply;
use crate::messages::directory;
use crate::sidebar::{NO_SUCH_CALL, json};
use crate::storage::Stored;
use crate::twilio::calls::{Facts, LONGEST_TALK, LONGEST_TALK_S, Stage};
use crate::twilio::twiml::Verb;

impl CallContext<'_> {
    /// The same id again is the same call.
    pub(super) fn start(&mut self, new: bool, start: &Start) -> Stored<ObjectReply> {
        if new {
            self.add_leg(&Leg::new(0, &start.phone), self.ctx.now)?;
        }
        Ok(self.shown_to(start.agent))
    }

    /// The call as its agent's sidebar sees it.
    pub(super) fn shown_to(&self, agent: i64) -> ObjectReply {
        match self.row.callback().filter(|call| call.agent == agent) {
            Some(call) => ObjectReply::Call(self.shown(call, true)),
            None => NO_SUCH_CALL.reply(),
        }
    }

    /// The call as a sidebar sees it. The code is for its agent alone.
    fn shown(&self, call: &Callback, with_code: bool) -> protocol::sidebar::Call {
        protocol::sidebar::Call {
            id: self.id.to_owned(),
            state: call.state.into(),
            outcome: call.outcome(),
            seconds: self.row.talk.as_ref().and_then(|talk| talk.seconds),
            code: (with_code && !call.code.is_empty()).then(|| call.code.clone()),
        }
    }

    /// Shows the sidebars that an agent's call has come further.
    pub(super) fn push(&self, before: Option<&Row>) -> Stored<()> {
        let Some(call) = self.row.callback() else { return Ok(()) };
        if before.and_then(Row::callback).is_some_and(|before| before.state == call.state) {
            return Ok(());
        }
        let frame = Frame::Call(CallFrame { agent: call.agent, call: self.shown(call, false) });
        self.add(&Work::Push { frame: json(&frame) })
    }

    /// The agent wants no more of it, at whatever stage. A call that Twilio has not told of yet ends when it does.
    pub(super) fn cancel(&mut self, agent: i64) -> Stored<ObjectReply> {
        if self.row.callback().is_some_and(|call| call.agent == agent) {
            self.on_callback(CallbackEvent::Cancel)?;
        }
        Ok(self.shown_to(agent))
    }

    /// The number to dial.
    fn number_to_dial(&self) -> &str {
        let dialled = self.row.callback().map_or("", |call| &call.dialled);
        if dialled.is_empty() { &self.row.party } else { dialled }
    }

    /// The agent's phone was answered, by whomever: they are asked to press a key.
    pub(super) fn agent_answered(&mut self, call: LegCall) -> Stored<Vec<Verb>> {
        self.on_callback(CallbackEvent::AgentAnswered)?;
        self.asks_agent(call, "")
    }

    /// Whom the agent is about to call, and what to press.
    fn asks_agent(&self, call: LegCall, before: &str) -> Stored<Vec<Verb>> {
        let code = self.row.callback().map_or("", |call| &call.code);
        let whom = E164::parse(self.number_to_dial()).map_or_else(String::new, |number| number.readable());
        let key = if code.is_empty() {
            "Press 1 to call them."
        } else {
            "To show that this phone is yours, press the code that the sidebar shows."
        };
        let question = format!("{before}{}: a call to {}. {key}", self.ctx.hotline.name, spoken(&whom));
        self.asks(call, question, code.len().max(1))
    }

    pub(super) fn agent_pressed(&mut self, mut call: LegCall, digits: &str) -> Stored<Vec<Verb>> {
        let Some(Callback { agent, code, .. }) = self.row.callback().cloned() else { return Ok(vec![Verb::Hangup]) };
        if digits != if code.is_empty() { "1" } else { code.as_str() } {
            call.tries += 1;
            if call.tries < MOST_TRIES {
                self.on_callback(CallbackEvent::WrongKey)?;
                return self.asks_agent(call, "That was not right. ");
            }
            // It is not stopped: they hear why, and are hung up on.
            LegCall { ended: "completed".to_owned(), ..call }.save(self.ctx.store)?;
            self.on_callback(CallbackEvent::NotConfirmed)?;
            return Ok(vec![Verb::Say("That was not right. Goodbye.".to_owned()), Verb::Hangup]);
        }
        if self.row.rings() && !code.is_empty() {
            let phone = Leg::load(self.ctx.store, call.place)?.map_or_else(String::new, |leg| leg.phone);
            self.tell_directory(directory::Message::Confirmed { agent, phone })?;
        }
        call.asked = true;
        call.save(self.ctx.store)?;
        let talk = Talk { leg: call.place, sid: call.sid, since: None, seconds: None };
        self.on_callback(CallbackEvent::Confirmed(talk))?;
        Ok(vec![Verb::DialNumber {
            number: self.number_to_dial().to_owned(),
            caller_id: self.row.number.clone(),
            action: self.address(Stage::LegOver, Some(call.place)),
            status_callback: self.address(Stage::ContactStatus, None),
            answered_by_callback: self.address(Stage::ContactAnsweredBy, None),
            timeout: CONTACT_RINGS_S,
            time_limit: LONGEST_TALK_S,
        }])
    }

    /// The contact's own call has come further; in any order.
    pub(super) fn contact_status(&mut self, facts: &Facts) -> Stored<()> {
        match facts.status.as_str() {
            // Twilio names the event `answered` and the state `in-progress`; others who speak its language do not.
            "in-progress" | "answered" => self.on_callback(CallbackEvent::ContactAnswered { at: self.ctx.now }),
            "completed" => self.on_callback(CallbackEvent::ContactHungUp { seconds: facts.seconds }),
            _ => Ok(()),
        }
    }

    /// The call to the contact is over: the agent hears why.
    pub(super) fn contact_over(&mut self, call: &LegCall, facts: &Facts) -> Stored<Vec<Verb>> {
        if !self.has_talk(call) {
            return Ok(vec![Verb::Hangup]);
        }
        let outcome = contact_outcome(&facts.result);
        self.on_callback(CallbackEvent::DialEnded { outcome, seconds: facts.seconds })?;
        let words = match outcome {
            CallOutcome::ContactBusy => "The line is busy, or the call was declined. Goodbye.",
            CallOutcome::ContactNoAnswer => "They did not answer. Goodbye.",
            CallOutcome::ContactFailed => "The call could not be connected. Goodbye.",
            _ => return Ok(vec![Verb::Hangup]),
        };
        Ok(vec![Verb::Say(words.to_owned()), Verb::Hangup])
    }

    /// A state has lasted too long: what should have been told never came.
    pub(super) fn callback_overdue(&mut self) -> Stored<()> {
        let talks_since = self.row.talk.as_ref().and_then(|talk| talk.since);
        let longest = talks_since.map_or(self.row.since + LONGEST_RINGING, |since| since + LONGEST_TALK);
        let is_asked = self.is_to_do(&Work::CheckTalk)? && self.phone_hung_up()?;
        let asked_in_vain = is_asked || self.ctx.now >= longest;
        self.on_callback(CallbackEvent::Overdue { asked_in_vain })
    }
}

/// Digits one by one, so that a number is not read as millions.
fn spoken(number: &str) -> String {
    let digits = |group: &str| group.trim_start_matches('+').chars().map(String::from).collect::<Vec<_>>().join(" ");
    number.split(' ').map(digits).collect::<Vec<_>>().join(", ")
}
