//! The jobs that an object still has to do, as rows.
//!
//! A lane is worked off in order, one job at a time; lanes do not wait for each other. A row says all that must survive
//! a crash; what is under way at this moment (a [`Attempt`]) lives in memory only. A job whose create may have left
//! (`sent`) and that has no attempt is one whose answer was lost.

use crate::effects::{Effect, LEASE, Millis, Ticket};
use crate::encoding::DecodeError;
use crate::storage::{Row, Store, StoreError, Stored, any, first, number, run};

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing has left that could have an effect.
    Waiting,
    /// A create is about to leave or has left.
    Sent,
    /// A create's answer was lost; look before anything repeats.
    Uncertain,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Uncertain => "unsettled",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "sent" => Self::Sent,
            "unsettled" => Self::Uncertain,
            _ => Self::Waiting,
        }
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub seq: i64,
    pub lane: String,
    pub kind: String,
    /// What it is about: an entry, a message, a conversation.
    pub subject: String,
    pub phase: Phase,
    /// How much of the content is still tried: 0 all, then less (the ladder of refusals).
    pub level: i64,
    /// Tries that failed, for the back-off.
    pub attempts: i64,
    /// Looks at the other side, since the answer was lost, that found nothing.
    pub looks: i64,
    /// When the last look is due; a look after that which finds nothing allows a repeat.
    pub settle_by: Millis,
    /// Not before.
    pub due: Millis,
    /// When it was made.
    pub since: Millis,
    /// When its create last left.
    pub sent_at: Millis,
    /// What that create was to make something in: a conversation's id, or a word for what was to be made.
    pub target: String,
    /// What that create said, normalised, to know it again.
    pub said: String,
}

/// The table as the first release made it.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY, lane TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    phase TEXT NOT NULL DEFAULT 'waiting', level INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    looks INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, since INTEGER NOT NULL, sent_at INTEGER NOT NULL DEFAULT 0,
    settle_by INTEGER NOT NULL DEFAULT 0,
    target TEXT NOT NULL DEFAULT '', said TEXT NOT NULL DEFAULT ''
) STRICT";

/// Why a job that this release cannot read is set aside; it is kept for one that can.
pub(crate) const QUARANTINE: &str = "ALTER TABLE jobs ADD COLUMN quarantined TEXT";

/// Costs a row for such a job only, and finds them without a look at the others.
pub(crate) const QUARANTINED: &str =
    "CREATE INDEX IF NOT EXISTS jobs_quarantined ON jobs (seq) WHERE quarantined IS NOT NULL";

const COLUMNS: &str =
    "seq, lane, kind, subject, phase, level, attempts, looks, due, since, sent_at, target, said, settle_by";

fn read(row: &Row) -> Job {
    Job {
        seq: row.integer(0),
        lane: row.string(1),
        kind: row.string(2),
        subject: row.string(3),
        phase: Phase::read(row.text(4)),
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

/// Adds a job at the end of its lane.
pub(crate) fn add(store: &dyn Store, lane: &str, kind: &str, subject: &str, due: Millis, now: Millis) -> Stored<()> {
    let params = [lane.into(), kind.into(), subject.into(), due.into(), now.into()];
    run(store, "INSERT INTO jobs (lane, kind, subject, due, since) VALUES (?, ?, ?, ?, ?)", &params)
}

/// Whether any job is still to do. What is set aside waits for the object's next start.
pub(crate) fn are_there(store: &dyn Store) -> Stored<bool> {
    any(store, "SELECT 1 FROM jobs WHERE quarantined IS NULL LIMIT 1", &[])
}

/// The first job of each lane.
pub(crate) fn heads(store: &dyn Store) -> Stored<Vec<Job>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs WHERE seq IN (SELECT MIN(seq) FROM jobs WHERE quarantined IS NULL GROUP BY lane) ORDER BY seq"
    );
    Ok(store.execute(&sql, &[])?.iter().map(read).collect())
}

/// The job with this number, if it is still to do.
pub(crate) fn find(store: &dyn Store, seq: i64) -> Stored<Option<Job>> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE seq = ?");
    Ok(first(store, &sql, &[seq.into()])?.as_ref().map(read))
}

/// All jobs of this kind about this subject, in order.
pub(crate) fn about(store: &dyn Store, kind: &str, subject: &str) -> Stored<Vec<Job>> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE kind = ? AND subject = ? ORDER BY seq");
    Ok(store.execute(&sql, &[kind.into(), subject.into()])?.iter().map(read).collect())
}

