//! What agents are told: one receipt note per reply, edited as it comes further, a voicemail's own thread likewise, and
//! notes about the person.

use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::timeline::{Entry, Kind, Message};
use super::{Contact, RECEIPTS, StepContext, TEXTS};
use crate::answer::{Answer, try_again};
use crate::config::Receipts;
use crate::domain::html::{Html, normalised};
use crate::domain::text::segments;
use crate::effects::{Millis, Request};
use crate::helpscout::request;
use crate::jobs::{self, Job, Next, Phase};
use crate::storage::{Stored, first, number, run};
use crate::twilio::errors::explain;
use crate::twilio::status::Delivery;

/// A effects that confirms deliveries does so within seconds; after this the receipt says that none has come.
const CONFIRMED_WITHIN: Millis = 30_000;

impl Contact {
    /// Brings the receipt of an entry up to date.
    pub(super) fn will_receipt(ctx: &StepContext, entry: i64, due: Millis) -> Stored<()> {
        let subject = entry.to_string();
        for job in jobs::about(ctx.store, "receipt", &subject)? {
            if job.phase == Phase::Waiting && job.attempts == 0 {
                return jobs::save(ctx.store, &Job { due: job.due.min(due), ..job });
            }
        }
        jobs::add(ctx.store, &format!("{RECEIPTS} {subject}"), "receipt", &subject, due, ctx.now)
    }

    pub(super) fn begin_receipt(&mut self, ctx: &StepContext, person: &Person, job: &mut Job) -> Stored<Next> {
        let Some(entry) = super::posting::entry_of(ctx, job)? else { return Ok(Next::Done) };
        let Some(conversation) = entry.conversation.clone().filter(|_| entry.has_receipt()) else {
            return Ok(Next::Done);
        };
        match (job.phase, &entry.receipt) {
            (Phase::Uncertain, None) => {
                return self.ask(ctx, person, job, PendingRequest::about(RequestKind::FindThread, &conversation));
            }
            // An edit that comes late would write over the next one: the next one comes when it can no longer come.
            (Phase::Uncertain, Some(_)) if ctx.now < job.settle_by => {
                job.due = job.settle_by;
                return Ok(Next::Wait);
            }
            _ => job.phase = Phase::Waiting,
        }
        if entry.kind == Kind::Voicemail {
            return self.begin_voicemail(ctx, person, job, &entry);
        }
        let Some(html) = receipt(ctx, person, &entry)? else { return Ok(Next::Done) };
        if normalised(html.as_str()) == entry.receipt_said {
            let confirmed = entry.at + CONFIRMED_WITHIN;
            if entry.delivery < Delivery::Failed && ctx.now < confirmed {
                (job.phase, job.due) = (Phase::Waiting, confirmed);
                return Ok(Next::Wait);
            }
            return Ok(Next::Done);
        }
        let what = match entry.receipt.as_deref() {
            Some(GIVEN_UP) if entry.delivery != Delivery::Failed => return Ok(Next::Done),
            None | Some(GIVEN_UP) => RequestKind::Note,
            Some(_) => RequestKind::EditReceipt,
        };
        self.ask(ctx, person, job, PendingRequest::about(what, &conversation))
    }

    pub(super) fn build_note(
        &self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        call: &PendingRequest,
    ) -> Stored<Option<(String, String, Request)>> {
        let html = if job.kind == "receipt" {
            let Some(entry) = super::posting::entry_of(ctx, job)? else { return Ok(None) };
            receipt(ctx, person, &entry)?.map(|html| html.as_str().to_owned())
        } else {
            note(ctx, job)?.map(|(_, html)| html)
        };
        let made = |html: String| {
            let request = request::create_note(&call.conversation, &html);
            (call.conversation.clone(), normalised(&html), request)
        };
        Ok(html.map(made))
    }

    pub(super) fn build_edit(
        &self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        call: &PendingRequest,
    ) -> Stored<Option<(String, String, Request)>> {
        let Some(entry) = super::posting::entry_of(ctx, job)? else { return Ok(None) };
        let Some(html) = receipt(ctx, person, &entry)? else { return Ok(None) };
        let said = normalised(html.as_str());
        let thread = entry.receipt.unwrap_or_default();
        Ok(Some((call.conversation.clone(), said, request::edit_thread(&call.conversation, &thread, html.as_str()))))
    }

