//! A text that failed for a reason that passes is sent again, as another text in a lane of its own, unless it is no longer
//! meant: it arrived after all, the agent took it back, or a later text of the agents has left.

use std::collections::BTreeSet;

use super::outgoing_text::OutgoingText;
use super::timeline::Entry;
use super::work::{Job, Work, send_key};
use super::{Contact, PHONE, StepContext};
use crate::effects::Millis;
use crate::jobs::{self, Next};
use crate::storage::Stored;
use crate::twilio::errors::{explain, is_about_files};
use crate::twilio::status::Delivery;

/// Stands in a remark that says why a text is not sent again, so that nothing else need say so.
pub(super) const NOT_AGAIN: &str = "not sent again";

/// Said of a text that would have come after one that the agents wrote later.
pub(super) const SUPERSEDED: &str = "A later text to them has left, so this one is not sent again.";

/// Said of a reply whose file was why it failed.
pub(super) const WITHOUT_FILES: &str =
    "Its file could not be sent; its words were sent without it. Please send a link.";

/// Said of a text whose conversation the agents deleted.
pub(super) const DELETED: &str = "The conversation was deleted before it was sent.";

/// How soon it is worth looking whether a later text that is on its way has left: a request and its answer.
const UNDER_WAY: Millis = 5_000;

impl Contact {
    /// Queues another text in place of one whose failure may pass. Where a file may be the reason, its words go alone at last.
    /// Returns what the agent must know.
    pub(super) fn enqueue_resend(ctx: &StepContext, message: &OutgoingText) -> Stored<&'static str> {
        if message.says_nothing() {
            // Its words were removed meanwhile.
            return Ok("");
        }
        // Its program decides whether it is worth another one.
        if Entry::load(ctx.store, message.entry)?.is_some_and(|entry| entry.is_of_program()) {
            return Ok("");
        }
        let code = message.code.unwrap_or(0);
        let wait = explain(code).retry.wait(message.failed_attempts);
        let alone = wait.is_none() && has_words_to_save(message, code);
        if wait.is_none() && !alone {
            return Ok("");
        }
        let failed_attempts = message.failed_attempts + 1;
        let mut resend = OutgoingText {
            id: format!("{}.{}.{failed_attempts}", message.entry, message.part),
            sid: None,
            delivery: Delivery::Waiting,
            code: None,
            left_at: None,
            price: None,
            failed_attempts,
            ..message.clone()
        };
        if alone {
            resend.media.clear();
        }
        resend.queue(ctx.store, &format!("{PHONE} {}", resend.id), ctx.now + wait.unwrap_or(0), ctx.now)?;
        Ok(if alone { WITHOUT_FILES } else { "" })
    }

    /// Before a resend leaves: what arrived is not sent again, and an older text does not come after a newer one. `None`
    /// when it may leave.
    pub(super) fn hold_back_resend(ctx: &StepContext, job: &mut Job, message: &OutgoingText) -> Stored<Option<Next>> {
        if message.failed_attempts == 0 {
            return Ok(None);
        }
        if has_arrived(ctx, message)? {
            Self::cancel_text(ctx, message)?;
            return Ok(Some(Next::Done));
        }
        if is_superseded(ctx, message.entry)? {
            Self::cancel_text(ctx, message)?;
            Self::update_entry_delivery(ctx, message.entry, SUPERSEDED)?;
            return Ok(Some(Next::Done));
        }
        if is_later_one_leaving(ctx, message.entry)? {
            job.due = ctx.now + UNDER_WAY;
            return Ok(Some(Next::Wait));
        }
        Ok(None)
    }

    /// At the last moment: whether the text has arrived, or a later one has left or is leaving, before this resend.
    pub(super) fn comes_too_late(ctx: &StepContext, message: &OutgoingText) -> Stored<bool> {
        Ok(has_arrived(ctx, message)?
            || is_superseded(ctx, message.entry)?
            || is_later_one_leaving(ctx, message.entry)?)
    }

    /// It arrived: what was to be sent again in its place is not.
    pub(super) fn cancel_resends(ctx: &StepContext, arrived: &OutgoingText) -> Stored<()> {
        for other in OutgoingText::of_entry(ctx.store, arrived.entry)? {
            let repeat =
                other.part == arrived.part && other.failed_attempts > arrived.failed_attempts && other.sid.is_none();
            let jobs = if repeat { jobs::find_by_key::<Work>(ctx.store, &send_key(&other.id))? } else { Vec::new() };
            for job in jobs.iter().filter(|job| job.is_pending()) {
                jobs::remove(ctx.store, job)?;
                Self::cancel_text(ctx, &other)?;
            }
        }
        Ok(())
    }

    /// What of an entry has not left, and is not leaving, will not leave.
    pub(super) fn stop_unsent(ctx: &StepContext, entry: &mut Entry, remark: &str) -> Stored<()> {
        let mut stopped = false;
        for message in OutgoingText::of_entry(ctx.store, entry.seq)? {
            if message.delivery != Delivery::Waiting {
                continue;
            }
            let jobs = jobs::find_by_key::<Work>(ctx.store, &send_key(&message.id))?;
            if !jobs.iter().all(Job::is_pending) {
                continue;
            }
            for job in &jobs {
                jobs::remove(ctx.store, job)?;
            }
            Self::cancel_text(ctx, &message)?;
            stopped = true;
        }
        if stopped {
            entry.delivery = entry.delivery.max(Delivery::Failed);
        }
        entry.add_remark(remark);
        entry.save(ctx.store)?;
        Self::enqueue_receipt(ctx, entry.seq, ctx.now)
    }

    /// Agents deleted a conversation: nothing that they wrote in it leaves any more. Returns the entries that waited.
    pub(super) fn stop_all_unsent(ctx: &StepContext, conversation: &str) -> Stored<Vec<i64>> {
        let mut stopped = Vec::new();
        for entry in waiting_entries(ctx)? {
            let entry = Entry::load(ctx.store, entry)?;
            let Some(mut entry) = entry.filter(|it| it.conversation.as_deref() == Some(conversation)) else { continue };
            Self::stop_unsent(ctx, &mut entry, DELETED)?;
            stopped.push(entry.seq);
        }
        Ok(stopped)
    }

    /// A resend that never left is deleted; the text that it was to replace is still there. A first attempt counts as failed.
    fn cancel_text(ctx: &StepContext, text: &OutgoingText) -> Stored<()> {
        if text.is_resend() {
            return text.delete(ctx.store);
        }
        let failed = OutgoingText { delivery: Delivery::Failed, ..text.clone() };
        failed.save(ctx.store)
    }
}

