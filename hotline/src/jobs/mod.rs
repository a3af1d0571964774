//! The jobs that an object still has to do.
//!
//! A lane is worked off in order, one job at a time; lanes do not wait for each other. A row says all that must survive
//! a crash; what is under way at this moment (an [`InFlight`]) lives in memory only. A job whose create has left and that
//! is not under way is one whose answer was lost.

mod failed;
mod in_flight;
mod operator;
mod queue;
mod release_0_1_0;
mod runner;
mod summary;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::messages::facts::WaitsFor;

#[cfg(test)]
pub(crate) use crate::encoding::golden;
pub(crate) use failed::{Failure, TABLE as FAILED_TABLE, count as count_failed, forget_all as forget_failed};
pub(crate) use in_flight::InFlight;
pub(crate) use operator::{Doomed, Operated, answer as answer_operator};
pub(crate) use queue::{
    TABLES, add, change_lane, count, find, find_by_key, first_in, has_jobs, has_key, head_of, heads, in_lane,
    is_any_quarantined, is_overdue, kinds, last, make_due, move_to_end_of_lane, quarantined_fields, remove, save,
};
pub(crate) use release_0_1_0::{
    FromRelease, OldJob, QUARANTINE as OLD_QUARANTINE, QUARANTINED as OLD_QUARANTINED, TABLE as OLD_TABLE,
    import_release_0_1_0,
};
pub(crate) use runner::{JobRunner, Next, Schedule, earlier, quarantine, save_outcome, work};
pub(crate) use summary::summary;

/// What is to be done: an enum of each object's own. It stands in its row as JSON, so a field may be added with
/// `#[serde(default)]`.
pub(crate) trait Work: Serialize + DeserializeOwned {
    /// By which [`find_by_key`] finds it; `None` for work that nobody looks for, or that is found by its lane.
    fn key(&self) -> Option<String> {
        None
    }

    /// Whether somebody waits for what it does.
    fn is_awaited(&self) -> bool {
        true
    }

    /// As it was before it was tried, for an operator who has it tried again.
    #[must_use]
    fn started_anew(self) -> Self {
        self
    }

    /// What a job waits for, as operators count it.
    fn waits_for(job: &Job<Self>, now: Millis) -> WaitsFor
    where
        Self: Sized;
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job<W> {
    /// Its number; numbers in a lane ascend, and no number comes again.
    pub id: i64,
    pub lane: String,
    pub work: W,
    pub state: State,
    /// Attempts that failed, for the back-off.
    pub attempts: i64,
    /// As many as there were when it was read.
    attempts_before: i64,
    /// Not before.
    pub due: Millis,
    /// When it was made.
    pub since: Millis,
}

/// How far a job has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Nothing has left that could have an effect.
    Pending,
    /// A create is about to leave or has left.
    Sent(Create),
    /// A create's answer was lost; look before anything repeats.
    Uncertain(Create, Search),
}

/// A request that makes something on the other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Create {
    /// When it left.
    pub at: Millis,
    pub target: Target,
    /// What it says, normalised, to know it again.
    #[serde(default)]
    pub said: String,
}

/// What a create makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// A customer in Help Scout.
    Customer,
    /// A conversation in Help Scout.
    Conversation,
    /// A thread in this conversation, or another text of one.
    Thread(String),
    /// A text at Twilio.
    Text,
    /// A call at Twilio.
    Call,
}

impl Target {
    /// Whether it makes, or changes, a thread of this conversation.
    pub fn is_in(&self, conversation: &str) -> bool {
        matches!(self, Self::Thread(of) if of == conversation)
    }
}

/// The searches at the service for what the request with the lost answer may have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Search {
    /// Searches that found nothing.
    #[serde(rename = "looks")]
    pub searches: usize,
    /// When the last search is due; one after that which finds nothing allows a repeat.
    pub until: Millis,
}

/// The wait after a failed attempt: doubling from two seconds up to a minute, so that an outage of hours costs a person's
/// object one request a minute and a short one is over for them within seconds.
pub(crate) fn back_off(attempts: i64) -> Millis {
    const FIRST: Millis = 2_000;
    const LONGEST: Millis = 60_000;
    (FIRST << attempts.clamp(0, 5)).min(LONGEST)
}

impl<W> Job<W> {
    pub fn is_pending(&self) -> bool {
        self.state == State::Pending
    }

    pub fn is_uncertain(&self) -> bool {
        matches!(self.state, State::Uncertain(..))
    }

    /// Its create that left and has no answer yet.
    pub fn create(&self) -> Option<&Create> {
        match &self.state {
            State::Pending => None,
            State::Sent(create) | State::Uncertain(create, _) => Some(create),
        }
    }

    /// When its create left; the beginning of time when none did.
    pub fn sent_at(&self) -> Millis {
        self.create().map_or(0, |create| create.at)
    }

    /// A create is about to leave: from now on its answer can be lost.
    pub fn mark_sent(&mut self, target: Target, said: String, now: Millis) {
        self.state = State::Sent(Create { at: now, target, said });
    }

    /// A create's answer was lost: search first after `first`, then at ever longer intervals until `last`, counted from the
    /// create.
    pub fn mark_uncertain(&mut self, first: Millis, last: Millis) {
        let Some(create) = self.create().cloned() else { return };
        self.due = create.at + first;
        let until = create.at + last;
        self.state = State::Uncertain(create, Search { searches: 0, until });
    }

    /// A search found nothing. Returns whether it was the last one, so that the create may be repeated.
    pub fn on_nothing_found(&mut self, now: Millis) -> bool {
        /// By then the service's lists are mostly up to date, so there is a search at that instant.
        const SHOWN_BY: Millis = 30_000;
        let State::Uncertain(create, search) = &mut self.state else { return true };
        search.searches += 1;
        if now >= search.until {
            return true;
        }
        let waited = now - create.at;
        let next = waited + waited / 2;
        let next = if waited < SHOWN_BY { next.min(SHOWN_BY) } else { next };
        self.due = (create.at + next).clamp(now + 1_000, (now + 1_000).max(search.until));
        false
    }

    /// The job starts again at an instant; nothing of it is under way.
    pub fn start_again(&mut self, due: Millis) {
        (self.state, self.due) = (State::Pending, due);
    }

    /// What was tried has certainly not been done; it is tried again after a while.
    pub fn retry(&mut self, now: Millis) {
        self.start_again(now + back_off(self.attempts));
        self.attempts += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::golden::{lacks, needs, stays};
    use super::{Create, State};

    #[test]
    fn states_in_rows_stay_readable() {
        stays::<Create>(&[
            r#"{"at":1,"target":"customer","said":"Ann"}"#,
            r#"{"at":1,"target":{"thread":"3000000001"},"said":"Hello"}"#,
            r#"{"at":1,"target":"text","said":"Hello"}"#,
            r#"{"at":1,"target":"call","said":""}"#,
        ]);
        let uncertain = r#"{"uncertain":[{"at":1,"target":"conversation","said":"Hello"},{"looks":2,"until":3}]}"#;
        stays::<State>(&[r#""pending""#, uncertain]);
        needs::<State>(
            uncertain,
            &["/uncertain/0/at", "/uncertain/0/target", "/uncertain/1/looks", "/uncertain/1/until"],
        );
        lacks::<State>(&[
            r#"{"sent":{"at":1,"target":"conversation"}}"#,
            r#"{"uncertain":[{"at":1,"target":"conversation"},{"looks":2,"until":3}]}"#,
        ]);
    }
}
