//! An event of Help Scout's finds the person whom it concerns, or is left alone.

use super::{Desk, Scene, know, owner};
use crate::answer::{Answer, try_again};
use crate::config::Customers;
use crate::contact;
use crate::effect::{Ask, Back, Effect, GateName, Millis, Priority, Report, Request, Tell, Told, Turn};
use crate::helpscout::people::from_synthetic_email;
use crate::helpscout::read::{self, Conversation, Thread};
use crate::helpscout::request;
use crate::helpscout::webhook::{Event, Happening};
use crate::html::{Html, normalised};
use crate::queue::{self, Job, Next, Phase};
use crate::store::Stored;
use crate::wire;

/// What a job of the desk waits for.
pub(super) enum Doing {
    /// A turn to look at the conversation.
    TurnToLook,
    /// The conversation.
    Look(Expected),
    /// A turn to note that a reply was not sent.
    TurnToNote,
    /// That note's answer.
    Note(Expected),
    /// That a person's object has heard.
    Told,
}

/// What the Gate believed when it gave the turn.
pub(super) struct Expected {
    token: String,
    left: i64,
    limit: i64,
}

/// How often an unknown conversation is looked at again before it counts as nobody's: the person's object may be just
/// about to tell whose it is. With the queue's back-off that is about half a minute.
const LOOKS: i64 = 4;

/// Stores an event as a job of its own lane, so that one that cannot be placed yet holds up no other.
pub(super) fn store_event(scene: &Scene, event: &Event) -> Stored<()> {
    let lane = format!("event {}", event.conversation);
    queue::add(scene.store, &lane, "event", &wire::write(event), scene.now, scene.now)
}

fn will_tell(scene: &Scene, contact: &str, message: &contact::Message) -> Stored<()> {
    queue::add(scene.store, &format!("contact {contact}"), "tell", &wire::write(message), scene.now, scene.now)
}

impl Desk {
    pub(super) fn begin(&mut self, scene: &Scene, job: &mut Job) -> Stored<Next> {
        if job.kind == "tell" {
            let contact = job.lane.strip_prefix("contact ").unwrap_or("").to_owned();
            let Some(message) = wire::read(&job.subject) else { return Ok(Next::Done) };
            return Ok(self.tell(scene, job, contact, message));
        }
        let Some(event) = wire::read::<Event>(&job.subject) else { return Ok(Next::Done) };
        if job.phase == Phase::Sent && scene.now < job.sent_at + SETTLED {
            // A note may be under way whose answer died with an earlier life of this object.
            job.due = job.sent_at + SETTLED;
            return Ok(Next::Wait);
        }
        let owner = owner(scene.store, "conversations", event.conversation)?;
        match (owner, event.happening) {
            (_, Happening::Merged) => {}
            (Some(contact), _) => return Ok(self.tell(scene, job, contact, contact::Message::Event(event))),
            (None, Happening::Moved | Happening::Deleted) => return Ok(Next::Done),
            (None, _) if !matches!(event.kind.as_str(), "phone" | "") => return Ok(Next::Done),
            (None, _) => {}
        }
        Ok(self.ask(scene, job, "look", 1, Doing::TurnToLook))
    }

    fn ask(&mut self, scene: &Scene, job: &Job, what: &str, cost: i64, doing: Doing) -> Next {
        let mailbox = scene.hotline.map_or(0, |hotline| hotline.mailbox);
        let id = format!("{mailbox}/{}/{}/{}/{what}", job.since, job.seq, job.attempts);
        let ticket = self.flights.begin(job.seq, scene.now, doing);
        Next::fly(Effect::Turn(ticket, GateName::HelpScout, Ask { id, cost, priority: Priority::Conversation }))
    }

    fn tell(&mut self, scene: &Scene, job: &Job, contact: String, message: contact::Message) -> Next {
        let ticket = self.flights.begin(job.seq, scene.now, Doing::Told);
        Next::fly(Effect::Tell(ticket, Tell::Contact(contact, message)))
    }

