//! What operators are told of an alert: that it was raised, and that it is over.

use super::alert_rows::Alert;
use crate::effects::Millis;
use crate::health::{Code, repair_of};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Raised,
    Cleared,
}

impl Told {
    pub fn kind(self) -> &'static str {
        match self {
            Self::Raised => "alert.raised",
            Self::Cleared => "alert.cleared",
        }
    }

    /// In the order in which they are delivered.
    pub fn place(self) -> u8 {
        match self {
            Self::Raised => 1,
            Self::Cleared => 2,
        }
    }
}

/// The same wherever it is told.
pub(super) struct News<'a> {
    pub told: Told,
    pub alert: &'a Alert,
    /// The name of the hotline that it is about; `None` for what concerns all.
    pub hotline: Option<&'a str>,
    pub at: Millis,
}

impl News<'_> {
    /// The same for both. A reason that comes again is another alert.
    pub fn id(&self) -> String {
        let raised_at = self.alert.raised_at.unwrap_or(self.at).max(0);
        format!("alert_{raised_at:011x}_{}_{}", self.alert.code, self.alert.mailbox)
    }

    /// `None` when an earlier release found what this one does not know.
    pub fn code(&self) -> Option<Code> {
        Code::read(&self.alert.code)
    }

    pub fn repair(&self) -> Option<&'static str> {
        self.code().map(repair_of)
    }
}
