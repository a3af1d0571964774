//! What agents wrote becomes texts: every published reply of a person that was not handled yet, oldest first.

use super::call::{Call, What};
use super::person::Person;
use super::settling::MOST_PAGES;
use super::timeline::{Entry, Message};
use super::{Contact, PHONE, REPLIES, Scene, TEXTS};
use crate::answer::{Answer, try_again};
use crate::config::Customers;
use crate::effect::Millis;
use crate::helpscout::people::synthetic_email;
use crate::helpscout::read::{self, Attachment, Thread};
use crate::html::{normalised, to_text};
use crate::media::{self, MediaLink};
use crate::queue::{self, Job, Next, Phase};
use crate::store::Stored;
use crate::text::split::split;
use crate::twilio::status::Delivery;

/// Said of a reply that may have come with another person's conversation.
const UNSURE: &str = "Another conversation was merged into this one before it left, and it may belong to that one. Please \
                      send it again if it was meant for them.";

/// A reply that was older than this when another conversation was merged in had left long before: those that wait
/// longer wait for Help Scout itself.
const MERGING: Millis = 3_600_000;

/// The most that Twilio takes with one message (Twilio, Message resource: 5 MB with all media, ten media).
const MOST_MEDIA_BYTES: u64 = 5_000_000;
const MOST_MEDIA: usize = 10;

impl Contact {
    /// A reply was announced: read it when it can no longer be undone.
    pub(super) fn will_read(scene: &Scene, conversation: &str, due: Millis) -> Stored<()> {
        let waiting = queue::about(scene.store, "read", conversation)?;
        if waiting.iter().any(|job| job.due == due) {
            return Ok(());
        }
        queue::add(scene.store, REPLIES, "read", conversation, due, scene.now)
    }

    pub(super) fn begin_read(&mut self, scene: &Scene, person: &Person, job: &mut Job) -> Stored<Next> {
        /// How soon a look is worth it while something of ours in the conversation is not settled.
        const UNSETTLED: Millis = 2_000;
        let unsettled = queue::heads(scene.store)?
            .iter()
            .any(|head| head.lane == TEXTS && head.phase != Phase::Waiting && head.target == job.subject);
        if unsettled {
            job.due = scene.now + UNSETTLED;
            return Ok(Next::Wait);
        }
        self.ask(scene, person, job, Call::about(What::ReadReplies, &job.subject))
    }

