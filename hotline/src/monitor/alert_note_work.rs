//! What the inbox for alerts has still to be told, and which conversation is which alert's.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::jobs;
use crate::messages::facts::WaitsFor;
use crate::storage::{Store, Stored, first, run};

/// A row from when an alert's conversation is made until its all-clear stands there.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS alert_conversations (
    alert TEXT PRIMARY KEY, conversation TEXT NOT NULL
) STRICT, WITHOUT ROWID";

pub(super) type Job = jobs::Job<Work>;

/// What is to be done. The words are those of the instant at which operators are told, however late they arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Work {
    /// A conversation is made, with a note that something is wrong.
    Raised { alert: String, subject: String, html: String },
    /// A note in it says that it is over.
    Cleared { alert: String, html: String },
}

impl jobs::Work for Work {
    fn waits_for(_: &Job, _: Millis) -> WaitsFor {
        WaitsFor::HelpScout
    }
}

impl Work {
    pub fn alert(&self) -> &str {
        match self {
            Self::Raised { alert, .. } | Self::Cleared { alert, .. } => alert,
        }
    }

    pub fn html(&self) -> &str {
        match self {
            Self::Raised { html, .. } | Self::Cleared { html, .. } => html,
        }
    }
}

/// What is asked of Help Scout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// The conversation, or the note in it, is made.
    Make,
    /// Was it made, though its answer was lost? Pages count from 1.
    Find { page: u32 },
    /// Where is the conversation, which took no note?
    CheckConversation,
    /// Is the inbox there, in which something was not found?
    CheckInbox,
}

/// What is told of an alert is told in order; alerts do not wait for each other.
pub(super) fn lane(alert: &str) -> String {
    format!("alert {alert}")
}

pub(super) fn conversation_of(store: &dyn Store, alert: &str) -> Stored<Option<String>> {
    let sql = "SELECT conversation FROM alert_conversations WHERE alert = ?";
    Ok(first(store, sql, &[alert.into()])?.map(|row| row.string(0)))
}

pub(super) fn stands_in(store: &dyn Store, alert: &str, conversation: &str) -> Stored<()> {
    let sql = "INSERT OR REPLACE INTO alert_conversations (alert, conversation) VALUES (?, ?)";
    run(store, sql, &[alert.into(), conversation.into()])
}

pub(super) fn forget(store: &dyn Store, alert: &str) -> Stored<()> {
    run(store, "DELETE FROM alert_conversations WHERE alert = ?", &[alert.into()])
}

#[cfg(test)]
mod tests {
    use super::Work;
    use crate::jobs::golden::{needs, stays};

    #[test]
    fn jobs_in_rows_stay_readable() {
        let raised = r#"{"kind":"raised","alert":"alert_01_cron_stale_0","subject":"Ringside","html":"a"}"#;
        let cleared = r#"{"kind":"cleared","alert":"alert_01_cron_stale_0","html":"b"}"#;
        stays::<Work>(&[raised, cleared]);
        needs::<Work>(raised, &["/alert", "/html", "/kind", "/subject"]);
        needs::<Work>(cleared, &["/alert", "/html", "/kind"]);
    }
}
