//! A message that may go by several channels (`via`): when the next one is tried. It never is while nobody knows whether the
//! message has left by the one before.

use super::outgoing_text::OutgoingText;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::program_row::{Decided, ProgramRow, State};
use super::timeline::Entry;
use super::work::{Job, Work, send_key};
use super::{Contact, StepContext};
use crate::answer::{ACCOUNT_PAUSE, Answer};
use crate::effects::Millis;
use crate::jobs::{self, Next};
use crate::messages::program::ViaStep;
use crate::send_rules::Decision;
use crate::storage::Stored;
use crate::twilio::errors::explain;
use crate::twilio::request as twilio;
use crate::twilio::status::Delivery;

/// How soon a message is looked at again whose create is under way: what settles it is told at once, so this is a safeguard.
const LOOK_AGAIN: Millis = 60_000;

/// What a program reads: another channel is tried, and none is.
const NEXT: &str = "next_channel";
const LAST: &str = "last_channel";

/// Said of a text in whose place another channel is tried.
const BY_ANOTHER: &str = "It did not leave in time, so it is sent by another channel.";

/// Said of a text that is not needed any more.
const ARRIVED_BEFORE: &str = "They got it by another channel before this one left.";

fn lane(number: i64) -> String {
    format!("via {number}")
}

/// The job that looks after a message's channels, if there is one.
pub(super) fn watch(ctx: &StepContext, number: i64) -> Stored<Option<Job>> {
    jobs::head_of(ctx.store, &lane(number))
}

/// What became of a text that is no longer to leave.
enum Stopped {
    /// It will not leave.
    Yes,
    /// It has left.
    No,
    /// Its create is under way, or its answer was lost.
    NotKnown,
}

impl Contact {
    /// What the rules say of a message now. Where its channel is what speaks against it, they are asked about the next one.
    pub(super) fn decide(ctx: &StepContext, person: &Person, row: &mut ProgramRow) -> Stored<Decision> {
        loop {
            let decision = Self::judge(ctx, person, row)?;
            row.decided(Self::in_words(ctx, row, &decision));
            if !decision.is_about_the_channel() || row.next_step().is_none() {
                Self::take_decision(ctx, row, &decision)?;
                return Ok(decision);
            }
            row.take_next_step();
        }
    }

    /// What has left by one channel is not refused because the next one may not be used.
    pub(super) fn take_decision(ctx: &StepContext, row: &mut ProgramRow, decision: &Decision) -> Stored<()> {
        row.state = Self::state_after(decision);
        if matches!(decision, Decision::Refuse { .. }) && has_left(ctx, row)? {
            row.stay_with_last_entry();
            row.state = State::Accepted;
        }
        Ok(())
    }

    /// It may leave by a channel now: how long that is waited for begins.
    pub(super) fn watch_channel(ctx: &StepContext, row: &mut ProgramRow) -> Stored<()> {
        if row.next_step().is_none() {
            return Ok(());
        }
        row.chain.since = Some(ctx.now);
        let Some(within) = row.step().and_then(|step| step.within) else { return Ok(()) };
        Self::look_at_channels(ctx, row, ctx.now + within)
    }

    fn look_at_channels(ctx: &StepContext, row: &ProgramRow, due: Millis) -> Stored<()> {
        if let Some(job) = watch(ctx, row.number)? {
            return jobs::make_due(ctx.store, job.id, due);
        }
        let work = Work::Via { message: row.number, in_list: row.message.turn_at.is_some() };
        jobs::add(ctx.store, &lane(row.number), &work, due, ctx.now)
    }

