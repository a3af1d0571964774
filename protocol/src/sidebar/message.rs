//! `POST /sidebar/messages`.

use serde::{Deserialize, Serialize};

/// A text that an agent writes in the sidebar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendText {
    /// A UUID of the sidebar's making: the same one is sent once.
    pub id: String,
    /// What it says.
    pub text: String,
}
