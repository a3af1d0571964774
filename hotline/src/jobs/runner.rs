//! Works off a queue: begins whatever can begin.

use super::failed::{self, Failure};
use super::{Job, Work, queue};
use crate::effects::{Effect, Millis};
use crate::log::{Level, LogLine};
use crate::storage::{Store, StoreError, Stored};

/// What the beginning of a job, or an answer to it, comes to.
pub(crate) enum Next {
    /// Under way. Boxed, since every step of every job passes one of these on.
    InFlight(Box<Effect>),
    /// Written back; it waits for its time.
    Wait,
    /// Done or dropped: the next in the lane may begin.
    Done,
    /// Given up for good; an operator may have it tried again. The next in the lane may begin.
    Failed(Failure),
}

impl Next {
    /// Under way, once this is done.
    pub fn in_flight(effect: Effect) -> Self {
        Self::InFlight(Box::new(effect))
    }
}

/// Writes what a job came to.
pub(crate) fn save_outcome<W: Work>(
    store: &dyn Store,
    now: Millis,
    job: &Job<W>,
    next: Next,
    effects: &mut Vec<Effect>,
) -> Stored<()> {
    match next {
        Next::InFlight(effect) => effects.push(*effect),
        Next::Wait => {
            effects.extend(retried(job).map(Effect::Log));
            queue::save(store, job)?;
        }
        Next::Done => queue::remove(store, job)?,
        Next::Failed(failure) => {
            let line = LogLine::new(Level::Error, "job.failed").about(failure.code);
            effects.push(Effect::Log(LogLine { job: Some(job.id), attempt: Some(job.attempts), ..line }));
            failed::give_up(store, job, &failure, now)?;
        }
    }
    Ok(())
}

/// A line about a job that has failed again: the first time, and then ever more seldom, since an outage concerns many.
fn retried<W: Work>(job: &Job<W>) -> Option<LogLine> {
    let is_told = job.attempts > job.attempts_before && u64::try_from(job.attempts).is_ok_and(u64::is_power_of_two);
    let line = || LogLine::new(Level::Warning, "job.retried").about(lane_kind(&job.lane));
    is_told.then(|| LogLine { job: Some(job.id), attempt: Some(job.attempts), ..line() })
}

/// A lane's first word; what follows it may be a person's number.
pub(super) fn lane_kind(lane: &str) -> &str {
    lane.split(' ').next().unwrap_or_default()
}

/// Who works off a queue.
pub(crate) trait JobRunner {
    /// What its jobs are.
    type Work: Work;
    /// Whether a job is under way.
    fn is_in_flight(&mut self, job: i64) -> bool;
    /// When the first of those under way counts as lost.
    fn first_lease(&mut self) -> Option<Millis>;
    /// Whether a rate limiter wakes it when its permit is there, so that it does not wait for the alarm alone.
    fn has_reserved_permit(&self, _job: i64) -> bool {
        false
    }
    /// A job was quarantined: the hotline's directory counts it, in words for an operator.
    fn quarantined(&mut self, what: &str) -> Stored<()>;
    /// Begins a job: the head of its lane, due, and not under way.
    fn begin(&mut self, job: &mut Job<Self::Work>) -> Stored<Next>;
}

/// The most rounds of one step, so that no step runs away; what is left goes on with the next alarm.
const MOST_ROUNDS: usize = 50;

/// When a queue is to be looked at again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Schedule {
    /// When the first of those is due that nothing is under way for; they are left to the alarm.
    pub due: Option<Millis>,
    /// The same, of those that somebody waits for, and that nobody but the alarm wakes.
    pub awaited: Option<Millis>,
    /// When the first of those under way counts as lost.
    pub lease: Option<Millis>,
}

impl Schedule {
    /// Whether any job is left.
    pub fn is_busy(self) -> bool {
        self.due.is_some() || self.lease.is_some()
    }

    /// When the alarm is to come.
    pub fn wake(self) -> Option<Millis> {
        earlier(self.due, self.lease)
    }
}

