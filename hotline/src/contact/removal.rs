//! What Twilio holds of entries is removed: texts are emptied, media, recordings and transcripts deleted, one request after
//! another, a row each until it is done. An erasure (`erasure.rs`) and a retention (`retention.rs`) have rows of their own.

use super::Contact;
use super::StepContext;
use super::outgoing_text::OutgoingText;
use super::pending_request::{PendingRequest, RequestKind};
use super::retained::Parts;
use super::timeline::{Entry, Kind as EntryKind};
use super::work::{Job, send_key};
use crate::answer::{ACCOUNT_PAUSE, Answer};
use crate::effects::{Millis, ObjectReply, Request, Response, ToObject};
use crate::jobs::{self, Next};
use crate::json::Document;
use crate::messages::call;
use crate::storage::{Row, Store, Stored, any, first, run};
use crate::twilio::errors::NOT_ENDED;
use crate::twilio::request as twilio;

pub(crate) const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS erasure_steps (
        resource TEXT PRIMARY KEY, kind TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS erasure_steps_by_due ON erasure_steps (due, resource)",
];

/// Between two tries of what the other side is not ready for: a minute, and ever longer. A text waits at its sender for ten hours at
/// most (Twilio, Message resource: `ValidityPeriod`).
const FIRST_WAIT: Millis = 60_000;
const LONGEST_WAIT: Millis = 3_600_000;

/// How often what is refused for another reason is tried.
const MOST_REFUSALS: i64 = 5;

/// What is done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    /// A text is emptied.
    Empty,
    /// What the list of its media or transcripts names is deleted; of transcripts, the recording too.
    List,
    /// It is deleted.
    Delete,
    /// A text of ours whose id at Twilio is not known yet.
    Await,
    /// A recording is read: it says in which call it was made, whose object forgets what was said. It is deleted.
    Recording,
    /// The same, but the recording stays.
    Transcript,
    /// What the list of transcripts names is deleted, and the recording stays.
    TranscriptList,
    /// A call's object forgets what was said.
    Call,
    /// An entry that is not in Help Scout yet is erased when it is.
    Entry,
    /// The row of the person is emptied once no entry needs it.
    Person,
    /// Help Scout's record of the person is deleted.
    Customer,
    /// The object of another key of the person erases them.
    OtherKey,
}

