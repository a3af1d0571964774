//! That a person does not want texts.

use crate::domain::time::Millis;

/// Since when somebody does not want texts, and how we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptOut {
    /// When we heard of it.
    pub since: Millis,
    /// Who said so.
    pub by: Teller,
}

/// Who says that somebody opted out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// They did, by a text to us.
    Person,
    /// Twilio did, when it refused a text to them (Twilio, error 21610).
    Twilio,
}

impl Teller {
    /// For a row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Twilio => "twilio",
        }
    }

    /// From a row.
    pub fn read(word: &str) -> Option<Self> {
        [Self::Person, Self::Twilio].into_iter().find(|teller| teller.as_str() == word)
    }
}
