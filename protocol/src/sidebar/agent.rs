//! `GET` and `PUT /sidebar/agent`: the phone on which the agent is rung.

use serde::{Deserialize, Serialize};

/// The agent's phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// E.164; none is known yet where it is null.
    pub phone: Option<String>,
    /// Whether the agent has shown that it is theirs.
    pub confirmed: bool,
}

/// The body of `PUT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPhone {
    /// As the agent typed it.
    pub phone: String,
}