/// The texts that wait to be sent: at most as many as may wait for a person, and resends.
pub(super) fn waiting_messages(ctx: &StepContext) -> Stored<BTreeSet<String>> {
    let waiting = jobs::in_lane::<Work>(ctx.store, PHONE)?.into_iter().chain(jobs::heads(ctx.store)?);
    let message = |job: Job| matches!(job.work, Work::Send { .. }).then(|| job.work.message().to_owned());
    Ok(waiting.filter_map(message).collect())
}

/// The entries of those texts.
pub(super) fn waiting_entries(ctx: &StepContext) -> Stored<BTreeSet<i64>> {
    Ok(waiting_messages(ctx)?.iter().filter_map(|id| entry_of_message(id)).collect())
}

/// The entry that a text belongs to, by the text's id.
fn entry_of_message(message: &str) -> Option<i64> {
    message.split('.').next()?.parse().ok()
}

/// Whether a message has words that may arrive without its files, which may be why it failed.
pub(super) fn has_words_to_save(message: &OutgoingText, code: u32) -> bool {
    is_about_files(code) && !message.media.is_empty() && !message.body.is_empty()
}

/// Whether another attempt of the same part has arrived. The job of a resend outlives `cancel_resends` while it is under way,
/// or while it is quarantined.
fn has_arrived(ctx: &StepContext, message: &OutgoingText) -> Stored<bool> {
    let has = |it: &OutgoingText| it.part == message.part && it.delivery > Delivery::Failed;
    Ok(OutgoingText::of_entry(ctx.store, message.entry)?.iter().any(has))
}

/// Whether a text that agents wrote later than this entry may have left, and has not failed.
fn is_superseded(ctx: &StepContext, entry: i64) -> Stored<bool> {
    let has_left = |it: &OutgoingText| it.delivery != Delivery::Waiting && it.delivery != Delivery::Failed;
    for later in Entry::by_agents_after(ctx.store, entry)? {
        if OutgoingText::of_entry(ctx.store, later)?.iter().any(has_left) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether one is on its way to Twilio.
fn is_later_one_leaving(ctx: &StepContext, entry: i64) -> Stored<bool> {
    let is_later = |message: &str| entry_of_message(message).is_some_and(|of| of > entry);
    let heads = jobs::heads::<Work>(ctx.store)?;
    Ok(heads
        .iter()
        .any(|job| matches!(job.work, Work::Send { .. }) && !job.is_pending() && is_later(job.work.message())))
}
