//! Status callbacks are best effort at Twilio: of a text whose end was not told, it is asked after.

use super::call::{Call, What};
use super::person::Person;
use super::timeline::Message;
use super::{Contact, Scene};
use crate::answer::Answer;
use crate::effect::Millis;
use crate::queue::{self, Job, Next};
use crate::store::Stored;
use crate::twilio::request as twilio;
use crate::twilio::status::Delivery;

/// How long after it left, and then after the last question, a text is asked after: when a callback would have come,
/// when a phone that was off for a while is on again, and within the ten hours that Twilio keeps a text in its queue
/// (Twilio, Message resource: `ValidityPeriod`). A carrier that has told nothing by then never will.
const ASKED_AFTER: [Millis; 3] = [60_000, 15 * 60_000, 9 * 3_600_000];

/// How often Twilio may leave a question without an answer.
const MOST_SILENCES: i64 = 8;

impl Contact {
    /// A text is with Twilio; should we hear no end of it, it is asked after.
    pub(super) fn will_ask(scene: &Scene, message: &Message) -> Stored<()> {
        let [first, ..] = ASKED_AFTER;
        queue::add(scene.store, &format!("state {}", message.id), "state", &message.id, scene.now + first, scene.now)
    }

    pub(super) fn begin_ask(&mut self, scene: &Scene, job: &Job) -> Stored<Next> {
        let message = Message::load(scene.store, &job.subject)?.filter(|message| !message.delivery.is_final());
        let Some(sid) = message.and_then(|message| message.sid) else { return Ok(Next::Done) };
        let request = twilio::fetch_message(&scene.config.secrets.twilio_account_sid, &sid);
        // Reading is not scarce at Twilio: no Gate.
        Ok(self.send(scene, job, Call::new(What::AskState), request))
    }

    pub(super) fn state_told(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut message) = Message::load(scene.store, &job.subject)? else { return Ok(Next::Done) };
        let told = match answer {
            Answer::Done(response) => twilio::Message::read(&response.json()),
            Answer::Refused(_) | Answer::Gone(_) | Answer::Full => None,
            Answer::Lost(_) | Answer::Later(_) | Answer::TokenRefused | Answer::AccountRefused => {
                job.retry(scene.now);
                return Ok(if job.attempts < MOST_SILENCES { Next::Wait } else { Next::Done });
            }
        };
        let Some(told) = told else { return Ok(Next::Done) };
        let delivery = Delivery::read(&told.status).unwrap_or(message.delivery);
        self.advance(scene, person, &mut message, &told.sid, delivery, told.code)?;
        job.looks += 1;
        let next = usize::try_from(job.looks).ok().and_then(|asked| ASKED_AFTER.get(asked));
        match next {
            Some(wait) if !message.delivery.is_final() => {
                (job.attempts, job.due) = (0, scene.now + wait);
                Ok(Next::Wait)
            }
            _ => Ok(Next::Done),
        }
    }
}
