//! What agents are told: one receipt note per reply, edited as it comes further, a voicemail's own thread likewise, and
//! notes about the person.

use super::outgoing_text::OutgoingText;
use super::pending_request::{Outgoing, PendingRequest, RequestKind};
use super::person::Person;
use super::reply_versions::FOLLOWS;
use super::resends::NOT_AGAIN;
use super::timeline::{Entry, Kind, NOT_EDITABLE, entry_of};
use super::work::{Fact, Job, Work, post_key, send_key};
use super::{Contact, RECEIPTS, StepContext};
use crate::answer::{Answer, try_again};
use crate::config::Receipts;
use crate::domain::html::{Html, normalised};
use crate::domain::phone::Channel;
use crate::domain::text::{quoted, segments};
use crate::effects::Millis;
use crate::helpscout::request;
use crate::jobs::{self, Create, Failure, Next, State, Target};
use crate::storage::Stored;
use crate::twilio::errors::explain;
use crate::twilio::status::Delivery;

/// A carrier that confirms deliveries does so within seconds; after this the receipt says that none has come.
const CONFIRMED_WITHIN: Millis = 30_000;

impl Contact {
    /// Brings the receipt of an entry up to date.
    pub(super) fn enqueue_receipt(ctx: &StepContext, entry: i64, due: Millis) -> Stored<()> {
        let lane = format!("{RECEIPTS} {entry}");
        for job in jobs::in_lane::<Work>(ctx.store, &lane)? {
            if job.is_pending() && job.attempts == 0 {
                return jobs::make_due(ctx.store, job.id, due);
            }
        }
        jobs::add(ctx.store, &lane, &Work::Receipt { entry, moved: false }, due, ctx.now)
    }

    pub(super) fn begin_receipt(&mut self, ctx: &StepContext, person: &Person, job: &mut Job) -> Stored<Next> {
        let Some(entry) = entry_of(ctx, job)? else { return Ok(Next::Done) };
        let Some(conversation) = entry.conversation.clone().filter(|_| entry.has_receipt()) else {
            return Ok(Next::Done);
        };
        if entry.text_removed_at.is_some() {
            // The thread says what it said; its words are known nowhere else.
            return Ok(Next::Done);
        }
        if entry.is_ours() && !jobs::find_by_key::<Work>(ctx.store, &post_key(entry.seq))?.is_empty() {
            // Its thread comes first, and asks for the receipt when it is there.
            return Ok(Next::Done);
        }
        match (&job.state, &entry.receipt) {
            (State::Uncertain(..), None) => {
                return self.request_permit(
                    ctx,
                    person,
                    job,
                    PendingRequest::about(RequestKind::FindThread, &conversation),
                );
            }
            // An edit that comes late would write over the next one: the next one comes when it can no longer come.
            (State::Uncertain(_, search), Some(_)) if ctx.now < search.until => {
                job.due = search.until;
                return Ok(Next::Wait);
            }
            _ => job.state = State::Pending,
        }
        if entry.kind == Kind::Voicemail {
            return self.begin_voicemail(ctx, person, job, &entry);
        }
        let Some(html) = receipt(ctx, person, &entry)? else { return Ok(Next::Done) };
        if normalised(html.as_str()) == entry.receipt_said {
            let confirmed = entry.at + CONFIRMED_WITHIN;
            if entry.delivery < Delivery::Failed && ctx.now < confirmed {
                job.start_again(confirmed);
                return Ok(Next::Wait);
            }
            return Ok(Next::Done);
        }
        let what = match entry.receipt.as_deref() {
            Some(NOT_EDITABLE) if entry.delivery != Delivery::Failed => return Ok(Next::Done),
            None | Some(NOT_EDITABLE) => RequestKind::Note,
            Some(_) => RequestKind::EditReceipt,
        };
        let place = entry.receipt_in.as_deref().filter(|_| what == RequestKind::EditReceipt).unwrap_or(&conversation);
        self.request_permit(ctx, person, job, PendingRequest::about(what, place))
    }

    pub(super) fn build_note(
        &self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        pending: &PendingRequest,
    ) -> Stored<Option<Outgoing>> {
        let html = if let Work::Note { html, .. } = &job.work {
            Some(html.clone())
        } else {
            let Some(entry) = entry_of(ctx, job)? else { return Ok(None) };
            receipt(ctx, person, &entry)?.map(|html| html.as_str().to_owned())
        };
        let made = |html: String| {
            let request = request::create_note(&pending.conversation, &html);
            Outgoing::create(Target::Thread(pending.conversation.clone()), normalised(&html), request)
        };
        Ok(html.map(made))
    }

