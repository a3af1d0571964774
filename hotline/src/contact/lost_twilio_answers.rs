//! A lost answer of Twilio: the text may have left, so Twilio's list of messages is searched for it before it is sent again.
//! Lost answers of Help Scout: `lost_helpscout_answers.rs`; of Twilio about a call: `call/lookups.rs`.

use super::outgoing_text::OutgoingText;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::sender::address;
use super::timeline::Entry;
use super::work::{Job, Work};
use super::{Contact, PHONE, StepContext};
use crate::answer::{ACCOUNT_PAUSE, Answer, CLOCK_TOLERANCE};
use crate::effects::Millis;
use crate::jobs::{self, Next, State};
use crate::storage::Stored;
use crate::twilio::request::{self as twilio, SEARCH_AT};
use crate::twilio::status::Delivery;

/// An automatic text is never resent: that it is not listed proves nothing. After the last search its delivery is unknown.
const SEARCH_AT_FOR_AUTOMATIC: [Millis; 5] = [10_000, 60_000, 120_000, 300_000, 900_000];

/// How often a text whose answer was lost is sent again after searches that found nothing: a second time would mean that
/// Twilio lost two answers in a row and did neither work, which is for a person to judge.
const MAX_RESENDS: usize = 1;

/// How long Twilio may be out of reach before the agent is told instead: three searches with the queue's back-off.
const MAX_FAILED_SEARCHES: i64 = 3;

/// Remark on a text when nobody knows whether it left.
pub(super) const UNKNOWN_WHETHER_SENT: &str =
    "Twilio did not answer, so we do not know whether this text left. Please check before you send it again.";

/// Remark on a text that was sent again after its answer was lost.
const MAY_HAVE_ARRIVED_TWICE: &str =
    "Twilio did not answer at first, so it was sent a second time; it may have arrived twice.";

impl Contact {
    /// Searches Twilio's list for the text. An automatic text does so in a lane of its own, where it holds up no other.
    pub(super) fn begin_text_search(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        message: &OutgoingText,
    ) -> Stored<Next> {
        if job.lane == PHONE && is_automatic(ctx, message)? {
            jobs::change_lane(ctx.store, job, &format!("{PHONE} {}", message.id))?;
            return Ok(Next::Wait);
        }
        let to = address(person, &message.sender).unwrap_or_default();
        let account = &ctx.config.secrets.twilio_account_sid;
        let request = twilio::list_messages(account, &to);
        // Lists are not scarce at Twilio: no rate limiter.
        Ok(self.send(ctx, job, PendingRequest::new(RequestKind::FindText), request))
    }

    pub(super) fn on_text_list(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut message) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        let response = match answer {
            Answer::Done(response) => response,
            Answer::TooManyRequests(wait) => {
                job.due = ctx.now + wait;
                return Ok(Next::Wait);
            }
            Answer::TokenRefused | Answer::AccountRefused => {
                job.due = ctx.now + ACCOUNT_PAUSE;
                return Ok(Next::Wait);
            }
            _ => return self.on_list_unavailable(ctx, job, message),
        };
        // What a template says is kept at Twilio, and need not be what stands on the timeline.
        let is_content = Self::content_of(ctx, &message)?.is_some();
        let mut body = Self::words_of_text(ctx, job, &message)?;
        if message.says_nothing() {
            // What an erased one said stands in its job alone.
            body = job.create().map(|create| create.said.clone()).unwrap_or_default();
        }
        for made in twilio::read_list(&response.json()) {
            let new = twilio::instant(&made.created_at).is_none_or(|at| at >= job.sent_at() - CLOCK_TOLERANCE);
            let ours = made.is_sent_by(&message.sender) && (is_content || made.body == body);
            if new && ours && !OutgoingText::is_claimed(ctx.store, &made.sid)? {
                self.apply_answer(ctx, person, &mut message, &made, job.sent_at())?;
                return Ok(Next::Done);
            }
        }
        self.on_not_listed(ctx, job, message)
    }

    /// Twilio's list cannot be had.
    fn on_list_unavailable(&mut self, ctx: &StepContext, job: &mut Job, message: OutgoingText) -> Stored<Next> {
        job.attempts += 1;
        let over = matches!(&job.state, State::Uncertain(_, search) if ctx.now >= search.until);
        if over && job.attempts > MAX_FAILED_SEARCHES + i64::try_from(resends(job)).unwrap_or(0) {
            return self.mark_unknown(ctx, message);
        }
        if job.attempts == 1 {
            // That Twilio cannot be reached is news.
            ctx.store.changed(message.entry);
            Self::enqueue_receipt(ctx, message.entry, ctx.now)?;
        }
        job.due = ctx.now + jobs::back_off(job.attempts + 1);
        Ok(Next::Wait)
    }

    /// It is not in Twilio's list.
    fn on_not_listed(&mut self, ctx: &StepContext, job: &mut Job, message: OutgoingText) -> Stored<Next> {
        let automatic = is_automatic(ctx, &message)?;
        let looks: &[Millis] = if automatic { &SEARCH_AT_FOR_AUTOMATIC } else { &SEARCH_AT };
        let sent_at = job.sent_at();
        if let State::Uncertain(_, search) = &mut job.state {
            search.searches += 1;
            // By the clock, not by their number: a rate limiter's word may bring a search before its time.
            if let Some(next) = looks.iter().map(|look| sent_at + look).find(|at| *at > ctx.now) {
                job.due = next.max(ctx.now + 1_000);
                return Ok(Next::Wait);
            }
        }
        match &mut job.work {
            Work::Send { resends, .. } if !automatic && *resends < MAX_RESENDS => *resends += 1,
            _ => return self.mark_unknown(ctx, message),
        }
        job.start_again(ctx.now);
        if let Some(mut entry) = Entry::load(ctx.store, message.entry)? {
            Self::on_channel_settled(ctx, &entry)?;
            entry.add_remark(MAY_HAVE_ARRIVED_TWICE);
            entry.save(ctx.store)?;
            Self::enqueue_receipt(ctx, entry.seq, ctx.now)?;
        }
        Ok(Next::Wait)
    }

    /// The delivery stays unknown unless a status callback still comes. The later parts of the reply make no sense alone.
    fn mark_unknown(&mut self, ctx: &StepContext, mut message: OutgoingText) -> Stored<Next> {
        message.delivery = Delivery::Unknown;
        message.save(ctx.store)?;
        Self::drop_later_parts(ctx, &message, None)?;
        Self::update_entry_delivery(ctx, message.entry, UNKNOWN_WHETHER_SENT)?;
        Ok(Next::Done)
    }
}

fn resends(job: &Job) -> usize {
    if let Work::Send { resends, .. } = job.work { resends } else { 0 }
}

/// Whether no agent wrote it.
fn is_automatic(ctx: &StepContext, message: &OutgoingText) -> Stored<bool> {
    Ok(Entry::load(ctx.store, message.entry)?.is_some_and(|entry| entry.is_automatic()))
}
