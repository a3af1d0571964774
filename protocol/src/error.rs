//! Why a request was refused.

use serde::{Deserialize, Serialize};

/// The body of every answer above 399.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: Error,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// Stable, for programs.
    pub code: String,
    /// For people.
    pub message: String,
}
