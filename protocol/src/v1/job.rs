//! What takes longer than a request.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that goes on after its request was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What it does.
    pub kind: JobKind,
    /// How far it is.
    pub status: JobStatus,
    /// How much of it is done.
    pub progress: JobProgress,
    /// For whom it waits, while it does.
    #[serde(default)]
    pub waiting_for: Option<WaitingFor>,
    /// What it has removed so far.
    #[serde(default)]
    pub removed: Removed,
    /// When it was asked for.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub created_at: Timestamp,
    /// When it ended.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub ended_at: Option<Timestamp>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(transform = crate::schema::one_word))]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// A person is erased.
    Erasure,
}

/// For whom a job waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// Twilio still holds some of it, and may refuse to let go while a delivery has not ended.
    Twilio,
    /// Something that they said is not in Help Scout yet, or their record is still there.
    HelpScout,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Removed {
    /// Texts, in both directions.
    pub texts: u32,
    /// Pictures and files.
    pub media: u32,
    /// Recordings of voicemails.
    pub recordings: u32,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// It goes on.
    Running,
    /// All of it is done.
    Done,
    /// It has ended, and `progress.failed` of it could not be done.
    Failed,
}

/// How much of a job is done. More may be found while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct JobProgress {
    /// So many steps are known.
    pub total: u32,
    /// So many are done.
    pub done: u32,
    /// So many could not be done.
    pub failed: u32,
}
