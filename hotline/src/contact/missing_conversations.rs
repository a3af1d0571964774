//! A conversation that Help Scout does not find: merged, moved, deleted, or only in an inbox that we cannot see.
//!
//! Help Scout says 404 of what is deleted, of what is in an inbox that the app's user may not see, and of what was merged
//! more than 60 days ago (Help Scout, Get conversation). So one 404 deletes nothing: the inbox must be visible to us, and the
//! conversation missing twice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::conversation_moves::CLAIM_RETRY;
use super::person::Person;
use super::resends::{DELETED, waiting_entries, waiting_messages};
use super::timeline::Entry;
use super::work::{Job, Work, read_key};
use super::{Contact, REPLIES, StepContext, TEXTS};
use crate::answer::{Answer, try_again};
use crate::effects::Millis;
use crate::helpscout::read::{Conversation, moved_to};
use crate::jobs::{self, Next};
use crate::storage::{Row, Stored, first, number, run};

/// Conversations that were not found, or were said to be deleted.
pub(super) const MISSING: &str = "CREATE TABLE IF NOT EXISTS missing (
    conversation TEXT PRIMARY KEY, since INTEGER, told INTEGER
) STRICT, WITHOUT ROWID";

/// How long a conversation must not have been found before it counts as deleted: whoever deleted it by mistake has it
/// back by then.
const DELETED_AFTER: Millis = 3_600_000;

/// How long Help Scout says where a merged conversation went (Get conversation: 301 for 60 days, then 404).
const MERGE_REDIRECTED_FOR: Millis = 60 * 86_400_000;

/// Jobs that look where a conversation is; each has a lane of its own.
const INSPECT: &str = "inspect";

/// What an agent is told of a reply that was waiting in it.
pub(super) const NOT_FOUND: &str = "Its conversation could not be found any more, so it was not sent.";

impl Contact {
    /// Adds a job that reads a conversation which may be gone, or elsewhere.
    pub(super) fn enqueue_inspect(ctx: &StepContext, conversation: &str, due: Millis) -> Stored<()> {
        let lane = format!("{INSPECT} {conversation}");
        if let Some(job) = jobs::head_of::<Work>(ctx.store, &lane)? {
            return jobs::make_due(ctx.store, job.id, due);
        }
        jobs::add(ctx.store, &lane, &Work::Inspect { conversation: conversation.to_owned() }, due, ctx.now)
    }

    /// A webhook tells that it is deleted. The event's name is not signed, so that is no proof.
    pub(super) fn on_deletion_event(ctx: &StepContext, conversation: &str) -> Stored<()> {
        let sql = "INSERT INTO missing (conversation, told) VALUES (?, ?) ON CONFLICT (conversation) DO UPDATE SET \
                   told = excluded.told";
        run(ctx.store, sql, &[conversation.into(), ctx.now.into()])?;
        Self::enqueue_inspect(ctx, conversation, ctx.now)
    }

    pub(super) fn on_inspected(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        conversation: &str,
        answer: Answer,
    ) -> Stored<Next> {
        match answer {
            Answer::Done(response) => {
                let here = Conversation::read(&response.json()).unwrap_or_default();
                if here.state == "deleted" {
                    return self.forget_all(ctx, person, job, conversation);
                } else if here.mailbox.is_some_and(|mailbox| mailbox != ctx.hotline.mailbox) {
                    self.on_moved_to_another_inbox(ctx, person, conversation)?;
                }
                no_longer_missing(ctx, conversation)?;
                Ok(Next::Done)
            }
            Answer::Gone(Some(location)) => {
                if let Some(into) = moved_to(conversation, Some(&location)) {
                    Self::follow(ctx, person, conversation, &into)?;
                }
                no_longer_missing(ctx, conversation)?;
                Ok(Next::Done)
            }
            Answer::Gone(None) | Answer::Refused(_) | Answer::ConversationFull => {
                let since = Self::mark_missing(ctx, conversation)?;
                if ctx.now < since + DELETED_AFTER {
                    job.due = since + DELETED_AFTER;
                    return Ok(Next::Wait);
                }
                if is_deleted(ctx, conversation)? {
                    return self.forget_all(ctx, person, job, conversation);
                }
                Self::drop_reads(ctx, conversation)?;
                no_longer_missing(ctx, conversation)?;
                Ok(Next::Done)
            }
            other => Ok(try_again(ctx.now, job, &other)),
        }
    }

