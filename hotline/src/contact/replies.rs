//! What agents wrote becomes texts: every published reply of a person that was not handled yet, oldest first.

use super::conversation_moves::{is_theirs, moved_to};
use super::limits::{parts_per_reply, text_of, too_many_waiting};
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::recipients::{MERGING, Recipient, adopt_customer, age_at_merge, is_set_aside, is_to_guest, is_written_to};
use super::reconcile::MOST_PAGES;
use super::reply_versions::{CHANGED, Standing, WITHDRAWN, entry_id, first_read, is_published_anew};
use super::timeline::{Entry, Message};
use super::whereabouts::NOT_FOUND;
use super::work::{Job, Work, read_key, send_key};
use super::{Contact, PHONE, REPLIES, StepContext, TEXTS};
use crate::answer::{Answer, try_again};
use crate::domain::html::{normalised, to_text};
use crate::domain::text::split::split;
use crate::effects::Millis;
use crate::helpscout::read::{self, Attachment, Thread};
use crate::jobs::{self, Next};
use crate::media::{self, MediaLink};
use crate::messages::rate_limiter::PermitRequest;
use crate::storage::Stored;
use crate::twilio::status::Delivery;

/// Said of a reply that may have come with another person's conversation.
const UNSURE: &str = "Another conversation was merged into this one before it left, and it may belong to that one. Please \
                      send it again if it was meant for them.";

/// How often a reply that waits is looked for in a conversation that is not found: with the back-off of the queue that
/// is a minute.
const MISSES: i64 = 5;

/// The most that Twilio takes with one message (Twilio, Message resource: 5 MB with all media, ten media).
const MOST_MEDIA_BYTES: u64 = 5_000_000;
const MOST_MEDIA: usize = 10;

impl Contact {
    /// A reply was announced: read it when it can no longer be undone.
    pub(super) fn will_read(ctx: &StepContext, conversation: &str, due: Millis) -> Stored<()> {
        let waiting = jobs::about::<Work>(ctx.store, &read_key(conversation))?;
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
        self.ask(ctx, person, job, read)
    }

    pub(super) fn read(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut call: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(location) => {
                return Self::read_elsewhere(ctx, person, job, &call.conversation, location.as_deref());
            }
            Answer::Refused(_) | Answer::Full => return Ok(Next::Done),
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let mut page = read::threads(&response.json());
        call.threads.append(&mut page.items);
        if page.more && call.page < MOST_PAGES {
            call.page += 1;
            return self.ask(ctx, person, job, call);
        }
        if person.conversation.as_deref() == Some(call.conversation.as_str()) {
            let total = page.total.map_or(0, u64::cast_signed);
            person.threads = person.threads.max(total);
        }
        self.handle(ctx, person, job, call)
    }

