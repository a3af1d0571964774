//! What is said to an object that holds a part of a hotline's people as programs see them.

use protocol::v1;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::endpoint::Listener;
use super::event::{EventQuery, NewEvent};
use crate::domain::time::Millis;

/// Into so many objects a hotline's people are divided.
pub const PARTS: u8 = 64;

/// The part that holds a person, or what is found by a name: the first byte of its SHA-256.
pub fn part_of(key: &str) -> u8 {
    Sha256::digest(key.as_bytes()).first().map_or(0, |byte| byte % PARTS)
}

/// What is said to a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// How far messages of its people have come.
    Index {
        /// Each as it is now.
        messages: Vec<Indexed>,
    },
    /// A page of messages, the newest first. The answer is `ObjectReply::Indexed`.
    List {
        /// Which.
        filter: Filter,
        /// The end of an earlier page.
        before: Option<Place>,
        /// The most of this page.
        limit: usize,
    },
    /// The message of this id, which no person's object has. The answer is `ObjectReply::Indexed`.
    Read {
        /// The id.
        id: String,
    },
    /// A program gives a message to one person a name: whose is it? The answer is `ObjectReply::Claimed`.
    Claim {
        /// The name.
        reference: String,
        /// The person's key.
        person: String,
    },
    /// Something has happened to a person. The answer is `ObjectReply::Recorded`. What was recorded before is not recorded again.
    Record {
        /// The person's key.
        person: String,
        /// What, in order.
        events: Vec<NewEvent>,
    },
    /// A page of events, the oldest first. The answer is `ObjectReply::Events`.
    Events(EventQuery),
    /// An endpoint gets events from now on, or other ones, or again. Past the most that there may be: `ObjectReply::Refused`.
    Listen(Listener),
    /// It gets none any more.
    Forget {
        /// Its name.
        endpoint: String,
    },
}

/// A message as its person's object knows it at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indexed {
    /// The person's key.
    pub person: String,
    /// When it came, to the millisecond.
    pub at: Millis,
    /// The instant: what was known later counts.
    pub known_at: Millis,
    /// When the person's object is woken, should its alarm not have come.
    #[serde(default)]
    pub look_at: Option<Millis>,
    /// As programs see it.
    pub item: v1::Message,
}

/// Which messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// To the person of this key.
    pub person: Option<String>,
    /// With this name.
    pub reference: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// That have come so far.
    pub status: Option<v1::MessageStatus>,
    /// That came then or later.
    pub since: Option<Millis>,
}

/// A place in the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// When the message came.
    pub at: Millis,
    /// Its id.
    pub id: String,
}

impl Indexed {
    /// Its place in the list.
    pub fn place(&self) -> Place {
        Place { at: self.at, id: self.item.id.clone().unwrap_or_default() }
    }
}
