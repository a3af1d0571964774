//! A create whose answer was lost is looked for on the other side before anything repeats (neither service has
//! idempotency keys).

use super::pending_request::{MAKING, PendingRequest, RequestKind};
use super::person::Person;
use super::timeline::{Entry, Kind};
use super::{Contact, StepContext};
use crate::answer::{Answer, Loss, try_again};
use crate::domain::html::normalised;
use crate::helpscout::read::{self, Conversation, Thread};
use crate::jobs::{self, Job, Next, Phase};
use crate::json::Json;
use crate::storage::Stored;

/// Puts off the repeat until the other side was looked at. Lists of conversations lag behind what was made, lists of a
/// conversation's threads do not: looks from 5 s on, half as long again each time, and a last one at 120 s outlast every
/// lag that integrators report.
pub(super) fn mark_uncertain(job: &mut Job, loss: Loss) -> Next {
    const SECOND: i64 = 1_000;
    let listed_late = matches!(job.kind.as_str(), "post") && is_word(&job.target);
    let (first, last) = match (listed_late, loss) {
        _ if job.kind == "send" => (10, 120),
        (true, Loss::Unavailable) => (5, 5),
        (true, _) => (5, 120),
        (false, Loss::Error | Loss::Unavailable) => (1, 1),
        (false, Loss::Connection) => (2, 12),
        (false, Loss::Timeout) => (2, 60),
    };
    job.mark_uncertain(first * SECOND, last * SECOND);
    Next::Wait
}

/// Whether a job's target is a word for what was to be made, and not a conversation.
fn is_word(target: &str) -> bool {
    !target.bytes().all(|byte| byte.is_ascii_digit())
}

impl Contact {
    pub(super) fn begin_look(&mut self, ctx: &StepContext, person: &Person, job: &Job) -> Stored<Next> {
        let what = match job.target.as_str() {
            "customer" => RequestKind::FindCustomer,
            "conversation" => RequestKind::FindConversation,
            _ => RequestKind::FindThread,
        };
        self.ask(ctx, person, job, PendingRequest::about(what, &job.target))
    }

    pub(super) fn looked(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut call: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(Some(location)) => return Self::look_elsewhere(ctx, person, job, &location),
            // Not found now, and perhaps in a minute: what was made in it would be doubled.
            Answer::Gone(None) => {
                if call.kind == RequestKind::FindThread {
                    job.settle_by = job.settle_by.max(job.sent_at + SETTLED);
                }
                return self.found_nothing(ctx, job, call.kind);
            }
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let body = response.json();
        let (made, found) = match call.kind {
            RequestKind::FindCustomer => (RequestKind::CreateCustomer, find_customer(person, &body)),
            RequestKind::FindConversation => match find_conversation(ctx, job, &body)? {
                Some(made) => (RequestKind::CreateConversation, Some(made)),
                None => (RequestKind::Append, find_merged(ctx, person, job, &body)?),
            },
            _ => {
                let mut page = read::threads(&body);
                call.threads.append(&mut page.items);
                if page.more && call.page < MOST_PAGES {
                    call.page += 1;
                    return self.ask(ctx, person, job, call);
                }
                job.target.clone_from(&call.conversation);
                (RequestKind::Append, find_thread(ctx, person, job, &call.threads)?)
            }
        };
        if found.is_some() && call.kind == RequestKind::FindThread && same_under_way(ctx, job)? {
            job.due = ctx.now + UNDER_WAY;
            return Ok(Next::Wait);
        }
        if found.is_some() {
            return if job.kind == "post" {
                self.made(ctx, person, job, made, found)
            } else {
                self.note_made(ctx, person, job, found)
            };
        }
        if call.kind == RequestKind::FindConversation && ctx.now >= job.settle_by {
            // An inbox that we do not see has an empty list.
            let mut inbox = PendingRequest::new(RequestKind::CheckInbox);
            inbox.not_found = Some(call.kind);
            return self.ask(ctx, person, job, inbox);
        }
        self.found_nothing(ctx, job, call.kind)
    }

    /// A look found nothing; after the last one the create is repeated.
    fn found_nothing(&mut self, ctx: &StepContext, job: &mut Job, kind: RequestKind) -> Stored<Next> {
        if !job.looked(ctx.now) {
            return Ok(Next::Wait);
        }
        if let Some(voicemail) = super::posting::entry_of(ctx, job)?.filter(|_| job.kind == "receipt")
            && voicemail.kind == Kind::Voicemail
        {
            return Self::transcript_apart(ctx, voicemail);
        }
        if kind == RequestKind::FindConversation {
            self.repeats(ctx, job)?;
        }
        job.retry(ctx.now);
        job.due = ctx.now;
        Ok(Next::Wait)
    }

