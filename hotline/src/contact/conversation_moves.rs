//! Where a person's talk goes on when agents merge, move or delete a conversation. A conversation has one contact for
//! ever; a contact has one current conversation.

use serde_json::Value;

use super::conversation_rollover::is_closed;
use super::events;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::{Person, Said};
use super::retained::Retained;
use super::timeline::{Entry, entry_of};
use super::work::{Fact, Job, Work, claim_lane};
use super::{Contact, DIRECTORY, Opening, RECEIPTS, StepContext, TEXTS};
use crate::answer::{Answer, CLOCK_TOLERANCE, try_again};
use crate::config::Customers;
use crate::domain::html::Html;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::helpscout::people::from_synthetic_email;
use crate::helpscout::read::{Conversation, moved_to};
use crate::jobs::{self, Next, State, Target};
use crate::messages::directory;
use crate::storage::{Row, Stored, first, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, role TEXT NOT NULL, since INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

/// The first release knew a conversation that may still turn up by its words, for ever.
pub(super) const FORGET_WORDS: &str = "DELETE FROM conversations WHERE role = 'lost'";

/// A conversation that we made was the person's from its first instant.
pub(super) const ALWAYS: Millis = 0;

/// A conversation of somebody else's in which something was written to this person.
pub(super) const GUEST: &str = "guest";

/// What a conversation is to the person: `current`, `former`, `twin`, or `guest` when it is somebody else's; `None` when it
/// has nothing to do with them.
pub(super) fn role(ctx: &StepContext, id: &str) -> Stored<Option<String>> {
    let row = first(ctx.store, "SELECT role FROM conversations WHERE id = ?", &[id.into()])?;
    Ok(row.map(|row| row.string(0)))
}

/// Whether a conversation is theirs.
pub(super) fn is_theirs(ctx: &StepContext, id: &str) -> Stored<bool> {
    Ok(role(ctx, id)?.is_some_and(|role| role != GUEST))
}

/// Replies before this instant were not written to the person.
pub(super) fn since(ctx: &StepContext, id: &str) -> Stored<Millis> {
    let row = first(ctx.store, "SELECT since FROM conversations WHERE id = ?", &[id.into()])?;
    Ok(row.map_or(ctx.now, |row| row.integer(0)))
}

/// A merge of a conversation of this person's into another one.
pub(super) struct Merge<'a> {
    /// Which conversation is no more.
    pub from: &'a str,
    /// Where it went.
    pub into: &'a str,
    /// When, or when we noticed: before that, nothing in the other one was written to the person.
    pub at: Millis,
    /// Whether the other one is now theirs.
    pub ours: bool,
}

/// How often it is asked whose a conversation is that a quarantined job may have made: a release that was taken back comes
/// again in hours, and agents wait for what they replied there.
const RELEASE_AWAITED: Millis = 600_000;

impl Contact {
    pub(super) fn save_conversation(&self, ctx: &StepContext, id: &str, role: &str, since: Millis) -> Stored<()> {
        let sql = "INSERT INTO conversations (id, role, since) VALUES (?, ?, ?) \
                   ON CONFLICT (id) DO UPDATE SET role = excluded.role, since = MIN(since, excluded.since)";
        run(ctx.store, sql, &[id.into(), role.into(), since.into()])
    }

    /// Adds a job that tells the hotline's directory something of ours: a conversation, a customer, a failure.
    pub(super) fn tell_directory(&self, ctx: &StepContext, fact: Fact) -> Stored<()> {
        jobs::add(ctx.store, DIRECTORY, &Work::TellDirectory { fact }, ctx.now, ctx.now)
    }

    pub(super) fn begin_tell_directory(&mut self, ctx: &StepContext, person: &Person, job: &Job, fact: &Fact) -> Next {
        let contact = person.party.key();
        let message = match fact.clone() {
            Fact::Conversation(id) => directory::Message::Conversation { id, contact },
            Fact::Guest(id) => directory::Message::Guest { id, contact },
            Fact::Customer(id) => directory::Message::Customer { id, contact },
            Fact::Count(what) => directory::Message::Count { what },
            Fact::Failed(what) => directory::Message::Failed { what, at: job.since },
            Fact::Retained(Retained { run, next_at, texts, media, recordings, held }) => {
                let removed =
                    directory::Removed { texts: texts.into(), media: media.into(), recordings: recordings.into() };
                directory::Message::Retained { contact, told: directory::Retained { run, next_at, removed, held } }
            }
            Fact::WorkLeft(by) => directory::Message::WorkLeft { contact, by },
        };
        self.tell_directory_now(ctx, job, message)
    }