    /// Takes what was not handled yet of the threads that were read.
    pub(super) fn handle(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &Job,
        call: Box<PendingRequest>,
    ) -> Stored<Next> {
        let (conversation, threads) = (call.conversation.as_str(), &call.threads);
        let joined = joined(ctx, conversation, threads)?;
        let delay = i64::from(ctx.hotline.reply_delay_seconds) * 1_000;
        let merged = foreign_merge(ctx, threads)?;
        let is_guest = !is_theirs(ctx, conversation)?;
        adopt_customer(ctx, conversation, threads)?;
        let mut replies: Vec<&Thread> = threads.iter().filter(|thread| thread.is_reply()).collect();
        while let Some(oldest) = oldest(&replies) {
            let reply = replies.swap_remove(oldest);
            let former = match Self::standing(ctx, reply)? {
                Standing::New => None,
                Standing::Known => continue,
                Standing::Again(former) => Some(*former),
            };
            if reply.is_by_ai() && !is_guest {
                Self::is_by_ai(ctx, conversation, reply.id)?;
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
                    if age < MERGING && is_written_to(ctx, person, reply) {
                        Self::take_unsure(ctx, person, conversation, reply)?;
                    }
                    continue;
                }
                match self.recipient(ctx, person, conversation, reply, &call.records)? {
                    Recipient::Person => {}
                    Recipient::Another => continue,
                    Recipient::Unknown(customer) => return self.read_record(ctx, person, job, call, customer),
                }
            }
            let due = final_at(ctx, reply, delay)?;
            if due > ctx.now {
                // It can still be undone; those after it wait too, so that the order is kept.
                Self::will_read(ctx, conversation, due)?;
                return Ok(Next::Done);
            }
            Self::take_reply(ctx, person, conversation, reply, former)?;
        }
        Ok(Next::Done)
    }

    /// A reply goes onto the timeline, into the queue towards the phone, and under a receipt.
    fn take_reply(
        ctx: &StepContext,
        person: &Person,
        conversation: &str,
        reply: &Thread,
        mut former: Option<Entry>,
    ) -> Stored<()> {
        if let Some(former) = &mut former {
            Self::make_former(ctx, former)?;
        }
        let said = text_of(ctx, reply);
        let id = entry_id(reply.id, former.as_ref());
        let mut entry = Entry::outward(id, person.channel, said.text, ctx.now);
        entry.published = read::instant(&reply.created_at);
        entry.agent.clone_from(&reply.author);
        entry.agent_id = reply.author_id.map(u64::cast_signed);
        entry.conversation = Some(conversation.to_owned());
        entry.differs = said.too_long.is_empty() && differs(&reply.body, &entry.text);
        let (files, left_out) = sort_files(&reply.attachments);
        let nothing = entry.text.is_empty() && files.is_empty();
        let refusal = too_many_waiting(ctx, split(&entry.text, parts_per_reply(ctx)).0.len())?;
        entry.remark = if !person.party.can_be_texted() {
            "This sender cannot be texted.".to_owned()
        } else if nothing && (said.has_images || !reply.attachments.is_empty()) {
            "The picture or file in this reply cannot be sent as a text. Attach it as JPEG, PNG, GIF or PDF, up to 5 MB."
                .to_owned()
        } else if nothing {
            "There is nothing to send: without its signature the reply is empty.".to_owned()
        } else if let Some(refusal) = refusal {
            refusal.words.to_owned()
        } else {
            left_out_words(&left_out, said.has_images)
        };
        entry.add_remark(&said.too_long);
        let sendable = person.party.can_be_texted() && !nothing && refusal.is_none();
        if !sendable {
            entry.delivery = Delivery::Failed;
        }
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        if sendable {
            Self::queue_parts(ctx, person, seq, &entry.text, conversation, &files)?;
        }
        Self::will_receipt(ctx, seq, ctx.now)
    }

    /// A reply that may have come with another person's conversation is not sent, and the agent is told.
    fn take_unsure(ctx: &StepContext, person: &Person, conversation: &str, reply: &Thread) -> Stored<()> {
        let words = to_text(&reply.body).text;
        let mut entry = Entry::outward(entry_id(reply.id, None), person.channel, words, ctx.now);
        entry.conversation = Some(conversation.to_owned());
        entry.delivery = Delivery::Failed;
        UNSURE.clone_into(&mut entry.remark);
        entry.differs = true;
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        Self::will_receipt(ctx, seq, ctx.now)
    }

    /// Parts leave in order; media leave with the first.
    pub(super) fn queue_parts(
        ctx: &StepContext,
        person: &Person,
        entry: i64,
        text: &str,
        conversation: &str,
        files: &[&Attachment],
    ) -> Stored<()> {
        let sender = sender_of(ctx, person);
        let (mut parts, _) = split(text, parts_per_reply(ctx));
        if parts.is_empty() {
            parts.push("");
        }
        for (part, body) in (0..).zip(parts) {
            let mut message = Message::new(entry, part, &sender, body.to_owned());
            if part == 0 {
                let token = |file: &&Attachment| format!("{conversation}:{}:{}", file.id, plain_type(&file.mime));
                message.media = files.iter().map(token).collect();
            }
            message.queue(ctx.store, PHONE, ctx.now, ctx.now)?;
        }
        Ok(())
    }

    /// Before it leaves after a wait: is the reply still published, and does it still say the same?
    pub(super) fn verified(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut call: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(message) = Message::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        let Some(entry) = Entry::load(ctx.store, message.entry)? else { return Ok(Next::Done) };
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(location) => match moved_to(&call.conversation, location.as_deref()) {
                // It stands where its conversation went, and is looked at there.
                Some(into) => {
                    Self::follow(ctx, person, &call.conversation, &into)?;
                    job.retry(ctx.now);
                    return Ok(Next::Wait);
                }
                None if job.attempts < MISSES => {
                    job.retry(ctx.now);
                    return Ok(Next::Wait);
                }
                None => return Self::withdraw(ctx, entry, NOT_FOUND),
            },
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let page = read::threads(&response.json());
        let reply = page.items.iter().find(|thread| Some(thread.id) == entry.thread());
        if reply.is_none() && entry.thread().is_some() && page.more && call.page < MOST_PAGES {
            call.page += 1;
            return self.ask(ctx, person, job, call);
        }
        let withdrawn = if message.is_repeat() {
            "It was withdrawn, so it is not sent again."
        } else {
            "It was withdrawn before it was sent."
        };
        match reply.filter(|reply| reply.is_reply()) {
            Some(reply) if is_published_anew(&entry, reply) => {
                // It may now be written to somebody else; whoever reads it next knows.
                Self::will_read(ctx, &call.conversation, ctx.now)?;
                Self::withdraw(ctx, entry, withdrawn)
            }
            Some(reply) if text_of(ctx, reply).text != entry.text => {
                self.changed(ctx, person, job, message, entry, reply)
            }
            None if entry.thread().is_some() => Self::withdraw(ctx, entry, withdrawn),
            _ => {
                self.read_at = Some((entry.seq, ctx.now));
                self.ask_to_send(ctx, person, job, &message)
            }
        }
    }

    /// The agent took it back: what of it has not left does not leave, until it is published again.
    fn withdraw(ctx: &StepContext, mut entry: Entry, remark: &str) -> Stored<Next> {
        entry.published = Some(WITHDRAWN);
        Self::stop(ctx, &mut entry, remark)?;
        Ok(Next::Done)
    }

    /// It says something else than when it was read: that is sent in its place, unless a part of it has arrived.
    fn changed(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        message: Message,
        mut entry: Entry,
        reply: &Thread,
    ) -> Stored<Next> {
        let conversation = entry.conversation.clone().unwrap_or_default();
        let messages = Message::of_entry(ctx.store, entry.seq)?;
        let has_left = |it: &Message| it.sid.is_some() && it.delivery != Delivery::Failed;
        if messages.iter().any(|other| other.part != message.part && has_left(other)) {
            entry.add_remark(CHANGED);
            entry.save(ctx.store)?;
            self.read_at = Some((entry.seq, ctx.now));
            return self.ask_to_send(ctx, person, job, &message);
        }
        let last = jobs::last(ctx.store)?;
        let repeated = matches!(job.work, Work::Send { repeats: 1.., .. });
        if !repeated && messages.iter().all(|other| other.sid.is_none()) {
            let (files, _) = sort_files(&reply.attachments);
            entry.text = text_of(ctx, reply).text;
            entry.save(ctx.store)?;
            Self::drop_parts(ctx, entry.seq)?;
            Self::queue_parts(ctx, person, entry.seq, &entry.text, &conversation, &files)?;
        } else {
            Self::take_reply(ctx, person, &conversation, reply, Some(entry))?;
        }
        jobs::step_back(ctx.store, PHONE, job.id, last)?;
        Ok(Next::Done)
    }

    fn drop_parts(ctx: &StepContext, entry: i64) -> Stored<()> {
        for message in Message::of_entry(ctx.store, entry)? {
            for job in jobs::about::<Work>(ctx.store, &send_key(&message.id))? {
                jobs::remove(ctx.store, &job)?;
            }
            message.delete(ctx.store)?;
        }
        Ok(())
    }
}