    pub(super) fn build_edit(
        &self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        pending: &PendingRequest,
    ) -> Stored<Option<Outgoing>> {
        let Some(entry) = entry_of(ctx, job)? else { return Ok(None) };
        let Some(html) = receipt(ctx, person, &entry)? else { return Ok(None) };
        let said = normalised(html.as_str());
        let thread = entry.receipt.unwrap_or_default();
        let request = request::edit_thread(&pending.conversation, &thread, html.as_str());
        Ok(Some(Outgoing::create(Target::Thread(pending.conversation.clone()), said, request)))
    }

    pub(super) fn on_note_answer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        match answer {
            Answer::Done(response) => self.on_note_created(ctx, person, job, response.made()),
            Answer::Lost(loss) => Ok(super::lost_answers::mark_uncertain(job, loss)),
            Answer::TooManyRequests(_) | Answer::TokenRefused | Answer::AccountRefused => {
                Ok(wait_as_told(ctx, job, &answer))
            }
            // Gone, full or never: an agent reads it where the person's talk goes on.
            Answer::Gone(_) | Answer::ConversationFull | Answer::Refused(_) => {
                self.note_elsewhere(ctx, person, job, pending)
            }
        }
    }

    /// A note found no room in its conversation. Failures must still be told: in the present conversation.
    fn note_elsewhere(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        pending: &PendingRequest,
    ) -> Stored<Next> {
        let elsewhere = person.conversation.clone().filter(|present| *present != pending.conversation);
        let (Work::Note { moved, .. } | Work::Receipt { moved, .. }) = &mut job.work else { return Ok(Next::Done) };
        let (Some(elsewhere), false) = (elsewhere, std::mem::replace(moved, true)) else {
            self.tell_directory(ctx, Fact::Failed("note".to_owned()))?;
            let reason = "Help Scout takes this note in no conversation of theirs.";
            return Ok(Next::Failed(Failure::new("helpscout_refused", reason)));
        };
        job.state = State::Pending;
        let good_news = |entry: &Entry| entry.delivery != Delivery::Failed;
        if entry_of(ctx, job)?.is_some_and(|entry| good_news(&entry)) {
            return Ok(Next::Done);
        }
        self.request_permit(ctx, person, job, PendingRequest::about(RequestKind::Note, &elsewhere))
    }

    pub(super) fn on_note_created(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        thread: Option<String>,
    ) -> Stored<Next> {
        let (place, said) = match job.create() {
            Some(Create { target: Target::Thread(place), said, .. }) => (place.as_str(), said.as_str()),
            _ => ("", ""),
        };
        person.made_thread(place, thread.clone());
        let Some(mut entry) = entry_of(ctx, job)? else { return Ok(Next::Done) };
        let moved = entry.conversation.as_deref() != Some(place);
        entry.receipt_in = moved.then(|| place.to_owned());
        entry.receipt = thread.or_else(|| Some(NOT_EDITABLE.to_owned()));
        said.clone_into(&mut entry.receipt_said);
        entry.save_receipt(ctx.store)?;
        self.refresh_receipt(ctx, &entry)
    }

    pub(super) fn on_edit_answer(&mut self, ctx: &StepContext, job: &mut Job, answer: Answer) -> Stored<Next> {
        let Some(mut entry) = entry_of(ctx, job)? else { return Ok(Next::Done) };
        match answer {
            Answer::Done(_) => {
                job.create().map_or("", |create| &create.said).clone_into(&mut entry.receipt_said);
                entry.save_receipt(ctx.store)?;
                self.refresh_receipt(ctx, &entry)
            }
            // Refused: for failures only, a second note; good news is not worth another thread.
            Answer::Gone(_) | Answer::ConversationFull | Answer::Refused(_) if entry.kind == Kind::Voicemail => {
                Self::transcript_apart(ctx, entry)
            }
            Answer::Gone(_) | Answer::ConversationFull | Answer::Refused(_) => {
                (entry.receipt, entry.receipt_in) = (Some(NOT_EDITABLE.to_owned()), None);
                entry.save_receipt(ctx.store)?;
                job.start_again(ctx.now);
                Ok(Next::Wait)
            }
            Answer::Lost(loss) => Ok(super::lost_answers::mark_uncertain(job, loss)),
            other => Ok(wait_as_told(ctx, job, &other)),
        }
    }

    /// The reply may have come further while its receipt was under way.
    fn refresh_receipt(&mut self, ctx: &StepContext, entry: &Entry) -> Stored<Next> {
        Self::enqueue_receipt(ctx, entry.seq, ctx.now)?;
        Ok(Next::Done)
    }

    /// A note about the person, in their present conversation when its permit comes, or in a certain one.
    pub(super) fn enqueue_note(ctx: &StepContext, lane: &str, conversation: Option<&str>, html: &Html) -> Stored<()> {
        let html = html.as_str().to_owned();
        let note = Work::Note { conversation: conversation.map(str::to_owned), html, moved: false };
        jobs::add(ctx.store, lane, &note, ctx.now, ctx.now)
    }

    pub(super) fn begin_note(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        conversation: Option<String>,
    ) -> Stored<Next> {
        let Some(conversation) = conversation.or_else(|| person.conversation.clone()) else { return Ok(Next::Done) };
        let what = if job.is_uncertain() { RequestKind::FindThread } else { RequestKind::Note };
        self.request_permit(ctx, person, job, PendingRequest::about(what, &conversation))
    }
}

