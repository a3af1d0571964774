//! What a program's message cost. Twilio knows it some time after the message has ended, and tells nobody: it is asked.

use protocol::v1::Price;

use super::outgoing_text::OutgoingText;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::timeline::Entry;
use super::work::{Job, Work};
use super::{Contact, StepContext};
use crate::answer::{ACCOUNT_PAUSE, Answer};
use crate::domain::decimal;
use crate::effects::Millis;
use crate::jobs::{self, Next};
use crate::storage::Stored;
use crate::twilio::request as twilio;
use crate::twilio::status::Delivery;

/// How long after a message has ended, and then after the last question, it is asked what it cost: when most are priced, and for
/// the rest within a day and some hours. What a carrier charged nothing for has no price, however long one waits.
const ASKED_AFTER: [Millis; 4] = [10 * 60_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];

/// How often Twilio may leave one question without an answer.
const MOST_SILENCES: i64 = 8;

fn lane(message: &str) -> String {
    format!("price {message}")
}

impl Contact {
    /// What has ended of an entry of a program's is asked for its price.
    pub(super) fn enqueue_prices(ctx: &StepContext, entry: &Entry) -> Stored<()> {
        let [first, ..] = ASKED_AFTER;
        for text in OutgoingText::of_entry(ctx.store, entry.seq)? {
            if text.delivery.is_final() {
                Self::enqueue_price(ctx, &text, first)?;
            }
        }
        Ok(())
    }

    /// Nothing tells its end, if it has one: it is asked for its price all the same.
    pub(super) fn enqueue_price_without_end(ctx: &StepContext, text: &OutgoingText) -> Stored<()> {
        let is_of_program = |entry: Entry| entry.program_message().is_some();
        let is_wanted = Entry::load(ctx.store, text.entry)?.is_some_and(is_of_program);
        if is_wanted { Self::enqueue_price(ctx, text, 0) } else { Ok(()) }
    }

    fn enqueue_price(ctx: &StepContext, text: &OutgoingText, wait: Millis) -> Stored<()> {
        let lane = lane(&text.id);
        if text.sid.is_none() || text.price.is_some() || jobs::head_of::<Work>(ctx.store, &lane)?.is_some() {
            return Ok(());
        }
        let work = Work::Price { message: text.id.clone(), asked: 0 };
        jobs::add(ctx.store, &lane, &work, ctx.now + wait, ctx.now)
    }

    pub(super) fn begin_price(&mut self, ctx: &StepContext, job: &Job) -> Stored<Next> {
        let Some(sid) = OutgoingText::load(ctx.store, job.work.message())?.and_then(|text| text.sid) else {
            return Ok(Next::Done);
        };
        let request = twilio::fetch_message(&ctx.config.secrets.twilio_account_sid, &sid);
        // Reading is not scarce at Twilio: no rate limiter.
        Ok(self.send(ctx, job, PendingRequest::new(RequestKind::AskPrice), request))
    }

    pub(super) fn on_price_asked(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut text) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        let reply = match answer {
            Answer::Done(response) => twilio::Message::read(&response.json()),
            Answer::Refused(_) | Answer::Gone(_) | Answer::ConversationFull => return without_price(ctx, text),
            Answer::TokenRefused | Answer::AccountRefused => {
                job.due = ctx.now + ACCOUNT_PAUSE;
                return Ok(Next::Wait);
            }
            Answer::Lost(_) | Answer::TooManyRequests(_) if job.attempts < MOST_SILENCES => {
                job.retry(ctx.now);
                return Ok(Next::Wait);
            }
            Answer::Lost(_) | Answer::TooManyRequests(_) => None,
        };
        if let Some(reply) = reply {
            // It may have come further since.
            let delivery = Delivery::read(&reply.status).unwrap_or(text.delivery);
            self.advance(ctx, person, &mut text, &reply.sid, delivery, reply.code)?;
            if let Some(price) = reply.price {
                text.save_price(ctx.store, &price, &reply.price_unit)?;
                return index(ctx, &text).map(|()| Next::Done);
            }
        }
        let Work::Price { asked, .. } = &mut job.work else { return Ok(Next::Done) };
        *asked += 1;
        match ASKED_AFTER.get(*asked) {
            Some(wait) => {
                (job.attempts, job.due) = (0, ctx.now + wait);
                Ok(Next::Wait)
            }
            None => without_price(ctx, text),
        }
    }
}

/// It has none, and never will.
fn without_price(ctx: &StepContext, mut text: OutgoingText) -> Stored<Next> {
    text.save_price(ctx.store, "", "")?;
    index(ctx, &text).map(|()| Next::Done)
}

fn index(ctx: &StepContext, text: &OutgoingText) -> Stored<()> {
    let number = Entry::load(ctx.store, text.entry)?.and_then(|entry| entry.program_message());
    number.map_or(Ok(()), |number| Contact::enqueue_index(ctx, number))
}

/// What texts cost together; `None` as long as one of them is not priced, or when none has a price.
pub(super) fn price<'a>(texts: impl Iterator<Item = &'a OutgoingText>) -> Option<Price> {
    let left: Vec<&OutgoingText> = texts.filter(|text| text.sid.is_some()).collect();
    let known: Vec<&(String, String)> = left.iter().map(|text| text.price.as_ref()).collect::<Option<_>>()?;
    let priced: Vec<&(String, String)> = known.into_iter().filter(|(amount, _)| !amount.is_empty()).collect();
    let (_, currency) = priced.first()?;
    let is_same = priced.iter().all(|(_, other)| other == currency);
    let amount = decimal::sum(priced.iter().map(|(amount, _)| amount.as_str())).filter(|_| is_same)?;
    Some(Price { amount, currency: currency.clone() })
}
