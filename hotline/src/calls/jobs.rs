//! What a call asks of Twilio, of the phones' Gates and of other objects, as jobs in lanes of their own.

use super::legs::LONGEST_TALK_S;
use super::row::{Leg, LegState, State};
use super::{Errand, Here};
use crate::answer::Answer;
use crate::config::{Ring, RingOrder};
use crate::effect::{Ask, GateName, Millis, Priority, Report, Tell, Told, Turn};
use crate::queue::{self, Job, Phase};
use crate::store::Stored;
use crate::twilio::calls::{self, NewCall, Stage};
use crate::{contact, desk, wire};

/// A Gate that says so soon could not be reached, or its phone is just being given back: it is worth asking again.
const SOON: Millis = 3_000;

/// How soon Twilio tells of a call that it has made (`initiated` comes at once): one that it has not told of by then was
/// not made, and its phone is rung after all.
const TOLD_WITHIN: Millis = 3_000;

/// How often a phone is dialled whose call got no answer from Twilio.
const MOST_DIALS: i64 = 3;

/// How often Twilio is asked to do away with an empty queue; one that stays does no harm.
const MOST_SWEEPS: i64 = 5;

/// How long an agent's own phone rings; most carriers go to voicemail after that.
pub(super) const AGENT_RINGS_S: u32 = 30;

/// What a phone is held for beyond its ringing: the question, and requests each way.
const HELD_LONGER_S: i64 = 60;

