//! What a caller meets: the phones ring, or voicemail answers.

use super::callback::CallbackEvent;
use super::inbound::InboundEvent;
use super::leg_rows::Leg;
use super::row::{CallKind, InboundState};
use super::times::{COUNTS_AS_TALK_AFTER, PROMPT};
use super::{CallContext, Reception};
use crate::config::{Closed, RingOrder};
use crate::effects::Millis;
use crate::storage::Stored;
use crate::twilio::calls::{Facts, Stage};
use crate::twilio::twiml::Verb;

/// How soon a caller who is redirected to voicemail asks for it; until then they hear ringing.
const MOVING: Millis = 5_000;

impl CallContext<'_> {
    /// Twilio asks or tells something; what whoever is on the line meets next.
    pub(super) fn twilio(
        &mut self,
        new: bool,
        stage: Stage,
        leg: Option<i64>,
        facts: &Facts,
        open: bool,
        reception: Reception,
    ) -> Stored<Vec<Verb>> {
        let nothing = |()| Vec::new();
        match stage {
            Stage::Leg | Stage::Pressed | Stage::LegOver | Stage::LegStatus => {
                let leg = leg.map_or(Ok(None), |leg| Leg::load(self.ctx.store, leg))?;
                return leg.map_or(Ok(vec![Verb::Hangup]), |leg| self.leg(stage, &leg, facts));
            }
            Stage::ContactStatus => return self.contact_status(facts).map(nothing),
            Stage::ContactAnsweredBy => {
                return self.on_callback(CallbackEvent::AnsweredBy(facts.answered_by)).map(nothing);
            }
            _ => {}
        }
        // The rest is about callers.
        let CallKind::Inbound(call) = &mut self.row.kind else { return Ok(vec![Verb::Hangup]) };
        if !facts.queue.is_empty() {
            call.queue.clone_from(&facts.queue);
        }
        match stage {
            Stage::Incoming if new => self.incoming(open, reception),
            Stage::Incoming => match call.state {
                InboundState::Ringing | InboundState::Taken => Ok(self.enqueue()),
                InboundState::Voicemail => self.at_voicemail(),
                InboundState::Ended(_) => Ok(vec![Verb::Reject]),
            },
            Stage::Over if facts.is_over() => self.on_inbound(InboundEvent::HungUp).map(nothing),
            Stage::Wait => self.wait(),
            Stage::Queue => self.left_queue(facts),
            Stage::Voicemail => self.at_voicemail(),
            Stage::Recorded => self.recorded(facts),
            Stage::Recording => self.recording(facts).map(nothing),
            Stage::Transcript => self.transcript(facts).map(nothing),
            _ => Ok(Vec::new()),
        }
    }

    fn incoming(&mut self, open: bool, reception: Reception) -> Stored<Vec<Verb>> {
        let hotline = self.ctx.hotline;
        if reception == Reception::Rejected {
            // Their person's object has counted it, and told the agents once.
            return self.on_inbound(InboundEvent::Reject).map(|()| vec![Verb::Reject]);
        }
        match (&hotline.ring, &hotline.hours) {
            (_, Some(hours)) if !open && hours.closed == Closed::Reject => {
                self.on_inbound(InboundEvent::Close).map(|()| vec![Verb::Reject])
            }
            (Some(ring), _)
                if open && reception == Reception::Usual && !self.row.number.is_empty() && self.ring(ring)? =>
            {
                self.on_inbound(InboundEvent::Extend(self.ring_until()))?;
                Ok(self.enqueue())
            }
            _ => self.at_voicemail(),
        }
    }

    fn enqueue(&self) -> Vec<Verb> {
        vec![Verb::Enqueue {
            queue: self.id.to_owned(),
            action: self.address(Stage::Queue, None),
            wait_url: self.address(Stage::Wait, None),
        }]
    }

    /// When ringing is over: all phones at once, or one after the other.
    pub(super) fn ring_until(&self) -> Millis {
        let Some(ring) = &self.ctx.hotline.ring else { return self.row.since };
        let once = i64::from(ring.seconds) * 1_000;
        let phones = i64::try_from(ring.phones.len()).unwrap_or(1);
        self.row.since + if ring.order == RingOrder::All { once } else { (once + PROMPT) * phones }
    }

    /// What the caller hears while phones ring: ringing. It is asked for every few seconds, so that whatever else fails,
    /// a caller whose time is over leaves the queue here.
    fn wait(&mut self) -> Stored<Vec<Verb>> {
        self.overdue()?;
        let now = self.ctx.now;
        let stays = match self.row.inbound_state() {
            Some(InboundState::Ringing) => true,
            Some(InboundState::Taken) => {
                let taken = self.row.talk.as_ref().and_then(|talk| talk.since);
                taken.is_some_and(|since| now < since + COUNTS_AS_TALK_AFTER)
            }
            Some(InboundState::Voicemail) => {
                let longest = super::voicemail::longest(self.ctx.hotline);
                self.row.deadline.is_some_and(|end| now < end - longest + MOVING)
            }
            Some(InboundState::Ended(_)) | None => false,
        };
        if !stays {
            return Ok(vec![Verb::Leave]);
        }
        Ok(vec![Verb::Play(format!("{}/assets/ringing.wav", self.ctx.config.public_url))])
    }

    /// The caller has left the queue: taken, gone, or on their way to voicemail.
    fn left_queue(&mut self, facts: &Facts) -> Stored<Vec<Verb>> {
        match facts.result.as_str() {
            "bridged" => self.on_inbound(InboundEvent::Bridged)?,
            "hangup" => self.on_inbound(InboundEvent::HungUpInQueue)?,
            _ => return self.at_voicemail(),
        }
        Ok(vec![Verb::Hangup])
    }

    /// A state has lasted too long.
    pub(super) fn inbound_overdue(&mut self, state: InboundState) -> Stored<()> {
        match state {
            InboundState::Ringing => {
                // Somebody who is just hearing the question may still press 1.
                let until = self.ring_until() + PROMPT;
                let is_asked = self.ctx.now < until && self.somebody_is_asked()?;
                self.on_inbound(if is_asked { InboundEvent::Extend(until) } else { InboundEvent::NotTaken })
            }
            InboundState::Taken => {
                let phone_hung_up = self.phone_hung_up()?;
                let asked_in_vain = self.asked_in_vain_about_meeting()?;
                self.on_inbound(InboundEvent::TalkOverdue { phone_hung_up, asked_in_vain })
            }
            InboundState::Voicemail => self.look_for_message(),
            InboundState::Ended(_) => Ok(()),
        }
    }
}
