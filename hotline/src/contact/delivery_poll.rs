//! Status callbacks are best effort at Twilio: of a text whose end was not told, it is asked after.

use super::outgoing_text::OutgoingText;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::work::{Job, Work};
use super::{Contact, StepContext};
use crate::answer::{ACCOUNT_PAUSE, Answer};
use crate::effects::Millis;
use crate::jobs::{self, Next};
use crate::storage::Stored;
use crate::twilio::request as twilio;
use crate::twilio::status::Delivery;

/// How long after it left, and then after the last question, a text is asked after: when a callback would have come,
/// when a phone that was off for a while is on again, within the ten hours that Twilio keeps a text in its queue (Twilio,
/// Message resource: `ValidityPeriod`), and after them. A carrier that has told nothing by then never will.
const ASKED_AFTER: [Millis; 4] = [60_000, 15 * 60_000, 9 * 3_600_000, 3 * 3_600_000];

/// How often Twilio may leave a question without an answer.
const MOST_SILENCES: i64 = 8;

impl Contact {
    /// A text is with Twilio; should we hear no end of it, it is asked after.
    pub(super) fn enqueue_delivery_poll(ctx: &StepContext, message: &OutgoingText) -> Stored<()> {
        let [first, ..] = ASKED_AFTER;
        let poll = Work::PollDelivery { message: message.id.clone(), asked: 0 };
        jobs::add(ctx.store, &format!("state {}", message.id), &poll, ctx.now + first, ctx.now)
    }

    pub(super) fn begin_poll(&mut self, ctx: &StepContext, job: &Job) -> Stored<Next> {
        let message = OutgoingText::load(ctx.store, job.work.message())?.filter(|message| !message.delivery.is_final());
        let Some(sid) = message.and_then(|message| message.sid) else { return Ok(Next::Done) };
        let request = twilio::fetch_message(&ctx.config.secrets.twilio_account_sid, &sid);
        // Reading is not scarce at Twilio: no rate limiter.
        Ok(self.send(ctx, job, PendingRequest::new(RequestKind::AskState), request))
    }

    pub(super) fn on_delivery_polled(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut message) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        let reply = match answer {
            Answer::Done(response) => twilio::Message::read(&response.json()),
            Answer::Refused(_) | Answer::Gone(_) | Answer::ConversationFull => None,
            Answer::TokenRefused | Answer::AccountRefused => {
                job.due = ctx.now + ACCOUNT_PAUSE;
                return Ok(Next::Wait);
            }
            Answer::Lost(_) | Answer::TooManyRequests(_) => {
                job.retry(ctx.now);
                return Ok(if job.attempts < MOST_SILENCES { Next::Wait } else { Next::Done });
            }
        };
        let Some(reply) = reply else { return Ok(Next::Done) };
        let delivery = Delivery::read(&reply.status).unwrap_or(message.delivery);
        self.advance(ctx, person, &mut message, &reply.sid, delivery, reply.code)?;
        let Work::PollDelivery { asked, .. } = &mut job.work else { return Ok(Next::Done) };
        *asked += 1;
        let next = ASKED_AFTER.get(*asked);
        match next {
            Some(wait) if !message.delivery.is_final() => {
                (job.attempts, job.due) = (0, ctx.now + wait);
                Ok(Next::Wait)
            }
            Some(_) => Ok(Next::Done),
            None => Self::enqueue_price_without_end(ctx, &message).map(|()| Next::Done),
        }
    }
}
