//! What a program's message is for: each hotline says how late and how often one of a class may be sent.

use serde::{Deserialize, Serialize};

/// The class of a message, the most urgent first: in this order waiting messages leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// What must be known now.
    Alert,
    /// About something that the person has asked for.
    Service,
    /// What they may like to know, and have agreed to get.
    Promotion,
}

impl Class {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Alert, Self::Service, Self::Promotion];

    /// In requests, rows and the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Service => "service",
            Self::Promotion => "promotion",
        }
    }

    /// The class of that name.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }
}
