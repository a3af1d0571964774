//! `GET /sidebar/live`: what the WebSocket carries.

use serde::{Deserialize, Serialize};

use super::{Call, Entry, Person};

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame {
    /// An entry is new or has changed.
    Entry(Entry),
    /// The person has changed.
    Person(Person),
    /// A call has come further.
    Call(CallFrame),
    /// A frame of a later release.
    #[serde(other)]
    Unknown,
}

/// A call has come further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFrame {
    /// Help Scout's id of the agent whose call it is.
    pub agent: i64,
    /// The call.
    #[serde(flatten)]
    pub call: Call,
}

/// What the widget says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// A fresh token of the same session, so that the socket outlives the one that it was opened with.
    Renew {
        /// The token.
        token: String,
    },
}