/// When a reply can no longer be undone.
fn final_at(ctx: &StepContext, reply: &Thread, delay: Millis) -> Stored<Millis> {
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

/// By which sender replies leave: the one that was texted, if it is still ours, else the hotline's first.
pub(super) fn sender_of(ctx: &StepContext, person: &Person) -> String {
    use crate::domain::phone::Channel;
    let hotline = ctx.hotline;
    match person.channel {
        Channel::WhatsApp => {
            hotline.whatsapp.as_ref().map_or_else(|| person.sender.clone(), |number| format!("whatsapp:{number}"))
        }
        Channel::Sms => {
            if let Some(service) = &hotline.messaging_service {
                return service.as_str().to_owned();
            }
            let same = hotline.numbers.iter().find(|number| number.as_str() == person.sender);
            same.or(hotline.numbers.first()).map(|number| number.as_str().to_owned()).unwrap_or_default()
        }
    }
}

/// The files that can go with a text, and those that cannot.
fn sort_files(attachments: &[Attachment]) -> (Vec<&Attachment>, Vec<&Attachment>) {
    let mut room = MOST_MEDIA_BYTES;
    let mut files = Vec::new();
    let mut left_out = Vec::new();
    for file in attachments {
        if media::can_be_texted(plain_type(&file.mime)) && file.size <= room && files.len() < MOST_MEDIA {
            room -= file.size;
            files.push(file);
        } else {
            left_out.push(file);
        }
    }
    (files, left_out)
}

fn left_out_words(files: &[&Attachment], has_images: bool) -> String {
    if !files.is_empty() {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        return format!("Not sent with it, since texts cannot carry it: {}.", names.join(", "));
    }
    if has_images {
        return "The picture inside the reply was not sent; attach it as a file.".to_owned();
    }
    String::new()
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

/// A type without its parameters.
fn plain_type(mime: &str) -> &str {
    mime.split([';', ' ']).next().unwrap_or("")
}

/// The id of the permit to read a message's medium.
pub(super) fn file_read(token: &str) -> Option<String> {
    Some(PermitRequest::file(token.split(':').nth(1)?.parse().ok()?).id)
}

/// The address of a message's medium, good for as long as Twilio may need to fetch it.
pub(super) fn media_address(ctx: &StepContext, token: &str) -> Option<String> {
    let mut words = token.splitn(3, ':');
    let (conversation, attachment) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let mime = words.next()?.to_owned();
    let link = MediaLink::HelpScout { conversation, attachment, mime };
    Some(link.address(ctx.config, ctx.now + media::TOWARDS_TWILIO))
}
