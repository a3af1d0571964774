//! A program's message as programs see it.

use protocol::v1::{Decision, Message, MessageError, MessageStatus, Outcome, Part, Retry};

use super::StepContext;
use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::program_price::price;
use super::program_row::{Decided, ProgramRow, State};
use super::timeline::Entry;
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::Channel;
use crate::domain::text::segments;
use crate::domain::time::timestamp;
use crate::storage::Stored;
use crate::twilio::errors::{RetryPolicy, explain};
use crate::twilio::status::Delivery;

/// The item. One that is not stored has no id.
pub(super) fn item(ctx: &StepContext, person: &Person, row: &ProgramRow) -> Stored<Message> {
    let message = &row.message;
    let mut entries: Vec<Entry> = Vec::new();
    let mut texts: Vec<(Channel, OutgoingText)> = Vec::new();
    for seq in row.entries() {
        let Some(entry) = Entry::load(ctx.store, seq)? else { continue };
        texts.extend(OutgoingText::of_entry(ctx.store, seq)?.into_iter().map(|text| (entry.channel, text)));
        entries.push(entry);
    }
    let status = status(ctx, row, &entries);
    let counted = segments::count(&message.body);
    Ok(Message {
        id: id(ctx, person, row),
        status,
        decision: decision(row),
        hotline: ctx.hotline.api_name().to_owned(),
        to: message.to.clone(),
        class: message.class,
        channel: message.channel.as_str().to_owned(),
        via: message.via.iter().map(|step| step.shown()).collect(),
        sender: texts.last().map(|(_, text)| text.sender.clone()),
        body: message.body.clone(),
        media: message.media.clone(),
        segments: u32::try_from(counted.segments).unwrap_or(u32::MAX),
        encoding: counted.encoding.into(),
        reference: message.reference.clone(),
        tags: message.tags.clone(),
        send_at: message.send_at.map(timestamp),
        expires_at: message.expires_at.map(timestamp),
        parts: texts.iter().map(part).collect(),
        price: price(texts.iter().map(|(_, text)| text)),
        error: entries.last().filter(|_| status == MessageStatus::Failed).and_then(error),
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

/// How far it has come by the channel by which it has come farthest. It is over only when it is over by all of them.
fn status(ctx: &StepContext, row: &ProgramRow, entries: &[Entry]) -> MessageStatus {
    let (earlier, present) = entries.split_at(row.past().count().min(entries.len()));
    let present = present_status(ctx, row, present.first());
    let earlier = earlier.iter().map(|entry| entry.delivery).filter(|delivery| *delivery != Delivery::Failed);
    let earlier = earlier.max().map(of_delivery);
    let is_over = rank(present) == OVER;
    let may_come = !is_over && present != MessageStatus::Unknown;
    let reached = row.chain.reached.filter(|_| may_come).map(of_delivery);
    match earlier.into_iter().chain(reached).max_by_key(|status| rank(*status)) {
        Some(other) if is_over || rank(other) > rank(present) => other,
        _ => present,
    }
}

/// Between what was sent and what has arrived stands what is over otherwise.
const OVER: u8 = 6;

fn rank(status: MessageStatus) -> u8 {
    match status {
        MessageStatus::Held => 0,
        MessageStatus::Accepted => 1,
        MessageStatus::Unknown => 2,
        MessageStatus::Queued => 3,
        MessageStatus::Sending => 4,
        MessageStatus::Sent => 5,
        MessageStatus::Failed | MessageStatus::Refused | MessageStatus::Expired | MessageStatus::Canceled => OVER,
        MessageStatus::Delivered => 7,
        MessageStatus::Read => 8,
    }
}

fn present_status(ctx: &StepContext, row: &ProgramRow, entry: Option<&Entry>) -> MessageStatus {
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

fn part((channel, text): &(Channel, OutgoingText)) -> Part {
    let channel = channel.as_str().to_owned();
    Part { sid: text.sid.clone(), status: of_delivery(text.delivery), error: text.code, channel }
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
