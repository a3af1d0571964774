//! An event of Help Scout's finds the person whom it concerns, or is left alone.

use super::work::{Job, Work};
use super::{Directory, StepContext, add_owner, owner};
use crate::answer::{Answer, try_again};
use crate::config::Customers;
use crate::domain::html::{Html, normalised};
use crate::effects::{
    Asker, Completion, Effect, Grant, Millis, ObjectReply, Permit, PermitRequest, Priority, RateLimiterName, Request,
    ToObject,
};
use crate::helpscout::people::from_synthetic_email;
use crate::helpscout::read::{self, Conversation, Thread};
use crate::helpscout::request;
use crate::helpscout::webhook::{Event, Happening};
use crate::jobs::{self, Next, State, Target};
use crate::messages::contact;
use crate::messages::directory::Modified;
use crate::storage::{Stored, first};

/// What a job of the directory waits for.
pub(super) enum Awaiting {
    /// A permit to look at the conversation.
    PermitToRead,
    /// The conversation.
    Look(Grant),
    /// A permit to note that a reply was not sent, and why.
    PermitToNote(Html),
    /// That note's answer.
    Note(Grant),
    /// The reply of this person's object.
    ObjectReply(String),
}

/// How often an unknown conversation is read again before it counts as nobody's: the person's object may be just about to
/// tell whose it is. With the queue's back-off that is about half a minute.
const LOOKS: i64 = 4;

/// How many people's objects are told something at once. After a night in which the directory's own alarm did not come they are
/// many, and an invocation of the Worker has six connections at a time (Cloudflare, Workers, Limits).
const TOLD_AT_ONCE: usize = 20;

/// How soon the next ones are.
const NEXT_ARE_TOLD: Millis = 1_000;

/// How long to retry a conversation that returns 404: once a minute at last.
const LOOK_FOR_MISSING: Millis = 3_600_000;

/// Stores an event as a job of its own lane, so that one that cannot be placed yet holds up no other.
pub(super) fn store_event(ctx: &StepContext, event: &Event) -> Stored<()> {
    let lane = format!("event {}", event.conversation);
    jobs::add(ctx.store, &lane, &Work::event_of(event.clone()), ctx.now, ctx.now)
}

/// Adds as what a conversation was looked at last, whether or not a webhook told us of it.
pub(super) const ADD_MARK: &str = "ALTER TABLE conversations ADD COLUMN mark TEXT";

/// Conversations were modified, and no webhook may have told us. Those that are somebody's are looked at for replies, once for
/// each modification.
pub(super) fn look_at(ctx: &StepContext, modified: &[Modified]) -> Stored<()> {
    for Modified { id, kind, threads, mark } in modified {
        let sql = "UPDATE conversations SET mark = ? WHERE id = ? AND mark IS NOT ? RETURNING id";
        if first(ctx.store, sql, &[mark.into(), (&id.to_string()).into(), mark.into()])?.is_some() {
            let (happening, kind) = (Happening::Replied, kind.clone());
            let (mailbox, email, ai_replies) = (None, String::new(), Vec::new());
            let event = Event { happening, conversation: *id, mailbox, kind, threads: *threads, email, ai_replies };
            store_event(ctx, &event)?;
        }
    }
    Ok(())
}

fn enqueue_tell(ctx: &StepContext, contact: &str, message: contact::Message) -> Stored<()> {
    let tell = Work::Tell { contact: contact.to_owned(), message };
    jobs::add(ctx.store, &format!("contact {contact}"), &tell, ctx.now, ctx.now)
}

impl Directory {
    /// Finds whom an event concerns.
    pub(super) fn begin_event(&mut self, ctx: &StepContext, job: &mut Job, event: Event) -> Stored<Next> {
        if let State::Sent(note) = &job.state
            && ctx.now < note.at + SETTLED
        {
            // A note may be under way whose answer died with an earlier life of this object.
            job.due = note.at + SETTLED;
            return Ok(Next::Wait);
        }
        let owner = owner(ctx.store, "conversations", event.conversation)?;
        match (owner, event.happening) {
            (_, Happening::Merged) => {}
            (_, Happening::Deleted) => {
                for speaker in super::speakers(ctx.store, event.conversation)? {
                    enqueue_tell(ctx, &speaker, contact::Message::Event(event.clone()))?;
                }
                return Ok(Next::Done);
            }
            (Some(contact), _) => return Ok(self.tell(ctx, job, contact, contact::Message::Event(event))),
            (None, Happening::Moved) => return Ok(Next::Done),
            (None, _) if is_mail(&event.kind) && !is_dropped(ctx, &event.email) => return Ok(Next::Done),
            (None, _) => {}
        }
        Ok(self.request_permit(ctx, job, LOOK, Awaiting::PermitToRead))
    }