    pub(super) fn go_on(
        &mut self,
        scene: &Scene,
        job: &mut Job,
        doing: Doing,
        back: Back,
        effects: &mut Vec<Effect>,
    ) -> Stored<Next> {
        let event: Option<Event> = wire::read(&job.subject);
        let next = match (doing, back) {
            (Doing::Told, Back::Told(told)) => heard(scene, job, told),
            (Doing::TurnToLook | Doing::TurnToNote, Back::Turn(Turn::At(due))) => {
                job.due = due;
                Next::Wait
            }
            (doing, Back::Turn(Turn::Go { token, left, limit })) => {
                let Some(event) = event else { return Ok(Next::Done) };
                let conversation = event.conversation.to_string();
                let expected = Expected { token: token.clone(), left, limit };
                if matches!(doing, Doing::TurnToNote) {
                    job.leaves(&conversation, String::new(), scene.now);
                    queue::save(scene.store, job)?;
                    let html = not_sent();
                    self.send(scene, job, request::create_note(&conversation, html.as_str()), Doing::Note(expected))
                } else {
                    let request = request::get_conversation_with_threads(&conversation);
                    self.send(scene, job, request, Doing::Look(expected))
                }
            }
            (Doing::Look(expected), Back::Answer(outcome)) => {
                let answer = Answer::of(outcome);
                effects.extend(expected.report(&answer));
                let Some(event) = event else { return Ok(Next::Done) };
                self.looked(scene, job, &event, answer)?
            }
            (Doing::Note(expected), Back::Answer(outcome)) => {
                let answer = Answer::of(outcome);
                effects.extend(expected.report(&answer));
                noted(scene, job, &answer)
            }
            _ => Next::Wait,
        };
        Ok(next)
    }

    fn send(&mut self, scene: &Scene, job: &Job, request: Request, doing: Doing) -> Next {
        let token = match &doing {
            Doing::Look(expected) | Doing::Note(expected) => expected.token.clone(),
            _ => String::new(),
        };
        let ticket = self.flights.begin(job.seq, scene.now, doing);
        Next::fly(Effect::Send(ticket, request, token))
    }

    fn looked(&mut self, scene: &Scene, job: &mut Job, event: &Event, answer: Answer) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(_) | Answer::Refused(_) | Answer::Full => return Ok(Next::Done),
            other => return Ok(try_again(scene.now, job, &other)),
        };
        let body = response.json();
        let Some(conversation) = Conversation::read(&body) else { return Ok(Next::Done) };
        let threads = read::embedded_threads(&body);
        if event.happening == Happening::Merged {
            return merged(scene, job, &conversation, &threads);
        }
        let ours = scene.hotline.is_some_and(|hotline| conversation.mailbox == Some(hotline.mailbox));
        if !ours || conversation.kind != "phone" {
            return Ok(Next::Done);
        }
        let replied = event.happening == Happening::Replied;
        let maybe_ours = conversation.by_api && job.target != NOT_OURS;
        if let Some(contact) = contact_of(scene, &conversation)?.filter(|_| maybe_ours) {
            let at = read::instant(&conversation.created_at).unwrap_or(scene.now);
            let opening = contact::Opening { at, said: conversation.said };
            let seen = contact::Message::Seen { conversation: conversation.id, opening, replied };
            return Ok(self.tell(scene, job, contact, seen));
        }
        if maybe_ours && job.attempts < LOOKS {
            job.retry(scene.now);
            return Ok(Next::Wait);
        }
        if !replied || is_noted(&threads) {
            return Ok(Next::Done);
        }
        Ok(self.ask(scene, job, "note", 2, Doing::TurnToNote))
    }
}

impl Expected {
    fn report(&self, answer: &Answer) -> Option<Effect> {
        let report = answer.report(self.left, self.limit, &self.token);
        (report != Report::default()).then_some(Effect::Report(GateName::HelpScout, report))
    }
}

