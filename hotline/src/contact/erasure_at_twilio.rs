//! What Twilio holds of an erased person: texts are emptied, their media and recordings deleted, one request after another. Twilio
//! refuses while a delivery has not ended; then it is asked again later.

use super::erasure::{Erasure, is_under_way};
use super::outgoing_text::OutgoingText;
use super::pending_request::{PendingRequest, RequestKind};
use super::timeline::{Entry, Kind as EntryKind};
use super::work::{Job, Work};
use super::{Contact, StepContext};
use crate::answer::{ACCOUNT_PAUSE, Answer};
use crate::effects::{Millis, ObjectReply, Request, Response, ToObject};
use crate::jobs::Next;
use crate::json::Document;
use crate::messages::call;
use crate::storage::{Row, Store, Stored, first, run};
use crate::twilio::errors::NOT_ENDED;
use crate::twilio::request as twilio;

pub(crate) const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS erasure_steps (
        resource TEXT PRIMARY KEY, kind TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS erasure_steps_by_due ON erasure_steps (due, resource)",
];

/// Between two requests about what Twilio is not ready for: a minute, and ever longer. A text waits at its sender for ten hours at
/// most (Twilio, Message resource: `ValidityPeriod`).
const FIRST_WAIT: Millis = 60_000;
const LONGEST_WAIT: Millis = 3_600_000;

/// How often what Twilio refuses for another reason is tried.
const MOST_REFUSALS: i64 = 5;

/// How long it is waited for Twilio's id of a text whose answer was lost: a day, longer than any state comes late.
const ID_WITHIN: Millis = 86_400_000;

/// What is done with a resource below the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepKind {
    /// A text is emptied.
    Empty,
    /// What the list of its media or transcripts names is deleted.
    List,
    /// It is deleted.
    Delete,
    /// A text of ours whose id at Twilio is not known yet.
    Await,
    /// A recording is read: it says in which call it was made, whose object forgets what was said.
    Recording,
    Call,
}

impl StepKind {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Empty, "empty"),
        (Self::List, "list"),
        (Self::Delete, "delete"),
        (Self::Await, "await"),
        (Self::Recording, "recording"),
        (Self::Call, "call"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| *word)
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// One step.
struct Step {
    resource: String,
    kind: StepKind,
    due: Millis,
    attempts: i64,
}

impl Step {
    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            resource: row.string(0),
            kind: row.word(1, "erasure_steps.kind", StepKind::read)?,
            due: row.integer(2),
            attempts: row.integer(3),
        })
    }

    fn next(store: &dyn Store) -> Stored<Option<Self>> {
        let sql =
            "SELECT resource, kind, due, attempts FROM erasure_steps WHERE due > 0 ORDER BY due, resource LIMIT 1";
        first(store, sql, &[])?.as_ref().map(Self::read).transpose()
    }

    /// Adds it; how many steps that are.
    fn add(store: &dyn Store, resource: &str, kind: StepKind, due: Millis) -> Stored<i64> {
        let sql = "INSERT OR IGNORE INTO erasure_steps (resource, kind, due, attempts) VALUES (?, ?, ?, 0) RETURNING 1";
        Ok(i64::from(first(store, sql, &[resource.into(), kind.as_str().into(), due.into()])?.is_some()))
    }

    fn later(&self, store: &dyn Store, due: Millis) -> Stored<()> {
        let sql = "UPDATE erasure_steps SET due = ?, attempts = ? WHERE resource = ?";
        run(store, sql, &[due.into(), (self.attempts + 1).into(), (&self.resource).into()])
    }

    fn remove(&self, store: &dyn Store) -> Stored<()> {
        run(store, "DELETE FROM erasure_steps WHERE resource = ?", &[(&self.resource).into()])
    }

    fn wait(&self) -> Millis {
        (FIRST_WAIT << self.attempts.clamp(0, 6)).min(LONGEST_WAIT)
    }

    fn request(&self, account: &str) -> Option<Request> {
        match self.kind {
            StepKind::Empty => Some(twilio::redact_message(account, self.resource.strip_prefix(MESSAGES)?)),
            StepKind::List | StepKind::Recording => Some(twilio::fetch(account, &self.resource)),
            StepKind::Delete => Some(twilio::delete(account, &self.resource)),
            StepKind::Await | StepKind::Call => None,
        }
    }
}

