//! When a person's next text starts a new conversation: theirs is full, it was closed, or nobody said anything in it for long
//! (`threading` in the hotline's settings).

use super::Contact;
use super::StepContext;
use super::person::Person;
use super::timeline::Entry;
use super::work::Job;
use crate::config::Threading;
use crate::effects::Millis;
use crate::helpscout::read::Conversation;
use crate::jobs::{Next, State};
use crate::storage::Stored;

/// A conversation with this many threads counts as full: Help Scout refuses the hundredth (Create thread), and our receipts
/// and the agents' own replies need room too.
const MAX_THREADS_PER_CONVERSATION: i64 = 90;

const DAY: Millis = 86_400_000;

impl Contact {
    /// Leaves the current conversation when it is full: the next post creates another one.
    pub(super) fn leave_full_conversation(person: &mut Person) {
        if !takes_more(person.threads) {
            person.leave_conversation();
        }
    }

    /// Help Scout refused a thread because the conversation takes no more (412, 423): the job starts again and creates another
    /// conversation.
    pub(super) fn on_conversation_full(person: &mut Person, job: &mut Job) -> Next {
        person.leave_conversation();
        job.state = State::Pending;
        Next::Wait
    }
}

/// Whether a conversation with so many threads is not full yet.
pub(super) fn takes_more(threads: i64) -> bool {
    threads < MAX_THREADS_PER_CONVERSATION
}

/// Whether an entry starts a new conversation because nobody said anything for as many days as `threading` names.
pub(super) fn is_after_silence(ctx: &StepContext, entry: &Entry) -> Stored<bool> {
    let Threading::Days(days) = ctx.hotline.threading else { return Ok(false) };
    let previous = Entry::previous_at(ctx.store, entry.seq)?;
    Ok(previous.is_some_and(|at| entry.at - at > i64::from(days) * DAY))
}

/// Whether the next text starts a new conversation because the agents have closed this one. A conversation marked as spam
/// counts as closed.
pub(super) fn is_closed(ctx: &StepContext, conversation: &Conversation) -> bool {
    ctx.hotline.threading == Threading::NewAfterClose && matches!(conversation.status.as_str(), "closed" | "spam")
}
