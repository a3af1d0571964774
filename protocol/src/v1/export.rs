//! All that is kept of a person, for whoever asks what that is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Class, Consent, OptedOut, VerificationStatus};
use crate::sidebar::Entry;

/// A person at all hotlines of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PersonExport {
    /// The version of this shape: 1.
    pub format: u32,
    /// Their number, E.164.
    pub number: String,
    /// When it was read.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub exported_at: Timestamp,
    /// The hotlines that know them.
    pub hotlines: Vec<HotlineExport>,
    /// How many hotlines know nothing of them but that they are not to be texted: they were erased there.
    pub opt_out_hashes: u32,
}

/// A person at one hotline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct HotlineExport {
    /// The hotline.
    pub hotline: String,
    /// That they opted out; null as long as one sender is open to them.
    pub opted_out: Option<OptedOut>,
    /// Their last word on each class of messages.
    pub consent: BTreeMap<Class, Consent>,
    /// The name of their time zone.
    pub zone: Option<String>,
    /// The tag of their language.
    pub language: Option<String>,
    /// What programs keep of them.
    pub fields: BTreeMap<String, String>,
    /// Who they are in Help Scout.
    pub helpscout: AtHelpScout,
    /// Their timeline, the oldest first.
    pub entries: Vec<ExportedEntry>,
    /// What is still to be done for them.
    pub waiting: Vec<WaitingJob>,
    /// Codes that verified their number, the latest first.
    pub verifications: Vec<ExportedVerification>,
}

/// A person in Help Scout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AtHelpScout {
    /// The customer's id, where it is known.
    pub customer: Option<u64>,
    /// The ids of their conversations.
    pub conversations: Vec<u64>,
}

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ExportedEntry {
    /// As the sidebar shows it.
    #[serde(flatten)]
    pub entry: Entry,
    /// Its id at Twilio: of a long text, that of its first part.
    pub sid: Option<String>,
}

/// Something that is still to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct WaitingJob {
    /// What: `post`, `send`, …
    pub kind: String,
    /// Since when.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub since: Timestamp,
}

/// A code that verified their number, or did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ExportedVerification {
    /// What it was for.
    pub purpose: Option<String>,
    /// When it was asked for.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
    /// How it stands.
    pub status: VerificationStatus,
}
