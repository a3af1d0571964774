//! Texts that no agent wrote: the greeting, what a missed caller gets, and that a message may be seen late. The directory
//! limits how many leave, and whereto (`directory/automatic_text_limits.rs`).

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::sender::sender_of;
use super::timeline::Entry;
use super::work::Work;
use super::{Contact, PHONE, StepContext, TEXTS, TROUBLE};
use crate::effects::Millis;
use crate::jobs;
use crate::storage::Stored;

/// How seldom a caller is told that they were missed.
const MISSED_TEXT_INTERVAL: Millis = 86_400_000;

impl Contact {
    /// Queues the greeting for a first text or voicemail, once for a person.
    pub(super) fn greet(&mut self, ctx: &StepContext, person: &mut Person) -> Stored<()> {
        if person.greeted {
            return Ok(());
        }
        if !Self::may_be_texted(ctx, person) {
            return Ok(());
        }
        person.greeted = true;
        match &ctx.hotline.greeting {
            Some(words) => Self::queue_automatic_text(ctx, person, "greeting", words, PHONE),
            None => Ok(()),
        }
    }

    /// Tells a caller whose call nobody took that they can also write, at most once a day.
    pub(super) fn text_missed_caller(ctx: &StepContext, person: &mut Person) -> Stored<()> {
        let Some(words) = &ctx.hotline.missed else { return Ok(()) };
        if person.missed_told_at.is_some_and(|last| ctx.now - last < MISSED_TEXT_INTERVAL) {
            return Ok(());
        }
        if !Self::may_be_texted(ctx, person) {
            return Ok(());
        }
        person.missed_told_at = Some(ctx.now);
        Self::queue_automatic_text(ctx, person, &format!("missed:{}", ctx.now), words, PHONE)
    }

    fn may_be_texted(ctx: &StepContext, person: &Person) -> bool {
        person.party.can_be_texted() && person.may_be_texted_by(&sender_of(ctx, person))
    }

    /// Adds an automatic text to the timeline and queues it, unless the person has opted out.
    pub(super) fn queue_automatic_text(
        ctx: &StepContext,
        person: &Person,
        id: &str,
        words: &str,
        lane: &str,
    ) -> Stored<()> {
        if !Self::may_be_texted(ctx, person) {
            return Ok(());
        }
        let sender = sender_of(ctx, person);
        let entry = Entry {
            conversation: person.conversation.clone(),
            ..Entry::outward(id.to_owned(), person.channel, words.to_owned(), ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        OutgoingText::new(seq, 0, &sender, words.to_owned()).queue(ctx.store, lane, ctx.now, ctx.now)
    }

    /// Tells the person, once for each outage, that their message may be seen late. Returns when that will be due.
    pub(super) fn raise_trouble(&mut self, ctx: &StepContext, person: &mut Person) -> Stored<Option<Millis>> {
        let Some(words) = &ctx.hotline.trouble else { return Ok(None) };
        if person.trouble_told_at.is_some() || !person.party.can_be_texted() {
            return Ok(None);
        }
        let Some(oldest) = jobs::first_in(ctx.store, TEXTS, Work::is_awaited)?.map(|job| job.since) else {
            return Ok(None);
        };
        let due = oldest + i64::from(ctx.hotline.trouble_after_minutes) * 60_000;
        if due > ctx.now {
            return Ok(Some(due));
        }
        person.trouble_told_at = Some(ctx.now);
        Self::queue_automatic_text(ctx, person, &format!("trouble:{oldest}"), words, TROUBLE)?;
        Ok(None)
    }

    /// A text has reached Help Scout, or was dropped: when none waits any more, the outage is over.
    pub(super) fn reached_help_scout(&mut self, ctx: &StepContext, person: &mut Person, posted: i64) -> Stored<()> {
        if person.trouble_told_at.is_some() {
            let another = |work: &Work| matches!(work, Work::Post { entry, .. } if *entry != posted);
            if jobs::first_in(ctx.store, TEXTS, another)?.is_none() {
                person.trouble_told_at = None;
            }
        }
        Ok(())
    }
}
