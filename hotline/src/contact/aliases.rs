//! One person under two keys: a number that another network spells in another way, an id of WhatsApp beside the number. Each
//! key has an object. They meet once, before the first text is taken, and the one that has the person's history is their
//! home: the other one passes on what comes to it. Where both have one, the conversations stay where they are, new texts go
//! to the one that asked, and an opt-out holds for both.

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::timeline::Entry;
use super::work::{Job, Work};
use super::{Contact, Message, StepContext};
use crate::domain::phone::{E164, Party};
use crate::effects::{ObjectReply, ToObject};
use crate::jobs::{self, Next};
use crate::messages::contact::Acquaintance;
use crate::sidebar::person::Teller;
use crate::storage::{Stored, any};

/// Jobs that meet the objects of a person's other keys, and what waits until they have.
const ALIASES: &str = "aliases";
/// Jobs that tell another object of an opt-out.
const CONSENT: &str = "consent";

/// How often an object that does not answer is asked, over some minutes. A text must not wait for ever for an object that is
/// probably empty.
const MOST_ATTEMPTS: i64 = 8;

/// The other keys under which a message or the number itself names the person.
fn other_keys(person: &Person, message: &Message) -> Vec<String> {
    let spelling = person.party.phone().and_then(E164::other_spelling).map(String::from);
    let id = match message {
        Message::Text(text) => text.external_id.as_deref().map(|id| Party::parse(&format!("whatsapp:{id}")).1),
        _ => None,
    };
    let id = id.filter(|party| matches!(party, Party::WhatsAppUser(_))).map(|party| party.key());
    let is_new = |key: &String| *key != person.party.key() && person.aliases.iter().all(|alias| alias.key != *key);
    spelling.into_iter().chain(id).filter(is_new).collect()
}

/// Whether anything has been said to or by them here.
fn has_history(ctx: &StepContext) -> Stored<bool> {
    any(ctx.store, "SELECT 1 FROM entries WHERE seq > 0 LIMIT 1", &[])
}

impl Contact {
    /// Which other object a message is for, if it is for another.
    pub(super) fn is_for(ctx: &StepContext, person: &Person, message: &Message) -> Stored<Option<ObjectReply>> {
        let moved = |key: &str| Ok(Some(ObjectReply::Moved { to: key.to_owned() }));
        match (message, &person.home) {
            (
                Message::Meet(_)
                | Message::Erased(_)
                | Message::Retain
                | Message::Consent { .. }
                | Message::PermitReady { .. }
                | Message::Push { .. },
                _,
            ) => Ok(None),
            (Message::Text(_) | Message::CallComes { .. } | Message::Call(_), Some(home)) => {
                if jobs::head_of::<Work>(ctx.store, ALIASES)?.is_some() { Ok(None) } else { moved(home) }
            }
            (Message::Status(status), home) if !(person.aliases.is_empty() && home.is_none()) => {
                if OutgoingText::load(ctx.store, &status.message)?.is_some() {
                    return Ok(None);
                }
                let other = person.aliases.iter().find(|alias| alias.has_history).map(|alias| &alias.key);
                home.as_ref().or(other).map_or(Ok(None), |key| moved(key))
            }
            (_, Some(home)) => {
                if has_history(ctx)? {
                    Ok(None)
                } else {
                    moved(home)
                }
            }
            (_, None) => Ok(None),
        }
    }

    /// Whether a text or the report of a call waits until it is known whose it is: a new key makes the objects meet.
    pub(super) fn waits_for_alias(ctx: &StepContext, person: &mut Person, message: &Message) -> Stored<bool> {
        for key in other_keys(person, message) {
            person.set_alias(&key, false);
            jobs::add(ctx.store, ALIASES, &Work::Meet { key }, ctx.now, ctx.now)?;
        }
        if person.aliases.is_empty() || jobs::head_of::<Work>(ctx.store, ALIASES)?.is_none() {
            return Ok(false);
        }
        if person.home.is_none() && has_history(ctx)? {
            return Ok(false);
        }
        let waiting = Work::Deliver { message: Box::new(message.clone()) };
        jobs::add(ctx.store, ALIASES, &waiting, ctx.now, ctx.now)?;
        Ok(true)
    }

    pub(super) fn begin_meet(&mut self, ctx: &StepContext, person: &Person, job: &Job, key: &str) -> Stored<Next> {
        let acquaintance = Acquaintance {
            key: person.party.key(),
            has_history: has_history(ctx)?,
            number: person.number().map(String::from),
            opted_out: person.opted_out.is_some(),
        };
        Ok(self.tell_contact(ctx, job, key, Message::Meet(acquaintance)))
    }

