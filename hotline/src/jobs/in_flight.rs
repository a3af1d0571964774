//! The attempts that are under way at this moment.

use crate::effects::{LEASE, Millis, Ticket};

/// One attempt of one job.
struct Attempt<D> {
    job: i64,
    nonce: u64,
    lease: Millis,
    /// What is awaited.
    doing: D,
}

/// The attempts under way: a handful, one a lane.
pub(crate) struct InFlight<D> {
    attempts: Vec<Attempt<D>>,
    nonce: u64,
}

impl<D> Default for InFlight<D> {
    fn default() -> Self {
        Self { attempts: Vec::new(), nonce: 0 }
    }
}

impl<D> InFlight<D> {
    /// Begins or goes on with a job; the ticket recognises the answer.
    pub fn begin(&mut self, job: i64, now: Millis, doing: D) -> Ticket {
        self.nonce += 1;
        self.forget(job);
        self.attempts.push(Attempt { job, nonce: self.nonce, lease: now + LEASE, doing });
        Ticket { job, nonce: self.nonce }
    }

    /// Takes what a ticket's answer belongs to; `None` when it comes too late.
    pub fn complete(&mut self, ticket: Ticket) -> Option<D> {
        let same = |attempt: &Attempt<D>| attempt.job == ticket.job && attempt.nonce == ticket.nonce;
        let at = self.attempts.iter().position(same)?;
        Some(self.attempts.swap_remove(at).doing)
    }

    /// Whether a job is under way.
    pub fn is_in_flight(&mut self, job: i64, now: Millis) -> bool {
        self.forget_lost(now);
        self.attempts.iter().any(|attempt| attempt.job == job)
    }

    /// How many are under way.
    pub fn count(&mut self, now: Millis) -> usize {
        self.forget_lost(now);
        self.attempts.len()
    }

    /// An attempt whose lease has run out is under way no more. Of one that began in a step that was not stored there may be no
    /// job either, so that nobody asks after it.
    fn forget_lost(&mut self, now: Millis) {
        self.attempts.retain(|attempt| attempt.lease > now);
    }

    /// Its answer no longer matters.
    pub fn forget(&mut self, job: i64) {
        self.attempts.retain(|attempt| attempt.job != job);
    }

    /// When the first lease runs out.
    pub fn first_lease(&mut self, now: Millis) -> Option<Millis> {
        self.forget_lost(now);
        self.attempts.iter().map(|attempt| attempt.lease).min()
    }
}
