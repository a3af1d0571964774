//! Texts that no agent wrote: the greeting, what a missed caller gets, and that a message may be seen late.

use super::person::Person;
use super::replies::sender_of;
use super::timeline::{Entry, Message};
use super::work::Work;
use super::{Contact, StepContext, TEXTS, TROUBLE};
use crate::effects::Millis;
use crate::jobs;
use crate::storage::Stored;

impl Contact {
    /// A text of ours that no agent wrote.
    pub(super) fn say(ctx: &StepContext, person: &Person, id: &str, words: &str, lane: &str) -> Stored<()> {
        let sender = sender_of(ctx, person);
        if !person.party.can_be_texted() || !person.may_be_texted_by(&sender) {
            return Ok(());
        }
        let entry = Entry {
            conversation: person.conversation.clone(),
            ..Entry::outward(id.to_owned(), person.channel, words.to_owned(), ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        Message::new(seq, 0, &sender, words.to_owned()).queue(ctx.store, lane, ctx.now, ctx.now)
    }

    /// Says once per outage that a message may be seen late; returns when it would have to be said.
    pub(super) fn raise_trouble(&mut self, ctx: &StepContext, person: &mut Person) -> Stored<Option<Millis>> {
        let Some(words) = &ctx.hotline.trouble else { return Ok(None) };
        if person.troubled.is_some() || !person.party.can_be_texted() {
            return Ok(None);
        }
        let Some(oldest) = jobs::first_in(ctx.store, TEXTS, Work::is_awaited)?.map(|job| job.since) else {
            return Ok(None);
        };
        let due = oldest + i64::from(ctx.hotline.trouble_after_minutes) * 60_000;
        if due > ctx.now {
            return Ok(Some(due));
        }
        person.troubled = Some(ctx.now);
        Self::say(ctx, person, &format!("trouble:{oldest}"), words, TROUBLE)?;
        Ok(None)
    }

    /// A text has reached Help Scout, or was given up: when none waits any more, the outage is over.
    pub(super) fn reached_help_scout(&mut self, ctx: &StepContext, person: &mut Person, posted: i64) -> Stored<()> {
        if person.troubled.is_some() {
            let another = |work: &Work| matches!(work, Work::Post { entry, .. } if *entry != posted);
            if jobs::first_in(ctx.store, TEXTS, another)?.is_none() {
                person.troubled = None;
            }
        }
        Ok(())
    }
}
