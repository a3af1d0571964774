//! Whoever calls again and again: their person's object counts, and says what the next call meets.

use serde::{Deserialize, Serialize};

use crate::config::RepeatedCalls;
use crate::domain::phone::Party;
use crate::effects::ObjectReply;
use crate::encoding;
use crate::twilio::calls::{Facts, Stage};

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
        ObjectReply::Says { status: 200, body: encoding::encode(&self) }
    }

    /// What the person's object has said; a call is received as usual when it could not be asked.
    pub fn read(reply: &ObjectReply) -> Self {
        match reply {
            ObjectReply::Says { body, .. } => encoding::decode(body).unwrap_or_default(),
            _ => Self::Usual,
        }
    }
}

/// Whose object is asked before a call is received: the key of who calls. Those who withhold their number are many, and
/// are not counted together.
pub fn counted_caller(stage: Stage, facts: &Facts) -> Option<String> {
    let caller = (stage == Stage::Incoming).then(|| Party::parse(&facts.from).1)?;
    matches!(caller, Party::Phone(_)).then(|| caller.key())
}