    /// An entry of a program's message has come further, from `before`.
    pub(super) fn on_channel_delivery(ctx: &StepContext, number: i64, entry: &Entry, before: Delivery) -> Stored<()> {
        let Some(mut row) = ProgramRow::load(ctx.store, number)?.filter(ProgramRow::is_chain) else { return Ok(()) };
        let is_past = row.entry != Some(entry.seq);
        let has_failed = entry.delivery == Delivery::Failed && before.is_under_way();
        if has_failed && row.chain.reached < Some(before) {
            row.chain.reached = Some(before);
            row.save(ctx.store)?;
        }
        let ends = entry.delivery >= Delivery::Failed || entry.delivery == Delivery::Unknown;
        if watch(ctx, number)?.is_some() || is_past || (ends && row.next_step().is_some()) {
            Self::look_at_channels(ctx, &row, ctx.now)?;
        }
        Ok(())
    }

    /// A create whose answer was lost was not found: it has not left.
    pub(super) fn on_channel_settled(ctx: &StepContext, entry: &Entry) -> Stored<()> {
        let Some(number) = entry.program_message() else { return Ok(()) };
        if let Some(job) = watch(ctx, number)? { jobs::make_due(ctx.store, job.id, ctx.now) } else { Ok(()) }
    }

    /// Looks at what a message has come to by its channels.
    pub(super) fn begin_via(&mut self, ctx: &StepContext, person: &Person, job: &mut Job, number: i64) -> Stored<Next> {
        let Some(mut row) = in_chain(ctx, number)? else { return Ok(Next::Done) };
        if let Some(step) = arrived_before(ctx, &row)? {
            return self.on_late_arrival(ctx, row, step);
        }
        let Some((step, text, entry)) = waited_for(ctx, &row)? else { return Ok(Next::Done) };
        match entry.delivery {
            delivery if step.is_reached(delivery) => return Ok(Next::Done),
            Delivery::Failed => return self.go_on(ctx, person, row, &failed(step, &entry)).map(|()| Next::Done),
            Delivery::Unknown => {
                let detail = format!(
                    "{}: Twilio did not answer, and nothing tells whether it left. No other channel is tried, so that it does \
                     not come twice.",
                    step.channel.name()
                );
                return end(ctx, &mut row, detail).map(|()| Next::Done);
            }
            _ => {}
        }
        let (Some(since), Some(within)) = (row.chain.since, step.within) else { return Ok(Next::Done) };
        job.due = since + within;
        if ctx.now < job.due {
            return Ok(Next::Wait);
        }
        if let Some(sid) = &text.sid {
            if std::mem::take(&mut row.chain.is_unsettled) {
                row.chain.since = Some(ctx.now);
                row.save(ctx.store)?;
                job.due = ctx.now + within;
                return Ok(Next::Wait);
            }
            // What it last came to may not have been told.
            let request = twilio::fetch_message(&ctx.config.secrets.twilio_account_sid, sid);
            return Ok(self.send(ctx, job, PendingRequest::new(RequestKind::AskChannel), request));
        }
        if let Decision::Hold { until: Some(until), .. } = Self::judge(ctx, person, &row)? {
            // While a rule holds it, nobody waits for the channel.
            job.due = until + within;
            return Ok(Next::Wait);
        }
        match self.stop_waiting(ctx, &text, BY_ANOTHER)? {
            Stopped::NotKnown => {
                if !row.chain.is_unsettled {
                    row.chain.is_unsettled = true;
                    row.save(ctx.store)?;
                }
                job.due = ctx.now + LOOK_AGAIN;
                Ok(Next::Wait)
            }
            Stopped::Yes | Stopped::No => {
                let Some(row) = in_chain(ctx, number)? else { return Ok(Next::Done) };
                let why = format!("{}: it did not leave within {}.", step.channel.name(), within_words(step));
                self.go_on(ctx, person, row, &why).map(|()| Next::Done)
            }
        }
    }