    fn request_permit(&mut self, ctx: &StepContext, job: &Job, cost: i64, doing: Awaiting) -> Next {
        let ticket = self.in_flight.begin(job.id, ctx.now, doing);
        Next::in_flight(Effect::Permit(ticket, RateLimiterName::HelpScout, permit(ctx, job, cost)))
    }

    pub(super) fn tell(&mut self, ctx: &StepContext, job: &Job, contact: String, message: contact::Message) -> Next {
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::ObjectReply(contact.clone()));
        Next::in_flight(Effect::ToObject(ticket, ToObject::Contact(contact, message)))
    }

    /// The same where there are many to tell: some at once, and the next ones soon.
    pub(super) fn tell_with_others(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        contact: String,
        message: contact::Message,
    ) -> Next {
        if self.in_flight.count(ctx.now) >= TOLD_AT_ONCE {
            job.due = ctx.now + NEXT_ARE_TOLD;
            return Next::Wait;
        }
        self.tell(ctx, job, contact, message)
    }

    pub(super) fn on_completion(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        doing: Awaiting,
        back: Completion,
        effects: &mut Vec<Effect>,
    ) -> Stored<Next> {
        let event = job.work.event().cloned();
        let next = match (doing, back) {
            (Awaiting::ObjectReply(contact), Completion::ObjectReply(reply)) => {
                on_object_reply(ctx, job, contact, reply)
            }
            (Awaiting::PermitToRead | Awaiting::PermitToNote(_), Completion::Permit(Permit::ReservedAt(due))) => {
                job.due = due;
                Next::Wait
            }
            (doing, Completion::Permit(Permit::Granted(grant))) => {
                let Some(event) = event else { return Ok(Next::Done) };
                let conversation = event.conversation.to_string();
                if let Awaiting::PermitToNote(html) = doing {
                    job.mark_sent(Target::Thread(conversation.clone()), String::new(), ctx.now);
                    jobs::save(ctx.store, job)?;
                    self.send(ctx, job, request::create_note(&conversation, html.as_str()), Awaiting::Note(grant))
                } else {
                    let request = request::get_conversation_with_threads(&conversation);
                    self.send(ctx, job, request, Awaiting::Look(grant))
                }
            }
            (Awaiting::Look(grant), Completion::Response(outcome)) => {
                let answer = Answer::of(outcome);
                effects.extend(report(&answer, &grant, &permit(ctx, job, LOOK)));
                let Some(event) = event else { return Ok(Next::Done) };
                self.on_conversation_read(ctx, job, &event, answer)?
            }
            (Awaiting::Note(grant), Completion::Response(outcome)) => {
                let answer = Answer::of(outcome);
                // A note whose answer was lost waits until whatever was under way has ended, also when word comes.
                let again = PermitRequest { waits: None, ..permit(ctx, job, NOTE) };
                effects.extend(report(&answer, &grant, &again));
                on_note_answer(ctx, job, &answer.expecting(|response| response.made().is_some()))
            }
            _ => Next::Wait,
        };
        Ok(next)
    }

    fn send(&mut self, ctx: &StepContext, job: &Job, request: Request, doing: Awaiting) -> Next {
        let token = match &doing {
            Awaiting::Look(grant) | Awaiting::Note(grant) => grant.token.clone(),
            _ => String::new(),
        };
        let ticket = self.in_flight.begin(job.id, ctx.now, doing);
        Next::in_flight(Effect::Send(ticket, request, token))
    }

    fn on_conversation_read(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        event: &Event,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer.expecting(|response| Conversation::read(&response.json()).is_some()) {
            Answer::Done(response) => response,
            // Deleted, or in an inbox that is out of our sight for a while.
            Answer::Gone(None) if ctx.now - job.since < LOOK_FOR_MISSING => {
                job.retry(ctx.now);
                return Ok(Next::Wait);
            }
            Answer::Gone(_) | Answer::Refused(_) | Answer::ConversationFull => return Ok(Next::Done),
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let body = response.json();
        let Some(conversation) = Conversation::read(&body) else { return Ok(Next::Done) };
        let threads = read::embedded_threads(&body);
        if event.happening == Happening::Merged {
            return on_merged(ctx, job, &conversation, &threads);
        }
        let ours = ctx.hotline.is_some_and(|hotline| conversation.mailbox == Some(hotline.mailbox));
        if ours && is_mail(&conversation.kind) && is_dropped(ctx, &conversation.email) {
            return Ok(self.note_once(ctx, job, &threads, never_arrives(&conversation)));
        }
        if !ours || conversation.kind != "phone" {
            return Ok(Next::Done);
        }
        let replied = event.happening == Happening::Replied;
        let asked = if conversation.by_api { who_may_have_made(ctx, job, event, &conversation)? } else { None };
        if let Some(contact) = asked {
            let at = read::instant(&conversation.created_at).unwrap_or(ctx.now);
            let opening = contact::Opening { at, said: conversation.said };
            let seen = contact::Message::Seen { conversation: conversation.id, opening, replied };
            return Ok(self.tell(ctx, job, contact, seen));
        }
        let is_nobody_asked = matches!(&job.work, Work::Event { denied_by, .. } if denied_by.is_empty());
        if conversation.by_api && is_nobody_asked && job.attempts < LOOKS {
            job.retry(ctx.now);
            return Ok(Next::Wait);
        }
        if !replied {
            return Ok(Next::Done);
        }
        Ok(self.note_once(ctx, job, &threads, not_sent()))
    }

    /// A note below the latest reply, unless it stands there already.
    fn note_once(&mut self, ctx: &StepContext, job: &Job, threads: &[Thread], html: Html) -> Next {
        if is_noted(threads, &html) {
            return Next::Done;
        }
        self.request_permit(ctx, job, NOTE, Awaiting::PermitToNote(html))
    }
}

