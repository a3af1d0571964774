//! The last look at a reply in Help Scout before its text leaves: an agent may have withdrawn it, changed it, or published
//! it again.

use super::limits::text_of;
use super::lost_helpscout_answers::MAX_THREAD_PAGES;
use super::missing_conversations::NOT_FOUND;
use super::outgoing_text::OutgoingText;
use super::pending_request::PendingRequest;
use super::person::Person;
use super::reply_files::sort_files;
use super::reply_versions::{CHANGED, WITHDRAWN, is_republished};
use super::timeline::Entry;
use super::work::{Job, Work, send_key};
use super::{Contact, PHONE, StepContext};
use crate::answer::{Answer, try_again};
use crate::helpscout::read::{self, Thread, moved_to};
use crate::jobs::{self, Next};
use crate::storage::Stored;
use crate::twilio::status::Delivery;

/// How often a reply that waits is looked for in a conversation that is not found: with the back-off of the queue that
/// is a minute.
const MAX_NOT_FOUND: i64 = 5;

impl Contact {
    /// Before it leaves after a wait: is the reply still published, and does it still say the same?
    pub(super) fn on_reread(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(message) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        let Some(entry) = Entry::load(ctx.store, message.entry)? else { return Ok(Next::Done) };
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(location) => match moved_to(&pending.conversation, location.as_deref()) {
                // It stands where its conversation went, and is looked at there.
                Some(into) => {
                    Self::follow(ctx, person, &pending.conversation, &into)?;
                    job.retry(ctx.now);
                    return Ok(Next::Wait);
                }
                None if job.attempts < MAX_NOT_FOUND => {
                    job.retry(ctx.now);
                    return Ok(Next::Wait);
                }
                None => return Self::withdraw(ctx, entry, NOT_FOUND),
            },
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let page = read::threads(&response.json());
        let reply = page.items.iter().find(|thread| Some(thread.id) == entry.thread());
        if reply.is_none() && entry.thread().is_some() && page.more && pending.page < MAX_THREAD_PAGES {
            pending.page += 1;
            return self.request_permit(ctx, person, job, pending);
        }
        let withdrawn = if message.is_resend() {
            "It was withdrawn, so it is not sent again."
        } else {
            "It was withdrawn before it was sent."
        };
        match reply.filter(|reply| reply.is_reply()) {
            Some(reply) if is_republished(&entry, reply) => {
                // It may now be written to somebody else; whoever reads it next knows.
                Self::enqueue_read(ctx, &pending.conversation, ctx.now)?;
                Self::withdraw(ctx, entry, withdrawn)
            }
            Some(reply) if text_of(ctx, reply).text != entry.text => {
                self.on_reply_changed(ctx, person, job, message, entry, reply)
            }
            None if entry.thread().is_some() => Self::withdraw(ctx, entry, withdrawn),
            _ => {
                self.read_at = Some((entry.seq, ctx.now));
                self.request_permit_to_send(ctx, person, job, &message)
            }
        }
    }

    /// The agent took it back: what of it has not left does not leave, until it is published again.
    fn withdraw(ctx: &StepContext, mut entry: Entry, remark: &str) -> Stored<Next> {
        entry.published = Some(WITHDRAWN);
        Self::stop_unsent(ctx, &mut entry, remark)?;
        Ok(Next::Done)
    }

    /// It says something else than when it was read: that is sent in its place, unless a part of it has arrived.
    fn on_reply_changed(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        message: OutgoingText,
        mut entry: Entry,
        reply: &Thread,
    ) -> Stored<Next> {
        let conversation = entry.conversation.clone().unwrap_or_default();
        let messages = OutgoingText::of_entry(ctx.store, entry.seq)?;
        let has_left = |it: &OutgoingText| it.sid.is_some() && it.delivery != Delivery::Failed;
        if messages.iter().any(|other| other.part != message.part && has_left(other)) {
            entry.add_remark(CHANGED);
            entry.save(ctx.store)?;
            self.read_at = Some((entry.seq, ctx.now));
            return self.request_permit_to_send(ctx, person, job, &message);
        }
        let last = jobs::last(ctx.store)?;
        let repeated = matches!(job.work, Work::Send { resends: 1.., .. });
        let said = text_of(ctx, reply);
        let (files, _) = sort_files(&reply.attachments, person.channel);
        let is_sendable = said.left_over.is_none() && !(said.text.is_empty() && files.is_empty());
        if !repeated && is_sendable && messages.iter().all(|other| other.sid.is_none()) {
            entry.text = said.text;
            entry.save(ctx.store)?;
            Self::drop_parts(ctx, entry.seq)?;
            Self::queue_parts(ctx, person, entry.seq, &entry.text, &conversation, &files)?;
        } else {
            Self::take_reply(ctx, person, &conversation, reply, Some(entry))?;
        }
        jobs::move_to_end_of_lane(ctx.store, PHONE, job.id, last)?;
        Ok(Next::Done)
    }

    fn drop_parts(ctx: &StepContext, entry: i64) -> Stored<()> {
        for message in OutgoingText::of_entry(ctx.store, entry)? {
            for job in jobs::find_by_key::<Work>(ctx.store, &send_key(&message.id))? {
                jobs::remove(ctx.store, &job)?;
            }
            message.delete(ctx.store)?;
        }
        Ok(())
    }
}