    pub(super) fn read(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        mut call: Box<Call>,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(location) => return self.gone(scene, person, job, &call.conversation, location),
            Answer::Refused(_) | Answer::Full => return Ok(Next::Done),
            other => return Ok(try_again(scene.now, job, &other)),
        };
        let mut page = read::threads(&response.json());
        call.threads.append(&mut page.items);
        if page.more && call.page < MOST_PAGES {
            call.page += 1;
            return self.ask(scene, person, job, call);
        }
        if person.conversation.as_deref() == Some(call.conversation.as_str()) {
            let total = page.total.map_or(0, u64::cast_signed);
            person.threads = person.threads.max(total);
        }
        self.handle(scene, person, &call.conversation, call.threads)?;
        Ok(Next::Done)
    }

    fn handle(&mut self, scene: &Scene, person: &mut Person, conversation: &str, threads: Vec<Thread>) -> Stored<()> {
        let joined = joined(scene, conversation, &threads)?;
        let delay = i64::from(scene.hotline.reply_delay_seconds) * 1_000;
        let merged = foreign_merge(scene, &threads)?;
        let mut replies: Vec<Thread> = threads.into_iter().filter(Thread::is_reply_by_a_person).collect();
        while let Some(oldest) = oldest(&replies) {
            let reply = replies.swap_remove(oldest);
            let at = read::instant(&reply.created_at);
            if Entry::exists(scene.store, &entry_id(reply.id))? {
                continue;
            }
            let age = age_at_merge(&reply, joined).or(merged.and_then(|merged| age_at_merge(&reply, merged)));
            if let Some(age) = age {
                if age < MERGING && is_to(scene, person, &reply) {
                    Self::take_unsure(scene, person, conversation, &reply)?;
                }
                continue;
            }
            let due = at.map_or(scene.now, |at| at + delay).min(scene.now + delay);
            if due > scene.now {
                // It can still be undone; those after it wait too, so that the order is kept.
                return Self::will_read(scene, conversation, due);
            }
            Self::take_reply(scene, person, conversation, &reply)?;
        }
        Ok(())
    }

    /// A reply goes onto the timeline, into the queue towards the phone, and under a receipt.
    fn take_reply(scene: &Scene, person: &Person, conversation: &str, reply: &Thread) -> Stored<()> {
        let said = to_text(&reply.body);
        let mut entry = Entry::outward(entry_id(reply.id), person.channel, said.text, scene.now);
        entry.agent.clone_from(&reply.author);
        entry.conversation = Some(conversation.to_owned());
        entry.differs = differs(&reply.body, &entry.text);
        let (files, left_out) = sort_files(&reply.attachments);
        let nothing = entry.text.is_empty() && files.is_empty();
        entry.remark = if !person.party.can_be_texted() {
            "This sender cannot be texted.".to_owned()
        } else if nothing && (said.has_images || !reply.attachments.is_empty()) {
            "The picture or file in this reply cannot be sent as a text. Attach it as JPEG, PNG, GIF or PDF, up to 5 MB."
                .to_owned()
        } else if nothing {
            "There is nothing to send: without its signature the reply is empty.".to_owned()
        } else {
            left_out_words(&left_out, said.has_images)
        };
        let sendable = person.party.can_be_texted() && !nothing;
        if !sendable {
            entry.delivery = Delivery::Failed;
        }
        let Some(seq) = entry.insert(scene.store)? else { return Ok(()) };
        if sendable {
            Self::queue_parts(scene, person, seq, &entry.text, conversation, &files)?;
        }
        Self::will_receipt(scene, seq, scene.now)
    }

    /// A reply that may have come with another person's conversation is not sent, and the agent is told.
    fn take_unsure(scene: &Scene, person: &Person, conversation: &str, reply: &Thread) -> Stored<()> {
        let words = to_text(&reply.body).text;
        let mut entry = Entry::outward(entry_id(reply.id), person.channel, words, scene.now);
        entry.conversation = Some(conversation.to_owned());
        entry.delivery = Delivery::Failed;
        UNSURE.clone_into(&mut entry.remark);
        entry.differs = true;
        let Some(seq) = entry.insert(scene.store)? else { return Ok(()) };
        Self::will_receipt(scene, seq, scene.now)
    }

    /// Parts leave in order; media leave with the first.
    pub(super) fn queue_parts(
        scene: &Scene,
        person: &Person,
        entry: i64,
        text: &str,
        conversation: &str,
        files: &[&Attachment],
    ) -> Stored<()> {
        let sender = sender_of(scene, person);
        let mut parts: Vec<&str> = split(text);
        if parts.is_empty() {
            parts.push("");
        }
        for (part, body) in (0..).zip(parts) {
            let mut message = Message::new(entry, part, &sender, body.to_owned());
            if part == 0 {
                let token = |file: &&Attachment| format!("{conversation}:{}:{}", file.id, plain_type(&file.mime));
                message.media = files.iter().map(token).collect();
            }
            message.queue(scene.store, PHONE, scene.now, scene.now)?;
        }
        Ok(())
    }

    /// Before it leaves after a wait: is the reply still published, and does it still say the same?
    pub(super) fn verified(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        mut call: Box<Call>,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(_) => return Self::withdraw(scene, job, "The conversation was deleted before it was sent."),
            other => return Ok(try_again(scene.now, job, &other)),
        };
        let page = read::threads(&response.json());
        let Some(message) = Message::load(scene.store, &job.subject)? else { return Ok(Next::Done) };
        let Some(mut entry) = Entry::load(scene.store, message.entry)? else { return Ok(Next::Done) };
        let Some(reply) = page.items.iter().find(|thread| entry_id(thread.id) == entry.id) else {
            if page.more && call.page < MOST_PAGES {
                call.page += 1;
                return self.ask(scene, person, job, call);
            }
            return Self::withdraw(scene, job, "It was withdrawn before it was sent.");
        };
        if !reply.is_reply_by_a_person() {
            return Self::withdraw(scene, job, "It was withdrawn before it was sent.");
        }
        let text = to_text(&reply.body).text;
        if text != entry.text {
            let (files, _) = sort_files(&reply.attachments);
            entry.text = text;
            entry.save(scene.store)?;
            Self::drop_parts(scene, entry.seq)?;
            let last = queue::last(scene.store)?;
            Self::queue_parts(scene, person, entry.seq, &entry.text, &call.conversation, &files)?;
            queue::step_back(scene.store, PHONE, job.seq, last)?;
            return Ok(Next::Done);
        }
        self.ask_to_send(scene, person, job, &message)
    }
}

