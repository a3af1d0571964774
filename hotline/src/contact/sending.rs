//! Texts leave for the phone.

use super::delivery::OPTED_IN_SINCE;
use super::outgoing_text::OutgoingText;
use super::pending_request::{Outgoing, PendingRequest, RequestKind};
use super::person::Person;
use super::reply_files::{address_for_twilio, file_read};
use super::resends::{WITHOUT_FILES, has_words_to_save};
use super::sender::address;
use super::timeline::Entry;
use super::work::{Job, Work, send_key};
use super::{CODES, Contact, StepContext};
use crate::answer::{Answer, Loss, try_again};
use crate::domain::text::segments;
use crate::effects::{Millis, RateLimiterName};
use crate::jobs::{self, Next, Target};
use crate::storage::Stored;
use crate::twilio::errors::{NOT_AUTHORIZED, OPTED_OUT, explain, is_about_the_account};
use crate::twilio::request::{self as twilio, CALLBACK_RETRY_OVERRIDES, NewMessage, Says};
use crate::twilio::status::Delivery;

/// A reply that was read longer ago than this is read again before its text leaves.
const REREAD_AFTER: Millis = 10_000;

/// A text with files must leave within this time after its reply was read; until then the rate limiter reserves the reads
/// of its files.
const FILES_LEAVE_WITHIN: Millis = 30_000;

/// How long a text that nobody wrote by hand waits at most: after that a greeting or an apology says nothing true.
const AUTOMATIC_TEXT_LIFETIME: Millis = 4 * 3_600_000;

/// Remark on a text that is dropped because it is too old.
const TOO_LATE: &str = "It waited for hours, so it was not sent any more.";

/// Twilio takes an address for no number (Twilio, error 21211): also ids of WhatsApp, where it cannot text them yet.
const NO_SUCH_NUMBER: u32 = 21211;

const HIDES_NUMBER: &str =
    "They are on WhatsApp and do not show their phone number, and Twilio cannot text such people yet.";

impl Contact {
    pub(super) fn begin_send(&mut self, ctx: &StepContext, person: &mut Person, job: &mut Job) -> Stored<Next> {
        let Some(mut message) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        if message.sid.is_some() || message.delivery.is_final() {
            return Ok(Next::Done);
        }
        if job.is_uncertain() {
            return self.begin_text_search(ctx, person, job, &message);
        }
        let Some(entry) = Entry::load(ctx.store, message.entry)? else { return Ok(Next::Done) };
        if message.says_nothing() {
            // It was erased while nobody knew whether it had left.
            return self.give_up(ctx, job, message, None, "");
        }
        if let Some(next) = self.hold_back_program_text(ctx, person, job, &mut message, &entry)? {
            return Ok(next);
        }
        if let Some(next) = self.drop_old_code(ctx, job, &message, &entry)? {
            return Ok(next);
        }
        if !person.may_be_texted_by(&message.sender) {
            return self.give_up(ctx, job, message, Some(OPTED_OUT), "");
        }
        if let Some(next) = Self::hold_back_resend(ctx, job, &message)? {
            return Ok(next);
        }
        if ctx.now < self.phone_free_at {
            job.due = self.phone_free_at;
            return Ok(Next::Wait);
        }
        if entry.is_automatic() && ctx.now - entry.at > AUTOMATIC_TEXT_LIFETIME {
            return self.give_up(ctx, job, message, None, TOO_LATE);
        }
        if message.part == 0
            && message.failed_attempts == 0
            && let Some(next) = self.ask_whether_allowed(ctx, person, job, &entry)
        {
            return Ok(next);
        }
        match &entry.conversation {
            Some(conversation) if self.must_be_read(ctx, &entry, &message) => {
                let mut verify = PendingRequest::about(RequestKind::Verify, conversation);
                let files = OutgoingText::media_of(ctx.store, message.entry)?;
                verify.reserves = files.iter().filter_map(|token| file_read(token)).collect();
                self.request_permit(ctx, person, job, verify)
            }
            _ => self.request_permit_to_send(ctx, person, job, &message),
        }
    }

