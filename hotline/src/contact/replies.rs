//! What agents wrote becomes texts: every published reply of a person that was not handled yet, oldest first.

use super::conversation_moves::is_theirs;
use super::erasure::last_erased_at;
use super::limits::{parts_per_reply, text_of, too_many_waiting};
use super::lost_helpscout_answers::MAX_THREAD_PAGES;
use super::outgoing_text::OutgoingText;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::recipients::{
    MAX_WAIT_BEFORE_MERGE, Recipient, adopt_customer, age_at_merge, is_set_aside, is_to_guest, is_written_to,
};
use super::reply_files::{left_out_words, parts, sort_files, token};
use super::reply_versions::{KnownVersion, entry_id, first_read};
use super::sender::sender_of;
use super::timeline::Entry;
use super::work::{Job, Work, read_key};
use super::{Contact, PHONE, REPLIES, StepContext, TEXTS};
use crate::answer::{Answer, try_again};
use crate::domain::html::{normalised, to_text};
use crate::domain::text::split::split;
use crate::effects::Millis;
use crate::helpscout::read::{self, Attachment, Thread};
use crate::jobs::{self, Next};
use crate::storage::Stored;
use crate::twilio::status::Delivery;

/// Said of a reply that may have come with another person's conversation.
const MERGED_MEANWHILE: &str = "Another conversation was merged into this one before it left, and it may belong to that one. Please \
                      send it again if it was meant for them.";

impl Contact {
    /// A reply was announced: read it when it can no longer be undone.
    pub(super) fn enqueue_read(ctx: &StepContext, conversation: &str, due: Millis) -> Stored<()> {
        let waiting = jobs::find_by_key::<Work>(ctx.store, &read_key(conversation))?;
        if waiting.iter().any(|job| job.due == due) {
            return Ok(());
        }
        jobs::add(ctx.store, REPLIES, &Work::read(conversation), due, ctx.now)
    }

    pub(super) fn begin_read(&mut self, ctx: &StepContext, person: &Person, job: &mut Job) -> Stored<Next> {
        /// How soon a look is worth it while something of ours in the conversation is not settled.
        const UNSETTLED: Millis = 2_000;
        let Work::Read { conversation } = &job.work else { return Ok(Next::Done) };
        let posting = jobs::head_of::<Work>(ctx.store, TEXTS)?;
        if posting.is_some_and(|posting| posting.create().is_some_and(|it| it.target.is_in(conversation))) {
            job.due = ctx.now + UNSETTLED;
            return Ok(Next::Wait);
        }
        let read = PendingRequest::about(RequestKind::ReadReplies, conversation);
        self.request_permit(ctx, person, job, read)
    }

    pub(super) fn on_threads_read(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(location) => {
                return Self::read_elsewhere(ctx, person, job, &pending.conversation, location.as_deref());
            }
            Answer::Refused(_) | Answer::ConversationFull => return Ok(Next::Done),
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let mut page = read::threads(&response.json());
        pending.threads.append(&mut page.items);
        if page.more && pending.page < MAX_THREAD_PAGES {
            pending.page += 1;
            return self.request_permit(ctx, person, job, pending);
        }
        if person.conversation.as_deref() == Some(pending.conversation.as_str()) {
            let total = page.total.map_or(0, u64::cast_signed);
            person.threads = person.threads.max(total);
        }
        self.take_new_replies(ctx, person, job, pending)
    }

