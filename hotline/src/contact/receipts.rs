//! What agents are told: one receipt note per reply, edited as it comes further, a voicemail's own thread likewise, and
//! notes about the person.

use super::call::{Call, What};
use super::person::Person;
use super::timeline::{Entry, Kind, Message};
use super::{Contact, RECEIPTS, Scene, TEXTS};
use crate::answer::{Answer, try_again};
use crate::config::Receipts;
use crate::effect::{Millis, Request};
use crate::helpscout::request;
use crate::html::{Html, normalised};
use crate::queue::{self, Job, Next, Phase};
use crate::store::{Stored, first, number, run};
use crate::text::segments;
use crate::twilio::errors::explain;
use crate::twilio::status::Delivery;

/// A carrier that confirms deliveries does so within seconds; after this the receipt says that none has come.
const CONFIRMED_WITHIN: Millis = 30_000;

impl Contact {
    /// Brings the receipt of an entry up to date.
    pub(super) fn will_receipt(scene: &Scene, entry: i64, due: Millis) -> Stored<()> {
        let subject = entry.to_string();
        for job in queue::about(scene.store, "receipt", &subject)? {
            if job.phase == Phase::Waiting && job.attempts == 0 {
                return queue::save(scene.store, &Job { due: job.due.min(due), ..job });
            }
        }
        queue::add(scene.store, &format!("{RECEIPTS} {subject}"), "receipt", &subject, due, scene.now)
    }

    pub(super) fn begin_receipt(&mut self, scene: &Scene, person: &Person, job: &mut Job) -> Stored<Next> {
        let Some(entry) = super::posting::entry_of(scene, job)? else { return Ok(Next::Done) };
        let Some(conversation) = entry.conversation.clone().filter(|_| entry.has_receipt()) else {
            return Ok(Next::Done);
        };
        match (job.phase, &entry.receipt) {
            (Phase::Unsettled, None) => {
                return self.ask(scene, person, job, Call::about(What::FindThread, &conversation));
            }
            // An edit that comes late would write over the next one: the next one comes when it can no longer come.
            (Phase::Unsettled, Some(_)) if scene.now < job.settle_by => {
                job.due = job.settle_by;
                return Ok(Next::Wait);
            }
            _ => job.phase = Phase::Waiting,
        }
        if entry.kind == Kind::Voicemail {
            return self.begin_voicemail(scene, person, job, &entry);
        }
        let Some(html) = receipt(scene, person, &entry)? else { return Ok(Next::Done) };
        if normalised(html.as_str()) == entry.receipt_said {
            let confirmed = entry.at + CONFIRMED_WITHIN;
            if entry.delivery < Delivery::Failed && scene.now < confirmed {
                (job.phase, job.due) = (Phase::Waiting, confirmed);
                return Ok(Next::Wait);
            }
            return Ok(Next::Done);
        }
        let what = match entry.receipt.as_deref() {
            Some(GIVEN_UP) if entry.delivery != Delivery::Failed => return Ok(Next::Done),
            None | Some(GIVEN_UP) => What::Note,
            Some(_) => What::EditReceipt,
        };
        self.ask(scene, person, job, Call::about(what, &conversation))
    }

    pub(super) fn build_note(
        &self,
        scene: &Scene,
        person: &Person,
        job: &Job,
        call: &Call,
    ) -> Stored<Option<(String, String, Request)>> {
        let html = if job.kind == "receipt" {
            let Some(entry) = super::posting::entry_of(scene, job)? else { return Ok(None) };
            receipt(scene, person, &entry)?.map(|html| html.as_str().to_owned())
        } else {
            note(scene, job)?.map(|(_, html)| html)
        };
        let made = |html: String| {
            let request = request::create_note(&call.conversation, &html);
            (call.conversation.clone(), normalised(&html), request)
        };
        Ok(html.map(made))
    }

    pub(super) fn build_edit(
        &self,
        scene: &Scene,
        person: &Person,
        job: &Job,
        call: &Call,
    ) -> Stored<Option<(String, String, Request)>> {
        let Some(entry) = super::posting::entry_of(scene, job)? else { return Ok(None) };
        let Some(html) = receipt(scene, person, &entry)? else { return Ok(None) };
        let said = normalised(html.as_str());
        let thread = entry.receipt.unwrap_or_default();
        Ok(Some((call.conversation.clone(), said, request::edit_thread(&call.conversation, &thread, html.as_str()))))
    }

    pub(super) fn noted(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        call: &Call,
        answer: Answer,
    ) -> Stored<Next> {
        match answer {
            Answer::Done(response) => self.note_made(scene, person, job, response.made()),
            Answer::Lost(loss) => Ok(super::settling::unsettle(job, loss)),
            Answer::Later(_) | Answer::TokenRefused | Answer::AccountRefused => Ok(try_again(scene.now, job, &answer)),
            // Gone, full or never: an agent reads it where the person's talk goes on.
            Answer::Gone(_) | Answer::Full | Answer::Refused(_) => self.note_elsewhere(scene, person, job, call),
        }
    }

    /// A note found no room in its conversation. Failures must still be told: in the present conversation.
    fn note_elsewhere(&mut self, scene: &Scene, person: &Person, job: &mut Job, call: &Call) -> Stored<Next> {
        let elsewhere = person.conversation.clone().filter(|present| *present != call.conversation);
        let (Some(elsewhere), true) = (elsewhere, job.level == 0) else {
            self.learn(scene, "failed note")?;
            return Ok(Next::Done);
        };
        job.level = 1;
        job.phase = Phase::Waiting;
        let good_news = |entry: &Entry| job.kind == "receipt" && entry.delivery != Delivery::Failed;
        if super::posting::entry_of(scene, job)?.is_some_and(|entry| good_news(&entry)) {
            return Ok(Next::Done);
        }
        self.ask(scene, person, job, Call::about(What::Note, &elsewhere))
    }