    /// The conversation in which something may have been made was merged: what was made in it is where it went.
    fn look_elsewhere(ctx: &StepContext, person: &mut Person, job: &mut Job, location: &str) -> Stored<Next> {
        let Some(into) = super::conversation_moves::moved_to(&job.target, Some(location)) else {
            return Ok(try_again(ctx.now, job, &Answer::Lost(Loss::Error)));
        };
        Self::follow(ctx, person, &job.target, &into)?;
        job.target = into;
        job.due = ctx.now + jobs::back_off(job.attempts);
        job.attempts += 1;
        Ok(Next::Wait)
    }
}

/// How long a conversation must not have been found, in which something may have been made, before that is made anew.
const SETTLED: i64 = 60_000;

/// A conversation has at most 100 threads, 25 on a page (Help Scout, List threads).
pub(super) const MOST_PAGES: u32 = 4;

/// How soon it is clear whose thread was found while another one that says the same is on its way: two requests.
const UNDER_WAY: i64 = 2_000;

/// Whether a create of another job, with the same words for the same conversation, has no answer yet: what was found may
/// be that one's.
fn same_under_way(ctx: &StepContext, job: &Job) -> Stored<bool> {
    let same = |other: &Job| other.seq != job.seq && other.target == job.target && other.said == job.said;
    Ok(jobs::heads(ctx.store)?.iter().any(|other| other.phase == Phase::Sent && same(other)))
}

fn find_customer(person: &Person, customers: &Json) -> Option<String> {
    let number = person.party.key();
    let list = customers.at("_embedded/customers").items();
    let same = |customer: &&Json| {
        let phones = customer.at("_embedded/phones").items();
        phones.iter().any(|phone| phone.get("value").text() == number)
    };
    list.iter().find(same).and_then(|customer| read::number(customer.get("id"))).map(|id| id.to_string())
}

/// A conversation of this customer that an API made since, and that we do not know.
fn find_conversation(ctx: &StepContext, job: &Job, body: &Json) -> Stored<Option<String>> {
    let since = |conversation: &Conversation| {
        let words = conversation.said.is_empty() || conversation.said.contains(&job.said);
        words && read::instant(&conversation.created_at).is_none_or(|at| at >= job.sent_at - MAKING)
    };
    for conversation in read::conversations(body).items.iter().rev().filter(|found| since(found)) {
        let id = conversation.id.to_string();
        if conversation.kind == "phone" && super::conversation_moves::role(ctx, &id)?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The thread of a conversation that is already part of another one of theirs. The job's target is then that one.
fn find_merged(ctx: &StepContext, person: &Person, job: &mut Job, body: &Json) -> Stored<Option<String>> {
    for conversation in body.at("_embedded/conversations").items() {
        let id = read::number(conversation.get("id")).unwrap_or(0).to_string();
        if !super::conversation_moves::is_theirs(ctx, &id)? {
            continue;
        }
        let place = std::mem::replace(&mut job.target, id);
        let found = find_thread(ctx, person, job, &read::embedded_threads(conversation))?;
        if found.is_some() {
            return Ok(found);
        }
        job.target = place;
    }
    Ok(None)
}

/// A thread that an API made since, of the same kind and the same words, that our ledger does not know.
fn find_thread(ctx: &StepContext, person: &Person, job: &Job, threads: &[Thread]) -> Stored<Option<String>> {
    let entry = super::posting::entry_of(ctx, job)?.filter(|_| job.kind != "note");
    let entry = entry.filter(|entry| job.kind == "post" || entry.kind == Kind::Voicemail);
    let kind = entry.map_or("note", |entry| entry.thread_kind());
    let said_so =
        |thread: &&Thread| thread.kind == kind && thread.source == "api" && normalised(&thread.body) == job.said;
    let mut unknown = Vec::new();
    for thread in threads.iter().filter(said_so) {
        let id = thread.id.to_string();
        if !person.ledger.contains(&id) && !Entry::is_receipt(ctx.store, &id)? {
            unknown.push(thread);
        }
    }
    unknown.sort_by_key(|thread| thread.id);
    // A thread that came with its conversation is older than all that were added to it.
    let mut first = 0;
    for entry in person.first_threads(&job.target, &job.said).filter(|entry| *entry != job.subject) {
        let entry = Entry::load(ctx.store, entry.parse().unwrap_or(0))?;
        first += usize::from(entry.is_some_and(|entry| entry.thread_kind() == kind));
    }
    let since = |thread: &&&Thread| read::instant(&thread.created_at).is_none_or(|at| at >= job.sent_at - MAKING);
    Ok(unknown.iter().skip(first).find(since).map(|thread| thread.id.to_string()))
}