impl Here<'_> {
    /// The whole address of a stage of this call.
    pub(super) fn address(&self, stage: Stage, leg: Option<i64>) -> String {
        stage.address(self.scene.config, self.scene.hotline.mailbox, self.id, leg)
    }

    pub(super) fn add(&self, lane: &str, kind: &str, subject: &str) -> Stored<()> {
        queue::add(self.scene.store, lane, kind, subject, self.scene.now, self.scene.now)
    }

    /// Begins a job: the head of its lane, due, and not under way.
    pub(super) fn begin(&mut self, job: &mut Job) -> Stored<Errand> {
        match job.kind.as_str() {
            "dial" => self.begin_dial(job),
            "keep" | "free" | "stop" => self.begin_about_phone(job),
            "move" => Ok(self.begin_move()),
            "report" => self.begin_report(job),
            "push" => Ok(Errand::tell(self.to_contact(contact::Message::Push { frame: job.subject.clone() }))),
            "desk" => Ok(wire::read::<desk::Message>(&job.subject)
                .map_or(Errand::Done, |message| Errand::tell(Tell::Hotline(message)))),
            "sweep" => Ok(Errand::Send(calls::delete_queue(self.scene.config, &job.subject))),
            _ => Ok(Errand::Done),
        }
    }

    pub(super) fn to_contact(&self, message: contact::Message) -> Tell {
        Tell::Contact(self.row.party.clone(), message)
    }

    fn leg_of(&self, job: &Job) -> Stored<Option<Leg>> {
        Leg::load(self.scene.store, job.subject.parse().unwrap_or(-1))
    }

    fn begin_dial(&mut self, job: &mut Job) -> Stored<Errand> {
        let Some(leg) = self.leg_of(job)?.filter(|leg| leg.sid.is_empty() && leg.state < LegState::Ended) else {
            return Ok(Errand::Done);
        };
        if job.phase != Phase::Waiting && self.scene.now < job.sent_at + TOLD_WITHIN {
            job.due = job.sent_at + TOLD_WITHIN;
            return Ok(Errand::Wait);
        }
        if !self.needs(leg.place) || job.looks >= MOST_DIALS {
            return self.not_dialled(leg, "failed");
        }
        if leg.place > 0 && !self.row.is_back() {
            // In turn: the phone before has had its time.
            self.stop_before(leg.place)?;
        }
        Ok(self.hold(&leg, i64::from(self.rings_for()) + HELD_LONGER_S))
    }

    fn stop_before(&self, leg: i64) -> Stored<()> {
        let in_turn = |ring: &Ring| ring.order == RingOrder::InTurn;
        if !self.scene.hotline.ring.as_ref().is_some_and(in_turn) {
            return Ok(());
        }
        for before in
            Leg::all(self.scene.store)?.into_iter().filter(|before| before.place < leg && !before.sid.is_empty())
        {
            self.stop(&before)?;
        }
        Ok(())
    }

    /// A phone does not ring, and why: as Twilio would say it of a call.
    fn not_dialled(&mut self, leg: Leg, why: &str) -> Stored<Errand> {
        let number = leg.place;
        self.end_leg(leg)?;
        if self.row.is_back() {
            self.agent_over(why)?;
        } else {
            self.next_or_nobody(number)?;
        }
        Ok(Errand::Done)
    }

    fn hold(&self, leg: &Leg, seconds: i64) -> Errand {
        let id = self.holder(leg.place);
        let gate = GateName::Phone { number: leg.phone.clone() };
        Errand::Turn(gate, Ask { id, cost: seconds, priority: Priority::Conversation })
    }

    fn holder(&self, leg: i64) -> String {
        format!("{}/{leg}", self.id)
    }

    /// Seconds that a phone rings.
    fn rings_for(&self) -> u32 {
        match &self.scene.hotline.ring {
            Some(ring) if !self.row.is_back() => ring.seconds,
            _ => AGENT_RINGS_S,
        }
    }

    /// The Gate of a phone has answered.
    pub(super) fn turn(&mut self, job: &mut Job, turn: &Turn) -> Stored<Errand> {
        let Some(leg) = self.leg_of(job)? else { return Ok(Errand::Done) };
        if leg.state == LegState::Ended {
            // It was given back before it was had.
            self.free(leg.place)?;
            return Ok(Errand::Done);
        }
        match turn {
            _ if job.kind == "keep" => Ok(Errand::Done),
            Turn::At(at) if *at <= self.scene.now + SOON => {
                job.due = *at;
                Ok(Errand::Wait)
            }
            // Somebody talks on it, for whichever hotline.
            Turn::At(_) => self.not_dialled(leg, "busy"),
            Turn::Go { .. } if !self.needs(leg.place) => self.not_dialled(leg, "failed"),
            Turn::Go { .. } => self.dial(job, &leg),
        }
    }

    fn dial(&self, job: &mut Job, leg: &Leg) -> Stored<Errand> {
        // `leaves` begins the looks anew; here they count how often it left.
        let dials = job.looks + 1;
        job.leaves("call", String::new(), self.scene.now);
        job.looks = dials;
        queue::save(self.scene.store, job)?;
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
        Ok(Errand::Send(calls::create_call(self.scene.config, &new)))
    }

    fn begin_about_phone(&mut self, job: &Job) -> Stored<Errand> {
        let Some(leg) = self.leg_of(job)? else { return Ok(Errand::Done) };
        let over = leg.state == LegState::Ended;
        Ok(match job.kind.as_str() {
            "keep" if !over => self.hold(&leg, i64::from(LONGEST_TALK_S) + HELD_LONGER_S),
            "free" => {
                let report = Report { over: Some(self.holder(leg.place)), ..Report::default() };
                Errand::tell(Tell::Gate(GateName::Phone { number: leg.phone }, report))
            }
            "stop" if !leg.sid.is_empty() => Errand::Send(calls::end_call(self.scene.config, &leg.sid)),
            _ => Errand::Done,
        })
    }

    fn begin_move(&self) -> Errand {
        if self.row.state != State::Voicemail || self.row.caller_gone {
            return Errand::Done;
        }
        Errand::Send(calls::redirect_call(self.scene.config, self.id, &self.address(Stage::Voicemail, None)))
    }

    /// Twilio has answered.
    pub(super) fn answered(&mut self, job: &mut Job, answer: Answer) -> Stored<Errand> {
        match job.kind.as_str() {
            "dial" => self.dialled(job, answer),
            "report" => self.fetched(job, answer),
            kind => {
                let done = matches!(answer, Answer::Done(_) | Answer::Refused(_) | Answer::Gone(_));
                if done
                    && kind == "stop"
                    && let Some(leg) = self.leg_of(job)?
                {
                    let number = leg.place;
                    self.end_leg(leg)?;
                    self.next_or_nobody(number)?;
                }
                if done || (kind == "sweep" && job.attempts >= MOST_SWEEPS) {
                    return Ok(Errand::Done);
                }
                job.retry(self.scene.now);
                Ok(Errand::Wait)
            }
        }
    }

    fn dialled(&mut self, job: &mut Job, answer: Answer) -> Stored<Errand> {
        let Some(mut leg) = self.leg_of(job)? else { return Ok(Errand::Done) };
        match answer {
            Answer::Done(response) => {
                let sid = response.json().get("sid").text().to_owned();
                if leg.sid.is_empty() {
                    self.learn_sid(&mut leg, &sid)?;
                }
                Ok(Errand::Done)
            }
            Answer::Lost(_) => {
                job.phase = Phase::Unsettled;
                job.due = self.scene.now + TOLD_WITHIN;
                Ok(Errand::Wait)
            }
            Answer::Later(wait) => {
                job.phase = Phase::Waiting;
                job.due = self.scene.now + wait;
                Ok(Errand::Wait)
            }
            Answer::Refused(response) => {
                let code = crate::twilio::request::error_code(&response.json()).unwrap_or(0);
                self.learn(&format!("phone: Twilio error {code}"))?;
                self.not_dialled(leg, "failed")
            }
            Answer::TokenRefused | Answer::AccountRefused | Answer::Gone(_) | Answer::Full => {
                self.learn("account: Twilio makes no calls for us")?;
                self.not_dialled(leg, "failed")
            }
        }
    }

    /// Something that an operator must know.
    pub(super) fn learn(&self, what: &str) -> Stored<()> {
        self.tell_desk(&desk::Message::Failed { what: what.to_owned(), at: self.scene.now })
    }

    pub(super) fn tell_desk(&self, message: &desk::Message) -> Stored<()> {
        self.add("desk", "desk", &wire::write(message))
    }

    /// Another object has answered.
    pub(super) fn told(&mut self, job: &mut Job, told: Told) -> Stored<Errand> {
        match told {
            Told::Unreachable => job.retry(self.scene.now),
            Told::Later(wait) => job.due = self.scene.now + wait,
            Told::Says { body, .. } if job.kind == "report" => self.named(job, &body),
            _ => return Ok(Errand::Done),
        }
        Ok(Errand::Wait)
    }
}
