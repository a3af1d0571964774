//! A program's message as programs see it.

use protocol::v1::{Decision, Message, MessageError, MessageStatus, Outcome, Part, Retry};

use super::StepContext;
use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::program_row::{Decided, ProgramRow, State};
use super::timeline::Entry;
use crate::domain::message_id::MessagePlace;
use crate::domain::text::segments;
use crate::domain::time::timestamp;
use crate::storage::Stored;
use crate::twilio::errors::{RetryPolicy, explain};
use crate::twilio::status::Delivery;

/// The item. One that is not stored has no id.
pub(super) fn item(ctx: &StepContext, person: &Person, row: &ProgramRow) -> Stored<Message> {
    let message = &row.message;
    let entry = row.entry.map(|entry| Entry::load(ctx.store, entry)).transpose()?.flatten();
    let texts = row.entry.map_or(Ok(Vec::new()), |entry| OutgoingText::of_entry(ctx.store, entry))?;
    let counted = segments::count(&message.body);
    Ok(Message {
        id: id(ctx, person, row),
        status: status(ctx, row, entry.as_ref()),
        decision: decision(row),
        hotline: ctx.hotline.api_name().to_owned(),
        to: message.to.clone(),
        class: message.class,
        channel: message.channel.as_str().to_owned(),
        sender: texts.first().map(|text| text.sender.clone()),
        body: message.body.clone(),
        media: message.media.clone(),
        segments: u32::try_from(counted.segments).unwrap_or(u32::MAX),
        encoding: counted.encoding.into(),
        reference: message.reference.clone(),
        tags: message.tags.clone(),
        send_at: message.send_at.map(timestamp),
        expires_at: message.expires_at.map(timestamp),
        parts: texts.iter().map(part).collect(),
        error: entry.as_ref().filter(|_| row.state == State::Accepted).and_then(error),
        program: message.program.clone(),
        template: message.template_use(),
        created_at: timestamp(row.at),
    })
}

fn id(ctx: &StepContext, person: &Person, row: &ProgramRow) -> Option<String> {
    let is_stored = row.number > 0;
    let person = person.party.phone().filter(|_| is_stored)?.clone();
    let place = MessagePlace { mailbox: ctx.hotline.mailbox, person, number: row.number };
    place.id(&ctx.config.secrets.twilio_account_sid)
}

fn status(ctx: &StepContext, row: &ProgramRow, entry: Option<&Entry>) -> MessageStatus {
    let is_over = row.message.expires_at.is_some_and(|at| at <= ctx.now);
    let delivery = entry.map_or(Delivery::Waiting, |entry| entry.delivery);
    match row.state {
        State::Refused => MessageStatus::Refused,
        State::Expired => MessageStatus::Expired,
        State::Canceled => MessageStatus::Canceled,
        // Its own turn, which says so in the row, may still be a moment away.
        State::Held if is_over => MessageStatus::Expired,
        State::Held => MessageStatus::Held,
        State::Accepted => of_delivery(delivery),
    }
}

pub(super) fn of_delivery(delivery: Delivery) -> MessageStatus {
    match delivery {
        Delivery::Waiting => MessageStatus::Accepted,
        Delivery::Unknown => MessageStatus::Unknown,
        Delivery::Queued => MessageStatus::Queued,
        Delivery::Sending => MessageStatus::Sending,
        Delivery::Sent => MessageStatus::Sent,
        Delivery::Failed => MessageStatus::Failed,
        Delivery::Delivered => MessageStatus::Delivered,
        Delivery::Read => MessageStatus::Read,
    }
}

fn part(text: &OutgoingText) -> Part {
    Part { sid: text.sid.clone(), status: of_delivery(text.delivery), error: text.code }
}

/// What the rules said last: what came after, a cancellation say, is no decision of theirs.
fn decision(row: &ProgramRow) -> Decision {
    let outcome = |decided: &Decided| match decided.outcome.as_str() {
        "send" => Some(Outcome::Send),
        "hold" => Some(Outcome::Hold),
        "refuse" => Some(Outcome::Refuse),
        _ => None,
    };
    let last = row.decisions.iter().rev().find_map(|decided| Some((decided, outcome(decided)?)));
    last.map_or(
        Decision { outcome: Outcome::Hold, rule: None, detail: String::new(), until: None },
        |(decided, outcome)| Decision {
            outcome,
            rule: decided.rule.clone(),
            detail: decided.detail.clone(),
            until: decided.until.map(timestamp),
        },
    )
}

/// Why it did not arrive.
pub(super) fn error(entry: &Entry) -> Option<MessageError> {
    let explanation = explain(entry.code.unwrap_or(0));
    let retry = match explanation.retry {
        RetryPolicy::Never | RetryPolicy::MaybeDelivered => Retry::Never,
        RetryPolicy::AfterConfiguration => Retry::AfterChange,
        RetryPolicy::Retry { .. } | RetryPolicy::Later { .. } => Retry::Later,
    };
    let reason = if entry.remark.is_empty() { explanation.words.to_owned() } else { entry.remark.clone() };
    (entry.delivery == Delivery::Failed).then_some(MessageError { code: entry.code, reason, retry })
}
