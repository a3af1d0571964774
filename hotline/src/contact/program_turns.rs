//! Whether a program's message may leave: decided when it comes, when its time comes, and again when its turn at the sender
//! comes (`send_rules`).

use protocol::v1::{Class, Outcome};

use super::consents;
use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::program_row::{Decided, ProgramRow, State};
use super::timeline::Entry;
use super::work::{Job, Work};
use super::{CODES, Contact, StepContext, TEXTS};
use crate::domain::html::Html;
use crate::domain::phone::Channel;
use crate::domain::template::Content;
use crate::domain::text::quoted;
use crate::effects::{Millis, Priority};
use crate::jobs::{self, Next};
use crate::messages::program::{self, InConversation, Profile, ProgramMessage};
use crate::send_rules::{self, Decision, Rule};
use crate::storage::Stored;

/// How soon a message is looked at again that waits for a sender.
const LOOK_AGAIN: Millis = 60_000;

/// Over so long the messages of a list are spread that a night has held.
const SPREAD_AFTER_HOLD: Millis = 30 * 60_000;

/// For how long an answer of the person counts as one to the message before it: 7 days.
pub(super) const ANSWERED_WITHIN: Millis = 7 * 86_400_000;

const DAY: Millis = 86_400_000;

/// How the id of an entry begins that is a program's message.
const PROGRAM: &str = "program:";

/// How the lanes begin in which messages of programs leave. Each class has one: in it each leaves after the one before. What is
/// tried by a further channel has one of its own: it was delayed enough, and one that a rule holds must not hold it too.
const CLASS_LANE: &str = "program ";

fn lane(row: &ProgramRow) -> String {
    let class = row.message.class.as_str();
    if row.step_number() == 0 { [CLASS_LANE, class].concat() } else { format!("{CLASS_LANE}{class} {}", row.number) }
}

/// Who goes first at a sender, by the lane of the text.
pub(super) fn priority_of_lane(lane: &str) -> Option<Priority> {
    Class::read(lane.strip_prefix(CLASS_LANE)?.split(' ').next()?).map(program::priority)
}

/// A message by its first channel, and by each further one.
fn entry_id(row: &ProgramRow) -> String {
    match row.step_number() {
        0 => format!("{PROGRAM}{}", row.number),
        step => format!("{PROGRAM}{}.{step}", row.number),
    }
}

/// The lane in which a held message waits for its time.
pub(super) fn turn_lane(number: i64) -> String {
    format!("turn {number}")
}

impl Entry {
    /// The number of the program's message that it is.
    pub fn program_message(&self) -> Option<i64> {
        // What follows a dot is the place of the channel among several.
        self.id.strip_prefix(PROGRAM)?.split('.').next()?.parse().ok()
    }

    /// Whether a program has it sent: its message, or a code.
    pub fn is_of_program(&self) -> bool {
        self.program_message().is_some() || self.is_code()
    }
}

impl Contact {
    /// What the rules say of a message to this person now.
    pub(super) fn judge(ctx: &StepContext, person: &Person, row: &ProgramRow) -> Stored<Decision> {
        let message = &row.message;
        let asked = send_rules::Message {
            to: &message.to,
            channel: message.channel,
            class: message.class,
            has_content_sid: message.content().is_some(),
            send_at: message.send_at,
            expires_at: message.expires_at,
        };
        let left = departures(ctx, row)?;
        let zone = Profile::load(ctx.store)?.and_then(|profile| profile.zone);
        let known = send_rules::Person {
            is_opted_out: person.opted_out.is_some(),
            opted_in_senders: &person.opted_in_senders,
            consent: consents::of_class(ctx.store, message.class)?,
            zone: zone.as_deref(),
            whatsapp_heard_at: if message.channel == Channel::WhatsApp {
                Entry::last_whatsapp(ctx.store)?
            } else {
                None
            },
            left: &left,
            known_sender: Some(person.sender.as_str()),
        };
        Ok(send_rules::evaluate(&asked, &known, ctx.hotline, &[], ctx.now))
    }

    /// A decision, for the record.
    pub(super) fn in_words(ctx: &StepContext, row: &ProgramRow, decision: &Decision) -> Decided {
        Decided {
            at: ctx.now,
            rule: decision.rule().map(|rule| rule.code().to_owned()),
            outcome: decision.outcome().as_str().to_owned(),
            detail: [&row.channel_words(), decision.detail()].concat(),
            until: decision.until(),
        }
    }

