//! Texts leave for the phone.

use super::delivery::OPTED_IN_SINCE;
use super::pending_request::{Outgoing, PendingRequest, RequestKind};
use super::person::{Person, address};
use super::repeats::{WITHOUT_FILES, has_words_to_save};
use super::replies::{file_read, media_address};
use super::timeline::{Entry, Message};
use super::work::{Job, Work, send_key};
use super::{Contact, StepContext};
use crate::answer::{Answer, Loss, try_again};
use crate::domain::text::segments;
use crate::effects::{Millis, RateLimiterName};
use crate::jobs::{self, Next, Target};
use crate::storage::Stored;
use crate::twilio::errors::{NOT_AUTHORIZED, OPTED_OUT, explain, is_about_the_account};
use crate::twilio::request::{self as twilio, NewMessage};
use crate::twilio::status::Delivery;

/// A reply that was read longer ago than this is read again before it leaves; within it, the reading is "just before".
const FRESH: Millis = 10_000;

/// A text with files leaves so soon after its reply was read: for so long the rate limiter keeps room for Twilio, which
/// fetches them.
const FILES_FRESH: Millis = 30_000;

/// How long a text that nobody wrote by hand is worth sending: after that a greeting or an apology says nothing true.
const WORTH_SENDING: Millis = 4 * 3_600_000;

/// Said of one that was not.
const TOO_LATE: &str = "It waited for hours, so it was not sent any more.";

/// Without this Twilio tells a state once, and not again when we could not store it (Twilio, Webhooks connection
/// overrides: three retries after a 5xx, a failed connection or silence).
const RETRIED: &str = "#rc=3&rp=5xx,ct,rt";

impl Contact {
    pub(super) fn begin_send(&mut self, ctx: &StepContext, person: &mut Person, job: &mut Job) -> Stored<Next> {
        let Some(message) = Message::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        if message.sid.is_some() || message.delivery.is_final() {
            return Ok(Next::Done);
        }
        if job.is_uncertain() {
            return self.look_for_text(ctx, person, job, &message);
        }
        if !person.may_be_texted_by(&message.sender) {
            return self.give_up(ctx, job, message, Some(OPTED_OUT), "");
        }
        if let Some(next) = Self::hold_back(ctx, job, &message)? {
            return Ok(next);
        }
        if ctx.now < self.phone_free_at {
            job.due = self.phone_free_at;
            return Ok(Next::Wait);
        }
        let Some(entry) = Entry::load(ctx.store, message.entry)? else { return Ok(Next::Done) };
        if entry.is_automatic() && ctx.now - entry.at > WORTH_SENDING {
            return self.give_up(ctx, job, message, None, TOO_LATE);
        }
        if message.part == 0
            && message.tries == 0
            && let Some(next) = self.ask_whether_allowed(ctx, person, job, &entry)
        {
            return Ok(next);
        }
        match &entry.conversation {
            Some(conversation) if self.must_be_read(ctx, &entry, &message) => {
                let mut verify = PendingRequest::about(RequestKind::Verify, conversation);
                verify.keeps = message.media.iter().filter_map(|token| file_read(token)).collect();
                self.ask(ctx, person, job, verify)
            }
            _ => self.ask_to_send(ctx, person, job, &message),
        }
    }

    /// Whether Help Scout is asked, before every attempt, if what agents wrote still stands there. A text from the
    /// sidebar stands there later than it leaves; only its conversation can be gone.
    fn must_be_read(&self, ctx: &StepContext, entry: &Entry, message: &Message) -> bool {
        let read_at = self.read_at.filter(|(seq, _)| *seq == entry.seq).map_or(entry.at, |(_, at)| at);
        let written = entry.thread().is_some() || (entry.written_by().is_some() && message.tries > 0);
        // With the permit to read it, room is kept for the reads of its files.
        let keeps_files = message.media.is_empty() || self.read_at.is_some_and(|(seq, _)| seq == entry.seq);
        written && (ctx.now - read_at > FRESH || !keeps_files)
    }

    pub(super) fn ask_to_send(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        message: &Message,
    ) -> Stored<Next> {
        let mut call = PendingRequest::new(RequestKind::SendText);
        let sender = message.sender.clone();
        call.limiter = RateLimiterName::Sender { sender, per_second: ctx.hotline.sends_per_second };
        call.cost = i64::try_from(segments::count(&message.body).segments).unwrap_or(1);
        self.ask(ctx, person, job, call)
    }

    /// The last moment before it leaves: a STOP that came while it waited wins.
    pub(super) fn build_send(&self, ctx: &StepContext, person: &Person, job: &Job) -> Stored<Option<Outgoing>> {
        let Some(message) = Message::load(ctx.store, job.work.message())? else { return Ok(None) };
        let Some(to) = address(person, &message.sender) else { return Ok(None) };
        if !person.may_be_texted_by(&message.sender) || message.delivery.is_final() {
            return Ok(None);
        }
        if message.tries > 0 && Self::comes_too_late(ctx, &message)? {
            return Ok(None);
        }
        let stale = |(seq, at): (i64, Millis)| seq == message.entry && ctx.now - at > FILES_FRESH;
        if !message.media.is_empty() && self.read_at.is_some_and(stale) {
            return Ok(None);
        }
        let callback = format!(
            "{}/twilio/messages/status?h={}&m={}{RETRIED}",
            ctx.config.public_url, ctx.hotline.mailbox, message.id
        );
        let media: Vec<String> = message.media.iter().filter_map(|token| media_address(ctx, token)).collect();
        let new = NewMessage {
            to: &to,
            sender: &message.sender,
            body: &message.body,
            media: &media,
            status_callback: &callback,
        };
        let request = twilio::create_message(&ctx.config.secrets.twilio_account_sid, &new);
        Ok(Some(Outgoing::create(Target::Text, message.body.clone(), request)))
    }