/// What a look and a note cost (Rate limiting).
const LOOK: i64 = 1;
const NOTE: i64 = 2;

fn permit(ctx: &StepContext, job: &Job, cost: i64) -> PermitRequest {
    let mailbox = ctx.hotline.map_or(0, |hotline| hotline.mailbox);
    let asker = Asker { mailbox, contact: None, job: job.id };
    PermitRequest::waiting(asker, job.since, cost, Priority::Conversation)
}

fn report(answer: &Answer, grant: &Grant, request: &PermitRequest) -> Option<Effect> {
    let limiter = RateLimiterName::HelpScout;
    answer.report(&limiter, grant, request).map(|report| Effect::Report(limiter, report))
}

fn on_object_reply(ctx: &StepContext, job: &mut Job, contact: String, reply: ObjectReply) -> Next {
    match reply {
        ObjectReply::Unreachable => job.retry(ctx.now),
        ObjectReply::Later(wait) => job.due = ctx.now + wait,
        ObjectReply::Theirs => {
            if let Work::Event { denied_by, .. } = &mut job.work {
                denied_by.push(contact);
            }
            job.due = ctx.now;
        }
        _ => return Next::Done,
    }
    Next::Wait
}

/// Who has not said yet that they did not make a conversation: whose customer it was when the event was sent, and whose it
/// is now, since agents may have changed it meanwhile.
fn who_may_have_made(
    ctx: &StepContext,
    job: &Job,
    event: &Event,
    conversation: &Conversation,
) -> Stored<Option<String>> {
    let Work::Event { denied_by, .. } = &job.work else { return Ok(None) };
    let candidates = [of_synthetic_email(ctx, &event.email), contact_of(ctx, conversation)?];
    Ok(candidates.into_iter().flatten().find(|contact| !denied_by.contains(contact)))
}

/// The person for whose number we made an address.
fn of_synthetic_email(ctx: &StepContext, email: &str) -> Option<String> {
    let Customers::Email { domain } = &ctx.config.customers else { return None };
    from_synthetic_email(email, domain).map(|party| party.key())
}

