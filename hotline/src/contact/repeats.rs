//! A text that failed for a reason that passes is made anew, as another message in a lane of its own, unless it is no
//! longer meant: it arrived after all, the agent took it back, or a later text of the agents has left.

use super::timeline::{Entry, Message};
use super::{Contact, PHONE, StepContext};
use crate::effects::Millis;
use crate::jobs::{self, Job, Next, Phase};
use crate::storage::{Stored, any};
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
    /// Some failures pass: then it is sent again, as another message. Where a file may be why, its words go alone at
    /// last. Returns what the agent must know.
    pub(super) fn will_repeat(ctx: &StepContext, message: &Message) -> Stored<&'static str> {
        let code = message.code.unwrap_or(0);
        let wait = explain(code).advice.wait(message.tries);
        let alone = wait.is_none() && has_words_to_save(message, code);
        if wait.is_none() && !alone {
            return Ok("");
        }
        let tries = message.tries + 1;
        let mut anew = Message {
            id: format!("{}.{}.{tries}", message.entry, message.part),
            sid: None,
            delivery: Delivery::Waiting,
            code: None,
            left: None,
            tries,
            ..message.clone()
        };
        if alone {
            anew.media.clear();
        }
        anew.queue(ctx.store, &format!("{PHONE} {}", anew.id), ctx.now + wait.unwrap_or(0), ctx.now)?;
        Ok(if alone { WITHOUT_FILES } else { "" })
    }

    /// Before a repeat leaves: an older text must not come after a newer one. `None` when it may leave.
    pub(super) fn hold_back(ctx: &StepContext, job: &mut Job, message: &Message) -> Stored<Option<Next>> {
        if message.tries == 0 {
            return Ok(None);
        }
        if is_superseded(ctx, message.entry)? {
            Self::cancel(ctx, message)?;
            Self::sum_up(ctx, message.entry, SUPERSEDED)?;
            return Ok(Some(Next::Done));
        }
        if is_later_one_leaving(ctx, message.entry)? {
            job.due = ctx.now + UNDER_WAY;
            return Ok(Some(Next::Wait));
        }
        Ok(None)
    }

    /// At the last moment: whether a later text has left, or is leaving, before this repeat.
    pub(super) fn comes_too_late(ctx: &StepContext, message: &Message) -> Stored<bool> {
        Ok(is_superseded(ctx, message.entry)? || is_later_one_leaving(ctx, message.entry)?)
    }

    /// It arrived: what was to be sent again in its place is not.
    pub(super) fn cancel_repeats(ctx: &StepContext, arrived: &Message) -> Stored<()> {
        for other in Message::of_entry(ctx.store, arrived.entry)? {
            let repeat = other.part == arrived.part && other.tries > arrived.tries && other.sid.is_none();
            let jobs = if repeat { jobs::about(ctx.store, "send", &other.id)? } else { Vec::new() };
            for job in jobs.iter().filter(|job| job.phase == Phase::Waiting) {
                jobs::remove(ctx.store, job)?;
                Self::cancel(ctx, &other)?;
            }
        }
        Ok(())
    }

    /// What of an entry has not left, and is not leaving, will not leave.
    pub(super) fn stop(ctx: &StepContext, entry: &mut Entry, remark: &str) -> Stored<()> {
        let mut stopped = false;
        for message in Message::of_entry(ctx.store, entry.seq)? {
            if message.delivery != Delivery::Waiting {
                continue;
            }
            let jobs = jobs::about(ctx.store, "send", &message.id)?;
            if jobs.iter().any(|job| job.phase != Phase::Waiting) {
                continue;
            }
            for job in &jobs {
                jobs::remove(ctx.store, job)?;
            }
            Self::cancel(ctx, &message)?;
            stopped = true;
        }
        if stopped {
            entry.delivery = entry.delivery.max(Delivery::Failed);
        }
        entry.add_remark(remark);
        entry.save(ctx.store)?;
        Self::will_receipt(ctx, entry.seq, ctx.now)
    }

    /// Agents deleted a conversation: nothing that they wrote in it leaves any more. Returns the entries that waited.
    pub(super) fn stop_all(ctx: &StepContext, conversation: &str) -> Stored<Vec<i64>> {
        let sql = "SELECT DISTINCT messages.entry FROM jobs JOIN messages ON messages.id = jobs.subject \
                   JOIN entries ON entries.seq = messages.entry WHERE jobs.kind = 'send' AND entries.conversation = ?";
        let rows = ctx.store.execute(sql, &[conversation.into()])?;
        let waiting: Vec<i64> = rows.iter().map(|row| row.integer(0)).collect();
        for entry in &waiting {
            if let Some(mut entry) = Entry::load(ctx.store, *entry)? {
                Self::stop(ctx, &mut entry, DELETED)?;
            }
        }
        Ok(waiting)
    }

    /// A repeat that never left leaves no trace; what it was to repeat is still there.
    fn cancel(ctx: &StepContext, repeat: &Message) -> Stored<()> {
        if repeat.is_repeat() {
            return repeat.delete(ctx.store);
        }
        let failed = Message { delivery: Delivery::Failed, ..repeat.clone() };
        failed.save(ctx.store)
    }
}

/// Whether a message has words that may arrive without its files, which may be why it failed.
pub(super) fn has_words_to_save(message: &Message, code: u32) -> bool {
    is_about_files(code) && !message.media.is_empty() && !message.body.is_empty()
}

/// Whether a text that agents wrote later than this entry may have left, and has not failed.
fn is_superseded(ctx: &StepContext, entry: i64) -> Stored<bool> {
    let sql = "SELECT 1 FROM messages JOIN entries ON entries.seq = messages.entry \
               WHERE messages.entry > ? AND messages.delivery NOT IN ('waiting', 'failed') \
               AND (entries.id LIKE 'hs:%' OR entries.id LIKE 'sidebar:%') LIMIT 1";
    any(ctx.store, sql, &[entry.into()])
}

/// Whether one is on its way to Twilio.
fn is_later_one_leaving(ctx: &StepContext, entry: i64) -> Stored<bool> {
    let sql = "SELECT 1 FROM jobs JOIN messages ON messages.id = jobs.subject \
               WHERE jobs.kind = 'send' AND jobs.phase <> 'waiting' AND messages.entry > ? LIMIT 1";
    any(ctx.store, sql, &[entry.into()])
}
