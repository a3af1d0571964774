//! A lost answer of Help Scout: the create may have been done, so what it made is searched for there before the create is
//! repeated (there are no idempotency keys).

use serde_json::Value;

use super::pending_request::{PendingRequest, RequestKind};
use super::person::{Person, Said};
use super::timeline::{Entry, Kind, entry_of};
use super::work::{Job, Work};
use super::{Contact, StepContext};
use crate::answer::{Answer, CLOCK_TOLERANCE, Loss, try_again};
use crate::domain::html::normalised;
use crate::helpscout::read::{self, Conversation, Thread};
use crate::jobs::{self, Create, Next, State, Target};
use crate::json::Document;
use crate::storage::Stored;

impl Contact {
    pub(super) fn begin_search(&mut self, ctx: &StepContext, person: &Person, job: &Job) -> Stored<Next> {
        let (what, conversation) = match job.create().map(|create| &create.target) {
            Some(Target::Customer) => (RequestKind::FindCustomer, ""),
            Some(Target::Thread(conversation)) => (RequestKind::FindThread, conversation.as_str()),
            _ => (RequestKind::FindConversation, ""),
        };
        self.request_permit(ctx, person, job, PendingRequest::about(what, conversation))
    }

    pub(super) fn on_search_answer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(Some(location)) => {
                return Self::search_elsewhere(ctx, person, job, &pending.conversation, &location);
            }
            // Not found now, and perhaps in a minute: what was made in it would be doubled.
            Answer::Gone(None) => {
                if pending.kind == RequestKind::FindThread
                    && let State::Uncertain(create, search) = &mut job.state
                {
                    search.until = search.until.max(create.at + CREATE_SETTLED_AFTER);
                }
                return self.on_nothing_found(ctx, job, pending.kind);
            }
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let body = response.json();
        let (made, found) = match pending.kind {
            RequestKind::FindCustomer => (RequestKind::CreateCustomer, find_customer(person, &body)),
            RequestKind::FindConversation => match find_conversation(ctx, job, &body)? {
                Some(made) => (RequestKind::CreateConversation, Some(made)),
                None => (RequestKind::Append, find_merged(ctx, person, job, &body)?),
            },
            _ => {
                let mut page = read::threads(&body);
                pending.threads.append(&mut page.items);
                if page.more && pending.page < MAX_THREAD_PAGES {
                    pending.page += 1;
                    return self.request_permit(ctx, person, job, pending);
                }
                stands_now_in(job, &pending.conversation);
                (RequestKind::Append, find_thread(ctx, person, job, &pending.threads)?)
            }
        };
        if found.is_some() && pending.kind == RequestKind::FindThread && same_under_way(ctx, job)? {
            job.due = ctx.now + UNDER_WAY;
            return Ok(Next::Wait);
        }
        if found.is_some() {
            return if matches!(job.work, Work::Post { .. }) {
                self.on_created(ctx, person, job, made, found)
            } else {
                self.on_note_created(ctx, person, job, found)
            };
        }
        let over = matches!(&job.state, State::Uncertain(_, search) if ctx.now >= search.until);
        if pending.kind == RequestKind::FindConversation && over {
            // An inbox that we do not see has an empty list.
            let mut inbox = PendingRequest::new(RequestKind::CheckInbox);
            inbox.not_found = Some(pending.kind);
            return self.request_permit(ctx, person, job, inbox);
        }
        self.on_nothing_found(ctx, job, pending.kind)
    }

    /// A search found nothing; after the last one the create is repeated.
    fn on_nothing_found(&mut self, ctx: &StepContext, job: &mut Job, kind: RequestKind) -> Stored<Next> {
        if !job.on_nothing_found(ctx.now) {
            return Ok(Next::Wait);
        }
        if let Some(voicemail) = entry_of(ctx, job)?.filter(|_| matches!(job.work, Work::Receipt { .. }))
            && voicemail.kind == Kind::Voicemail
        {
            return Self::transcript_apart(ctx, voicemail);
        }
        if kind == RequestKind::FindConversation {
            self.remember_lost_create(ctx, job)?;
        }
        job.retry(ctx.now);
        job.due = ctx.now;
        Ok(Next::Wait)
    }

    /// The conversation in which something may have been made was merged: what was made in it is where it went.
    fn search_elsewhere(
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        from: &str,
        location: &str,
    ) -> Stored<Next> {
        let Some(into) = read::moved_to(from, Some(location)) else {
            return Ok(try_again(ctx.now, job, &Answer::Lost(Loss::Error)));
        };
        Self::follow(ctx, person, from, &into)?;
        stands_now_in(job, &into);
        job.due = ctx.now + jobs::back_off(job.attempts);
        job.attempts += 1;
        Ok(Next::Wait)
    }
}

