//! What programs ask of a person's object by `/v1/messages`.

use protocol::v1::{Why, WhyStep};

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::program_index::indexed;
use super::program_row::{Decided, ProgramRow, State};
use super::program_turns::turn_lane;
use super::work::{Job, Work, send_key};
use super::{Contact, StepContext};
use crate::domain::time::timestamp;
use crate::effects::ObjectReply;
use crate::jobs;
use crate::messages::program::{Profile, ProgramMessage, ProgramRequest};
use crate::send_rules::Decision;
use crate::storage::Stored;

/// Remark on a text that its program has taken back.
const CANCELED: &str = "The program that sent it has canceled it before it left.";

/// What its program reads of it.
const CANCELED_BEFORE: &str = "The program has canceled it before it left.";

impl Contact {
    pub(super) fn on_program_request(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        request: ProgramRequest,
    ) -> Stored<ObjectReply> {
        let number = match request {
            ProgramRequest::Send { mut message, dry_run, template } => {
                if let Some(template) = template {
                    let language = Profile::load(ctx.store)?.and_then(|profile| profile.language);
                    message.say(&template, language.as_deref());
                }
                return self.accept(ctx, person, *message, dry_run);
            }
            ProgramRequest::OfReference { reference } => {
                let known = ProgramRow::of_reference(ctx.store, &reference, ctx.now)?;
                return known.map_or(Ok(ObjectReply::NotFound), |row| existing(ctx, person, &row, true));
            }
            ProgramRequest::Read { number } | ProgramRequest::Why { number } | ProgramRequest::Cancel { number } => {
                number
            }
        };
        let Some(row) = ProgramRow::load(ctx.store, number)? else { return Ok(ObjectReply::NotFound) };
        match request {
            ProgramRequest::Why { .. } => Ok(ObjectReply::Why(why(&row))),
            ProgramRequest::Cancel { .. } => self.take_back(ctx, row, CANCELED_BEFORE).map(ObjectReply::Canceled),
            _ => existing(ctx, person, &row, true),
        }
    }

    /// A message is stored once, and its first decision with it.
    fn accept(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        message: ProgramMessage,
        dry_run: bool,
    ) -> Stored<ObjectReply> {
        if let Some(known) = ProgramRow::of_request(ctx.store, &message.request)? {
            return existing(ctx, person, &known, false);
        }
        if let Some(reference) = &message.reference
            && let Some(known) = ProgramRow::of_reference(ctx.store, reference, ctx.now)?
        {
            return existing(ctx, person, &known, true);
        }
        let mut row = ProgramRow::new(message, ctx.now);
        let decision = Self::decide(ctx, person, &mut row)?;
        if dry_run {
            return would_be(ctx, person, &row, &decision);
        }
        row.insert(ctx.store)?;
        self.carry_out(ctx, person, &mut row, &decision)?;
        if row.state == State::Refused {
            ctx.store.updated(row.number);
        }
        // Of a list so many come at once that the request alone tells of them, until their turns come.
        if row.message.turn_at.is_none() {
            Self::enqueue_index(ctx, row.number)?;
        }
        existing(ctx, person, &row, false)
    }

    /// It will not leave, for this reason; `false` when it has.
    pub(super) fn take_back(&mut self, ctx: &StepContext, mut row: ProgramRow, why: &str) -> Stored<bool> {
        let is_stopped = match (row.state, row.entry) {
            (State::Canceled, _) => return Ok(true),
            (State::Held | State::Accepted, None) => true,
            (State::Held | State::Accepted, Some(entry)) => self.stop_text(ctx, entry)?,
            _ => false,
        };
        if !is_stopped {
            Self::end_channels(ctx, &mut row)?;
            return Ok(false);
        }
        if Self::may_come_by_earlier(ctx, &row)? {
            row.state = State::Accepted;
            row.stay_with_last_entry();
            let detail = "The program has canceled it when it had left by one channel and not by the next.".to_owned();
            row.decided(Decided { at: ctx.now, rule: None, outcome: "canceled".to_owned(), detail, until: None });
        } else {
            row.state = State::Canceled;
            let detail = why.to_owned();
            row.decided(Decided { at: ctx.now, rule: None, outcome: "canceled".to_owned(), detail, until: None });
        }
        row.save(ctx.store)?;
        for turn in jobs::in_lane::<Work>(ctx.store, &turn_lane(row.number))? {
            jobs::remove(ctx.store, &turn)?;
        }
        Self::tell_update(ctx, row.number)?;
        Ok(row.state == State::Canceled)
    }

    /// Takes a text back that has not begun to leave.
    pub(super) fn stop_text(&mut self, ctx: &StepContext, entry: i64) -> Stored<bool> {
        let Some(message) = OutgoingText::of_entry(ctx.store, entry)?.into_iter().next() else { return Ok(false) };
        let jobs: Vec<Job> = jobs::find_by_key::<Work>(ctx.store, &send_key(&message.id))?;
        let Some(job) = jobs.into_iter().find(Job::is_pending) else { return Ok(false) };
        self.give_up(ctx, &job, message, None, CANCELED)?;
        jobs::remove(ctx.store, &job)?;
        Ok(true)
    }
}

fn existing(ctx: &StepContext, person: &Person, row: &ProgramRow, existed: bool) -> Stored<ObjectReply> {
    let message = Box::new(indexed(ctx, person, row)?);
    Ok(ObjectReply::ProgramMessage { message, existed })
}

/// What would become of a message that is not stored: it also says from which sender it would leave.
fn would_be(ctx: &StepContext, person: &Person, row: &ProgramRow, decision: &Decision) -> Stored<ObjectReply> {
    let mut message = Box::new(indexed(ctx, person, row)?);
    if let Decision::Send { sender } = decision {
        message.item.sender = Some(sender.clone());
    }
    Ok(ObjectReply::ProgramMessage { message, existed: false })
}

fn why(row: &ProgramRow) -> Why {
    let step = |decided: &Decided| WhyStep {
        at: timestamp(decided.at),
        rule: decided.rule.clone(),
        outcome: decided.outcome.clone(),
        detail: decided.detail.clone(),
    };
    Why { data: row.decisions.iter().map(step).collect() }
}
