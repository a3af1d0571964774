//! The team's phones, each rung by a call of its own.
//!
//! A phone may ring with two calls, when Twilio's answer to the first was lost. Whatever is said of one of them counts for
//! that one; the phone is given back when none of them is left.

use super::CallContext;
use super::callback::CallbackEvent;
use super::inbound::InboundEvent;
use super::leg_rows::{Leg, LegCall, LegState};
use super::row::{CallKind, InboundState, Talk};
use super::times::PROMPT;
use super::work::{Job, Work};
use crate::config::{Accept, Ring, RingOrder};
use crate::effects::Millis;
use crate::jobs;
use crate::storage::Stored;
use crate::twilio::calls::{Facts, LONGEST_TALK_S, Stage};
use crate::twilio::twiml::Verb;

/// Seconds after a question in which a key may be pressed.
const KEY_WITHIN_S: u32 = 6;

/// Seconds that a phone which pressed 1 waits for the caller: they are there, or they have just hung up.
const CALLER_WITHIN_S: u32 = 10;

/// Twilio begins one call a second for an account, unless it has asked for more (Twilio, Call resource: calls per second).
const SECONDS_A_CALL: usize = 1;

/// How often somebody may press a wrong key.
pub(super) const MOST_TRIES: i64 = 3;

impl CallContext<'_> {
    /// Every phone but the caller's own gets a leg, and the leg a job: at once, or when the one before has had its time.
    /// Returns whether any phone rings.
    pub(super) fn ring(&mut self, ring: &Ring) -> Stored<bool> {
        let others: Vec<_> = ring.phones.iter().filter(|phone| phone.as_str() != self.row.party).collect();
        let seconds = usize::try_from(ring.seconds).unwrap_or(usize::MAX);
        let reachable = if ring.order == RingOrder::All { seconds / SECONDS_A_CALL } else { others.len() };
        let mut due = self.ctx.now;
        for (leg, phone) in (0_i64..).zip(others.iter().take(reachable)) {
            self.add_leg(&Leg::new(leg, phone.as_str()), due)?;
            if ring.order == RingOrder::InTurn {
                due += i64::from(ring.seconds) * 1_000 + PROMPT;
            }
        }
        if others.len() > reachable {
            self.learn("phones not rung: Twilio begins one call a second; ring fewer phones, or for more seconds")?;
        }
        Ok(!others.is_empty())
    }

    pub(super) fn add_leg(&self, leg: &Leg, due: Millis) -> Stored<()> {
        leg.save(self.ctx.store)?;
        let dial = Work::dial(leg.place);
        jobs::add(self.ctx.store, &dial.lane(), &dial, due, self.ctx.now)
    }

    /// Whether a call to a phone is still wanted. What a call asked for before it was over may come after its end.
    fn needs(&self, call: &LegCall) -> bool {
        call.is_live() && (self.row.rings() || self.talks_on(call))
    }

    /// Whether it is the one that has the caller, or the agent who talks with the contact.
    fn talks_on(&self, call: &LegCall) -> bool {
        self.row.talks() && self.has_talk(call)
    }

    /// Whether it is, or was, that one.
    pub(super) fn has_talk(&self, call: &LegCall) -> bool {
        let is_it = |talk: &Talk| talk.leg == call.place && (talk.sid.is_empty() || talk.sid == call.sid);
        self.row.talk.as_ref().is_some_and(is_it)
    }

    /// Something about a call to a phone.
    pub(super) fn leg(&mut self, stage: Stage, leg: &Leg, facts: &Facts) -> Stored<Vec<Verb>> {
        if facts.sid.is_empty() {
            return Ok(vec![Verb::Hangup]);
        }
        let mut call = self.leg_call(leg, &facts.sid)?;
        match (stage, &self.row.kind) {
            (Stage::Leg | Stage::Pressed, _) if !self.needs(&call) => Ok(self.too_late()),
            (Stage::Leg, CallKind::Callback(_)) => self.agent_answered(call),
            (Stage::Leg, CallKind::Inbound(_)) if self.takes_at_once() => self.take_caller(call),
            (Stage::Leg, CallKind::Inbound(_)) => self.asks_team(call),
            (Stage::Pressed, CallKind::Callback(_)) => self.agent_pressed(call, &facts.digits),
            (Stage::Pressed, CallKind::Inbound(_)) if facts.digits == "1" => self.take_caller(call),
            (Stage::Pressed, CallKind::Inbound(_)) if call.tries + 1 < MOST_TRIES => {
                call.tries += 1;
                self.asks_team(call)
            }
            (Stage::LegOver, CallKind::Callback(_)) => self.contact_over(&call, facts),
            (Stage::LegOver, CallKind::Inbound(_)) => self.talk_over(&call, facts),
            (Stage::LegStatus, _) if facts.is_over() => {
                let at = self.over_at(facts);
                self.leg_over(call, &facts.status, at).map(|()| Vec::new())
            }
            (Stage::LegStatus, _) => Ok(Vec::new()),
            _ => Ok(vec![Verb::Hangup]),
        }
    }

    /// The call of that sid. One that is heard of for the first time may be wanted no more since it was asked for.
    pub(super) fn leg_call(&self, leg: &Leg, sid: &str) -> Stored<LegCall> {
        if let Some(known) = LegCall::load(self.ctx.store, sid)? {
            return Ok(known);
        }
        let call = LegCall::new(sid, leg.place);
        call.save(self.ctx.store)?;
        if leg.is_over() {
            leg.becomes(LegState::Rings, self.ctx.store)?;
        }
        if !self.needs(&call) {
            self.stop(&call)?;
        }
        Ok(call)
    }

    fn takes_at_once(&self) -> bool {
        self.ctx.hotline.ring.as_ref().is_none_or(|ring| ring.accept == Accept::Answer)
    }

    fn asks_team(&self, call: LegCall) -> Stored<Vec<Verb>> {
        self.asks(call, format!("A call for {}. Press 1 to take it.", self.ctx.hotline.name), 1)
    }

    /// The question, twice; then whatever answered is no person, and is hung up on.
    pub(super) fn asks(&self, call: LegCall, prompt: String, digits: usize) -> Stored<Vec<Verb>> {
        let action = self.address(Stage::Pressed, Some(call.place));
        LegCall { asked: true, ..call }.save(self.ctx.store)?;
        let gather = Verb::Gather { action, digits, timeout: KEY_WITHIN_S, prompt };
        Ok(vec![gather.clone(), gather, Verb::Hangup])
    }

    /// The first call that says so gets the caller; all others stop, also those of the same phone.
    fn take_caller(&mut self, mut call: LegCall) -> Stored<Vec<Verb>> {
        call.asked = true;
        call.save(self.ctx.store)?;
        let talk = Talk { leg: call.place, sid: call.sid, since: Some(self.ctx.now), seconds: None };
        self.on_inbound(InboundEvent::Take(talk))?;
        Ok(vec![Verb::DialQueue {
            queue: self.id.to_owned(),
            action: self.address(Stage::LegOver, Some(call.place)),
            timeout: CALLER_WITHIN_S,
            time_limit: LONGEST_TALK_S,
        }])
    }

    /// The call that had the caller is done with them, or never met them.
    fn talk_over(&mut self, call: &LegCall, facts: &Facts) -> Stored<Vec<Verb>> {
        let met = matches!(facts.result.as_str(), "completed" | "answered");
        if self.talks_on(call) {
            let seconds = facts.seconds;
            self.on_inbound(if met { InboundEvent::Talked { seconds } } else { InboundEvent::NotTaken })?;
        }
        if met {
            return Ok(vec![Verb::Hangup]);
        }
        Ok(vec![Verb::Say("The caller has hung up. Goodbye.".to_owned()), Verb::Hangup])
    }

    /// When a call was over that has had a talk: now, unless this is told so late that it has not lasted until now.
    fn over_at(&self, facts: &Facts) -> Millis {
        let talks_since = self.row.talk.as_ref().and_then(|talk| talk.since);
        let latest = talks_since.zip(facts.seconds).map(|(since, seconds)| since + seconds * 1_000);
        latest.map_or(self.ctx.now, |latest| latest.min(self.ctx.now))
    }

    /// A call to a phone is over: it was busy, was not answered, was declined, was stopped, or has talked until `at`.
    pub(super) fn leg_over(&mut self, call: LegCall, status: &str, at: Millis) -> Stored<()> {
        if !call.is_live() {
            return Ok(());
        }
        let talked = self.talks_on(&call);
        let call = LegCall { ended: status.to_owned(), ..call };
        call.save(self.ctx.store)?;
        if !talked {
            return self.after_leg(call.place, status, false);
        }
        self.give_back(call.place, false)?;
        match self.row.kind {
            CallKind::Inbound(_) => self.on_inbound(InboundEvent::PhoneHungUp { at }),
            CallKind::Callback(_) => self.agent_over(status, at),
        }
    }

    /// A call to a phone is over, or could not be made. When no other one is left, the next phone's turn has come, or
    /// nobody is left. `dialled`: no further call to it is on its way.
    pub(super) fn after_leg(&mut self, place: i64, status: &str, dialled: bool) -> Stored<()> {
        if !self.give_back(place, dialled)? {
            return Ok(());
        }
        let told = LegCall::of(self.ctx.store, place)?.pop().map(|call| call.ended);
        let status = told.as_deref().unwrap_or(status);
        match self.row.kind {
            CallKind::Inbound(_) => self.next_or_nobody(place),
            CallKind::Callback(_) => self.agent_over(status, self.ctx.now),
        }
    }

    fn agent_over(&mut self, status: &str, at: Millis) -> Stored<()> {
        self.on_callback(CallbackEvent::AgentOver { status: status.to_owned(), at })
    }

    /// Gives a phone back for other calls, unless one of ours rings or talks on it, or may still come. Returns whether
    /// it was given back now.
    fn give_back(&self, place: i64, dialled: bool) -> Stored<bool> {
        let store = self.ctx.store;
        let Some(leg) = Leg::load(store, place)?.filter(|leg| !leg.is_over()) else { return Ok(false) };
        let calls = LegCall::of(store, place)?;
        if calls.iter().any(LegCall::is_live) || (!dialled && self.may_be_dialled(place, !calls.is_empty())?) {
            return Ok(false);
        }
        leg.becomes(LegState::Over, store)?;
        self.free(place)?;
        Ok(true)
    }

    /// Whether a further call to a phone may be on its way, when one is known or not.
    fn may_be_dialled(&self, place: i64, known: bool) -> Stored<bool> {
        // The first one that was asked for is the one that is known.
        let another = |job: Job| match job.state {
            jobs::State::Pending => self.row.rings() && !known,
            jobs::State::Sent(_) | jobs::State::Uncertain(..) => job.work.dials() > 1 || !known,
        };
        Ok(self.dialling(place)?.is_some_and(another))
    }

    /// The job that dials a phone.
    fn dialling(&self, place: i64) -> Stored<Option<Job>> {
        jobs::head_of(self.ctx.store, &Work::dial(place).lane())
    }

    pub(super) fn free(&self, place: i64) -> Stored<()> {
        self.add(&Work::Free { leg: place })
    }

    /// Somebody talks on a phone, for whichever hotline.
    pub(super) fn leg_busy(&mut self, leg: &Leg) -> Stored<()> {
        leg.becomes(LegState::Busy, self.ctx.store)?;
        self.next_or_nobody(leg.place)
    }

    /// The next phone's turn has come, or nobody is left.
    pub(super) fn next_or_nobody(&mut self, place: i64) -> Stored<()> {
        if self.row.inbound_state() != Some(InboundState::Ringing) {
            return Ok(());
        }
        if let Some(next) = self.dialling(place + 1)?.filter(Job::is_pending) {
            jobs::make_due(self.ctx.store, next.id, self.ctx.now)?;
        }
        let none_left = Leg::all(self.ctx.store)?.iter().all(|leg| leg.state != LegState::Rings);
        if none_left || (self.ctx.now >= self.ring_until() && !self.somebody_is_asked()?) {
            self.on_inbound(InboundEvent::NotTaken)?;
        }
        Ok(())
    }

    /// Whether somebody is just hearing the question.
    pub(super) fn somebody_is_asked(&self) -> Stored<bool> {
        Ok(LegCall::all(self.ctx.store)?.iter().any(|call| call.asked && call.is_live()))
    }

    /// Stops every call to a phone that is not wanted any more, and gives back phones that are not dialled yet.
    pub(super) fn stop_phones(&self) -> Stored<()> {
        self.stop_calls(|call| !self.needs(call) && !self.has_talk(call))?;
        for leg in Leg::all(self.ctx.store)? {
            self.give_back(leg.place, false)?;
        }
        Ok(())
    }

    pub(super) fn stop_calls(&self, which: impl Fn(&LegCall) -> bool) -> Stored<()> {
        for call in LegCall::all(self.ctx.store)?.iter().filter(|call| which(call)) {
            self.stop(call)?;
        }
        Ok(())
    }

    fn stop(&self, call: &LegCall) -> Stored<()> {
        if !call.is_live() || self.is_stopping(call)? {
            return Ok(());
        }
        self.add(&Work::Stop { sid: call.sid.clone() })
    }

    pub(super) fn is_stopping(&self, call: &LegCall) -> Stored<bool> {
        self.is_to_do(&Work::Stop { sid: call.sid.clone() })
    }

    /// What somebody hears whose phone is wanted no more.
    fn too_late(&self) -> Vec<Verb> {
        let words = match self.row.kind {
            CallKind::Inbound(_) => "Somebody else has taken this call, or the caller has hung up. Goodbye.",
            CallKind::Callback(_) => "This call has ended. Goodbye.",
        };
        vec![Verb::Say(words.to_owned()), Verb::Hangup]
    }
}
