//! Answers of services that were perhaps not asked.

use crate::failure::Outcome;

/// An answer to a question that may not have been asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked<T> {
    /// It was answered.
    Answered(T),
    /// It could not be asked, or was not answered; why.
    Failed(String),
    /// Nobody wants to know, or there is nothing to ask about.
    Not,
}

impl<T> Asked<T> {
    /// Asks only when it is wanted.
    pub fn when(wanted: bool, ask: impl FnOnce() -> Self) -> Self {
        if wanted { ask() } else { Self::Not }
    }

    /// The same of what is made of the answer.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Asked<U> {
        match self {
            Self::Answered(answer) => Asked::Answered(make(answer)),
            Self::Failed(reason) => Asked::Failed(reason),
            Self::Not => Asked::Not,
        }
    }

    /// The answer, if there is one.
    pub fn answer(&self) -> Option<&T> {
        if let Self::Answered(answer) = self { Some(answer) } else { None }
    }
}

impl<T> From<Outcome<T>> for Asked<T> {
    fn from(outcome: Outcome<T>) -> Self {
        match outcome {
            Ok(answer) => Self::Answered(answer),
            Err(failure) => Self::Failed(failure.message),
        }
    }
}