/// It waits as long as the service says; news of the delivery does not bring it forward.
fn wait_as_told(ctx: &StepContext, job: &mut Job, answer: &Answer) -> Next {
    let next = try_again(ctx.now, job, answer);
    job.attempts = job.attempts.max(1);
    next
}

/// What the receipt of a reply says now; `None` when it says nothing.
fn receipt(ctx: &StepContext, person: &Person, entry: &Entry) -> Stored<Option<Html>> {
    if entry.kind == Kind::Voicemail {
        return Ok(Some(super::call_entries::voicemail(ctx, entry)));
    }
    let is_failure = entry.delivery == Delivery::Failed || !entry.remark.is_empty();
    // What was told of a failure is corrected when it passes.
    if ctx.hotline.receipts == Receipts::Failures && !is_failure && entry.receipt.is_none() {
        return Ok(None);
    }
    let messages = OutgoingText::of_entry(ctx.store, entry.seq)?;
    if entry.delivery == Delivery::Failed {
        return Ok(Some(failure(&person.party.readable(), entry, &messages)));
    }
    let way = if entry.channel == Channel::WhatsApp { "a WhatsApp message" } else { "a text" };
    let to = format!("as {way} to {}", person.party.readable());
    let what = quotation(entry, &messages);
    let is_unconfirmed = entry.delivery == Delivery::Sent && ctx.now - entry.at >= CONFIRMED_WITHIN;
    let said = match (entry.delivery, waits_for(ctx, entry, &messages)?) {
        (Delivery::Delivered, _) => format!("Delivered {to}{what}"),
        (Delivery::Read, _) => format!("Delivered {to}, and read{what}"),
        (Delivery::Unknown, _) => format!("Not sure whether it was sent {to}{what}"),
        (_, Some(reason)) => {
            let code = entry.code.map_or(String::new(), |code| format!(" (Twilio {code})"));
            format!("Waiting to be sent {to}{what} {reason}{code}")
        }
        _ if is_unconfirmed => format!("Sent {to}{what} The carrier has not confirmed that it arrived."),
        _ => format!("Sending {to}{what}"),
    };
    let mut html = Html::text(&said);
    add_counts(&mut html, entry, &messages);
    if !entry.remark.is_empty() {
        html.push(&Html::line_break());
        html.push(&Html::text(&entry.remark));
    }
    add_what_was_sent(&mut html, entry);
    Ok(Some(html))
}

