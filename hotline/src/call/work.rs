//! What a call's object has to do.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::encoding;
use crate::jobs::{self, FromRelease, OldJob};
use crate::messages::directory;
use crate::messages::facts::WaitsFor;
use crate::storage::{Store, Stored};

/// A job of a call's object.
pub(super) type Job = jobs::Job<Work>;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Work {
    /// A phone is called.
    Dial {
        leg: i64,
        /// How often it was.
        #[serde(default)]
        dials: usize,
        /// How often Twilio took no call for it, since there were too many requests.
        #[serde(default)]
        refusals: u32,
    },
    /// A phone is held for a talk.
    Hold { leg: i64 },
    /// A phone is given back for other calls.
    Free { leg: i64 },
    /// A call to a phone is ended.
    Stop { sid: String },
    /// Twilio is asked whether a talk goes on.
    CheckTalk,
    /// Twilio is asked whether the phone that took the caller has met them.
    #[serde(rename = "check_meeting")]
    CheckBridge(BridgeFacts),
    /// Twilio is asked whether a message was left.
    FindRecording,
    /// The caller, who waits in the queue, is sent to voicemail.
    Redirect,
    /// The person's object hears what the call came to.
    Report {
        /// Whether it was asked who answered.
        #[serde(default)]
        named: bool,
    },
    /// The person's object hears of an earlier message of the same call.
    ReportMessage {
        /// `RecordingSid`.
        recording: String,
        seconds: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transcript: Option<String>,
    },
    /// The sidebars see how far an agent's call has come.
    Push { frame: String },
    /// The hotline's directory hears something.
    TellDirectory { message: directory::Message },
    /// A queue that was made for the call is done away with.
    DeleteQueue { queue: String },
}

/// What Twilio has said so far of whether a phone and the caller have met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct BridgeFacts {
    /// When the phone's call was over.
    pub phone_ended_at: Option<Millis>,
    /// The caller has not hung up.
    pub caller_is_there: bool,
}

impl jobs::Work for Work {
    fn waits_for(job: &Job, _: Millis) -> WaitsFor {
        match job.work {
            Self::CheckTalk
            | Self::CheckBridge(_)
            | Self::FindRecording
            | Self::Push { .. }
            | Self::TellDirectory { message: directory::Message::CallFacts { .. } } => WaitsFor::Nothing,
            _ => WaitsFor::Calls,
        }
    }
}

impl Work {
    /// The phone that it is about; none has the number -1.
    pub fn leg(&self) -> i64 {
        match self {
            Self::Dial { leg, .. } | Self::Hold { leg } | Self::Free { leg } => *leg,
            _ => -1,
        }
    }

    /// How often a phone was called.
    pub fn dials(&self) -> usize {
        if let Self::Dial { dials, .. } = self { *dials } else { 0 }
    }

    /// A phone is to be called.
    pub fn dial(leg: i64) -> Self {
        Self::Dial { leg, dials: 0, refusals: 0 }
    }

    /// The lane that it stands in.
    pub fn lane(&self) -> String {
        match self {
            Self::Dial { leg, .. } => format!("leg {leg}"),
            Self::Hold { leg } => format!("hold {leg}"),
            Self::Free { leg } => format!("free {leg}"),
            Self::Stop { sid } => format!("stop {sid}"),
            Self::CheckTalk => "check".to_owned(),
            Self::CheckBridge(_) => "meeting".to_owned(),
            Self::FindRecording => "recordings".to_owned(),
            Self::Redirect => "caller".to_owned(),
            Self::Report { .. } => "person".to_owned(),
            Self::ReportMessage { recording, .. } => format!("message {recording}"),
            Self::Push { .. } => "live".to_owned(),
            Self::TellDirectory { .. } => "directory".to_owned(),
            Self::DeleteQueue { .. } => "queue".to_owned(),
        }
    }
}

impl FromRelease for Work {
    fn from_release(old: &OldJob, _: &dyn Store) -> Stored<Option<Self>> {
        let subject = old.subject.clone();
        let leg = subject.parse().unwrap_or(-1);
        Ok(Some(match old.kind.as_str() {
            "dial" => Self::Dial { leg, dials: usize::try_from(old.looks).unwrap_or(0), refusals: 0 },
            "keep" => Self::Hold { leg },
            "free" => Self::Free { leg },
            "stop" => Self::Stop { sid: subject },
            "check" => Self::CheckTalk,
            "recordings" => Self::FindRecording,
            "move" => Self::Redirect,
            "report" => Self::Report { named: old.level > 0 },
            "push" => Self::Push { frame: subject },
            "desk" => match encoding::decode(&subject) {
                Ok(message) => Self::TellDirectory { message },
                Err(_) => return Ok(None),
            },
            "sweep" => Self::DeleteQueue { queue: subject },
            _ => return Ok(None),
        }))
    }

    fn lane(&self, _: &OldJob) -> String {
        Self::lane(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Work;
    use crate::jobs::golden::{lacks, stays};

    #[test]
    fn jobs_in_rows_stay_readable() {
        stays::<Work>(&[
            r#"{"kind":"dial","leg":0,"dials":1,"refusals":0}"#,
            r#"{"kind":"hold","leg":0}"#,
            r#"{"kind":"free","leg":0}"#,
            r#"{"kind":"stop","sid":"CA1"}"#,
            r#"{"kind":"check_talk"}"#,
            r#"{"kind":"check_meeting","phone_ended_at":1795180336000,"caller_is_there":true}"#,
            r#"{"kind":"find_recording"}"#,
            r#"{"kind":"redirect"}"#,
            r#"{"kind":"report","named":true}"#,
            r#"{"kind":"report_message","recording":"RE1","seconds":3}"#,
            r#"{"kind":"push","frame":"{}"}"#,
            r#"{"kind":"delete_queue","queue":"QU1"}"#,
        ]);
        lacks::<Work>(&[
            r#"{"kind":"dial","leg":0}"#,
            r#"{"kind":"dial","leg":0,"dials":1}"#,
            r#"{"kind":"check_meeting"}"#,
            r#"{"kind":"report"}"#,
        ]);
    }
}