    /// Twilio says how far it has come by the present channel.
    pub(super) fn on_channel_asked(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Work::Via { message: number, .. } = job.work else { return Ok(Next::Done) };
        let Some(asked) = in_chain(ctx, number)? else { return Ok(Next::Done) };
        let Some((_, mut text, _)) = waited_for(ctx, &asked)? else { return Ok(Next::Done) };
        match answer {
            Answer::Done(response) => {
                if let Some(reply) = twilio::Message::read(&response.json()) {
                    let delivery = Delivery::read(&reply.status).unwrap_or(text.delivery);
                    self.advance(ctx, person, &mut text, &reply.sid, delivery, reply.code)?;
                }
            }
            // It is not there any more: what is known of it is all that there will be.
            Answer::Refused(_) | Answer::Gone(_) | Answer::ConversationFull => {}
            Answer::TokenRefused | Answer::AccountRefused => {
                job.due = ctx.now + ACCOUNT_PAUSE;
                return Ok(Next::Wait);
            }
            // Nor would another text be taken now.
            Answer::Lost(_) | Answer::TooManyRequests(_) => {
                job.retry(ctx.now);
                return Ok(Next::Wait);
            }
        }
        let Some(row) = in_chain(ctx, number)? else { return Ok(Next::Done) };
        let Some((step, text, entry)) = waited_for(ctx, &row)? else { return Ok(Next::Done) };
        let is_another = asked.step_number() != row.step_number() || text.sid.is_none();
        if is_another || step.is_reached(entry.delivery) {
            return Ok(Next::Done);
        }
        let words = if entry.delivery == Delivery::Failed { failed(step, &entry) } else { late(step) };
        self.go_on(ctx, person, row, &words).map(|()| Next::Done)
    }

    /// The next channel is tried, unless the message is over.
    fn go_on(&mut self, ctx: &StepContext, person: &Person, mut row: ProgramRow, why: &str) -> Stored<()> {
        let Some(next) = row.next_step() else { return Ok(()) };
        if row.message.expires_at.is_some_and(|at| at <= ctx.now) {
            return end(ctx, &mut row, format!("{why} The message expired, so no other channel is tried."));
        }
        row.decided(word(ctx, NEXT, format!("{why} {} is tried.", next.channel.name())));
        row.take_next_step();
        let decision = Self::decide(ctx, person, &mut row)?;
        row.save(ctx.store)?;
        self.carry_out(ctx, person, &mut row, &decision)?;
        Self::tell_update(ctx, row.number)
    }

    /// It has come far enough by a channel before the present one, after that was tried.
    fn on_late_arrival(&mut self, ctx: &StepContext, mut row: ProgramRow, step: ViaStep) -> Stored<Next> {
        let text = row.entry.map_or(Ok(None), |entry| only_text(ctx, entry))?;
        let stopped = match &text {
            None => Stopped::Yes,
            Some(text) => self.stop_waiting(ctx, text, ARRIVED_BEFORE)?,
        };
        let (channel, present) = (step.channel.name(), row.message.channel.name());
        let detail = match stopped {
            Stopped::Yes => format!("{channel}: it came there after all, before {present} was used."),
            Stopped::No | Stopped::NotKnown => {
                format!("{channel}: it came there after all, when {present} had been used.")
            }
        };
        // What was stopped has changed the row.
        row = ProgramRow::load(ctx.store, row.number)?.unwrap_or(row);
        row.state = State::Accepted;
        if row.entry.is_none() {
            row.stay_with_last_entry();
        }
        for turn in jobs::in_lane::<Work>(ctx.store, &super::program_turns::turn_lane(row.number))? {
            jobs::remove(ctx.store, &turn)?;
        }
        end(ctx, &mut row, detail).map(|()| Next::Done)
    }

    /// Takes a text back that has not begun to leave.
    fn stop_waiting(&mut self, ctx: &StepContext, text: &OutgoingText, remark: &str) -> Stored<Stopped> {
        if text.sid.is_some() || text.delivery.is_final() {
            return Ok(Stopped::No);
        }
        let jobs: Vec<Job> = jobs::find_by_key::<Work>(ctx.store, &send_key(&text.id))?;
        let Some(job) = jobs.into_iter().find(Job::is_pending) else { return Ok(Stopped::NotKnown) };
        self.give_up(ctx, &job, text.clone(), None, remark)?;
        jobs::remove(ctx.store, &job)?;
        Ok(Stopped::Yes)
    }

