//! What is counted for an operator, by name, in the object of a hotline.

use super::{Decision, HttpAnswer, Tell};
use crate::effects::ToObject;
use crate::messages::directory;

/// What belongs to no hotline is counted under this inbox.
pub(super) const NO_HOTLINE: u64 = 0;

/// Counted, and answered the same whether the count could be stored or not.
pub(super) fn counted(mailbox: u64, what: &str, answer: HttpAnswer) -> Decision {
    let message = ToObject::Directory(directory::Message::Count { what: what.to_owned() });
    Decision::Tell(Tell { messages: vec![(mailbox, message)], stored: answer.clone(), not_stored: answer })
}
