//! What happened to people, on its way to the programs that listen.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::time::Millis;

/// Something that happened to a person, as their object hands it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEvent {
    /// Its number among those of the person: later ones have greater ones.
    pub number: i64,
    /// When it happened.
    pub at: Millis,
    /// Its type.
    pub kind: String,
    /// What happened: JSON, a [`protocol::v1::EventData`].
    pub data: String,
}

/// The type of what is no event: the person was erased, and what is kept of them says nothing any more.
pub(crate) const ERASED: &str = "person.erased";

/// What keeps the words out of the data of an event: its text, its transcript, its media. SQLite leaves alone what is not there.
pub(crate) const WITHOUT_WORDS: &str =
    "json_replace(data, '$.text', '', '$.body', '', '$.transcript', NULL, '$.media', json('[]'))";

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventQuery {
    /// Those after the one of this id.
    pub after: Option<String>,
    /// Those that were recorded before this instant.
    pub until: Millis,
    /// Of these types, or families of types; `None` for all.
    pub kinds: Option<Vec<String>>,
    /// The most of one page.
    pub limit: usize,
}

/// An event that is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Millis,
    /// The person's key.
    pub person: String,
    /// Its type.
    pub kind: String,
    /// What happened: JSON, a [`protocol::v1::EventData`].
    pub data: String,
}

impl StoredEvent {
    /// What happened, as a program reads it that may see people's numbers or may not.
    pub fn data(&self, with_numbers: bool) -> Value {
        /// Where they stand.
        const NUMBERS: [&str; 2] = ["number", "to"];
        let mut data: Value = serde_json::from_str(&self.data).unwrap_or_default();
        if let Some(members) = data.as_object_mut().filter(|_| !with_numbers) {
            members.retain(|name, _| !NUMBERS.contains(&name.as_str()));
        }
        data
    }
}