    pub(super) fn note_made(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        thread: Option<String>,
    ) -> Stored<Next> {
        if person.conversation.as_deref() == Some(job.target.as_str()) {
            person.made_thread(thread.clone());
        }
        if job.kind == "note" {
            run(scene.store, "DELETE FROM notes WHERE id = ?", &[job.subject.parse().unwrap_or(0_i64).into()])?;
            return Ok(Next::Done);
        }
        let Some(mut entry) = super::posting::entry_of(scene, job)? else { return Ok(Next::Done) };
        let moved = entry.conversation.as_deref() != Some(job.target.as_str());
        entry.receipt = if moved { Some(GIVEN_UP.to_owned()) } else { thread.or_else(|| Some(GIVEN_UP.to_owned())) };
        entry.receipt_said.clone_from(&job.said);
        entry.save_receipt(scene.store)?;
        self.receipt_again(scene, &entry)
    }

    pub(super) fn edited(&mut self, scene: &Scene, job: &mut Job, answer: Answer) -> Stored<Next> {
        let Some(mut entry) = super::posting::entry_of(scene, job)? else { return Ok(Next::Done) };
        match answer {
            Answer::Done(_) => {
                entry.receipt_said.clone_from(&job.said);
                entry.save_receipt(scene.store)?;
                self.receipt_again(scene, &entry)
            }
            // Refused: for failures only, a second note; good news is not worth another thread.
            Answer::Gone(_) | Answer::Full | Answer::Refused(_) if entry.kind == Kind::Voicemail => {
                Self::transcript_apart(scene, entry)
            }
            Answer::Gone(_) | Answer::Full | Answer::Refused(_) => {
                entry.receipt = Some(GIVEN_UP.to_owned());
                entry.save_receipt(scene.store)?;
                (job.phase, job.due) = (Phase::Waiting, scene.now);
                Ok(Next::Wait)
            }
            Answer::Lost(loss) => Ok(super::settling::unsettle(job, loss)),
            other => Ok(try_again(scene.now, job, &other)),
        }
    }

    /// The reply may have come further while its receipt was under way.
    fn receipt_again(&mut self, scene: &Scene, entry: &Entry) -> Stored<Next> {
        Self::will_receipt(scene, entry.seq, scene.now)?;
        Ok(Next::Done)
    }

    /// A note about the person, in their present conversation when its turn comes, or in a certain one.
    pub(super) fn will_note(scene: &Scene, lane: &str, conversation: Option<&str>, html: &Html) -> Stored<()> {
        let sql = "INSERT INTO notes (conversation, html) VALUES (?, ?) RETURNING id";
        let id = number(scene.store, sql, &[conversation.into(), html.as_str().into()])?;
        queue::add(scene.store, lane, "note", &id.to_string(), scene.now, scene.now)
    }

    pub(super) fn begin_note(&mut self, scene: &Scene, person: &Person, job: &Job) -> Stored<Next> {
        let conversation = match note(scene, job)? {
            Some((Some(conversation), _)) => Some(conversation),
            Some((None, _)) => person.conversation.clone(),
            None => None,
        };
        let Some(conversation) = conversation else { return Ok(Next::Done) };
        let what = if job.phase == Phase::Unsettled { What::FindThread } else { What::Note };
        self.ask(scene, person, job, Call::about(what, &conversation))
    }

    /// P5: the agent sees that the person may no longer be texted, or may again.
    pub(super) fn note_opt_out(scene: &Scene, stopped: bool) -> Stored<()> {
        let words = if stopped {
            "This person has opted out of texts (STOP). Replies will not be sent to them until they text START."
        } else {
            "This person has opted in to texts again (START). Replies are sent again."
        };
        Self::will_note(scene, TEXTS, None, &Html::text(words))
    }
}

/// Stands in place of a receipt's thread that can no longer be edited.
pub(super) const GIVEN_UP: &str = "-";

fn note(scene: &Scene, job: &Job) -> Stored<Option<(Option<String>, String)>> {
    let id: i64 = job.subject.parse().unwrap_or(0);
    let row = first(scene.store, "SELECT conversation, html FROM notes WHERE id = ?", &[id.into()])?;
    Ok(row.map(|row| (row.maybe_text(0), row.string(1))))
}

/// What the receipt of a reply says now; `None` when it says nothing.
fn receipt(scene: &Scene, person: &Person, entry: &Entry) -> Stored<Option<Html>> {
    if entry.kind == Kind::Voicemail {
        return Ok(Some(super::calling::voicemail(scene, entry)));
    }
    if scene.hotline.receipts == Receipts::Failures && entry.delivery != Delivery::Failed && entry.remark.is_empty() {
        return Ok(None);
    }
    let messages = Message::of_entry(scene.store, entry.seq)?;
    let whom = person.party.readable();
    let way = if entry.channel == crate::phone::Channel::WhatsApp { "a WhatsApp message" } else { "a text" };
    let mut html = match entry.delivery {
        Delivery::Waiting | Delivery::Queued | Delivery::Sending => Html::text(&format!("Sending as {way} to {whom}.")),
        Delivery::Sent if scene.now - entry.at < CONFIRMED_WITHIN => {
            Html::text(&format!("Sending as {way} to {whom}."))
        }
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
    } else if count > 1 && entry.channel == crate::phone::Channel::Sms {
        html.push(&Html::text(&format!(" ({count} segments)")));
    }
    if entry.differs && !entry.text.is_empty() {
        html.push(&Html::line_break());
        html.push(&Html::text("What was sent:"));
        html.push(&Html::line_break());
        html.push(&Html::text(&entry.text));
    }
}