    pub(super) fn sent(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut message) = Message::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        match answer {
            Answer::Done(response) => {
                let made = twilio::Message::read(&response.json());
                let Some(made) = made else { return Ok(super::reconcile::mark_uncertain(job, Loss::Error)) };
                self.phone_free_at = job.sent_at() + time_to_show(&message);
                self.came_further(ctx, person, &mut message, &made, job.sent_at())?;
                Ok(Next::Done)
            }
            Answer::Lost(_) if message.sid.is_some() => Ok(Next::Done),
            Answer::Lost(loss) => {
                job.attempts = 0;
                Ok(super::reconcile::mark_uncertain(job, loss))
            }
            Answer::Later(wait) => {
                // Twilio wants ever longer pauses (error 20429: exponential back-off).
                job.retry(ctx.now);
                job.due = job.due.max(ctx.now + wait);
                Ok(Next::Wait)
            }
            Answer::TokenRefused | Answer::AccountRefused | Answer::Gone(_) | Answer::Full => {
                self.account_refused(ctx, job, message, NOT_AUTHORIZED)
            }
            Answer::Refused(response) => match twilio::error_code(&response.json()) {
                Some(code) if is_about_the_account(code) => self.account_refused(ctx, job, message, code),
                code => self.refused_text(ctx, person, job, message, code),
            },
        }
    }

    /// Twilio refuses the whole account: everything waits until somebody has mended that, and nothing is dropped.
    fn account_refused(&mut self, ctx: &StepContext, job: &mut Job, mut message: Message, code: u32) -> Stored<Next> {
        if message.code != Some(code) {
            self.tell_operator(ctx, Some(code))?;
            message.code = Some(code);
            message.save(ctx.store)?;
            Self::sum_up(ctx, message.entry, "")?;
        }
        Ok(try_again(ctx.now, job, &Answer::AccountRefused))
    }

    /// The text itself is refused: for good, or it keeps its place and is tried again.
    fn refused_text(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut message: Message,
        code: Option<u32>,
    ) -> Stored<Next> {
        if code == Some(OPTED_OUT) && self.learn_opt_out(ctx, person, Some(job.sent_at()))? {
            return self.give_up(ctx, job, message, code, OPTED_IN_SINCE);
        }
        let mut remark = "";
        let wait = match explain(code.unwrap_or(0)).advice.wait(message.tries) {
            Some(wait) => wait,
            None if has_words_to_save(&message, code.unwrap_or(0)) => {
                message.drop_files(ctx.store)?;
                remark = WITHOUT_FILES;
                0
            }
            None => return self.give_up(ctx, job, message, code, ""),
        };
        message.tries += 1;
        message.code = code;
        message.save(ctx.store)?;
        Self::sum_up(ctx, message.entry, remark)?;
        job.attempts += 1;
        job.pend(ctx.now + wait);
        Ok(Next::Wait)
    }

    /// It will not be sent: the parts after it would make no sense alone.
    pub(super) fn give_up(
        &mut self,
        ctx: &StepContext,
        job: &Job,
        mut message: Message,
        code: Option<u32>,
        remark: &str,
    ) -> Stored<Next> {
        message.delivery = Delivery::Failed;
        message.code = code;
        message.save(ctx.store)?;
        self.tell_operator(ctx, code)?;
        Self::drop_later_parts(ctx, &message, code)?;
        Self::sum_up(ctx, message.entry, remark)?;
        self.in_flight.forget(job.id);
        Ok(Next::Done)
    }

    pub(super) fn drop_later_parts(ctx: &StepContext, message: &Message, code: Option<u32>) -> Stored<()> {
        for mut later in Message::of_entry(ctx.store, message.entry)? {
            let waits = later.part > message.part && later.delivery == Delivery::Waiting;
            for other in if waits { jobs::about::<Work>(ctx.store, &send_key(&later.id))? } else { Vec::new() } {
                jobs::remove(ctx.store, &other)?;
                (later.delivery, later.code) = (Delivery::Failed, code);
                later.save(ctx.store)?;
            }
        }
        Ok(())
    }
}

/// How long a phone needs to put a message together: carriers deliver a short one first that leaves right after a long
/// one, however fast the sender is (a long code's rate, one segment a second, is what they expect).
fn time_to_show(message: &Message) -> Millis {
    const SEGMENT: Millis = 1_000;
    const LONGEST: Millis = 15_000;
    let segments = i64::try_from(segments::count(&message.body).segments).unwrap_or(1);
    (segments * SEGMENT).min(LONGEST)
}