    /// Whether Help Scout is asked, before every attempt, if what agents wrote still stands there. A text from the
    /// sidebar stands there later than it leaves; only its conversation can be gone.
    fn must_be_read(&self, ctx: &StepContext, entry: &Entry, message: &OutgoingText) -> bool {
        let read_at = self.read_at.filter(|(seq, _)| *seq == entry.seq).map_or(entry.at, |(_, at)| at);
        let written = entry.thread().is_some() || (entry.written_by().is_some() && message.failed_attempts > 0);
        // With the permit to read it, room is reserved for the reads of its files.
        let are_files_reserved = message.media.is_empty() || self.read_at.is_some_and(|(seq, _)| seq == entry.seq);
        written && (ctx.now - read_at > REREAD_AFTER || !are_files_reserved)
    }

    pub(super) fn request_permit_to_send(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        message: &OutgoingText,
    ) -> Stored<Next> {
        let mut pending = PendingRequest::new(RequestKind::SendText);
        let sender = message.sender.clone();
        pending.limiter = RateLimiterName::Sender { sender, per_second: ctx.hotline.sends_per_second };
        pending.cost = i64::try_from(segments::count(&message.body).segments).unwrap_or(1);
        self.request_permit(ctx, person, job, pending)
    }

    /// The last check before the text leaves: a STOP that came while it waited wins (see `opt_out.rs`).
    pub(super) fn build_send(&self, ctx: &StepContext, person: &Person, job: &Job) -> Stored<Option<Outgoing>> {
        let Some(message) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(None) };
        let Some(to) = address(person, &message.sender) else { return Ok(None) };
        if !person.may_be_texted_by(&message.sender) || message.delivery.is_final() || message.says_nothing() {
            return Ok(None);
        }
        if message.failed_attempts > 0 && Self::comes_too_late(ctx, &message)? {
            return Ok(None);
        }
        if super::program_turns::priority_of_lane(&job.lane).is_some()
            && !Self::may_program_text_leave(ctx, person, message.entry)?
        {
            return Ok(None);
        }
        if job.lane == CODES && !Self::may_code_leave(ctx, message.entry)? {
            return Ok(None);
        }
        let stale = |(seq, at): (i64, Millis)| seq == message.entry && ctx.now - at > FILES_LEAVE_WITHIN;
        if !message.media.is_empty() && self.read_at.is_some_and(stale) {
            return Ok(None);
        }
        let callback = format!(
            "{}/twilio/messages/status?h={}&m={}{CALLBACK_RETRY_OVERRIDES}",
            ctx.config.public_url, ctx.hotline.mailbox, message.id
        );
        let media: Vec<String> = message.media.iter().filter_map(|token| address_for_twilio(ctx, token)).collect();
        let content = Self::content_of(ctx, &message)?;
        let body = Self::words_of_text(ctx, job, &message)?;
        let free = Says::Free { body: &body, media: &media };
        let new = NewMessage {
            to: &to,
            sender: &message.sender,
            says: content.as_ref().map_or(free, Says::Content),
            status_callback: &callback,
        };
        let request = twilio::create_message(&ctx.config.secrets.twilio_account_sid, &new);
        Ok(Some(Outgoing::create(Target::Text, message.body.clone(), request)))
    }

    pub(super) fn on_send_answer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut message) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        match answer {
            Answer::Done(response) => {
                let made = twilio::Message::read(&response.json());
                let Some(made) = made else {
                    return Ok(super::lost_answers::mark_uncertain(job, Loss::Error));
                };
                self.phone_free_at = job.sent_at() + time_to_show(&message);
                self.apply_answer(ctx, person, &mut message, &made, job.sent_at())?;
                Ok(Next::Done)
            }
            Answer::Lost(_) if message.sid.is_some() => Ok(Next::Done),
            Answer::Lost(loss) => {
                job.attempts = 0;
                Ok(super::lost_answers::mark_uncertain(job, loss))
            }
            Answer::TooManyRequests(wait) => {
                // Twilio wants ever longer pauses (error 20429: exponential back-off).
                job.retry(ctx.now);
                job.due = job.due.max(ctx.now + wait);
                Ok(Next::Wait)
            }
            Answer::TokenRefused | Answer::AccountRefused | Answer::Gone(_) | Answer::ConversationFull => {
                self.on_account_refused(ctx, job, message, NOT_AUTHORIZED)
            }
            Answer::Refused(response) => match twilio::error_code(&response.json()) {
                Some(code) if is_about_the_account(code) => self.on_account_refused(ctx, job, message, code),
                code => self.on_text_refused(ctx, person, job, message, code),
            },
        }
    }

    /// Twilio refuses the whole account: everything waits until an operator has corrected that, and nothing is dropped.
    fn on_account_refused(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        mut message: OutgoingText,
        code: u32,
    ) -> Stored<Next> {
        if message.code != Some(code) {
            self.tell_operator(ctx, Some(code))?;
            message.code = Some(code);
            message.save(ctx.store)?;
            Self::update_entry_delivery(ctx, message.entry, "")?;
        }
        Ok(try_again(ctx.now, job, &Answer::AccountRefused))
    }

    /// The text itself is refused: for good, or it keeps its place and is tried again.
    fn on_text_refused(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut message: OutgoingText,
        code: Option<u32>,
    ) -> Stored<Next> {
        if code == Some(OPTED_OUT) && self.on_opt_out_refusal(ctx, person, Some(job.sent_at()))? {
            return self.give_up(ctx, job, message, code, OPTED_IN_SINCE);
        }
        let mut remark = "";
        let wait = match explain(code.unwrap_or(0)).retry.wait(message.failed_attempts) {
            Some(wait) => wait,
            None if has_words_to_save(&message, code.unwrap_or(0)) => {
                message.drop_files(ctx.store)?;
                remark = WITHOUT_FILES;
                0
            }
            None if code == Some(NO_SUCH_NUMBER) && person.number().is_none() => {
                return self.give_up(ctx, job, message, code, HIDES_NUMBER);
            }
            None => return self.give_up(ctx, job, message, code, ""),
        };
        message.failed_attempts += 1;
        message.code = code;
        message.save(ctx.store)?;
        Self::update_entry_delivery(ctx, message.entry, remark)?;
        job.attempts += 1;
        job.start_again(ctx.now + wait);
        Ok(Next::Wait)
    }

    /// It will not be sent: the parts after words would make no sense alone, those after a file do.
    pub(super) fn give_up(
        &mut self,
        ctx: &StepContext,
        job: &Job,
        mut message: OutgoingText,
        code: Option<u32>,
        remark: &str,
    ) -> Stored<Next> {
        message.delivery = Delivery::Failed;
        message.code = code;
        message.save(ctx.store)?;
        self.tell_operator(ctx, code)?;
        Self::drop_later_parts(ctx, &message, code)?;
        Self::update_entry_delivery(ctx, message.entry, remark)?;
        self.in_flight.forget(job.id);
        Ok(Next::Done)
    }

    pub(super) fn drop_later_parts(ctx: &StepContext, message: &OutgoingText, code: Option<u32>) -> Stored<()> {
        if message.body.is_empty() {
            return Ok(());
        }
        for mut later in OutgoingText::of_entry(ctx.store, message.entry)? {
            let waits = later.part > message.part && later.delivery == Delivery::Waiting;
            for other in if waits { jobs::find_by_key::<Work>(ctx.store, &send_key(&later.id))? } else { Vec::new() } {
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
fn time_to_show(message: &OutgoingText) -> Millis {
    const SEGMENT: Millis = 1_000;
    const LONGEST: Millis = 15_000;
    let segments = i64::try_from(segments::count(&message.body).segments).unwrap_or(1);
    (segments * SEGMENT).min(LONGEST)
}
