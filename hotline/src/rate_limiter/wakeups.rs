//! Wakes waiting jobs when their permits are there: in batches, since all at once would be too much for a service that is just
//! back.

use super::permits::FALLBACK_RETRY;
use super::queue::{self, Waiting};
use super::{BATCH_EVERY, Step};
use crate::effects::{Effect, Millis};
use crate::storage::Stored;

impl Step<'_> {
    /// Whether the alarm should have come by now. Alarms are lost (Cloudflare: one whose handler failed six times); then
    /// the next request to the object does its work.
    pub(super) fn is_alarm_overdue(&self) -> bool {
        self.state.look_at.is_none_or(|at| at <= self.ctx.now)
    }

    /// Wakes jobs if any wait and it is time, and sets the alarm for the next ones.
    pub(super) fn wake_due(&mut self, now: bool) -> Stored<()> {
        if self.state.waiting > 0 && now {
            self.state.look_at = Some(self.wake_next()?);
        }
        if self.state.waiting == 0 {
            self.state.look_at = None;
        }
        self.effects.extend(self.state.look_at.map(Effect::Wake));
        Ok(())
    }

    /// The rate limiter wakes jobs again by then.
    pub(super) fn wake_by(&mut self, at: Millis) {
        self.state.look_at = Some(self.state.look_at.map_or(at, |sooner| sooner.min(at)));
    }

    /// Wakes the jobs whose permits are there. Returns when to wake the next ones.
    fn wake_next(&mut self) -> Stored<Millis> {
        self.state.waiting -= queue::give_up(self.ctx.store, self.ctx.now)?;
        Ok(match (self.token(), self.state.breaker.probe_at()) {
            (Err(look), _) => look,
            (Ok(_), None) => self.wake_batch()?,
            (Ok(_), Some(at)) => {
                let probe = if at <= self.ctx.now { self.wake_probe()? } else { at };
                if self.state.breaker.is_readable() { self.wake_batch()?.min(probe) } else { probe }
            }
        })
    }

    /// Wakes one job to probe whether the service is back, unless another one is expected anyway.
    fn wake_probe(&mut self) -> Stored<Millis> {
        let (store, now) = (self.ctx.store, self.ctx.now);
        if let Some(until) = queue::probe_expected(store, now, self.probe_kind(), "")? {
            return Ok(until);
        }
        if let Some(candidate) = queue::candidate(store, now, self.probe_kind())? {
            self.wake(candidate)?;
        }
        Ok(now + queue::PROBE_INTERVAL)
    }

    fn wake_batch(&mut self) -> Stored<Millis> {
        let (store, now) = (self.ctx.store, self.ctx.now);
        if self.state.batch_at > now {
            return Ok(self.state.batch_at);
        }
        self.state.batch_at = now + BATCH_EVERY;
        let batch = self.state.budget.batch();
        let mut called = 0;
        let mut look = None;
        for waiting in queue::idle(store, now, self.permitted_kind(), batch)? {
            let (fit, _) = self.first_fit(waiting.place(), waiting.needs)?;
            if fit > now {
                look = Some(fit.max(self.state.batch_at));
                break;
            }
            self.wake(waiting)?;
            called += 1;
        }
        let more = (called == batch).then_some(self.state.batch_at);
        let missing = queue::first_given_up(store)?;
        Ok([look, more, missing].into_iter().flatten().min().unwrap_or(now + FALLBACK_RETRY))
    }

    fn wake(&mut self, waiting: Waiting) -> Stored<()> {
        queue::mark_woken(self.ctx.store, &waiting, self.ctx.now)?;
        self.effects.push(Effect::PermitReady(waiting.asker));
        Ok(())
    }
}