    /// What waited is passed on, or taken here.
    pub(super) fn begin_deliver(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        message: Message,
    ) -> Stored<Next> {
        if let Some(home) = person.home.clone() {
            return Ok(self.tell_contact(ctx, job, &home, message));
        }
        let id = match &message {
            Message::Text(text) => text.sid.clone(),
            Message::Call(report) => report.id.clone(),
            _ => String::new(),
        };
        if let ObjectReply::Later(wait) = self.handle_here(ctx, person, message)? {
            job.due = ctx.now + wait;
            return Ok(Next::Wait);
        }
        if let Some(entry) = Entry::find(ctx.store, &id)? {
            Self::erase_latecomer(ctx, entry.seq, job.since)?;
        }
        Ok(Next::Done)
    }

    fn tell_contact(&mut self, ctx: &StepContext, job: &Job, key: &str, message: Message) -> Next {
        self.tell_object(ctx, job, ToObject::Contact(key.to_owned(), message))
    }

    /// What the object of another key said to a [`Work::Meet`], a [`Work::Deliver`] or a [`Work::TellConsent`].
    pub(super) fn on_alias_reply(
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        reply: &ObjectReply,
    ) -> Stored<Next> {
        match (reply, &job.work) {
            (ObjectReply::Later(wait), _) => job.due = ctx.now + wait,
            (ObjectReply::Met { has_history: is_known, opted_out }, Work::Meet { key }) => {
                if *is_known && !has_history(ctx)? {
                    person.home.get_or_insert_with(|| key.clone());
                } else if *is_known {
                    person.set_alias(key, true);
                    Self::hear_consent(ctx, person, *opted_out)?;
                }
                return Ok(Next::Done);
            }
            (ObjectReply::Done, _) => return Ok(Next::Done),
            (_, Work::Meet { key }) if job.attempts >= MOST_ATTEMPTS => {
                // It is asked again with the next text, which does not wait any more.
                person.aliases.retain(|alias| alias.key != *key);
                return Ok(Next::Done);
            }
            _ => job.retry(ctx.now),
        }
        Ok(Next::Wait)
    }

    /// The object of another key asks who this is.
    pub(super) fn meet(ctx: &StepContext, person: &mut Person, other: &Acquaintance) -> Stored<ObjectReply> {
        let is_known = has_history(ctx)?;
        person.set_alias(&other.key, is_known && other.has_history);
        if is_known && !other.has_history {
            if person.party.phone().is_none() {
                person.addresses.number.clone_from(&other.number);
            }
        } else {
            person.home = Some(other.key.clone());
        }
        let opted_out = person.opted_out.is_some();
        if is_known {
            Self::hear_consent(ctx, person, other.opted_out)?;
        }
        Ok(ObjectReply::Met { has_history: is_known, opted_out })
    }

    /// An opt-out holds for both objects of a person.
    fn hear_consent(ctx: &StepContext, person: &mut Person, opted_out: bool) -> Stored<()> {
        if opted_out {
            super::consents::withdraw_all(ctx, ctx.now)?;
        }
        if opted_out && person.opt_out(ctx.now, Teller::Person) {
            Self::note_opt_out(ctx, person, true)?;
        }
        Ok(())
    }

    /// The object of another key has heard STOP or START.
    pub(super) fn on_consent(ctx: &StepContext, person: &mut Person, opted_out: bool) -> Stored<ObjectReply> {
        if opted_out {
            Self::hear_consent(ctx, person, true)?;
        } else if person.opted_out.is_some() && person.opt_in(&super::sender::sender_of(ctx, person), ctx.now) {
            Self::note_opt_out(ctx, person, false)?;
        }
        Ok(ObjectReply::Done)
    }

    /// Tells the other objects that have conversations of this person.
    pub(super) fn share_consent(ctx: &StepContext, person: &Person, opted_out: bool) -> Stored<()> {
        for alias in person.aliases.iter().filter(|alias| alias.has_history) {
            let work = Work::TellConsent { key: alias.key.clone(), opted_out };
            jobs::add(ctx.store, CONSENT, &work, ctx.now, ctx.now)?;
        }
        Ok(())
    }

    pub(super) fn begin_tell_consent(&mut self, ctx: &StepContext, job: &Job, key: &str, opted_out: bool) -> Next {
        self.tell_contact(ctx, job, key, Message::Consent { opted_out })
    }
}
