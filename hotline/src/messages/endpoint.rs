//! What is said to the object of an endpoint, and of endpoints to the parts of a hotline's people.

use serde::{Deserialize, Serialize};

use super::event::StoredEvent;
use crate::domain::time::Millis;

/// What is said to an endpoint's object. Where nothing else is said the answer is `ObjectReply::Endpoint`, or
/// `ObjectReply::NotFound` when there is no such endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// How is it?
    Read,
    /// It is like this from now on, and on.
    Put(Settings),
    /// Whoever made it knows its secret.
    Confirm,
    /// It is no more. The answer is what it was.
    Delete,
    /// It gets a further secret.
    Rotate,
    /// It is sent an event. The answer is `ObjectReply::TestSent`, or `ObjectReply::Refused` when it is off.
    Test,
    /// Events are sent to it again.
    Replay,
    /// Events of a part of a hotline's people. The answer is `ObjectReply::Pushed`, `ObjectReply::Later`, or
    /// `ObjectReply::NotFound` when they are not for it.
    Push(Push),
    /// A person is erased: events of theirs that wait lose their words. The answer is `ObjectReply::Done`.
    ForgetWords {
        /// The hotline's inbox.
        mailbox: u64,
        /// The person's key.
        person: String,
    },
}

/// What a program says of its endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The id of the key that says it.
    pub key: String,
    /// Where to.
    pub url: String,
    /// Types of events, and families of types.
    pub events: Vec<String>,
    /// The names of hotlines.
    pub hotlines: Vec<String>,
}

/// Events of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The part.
    pub part: u8,
    /// Which replay they belong to: what came before a later one is sent again.
    #[serde(default)]
    pub replay: u32,
    /// Events, in order.
    pub events: Vec<StoredEvent>,
}

/// An endpoint, as its object shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// What its program said of it.
    pub settings: Settings,
    /// Each change of the settings has a greater one.
    #[serde(default)]
    pub version: u32,
    /// When the settings came.
    #[serde(default)]
    pub changed_at: Millis,
    /// How often events were sent again.
    #[serde(default)]
    pub replays: u32,
    /// Why it is off; `None` while it is on.
    #[serde(default)]
    pub off: Option<String>,
    /// What went wrong last, while deliveries fail.
    #[serde(default)]
    pub trouble: Option<String>,
    /// When it was made.
    pub created_at: Millis,
    /// A secret that its program does not know yet.
    #[serde(default)]
    pub secret: Option<String>,
}

/// An endpoint that gets events of a hotline, as the parts of its people know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Its name.
    pub name: String,
    /// Types of events, and families of types.
    pub events: Vec<String>,
    /// The version of its settings.
    #[serde(default)]
    pub version: u32,
    /// To whom it is new, what was recorded before is not for it.
    pub since: Millis,
    /// It is sent again what was recorded since an instant.
    #[serde(default)]
    pub replay: Option<Replay>,
}

/// Events are sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Later ones have greater numbers.
    pub number: u32,
    /// From then on.
    pub since: Millis,
}

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub url: String,
    /// The event's id.
    pub id: String,
    /// The instant of this try, in seconds.
    pub timestamp: i64,
    /// One for each secret.
    pub signatures: String,
    /// JSON.
    pub body: String,
}