impl StepKind {
    const ALL: [(Self, &'static str); 12] = [
        (Self::Empty, "empty"),
        (Self::List, "list"),
        (Self::Delete, "delete"),
        (Self::Await, "await"),
        (Self::Recording, "recording"),
        (Self::Transcript, "transcript"),
        (Self::TranscriptList, "transcript_list"),
        (Self::Call, "call"),
        (Self::Entry, "entry"),
        (Self::Person, "person"),
        (Self::Customer, "customer"),
        (Self::OtherKey, "other_key"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| *word)
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// One step.
pub(super) struct Step {
    /// Below the account, for what is at Twilio.
    pub resource: String,
    pub kind: StepKind,
    pub due: Millis,
    pub attempts: i64,
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

    /// The wait before the next try.
    pub fn wait(&self) -> Millis {
        (FIRST_WAIT << self.attempts.clamp(0, 6)).min(LONGEST_WAIT)
    }

    /// The request to Twilio, for what is there.
    fn request(&self, account: &str) -> Option<Request> {
        match self.kind {
            StepKind::Empty => Some(twilio::redact_message(account, self.resource.strip_prefix(MESSAGES)?)),
            StepKind::List | StepKind::TranscriptList | StepKind::Recording | StepKind::Transcript => {
                Some(twilio::fetch(account, &self.resource))
            }
            StepKind::Delete => Some(twilio::delete(account, &self.resource)),
            _ => None,
        }
    }
}

/// The steps of an erasure, or of a retention.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a> {
    store: &'a dyn Store,
    table: &'static str,
}

impl<'a> Steps<'a> {
    pub fn of_erasure(store: &'a dyn Store) -> Self {
        Self { store, table: "erasure_steps" }
    }

    pub fn of_retention(store: &'a dyn Store) -> Self {
        Self { store, table: "retention_steps" }
    }

    pub fn next(self) -> Stored<Option<Step>> {
        let sql = format!(
            "SELECT resource, kind, due, attempts FROM {} WHERE due > 0 ORDER BY due, resource LIMIT 1",
            self.table
        );
        first(self.store, &sql, &[])?.as_ref().map(Step::read).transpose()
    }

    /// Adds one; how many steps that are.
    pub fn add(self, resource: &str, kind: StepKind, due: Millis) -> Stored<i64> {
        let sql = format!(
            "INSERT OR IGNORE INTO {} (resource, kind, due, attempts) VALUES (?, ?, ?, 0) RETURNING 1",
            self.table
        );
        let added = first(self.store, &sql, &[resource.into(), kind.as_str().into(), due.into()])?;
        Ok(i64::from(added.is_some()))
    }

    pub fn later(self, step: &Step, due: Millis) -> Stored<()> {
        let sql = format!("UPDATE {} SET due = ?, attempts = ? WHERE resource = ?", self.table);
        run(self.store, &sql, &[due.into(), (step.attempts + 1).into(), (&step.resource).into()])
    }

    pub fn remove(self, step: &Step) -> Stored<()> {
        run(self.store, &format!("DELETE FROM {} WHERE resource = ?", self.table), &[(&step.resource).into()])
    }

    /// Whether any resource begins like this: `Messages/`, say.
    pub fn has_any(self, prefix: &str) -> Stored<bool> {
        let sql = format!("SELECT 1 FROM {} WHERE resource >= ? AND resource < ? LIMIT 1", self.table);
        any(self.store, &sql, &[prefix.into(), (&format!("{prefix}\u{10ffff}")).into()])
    }
}

/// How a step has ended.
pub(super) enum StepEnd {
    /// It is done, and so many further ones were found.
    Done { found: i64 },
    /// Twilio refuses it for good.
    Refused,
    /// It goes on.
    Waits,
}

/// How the ids of calls begin that came in (Twilio, Call resource).
const CALL: &str = "CA";
pub(super) const MESSAGES: &str = "Messages/";
pub(super) const RECORDINGS: &str = "Recordings/";
const MEDIA: &str = "/Media";
const TRANSCRIPTS: &str = "/Transcriptions";

/// Notes what Twilio, and objects of calls, hold of an entry. Returns how many steps that are.
pub(super) fn note_entry(ctx: &StepContext, steps: Steps, entry: &Entry, parts: Parts) -> Stored<i64> {
    let mut found = 0;
    let mut add = |resource: &str, kind| -> Stored<()> {
        found += steps.add(resource, kind, ctx.now)?;
        Ok(())
    };
    if parts.text && entry.inward && entry.kind == EntryKind::Text {
        add(&format!("{MESSAGES}{}", entry.id), StepKind::Empty)?;
    }
    if parts.text && entry.inward && entry.id.starts_with(CALL) {
        add(&entry.id, StepKind::Call)?;
    }
    for medium in &entry.media {
        match below_account(&medium.url) {
            Some(recording) if recording.starts_with(RECORDINGS) => {
                if parts.recordings {
                    add(&recording, StepKind::Recording)?;
                } else if parts.text {
                    add(&recording, StepKind::Transcript)?;
                }
            }
            Some(medium) if parts.media => add(&medium, StepKind::Delete)?,
            _ => {}
        }
    }
    for text in OutgoingText::of_entry(ctx.store, entry.seq)? {
        match &text.sid {
            Some(sid) => {
                if parts.text {
                    add(&format!("{MESSAGES}{sid}"), StepKind::Empty)?;
                }
                if parts.media && !text.media.is_empty() {
                    add(&format!("{MESSAGES}{sid}{MEDIA}"), StepKind::List)?;
                }
            }
            None if is_under_way(ctx, &text)? => add(&text.id, StepKind::Await)?,
            None => {}
        }
    }
    Ok(found)
}

/// The text of a message has got its id at Twilio: what is there is noted. Returns how many steps that are.
pub(super) fn note_message(ctx: &StepContext, steps: Steps, sid: &str) -> Stored<i64> {
    Ok(steps.add(&format!("{MESSAGES}{sid}"), StepKind::Empty, ctx.now)?
        + steps.add(&format!("{MESSAGES}{sid}{MEDIA}"), StepKind::List, ctx.now)?)
}

/// Whether a text of theirs is under way, so that Twilio's id of it is not known yet.
pub(super) fn is_under_way(ctx: &StepContext, text: &OutgoingText) -> Stored<bool> {
    let jobs: Vec<Job> = jobs::find_by_key(ctx.store, &send_key(&text.id))?;
    Ok(text.sid.is_none() && jobs.iter().any(|job| !job.is_pending()))
}

impl Contact {
    /// Begins a step at Twilio or at a call's object; `None` for one that is elsewhere.
    pub(super) fn begin_removal(&mut self, ctx: &StepContext, job: &Job, step: &Step) -> Option<Next> {
        if step.kind == StepKind::Call {
            return Some(self.tell_object(ctx, job, ToObject::Call(step.resource.clone(), call::Message::Forget)));
        }
        let request = step.request(&ctx.config.secrets.twilio_account_sid)?;
        // One after another; who removes much does not need a rate limiter: Twilio says when it is too much.
        let mut pending = PendingRequest::new(RequestKind::Remove);
        pending.conversation.clone_from(&step.resource);
        Some(self.send(ctx, job, pending, request))
    }
}

/// Twilio has answered. The job is due again, at once or later.
pub(super) fn on_answer(
    ctx: &StepContext,
    steps: Steps,
    job: &mut Job,
    pending: &PendingRequest,
    answer: Answer,
) -> Stored<StepEnd> {
    job.due = ctx.now;
    let step = steps.next()?.filter(|step| step.resource == pending.conversation);
    let Some(step) = step else { return Ok(StepEnd::Waits) };
    match answer {
        Answer::Done(response) => {
            job.attempts = 0;
            on_done(ctx, steps, &step, Some(&response))
        }
        // It is not there any more.
        Answer::Gone(_) => on_done(ctx, steps, &step, None),
        Answer::Refused(response) if is_not_ended(&response) => {
            steps.later(&step, ctx.now + step.wait())?;
            Ok(StepEnd::Waits)
        }
        Answer::Refused(_) | Answer::ConversationFull => on_refused(ctx, steps, &step),
        Answer::TokenRefused | Answer::AccountRefused => {
            job.due = ctx.now + ACCOUNT_PAUSE;
            Ok(StepEnd::Waits)
        }
        Answer::Lost(_) | Answer::TooManyRequests(_) => {
            job.retry(ctx.now);
            Ok(StepEnd::Waits)
        }
    }
}

/// What is refused is tried some times more.
pub(super) fn on_refused(ctx: &StepContext, steps: Steps, step: &Step) -> Stored<StepEnd> {
    if step.attempts < MOST_REFUSALS {
        steps.later(step, ctx.now + step.wait())?;
        return Ok(StepEnd::Waits);
    }
    steps.remove(step)?;
    Ok(StepEnd::Refused)
}

/// A call's object has heard of it; one that knows nothing of the call has nothing to forget. The job is due again.
pub(super) fn on_reply(ctx: &StepContext, steps: Steps, job: &mut Job, reply: &ObjectReply) -> Stored<StepEnd> {
    match reply {
        ObjectReply::Unreachable => {
            job.retry(ctx.now);
            return Ok(StepEnd::Waits);
        }
        ObjectReply::Later(wait) => {
            // Steps beside it need not wait so long.
            if let Some(step) = steps.next()?.filter(is_at_object) {
                steps.later(&step, ctx.now + wait)?;
            }
            (job.attempts, job.due) = (0, ctx.now);
            return Ok(StepEnd::Waits);
        }
        _ => {}
    }
    (job.attempts, job.due) = (0, ctx.now);
    let Some(step) = steps.next()?.filter(is_at_object) else { return Ok(StepEnd::Waits) };
    steps.remove(&step)?;
    Ok(StepEnd::Done { found: 0 })
}

fn is_at_object(step: &Step) -> bool {
    matches!(step.kind, StepKind::Call | StepKind::OtherKey)
}

/// A step is done; a list says what the next ones are.
fn on_done(ctx: &StepContext, steps: Steps, step: &Step, response: Option<&Response>) -> Stored<StepEnd> {
    steps.remove(step)?;
    let sids = |name: &str| response.and_then(|it| twilio::read_sids(&it.json(), name)).unwrap_or_default();
    let below = |sids: Vec<String>| sids.into_iter().map(|sid| (format!("{}/{sid}", step.resource), StepKind::Delete));
    let mut next: Vec<(String, StepKind)> = Vec::new();
    match step.kind {
        StepKind::Recording | StepKind::Transcript => {
            let call = response.map_or_else(String::new, |response| response.json().string("call_sid"));
            next.extend(Some((call, StepKind::Call)).filter(|(call, _)| !call.is_empty()));
            let list = if step.kind == StepKind::Recording { StepKind::List } else { StepKind::TranscriptList };
            next.push((format!("{}{TRANSCRIPTS}", step.resource), list));
        }
        StepKind::List if step.resource.ends_with(MEDIA) => next.extend(below(sids("media_list"))),
        StepKind::List | StepKind::TranscriptList => {
            next.extend(below(sids("transcriptions")));
            let recording = step.resource.strip_suffix(TRANSCRIPTS).filter(|_| step.kind == StepKind::List);
            next.extend(recording.map(|recording| (recording.to_owned(), StepKind::Delete)));
        }
        _ => {}
    }
    let mut found = 0;
    for (resource, kind) in next {
        found += steps.add(&resource, kind, ctx.now)?;
    }
    Ok(StepEnd::Done { found })
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