/// How the ids of calls begin that came in (Twilio, Call resource).
const CALL: &str = "CA";
const MESSAGES: &str = "Messages/";
const RECORDINGS: &str = "Recordings/";
const MEDIA: &str = "/Media";
const TRANSCRIPTS: &str = "/Transcriptions";

impl Contact {
    /// Notes what Twilio holds of an entry.
    pub(super) fn note_at_twilio(ctx: &StepContext, erasure: &mut Erasure, entry: &Entry) -> Stored<()> {
        let mut add = |resource: &str, kind| -> Stored<()> {
            let found = Step::add(ctx.store, resource, kind, ctx.now)?;
            erasure.found(found);
            Ok(())
        };
        if entry.inward && entry.kind == EntryKind::Text {
            add(&format!("{MESSAGES}{}", entry.id), StepKind::Empty)?;
        }
        if entry.inward && entry.id.starts_with(CALL) {
            add(&entry.id, StepKind::Call)?;
        }
        for medium in &entry.media {
            match below_account(&medium.url) {
                Some(resource) if resource.starts_with(RECORDINGS) => {
                    add(&resource, StepKind::Recording)?;
                }
                Some(resource) => add(&resource, StepKind::Delete)?,
                None => {}
            }
        }
        for text in OutgoingText::of_entry(ctx.store, entry.seq)? {
            match &text.sid {
                Some(sid) => {
                    add(&format!("{MESSAGES}{sid}"), StepKind::Empty)?;
                    if !text.media.is_empty() {
                        add(&format!("{MESSAGES}{sid}{MEDIA}"), StepKind::List)?;
                    }
                }
                None if is_under_way(ctx, &text)? => add(&text.id, StepKind::Await)?,
                None => {}
            }
        }
        Ok(())
    }

    pub(super) fn begin_erase(&mut self, ctx: &StepContext, job: &mut Job, number: i64) -> Stored<Next> {
        let Some(mut erasure) = Erasure::load(ctx.store, number)? else { return Ok(Next::Done) };
        if !erasure.is_all_erased_here() {
            Self::erase_entries(ctx, &mut erasure)?;
            erasure.save(ctx.store)?;
            job.due = ctx.now;
            return Ok(Next::Wait);
        }
        let Some(step) = Step::next(ctx.store)? else {
            erasure.end(ctx.now);
            erasure.save(ctx.store)?;
            return Ok(Next::Done);
        };
        if step.due > ctx.now {
            job.due = step.due;
            return Ok(Next::Wait);
        }
        if step.kind == StepKind::Call {
            return Ok(self.tell_object(ctx, job, ToObject::Call(step.resource, call::Message::Forget)));
        }
        let account = &ctx.config.secrets.twilio_account_sid;
        let Some(request) = step.request(account) else {
            Self::look_for_id(ctx, &mut erasure, &step)?;
            erasure.save(ctx.store)?;
            job.due = ctx.now;
            return Ok(Next::Wait);
        };
        // One after another; who erases many does not need a rate limiter: Twilio says when it is too much.
        let mut pending = PendingRequest::new(RequestKind::Erase);
        pending.conversation.clone_from(&step.resource);
        Ok(self.send(ctx, job, pending, request))
    }

    /// The text may have got its id at Twilio since.
    fn look_for_id(ctx: &StepContext, erasure: &mut Erasure, step: &Step) -> Stored<()> {
        let text = OutgoingText::load(ctx.store, &step.resource)?;
        if let Some(sid) = text.as_ref().and_then(|text| text.sid.as_ref()) {
            step.remove(ctx.store)?;
            erasure.step_ended(true);
            let found = Step::add(ctx.store, &format!("{MESSAGES}{sid}"), StepKind::Empty, ctx.now)?
                + Step::add(ctx.store, &format!("{MESSAGES}{sid}{MEDIA}"), StepKind::List, ctx.now)?;
            erasure.found(found);
            return Ok(());
        }
        let is_under_way = text.map_or(Ok(false), |text| is_under_way(ctx, &text))?;
        if is_under_way || ctx.now < erasure.began_at() + ID_WITHIN {
            return step.later(ctx.store, ctx.now + step.wait());
        }
        step.remove(ctx.store)?;
        erasure.step_ended(true);
        Ok(())
    }