    /// The conversation that theirs was merged into has been read. Continue there unless it belongs to another of our
    /// contacts.
    fn on_claim_checked(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        merge: (&str, &str),
        answer: Answer,
    ) -> Stored<Next> {
        let (from, claimed) = merge;
        let theirs = match answer {
            Answer::Done(response) => is_anothers(ctx, person, &response.json()),
            Answer::Gone(location) => {
                let further = moved_to(claimed, location.as_deref());
                if let Some(into) = &further {
                    stands_in(ctx, person, claimed, into)?;
                    Self::enqueue_claim(ctx, from, into)?;
                    return Ok(Next::Done);
                }
                true
            }
            Answer::Refused(_) | Answer::ConversationFull => true,
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        if theirs {
            return self.on_object_reply(ctx, person, job, ObjectReply::Theirs);
        }
        let id = claimed.parse().unwrap_or(0);
        Ok(self.tell_directory_now(ctx, job, directory::Message::Claim { id, contact: person.party.key() }))
    }

    pub(super) fn tell_directory_now(&mut self, ctx: &StepContext, job: &Job, message: directory::Message) -> Next {
        self.tell_object(ctx, job, ToObject::Directory(message))
    }

    pub(super) fn on_object_reply(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        reply: ObjectReply,
    ) -> Stored<Next> {
        if let Work::HandOver { thread } = &job.work {
            let thread = thread.clone();
            return Self::on_handed_over(ctx, job, &thread, &reply);
        }
        if matches!(job.work, Work::Erase { .. }) {
            return Self::on_erased_by_object(ctx, job, &reply);
        }
        if matches!(job.work, Work::Retain { .. }) {
            return Self::on_removed_by_object(ctx, job, &reply);
        }
        if matches!(job.work, Work::Meet { .. } | Work::Deliver { .. } | Work::TellConsent { .. }) {
            return Self::on_alias_reply(ctx, person, job, &reply);
        }
        if matches!(job.work, Work::ImportConversation { .. }) {
            return self.on_import_claimed(ctx, person, job, &reply);
        }
        if matches!(job.work, Work::HandOverEvents) {
            return events::on_handed_over(ctx, job, &reply);
        }
        match reply {
            ObjectReply::Unreachable => job.retry(ctx.now),
            ObjectReply::Later(wait) => job.due = ctx.now + wait,
            ObjectReply::Yours | ObjectReply::Theirs => {
                let Work::Claim { from, into } = &job.work else { return Ok(Next::Done) };
                let merge = Merge { from, into, at: job.since, ours: reply == ObjectReply::Yours };
                self.on_merged(ctx, person, &merge)?;
                return Ok(Next::Done);
            }
            _ => return Ok(Next::Done),
        }
        Ok(Next::Wait)
    }

    /// The conversation has been read before something is added to it.
    pub(super) fn on_conversation_checked(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        match job.work.clone() {
            Work::Claim { from, into } => return self.on_claim_checked(ctx, person, job, (&from, &into), answer),
            Work::Inspect { conversation } => return self.on_inspected(ctx, person, job, &conversation, answer),
            Work::ImportConversation { .. } => return self.on_import_read(ctx, person, job, answer),
            _ => {}
        }
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(location) => {
                return self.post_elsewhere(ctx, person, job, &pending.conversation, location.as_deref());
            }
            Answer::Refused(_) | Answer::ConversationFull => {
                return self.post_elsewhere(ctx, person, job, &pending.conversation, None);
            }
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let here = Conversation::read(&response.json()).unwrap_or_default();
        if here.state == "deleted" {
            if !self.forget(ctx, person, &pending.conversation)? {
                Self::enqueue_inspect(ctx, &pending.conversation, ctx.now)?;
            }
            return Ok(Next::Wait);
        }
        if here.mailbox.is_some_and(|mailbox| mailbox != ctx.hotline.mailbox) {
            self.on_moved_to_another_inbox(ctx, person, &pending.conversation)?;
            return Ok(Next::Wait);
        }
        // It is there and refused a thread: it takes no more from us, whatever the reason.
        if is_closed(ctx, &here) || pending.after_refusal {
            self.leave(ctx, person, &pending.conversation)?;
            return Ok(Next::Wait);
        }
        person.threads = person.threads.max(here.threads.map_or(0, u64::cast_signed));
        let Some(entry) = entry_of(ctx, job)? else { return Ok(Next::Done) };
        let append = PendingRequest::about(RequestKind::Append, &pending.conversation);
        self.fetch_media(ctx, person, job, &entry, append)
    }

    /// New texts no longer go into it.
    pub(super) fn leave(&self, ctx: &StepContext, person: &mut Person, conversation: &str) -> Stored<()> {
        if person.conversation.as_deref() == Some(conversation) {
            person.leave_conversation();
        }
        let sql = "UPDATE conversations SET role = 'former' WHERE id = ? AND role <> ?";
        run(ctx.store, sql, &[conversation.into(), GUEST.into()])
    }

    /// A conversation was merged into another one: its threads are searched for there, and the directory is asked whether
    /// that one is this person's.
    pub(super) fn follow(ctx: &StepContext, person: &mut Person, from: &str, into: &str) -> Stored<()> {
        stands_in(ctx, person, from, into)?;
        Self::enqueue_claim(ctx, from, into)
    }

    fn enqueue_claim(ctx: &StepContext, from: &str, into: &str) -> Stored<()> {
        let lane = claim_lane(into);
        if jobs::head_of::<Work>(ctx.store, &lane)?.is_some() {
            return Ok(());
        }
        let claim = Work::Claim { from: from.to_owned(), into: into.to_owned() };
        jobs::add(ctx.store, &lane, &claim, ctx.now, ctx.now)
    }

    /// The conversation is in an inbox that is not this hotline's: a note says so there, and the next text begins another one.
    pub(super) fn on_moved_to_another_inbox(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        conversation: &str,
    ) -> Stored<()> {
        if person.conversation.as_deref() != Some(conversation) {
            return Ok(());
        }
        self.leave(ctx, person, conversation)?;
        let words = format!(
            "This conversation left the inbox of {}. Replies here are no longer sent as texts; the next text from {} \
             begins a new conversation there.",
            ctx.hotline.name,
            person.party.readable()
        );
        Self::enqueue_note(ctx, RECEIPTS, Some(conversation), &Html::text(&words))
    }

    /// A conversation of theirs is part of another one, which is now theirs too, or somebody else's.
    pub(super) fn on_merged(&mut self, ctx: &StepContext, person: &mut Person, merge: &Merge) -> Stored<()> {
        let &Merge { from, into, at, ours } = merge;
        let was_current = person.conversation.as_deref() == Some(from);
        let known = is_theirs(ctx, into)?;
        stands_in(ctx, person, from, into)?;
        if ours {
            if was_current {
                self.leave(ctx, person, from)?;
                person.enter_conversation(into, 1);
                self.save_conversation(ctx, into, "current", at)?;
            } else if !known {
                self.save_conversation(ctx, into, "former", at)?;
            }
            return Self::enqueue_read(ctx, into, ctx.now);
        }
        self.leave(ctx, person, from)?;
        self.add_guest_conversation(ctx, into)?;
        // What was written to them and not read yet stands there now.
        Self::enqueue_read(ctx, into, ctx.now)?;
        if !was_current {
            return Ok(());
        }
        let words = format!(
            "The conversation with {who} was merged into this one, which belongs to somebody else. Replies here go to that \
             other person only. The next text from {who} begins a new conversation.",
            who = person.party.readable()
        );
        Self::enqueue_note(ctx, TEXTS, Some(into), &Html::text(&words))
    }

    /// An unknown conversation that we probably made: its create's answer was lost, or it is a duplicate of one that was
    /// created again.
    pub(super) fn adopt_conversation(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        id: u64,
        opening: &Opening,
        replied: bool,
    ) -> Stored<ObjectReply> {
        let (number, id) = (id, id.to_string());
        let creating = jobs::head_of::<Work>(ctx.store, TEXTS)?.filter(|job| {
            let conversation = job.create().filter(|create| create.target == Target::Conversation);
            conversation.is_some_and(|create| opening.made_by(create.at, &create.said))
        });
        if is_theirs(ctx, &id)? {
            self.tell_directory(ctx, Fact::Conversation(number))?;
        } else if let Some(mut job) = creating {
            if self.in_flight.is_in_flight(job.id, ctx.now) && matches!(job.state, State::Sent(_)) {
                return Ok(ObjectReply::Later(CLAIM_RETRY));
            }
            self.in_flight.forget(job.id);
            if let Next::Done =
                self.on_created(ctx, person, &mut job, RequestKind::CreateConversation, Some(id.clone()))?
            {
                jobs::remove(ctx.store, &job)?;
            }
        } else if jobs::is_any_quarantined(ctx.store)? {
            // One of those may have made it.
            return Ok(ObjectReply::Later(RELEASE_AWAITED));
        } else if !self.may_be_lost_create(ctx, opening)? {
            // It came here from another hotline's inbox, and what agents say in it was said to that hotline's person.
            return Ok(ObjectReply::Theirs);
        } else {
            self.save_conversation(ctx, &id, "twin", opening.at)?;
            self.tell_directory(ctx, Fact::Conversation(number))?;
            let words = "This conversation was made twice because Help Scout's answer was lost. It is closed; the talk goes on \
                         in the other one. A reply here still reaches the person.";
            Self::enqueue_note(ctx, RECEIPTS, Some(&id), &Html::text(words))?;
            jobs::add(ctx.store, RECEIPTS, &Work::Close { conversation: id.clone() }, ctx.now, ctx.now)?;
        }
        if replied {
            Self::enqueue_read(ctx, &id, ctx.now)?;
        }
        Ok(ObjectReply::Done)
    }

    /// A create of a conversation is repeated because its answer was lost: the first one may still turn up. Its id is
    /// unknown; it will be recognised by its instant and a hash of its words, which outlives them.
    pub(super) fn remember_lost_create(&self, ctx: &StepContext, job: &Job) -> Stored<()> {
        let Some(create) = job.create() else { return Ok(()) };
        self.save_conversation(
            ctx,
            &format!("{} {}", create.at, Said::new(ctx.config, &create.said).hash),
            "lost",
            create.at,
        )
    }

    /// Whether an unknown conversation may be one whose create was repeated.
    fn may_be_lost_create(&self, ctx: &StepContext, opening: &Opening) -> Stored<bool> {
        let sql = "SELECT since, id FROM conversations WHERE role = 'lost'";
        let said: Vec<String> = opening.said.iter().map(|words| Said::new(ctx.config, words).hash).collect();
        let made = |row: &Row| {
            let same = row.text(1).split_once(' ').is_some_and(|(_, hash)| said.iter().any(|said| said == hash));
            same && opening.is_near(row.integer(0))
        };
        Ok(ctx.store.execute(sql, &[])?.iter().any(made))
    }

    pub(super) fn on_close_answer(ctx: &StepContext, job: &mut Job, answer: &Answer) -> Next {
        match answer {
            Answer::Done(_) | Answer::Gone(_) | Answer::ConversationFull | Answer::Refused(_) => Next::Done,
            other => try_again(ctx.now, job, other),
        }
    }
}

/// Whether a conversation belongs to another hotline by its inbox, or to another person by its customer.
fn is_anothers(ctx: &StepContext, person: &Person, conversation: &Value) -> bool {
    let Some(it) = Conversation::read(conversation) else { return true };
    if it.mailbox.is_some_and(|mailbox| mailbox != ctx.hotline.mailbox) {
        return true;
    }
    match &ctx.config.customers {
        Customers::Email { domain } => {
            from_synthetic_email(&it.email, domain).is_some_and(|party| party != person.party)
        }
        Customers::PhoneOnly => it.by_api && it.kind == "phone" && it.customer != person.customer,
    }
}

/// What stood in one conversation now stands in another.
fn stands_in(ctx: &StepContext, person: &mut Person, from: &str, into: &str) -> Stored<()> {
    person.threads_moved(from, into);
    Entry::conversation_moved(ctx.store, from, into)
}

/// How soon a job looks again while the directory answers whose a conversation is: two or three requests.
pub(super) const CLAIM_RETRY: Millis = 3_000;

impl Opening {
    /// Whether a request of that instant with those words may have made the conversation.
    fn made_by(&self, sent_at: Millis, said: &str) -> bool {
        self.said.iter().any(|words| words == said) && self.is_near(sent_at)
    }

    fn is_near(&self, sent_at: Millis) -> bool {
        /// By how much their clock may be ahead of ours: nobody else makes a conversation with these words meanwhile.
        const AHEAD: Millis = 600_000;
        (sent_at - CLOCK_TOLERANCE..=sent_at + AHEAD).contains(&self.at)
    }
}