fn heard(scene: &Scene, job: &mut Job, told: Told) -> Next {
    match told {
        Told::Unreachable => job.retry(scene.now),
        Told::Later(wait) => job.due = scene.now + wait,
        Told::Theirs => {
            NOT_OURS.clone_into(&mut job.target);
            job.due = scene.now;
        }
        Told::Done | Told::Yours | Told::Says { .. } => return Next::Done,
    }
    Next::Wait
}

/// Stands as an event's target once the person whose customer it is has said that they did not make the conversation.
const NOT_OURS: &str = "not ours";

/// The person whose customer this is: by the synthetic address, else by the customer's id.
fn contact_of(scene: &Scene, conversation: &Conversation) -> Stored<Option<String>> {
    if let Customers::Email { domain } = &scene.config.customers
        && let Some(party) = from_synthetic_email(&conversation.email, domain)
    {
        return Ok(Some(party.key()));
    }
    conversation.customer.map_or(Ok(None), |id| owner(scene.store, "customers", id))
}

/// Conversations of ours were merged into this one: each person hears whether it is now theirs.
fn merged(scene: &Scene, job: &mut Job, into: &Conversation, threads: &[Thread]) -> Stored<Next> {
    // A conversation that nobody here owns is still somebody else's by its customer or its looks, say another hotline's.
    let present = owner(scene.store, "conversations", into.id)?.or(contact_of(scene, into)?);
    let made_by_api = into.by_api && into.kind == "phone";
    if present.is_none() && made_by_api && job.attempts < LOOKS {
        job.retry(scene.now);
        return Ok(Next::Wait);
    }
    // Oldest first: who was merged in first has it.
    for (from, thread) in threads.iter().rev().filter_map(|thread| Some((thread.merged_from?, thread))) {
        let at = read::instant(&thread.created_at).unwrap_or(scene.now);
        let Some(contact) = owner(scene.store, "conversations", from)? else { continue };
        let here = scene.hotline.is_some_and(|hotline| into.mailbox == Some(hotline.mailbox));
        let present = owner(scene.store, "conversations", into.id)?.or_else(|| present.clone());
        let ours = here && present.as_ref().map_or(!made_by_api, |present| *present == contact);
        if ours {
            know(scene.store, "conversations", into.id, &contact)?;
        }
        will_tell(scene, &contact, &contact::Message::Merged { from, into: into.id, at, ours })?;
    }
    Ok(Next::Done)
}

fn not_sent() -> Html {
    Html::text(
        "This reply was not sent as a text: the conversation does not belong to anybody whom the hotline knows. Reply in the \
         conversation that their text came in, or call.",
    )
}

/// Whether our note already stands below the latest reply: events come twice, and answers get lost.
fn is_noted(threads: &[Thread]) -> bool {
    let latest = threads.iter().filter(|thread| thread.is_reply_by_a_person()).map(|thread| thread.id).max();
    let words = normalised(not_sent().as_str());
    let ours = |thread: &Thread| thread.kind == "note" && thread.source == "api" && normalised(&thread.body) == words;
    latest.is_none_or(|latest| threads.iter().any(|thread| thread.id > latest && ours(thread)))
}

/// By then whatever was under way at Help Scout has ended.
const SETTLED: Millis = 60_000;

/// A note whose answer was lost is not repeated before the conversation was looked at again.
fn noted(scene: &Scene, job: &mut Job, answer: &Answer) -> Next {
    match answer {
        Answer::Done(_) | Answer::Gone(_) | Answer::Full | Answer::Refused(_) => return Next::Done,
        Answer::Lost(_) => {
            job.attempts += 1;
            job.due = scene.now + SETTLED;
        }
        other => return try_again(scene.now, job, other),
    }
    job.phase = Phase::Waiting;
    Next::Wait
}
