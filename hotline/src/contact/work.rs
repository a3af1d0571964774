//! What a person's object has to do.

use serde::{Deserialize, Serialize};

use super::retained::{Retained, Run};
use super::{DIRECTORY, Message};
use crate::effects::Millis;
use crate::jobs::{self, FromRelease, OldJob};
use crate::messages::facts::{PersonFacts, WaitsFor};
use crate::storage::{Store, Stored, first, run};

/// A job of a person's object.
pub(super) type Job = jobs::Job<Work>;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Work {
    /// An entry becomes a thread in Help Scout.
    Post {
        entry: i64,
        of: Posted,
        #[serde(default, rename = "rung")]
        detail: Detail,
        /// Help Scout refuses the person's own name or address: the customer has ours alone.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        plain_customer: bool,
    },
    /// A note about the person, in this conversation or in their present one.
    Note {
        conversation: Option<String>,
        html: String,
        #[serde(default)]
        moved: bool,
    },
    /// What agents replied in a conversation is read.
    Read { conversation: String },
    /// The thread that tells how far an entry has come is brought up to date.
    Receipt {
        entry: i64,
        /// It found no room in the entry's conversation.
        #[serde(default)]
        moved: bool,
    },
    /// A message leaves for the phone.
    Send {
        message: String,
        /// How often it was sent again after its answer was lost.
        #[serde(default, rename = "repeats")]
        resends: usize,
    },
    /// The time of a program's message has come, at which it was held or which is its turn in a list.
    Turn {
        message: i64,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        in_list: bool,
    },
    /// A program's message that may go by several channels is looked after.
    Via {
        message: i64,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        in_list: bool,
    },
    /// The part of the hotline's people that this person belongs to is told how far a program's message has come.
    Index { message: i64 },
    /// What programs are told of is handed over to that part.
    HandOverEvents,
    /// Twilio is asked how far a message has come.
    PollDelivery {
        message: String,
        #[serde(default)]
        asked: usize,
    },
    /// Twilio is asked what a program's message cost.
    Price {
        message: String,
        #[serde(default)]
        asked: usize,
    },
    /// A person is erased, here and at Twilio.
    Erase { erasure: i64 },
    /// What is older than the hotline keeps is removed.
    Retain {
        #[serde(default)]
        run: Run,
    },
    /// A conversation is closed.
    Close { conversation: String },
    /// The hotline's directory is told something.
    TellDirectory { fact: Fact },
    /// The hotline's directory is told how the person fares, and what happened.
    TellFacts { facts: Box<PersonFacts> },
    /// The directory is asked whether the conversation that theirs was merged into is now theirs.
    Claim { from: String, into: String },
    /// A conversation that was not found is read again, to know whether it was moved, merged or deleted.
    Inspect { conversation: String },
    /// A conversation from before the hotline is to go on here.
    ImportConversation {
        conversation: u64,
        #[serde(default)]
        seen: Option<SeenConversation>,
    },
    /// A reply that was written to somebody else goes to their object.
    HandOver { thread: String },
    /// The object of another key of theirs is asked whether it knows them.
    Meet { key: String },
    /// A text or the report of a call that waited until it was known whose it is.
    Deliver { message: Box<Message> },
    /// The person is called, and a code is said.
    CallCode { verification: i64, send: usize, from: String },
    /// The object that counts codes to a prefix is told that they have given one back.
    CountApproval { limit: String, requests: Vec<String> },
    /// The object of another key is told of an opt-out, or that it is over.
    TellConsent { key: String, opted_out: bool },
}

/// Whose words an entry is that becomes a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Posted {
    /// A text or a voicemail of the person's, which waits for the team.
    Message,
    /// A missed call.
    MissedCall,
    /// The agents' side of the talk.
    Ours,
}

/// How much of an entry is still tried at Help Scout, which refuses some content for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Detail {
    /// All of it.
    #[default]
    Full,
    /// Its words, without files and without the agent's name.
    #[serde(rename = "plain")]
    TextOnly,
    /// What is missing, named.
    Placeholder,
}

