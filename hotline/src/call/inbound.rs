//! A call comes in: the phones ring, or voicemail answers.

use super::leg_rows::Leg;
use super::row::State;
use super::times::{CALLBACK_GRACE, COUNTS_AS_TALK_AFTER, PROMPT};
use super::work::Work;
use super::{CallContext, Reception};
use crate::config::{Closed, RingOrder};
use crate::effects::Millis;
use crate::storage::Stored;
use crate::twilio::calls::{Facts, LONGEST_TALK, Stage};
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
        if !facts.queue.is_empty() {
            self.row.queue.clone_from(&facts.queue);
        }
        match (stage, leg) {
            (Stage::Incoming, _) => self.incoming(new, open, reception),
            (Stage::Over, _) if facts.is_over() => self.caller_left().map(|()| Vec::new()),
            (Stage::Wait, _) => self.wait(),
            (Stage::Queue, _) => self.left_queue(facts),
            (Stage::Voicemail, _) => self.at_voicemail(),
            (Stage::Recorded, _) => self.recorded(facts),
            (Stage::Recording, _) => self.recording(facts).map(|()| Vec::new()),
            (Stage::Transcript, _) => self.transcript(facts).map(|()| Vec::new()),
            (Stage::ContactStatus, _) => {
                self.contact_status(facts);
                Ok(Vec::new())
            }
            (_, Some(leg)) => match Leg::load(self.ctx.store, leg)? {
                Some(leg) => self.leg(stage, &leg, facts),
                None => Ok(vec![Verb::Hangup]),
            },
            _ => Ok(Vec::new()),
        }
    }

    fn incoming(&mut self, new: bool, open: bool, reception: Reception) -> Stored<Vec<Verb>> {
        let hotline = self.ctx.hotline;
        if !new {
            return match self.row.state {
                State::Ringing | State::Taken => Ok(self.enqueue()),
                State::Ended => Ok(vec![Verb::Reject]),
                _ => self.at_voicemail(),
            };
        }
        if reception == Reception::Rejected {
            // Their person's object has counted it, and told the agents once.
            self.row.end("rejected");
            return Ok(vec![Verb::Reject]);
        }
        match (&hotline.ring, &hotline.hours) {
            (_, Some(hours)) if !open && hours.closed == Closed::Reject => {
                self.end("closed")?;
                Ok(vec![Verb::Reject])
            }
            (Some(ring), _) if open && reception == Reception::Usual => {
                self.row.deadline = Some(self.ring_until());
                self.ring(ring)?;
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
        let (row, now) = (&self.row, self.ctx.now);
        let stays = match row.state {
            State::Ringing => true,
            State::Taken => row.talks_since.is_some_and(|since| now < since + COUNTS_AS_TALK_AFTER),
            State::Voicemail => {
                row.deadline.is_some_and(|end| now < end - super::voicemail::longest(self.ctx.hotline) + MOVING)
            }
            _ => false,
        };
        if !stays {
            return Ok(vec![Verb::Leave]);
        }
        Ok(vec![Verb::Play(format!("{}/assets/ringing.wav", self.ctx.config.public_url))])
    }

    /// The caller has left the queue: taken, gone, or on their way to voicemail.
    fn left_queue(&mut self, facts: &Facts) -> Stored<Vec<Verb>> {
        let now = self.ctx.now;
        match (facts.result.as_str(), self.row.state) {
            ("bridged", _) => {
                if self.row.state == State::Taken && self.row.seconds.is_none() {
                    self.row.seconds = self.row.talks_since.map(|since| (now - since) / 1_000);
                    self.row.deadline = Some(now + CALLBACK_GRACE);
                }
                Ok(vec![Verb::Hangup])
            }
            // They hung up in the queue: whoever had pressed 1 for them never met them (Twilio, Enqueue: QueueResult).
            ("hangup", State::Taken) => {
                self.row.caller_gone = true;
                self.end("missed").map(|()| vec![Verb::Hangup])
            }
            ("hangup", _) => self.caller_left().map(|()| vec![Verb::Hangup]),
            (_, State::Ended) => Ok(vec![Verb::Hangup]),
            _ => self.at_voicemail(),
        }
    }

    /// The caller has hung up, at whatever stage.
    pub(super) fn caller_left(&mut self) -> Stored<()> {
        let now = self.ctx.now;
        if self.row.caller_gone || self.row.is_callback() {
            return Ok(());
        }
        self.row.caller_gone = true;
        match self.row.state {
            State::Ringing if !self.row.queue.is_empty() => return self.end("missed"),
            // They never came to the queue: they may have left a message all the same.
            State::Ringing => {
                self.comes_to_voicemail()?;
                self.row.deadline = Some(now + super::voicemail::FILED);
            }
            State::Taken => self.row.deadline = self.row.deadline.map(|end| end.min(now + CALLBACK_GRACE)),
            // A message may be there: its file is told of later.
            State::Voicemail if self.row.recording.is_empty() => {
                self.row.deadline = Some(now + super::voicemail::FILED);
            }
            _ => {}
        }
        Ok(())
    }

    /// This state has lasted too long.
    pub(super) fn overdue(&mut self) -> Stored<()> {
        let now = self.ctx.now;
        if self.row.deadline.is_none_or(|deadline| now < deadline) {
            return Ok(());
        }
        self.row.deadline = None;
        match self.row.state {
            State::Ringing => self.nobody_came(),
            State::Taken => self.talked_or_not(),
            State::Voicemail => self.look_for_message(),
            _ => self.back_overdue(),
        }
    }

    /// Somebody who is just hearing the question may still press 1.
    fn nobody_came(&mut self) -> Stored<()> {
        let until = self.ring_until() + PROMPT;
        if self.ctx.now < until && self.somebody_is_asked()? {
            self.row.deadline = Some(until);
            return Ok(());
        }
        self.send_to_voicemail()
    }

    /// A phone had taken the caller; everything about the end has been told, or never will be.
    fn talked_or_not(&mut self) -> Stored<()> {
        let since = self.row.talks_since.unwrap_or(self.ctx.now);
        let hung_up = self.claimed_call()?.is_none_or(|call| !call.is_live());
        let together = self.row.seconds.is_some() || self.ctx.now >= since + LONGEST_TALK;
        if together || (self.row.caller_gone && self.ctx.now > since + COUNTS_AS_TALK_AFTER + CALLBACK_GRACE) {
            self.end("answered")
        } else if self.row.caller_gone {
            self.end("missed")
        } else if hung_up {
            self.send_to_voicemail()
        } else {
            self.talk_overdue()
        }
    }

    /// Nobody takes the caller: the phones stop, and Twilio is asked to take the caller to voicemail.
    pub(super) fn send_to_voicemail(&mut self) -> Stored<()> {
        if self.row.state >= State::Voicemail {
            return Ok(());
        }
        self.comes_to_voicemail()?;
        if self.row.queue.is_empty() {
            // They never came to the queue: the answer that sent them there was lost, and they got voicemail instead.
            return Ok(());
        }
        self.add(&Work::Redirect)
    }
}
