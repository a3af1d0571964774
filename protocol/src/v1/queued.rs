//! What Ringside has still to do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that is still to do, or was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct QueuedJob {
    /// Its id.
    pub id: String,
    /// The hotline.
    pub hotline: String,
    /// Whose it is.
    pub object: JobObject,
    /// What it stands in line with: those of one lane are done in order.
    pub lane: String,
    /// What is to be done.
    pub kind: String,
    /// How far it has come.
    pub state: QueuedState,
    /// So many attempts failed.
    pub attempts: u32,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub since: Timestamp,
    /// When it is tried next; null for one that was given up.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub due_at: Option<Timestamp>,
    /// Why it was given up, or cannot be done by this release.
    pub error: Option<JobError>,
    /// Whom it is about, with most of the number left out.
    pub person: Option<String>,
}

/// Whose a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobObject {
    /// A person's.
    Contact,
    /// A call's.
    Call,
    /// The hotline's own.
    Directory,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueuedState {
    /// It waits for its time or its turn.
    Waiting,
    /// It was given up for good.
    Failed,
    /// This release cannot read it; it is kept for one that can.
    Quarantined,
    /// Nobody knows whether it was done: the service is searched.
    Uncertain,
}

impl QueuedState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Failed, Self::Quarantined, Self::Uncertain];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Quarantined => "quarantined",
            Self::Uncertain => "uncertain",
        }
    }
}

/// Why a job was given up, or cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct JobError {
    /// Stable, for programs.
    pub code: String,
    /// For an operator.
    pub reason: String,
}

/// What became of a job that an operator turned to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TurnedJob {
    /// Its id.
    pub id: String,
    /// What it is now.
    pub state: TurnedState,
}

/// What a job is after an operator turned to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TurnedState {
    /// It is due now, or was done already.
    Retried,
    /// It is never done, or was done already.
    Dropped,
}