impl Detail {
    /// For a row; of what Help Scout has taken whole nothing is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::TextOnly => "plain",
            Self::Placeholder => "placeholder",
        }
    }

    /// From a row. Of what is not known nothing is taken for granted.
    pub fn read(word: &str) -> Self {
        match word {
            "" | "full" => Self::Full,
            "plain" => Self::TextOnly,
            _ => Self::Placeholder,
        }
    }

    /// Less of it; `None` after the last.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::TextOnly),
            Self::TextOnly => Some(Self::Placeholder),
            Self::Placeholder => None,
        }
    }
}

/// What was seen of a conversation from before the hotline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeenConversation {
    /// Its primary customer's id.
    pub customer: u64,
    /// How many threads it has.
    pub threads: i64,
    /// Whether that customer has the address that this hotline gives people.
    pub has_our_address: bool,
}

/// What the directory is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fact {
    /// A conversation is the person's.
    Conversation(u64),
    /// Something that the person said stands in somebody else's conversation.
    Guest(u64),
    /// A customer is the person.
    Customer(u64),
    /// Something failed, in words for an operator.
    Failed(String),
    /// Something is to be counted, in words for an operator.
    Count(String),
    /// Work is left behind, which is due before then.
    WorkLeft(Millis),
    /// What was removed of what is older than the hotline keeps.
    Retained(Retained),
}

/// The key of the job that sends a message.
pub(super) fn send_key(message: &str) -> String {
    format!("send {message}")
}

/// The key of the job that posts an entry of ours.
pub(super) fn post_key(entry: i64) -> String {
    format!("post {entry}")
}

/// The key of the jobs that read a conversation.
pub(super) fn read_key(conversation: &str) -> String {
    format!("read {conversation}")
}

/// The lane of the job that asks whose a conversation is.
pub(super) fn claim_lane(into: &str) -> String {
    format!("claim {into}")
}

impl jobs::Work for Work {
    fn key(&self) -> Option<String> {
        match self {
            Self::Send { message, .. } => Some(send_key(message)),
            Self::Read { conversation } => Some(read_key(conversation)),
            Self::Post { entry, of: Posted::Ours, .. } => Some(post_key(*entry)),
            _ => None,
        }
    }

    /// The end of a text is mostly told before it is asked after for the first time, and nobody waits for its price. Of a list so
    /// many wait that nobody can be told of each.
    fn is_awaited(&self) -> bool {
        !matches!(
            self,
            Self::PollDelivery { asked: 0, .. }
                | Self::Turn { in_list: true, .. }
                | Self::Via { in_list: true, .. }
                | Self::Index { .. }
                | Self::Price { .. }
                | Self::TellFacts { .. }
        )
    }

    fn started_anew(self) -> Self {
        match self {
            Self::Post { entry, of, .. } => Self::post(entry, of),
            Self::Note { conversation, html, .. } => Self::Note { conversation, html, moved: false },
            Self::Receipt { entry, .. } => Self::Receipt { entry, moved: false },
            Self::ImportConversation { conversation, .. } => Self::ImportConversation { conversation, seen: None },
            work => work,
        }
    }

    fn waits_for(job: &Job, now: Millis) -> WaitsFor {
        match &job.work {
            Self::Turn { .. }
            | Self::Via { .. }
            | Self::PollDelivery { .. }
            | Self::Price { .. }
            | Self::Index { .. }
            | Self::HandOverEvents
            | Self::CountApproval { .. }
            | Self::TellFacts { .. }
            | Self::Retain { .. }
            | Self::ImportConversation { .. }
            | Self::TellDirectory { fact: Fact::WorkLeft(_) | Fact::Retained(_) } => WaitsFor::Nothing,
            // A text that failed is sent again when the phone may be on.
            Self::Send { .. } if job.is_pending() && job.due > now && job.lane.starts_with(SENT_AGAIN) => {
                WaitsFor::Nothing
            }
            Self::Erase { .. } => WaitsFor::Erasure,
            Self::CallCode { .. } => WaitsFor::Calls,
            Self::Send { .. } | Self::HandOver { .. } | Self::TellConsent { .. } => WaitsFor::Phone,
            Self::Post { .. }
            | Self::Note { .. }
            | Self::Read { .. }
            | Self::Receipt { .. }
            | Self::Close { .. }
            | Self::TellDirectory { .. }
            | Self::Claim { .. }
            | Self::Inspect { .. }
            | Self::Meet { .. }
            | Self::Deliver { .. } => WaitsFor::HelpScout,
        }
    }
}