    pub(super) fn noted(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        call: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        match answer {
            Answer::Done(response) => self.note_made(ctx, person, job, response.made()),
            Answer::Lost(loss) => Ok(super::reconcile::mark_uncertain(job, loss)),
            Answer::Later(_) | Answer::TokenRefused | Answer::AccountRefused => Ok(try_again(ctx.now, job, &answer)),
            // Gone, full or never: an agent reads it where the person's talk goes on.
            Answer::Gone(_) | Answer::Full | Answer::Refused(_) => self.note_elsewhere(ctx, person, job, call),
        }
    }

    /// A note found no room in its conversation. Failures must still be told: in the present conversation.
    fn note_elsewhere(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        call: &PendingRequest,
    ) -> Stored<Next> {
        let elsewhere = person.conversation.clone().filter(|present| *present != call.conversation);
        let (Some(elsewhere), true) = (elsewhere, job.level == 0) else {
            self.learn(ctx, "failed note")?;
            return Ok(Next::Done);
        };
        job.level = 1;
        job.phase = Phase::Waiting;
        let good_news = |entry: &Entry| job.kind == "receipt" && entry.delivery != Delivery::Failed;
        if super::posting::entry_of(ctx, job)?.is_some_and(|entry| good_news(&entry)) {
            return Ok(Next::Done);
        }
        self.ask(ctx, person, job, PendingRequest::about(RequestKind::Note, &elsewhere))
    }

    pub(super) fn note_made(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        thread: Option<String>,
    ) -> Stored<Next> {
        person.made_thread(&job.target, thread.clone());
        if job.kind == "note" {
            run(ctx.store, "DELETE FROM notes WHERE id = ?", &[job.subject.parse().unwrap_or(0_i64).into()])?;
            return Ok(Next::Done);
        }
        let Some(mut entry) = super::posting::entry_of(ctx, job)? else { return Ok(Next::Done) };
        let moved = entry.conversation.as_deref() != Some(job.target.as_str());
        entry.receipt = if moved { Some(GIVEN_UP.to_owned()) } else { thread.or_else(|| Some(GIVEN_UP.to_owned())) };
        entry.receipt_said.clone_from(&job.said);
        entry.save_receipt(ctx.store)?;
        self.receipt_again(ctx, &entry)
    }

    pub(super) fn edited(&mut self, ctx: &StepContext, job: &mut Job, answer: Answer) -> Stored<Next> {
        let Some(mut entry) = super::posting::entry_of(ctx, job)? else { return Ok(Next::Done) };
        match answer {
            Answer::Done(_) => {
                entry.receipt_said.clone_from(&job.said);
                entry.save_receipt(ctx.store)?;
                self.receipt_again(ctx, &entry)
            }
            // Refused: for failures only, a second note; good news is not worth another thread.
            Answer::Gone(_) | Answer::Full | Answer::Refused(_) if entry.kind == Kind::Voicemail => {
                Self::transcript_apart(ctx, entry)
            }
            Answer::Gone(_) | Answer::Full | Answer::Refused(_) => {
                entry.receipt = Some(GIVEN_UP.to_owned());
                entry.save_receipt(ctx.store)?;
                (job.phase, job.due) = (Phase::Waiting, ctx.now);
                Ok(Next::Wait)
            }
            Answer::Lost(loss) => Ok(super::reconcile::mark_uncertain(job, loss)),
            other => Ok(try_again(ctx.now, job, &other)),
        }
    }

    /// The reply may have come further while its receipt was under way.
    fn receipt_again(&mut self, ctx: &StepContext, entry: &Entry) -> Stored<Next> {
        Self::will_receipt(ctx, entry.seq, ctx.now)?;
        Ok(Next::Done)
    }

    /// A note about the person, in their present conversation when its permit comes, or in a certain one.
    pub(super) fn will_note(ctx: &StepContext, lane: &str, conversation: Option<&str>, html: &Html) -> Stored<()> {
        let sql = "INSERT INTO notes (conversation, html) VALUES (?, ?) RETURNING id";
        let id = number(ctx.store, sql, &[conversation.into(), html.as_str().into()])?;
        jobs::add(ctx.store, lane, "note", &id.to_string(), ctx.now, ctx.now)
    }

    pub(super) fn begin_note(&mut self, ctx: &StepContext, person: &Person, job: &Job) -> Stored<Next> {
        let conversation = match note(ctx, job)? {
            Some((Some(conversation), _)) => Some(conversation),
            Some((None, _)) => person.conversation.clone(),
            None => None,
        };
        let Some(conversation) = conversation else { return Ok(Next::Done) };
        let what = if job.phase == Phase::Uncertain { RequestKind::FindThread } else { RequestKind::Note };
        self.ask(ctx, person, job, PendingRequest::about(what, &conversation))
    }