/// Begins whatever can begin, and says when to look again.
pub(crate) fn work<R: JobRunner>(
    store: &dyn Store,
    now: Millis,
    runner: &mut R,
    effects: &mut Vec<Effect>,
) -> Stored<Schedule> {
    for _ in 0..MOST_ROUNDS {
        let (mut next_due, mut awaited) = (None, None);
        let mut ended = false;
        for head in queue::due::<R::Work>(store, now)? {
            let is_awaited = head.as_ref().map_or(true, |job| is_awaited(runner, job));
            let due = match head {
                Ok(mut job) => step(store, now, runner, &mut job, effects)?,
                Err(row) if row.due > now => Due::At(row.due),
                Err(row) => quarantine_and_log(store, now, runner, (row.id, &row.lane), effects)?,
            };
            match due {
                Due::Never => ended = true,
                Due::At(due) => {
                    next_due = earlier(next_due, Some(due));
                    awaited = earlier(awaited, Some(due).filter(|_| is_awaited));
                }
                Due::WhenAnswered => {}
            }
        }
        if !ended {
            if next_due.is_some() && awaited.is_none() {
                // What is due first is not awaited; something later may be.
                let heads = queue::heads::<R::Work>(store)?.into_iter();
                awaited = heads.filter(|job| job.due > now && is_awaited(runner, job)).map(|job| job.due).min();
            }
            return Ok(Schedule { due: next_due, awaited, lease: runner.first_lease() });
        }
    }
    Ok(Schedule { due: Some(now), awaited: Some(now), lease: None })
}

/// Whether somebody waits for a job that is left to the alarm alone.
fn is_awaited<R: JobRunner>(runner: &R, job: &Job<R::Work>) -> bool {
    job.work.is_awaited() && !runner.has_reserved_permit(job.id)
}

/// When the head of a lane may be due again.
enum Due {
    /// It is no more.
    Never,
    At(Millis),
    WhenAnswered,
}

fn step<R: JobRunner>(
    store: &dyn Store,
    now: Millis,
    runner: &mut R,
    job: &mut Job<R::Work>,
    effects: &mut Vec<Effect>,
) -> Stored<Due> {
    if runner.is_in_flight(job.id) {
        return Ok(Due::WhenAnswered);
    }
    if job.due > now {
        return Ok(Due::At(job.due));
    }
    if let Some(lane) = queue::former_lane(&job.lane) {
        queue::release(store, job.id, lane)?;
        return Ok(Due::Never);
    }
    let next = match runner.begin(job) {
        Err(StoreError::Undecodable { .. }) => {
            return quarantine_and_log(store, now, runner, (job.id, &job.lane), effects);
        }
        next => next?,
    };
    let due = match next {
        Next::InFlight(_) => Due::WhenAnswered,
        Next::Wait => Due::At(job.due),
        Next::Done | Next::Failed(_) => Due::Never,
    };
    save_outcome(store, now, job, next, effects)?;
    Ok(due)
}

/// This release cannot read what a job is about: it waits for one that can.
pub(crate) fn quarantine<R: JobRunner>(
    store: &dyn Store,
    now: Millis,
    runner: &mut R,
    job: &Job<R::Work>,
    effects: &mut Vec<Effect>,
) -> Stored<()> {
    quarantine_and_log(store, now, runner, (job.id, &job.lane), effects).map(drop)
}

/// What is in quarantine already is only looked at again later.
fn quarantine_and_log<R: JobRunner>(
    store: &dyn Store,
    now: Millis,
    runner: &mut R,
    (id, lane): (i64, &str),
    effects: &mut Vec<Effect>,
) -> Stored<Due> {
    if let Some(former) = queue::former_lane(lane) {
        return Ok(Due::At(queue::quarantine(store, id, former, now)?));
    }
    queue::quarantine(store, id, lane, now)?;
    runner.quarantined(&["quarantined: ", lane_kind(lane)].concat())?;
    let told = LogLine::new(Level::Error, "job.quarantined").about(lane_kind(lane));
    effects.push(Effect::Log(LogLine { job: Some(id), ..told }));
    Ok(Due::Never)
}

/// The earlier of two instants, of which either may be none.
pub(crate) fn earlier(a: Option<Millis>, b: Option<Millis>) -> Option<Millis> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
