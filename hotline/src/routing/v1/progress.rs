//! How far a request of a program has come.

use crate::effects::ToObject;
use crate::routing::HttpAnswer;

/// How far an operation has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// These objects are told something.
    Ask(Vec<(u64, ToObject)>),
    /// It is done.
    Answer(HttpAnswer),
    /// An object could not be reached: whoever asked asks again.
    Unavailable,
}