    pub(super) fn state_after(decision: &Decision) -> State {
        match decision {
            Decision::Send { .. } => State::Accepted,
            Decision::Hold { .. } => State::Held,
            Decision::Refuse { rule: Rule::Expired, .. } => State::Expired,
            Decision::Refuse { .. } => State::Refused,
        }
    }

    /// Does what was decided about a message that was not allowed to leave before.
    pub(super) fn carry_out(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        row: &mut ProgramRow,
        decision: &Decision,
    ) -> Stored<()> {
        let turn_at = match decision {
            Decision::Send { sender } => match row.message.turn_at.filter(|turn_at| *turn_at > ctx.now) {
                None => return Self::let_leave(ctx, person, row, sender),
                Some(turn_at) => next_look(ctx, row, Some(turn_at)),
            },
            Decision::Hold { until, .. } => after_hold(ctx, row, *until),
            Decision::Refuse { .. } => return Ok(()),
        };
        let turn = Work::Turn { message: row.number, in_list: row.message.turn_at.is_some() };
        jobs::add(ctx.store, &turn_lane(row.number), &turn, turn_at, ctx.now)
    }

    /// It goes onto the timeline, and waits for its turn.
    fn let_leave(ctx: &StepContext, person: &Person, row: &mut ProgramRow, sender: &str) -> Stored<()> {
        let message = &row.message;
        let entry = Entry {
            agent: message.program.clone(),
            conversation: person.conversation.clone(),
            ..Entry::outward(entry_id(row), message.channel, message.body.clone(), ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        let mut text = OutgoingText::new(seq, 0, sender, message.body.clone());
        text.media.clone_from(&message.media);
        text.queue(ctx.store, &lane(row), ctx.now, ctx.now)?;
        row.entry = Some(seq);
        Self::watch_channel(ctx, row)?;
        row.save(ctx.store)
    }

    /// The time of a message has come, at which it was held or which is its turn in a list.
    pub(super) fn begin_turn(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        number: i64,
    ) -> Stored<Next> {
        let Some(mut row) = ProgramRow::load(ctx.store, number)? else { return Ok(Next::Done) };
        if !matches!(row.state, State::Held | State::Accepted) || row.entry.is_some() {
            return Ok(Next::Done);
        }
        let before = row.clone();
        let decision = Self::decide(ctx, person, &mut row)?;
        row.save(ctx.store)?;
        Self::enqueue_index(ctx, row.number)?;
        if row != before {
            ctx.store.updated(row.number);
        }
        match &decision {
            Decision::Send { sender } => Self::let_leave(ctx, person, &mut row, sender)?,
            Decision::Hold { until, .. } => {
                job.start_again(after_hold(ctx, &row, *until));
                return Ok(Next::Wait);
            }
            Decision::Refuse { .. } => {}
        }
        Ok(Next::Done)
    }

    /// Its turn at the sender has come. `None` when it may leave.
    pub(super) fn hold_back_program_text(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        text: &mut OutgoingText,
        entry: &Entry,
    ) -> Stored<Option<Next>> {
        if !entry.is_of_program() {
            return Ok(None);
        }
        let Some(mut row) = ProgramRow::of_entry(ctx.store, entry.seq)? else { return Ok(None) };
        let decision = Self::judge(ctx, person, &row)?;
        let before = row.clone();
        row.decided(Self::in_words(ctx, &row, &decision));
        if decision.is_about_the_channel() && row.next_step().is_some() {
            row.save(ctx.store)?;
            return self.give_up(ctx, job, text.clone(), None, decision.detail()).map(Some);
        }
        Self::take_decision(ctx, &mut row, &decision)?;
        if row != before {
            row.save(ctx.store)?;
            Self::tell_update(ctx, row.number)?;
        }
        match decision {
            Decision::Send { sender } => {
                text.leave_from(ctx.store, &sender)?;
                Ok(None)
            }
            Decision::Hold { until, .. } => {
                job.due = next_look(ctx, &row, until);
                Ok(Some(Next::Wait))
            }
            Decision::Refuse { rule, detail } => {
                let code = (rule == Rule::OptedOut).then_some(crate::twilio::errors::OPTED_OUT);
                self.give_up(ctx, job, text.clone(), code, &detail).map(Some)
            }
        }
    }

    /// Whether the rules still let a text leave, in the step in which it does.
    pub(super) fn may_program_text_leave(ctx: &StepContext, person: &Person, entry: i64) -> Stored<bool> {
        let Some(row) = ProgramRow::of_entry(ctx.store, entry)? else { return Ok(true) };
        Ok(Self::judge(ctx, person, &row)?.outcome() == Outcome::Send)
    }

    /// The approved template that leaves in place of a text.
    pub(super) fn content_of(ctx: &StepContext, text: &OutgoingText) -> Stored<Option<Content>> {
        if !text.sender.starts_with("whatsapp:") {
            return Ok(None);
        }
        if let Some(content) = Self::code_content(ctx, text)? {
            return Ok(Some(content));
        }
        Ok(ProgramRow::of_entry(ctx.store, text.entry)?.and_then(|row| row.message.content().cloned()))
    }

    /// A text leaves: what the person says next answers it.
    pub(super) fn on_departure(ctx: &StepContext, person: &mut Person, job: &Job) -> Stored<()> {
        (person.program_message, person.last_left) = (None, None);
        if job.lane != CODES && priority_of_lane(&job.lane).is_none() {
            return Ok(());
        }
        let Some(text) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(()) };
        if person.sender.is_empty() {
            // From now on this is the number that they know.
            person.sender.clone_from(&text.sender);
        }
        let Some(mut row) = ProgramRow::of_entry(ctx.store, text.entry)? else { return Ok(()) };
        let is_first = row.left_at.replace(ctx.now).is_none();
        row.save(ctx.store)?;
        person.last_left = Some(row.number);
        match row.message.conversation {
            InConversation::None => {}
            InConversation::Note if person.conversation.is_some() && is_first => {
                Self::note_program_message(ctx, &row.message, false)?;
            }
            // Who has no conversation gets the note when they have one.
            InConversation::Note if person.conversation.is_some() => {}
            InConversation::Note | InConversation::OnReply => person.program_message = Some(row.number),
        }
        Ok(())
    }

    /// The person says something: the agents see to what.
    pub(super) fn note_what_is_answered(ctx: &StepContext, person: &mut Person) -> Stored<()> {
        let Some(number) = person.program_message.take() else { return Ok(()) };
        let Some(row) = ProgramRow::load(ctx.store, number)? else { return Ok(()) };
        if row.left_at.is_some_and(|left_at| ctx.now - left_at <= ANSWERED_WITHIN) {
            Self::note_program_message(ctx, &row.message, true)?;
        }
        Ok(())
    }

    fn note_program_message(ctx: &StepContext, message: &ProgramMessage, is_answered: bool) -> Stored<()> {
        let said = if message.body.trim().is_empty() { "a picture".to_owned() } else { quoted(&message.body) };
        let program = &message.program;
        let words = if is_answered {
            format!("This answers a message that the program {program} has sent: {said}")
        } else {
            format!("The program {program} has sent them: {said}")
        };
        Self::enqueue_note(ctx, TEXTS, None, &Html::text(&words))
    }
}

/// When messages of a class left for them, as far as the hotline's cap looks back.
fn departures(ctx: &StepContext, row: &ProgramRow) -> Stored<Vec<Millis>> {
    let Some(cap) = ctx.hotline.program_messages.cap(row.message.class) else { return Ok(Vec::new()) };
    row.departures(ctx.store, ctx.now - i64::from(cap.days) * DAY)
}

/// When a held message of a list is looked at again: so that not all ask at the instant at which a night ends.
fn after_hold(ctx: &StepContext, row: &ProgramRow, until: Option<Millis>) -> Millis {
    let in_list = row.message.turn_at.map_or(0, |turn_at| (turn_at - row.at).max(0));
    next_look(ctx, row, until.map(|until| until + in_list % SPREAD_AFTER_HOLD))
}

/// When a held message is looked at again: when the rule lets go of it, or its time is over.
fn next_look(ctx: &StepContext, row: &ProgramRow, until: Option<Millis>) -> Millis {
    let until = until.unwrap_or(ctx.now + LOOK_AGAIN);
    row.message.expires_at.map_or(until, |expires_at| until.min(expires_at)).max(ctx.now)
}
