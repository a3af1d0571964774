//! What an operator asks of an object about its jobs, and what it says of them (`GET /v1/jobs`).

use protocol::v1::{JobError, JobObject, QueuedState};
use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;

/// What an operator asks. Each may be asked twice without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobsRequest {
    /// A page of those in these states. The answer is `ObjectReply::Jobs`.
    List {
        /// Only these.
        states: Vec<QueuedState>,
        /// Only those with a higher number.
        after: i64,
        /// At most so many.
        limit: usize,
    },
    /// A job is due now, as if it had never been tried. The answer is `ObjectReply::Done`, also when there is no such job.
    Retry {
        /// Its number.
        job: i64,
    },
    /// A job is never done. The answer is `ObjectReply::Done`, also when there is no such job, or `ObjectReply::Refused`.
    Drop {
        /// Its number.
        job: i64,
        /// Even if what a person said then never reaches the team.
        force: bool,
    },
}

/// A job, as its object knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedJob {
    /// Its number in the object.
    pub number: i64,
    /// The first word of its lane.
    pub lane: String,
    /// What is to be done.
    pub kind: String,
    /// How far it has come.
    pub state: QueuedState,
    /// Attempts that failed.
    pub attempts: i64,
    /// When it was made.
    pub since: Millis,
    /// When it is tried next; `None` for one that was given up.
    #[serde(default)]
    pub due: Option<Millis>,
    /// Why it was given up or cannot be done.
    #[serde(default)]
    pub error: Option<JobError>,
}

/// An object that has jobs, as its hotline's directory knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectWithJobs {
    /// Its number in the directory; 0 is the directory itself. No number comes again.
    pub number: i64,
    /// What it is.
    pub kind: JobObject,
    /// Its key: a person's, or a call's id.
    pub key: String,
}
