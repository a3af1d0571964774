//! The queue of release 0.1.0: jobs with a word for what is to be done and a text for what it is about. They are imported into
//! the queue of today.

use super::queue::{ask_again, insert};
use super::{Create, Search, State, Target, Work};
use crate::effects::Millis;
use crate::storage::{Row, Store, Stored, run};

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY, lane TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    phase TEXT NOT NULL DEFAULT 'waiting', level INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    looks INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, since INTEGER NOT NULL, sent_at INTEGER NOT NULL DEFAULT 0,
    settle_by INTEGER NOT NULL DEFAULT 0,
    target TEXT NOT NULL DEFAULT '', said TEXT NOT NULL DEFAULT ''
) STRICT";
pub(crate) const QUARANTINE: &str = "ALTER TABLE jobs ADD COLUMN quarantined TEXT";
pub(crate) const QUARANTINED: &str =
    "CREATE INDEX IF NOT EXISTS jobs_quarantined ON jobs (seq) WHERE quarantined IS NOT NULL";

/// A row of it.
pub(crate) struct OldJob {
    pub lane: String,
    pub kind: String,
    /// What it is about: an entry, a message, a conversation.
    pub subject: String,
    /// How much of the content is still tried, whether a note stands elsewhere, or how often a text was sent again.
    pub level: i64,
    /// Looks that found nothing; of a call, how often it was dialled.
    pub looks: i64,
    /// A conversation's id, or a word for what was to be made.
    pub target: String,
    pub since: Millis,
    phase: String,
    attempts: i64,
    due: Millis,
    sent_at: Millis,
    settle_by: Millis,
    said: String,
}

/// Work of which the first release knew some kinds.
pub(crate) trait FromRelease: Work {
    /// What an old job is now; `None` for a kind that neither release knows. It is kept where it is.
    fn from_release(old: &OldJob, store: &dyn Store) -> Stored<Option<Self>>;

    /// Its lane, where that is another one now.
    fn lane(&self, old: &OldJob) -> String {
        old.lane.clone()
    }
}

impl OldJob {
    fn read(row: &Row) -> Self {
        Self {
            lane: row.string(1),
            kind: row.string(2),
            subject: row.string(3),
            phase: row.string(4),
            level: row.integer(5),
            attempts: row.integer(6),
            looks: row.integer(7),
            due: row.integer(8),
            since: row.integer(9),
            sent_at: row.integer(10),
            target: row.string(11),
            said: row.string(12),
            settle_by: row.integer(13),
        }
    }

    fn state(&self) -> State {
        let target = match self.target.as_str() {
            "customer" => Target::Customer,
            "conversation" => Target::Conversation,
            "call" => Target::Call,
            _ if self.kind == "send" => Target::Text,
            conversation => Target::Thread(conversation.to_owned()),
        };
        let create = Create { at: self.sent_at, target, said: self.said.clone() };
        match self.phase.as_str() {
            "sent" => State::Sent(create),
            "unsettled" => {
                let searches = usize::try_from(self.looks).unwrap_or(0);
                State::Uncertain(create, Search { searches, until: self.settle_by })
            }
            _ => State::Pending,
        }
    }
}

/// Takes up what the first release has left to do, and what an earlier release could not: this one may know more. Done at
/// each start of an object, since a release may be taken back and come again.
pub(crate) fn import_release_0_1_0<W: FromRelease>(store: &dyn Store) -> Stored<()> {
    let sql = "SELECT seq, lane, kind, subject, phase, level, attempts, looks, due, since, sent_at, target, said, settle_by \
               FROM jobs ORDER BY seq";
    for row in store.execute(sql, &[])? {
        let old = OldJob::read(&row);
        let Some(work) = W::from_release(&old, store)? else { continue };
        insert(store, &work.lane(&old), &work, &old.state(), old.attempts, old.due, old.since)?;
        run(store, "DELETE FROM jobs WHERE seq = ?", &[row.integer(0).into()])?;
    }
    ask_again(store)
}