/// When this conversation became the person's, as instant and thread: nothing here before that was written to them. Help
/// Scout's line of the merge says it more exactly than we heard it.
fn joined(scene: &Scene, conversation: &str, threads: &[Thread]) -> Stored<(Millis, u64)> {
    let since = super::travels::since(scene, conversation)?;
    let mut joined = (since, 0);
    for thread in threads {
        let (Some(from), Some(at)) = (thread.merged_from, read::instant(&thread.created_at)) else { continue };
        let earlier = at <= since && (joined.1 == 0 || (at, thread.id) < joined);
        if earlier && super::travels::role(scene, &from.to_string())?.is_some() {
            joined = (at, thread.id);
        }
    }
    Ok(joined)
}

/// The last time that a conversation which is not this person's was merged into this one: instant and thread.
fn foreign_merge(scene: &Scene, threads: &[Thread]) -> Stored<Option<(Millis, u64)>> {
    let mut last = None;
    for thread in threads {
        let Some(from) = thread.merged_from else { continue };
        if super::travels::role(scene, &from.to_string())?.is_none() {
            last = last.max(read::instant(&thread.created_at).map(|at| (at, thread.id)));
        }
    }
    Ok(last)
}

/// How old a reply was at a merge; `None` when it came after.
fn age_at_merge(reply: &Thread, merged: (Millis, u64)) -> Option<Millis> {
    let at = read::instant(&reply.created_at)?;
    ((at, reply.id) < merged).then_some(merged.0 - at)
}

/// Whether Help Scout says that a reply was written to this person.
fn is_to(scene: &Scene, person: &Person, reply: &Thread) -> bool {
    match &scene.config.customers {
        Customers::Email { domain } => synthetic_email(&person.party, domain).eq_ignore_ascii_case(&reply.email),
        Customers::PhoneOnly => person.customer.is_some() && person.customer == reply.customer,
    }
}

/// The id of a reply's entry.
pub(super) fn entry_id(thread: u64) -> String {
    format!("hs:{thread}")
}

/// By which sender replies leave: the one that was texted, if it is still ours, else the hotline's first.
pub(super) fn sender_of(scene: &Scene, person: &Person) -> String {
    use crate::phone::Channel;
    let hotline = scene.hotline;
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
fn oldest(replies: &[Thread]) -> Option<usize> {
    let age = |(_, reply): &(usize, &Thread)| (reply.created_at.clone(), reply.id);
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

/// The address of a message's medium, good for as long as Twilio may need to fetch it.
pub(super) fn media_address(scene: &Scene, token: &str) -> Option<String> {
    let mut words = token.splitn(3, ':');
    let (conversation, attachment) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let mime = words.next()?.to_owned();
    let link = MediaLink::HelpScout { conversation, attachment, mime };
    Some(link.address(scene.config, scene.now + media::TOWARDS_TWILIO))
}
