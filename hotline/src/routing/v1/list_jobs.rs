//! `GET /v1/jobs`: what a hotline's objects have still to do, or gave up. The directory says which objects have jobs, and each of
//! these is asked for its own.

use protocol::v1::{JobObject, Page, QueuedJob, QueuedState};

use super::Asked;
use super::fields::Errors;
use super::progress::Progress;
use crate::config::Config;
use crate::domain::phone::{E164, Party};
use crate::domain::queued_id::QueuedPlace;
use crate::domain::time::timestamp;
use crate::effects::{ObjectReply, ToObject};
use crate::json;
use crate::messages::jobs::{JobsRequest, ListedJob, ObjectWithJobs};
use crate::messages::{call, contact, directory};
use crate::routing::HttpAnswer;

/// How many objects are asked for one page. Where few jobs are in the states that are asked for, a page may be short, and the
/// next one goes on behind it.
const OBJECTS: usize = 20;

/// A page of jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListJobs {
    hotline: String,
    mailbox: u64,
    states: Vec<QueuedState>,
    limit: usize,
    after: Cursor,
    /// The objects that are asked, once they are known.
    objects: Option<Vec<ObjectWithJobs>>,
}

/// Behind which job the page begins: the object's number, and the job's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cursor {
    object: i64,
    job: i64,
}

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        let (object, job) = text.split_once('.')?;
        Some(Self { object: object.parse().ok()?, job: job.parse().ok()? })
    }

    fn written(self) -> String {
        format!("{}.{}", self.object, self.job)
    }
}

impl Asked<'_> {
    pub(super) fn list_jobs(&self) -> Result<ListJobs, HttpAnswer> {
        let query = self.query(&["hotline", "state", "after", "limit"])?;
        let hotline = self.hotline_of_query()?;
        let errors = Errors::default();
        let states = query.get("state").map_or(QueuedState::ALL.to_vec(), |words| states(words, &errors));
        let after = query.get("after").map_or(Some(Cursor::default()), |text| Cursor::read(text));
        if after.is_none() {
            errors.add("after", "invalid", "is no cursor of this list");
        }
        let limit = self.limit_or(&query, &errors);
        let list = ListJobs {
            hotline: hotline.api_name().to_owned(),
            mailbox: hotline.mailbox,
            states,
            limit,
            after: after.unwrap_or_default(),
            objects: None,
        };
        errors.check(Some(list)).map_err(|errors| self.problems().invalid(errors))
    }
}

/// Asks an object about its jobs.
pub(super) fn ask_object(object: &ObjectWithJobs, request: JobsRequest) -> ToObject {
    let key = object.key.clone();
    match object.kind {
        JobObject::Contact => ToObject::Contact(key, contact::Message::Jobs(request)),
        JobObject::Call => ToObject::Call(key, call::Message::Jobs(request)),
        JobObject::Directory => ToObject::Directory(directory::Message::Jobs(request)),
    }
}

/// The states of a list with commas.
fn states(words: &str, errors: &Errors) -> Vec<QueuedState> {
    let known = || QueuedState::ALL.map(QueuedState::as_str).join(", ");
    let read = |word: &str| {
        let state = QueuedState::ALL.into_iter().find(|state| state.as_str() == word);
        if state.is_none() {
            errors.add("state", "unknown_word", format!("{word:?} is no state of a job; there are {}", known()));
        }
        state
    };
    words.split(',').map(str::trim).filter_map(read).collect()
}

impl ListJobs {
    pub(super) fn begin(&self) -> Progress {
        let ask = directory::Message::ObjectsWithJobs { from: self.after.object, limit: OBJECTS };
        Progress::Ask(vec![(self.mailbox, ToObject::Directory(ask))])
    }

    pub(super) fn on_replies(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        match self.objects.take() {
            None => self.ask_objects(config, replies),
            Some(objects) => self.page(config, &objects, replies),
        }
    }

    fn ask_objects(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let Some(ObjectReply::ObjectsWithJobs(objects)) = replies.into_iter().next() else {
            return Progress::Unavailable;
        };
        let ask = |object: &ObjectWithJobs| {
            let after = if object.number == self.after.object { self.after.job } else { 0 };
            let list = JobsRequest::List { states: self.states.clone(), after, limit: self.limit + 1 };
            (self.mailbox, ask_object(object, list))
        };
        let asked: Vec<_> = objects.iter().map(ask).collect();
        if asked.is_empty() {
            return self.page(config, &[], Vec::new());
        }
        self.objects = Some(objects);
        Progress::Ask(asked)
    }

    fn page(&self, config: &Config, objects: &[ObjectWithJobs], replies: Vec<ObjectReply>) -> Progress {
        let mut all = Vec::new();
        for (object, reply) in objects.iter().zip(replies) {
            let ObjectReply::Jobs(jobs) = reply else { return Progress::Unavailable };
            all.extend(jobs.into_iter().map(|job| (object, job)));
        }
        let next = if all.len() > self.limit {
            all.truncate(self.limit);
            all.last().map(|(object, job)| Cursor { object: object.number, job: job.number })
        } else {
            // Behind the last object of a full page there may be more.
            let last = objects.last().filter(|_| objects.len() == OBJECTS);
            last.map(|object| Cursor { object: object.number + 1, job: 0 })
        };
        let data = all.into_iter().filter_map(|(object, job)| self.shown(config, object, job)).collect();
        let page = Page { data, next: next.map(Cursor::written) };
        Progress::Answer(HttpAnswer::json(200, json::written(&page)))
    }

    fn shown(&self, config: &Config, object: &ObjectWithJobs, job: ListedJob) -> Option<QueuedJob> {
        let place = QueuedPlace { mailbox: self.mailbox, object: object.number, job: job.number };
        let person = Party::from_key(&object.key).filter(|_| object.kind == JobObject::Contact);
        Some(QueuedJob {
            id: place.id(&config.secrets.twilio_account_sid)?,
            hotline: self.hotline.clone(),
            object: object.kind,
            lane: job.lane,
            kind: job.kind,
            state: job.state,
            attempts: u32::try_from(job.attempts).unwrap_or(u32::MAX),
            since: timestamp(job.since),
            due_at: job.due.map(timestamp),
            error: job.error,
            person: person.and_then(|person| person.phone().map(E164::masked)),
        })
    }
}