/// The person whose customer this is: by the synthetic address, else by the customer's id.
fn contact_of(ctx: &StepContext, conversation: &Conversation) -> Stored<Option<String>> {
    match (of_synthetic_email(ctx, &conversation.email), conversation.customer) {
        (None, Some(customer)) => owner(ctx.store, "customers", customer),
        (contact, _) => Ok(contact),
    }
}

/// Conversations of ours were merged into this one: each person's object is told whether it is now theirs.
fn on_merged(ctx: &StepContext, job: &mut Job, into: &Conversation, threads: &[Thread]) -> Stored<Next> {
    // A conversation that nobody here owns is still somebody else's by its customer or its looks, say another hotline's.
    let present = owner(ctx.store, "conversations", into.id)?.or(contact_of(ctx, into)?);
    let made_by_api = into.by_api && into.kind == "phone";
    if present.is_none() && made_by_api && job.attempts < LOOKS {
        job.retry(ctx.now);
        return Ok(Next::Wait);
    }
    // Oldest first: who was merged in first has it.
    for (from, thread) in threads.iter().rev().filter_map(|thread| Some((thread.merged_from?, thread))) {
        let at = read::instant(&thread.created_at).unwrap_or(ctx.now);
        let owner_before = owner(ctx.store, "conversations", from)?;
        for speaker in super::speakers(ctx.store, from)?.into_iter().filter(|it| owner_before.as_ref() != Some(it)) {
            super::add_guest(ctx.store, into.id, &speaker)?;
            enqueue_tell(ctx, &speaker, contact::Message::Merged { from, into: into.id, at, ours: false })?;
        }
        let Some(contact) = owner_before else { continue };
        let here = ctx.hotline.is_some_and(|hotline| into.mailbox == Some(hotline.mailbox));
        let present = owner(ctx.store, "conversations", into.id)?.or_else(|| present.clone());
        let ours = here && present.as_ref().map_or(!made_by_api, |present| *present == contact);
        if ours {
            add_owner(ctx.store, "conversations", into.id, &contact)?;
        } else {
            super::add_guest(ctx.store, into.id, &contact)?;
        }
        enqueue_tell(ctx, &contact, contact::Message::Merged { from, into: into.id, at, ours })?;
    }
    Ok(Next::Done)
}

fn not_sent() -> Html {
    Html::text(
        "This reply was not sent as a text: the conversation does not belong to anybody whom the hotline knows. Reply in the \
         conversation that their text came in, or call.",
    )
}

/// Whether a conversation is mail and not a talk by phone.
fn is_mail(kind: &str) -> bool {
    !matches!(kind, "phone" | "")
}

/// Whether an address is one that we made for a person's number: nobody reads what is mailed there.
fn is_dropped(ctx: &StepContext, email: &str) -> bool {
    of_synthetic_email(ctx, email).is_some()
}

/// What an agent reads who mails to such an address.
fn never_arrives(conversation: &Conversation) -> Html {
    let address = &conversation.email;
    Html::text(&format!(
        "This was not sent as a text, and nobody reads e-mail to {address}: it only stands for their phone number. Reply in the \
         conversation that their texts come in, or write there in the sidebar."
    ))
}

/// Whether our note already stands below the latest reply: events come twice, and answers get lost.
fn is_noted(threads: &[Thread], note: &Html) -> bool {
    let latest = threads.iter().filter(|thread| thread.is_reply_by_a_person()).map(|thread| thread.id).max();
    let words = normalised(note.as_str());
    let ours = |thread: &Thread| thread.kind == "note" && thread.source == "api" && normalised(&thread.body) == words;
    latest.is_none_or(|latest| threads.iter().any(|thread| thread.id > latest && ours(thread)))
}

/// By then whatever was under way at Help Scout has ended.
const SETTLED: Millis = 60_000;

/// A note whose answer was lost is not repeated before the conversation was read again.
fn on_note_answer(ctx: &StepContext, job: &mut Job, answer: &Answer) -> Next {
    match answer {
        Answer::Done(_) | Answer::Gone(_) | Answer::ConversationFull | Answer::Refused(_) => return Next::Done,
        Answer::Lost(_) => {
            job.attempts += 1;
            job.due = ctx.now + SETTLED;
        }
        other => return try_again(ctx.now, job, other),
    }
    job.state = State::Pending;
    Next::Wait
}
