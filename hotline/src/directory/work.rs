//! What a hotline's directory has to do.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::encoding;
use crate::helpscout::webhook::Event;
use crate::jobs::{self, FromRelease, OldJob};
use crate::messages::contact;
use crate::messages::facts::WaitsFor;
use crate::storage::{Store, Stored};

/// A job of a hotline's directory.
pub(super) type Job = jobs::Job<Work>;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Work {
    /// An event finds the person whom it concerns.
    Event {
        event: Event,
        /// The people whose objects have said that they did not make the conversation.
        #[serde(default)]
        denied_by: Vec<String>,
    },
    /// A person's object is told something.
    Tell { contact: String, message: contact::Message },
    /// It is a person's turn to have removed what is older than the hotline keeps.
    Retain { contact: String },
    /// A person's object is woken, should its alarm not have come.
    Wake { contact: String },
}

impl jobs::Work for Work {
    fn waits_for(job: &Job, _: Millis) -> WaitsFor {
        match job.work {
            Self::Event { .. } | Self::Tell { .. } => WaitsFor::HelpScout,
            Self::Wake { .. } | Self::Retain { .. } => WaitsFor::Nothing,
        }
    }
}

impl Work {
    /// Of an event that nobody was asked about.
    pub fn event_of(event: Event) -> Self {
        Self::Event { event, denied_by: Vec::new() }
    }

    pub fn event(&self) -> Option<&Event> {
        if let Self::Event { event, .. } = self { Some(event) } else { None }
    }
}

impl FromRelease for Work {
    fn from_release(old: &OldJob, _: &dyn Store) -> Stored<Option<Self>> {
        Ok(match old.kind.as_str() {
            "event" => {
                let event = encoding::decode(&old.subject).ok();
                event.map(Self::event_of)
            }
            "tell" => {
                let contact = old.lane.strip_prefix("contact ").unwrap_or("").to_owned();
                encoding::decode(&old.subject).ok().map(|message| Self::Tell { contact, message })
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Work;
    use crate::jobs::golden::{lacks, needs, stays};

    #[test]
    fn jobs_in_rows_stay_readable() {
        let event = r#"{"kind":"event","event":{"happening":"Replied","conversation":3000000001,"mailbox":3003,"kind":"phone","threads":2,"email":"","ai_replies":[]},"denied_by":["+15550100150"]}"#;
        stays::<Work>(&[
            event,
            r#"{"kind":"tell","contact":"+15550100150","message":{"Merged":{"from":1,"into":2,"at":3,"ours":true}}}"#,
            r#"{"kind":"retain","contact":"+15550100150"}"#,
            r#"{"kind":"wake","contact":"+15550100150"}"#,
        ]);
        needs::<Work>(event, &["/event", "/kind", "/event/conversation", "/event/happening", "/event/kind"]);
        lacks::<Work>(&[
            r#"{"kind":"event","event":{"happening":"Replied","conversation":3000000001,"mailbox":null,"kind":"","threads":null}}"#,
            r#"{"kind":"event","event":{"happening":"Replied","conversation":3000000001,"mailbox":null,"kind":"","threads":null},"not_ours":true}"#,
        ]);
    }
}