    /// A call's object has heard of it; one that knows nothing of the call has nothing to forget.
    pub(super) fn on_call_forgotten(
        ctx: &StepContext,
        job: &mut Job,
        number: i64,
        reply: &ObjectReply,
    ) -> Stored<Next> {
        match reply {
            ObjectReply::Unreachable => {
                job.retry(ctx.now);
                return Ok(Next::Wait);
            }
            ObjectReply::Later(wait) => {
                job.due = ctx.now + wait;
                return Ok(Next::Wait);
            }
            _ => {}
        }
        let Some(mut erasure) = Erasure::load(ctx.store, number)? else { return Ok(Next::Done) };
        if let Some(step) = Step::next(ctx.store)?.filter(|step| step.kind == StepKind::Call) {
            step.remove(ctx.store)?;
            erasure.step_ended(true);
            erasure.save(ctx.store)?;
        }
        (job.attempts, job.due) = (0, ctx.now);
        Ok(Next::Wait)
    }

    pub(super) fn on_erased(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        pending: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        let Work::Erase { erasure: number } = job.work else { return Ok(Next::Done) };
        let Some(mut erasure) = Erasure::load(ctx.store, number)? else { return Ok(Next::Done) };
        job.due = ctx.now;
        let step = Step::next(ctx.store)?.filter(|step| step.resource == pending.conversation);
        let Some(step) = step else { return Ok(Next::Wait) };
        match answer {
            Answer::Done(response) => {
                job.attempts = 0;
                on_done(ctx, &mut erasure, &step, Some(&response))?;
            }
            // It is not there any more.
            Answer::Gone(_) => on_done(ctx, &mut erasure, &step, None)?,
            Answer::Refused(response) if is_not_ended(&response) => step.later(ctx.store, ctx.now + step.wait())?,
            Answer::Refused(_) | Answer::ConversationFull if step.attempts < MOST_REFUSALS => {
                step.later(ctx.store, ctx.now + step.wait())?;
            }
            Answer::Refused(_) | Answer::ConversationFull => {
                step.remove(ctx.store)?;
                erasure.step_ended(false);
            }
            Answer::TokenRefused | Answer::AccountRefused => job.due = ctx.now + ACCOUNT_PAUSE,
            Answer::Lost(_) | Answer::TooManyRequests(_) => job.retry(ctx.now),
        }
        erasure.save(ctx.store)?;
        Ok(Next::Wait)
    }
}

/// A step is done; a list says what the next ones are.
fn on_done(ctx: &StepContext, erasure: &mut Erasure, step: &Step, response: Option<&Response>) -> Stored<()> {
    step.remove(ctx.store)?;
    erasure.step_ended(true);
    let of = |list: &str| step.resource.strip_suffix(list).filter(|_| step.kind == StepKind::List);
    let sids = |name: &str| response.and_then(|it| twilio::read_sids(&it.json(), name)).unwrap_or_default();
    if step.kind == StepKind::Recording {
        let call = response.map_or_else(String::new, |response| response.json().string("call_sid"));
        if !call.is_empty() {
            erasure.found(Step::add(ctx.store, &call, StepKind::Call, ctx.now)?);
        }
        erasure.found(Step::add(ctx.store, &format!("{}{TRANSCRIPTS}", step.resource), StepKind::List, ctx.now)?);
    }
    let mut next: Vec<String> = Vec::new();
    if of(MEDIA).is_some() {
        next.extend(sids("media_list").iter().map(|sid| format!("{}/{sid}", step.resource)));
    }
    if let Some(recording) = of(TRANSCRIPTS) {
        next.extend(sids("transcriptions").iter().map(|sid| format!("{}/{sid}", step.resource)));
        next.push(recording.to_owned());
    }
    for resource in next {
        let found = Step::add(ctx.store, &resource, StepKind::Delete, ctx.now)?;
        erasure.found(found);
    }
    Ok(())
}

fn is_not_ended(response: &Response) -> bool {
    response.status == 409 || twilio::error_code(&response.json()) == Some(NOT_ENDED)
}

/// The resource of a medium or a recording, from its address.
fn below_account(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("/Accounts/")?;
    let (_, resource) = rest.split_once('/')?;
    let resource = resource.split(['?', '#', '.']).next()?;
    (resource.starts_with(MESSAGES) || resource.starts_with(RECORDINGS)).then(|| resource.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_found_in_its_address() {
        for (url, resource) in [
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", Some("Messages/MM1/Media/ME1")),
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1", Some("Recordings/RE1")),
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.mp3?x=1", Some("Recordings/RE1")),
            ("https://elsewhere.example/file.png", None),
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/Calls/CA1", None),
        ] {
            assert_eq!(below_account(url).as_deref(), resource, "{url}");
        }
    }
}
