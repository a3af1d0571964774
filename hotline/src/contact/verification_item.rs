//! A verification as programs see it.

use protocol::v1::{self, MessageStatus, VerificationChannel, VerificationStatus};

use super::StepContext;
use super::person::Person;
use super::program_item;
use super::timeline::Entry;
use super::verification_row::{MOST_SENDS, Sent, VerificationRow};
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::Channel;
use crate::domain::time::timestamp;
use crate::messages::verification::VerificationReply;
use crate::storage::Stored;

pub(super) fn few(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn is(
    ctx: &StepContext,
    person: &Person,
    row: &VerificationRow,
    existed: bool,
) -> Stored<VerificationReply> {
    Ok(VerificationReply::Is { item: Box::new(item(ctx, person, row)?), existed })
}

/// A verification as programs see it.
pub(super) fn item(ctx: &StepContext, person: &Person, row: &VerificationRow) -> Stored<v1::Verification> {
    let wanted = &row.wanted;
    let last = row.progress.sends.last();
    let entry = last.map(|sent| Entry::load(ctx.store, sent.entry)).transpose()?.flatten();
    let is_pending = row.is_pending(ctx.now);
    let sends_left = if is_pending { MOST_SENDS.saturating_sub(row.progress.sends.len()) } else { 0 };
    Ok(v1::Verification {
        id: id(ctx, person, row),
        status: row.status(ctx.now),
        hotline: ctx.hotline.api_name().to_owned(),
        to: wanted.to.clone(),
        channel: last.map_or(wanted.channel, shown),
        purpose: wanted.purpose.clone(),
        reference: wanted.reference.clone(),
        created_at: timestamp(row.at),
        expires_at: timestamp(row.expires_at()),
        attempts_left: few(row.attempts_left(ctx.now)),
        sends_left: few(sends_left),
        // In whole seconds; a moment earlier would be too soon.
        resend_at: row.resend_at().filter(|_| sends_left > 0).map(|at| timestamp(at + 999)),
        delivery: entry.as_ref().map_or(MessageStatus::Accepted, |entry| program_item::of_delivery(entry.delivery)),
        error: entry
            .as_ref()
            .filter(|_| row.status(ctx.now) != VerificationStatus::Canceled)
            .and_then(program_item::error),
        program: wanted.program.clone(),
    })
}

fn shown(sent: &Sent) -> VerificationChannel {
    match sent.channel {
        _ if sent.by_call => VerificationChannel::Call,
        Channel::Sms => VerificationChannel::Sms,
        Channel::WhatsApp => VerificationChannel::WhatsApp,
    }
}

/// Its id. Who is known by an id of WhatsApp is found by the number that was asked for.
pub(super) fn id(ctx: &StepContext, person: &Person, row: &VerificationRow) -> String {
    let number = person.party.phone().cloned().or_else(|| person.number());
    let place = number.map(|person| MessagePlace { mailbox: ctx.hotline.mailbox, person, number: row.number });
    place.and_then(|place| place.verification_id(&ctx.config.secrets.twilio_account_sid)).unwrap_or_default()
}
