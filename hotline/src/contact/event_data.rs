//! What programs are told of each thing that happens to a person.

use protocol::v1::{
    ApprovedVerification, CallResult, EndedCall, EventDirection, EventType, MessageStatus, PersonEvent,
    ReceivedMessage, SentMessage, Voicemail,
};

use super::StepContext;
use super::events::{are_wanted, number_of, record};
use super::person::Person;
use super::program_item::item;
use super::program_row::ProgramRow;
use super::program_turns::ANSWERED_WITHIN;
use super::timeline::Entry;
use super::verification_item;
use super::verification_row::VerificationRow;
use crate::domain::time::timestamp;
use crate::media::{self, MediaLink};
use crate::messages::call::{CallOutcome, Report};
use crate::storage::Stored;

/// They have written.
pub(super) fn message_received(ctx: &StepContext, person: &Person, entry: &Entry) -> Stored<()> {
    if !are_wanted(ctx) {
        return Ok(());
    }
    let until = ctx.now + media::IN_THREADS;
    let addresses = entry.media.iter().map(|it| MediaLink::Twilio { url: it.url.clone() }.address(ctx.config, until));
    let received = ReceivedMessage {
        id: entry.id.clone(),
        hotline: ctx.hotline.api_name().to_owned(),
        number: Some(number_of(person)),
        direction: EventDirection::In,
        channel: entry.channel.as_str().to_owned(),
        text: entry.text.clone(),
        media: addresses.collect(),
        in_reply_to: answered(ctx, person)?,
        created_at: timestamp(entry.at),
    };
    record(ctx, EventType::MessageReceived, &received)
}

/// The message that they answer, if the last one that left to them was a program's, and not too long ago.
fn answered(ctx: &StepContext, person: &Person) -> Stored<Option<String>> {
    let Some(number) = person.last_left else { return Ok(None) };
    let Some(row) = ProgramRow::load(ctx.store, number)? else { return Ok(None) };
    let is_recent = row.left_at.is_some_and(|left_at| ctx.now - left_at <= ANSWERED_WITHIN);
    Ok(if is_recent { item(ctx, person, &row)?.id } else { None })
}

/// A message that a program has sent came further.
pub(super) fn message_updated(ctx: &StepContext, person: &Person, number: i64) -> Stored<()> {
    let Some(row) = ProgramRow::load(ctx.store, number)? else { return Ok(()) };
    let item = item(ctx, person, &row)?;
    let is_refused = item.status == MessageStatus::Refused;
    let (number, text) = (Some(number_of(person)), item.body.clone());
    let sent = SentMessage { item, number, direction: EventDirection::Out, text };
    record(ctx, if is_refused { EventType::MessageRefused } else { EventType::MessageUpdated }, &sent)
}

/// A call is over.
pub(super) fn call_ended(ctx: &StepContext, person: &Person, report: &Report) -> Stored<()> {
    let direction = if report.came == CallOutcome::Callback { EventDirection::Out } else { EventDirection::In };
    let ended = EndedCall {
        id: report.id.clone(),
        hotline: ctx.hotline.api_name().to_owned(),
        number: Some(number_of(person)),
        direction,
        result: result(report),
        seconds: report.seconds,
        started_at: timestamp(report.at),
    };
    record(ctx, EventType::CallEnded, &ended)?;
    if report.came == CallOutcome::Voicemail {
        voicemail(ctx, person, report, EventType::VoicemailReceived)?;
        voicemail_transcribed(ctx, person, report)?;
    }
    Ok(())
}

fn result(report: &Report) -> CallResult {
    match report.came {
        CallOutcome::Answered => CallResult::Answered,
        CallOutcome::Missed => CallResult::Missed,
        CallOutcome::NoMessage => CallResult::NoMessage,
        CallOutcome::Closed => CallResult::Closed,
        CallOutcome::Voicemail => CallResult::Voicemail,
        CallOutcome::Callback if report.outcome == protocol::sidebar::CallOutcome::Completed => CallResult::Connected,
        CallOutcome::Callback => CallResult::NotConnected,
    }
}

/// The transcript of a voicemail has come. That there never will be one is no event.
pub(super) fn voicemail_transcribed(ctx: &StepContext, person: &Person, report: &Report) -> Stored<()> {
    if report.transcript.as_deref().is_none_or(str::is_empty) {
        return Ok(());
    }
    voicemail(ctx, person, report, EventType::VoicemailTranscribed)
}

fn voicemail(ctx: &StepContext, person: &Person, report: &Report, kind: EventType) -> Stored<()> {
    let voicemail = Voicemail {
        id: report.id.clone(),
        hotline: ctx.hotline.api_name().to_owned(),
        number: Some(number_of(person)),
        seconds: report.seconds,
        transcript: report.transcript.clone().filter(|words| !words.is_empty()),
        started_at: timestamp(report.at),
    };
    record(ctx, kind, &voicemail)
}

/// They may no longer be texted, or may again.
pub(super) fn opted(ctx: &StepContext, person: &Person, is_out: bool) -> Stored<()> {
    let about = PersonEvent { hotline: ctx.hotline.api_name().to_owned(), number: Some(number_of(person)) };
    record(ctx, if is_out { EventType::PersonOptedOut } else { EventType::PersonOptedIn }, &about)
}

/// They have given a code back that was right.
pub(super) fn verification_approved(ctx: &StepContext, person: &Person, row: &VerificationRow) -> Stored<()> {
    let approved = ApprovedVerification {
        id: verification_item::id(ctx, person, row),
        hotline: ctx.hotline.api_name().to_owned(),
        number: Some(row.wanted.to.clone()),
        purpose: row.wanted.purpose.clone(),
        reference: row.wanted.reference.clone(),
    };
    record(ctx, EventType::VerificationApproved, &approved)
}
