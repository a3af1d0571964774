//! What is said to a call's object, and what it tells of the call.

use serde::{Deserialize, Serialize};

use super::ObjectReply;
use super::jobs::JobsRequest;
use crate::config::RepeatedCalls;
use crate::domain::time::Millis;
use crate::twilio::calls::{AnsweredBy, Facts, Stage};

/// What is said to a call's object. Each may be said twice without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Twilio asks what comes next, or tells what happened.
    Twilio {
        /// Which of the call's requests it is.
        stage: Stage,
        /// The phone that it is about.
        leg: Option<i64>,
        /// What Twilio says.
        facts: Facts,
        /// Whether the hotline is open now.
        open: bool,
        /// What the caller's other calls make of this one; it counts when the call comes in.
        #[serde(default)]
        reception: Reception,
    },
    /// An agent calls back.
    Start(Start),
    /// An agent asks how far their call has come.
    Look {
        /// Help Scout's id of the agent.
        agent: i64,
    },
    /// An agent wants no more of their call.
    Cancel {
        /// Help Scout's id of the agent.
        agent: i64,
    },
    /// The person is erased: what they said goes.
    Forget,
    /// An operator asks about its jobs.
    Jobs(JobsRequest),
}

/// A call that an agent asked for, and that the hotline's object has allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// The agent's name, for the conversation.
    pub agent_name: String,
    /// The agent's phone, E.164.
    pub phone: String,
    /// What the agent must press to show that the phone is theirs; empty when they have before.
    pub code: String,
    /// The contact's key.
    pub contact: String,
    /// The number to dial, E.164; empty in messages of older releases, whose key is it.
    #[serde(default)]
    pub dialled: String,
    /// Our number, which both see.
    pub number: String,
}

/// What a call meets, by how many there were from that number before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reception {
    /// The team's phones ring, if the hotline has any and is open.
    #[default]
    Usual,
    /// Voicemail, and no phone rings.
    Voicemail,
    /// It is rejected.
    Rejected,
}

impl Reception {
    /// What a call meets before which so many were answered within the time that counts.
    pub fn after(calls: i64, limits: RepeatedCalls) -> Self {
        match calls {
            _ if calls >= i64::from(limits.reject_after) => Self::Rejected,
            _ if calls >= i64::from(limits.voicemail_after) => Self::Voicemail,
            _ => Self::Usual,
        }
    }

    /// As another object's answer.
    pub fn reply(self) -> ObjectReply {
        ObjectReply::Reception(self)
    }
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallOutcome {
    /// A phone of the team took it.
    Answered,
    /// The caller hung up while phones rang.
    Missed,
    /// Nobody took it, and the caller left no message.
    NoMessage,
    /// It came outside opening hours and was not answered.
    Closed,
    /// The caller left a message.
    Voicemail,
    /// An agent called back.
    Callback,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Names it: the call's id, or a message's `RecordingSid`.
    pub id: String,
    /// What it came to.
    pub came: CallOutcome,
    /// When it began.
    pub at: Millis,
    /// Our number.
    pub number: String,
    /// How long they talked, or how long the message is.
    pub seconds: i64,
    /// Who answered or called back, in words.
    pub who: String,
    /// How a call back ended; unknown for a call that came in.
    pub outcome: protocol::sidebar::CallOutcome,
    /// The message's `RecordingSid`.
    pub recording: String,
    /// Its transcript, once there is one; empty when there never will be.
    pub transcript: Option<String>,
    /// The caller's network says that the caller id is false.
    #[serde(default)]
    pub caller_id_failed: bool,
    /// The message is lost: Twilio could not keep its file.
    #[serde(default)]
    pub file_lost: bool,
    /// The caller called our WhatsApp sender.
    #[serde(default)]
    pub is_whatsapp: bool,
    /// Who or what answered the phone of the contact whom an agent called.
    #[serde(default)]
    pub answered_by: AnsweredBy,
}