/// Writes back what may change in a job.
pub(crate) fn save(store: &dyn Store, job: &Job) -> Stored<()> {
    let params = [
        job.phase.as_str().into(),
        job.level.into(),
        job.attempts.into(),
        job.looks.into(),
        job.due.into(),
        job.sent_at.into(),
        (&job.target).into(),
        (&job.said).into(),
        job.settle_by.into(),
        job.seq.into(),
    ];
    let sql = "UPDATE jobs SET phase = ?, level = ?, attempts = ?, looks = ?, due = ?, sent_at = ?, target = ?, said = ?, \
               settle_by = ? WHERE seq = ?";
    run(store, sql, &params)
}

/// The number of the last job there is.
pub(crate) fn last(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT MAX(seq) FROM jobs", &[])
}

/// A job need wait no longer.
pub(crate) fn bring_forward(store: &dyn Store, seq: i64, now: Millis) -> Stored<()> {
    run(store, "UPDATE jobs SET due = ? WHERE seq = ? AND due > ?", &[now.into(), seq.into(), now.into()])
}

/// Those of a lane between `after` and `until` go to its end, in their order.
pub(crate) fn step_back(store: &dyn Store, lane: &str, after: i64, until: i64) -> Stored<()> {
    let sql = "UPDATE jobs SET seq = seq + ? WHERE lane = ? AND seq > ? AND seq <= ?";
    run(store, sql, &[last(store)?.into(), lane.into(), after.into(), until.into()])
}

/// From now on it stands at the end of another lane.
pub(crate) fn change_lane(store: &dyn Store, job: &mut Job, lane: &str) -> Stored<()> {
    lane.clone_into(&mut job.lane);
    run(store, "UPDATE jobs SET lane = ? WHERE seq = ?", &[lane.into(), job.seq.into()])
}

/// A job is done, or given up.
pub(crate) fn remove(store: &dyn Store, job: &Job) -> Stored<()> {
    run(store, "DELETE FROM jobs WHERE seq = ?", &[job.seq.into()])
}

/// The wait after a failed try: doubling from two seconds up to a minute, so that an outage of hours costs a person's
/// object one request a minute and a short one is over for them within seconds.
pub(crate) fn back_off(attempts: i64) -> Millis {
    const FIRST: Millis = 2_000;
    const LONGEST: Millis = 60_000;
    (FIRST << attempts.clamp(0, 5)).min(LONGEST)
}

impl Job {
    /// A create is about to leave: from now on its answer can be lost.
    pub fn leaves(&mut self, target: &str, said: String, now: Millis) {
        self.phase = Phase::Sent;
        self.sent_at = now;
        target.clone_into(&mut self.target);
        self.said = said;
        self.looks = 0;
    }

    /// A create's answer was lost: look first after `first`, then at ever longer intervals until `last`.
    pub fn mark_uncertain(&mut self, first: Millis, last: Millis) {
        self.phase = Phase::Uncertain;
        self.looks = 0;
        self.due = self.sent_at + first;
        self.settle_by = self.sent_at + last;
    }

    /// A look found nothing. Returns whether it was the last one, so that the create may be repeated.
    pub fn looked(&mut self, now: Millis) -> bool {
        /// By then what the other side shows is settled (a budget of the design), so there is a look at that instant.
        const SHOWN_BY: Millis = 30_000;
        self.looks += 1;
        if now >= self.settle_by {
            return true;
        }
        let waited = now - self.sent_at;
        let next = waited + waited / 2;
        let next = if waited < SHOWN_BY { next.min(SHOWN_BY) } else { next };
        self.due = (self.sent_at + next).clamp(now + 1_000, (now + 1_000).max(self.settle_by));
        false
    }

    /// What was tried has certainly not been done; it is tried again after a while.
    pub fn retry(&mut self, now: Millis) {
        self.phase = Phase::Waiting;
        self.due = now + back_off(self.attempts);
        self.attempts += 1;
    }
}

/// One try of one job, in flight.
pub(crate) struct Attempt<D> {
    nonce: u64,
    lease: Millis,
    /// What the answer will be the answer to.
    pub doing: D,
}

/// The tries under way, by job.
pub(crate) struct InFlight<D> {
    /// By job; a handful, one a lane.
    under_way: Vec<(i64, Attempt<D>)>,
    nonce: u64,
}

impl<D> Default for InFlight<D> {
    fn default() -> Self {
        Self { under_way: Vec::new(), nonce: 0 }
    }
}

impl<D> InFlight<D> {
    /// Begins or goes on with a job; the ticket recognises the answer.
    pub fn begin(&mut self, job: i64, now: Millis, doing: D) -> Ticket {
        self.nonce += 1;
        self.forget(job);
        self.under_way.push((job, Attempt { nonce: self.nonce, lease: now + LEASE, doing }));
        Ticket { job, nonce: self.nonce }
    }

