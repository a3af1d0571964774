//! The team's phones, each rung by a call of its own.

use super::CallContext;
use super::inbound::{CALLBACK_GRACE, COUNTS_AS_TALK_AFTER};
use super::row::{Leg, LegState, State};
use crate::config::{Accept, Ring, RingOrder};
use crate::effects::Millis;
use crate::jobs;
use crate::storage::Stored;
use crate::twilio::calls::{Facts, Stage};
use crate::twilio::twiml::Verb;

/// How long somebody who answers may take to press a key: the question twice, and the silence after it.
pub(super) const PROMPT: Millis = 20_000;

/// The longest talk: Twilio's own limit for a dialled call, four hours (Twilio, Dial verb: timeLimit).
pub(super) const LONGEST_TALK_S: u32 = 14_400;
pub(crate) const LONGEST_TALK: Millis = LONGEST_TALK_S as Millis * 1_000;

/// Seconds after a question in which a key may be pressed.
const KEY_WITHIN_S: u32 = 6;

/// Seconds that a phone which pressed 1 waits for the caller: they are there, or they have just hung up.
const CALLER_WITHIN_S: u32 = 10;

/// How often somebody may press a wrong key.
pub(super) const MOST_TRIES: i64 = 3;

impl CallContext<'_> {
    /// Every phone gets a leg, and the leg a job: at once, or when the one before has had its time.
    pub(super) fn ring(&mut self, ring: &Ring) -> Stored<()> {
        let mut due = self.ctx.now;
        for (leg, phone) in (0_i64..).zip(&ring.phones) {
            self.add_leg(&Leg::new(leg, phone.as_str()), due)?;
            if ring.order == RingOrder::InTurn {
                due += i64::from(ring.seconds) * 1_000 + PROMPT;
            }
        }
        Ok(())
    }

    pub(super) fn add_leg(&self, leg: &Leg, due: Millis) -> Stored<()> {
        leg.save(self.ctx.store)?;
        jobs::add(self.ctx.store, &format!("leg {}", leg.place), "dial", &leg.place.to_string(), due, self.ctx.now)
    }

    /// Whether a phone is still wanted.
    pub(super) fn needs(&self, leg: i64) -> bool {
        match self.row.state {
            State::Ringing => true,
            State::Taken => self.row.claimed == Some(leg),
            state => self.row.is_callback() && state < State::Ended,
        }
    }

    /// Something about a phone that was rung.
    pub(super) fn leg(&mut self, stage: Stage, mut leg: Leg, facts: &Facts) -> Stored<Vec<Verb>> {
        if leg.sid.is_empty() {
            self.learn_sid(&mut leg, &facts.sid)?;
        }
        match stage {
            Stage::Leg if !self.needs(leg.place) => Ok(too_late()),
            Stage::Leg if self.row.is_callback() => self.agent_answered(leg),
            Stage::Leg if self.takes_at_once() => self.claim(leg),
            Stage::Leg => self.asks(leg, ""),
            Stage::Pressed if self.row.is_callback() => self.agent_pressed(leg, &facts.digits),
            Stage::Pressed if facts.digits == "1" => self.claim(leg),
            Stage::Pressed if leg.tries + 1 < MOST_TRIES => {
                leg.tries += 1;
                self.asks(leg, "")
            }
            Stage::LegOver if self.row.is_callback() => self.contact_over(facts),
            Stage::LegOver => self.talk_over(leg.place, facts),
            Stage::LegStatus if facts.is_over() => self.leg_over(leg, facts).map(|()| Vec::new()),
            Stage::LegStatus => Ok(Vec::new()),
            _ => Ok(vec![Verb::Hangup]),
        }
    }

    fn takes_at_once(&self) -> bool {
        self.ctx.hotline.ring.as_ref().is_none_or(|ring| ring.accept == Accept::Answer)
    }

    /// The question, twice; then whatever answered is no person, and is hung up on.
    pub(super) fn asks(&mut self, mut leg: Leg, whom: &str) -> Stored<Vec<Verb>> {
        leg.state = leg.state.max(LegState::Asked);
        leg.save(self.ctx.store)?;
        let digits = self.row.code.len().max(1);
        let prompt = if self.row.is_callback() {
            self.question(whom)
        } else {
            format!("A call for {}. Press 1 to take it.", self.ctx.hotline.name)
        };
        let action = self.address(Stage::Pressed, Some(leg.place));
        let gather = Verb::Gather { action, digits, timeout: KEY_WITHIN_S, prompt };
        Ok(vec![gather.clone(), gather, Verb::Hangup])
    }

    /// The first phone that says so gets the caller; the others stop.
    fn claim(&mut self, mut leg: Leg) -> Stored<Vec<Verb>> {
        if self.row.state == State::Ringing && self.row.claimed.is_none() {
            let now = self.ctx.now;
            self.row.claimed = Some(leg.place);
            self.row.talks_since = Some(now);
            self.row.advance(State::Taken, Some(now + LONGEST_TALK));
            leg.state = leg.state.max(LegState::Asked);
            leg.save(self.ctx.store)?;
            self.keep(leg.place)?;
            self.stop_phones()?;
        }
        if !self.needs(leg.place) {
            return Ok(too_late());
        }
        Ok(vec![Verb::DialQueue {
            queue: self.id.to_owned(),
            action: self.address(Stage::LegOver, Some(leg.place)),
            timeout: CALLER_WITHIN_S,
            time_limit: LONGEST_TALK_S,
        }])
    }

    /// The phone that had the caller is done with them, or never met them.
    fn talk_over(&mut self, leg: i64, facts: &Facts) -> Stored<Vec<Verb>> {
        let met = matches!(facts.result.as_str(), "completed" | "answered");
        if self.row.claimed == Some(leg) && self.row.state == State::Taken {
            if met {
                let now = self.ctx.now;
                let since = self.row.talks_since.unwrap_or(now);
                self.row.seconds = facts.seconds.or(self.row.seconds).or(Some((now - since) / 1_000));
                self.end("answered")?;
            } else if self.row.caller_gone {
                self.end("missed")?;
            } else {
                self.send_to_voicemail()?;
            }
        }
        if met {
            return Ok(vec![Verb::Hangup]);
        }
        Ok(vec![Verb::Say("The caller has hung up. Goodbye.".to_owned()), Verb::Hangup])
    }

    /// A phone's own call is over: it was busy, was not answered, was declined, was stopped, or has talked.
    pub(super) fn leg_over(&mut self, leg: Leg, facts: &Facts) -> Stored<()> {
        // A call that was made twice, since its answer was lost, ends twice.
        if !facts.sid.is_empty() && facts.sid != leg.sid {
            return Ok(());
        }
        let number = leg.place;
        self.end_leg(leg)?;
        if self.row.is_callback() {
            self.agent_over(&facts.status)
        } else if self.row.claimed == Some(number) && self.row.state == State::Taken {
            let now = self.ctx.now;
            if let Some(since) = self.row.talks_since.filter(|since| now - since > COUNTS_AS_TALK_AFTER) {
                // Nobody waits so long for a caller who is not there: they have talked.
                self.row.seconds = self.row.seconds.or(Some((now - since) / 1_000));
            }
            let soon = now + CALLBACK_GRACE;
            self.row.deadline = self.row.deadline.map(|end| end.min(soon));
            Ok(())
        } else {
            self.next_or_nobody(number)
        }
    }

    /// Somebody talks on a phone: it is held for as long as that may take.
    pub(super) fn keep(&self, leg: i64) -> Stored<()> {
        self.add_for(leg, "keep")
    }

    /// A phone rings no more: it is given back for other calls.
    pub(super) fn end_leg(&self, mut leg: Leg) -> Stored<()> {
        if leg.state == LegState::Ended {
            return Ok(());
        }
        leg.state = LegState::Ended;
        leg.save(self.ctx.store)?;
        self.free(leg.place)
    }

    pub(super) fn free(&self, leg: i64) -> Stored<()> {
        self.add_for(leg, "free")
    }

    /// A job about a phone, in a lane of its own.
    fn add_for(&self, leg: i64, kind: &str) -> Stored<()> {
        self.add(&format!("{kind} {leg}"), kind, &leg.to_string())
    }

    /// The next phone's permit has come, or nobody is left.
    pub(super) fn next_or_nobody(&mut self, leg: i64) -> Stored<()> {
        if self.row.state != State::Ringing {
            return Ok(());
        }
        let store = self.ctx.store;
        for job in jobs::about(store, "dial", &(leg + 1).to_string())? {
            jobs::save(store, &jobs::Job { due: job.due.min(self.ctx.now), ..job })?;
        }
        let legs = Leg::all(store)?;
        let asked = legs.iter().any(|leg| leg.state == LegState::Asked);
        let none_left = legs.iter().all(|leg| leg.state == LegState::Ended);
        if none_left || (self.ctx.now >= self.ring_until() && !asked) {
            self.send_to_voicemail()?;
        }
        Ok(())
    }

    /// Twilio has said which call this phone's is. It may be wanted no more since it was asked for.
    pub(super) fn learn_sid(&self, leg: &mut Leg, sid: &str) -> Stored<()> {
        sid.clone_into(&mut leg.sid);
        leg.save(self.ctx.store)?;
        if sid.is_empty() || self.needs(leg.place) { Ok(()) } else { self.stop(leg) }
    }

    /// Stops every phone that is not wanted any more.
    pub(super) fn stop_phones(&self) -> Stored<()> {
        for leg in Leg::all(self.ctx.store)? {
            if leg.state == LegState::Ended || self.needs(leg.place) || self.row.claimed == Some(leg.place) {
                continue;
            }
            let dials = jobs::about(self.ctx.store, "dial", &leg.place.to_string())?;
            if leg.sid.is_empty() && dials.iter().all(|job| job.phase == jobs::Phase::Waiting) {
                self.end_leg(leg)?;
            } else if !leg.sid.is_empty() {
                self.stop(&leg)?;
            }
        }
        Ok(())
    }

    pub(super) fn stop(&self, leg: &Leg) -> Stored<()> {
        let stopping = jobs::about(self.ctx.store, "stop", &leg.place.to_string())?;
        if leg.state == LegState::Ended || !stopping.is_empty() {
            return Ok(());
        }
        self.add_for(leg.place, "stop")
    }
}

fn too_late() -> Vec<Verb> {
    vec![Verb::Say("Somebody else has taken this call, or the caller has hung up. Goodbye.".to_owned()), Verb::Hangup]
}
