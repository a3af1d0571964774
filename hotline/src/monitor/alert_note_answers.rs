//! What Help Scout's answers mean for the notes about alerts.

use serde_json::Value;

use super::StepContext;
use super::alert_note_work::{self, Ask, Job, Work, conversation_of, stands_in};
use crate::answer::{Answer, CLOCK_TOLERANCE, search_first, try_again};
use crate::domain::html::normalised;
use crate::effects::{Effect, Millis, Response};
use crate::helpscout::read::{self, Conversation, Thread, moved_to};
use crate::jobs::{self, Create, Next, State};
use crate::json::Document;
use crate::log::{Level, LogLine};
use crate::storage::Stored;

/// How soon an inbox is tried again that is none, or that we may not use: somebody has to correct it first.
const INBOX_AGAIN: Millis = 60 * 60_000;

/// Pages that a search reads at most: a conversation has at most 100 threads, 25 on a page (Help Scout, List threads).
const MOST_PAGES: u32 = 4;

/// What a job does after an answer.
pub(super) enum After {
    Next(Next),
    /// Something else is asked at once.
    Ask(Ask),
}

pub(super) fn on_answer(
    ctx: &StepContext,
    job: &mut Job,
    ask: Ask,
    answer: Answer,
    effects: &mut Vec<Effect>,
) -> Stored<After> {
    let is_note = matches!(job.work, Work::Cleared { .. });
    if !matches!(answer, Answer::Done(_) | Answer::Lost(_)) && matches!(job.state, State::Sent(_)) {
        // It was answered: nothing was made. What is uncertain stays so.
        job.state = State::Pending;
    }
    let next = match (ask, answer) {
        (Ask::Make, Answer::Done(response)) => on_made(ctx, job, response.made())?,
        (Ask::Make, Answer::Lost(loss)) => search_first(job, loss),
        (Ask::Make, Answer::Refused(_) | Answer::ConversationFull) => {
            effects.push(line("alert.note_refused", job));
            alert_note_work::forget(ctx.store, job.work.alert())?;
            Next::Done
        }
        (Ask::Find { page }, Answer::Done(response)) => return on_list(ctx, job, page, &response.json()),
        (Ask::CheckInbox, Answer::Done(_)) => on_inbox_there(ctx, job)?,
        // It is there, and took no note.
        (Ask::CheckConversation, Answer::Done(_)) => try_again(ctx.now, job, &Answer::Gone(None)),
        (Ask::CheckInbox, Answer::Gone(_)) | (_, Answer::AccountRefused) => wait_for_inbox(ctx, job, effects),
        (_, Answer::Gone(Some(location))) if is_note => follow(ctx, job, &location)?,
        (Ask::CheckConversation, Answer::Gone(None)) => return Ok(After::Ask(Ask::CheckInbox)),
        (_, Answer::Gone(None)) if is_note => return Ok(After::Ask(Ask::CheckConversation)),
        (_, Answer::Gone(_)) => wait_for_inbox(ctx, job, effects),
        (_, other) => try_again(ctx.now, job, &other),
    };
    Ok(After::Next(next))
}

/// Whether a 2xx holds what was asked for.
pub(super) fn is_answered_by(ask: Ask, response: &Response) -> bool {
    match ask {
        Ask::Make => response.made().is_some(),
        Ask::Find { .. } => read::is_page(&response.json()),
        Ask::CheckConversation => Conversation::read(&response.json()).is_some(),
        Ask::CheckInbox => response.json().at("id").number().is_some(),
    }
}

fn line(event: &'static str, job: &Job) -> Effect {
    let line = LogLine::new(Level::Error, event).about(job.work.alert());
    Effect::Log(LogLine { job: Some(job.id), attempt: Some(job.attempts), ..line })
}

/// It stands there: now, or it was found after its answer was lost.
fn on_made(ctx: &StepContext, job: &Job, id: Option<String>) -> Stored<Next> {
    let alert = job.work.alert();
    match (&job.work, id) {
        (Work::Raised { .. }, Some(conversation)) => stands_in(ctx.store, alert, &conversation)?,
        _ => alert_note_work::forget(ctx.store, alert)?,
    }
    Ok(Next::Done)
}

/// A page has come on which it may be.
fn on_list(ctx: &StepContext, job: &mut Job, page: u32, body: &Value) -> Stored<After> {
    let Some(lost) = job.create().cloned() else { return Ok(After::Next(Next::Wait)) };
    let (found, more) = match job.work {
        Work::Raised { .. } => find_conversation(&lost, body),
        Work::Cleared { .. } => find_note(&lost, body),
    };
    if found.is_some() {
        return on_made(ctx, job, found).map(After::Next);
    }
    if more && page < MOST_PAGES {
        return Ok(After::Ask(Ask::Find { page: page + 1 }));
    }
    if !job.on_nothing_found(ctx.now) {
        return Ok(After::Next(Next::Wait));
    }
    if matches!(job.work, Work::Raised { .. }) {
        // An inbox that we do not see has an empty list.
        return Ok(After::Ask(Ask::CheckInbox));
    }
    job.start_again(ctx.now);
    Ok(After::Next(Next::Wait))
}

/// The conversation, and whether it may be on the next page. They come newest first.
fn find_conversation(lost: &Create, body: &Value) -> (Option<String>, bool) {
    let of_it = |it: &&Value| read::embedded_threads(it).iter().any(|thread| is_it(lost, thread));
    let found = body.at("_embedded/conversations").items().iter().find(of_it);
    let page = read::conversations(body);
    let is_older = |it: &Conversation| read::instant(&it.created_at).is_some_and(|at| at < lost.at - CLOCK_TOLERANCE);
    let more = page.more && !page.items.last().is_some_and(is_older);
    (found.and_then(|it| it.at("id").number()).map(|id| id.to_string()), more)
}

fn find_note(lost: &Create, body: &Value) -> (Option<String>, bool) {
    let page = read::threads(body);
    let found = page.items.iter().find(|thread| is_it(lost, thread));
    (found.map(|thread| thread.id.to_string()), page.more)
}

/// Its words hold the id of the alert, so that no other note has them.
fn is_it(lost: &Create, thread: &Thread) -> bool {
    thread.kind == "note" && thread.source == "api" && normalised(&thread.body) == lost.said
}

/// The inbox is there, so what was not found in it is not.
fn on_inbox_there(ctx: &StepContext, job: &mut Job) -> Stored<Next> {
    if matches!(job.work, Work::Raised { .. }) {
        job.start_again(ctx.now);
        return Ok(Next::Wait);
    }
    // The team has deleted the conversation: that it is over is not news to them.
    alert_note_work::forget(ctx.store, job.work.alert())?;
    Ok(Next::Done)
}

/// The conversation was merged into another one: it goes on there.
fn follow(ctx: &StepContext, job: &mut Job, location: &str) -> Stored<Next> {
    let alert = job.work.alert();
    let from = conversation_of(ctx.store, alert)?.unwrap_or_default();
    if let Some(into) = moved_to(&from, Some(location)) {
        stands_in(ctx.store, alert, &into)?;
    }
    job.due = ctx.now + jobs::back_off(job.attempts);
    job.attempts += 1;
    Ok(Next::Wait)
}

fn wait_for_inbox(ctx: &StepContext, job: &mut Job, effects: &mut Vec<Effect>) -> Next {
    job.attempts += 1;
    job.due = ctx.now + INBOX_AGAIN;
    effects.push(line("alert.inbox_refused", job));
    Next::Wait
}