    /// Takes what was not handled yet of the threads that were read.
    pub(super) fn take_new_replies(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &Job,
        pending: Box<PendingRequest>,
    ) -> Stored<Next> {
        let (conversation, threads) = (pending.conversation.as_str(), &pending.threads);
        let joined = joined(ctx, conversation, threads)?;
        let delay = i64::from(ctx.hotline.reply_delay_seconds) * 1_000;
        let merged = foreign_merge(ctx, threads)?;
        let is_guest = !is_theirs(ctx, conversation)?;
        adopt_customer(ctx, conversation, threads)?;
        // What agents wrote to somebody who was erased since waited, and is not sent.
        let erased_at = last_erased_at(ctx)?;
        let is_since = |thread: &&Thread| {
            // Help Scout says it in whole seconds.
            erased_at.is_none_or(|at| read::instant(&thread.created_at).is_some_and(|created| created + 999 > at))
        };
        let mut replies: Vec<&Thread> = threads.iter().filter(|thread| thread.is_reply()).filter(is_since).collect();
        while let Some(oldest) = oldest(&replies) {
            let reply = replies.swap_remove(oldest);
            let former = match Self::compare_with_timeline(ctx, reply)? {
                KnownVersion::Unknown => None,
                KnownVersion::Current => continue,
                KnownVersion::Republished(former) => Some(*former),
            };
            if reply.is_by_ai() && !is_guest {
                Self::set_aside_ai_reply(ctx, conversation, reply.id)?;
            }
            if is_set_aside(ctx, reply.id)? {
                continue;
            }
            if is_guest {
                if !is_to_guest(ctx, person, reply, threads, joined)? {
                    continue;
                }
            } else {
                let age = age_at_merge(reply, joined).or(merged.and_then(|merged| age_at_merge(reply, merged)));
                if let Some(age) = age {
                    if age < MAX_WAIT_BEFORE_MERGE && is_written_to(ctx, person, reply) {
                        Self::take_unsure_reply(ctx, person, conversation, reply)?;
                    }
                    continue;
                }
                match self.recipient(ctx, person, conversation, reply, &pending.records)? {
                    Recipient::Person => {}
                    Recipient::Another => continue,
                    Recipient::Unknown(customer) => return self.read_record(ctx, person, job, pending, customer),
                }
            }
            let due = undoable_until(ctx, reply, delay)?;
            if due > ctx.now {
                // It can still be undone; those after it wait too, so that the order is kept.
                Self::enqueue_read(ctx, conversation, due)?;
                return Ok(Next::Done);
            }
            Self::take_reply(ctx, person, conversation, reply, former)?;
        }
        Ok(Next::Done)
    }

    /// A reply goes onto the timeline, into the queue towards the phone, and under a receipt.
    pub(super) fn take_reply(
        ctx: &StepContext,
        person: &Person,
        conversation: &str,
        reply: &Thread,
        mut former: Option<Entry>,
    ) -> Stored<()> {
        if let Some(former) = &mut former {
            Self::supersede(ctx, former)?;
        }
        let said = text_of(ctx, reply);
        let id = entry_id(reply.id, former.as_ref());
        let mut entry = Entry::outward(id, person.channel, said.text, ctx.now);
        entry.published = read::instant(&reply.created_at);
        entry.agent.clone_from(&reply.author);
        entry.agent_id = reply.author_id.map(u64::cast_signed);
        entry.conversation = Some(conversation.to_owned());
        entry.differs = said.too_long.is_empty() && differs(&reply.body, &entry.text);
        let (files, left_out) = sort_files(&reply.attachments, person.channel);
        let nothing = entry.text.is_empty() && files.is_empty();
        let (words, _) = split(&entry.text, parts_per_reply(ctx));
        let refusal = too_many_waiting(ctx, parts(&words, &files, person.channel).len())?;
        entry.remark = if !person.party.can_be_texted() {
            "This sender cannot be texted.".to_owned()
        } else if nothing && (said.has_images || !reply.attachments.is_empty()) {
            "The picture or file in this reply cannot be sent as a text. Attach it as JPEG, PNG, GIF or PDF, up to 5 MB."
                .to_owned()
        } else if nothing {
            "There is nothing to send: without its signature and the mail it quotes the reply is empty.".to_owned()
        } else if let Some(variable) = &said.left_over {
            format!(
                "{variable} was left over, and nothing stands in for it. Please send it again with the words meant there."
            )
        } else if let Some(refusal) = refusal {
            refusal.words.to_owned()
        } else {
            left_out_words(&left_out, said.has_images)
        };
        entry.add_remark(&said.too_long);
        let sendable = person.party.can_be_texted() && !nothing && said.left_over.is_none() && refusal.is_none();
        if !sendable {
            entry.delivery = Delivery::Failed;
        }
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        if sendable {
            Self::queue_parts(ctx, person, seq, &entry.text, conversation, &files)?;
        }
        Self::enqueue_receipt(ctx, seq, ctx.now)
    }

