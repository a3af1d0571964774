//! `POST /v1/jobs/{id}/retry` and `…/drop`: an operator turns to a job.

use protocol::v1::{TurnedJob, TurnedState};

use super::Asked;
use super::list_jobs::ask_object;
use super::problem::{self, Problems};
use super::progress::Progress;
use crate::config::Config;
use crate::domain::queued_id::QueuedPlace;
use crate::effects::{ObjectReply, ToObject};
use crate::json;
use crate::messages::jobs::JobsRequest;
use crate::messages::{Refused, directory};
use crate::routing::HttpAnswer;

/// What is to be done with a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TurnJob {
    id: String,
    place: QueuedPlace,
    turn: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Retry,
    Drop { force: bool },
}

impl Asked<'_> {
    pub(super) fn retry_job(&self, id: &str) -> Result<TurnJob, HttpAnswer> {
        self.query(&[])?;
        self.turn_job(id, Turn::Retry)
    }

    pub(super) fn drop_job(&self, id: &str) -> Result<TurnJob, HttpAnswer> {
        let query = self.query(&["force"])?;
        let force = match query.get("force").map(String::as_str) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(self.invalid_field("force", "unknown_word", "must be true or false")),
        };
        self.turn_job(id, Turn::Drop { force })
    }

    /// One of another hotline is not found.
    fn turn_job(&self, id: &str, turn: Turn) -> Result<TurnJob, HttpAnswer> {
        let place = QueuedPlace::of_id(&self.config.secrets.twilio_account_sid, id);
        let place = place.filter(|place| self.opens(place.mailbox)).ok_or_else(|| self.not_found())?;
        Ok(TurnJob { id: id.to_owned(), place, turn })
    }
}

impl TurnJob {
    pub(super) fn begin(&self) -> Progress {
        let ask = directory::Message::ObjectWithJobs { number: self.place.object };
        Progress::Ask(vec![(self.place.mailbox, ToObject::Directory(ask))])
    }

    pub(super) fn on_replies(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        match replies.into_iter().next() {
            Some(ObjectReply::ObjectsWithJobs(objects)) => match objects.first() {
                Some(object) => Progress::Ask(vec![(self.place.mailbox, ask_object(object, self.request()))]),
                // It has no jobs any more: this one was done.
                None => self.done(),
            },
            Some(ObjectReply::Done) => self.done(),
            Some(ObjectReply::Refused(Refused { code, words, .. })) => {
                let kind = if code == "not_delivered" { problem::NOT_DELIVERED } else { problem::JOB_RUNNING };
                Progress::Answer(Problems { config }.answer(kind, words))
            }
            _ => Progress::Unavailable,
        }
    }

    fn request(&self) -> JobsRequest {
        let job = self.place.job;
        match self.turn {
            Turn::Retry => JobsRequest::Retry { job },
            Turn::Drop { force } => JobsRequest::Drop { job, force },
        }
    }

    /// Also where it had been done or dropped before: twice is once.
    fn done(&self) -> Progress {
        let state = match self.turn {
            Turn::Retry => TurnedState::Retried,
            Turn::Drop { .. } => TurnedState::Dropped,
        };
        let turned = TurnedJob { id: self.id.clone(), state };
        Progress::Answer(HttpAnswer::json(200, json::written(&turned)))
    }
}