/// How the lanes begin in which texts wait to be sent again (`contact/resends.rs`).
const SENT_AGAIN: &str = "phone ";

impl Work {
    pub fn post(entry: i64, of: Posted) -> Self {
        Self::Post { entry, of, detail: Detail::Full, plain_customer: false }
    }

    pub fn send(message: &str) -> Self {
        Self::Send { message: message.to_owned(), resends: 0 }
    }

    pub fn read(conversation: &str) -> Self {
        Self::Read { conversation: conversation.to_owned() }
    }

    /// The entry that it is about; none has the number 0.
    pub fn entry(&self) -> i64 {
        match self {
            Self::Post { entry, .. } | Self::Receipt { entry, .. } => *entry,
            _ => 0,
        }
    }

    /// The message that it is about; none has the id "".
    pub fn message(&self) -> &str {
        match self {
            Self::Send { message, .. } | Self::PollDelivery { message, .. } | Self::Price { message, .. } => message,
            _ => "",
        }
    }

    pub fn detail(&self) -> Detail {
        match self {
            Self::Post { detail, .. } => *detail,
            _ => Detail::Full,
        }
    }

    pub fn has_plain_customer(&self) -> bool {
        matches!(self, Self::Post { plain_customer: true, .. })
    }

    /// Whether it makes a text or a voicemail of the person's appear.
    pub fn is_awaited(&self) -> bool {
        matches!(self, Self::Post { of: Posted::Message, .. })
    }
}

impl FromRelease for Work {
    fn from_release(old: &OldJob, store: &dyn Store) -> Stored<Option<Self>> {
        let subject = old.subject.clone();
        let entry = subject.parse().unwrap_or(0);
        Ok(Some(match old.kind.as_str() {
            "post" => {
                let (of, detail) = (posted(store, entry)?, detail_of(old.level));
                Self::Post { entry, of, detail, plain_customer: false }
            }
            "note" => {
                let Some(note) = first(store, "SELECT conversation, html FROM notes WHERE id = ?", &[entry.into()])?
                else {
                    return Ok(None);
                };
                run(store, "DELETE FROM notes WHERE id = ?", &[entry.into()])?;
                Self::Note { conversation: note.maybe_text(0), html: note.string(1), moved: old.level > 0 }
            }
            "read" => Self::Read { conversation: subject },
            "receipt" => Self::Receipt { entry, moved: old.level > 0 },
            "send" => Self::Send { message: subject, resends: usize::try_from(old.level).unwrap_or(0) },
            "state" => Self::PollDelivery { message: subject, asked: usize::try_from(old.looks).unwrap_or(0) },
            "close" => Self::Close { conversation: subject },
            "learn" => Self::TellDirectory { fact: fact(&subject) },
            "claim" => Self::Claim { from: old.target.clone(), into: subject },
            "inspect" => Self::Inspect { conversation: subject },
            "hand-over" => Self::HandOver { thread: subject },
            _ => return Ok(None),
        }))
    }

    fn lane(&self, old: &OldJob) -> String {
        match self {
            Self::Claim { into, .. } if old.lane == DIRECTORY => claim_lane(into),
            _ => old.lane.clone(),
        }
    }
}

fn posted(store: &dyn Store, entry: i64) -> Stored<Posted> {
    let row = first(store, "SELECT kind, inward, id FROM entries WHERE seq = ?", &[entry.into()])?;
    Ok(row.map_or(Posted::Ours, |row| match (row.text(0), row.integer(1)) {
        ("text" | "voicemail", 1) => Posted::Message,
        ("missed_call", _) => Posted::MissedCall,
        _ => Posted::Ours,
    }))
}