    /// No further channel is tried, since the program has taken the message back.
    pub(super) fn end_channels(ctx: &StepContext, row: &mut ProgramRow) -> Stored<()> {
        if !row.is_chain() || row.next_step().is_none() {
            return Ok(());
        }
        row.chain.is_over = true;
        let detail = "The program has canceled it when it had left. No other channel is tried.".to_owned();
        row.decided(word(ctx, LAST, detail));
        row.save(ctx.store)
    }

    /// Whether the person may get it, or has got it, by a channel before the present one.
    pub(super) fn may_come_by_earlier(ctx: &StepContext, row: &ProgramRow) -> Stored<bool> {
        for (_, entry) in row.past() {
            let delivery = Entry::load(ctx.store, entry)?.map_or(Delivery::Failed, |entry| entry.delivery);
            if !matches!(delivery, Delivery::Failed | Delivery::Waiting) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The message, while its channels are looked after.
fn in_chain(ctx: &StepContext, number: i64) -> Stored<Option<ProgramRow>> {
    let row = ProgramRow::load(ctx.store, number)?;
    let is_looked_after =
        |row: &ProgramRow| row.is_chain() && !row.chain.is_over && matches!(row.state, State::Held | State::Accepted);
    Ok(row.filter(is_looked_after))
}

/// The present channel, while another one may follow, and the text by it.
fn waited_for(ctx: &StepContext, row: &ProgramRow) -> Stored<Option<(ViaStep, OutgoingText, Entry)>> {
    let (Some(step), Some(seq), true) = (row.step(), row.entry, row.next_step().is_some()) else { return Ok(None) };
    let (text, entry) = (only_text(ctx, seq)?, Entry::load(ctx.store, seq)?);
    Ok(text.zip(entry).map(|(text, entry)| (step, text, entry)))
}

/// A program's message is one text.
fn only_text(ctx: &StepContext, entry: i64) -> Stored<Option<OutgoingText>> {
    Ok(OutgoingText::of_entry(ctx.store, entry)?.into_iter().next())
}

/// A channel before the present one by which it has come far enough.
fn arrived_before(ctx: &StepContext, row: &ProgramRow) -> Stored<Option<ViaStep>> {
    for (step, entry) in row.past() {
        if Entry::load(ctx.store, entry)?.is_some_and(|entry| step.is_reached(entry.delivery)) {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

/// Whether it has left by a channel before the present one.
fn has_left(ctx: &StepContext, row: &ProgramRow) -> Stored<bool> {
    for (_, entry) in row.past() {
        if only_text(ctx, entry)?.is_some_and(|text| text.sid.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn word(ctx: &StepContext, outcome: &str, detail: String) -> Decided {
    Decided { at: ctx.now, rule: None, outcome: outcome.to_owned(), detail, until: None }
}

/// No further channel is tried.
fn end(ctx: &StepContext, row: &mut ProgramRow, detail: String) -> Stored<()> {
    row.chain.is_over = true;
    row.decided(word(ctx, LAST, detail));
    row.save(ctx.store)?;
    Contact::tell_update(ctx, row.number)
}

fn failed(step: ViaStep, entry: &Entry) -> String {
    let reason = match entry.code {
        Some(code) => format!("{} (Twilio's error {code})", explain(code).words.trim_end_matches('.')),
        None if entry.remark.is_empty() => "it failed".to_owned(),
        None => entry.remark.trim_end_matches('.').to_owned(),
    };
    format!("{}: {reason}.", step.channel.name())
}

fn within_words(step: ViaStep) -> String {
    step.shown().within.unwrap_or_default()
}

fn late(step: ViaStep) -> String {
    let until = match step.until {
        Some(protocol::v1::ViaUntil::Sent) => "sent",
        Some(protocol::v1::ViaUntil::Read) => "read",
        Some(protocol::v1::ViaUntil::Delivered) | None => "delivered",
    };
    format!("{}: not {until} within {}.", step.channel.name(), within_words(step))
}
