//! `POST /sidebar/messages`.

use serde::{Deserialize, Serialize};

/// A text that an agent writes in the sidebar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendText {
    /// A UUID of the sidebar's making: the same one is sent once.
    pub id: String,
    /// What it says.
    pub text: String,
    /// The id of the entry that is sent again by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}