    /// A reply that may have come with another person's conversation is not sent, and the agent is told.
    fn take_unsure_reply(ctx: &StepContext, person: &Person, conversation: &str, reply: &Thread) -> Stored<()> {
        let words = to_text(&reply.body).text;
        let mut entry = Entry::outward(entry_id(reply.id, None), person.channel, words, ctx.now);
        entry.conversation = Some(conversation.to_owned());
        entry.delivery = Delivery::Failed;
        MERGED_MEANWHILE.clone_into(&mut entry.remark);
        entry.differs = true;
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        Self::enqueue_receipt(ctx, seq, ctx.now)
    }

    /// The messages of a reply, in order.
    pub(super) fn queue_parts(
        ctx: &StepContext,
        person: &Person,
        entry: i64,
        text: &str,
        conversation: &str,
        files: &[&Attachment],
    ) -> Stored<()> {
        let sender = sender_of(ctx, person);
        let (words, _) = split(text, parts_per_reply(ctx));
        for (number, part) in (0..).zip(parts(&words, files, person.channel)) {
            let mut message = OutgoingText::new(entry, number, &sender, part.words.to_owned());
            message.media = part.files.iter().map(|file| token(conversation, file)).collect();
            message.queue(ctx.store, PHONE, ctx.now, ctx.now)?;
        }
        Ok(())
    }
}

/// When a reply can no longer be undone.
fn undoable_until(ctx: &StepContext, reply: &Thread, delay: Millis) -> Stored<Millis> {
    let Some(published) = read::instant(&reply.created_at) else { return Ok(ctx.now) };
    let due = published + delay;
    if due <= ctx.now {
        return Ok(due);
    }
    Ok(due.min(first_read(ctx, reply.id, published)? + delay))
}

/// When this conversation became the person's, as instant and thread: nothing here before that was written to them. Help
/// Scout's line of the merge says it more exactly than we heard it.
fn joined(ctx: &StepContext, conversation: &str, threads: &[Thread]) -> Stored<(Millis, u64)> {
    let since = super::conversation_moves::since(ctx, conversation)?;
    let mut joined = (since, 0);
    for thread in threads {
        let (Some(from), Some(at)) = (thread.merged_from, read::instant(&thread.created_at)) else { continue };
        let earlier = at <= since && (joined.1 == 0 || (at, thread.id) < joined);
        if earlier && is_theirs(ctx, &from.to_string())? {
            joined = (at, thread.id);
        }
    }
    Ok(joined)
}

/// The last time that a conversation which is not this person's was merged into this one: instant and thread.
fn foreign_merge(ctx: &StepContext, threads: &[Thread]) -> Stored<Option<(Millis, u64)>> {
    let mut last = None;
    for thread in threads {
        let Some(from) = thread.merged_from else { continue };
        if !is_theirs(ctx, &from.to_string())? {
            last = last.max(read::instant(&thread.created_at).map(|at| (at, thread.id)));
        }
    }
    Ok(last)
}

/// The oldest of at most a hundred; a sort would weigh more than it saves.
fn oldest(replies: &[&Thread]) -> Option<usize> {
    let age = |(_, reply): &(usize, &&Thread)| (reply.created_at.clone(), reply.id);
    replies.iter().enumerate().min_by_key(age).map(|(at, _)| at)
}

/// Whether the phone shows other words than the agent wrote: a signature cut, a quotation dropped, an address added.
fn differs(html: &str, text: &str) -> bool {
    normalised(html) != text.split_whitespace().collect::<Vec<_>>().join(" ")
}