fn detail_of(level: i64) -> Detail {
    match level {
        0 => Detail::Full,
        1 => Detail::TextOnly,
        _ => Detail::Placeholder,
    }
}

fn fact(subject: &str) -> Fact {
    let id = |id: &str| id.parse().unwrap_or(0);
    match subject.split_once(' ') {
        Some(("guest", conversation)) => Fact::Guest(id(conversation)),
        Some(("customer", customer)) => Fact::Customer(id(customer)),
        Some(("count", what)) => Fact::Count(what.to_owned()),
        Some(("failed", what)) => Fact::Failed(what.to_owned()),
        _ => Fact::Conversation(id(subject)),
    }
}

#[cfg(test)]
mod tests {
    use super::Work;
    use crate::jobs::golden::{lacks, stays};

    #[test]
    fn jobs_in_rows_stay_readable() {
        stays::<Work>(&[
            r#"{"kind":"post","entry":1,"of":"message","rung":"plain"}"#,
            r#"{"kind":"post","entry":1,"of":"message","rung":"plain","plain_customer":true}"#,
            r#"{"kind":"note","conversation":null,"html":"<p>","moved":true}"#,
            r#"{"kind":"read","conversation":"3000000001"}"#,
            r#"{"kind":"receipt","entry":1,"moved":false}"#,
            r#"{"kind":"send","message":"1.0","repeats":1}"#,
            r#"{"kind":"index","message":1}"#,
            r#"{"kind":"hand_over_events"}"#,
            r#"{"kind":"turn","message":1}"#,
            r#"{"kind":"turn","message":1,"in_list":true}"#,
            r#"{"kind":"via","message":1}"#,
            r#"{"kind":"via","message":1,"in_list":true}"#,
            r#"{"kind":"poll_delivery","message":"1.0","asked":2}"#,
            r#"{"kind":"price","message":"1.0","asked":2}"#,
            r#"{"kind":"erase","erasure":1}"#,
            r#"{"kind":"retain","run":{"entry":1,"parts":{"text":true,"media":false,"recordings":false},"is_refused":false,"held_to":2,"texts":3,"files":4,"voicemails":5}}"#,
            r#"{"kind":"tell_directory","fact":{"retained":{"run":1,"next_at":2,"texts":3,"media":4,"recordings":5,"held":6}}}"#,
            r#"{"kind":"close","conversation":"3000000001"}"#,
            r#"{"kind":"tell_directory","fact":{"conversation":3000000001}}"#,
            r#"{"kind":"claim","from":"3000000001","into":"3000000002"}"#,
            r#"{"kind":"inspect","conversation":"3000000001"}"#,
            r#"{"kind":"import_conversation","conversation":3000000001,"seen":{"customer":7,"threads":3,"has_our_address":false}}"#,
            r#"{"kind":"hand_over","thread":"3000000003"}"#,
            r#"{"kind":"meet","key":"+5215550100100"}"#,
            r#"{"kind":"deliver","message":"Number"}"#,
            r#"{"kind":"call_code","verification":1,"send":0,"from":"+15550100001"}"#,
            r#"{"kind":"count_approval","limit":"prefix/1555010","requests":["crm/1"]}"#,
            r#"{"kind":"tell_consent","key":"+5215550100100","opted_out":true}"#,
        ]);
        lacks::<Work>(&[
            r#"{"kind":"post","entry":1,"of":"missed_call"}"#,
            r#"{"kind":"note","conversation":"3000000001","html":"<p>"}"#,
            r#"{"kind":"receipt","entry":1}"#,
            r#"{"kind":"send","message":"1.0"}"#,
            r#"{"kind":"poll_delivery","message":"1.0"}"#,
            r#"{"kind":"import_conversation","conversation":3000000001}"#,
        ]);
    }
}