fn failure(whom: &str, entry: &Entry, messages: &[OutgoingText]) -> Html {
    let parts = messages.iter().filter(|message| !message.is_resend());
    let has_left = |part: &&OutgoingText| {
        let mut attempts = messages.iter().filter(|message| message.part == part.part);
        let arrived = attempts.clone().any(|message| message.delivery > Delivery::Failed);
        arrived || (attempts.clone().any(|it| it.sid.is_some()) && attempts.all(|it| it.delivery != Delivery::Failed))
    };
    let (all, left) = (parts.clone().count(), parts.filter(has_left).count());
    let what = if left > 0 { "Not all of it was sent" } else { "Not sent" };
    let mut html = Html::strong(&format!("{what} to {whom}."));
    let quotation = quotation(entry, messages);
    html.push(&Html::text(&format!("{} {}", quotation.trim_start_matches('.'), reason(entry, messages))));
    if let Some(code) = entry.code {
        html.push(&Html::text(&format!(" (Twilio {code})")));
    }
    if left > 0 {
        html.push(&Html::text(&format!(" {left} of its {all} messages left.")));
    }
    if entry.code.is_some() && !entry.remark.is_empty() {
        html.push(&Html::text(&format!(" {}", entry.remark)));
    }
    add_what_was_sent(&mut html, entry);
    html
}

/// Said of a text as long as Twilio answers neither that it took it nor whether it had.
const UNREACHABLE: &str = "Twilio cannot be reached. We keep trying, and say here whether it was sent.";

/// Why a text waits, where there is more to say than that it does.
pub(super) fn waits_for(ctx: &StepContext, entry: &Entry, messages: &[OutgoingText]) -> Stored<Option<String>> {
    if entry.delivery != Delivery::Waiting {
        return Ok(None);
    }
    if let Some(code) = entry.code {
        return Ok(Some(explain(code).sentences(true)));
    }
    for message in messages {
        let is_unreachable = |job: &Job| job.is_uncertain() && job.attempts > 0;
        if jobs::find_by_key::<Work>(ctx.store, &send_key(&message.id))?.iter().any(is_unreachable) {
            return Ok(Some(UNREACHABLE.to_owned()));
        }
    }
    Ok(None)
}

/// Said of a text that was sent again and has left, as long as nobody says that it arrived.
const LEFT_AGAIN: &str = "It was sent again; the carrier has not confirmed that it arrived.";

/// Why a text did not arrive, and whether it is sent again.
pub(super) fn reason(entry: &Entry, messages: &[OutgoingText]) -> String {
    let mut tried_again = messages.iter().filter(|message| message.failed_attempts > 0);
    let is_resent = tried_again.clone().any(|message| message.delivery == Delivery::Waiting);
    let left_again = tried_again.any(|message| message.delivery.is_under_way());
    match entry.code.map(explain) {
        // Why it is not sent again follows, or that another version of it is.
        Some(explanation) if entry.remark.contains(FOLLOWS) => explanation.words.to_owned(),
        Some(explanation) if !is_resent && left_again => [explanation.words, " ", LEFT_AGAIN].concat(),
        Some(explanation) if !is_resent && entry.remark.contains(NOT_AGAIN) => explanation.words.to_owned(),
        Some(explanation) => explanation.sentences(is_resent),
        None if !entry.remark.is_empty() => entry.remark.clone(),
        None => "Twilio gave no reason.".to_owned(),
    }
}

/// The first words of a text, by which an agent knows which one is meant, or how many files it was. A text that differs
/// from what was written is quoted whole.
fn quotation(entry: &Entry, messages: &[OutgoingText]) -> String {
    let files: usize = messages.iter().filter(|message| !message.is_resend()).map(|message| message.media.len()).sum();
    match (entry.text.trim(), files) {
        ("", 0) => ".".to_owned(),
        ("", 1) => ". (A file.)".to_owned(),
        ("", _) => format!(". ({files} files.)"),
        _ if entry.differs => ".".to_owned(),
        (words, _) => format!(". {}", quoted(words)),
    }
}

/// Long texts say in how many parts they went.
fn add_counts(html: &mut Html, entry: &Entry, messages: &[OutgoingText]) {
    let first_tries = || messages.iter().filter(|message| !message.is_resend());
    let parts = first_tries().count();
    let count: usize = first_tries().map(|message| segments::count(&message.body).segments).sum();
    if parts > 1 {
        html.push(&Html::text(&format!(" It went in {parts} messages ({count} segments).")));
    } else if count > 1 && entry.channel == Channel::Sms {
        html.push(&Html::text(&format!(" ({count} segments)")));
    }
}

/// A text that differs from what was written is quoted.
fn add_what_was_sent(html: &mut Html, entry: &Entry) {
    if entry.differs && !entry.text.is_empty() {
        html.push(&Html::line_break());
        html.push(&Html::text("What was sent:"));
        html.push(&Html::line_break());
        html.push(&Html::text(&entry.text));
    }
}