    fn forget_all(&self, ctx: &StepContext, person: &mut Person, job: &mut Job, conversation: &str) -> Stored<Next> {
        if self.forget(ctx, person, conversation)? {
            no_longer_missing(ctx, conversation)?;
            return Ok(Next::Done);
        }
        job.due = ctx.now + DELETED_AFTER;
        Ok(Next::Wait)
    }

    /// A conversation was not found in an inbox that we see: it is read again later. Returns since when it is missing.
    fn mark_missing(ctx: &StepContext, conversation: &str) -> Stored<Millis> {
        let sql = "INSERT INTO missing (conversation, since) VALUES (?, ?) ON CONFLICT (conversation) DO UPDATE SET \
                   since = COALESCE(since, excluded.since) RETURNING since";
        let since = number(ctx.store, sql, &[conversation.into(), ctx.now.into()])?;
        Self::enqueue_inspect(ctx, conversation, since + DELETED_AFTER)?;
        Ok(since)
    }

    /// A text cannot be added where the last one was: it follows a merge, or begins another conversation.
    pub(super) fn post_elsewhere(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        conversation: &str,
        location: Option<&str>,
    ) -> Stored<Next> {
        job.start_again(ctx.now);
        if let Some(into) = moved_to(conversation, location) {
            Self::follow(ctx, person, conversation, &into)?;
            job.due = ctx.now + CLAIM_RETRY;
        } else {
            Self::mark_missing(ctx, conversation)?;
            self.leave(ctx, person, conversation)?;
        }
        Ok(Next::Wait)
    }

    /// What agents replied cannot be read where they did. It holds up no reply in another conversation meanwhile.
    pub(super) fn read_elsewhere(
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        conversation: &str,
        location: Option<&str>,
    ) -> Stored<Next> {
        if let Some(into) = moved_to(conversation, location) {
            Self::follow(ctx, person, conversation, &into)?;
            return Ok(Next::Done);
        }
        Self::mark_missing(ctx, conversation)?;
        job.retry(ctx.now);
        let apart = format!("{REPLIES} {conversation}");
        if job.lane == apart {
            return Ok(Next::Wait);
        }
        jobs::add(ctx.store, &apart, &Work::read(conversation), job.due, ctx.now)?;
        Ok(Next::Done)
    }

    /// The conversation is deleted: our copy of its texts goes too, and the next text begins another one. What waited in it is
    /// not sent. Returns whether that is all of it: a text that may have left is still to be recognised.
    pub(super) fn forget(&self, ctx: &StepContext, person: &mut Person, conversation: &str) -> Stored<bool> {
        self.leave(ctx, person, conversation)?;
        Self::drop_reads(ctx, conversation)?;
        let stopped = Self::stop_all_unsent(ctx, conversation)?;
        let mut unposted: BTreeSet<i64> =
            jobs::in_lane::<Work>(ctx.store, TEXTS)?.iter().map(|job| job.work.entry()).collect();
        // A release that comes again has still to post what its jobs are about.
        unposted.extend(jobs::quarantined_fields(ctx.store, "entry")?.iter().filter_map(Value::as_i64));
        Entry::forget_conversation(ctx.store, conversation, &unposted, &waiting_messages(ctx)?)?;
        for entry in stopped {
            let Some(mut entry) = Entry::load(ctx.store, entry)? else { continue };
            entry.add_remark(DELETED);
            entry.save(ctx.store)?;
        }
        for entry in waiting_entries(ctx)? {
            let entry = Entry::load(ctx.store, entry)?;
            if entry.is_some_and(|entry| entry.conversation.as_deref() == Some(conversation)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn drop_reads(ctx: &StepContext, conversation: &str) -> Stored<()> {
        let reads = jobs::find_by_key::<Work>(ctx.store, &read_key(conversation))?;
        reads.iter().try_for_each(|job| jobs::remove(ctx.store, job))
    }
}

/// It was found, or is known to be gone.
fn no_longer_missing(ctx: &StepContext, conversation: &str) -> Stored<()> {
    run(ctx.store, "DELETE FROM missing WHERE conversation = ?", &[conversation.into()])
}

/// Whether a conversation that was not found is deleted: a webhook said so, or something was said in it so short a time
/// ago that it would be said to be merged, if it were.
fn is_deleted(ctx: &StepContext, conversation: &str) -> Stored<bool> {
    let sql = "SELECT told FROM missing WHERE conversation = ?";
    let told = first(ctx.store, sql, &[conversation.into()])?.is_some_and(|row: Row| row.maybe_integer(0).is_some());
    let last = number(ctx.store, "SELECT MAX(at) FROM entries WHERE conversation = ?", &[conversation.into()])?;
    Ok(told || ctx.now - last < MERGE_REDIRECTED_FOR)
}