    /// P5: the agent sees that the person may no longer be texted, or may again.
    pub(super) fn note_opt_out(ctx: &StepContext, stopped: bool) -> Stored<()> {
        let words = if stopped {
            "This person has opted out of texts (STOP). Replies will not be sent to them until they text START."
        } else {
            "This person has opted in to texts again (START). Replies are sent again."
        };
        Self::will_note(ctx, TEXTS, None, &Html::text(words))
    }
}

/// Stands in place of a receipt's thread that can no longer be edited.
pub(super) const GIVEN_UP: &str = "-";

fn note(ctx: &StepContext, job: &Job) -> Stored<Option<(Option<String>, String)>> {
    let id: i64 = job.subject.parse().unwrap_or(0);
    let row = first(ctx.store, "SELECT conversation, html FROM notes WHERE id = ?", &[id.into()])?;
    Ok(row.map(|row| (row.maybe_text(0), row.string(1))))
}

/// What the receipt of a reply says now; `None` when it says nothing.
fn receipt(ctx: &StepContext, person: &Person, entry: &Entry) -> Stored<Option<Html>> {
    if entry.kind == Kind::Voicemail {
        return Ok(Some(super::call_entries::voicemail(ctx, entry)));
    }
    if ctx.hotline.receipts == Receipts::Failures && entry.delivery != Delivery::Failed && entry.remark.is_empty() {
        return Ok(None);
    }
    let messages = Message::of_entry(ctx.store, entry.seq)?;
    let whom = person.party.readable();
    let way = if entry.channel == crate::domain::phone::Channel::WhatsApp { "a WhatsApp message" } else { "a text" };
    let mut html = match entry.delivery {
        Delivery::Waiting | Delivery::Queued | Delivery::Sending => Html::text(&format!("Sending as {way} to {whom}.")),
        Delivery::Sent if ctx.now - entry.at < CONFIRMED_WITHIN => Html::text(&format!("Sending as {way} to {whom}.")),
        Delivery::Sent => {
            Html::text(&format!("Sent as {way} to {whom}. The carrier has not confirmed that it arrived."))
        }
        Delivery::Delivered => Html::text(&format!("Delivered as {way} to {whom}.")),
        Delivery::Read => Html::text(&format!("Delivered as {way} to {whom}, and read.")),
        Delivery::Failed => failure(&whom, entry, &messages),
    };
    if entry.delivery != Delivery::Failed && !entry.remark.is_empty() {
        html.push(&Html::line_break());
        html.push(&Html::text(&entry.remark));
    }
    add_what_was_sent(&mut html, entry, &messages);
    Ok(Some(html))
}

fn failure(whom: &str, entry: &Entry, messages: &[Message]) -> Html {
    let some_left =
        messages.iter().any(|message| message.delivery > Delivery::Waiting && message.delivery != Delivery::Failed);
    let what = if some_left { "Not all of it was sent" } else { "Not sent" };
    let mut html = Html::strong(&format!("{what} to {whom}."));
    if let Some(code) = entry.code {
        html.push(&Html::text(&format!(" {} (Twilio {code})", explain(code).words)));
    } else if entry.remark.is_empty() {
        html.push(&Html::text(" Twilio gave no reason."));
    }
    if !entry.remark.is_empty() {
        html.push(&Html::text(&format!(" {}", entry.remark)));
    }
    html
}

/// Long texts say in how many parts they went; a text that differs from what was written is quoted when that matters.
fn add_what_was_sent(html: &mut Html, entry: &Entry, messages: &[Message]) {
    let parts = messages.iter().filter(|message| message.tries == 0).count();
    let count: usize = messages
        .iter()
        .filter(|message| message.tries == 0)
        .map(|message| segments::count(&message.body).segments)
        .sum();
    if parts > 1 {
        html.push(&Html::text(&format!(" It went in {parts} messages ({count} segments).")));
    } else if count > 1 && entry.channel == crate::domain::phone::Channel::Sms {
        html.push(&Html::text(&format!(" ({count} segments)")));
    }
    if entry.differs && !entry.text.is_empty() {
        html.push(&Html::line_break());
        html.push(&Html::text("What was sent:"));
        html.push(&Html::line_break());
        html.push(&Html::text(&entry.text));
    }
}
