//! What became of texts that left: states come back in any order, and an entry is as far as the least of its parts.

use super::lost_twilio_answers::UNKNOWN_WHETHER_SENT;
use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::resends::SUPERSEDED;
use super::timeline::Entry;
use super::work::{Fact, Job, send_key};
use super::{Contact, StepContext};
use crate::effects::Millis;
use crate::jobs;
use crate::storage::Stored;
use crate::twilio::errors::{OPTED_OUT, RetryPolicy, explain};
use crate::twilio::request as twilio;
use crate::twilio::status::{Delivery, Status};

/// Said of a text that was refused as unwanted, and is not sent again by itself, when they want texts again.
pub(super) const OPTED_IN_SINCE: &str = "They have texted START since, so they can be texted again.";

impl Contact {
    /// A status callback: it may come before the answer that it follows, twice, and in any order.
    pub(super) fn on_status(&mut self, ctx: &StepContext, person: &mut Person, status: &Status) -> Stored<()> {
        let Some(mut message) = OutgoingText::load(ctx.store, &status.message)? else { return Ok(()) };
        if message.sid.as_deref().is_some_and(|sid| sid != status.sid) {
            return Ok(());
        }
        // Once its id at Twilio is known, nothing of it is under way.
        let sending =
            if message.sid.is_none() { jobs::find_by_key(ctx.store, &send_key(&message.id))? } else { Vec::new() };
        for job in sending as Vec<Job> {
            if !job.is_pending() {
                message.left_at = Some(job.sent_at());
                self.in_flight.forget(job.id);
                jobs::remove(ctx.store, &job)?;
            }
        }
        self.advance(ctx, person, &mut message, &status.sid, status.delivery, status.code)
    }

    /// What Twilio's answer says of a message.
    pub(super) fn apply_answer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        message: &mut OutgoingText,
        made: &twilio::Message,
        left_at: Millis,
    ) -> Stored<()> {
        message.left_at = Some(left_at);
        let delivery = Delivery::read(&made.status).unwrap_or(Delivery::Queued);
        self.advance(ctx, person, message, &made.sid, delivery, made.code)
    }

    pub(super) fn advance(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        message: &mut OutgoingText,
        sid: &str,
        delivery: Delivery,
        code: Option<u32>,
    ) -> Stored<()> {
        let known = message.sid.is_some();
        if !message.advance(sid, delivery, code) {
            return Ok(());
        }
        message.save(ctx.store)?;
        if !known && message.sid.is_some() {
            Self::count_reply(ctx, person, message)?;
            if !message.delivery.is_final() {
                Self::enqueue_delivery_poll(ctx, message)?;
            }
        }
        let mut remark = "";
        match message.delivery {
            Delivery::Failed => {
                if code == Some(OPTED_OUT) && self.on_opt_out_refusal(ctx, person, message.left_at)? {
                    remark = OPTED_IN_SINCE;
                }
                self.tell_operator(ctx, code)?;
                let without = Self::enqueue_resend(ctx, message)?;
                remark = if remark.is_empty() { without } else { remark };
            }
            Delivery::Delivered | Delivery::Read => Self::cancel_resends(ctx, message)?,
            _ => {}
        }
        Self::update_entry_delivery(ctx, message.entry, remark)
    }

    /// Twilio has a message for the first time: how long a reply took ends with its first part.
    fn count_reply(ctx: &StepContext, person: &mut Person, message: &OutgoingText) -> Stored<()> {
        if message.part > 0 || message.is_resend() {
            return Ok(());
        }
        let entry = Entry::load(ctx.store, message.entry)?;
        if let Some(entry) = entry.filter(|entry| entry.thread().is_some() || entry.written_by().is_some()) {
            let written_at = entry.published.filter(|at| *at > 0).unwrap_or(entry.at);
            person.facts.reached_phone(written_at, message.left_at.unwrap_or(ctx.now));
        }
        Ok(())
    }

    /// What only somebody with access to the Twilio account can correct is counted where operators look.
    pub(super) fn tell_operator(&self, ctx: &StepContext, code: Option<u32>) -> Stored<()> {
        let Some(code) = code.filter(|code| explain(*code).retry == RetryPolicy::AfterConfiguration) else {
            return Ok(());
        };
        self.tell_directory(ctx, Fact::Failed(format!("account: Twilio error {code}")))
    }

    /// The delivery of an entry: the worst of its parts, each by the attempt that arrived, or by the latest that left.
    pub(super) fn update_entry_delivery(ctx: &StepContext, entry: i64, remark: &str) -> Stored<()> {
        let Some(mut entry) = Entry::load(ctx.store, entry)? else { return Ok(()) };
        let mut parts: Vec<OutgoingText> = Vec::new();
        for message in OutgoingText::of_entry(ctx.store, entry.seq)? {
            if message.is_resend() && message.delivery == Delivery::Waiting {
                continue;
            }
            match parts.iter_mut().find(|part| part.part == message.part) {
                Some(part) if part.delivery > Delivery::Failed => {}
                Some(part) => *part = message,
                None => parts.push(message),
            }
        }
        let failed = parts.iter().filter(|message| message.delivery == Delivery::Failed);
        let failed = failed.max_by_key(|message| message.code.is_some());
        let Some(worst) = failed.or(parts.iter().min_by_key(|message| message.delivery)) else { return Ok(()) };
        let before = (entry.delivery, entry.code, entry.remark.clone());
        if worst.delivery > entry.delivery || (worst.delivery == entry.delivery && worst.code.is_some()) {
            (entry.delivery, entry.code) = (worst.delivery, worst.code);
        }
        if entry.delivery > Delivery::Unknown && entry.delivery != Delivery::Failed {
            entry.drop_remark(UNKNOWN_WHETHER_SENT);
            entry.drop_remark(SUPERSEDED);
        }
        entry.add_remark(remark);
        // Whether a failed one is sent again shows too.
        if entry.delivery == Delivery::Failed || before != (entry.delivery, entry.code, entry.remark.clone()) {
            entry.save(ctx.store)?;
            Self::enqueue_receipt(ctx, entry.seq, ctx.now)?;
            if let Some(number) = entry.program_message() {
                Self::on_channel_delivery(ctx, number, &entry, before.0)?;
                Self::enqueue_prices(ctx, &entry)?;
                Self::tell_update(ctx, number)?;
            }
        }
        Ok(())
    }
}
