//! An agent calls back: their own phone rings first, then the contact's, and both see the hotline's number.

use protocol::sidebar::CallOutcome;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;

use super::leg_rows::{Leg, LegCall};
use super::legs::MOST_TRIES;
use super::row::State;
use super::times::{AGENT_RINGS_S, CALLBACK_GRACE, CHECKED_EVERY, PROMPT};
use super::{CallContext, Start};
use crate::domain::phone::Party;
use crate::effects::{Millis, ObjectReply};
use crate::messages::directory;
use crate::sidebar::NO_SUCH_CALL;
use crate::storage::Stored;
use crate::twilio::calls::{Facts, LONGEST_TALK_S, Stage};
use crate::twilio::twiml::Verb;

/// How long the contact's phone rings.
const CONTACT_RINGS_S: u32 = 40;

/// What Twilio adds to the seconds that a phone rings, and requests each way (Twilio, Call resource: Timeout).
const SLACK: Millis = 15_000;

impl CallContext<'_> {
    /// The same id again is the same call.
    pub(super) fn start(&mut self, new: bool, start: &Start) -> Stored<ObjectReply> {
        if new {
            let now = self.ctx.now;
            self.row.agent_name.clone_from(&start.agent_name);
            self.row.code.clone_from(&start.code);
            self.row.deadline = Some(now + i64::from(AGENT_RINGS_S) * 1_000 + SLACK);
            self.add_leg(&Leg::new(0, &start.phone), now)?;
        }
        Ok(self.shown_to(start.agent))
    }

    /// The call as its agent's sidebar sees it.
    pub(super) fn shown_to(&self, agent: i64) -> ObjectReply {
        if !self.row.is_callback() || self.row.agent != agent {
            return NO_SUCH_CALL.reply();
        }
        ObjectReply::Call(self.shown(true))
    }

    /// The call as a sidebar sees it. The code is for its agent alone.
    pub(super) fn shown(&self, with_code: bool) -> protocol::sidebar::Call {
        let row = &self.row;
        protocol::sidebar::Call {
            id: self.id.to_owned(),
            state: row.state.into(),
            outcome: outcome(&row.outcome),
            seconds: row.seconds,
            code: (with_code && !row.code.is_empty()).then(|| row.code.clone()),
        }
    }

    /// The agent wants no more of it, at whatever stage.
    pub(super) fn cancel(&mut self, agent: i64) -> Stored<ObjectReply> {
        if self.row.is_callback() && self.row.agent == agent {
            let outcome = if self.row.state == State::Talking { "completed" } else { "cancelled" };
            self.hang_up()?;
            self.end_back(outcome)?;
        }
        Ok(self.shown_to(agent))
    }

    /// Ends the agent's call, and with it the contact's. One that Twilio has not told of yet ends when it does.
    pub(super) fn hang_up(&self) -> Stored<()> {
        if self.row.state == State::Ended { Ok(()) } else { self.stop_calls(|_| true) }
    }

    pub(super) fn end_back(&mut self, outcome: &str) -> Stored<()> {
        if self.row.state == State::Ended {
            return Ok(());
        }
        if self.row.seconds.is_none() {
            self.row.seconds = self.row.talks_since.map(|since| (self.ctx.now - since) / 1_000);
        }
        let ended = directory::Message::CallEnded { id: self.id.to_owned() };
        self.end(outcome)?;
        self.tell_directory(ended)
    }

    /// The agent's phone was answered, by whomever: they are asked to press a key.
    pub(super) fn agent_answered(&mut self, call: LegCall) -> Stored<Vec<Verb>> {
        self.row.advance(State::Confirm, Some(self.ctx.now + PROMPT + SLACK));
        self.asks(call, "")
    }

    /// Whom the agent is about to call, and what to press.
    pub(super) fn question(&self, before: &str) -> String {
        let whom = Party::from_key(&self.row.party).map_or_else(String::new, |party| party.readable());
        let key = if self.row.code.is_empty() {
            "Press 1 to call them.".to_owned()
        } else {
            "To show that this phone is yours, press the code that the sidebar shows.".to_owned()
        };
        format!("{before}{}: a call to {}. {key}", self.ctx.hotline.name, spoken(&whom))
    }

    pub(super) fn agent_pressed(&mut self, mut call: LegCall, digits: &str) -> Stored<Vec<Verb>> {
        let wanted = if self.row.code.is_empty() { "1" } else { &self.row.code };
        if digits != wanted {
            call.tries += 1;
            if call.tries >= MOST_TRIES {
                call.save(self.ctx.store)?;
                self.end_back("not_confirmed")?;
                self.stop_calls(|other| other.sid != call.sid)?;
                return Ok(vec![Verb::Say("That was not right. Goodbye.".to_owned()), Verb::Hangup]);
            }
            self.row.deadline = self.row.deadline.map(|_| self.ctx.now + PROMPT + SLACK);
            return self.asks(call, "That was not right. ");
        }
        if self.rings() {
            if !self.row.code.is_empty() {
                let phone = Leg::load(self.ctx.store, call.place)?.map_or_else(String::new, |leg| leg.phone);
                self.tell_directory(directory::Message::Confirmed { agent: self.row.agent, phone })?;
            }
            let rings = i64::from(CONTACT_RINGS_S) * 1_000 + SLACK;
            self.row.advance(State::RingingContact, Some(self.ctx.now + rings));
            self.claimed_by(&mut call)?;
            self.stop_phones()?;
        }
        Ok(vec![Verb::DialNumber {
            number: self.row.party.clone(),
            caller_id: self.row.number.clone(),
            action: self.address(Stage::LegOver, Some(call.place)),
            status_callback: self.address(Stage::ContactStatus, None),
            timeout: CONTACT_RINGS_S,
            time_limit: LONGEST_TALK_S,
        }])
    }

    /// The contact's own call has come further; in any order.
    pub(super) fn contact_status(&mut self, facts: &Facts) {
        match facts.status.as_str() {
            "in-progress" => self.contact_talks_since(self.ctx.now),
            // It was answered, whether that was told or not.
            "completed" if matches!(self.row.state, State::RingingContact | State::Talking) => {
                let seconds = facts.seconds.unwrap_or(0);
                self.contact_talks_since(self.ctx.now - seconds * 1_000);
                self.row.seconds = facts.seconds.or(self.row.seconds);
            }
            _ => {}
        }
    }

    pub(super) fn contact_talks_since(&mut self, since: Millis) {
        if self.row.state == State::RingingContact {
            self.row.talks_since = Some(since);
            self.row.advance(State::Talking, Some(self.ctx.now + CHECKED_EVERY));
        }
    }

    /// The call to the contact is over: the agent hears why.
    pub(super) fn contact_over(&mut self, call: &LegCall, facts: &Facts) -> Stored<Vec<Verb>> {
        if !self.has_claimed(call) {
            return Ok(vec![Verb::Hangup]);
        }
        let outcome = contact_outcome(&facts.result);
        if outcome == "completed" && self.row.state < State::Ended {
            self.row.seconds = facts.seconds.or(self.row.seconds);
        }
        self.end_back(outcome)?;
        let words = match outcome {
            "contact_busy" => "The line is busy, or the call was declined. Goodbye.",
            "contact_no_answer" => "They did not answer. Goodbye.",
            "contact_failed" => "The call could not be connected. Goodbye.",
            _ => "",
        };
        let say = (!words.is_empty()).then(|| Verb::Say(words.to_owned()));
        Ok(say.into_iter().chain([Verb::Hangup]).collect())
    }

    /// The agent's own call is over.
    pub(super) fn agent_over(&mut self, status: &str) -> Stored<()> {
        match (self.row.state, status) {
            (State::RingingAgent, "busy") => self.end_back("agent_busy"),
            (State::RingingAgent, "failed") => self.end_back("agent_failed"),
            (State::RingingAgent, _) => self.end_back("agent_no_answer"),
            (State::Confirm, _) => self.end_back("not_confirmed"),
            // How the contact's call ended may still be told.
            (State::RingingContact | State::Talking, _) => {
                self.row.deadline = Some(self.ctx.now + CALLBACK_GRACE);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A state has lasted too long: what should have been told never came.
    pub(super) fn back_overdue(&mut self) -> Stored<()> {
        if self.row.claimed.is_some() {
            return self.talk_overdue();
        }
        self.hang_up()?;
        match self.row.state {
            State::RingingAgent => self.end_back("agent_no_answer"),
            State::Confirm => self.end_back("not_confirmed"),
            _ => Ok(()),
        }
    }
}

/// What became of the contact's call, by Twilio's word for its end.
pub(super) fn contact_outcome(status: &str) -> &'static str {
    match status {
        "completed" | "answered" => "completed",
        "busy" => "contact_busy",
        "no-answer" => "contact_no_answer",
        "canceled" => "cancelled",
        _ => "contact_failed",
    }
}

/// What a call came to, from its row; nothing as long as it goes on.
fn outcome(word: &str) -> Option<CallOutcome> {
    let word: StrDeserializer<'_, serde::de::value::Error> =
        Some(word).filter(|word| !word.is_empty())?.into_deserializer();
    CallOutcome::deserialize(word).ok()
}

/// Digits one by one, so that a number is not read as millions.
fn spoken(number: &str) -> String {
    let digits = |group: &str| group.trim_start_matches('+').chars().map(String::from).collect::<Vec<_>>().join(" ");
    number.split(' ').map(digits).collect::<Vec<_>>().join(", ")
}