/// How long after a create its conversation must not be found before the create is repeated.
const CREATE_SETTLED_AFTER: i64 = 60_000;

/// A conversation has at most 100 threads, 25 on a page (Help Scout, List threads).
pub(super) const MAX_THREAD_PAGES: u32 = 4;

/// How soon it is clear whose thread was found while another one that says the same is on its way: two requests.
const UNDER_WAY: i64 = 2_000;

/// Whether a create of another job, with the same words for the same conversation, has no answer yet: what was found may
/// be that one's.
fn same_under_way(ctx: &StepContext, job: &Job) -> Stored<bool> {
    let Some(lost) = job.create() else { return Ok(false) };
    let same = |create: &Create| create.target == lost.target && create.said == lost.said;
    let heads = jobs::heads::<Work>(ctx.store)?;
    Ok(heads.iter().any(|other| other.id != job.id && matches!(&other.state, State::Sent(create) if same(create))))
}

/// The conversation in which something may have been made was merged into this one.
fn stands_now_in(job: &mut Job, conversation: &str) {
    if let State::Sent(create) | State::Uncertain(create, _) = &mut job.state {
        create.target = Target::Thread(conversation.to_owned());
    }
}

fn find_customer(person: &Person, customers: &Value) -> Option<String> {
    let number = person.party.key();
    let list = customers.at("_embedded/customers").items();
    let same = |customer: &&Value| {
        let phones = customer.at("_embedded/phones").items();
        phones.iter().any(|phone| phone.at("value").text() == number)
    };
    list.iter().find(same).and_then(|customer| customer.at("id").number()).map(|id| id.to_string())
}

/// A conversation of this customer that an API made since, and that we do not know.
fn find_conversation(ctx: &StepContext, job: &Job, body: &Value) -> Stored<Option<String>> {
    let Some(lost) = job.create() else { return Ok(None) };
    let since = |conversation: &Conversation| {
        let words = conversation.said.is_empty() || conversation.said.contains(&lost.said);
        words && read::instant(&conversation.created_at).is_none_or(|at| at >= lost.at - CLOCK_TOLERANCE)
    };
    for conversation in read::conversations(body).items.iter().rev().filter(|found| since(found)) {
        let id = conversation.id.to_string();
        if conversation.kind == "phone" && super::conversation_moves::role(ctx, &id)?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The thread of a conversation that is already part of another one of theirs, and then stands there.
fn find_merged(ctx: &StepContext, person: &Person, job: &mut Job, body: &Value) -> Stored<Option<String>> {
    for conversation in body.at("_embedded/conversations").items() {
        let id = conversation.at("id").number().unwrap_or(0).to_string();
        if !super::conversation_moves::is_theirs(ctx, &id)? {
            continue;
        }
        let before = job.state.clone();
        stands_now_in(job, &id);
        let found = find_thread(ctx, person, job, &read::embedded_threads(conversation))?;
        if found.is_some() {
            return Ok(found);
        }
        job.state = before;
    }
    Ok(None)
}

/// A thread that an API made since, of the same kind and the same words, that our ledger does not know.
fn find_thread(ctx: &StepContext, person: &Person, job: &Job, threads: &[Thread]) -> Stored<Option<String>> {
    let Some(lost) = job.create() else { return Ok(None) };
    let Target::Thread(place) = &lost.target else { return Ok(None) };
    let is_post = matches!(job.work, Work::Post { .. });
    let entry = entry_of(ctx, job)?.filter(|entry| is_post || entry.kind == Kind::Voicemail);
    let kind = entry.map_or("note", |entry| entry.thread_kind());
    let said_so =
        |thread: &&Thread| thread.kind == kind && thread.source == "api" && normalised(&thread.body) == lost.said;
    let mut unknown = Vec::new();
    for thread in threads.iter().filter(said_so) {
        let id = thread.id.to_string();
        if !person.recent_threads.contains(&id) && !Entry::is_receipt(ctx.store, &id)? {
            unknown.push(thread);
        }
    }
    unknown.sort_by_key(|thread| thread.id);
    // A thread that came with its conversation is older than all that were added to it. When its id has been found since, it
    // is not among them.
    let mut first = 0;
    let said = Said::new(ctx.config, &lost.said);
    for entry in person.first_threads(place, &said).filter(|entry| *entry != job.work.entry()) {
        let entry = Entry::load(ctx.store, entry)?;
        first += usize::from(entry.is_some_and(|entry| entry.thread_kind() == kind && entry.receipt.is_none()));
    }
    let since = |thread: &&&Thread| read::instant(&thread.created_at).is_none_or(|at| at >= lost.at - CLOCK_TOLERANCE);
    Ok(unknown.iter().skip(first).find(since).map(|thread| thread.id.to_string()))
}
