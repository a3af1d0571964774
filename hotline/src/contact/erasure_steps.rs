//! The steps of an erasure, one after another: at Twilio, at objects of calls and of the person's other keys, and in Help Scout.

use super::erasure::{CUSTOMER, ENTRY, Erasure, OTHER_KEY, Wish};
use super::outgoing_text::OutgoingText;
use super::pending_request::PendingRequest;
use super::person::Person;
use super::removal::{self, MESSAGES, RECORDINGS, Step, StepEnd, StepKind, Steps, is_under_way, note_message};
use super::unposted::Unposted;
use super::work::{Job, Work};
use super::{Contact, Message, StepContext, events};
use crate::answer::Answer;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::jobs::Next;
use crate::messages::contact::Erased;
use crate::storage::Stored;

/// How long it is waited for Twilio's id of a text whose answer was lost: a day, longer than any state comes late.
const ID_WITHIN: Millis = 86_400_000;

/// How soon the object of another key is asked again whether it is done.
const OTHER_KEY_AGAIN: Millis = 60_000;

impl Contact {
    pub(super) fn begin_erase(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        number: i64,
    ) -> Stored<Next> {
        let Some(mut erasure) = Erasure::load(ctx.store, number)? else { return Ok(Next::Done) };
        if !erasure.is_all_erased_here() {
            Self::erase_entries(ctx, &mut erasure)?;
            erasure.save(ctx.store)?;
            job.due = ctx.now;
            return Ok(Next::Wait);
        }
        let Some(step) = Steps::of_erasure(ctx.store).next()? else {
            erasure.end(ctx.now);
            erasure.save(ctx.store)?;
            return Ok(Next::Done);
        };
        job.due = ctx.now.max(step.due);
        if step.due > ctx.now {
            return Ok(Next::Wait);
        }
        let end = match step.kind {
            StepKind::Await => Self::look_for_id(ctx, &erasure, &step)?,
            StepKind::Entry => Self::erase_posted_entry(ctx, &mut erasure, &step)?,
            StepKind::Person => forget_person(ctx, person, &step)?,
            StepKind::Customer => match self.begin_customer_step(ctx, person, job, &step)? {
                Ok(next) => return Ok(next),
                Err(end) => end,
            },
            StepKind::OtherKey => return Ok(self.tell_other_key(ctx, person, job, &erasure, &step)),
            _ => return Ok(self.begin_removal(ctx, job, &step).unwrap_or(Next::Wait)),
        };
        settle(ctx, &mut erasure, &end)?;
        Ok(Next::Wait)
    }

    /// The text may have got its id at Twilio since.
    fn look_for_id(ctx: &StepContext, erasure: &Erasure, step: &Step) -> Stored<StepEnd> {
        let steps = Steps::of_erasure(ctx.store);
        let text = OutgoingText::load(ctx.store, &step.resource)?;
        if let Some(sid) = text.as_ref().and_then(|text| text.sid.as_ref()) {
            steps.remove(step)?;
            return Ok(StepEnd::Done { found: note_message(ctx, steps, sid)? });
        }
        let is_under_way = text.map_or(Ok(false), |text| is_under_way(ctx, &text))?;
        if is_under_way || ctx.now < erasure.began_at() + ID_WITHIN {
            steps.later(step, ctx.now + step.wait())?;
            return Ok(StepEnd::Waits);
        }
        steps.remove(step)?;
        Ok(StepEnd::Done { found: 0 })
    }

    /// An entry that was not in Help Scout may be there now.
    fn erase_posted_entry(ctx: &StepContext, erasure: &mut Erasure, step: &Step) -> Stored<StepEnd> {
        let steps = Steps::of_erasure(ctx.store);
        let seq = step.resource.strip_prefix(ENTRY).and_then(|seq| seq.parse().ok()).unwrap_or(0);
        if Unposted::read(ctx)?.has(seq) {
            steps.later(step, ctx.now + step.wait())?;
            return Ok(StepEnd::Waits);
        }
        Self::erase_entry(ctx, erasure, seq)?;
        events::forget_words(ctx)?;
        steps.remove(step)?;
        Ok(StepEnd::Done { found: 0 })
    }

    /// The object of another key of theirs does the same, and says when it is done.
    fn tell_other_key(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        erasure: &Erasure,
        step: &Step,
    ) -> Next {
        let key = step.resource.strip_prefix(OTHER_KEY).unwrap_or_default().to_owned();
        let aliases = person.aliases.iter().map(|alias| alias.key.clone());
        let told = aliases.chain(person.home.clone()).chain([person.party.key()]).collect();
        let erased = Erased { program: erasure.program.clone(), helpscout: erasure.helpscout, told };
        self.tell_object(ctx, job, ToObject::Contact(key, Message::Erased(erased)))
    }

    /// The object of another key of theirs was asked to erase them.
    pub(super) fn on_erased_elsewhere(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        erased: Erased,
    ) -> Stored<ObjectReply> {
        let Erased { program, helpscout, told } = erased;
        self.erase(ctx, person, &Wish { program, helpscout, told })?;
        // It does not wait for what others do, so that no two wait for each other.
        let steps = Steps::of_erasure(ctx.store);
        for own in [ENTRY, CUSTOMER, MESSAGES, RECORDINGS] {
            if steps.has_any(own)? {
                return Ok(ObjectReply::Later(OTHER_KEY_AGAIN));
            }
        }
        Ok(ObjectReply::Done)
    }

    /// Twilio has answered.
    pub(super) fn on_erased(
        ctx: &StepContext,
        job: &mut Job,
        pending: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        let end = removal::on_answer(ctx, Steps::of_erasure(ctx.store), job, pending, answer)?;
        settle_of(ctx, job, &end)
    }

    /// An object has answered.
    pub(super) fn on_erased_by_object(ctx: &StepContext, job: &mut Job, reply: &ObjectReply) -> Stored<Next> {
        let end = removal::on_reply(ctx, Steps::of_erasure(ctx.store), job, reply)?;
        settle_of(ctx, job, &end)
    }
}

/// Nothing needs the person's row any more once all is in Help Scout.
fn forget_person(ctx: &StepContext, person: &mut Person, step: &Step) -> Stored<StepEnd> {
    let steps = Steps::of_erasure(ctx.store);
    if steps.has_any(ENTRY)? {
        steps.later(step, ctx.now + step.wait())?;
        return Ok(StepEnd::Waits);
    }
    person.forget();
    steps.remove(step)?;
    Ok(StepEnd::Done { found: 0 })
}

/// A step has ended, or goes on.
fn settle(ctx: &StepContext, erasure: &mut Erasure, end: &StepEnd) -> Stored<()> {
    match end {
        StepEnd::Done { found } => {
            erasure.found(*found);
            erasure.step_ended(true);
        }
        StepEnd::Refused => erasure.step_ended(false),
        StepEnd::Waits => return Ok(()),
    }
    erasure.save(ctx.store)
}

pub(super) fn settle_of(ctx: &StepContext, job: &Job, end: &StepEnd) -> Stored<Next> {
    let Work::Erase { erasure: number } = job.work else { return Ok(Next::Done) };
    let Some(mut erasure) = Erasure::load(ctx.store, number)? else { return Ok(Next::Done) };
    settle(ctx, &mut erasure, end)?;
    Ok(Next::Wait)
}
