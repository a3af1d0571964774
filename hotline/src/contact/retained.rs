//! What of entries is removed, and how a run through them stands: it is part of a job.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;

/// What of an entry is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parts {
    /// Its words, and a voicemail's transcript.
    pub text: bool,
    /// Pictures and files.
    pub media: bool,
    /// What was said on voicemail.
    pub recordings: bool,
}

impl Parts {
    pub const ALL: Self = Self { text: true, media: true, recordings: true };
}

/// A run through one person's entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Run {
    /// The entry of which something is being removed; 0 between two.
    pub entry: i64,
    pub parts: Parts,
    /// Twilio has refused a part of it.
    pub is_refused: bool,
    /// Entries that were held before are looked at again up to this one.
    pub held_to: i64,
    /// What was removed so far.
    pub texts: u32,
    pub files: u32,
    pub voicemails: u32,
}

/// What a run has come to, for the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Retained {
    pub run: i64,
    pub next_at: Millis,
    pub texts: u32,
    pub media: u32,
    pub recordings: u32,
    pub held: i64,
}