    /// Takes what a ticket's answer belongs to; `None` when it comes too late.
    pub fn complete(&mut self, ticket: Ticket) -> Option<D> {
        let same = |(job, attempt): &(i64, Attempt<D>)| *job == ticket.job && attempt.nonce == ticket.nonce;
        let at = self.under_way.iter().position(same)?;
        Some(self.under_way.swap_remove(at).1.doing)
    }

    /// Whether a job is under way. A attempt whose lease has run out is forgotten.
    pub fn is_in_flight(&mut self, job: i64, now: Millis) -> bool {
        self.under_way.retain(|(_, attempt)| attempt.lease > now);
        self.under_way.iter().any(|(flying, _)| *flying == job)
    }

    /// Its answer no longer matters.
    pub fn forget(&mut self, job: i64) {
        self.under_way.retain(|(flying, _)| *flying != job);
    }

    /// When the first lease runs out.
    pub fn first_lease(&self) -> Option<Millis> {
        self.under_way.iter().map(|(_, attempt)| attempt.lease).min()
    }
}

/// What the beginning of a job, or an answer to it, comes to.
pub(crate) enum Next {
    /// Under way. Boxed, since every step of every job passes one of these on.
    InFlight(Box<Effect>),
    /// Written back; it waits for its time.
    Wait,
    /// Done or given up: the next in the lane may begin.
    Done,
    /// Of a kind, or with a content, that this release does not know, and why: it is set aside, and the next in the
    /// lane may begin.
    Quarantine(String),
}

impl Next {
    /// Under way, once this is done.
    pub fn in_flight(effect: Effect) -> Self {
        Self::InFlight(Box::new(effect))
    }
}

impl Next {
    /// A job of a kind that this release does not know.
    pub fn unknown_kind(job: &Job) -> Self {
        Self::Quarantine(format!("unknown kind {}", job.kind))
    }

    /// A job whose content this release cannot read.
    pub fn undecodable(error: &DecodeError) -> Self {
        Self::Quarantine(error.to_string())
    }
}

/// Releases what was set aside, to be tried again: this release may know more than the one before. Done at each start
/// of an object.
pub(crate) fn release_quarantined(store: &dyn Store) -> Stored<()> {
    run(store, "UPDATE jobs SET quarantined = NULL WHERE quarantined IS NOT NULL", &[])
}

/// Writes what a job came to.
pub(crate) fn save_outcome(store: &dyn Store, job: &Job, next: Next, effects: &mut Vec<Effect>) -> Stored<()> {
    match next {
        Next::InFlight(effect) => effects.push(*effect),
        Next::Wait => save(store, job)?,
        Next::Done => remove(store, job)?,
        Next::Quarantine(reason) => {
            run(store, "UPDATE jobs SET quarantined = ? WHERE seq = ?", &[(&reason).into(), job.seq.into()])?;
            effects.push(Effect::Log { event: "job.quarantined", subject: job.kind.clone() });
        }
    }
    Ok(())
}

/// Who works off a queue.
pub(crate) trait JobRunner {
    /// Whether a job is under way.
    fn is_in_flight(&mut self, job: i64) -> bool;
    /// When the first of those under way counts as lost.
    fn first_lease(&self) -> Option<Millis>;
    /// Begins a job: the head of its lane, due, and not under way.
    fn begin(&mut self, job: &mut Job) -> Stored<Next>;
}

/// The most rounds of one step, so that no step runs away; what is left goes on with the next alarm.
const MOST_ROUNDS: usize = 50;

/// Begins whatever can begin, and says when to look again.
pub(crate) fn work(
    store: &dyn Store,
    now: Millis,
    runner: &mut dyn JobRunner,
    effects: &mut Vec<Effect>,
) -> Stored<Option<Millis>> {
    for _ in 0..MOST_ROUNDS {
        let mut ended = false;
        let mut due = None;
        for mut job in heads(store)? {
            if runner.is_in_flight(job.seq) {
                continue;
            }
            if job.due <= now {
                let next = match runner.begin(&mut job) {
                    Err(error @ StoreError::Undecodable { .. }) => Next::Quarantine(error.to_string()),
                    next => next?,
                };
                ended |= matches!(next, Next::Done | Next::Quarantine(_));
                let waits = matches!(next, Next::Wait);
                save_outcome(store, &job, next, effects)?;
                if !waits {
                    continue;
                }
            }
            due = earlier(due, Some(job.due));
        }
        if !ended {
            return Ok(earlier(due, runner.first_lease()));
        }
    }
    Ok(Some(now))
}

/// The earlier of two instants, of which either may be none.
pub(crate) fn earlier(a: Option<Millis>, b: Option<Millis>) -> Option<Millis> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
