//! Whose turn it is of those who wait is sent word; all at once would be too much for a service that is just back.

use super::permits::BACKSTOP;
use super::queue::{self, Waiting};
use super::{BATCH_EVERY, Step};
use crate::effects::{Effect, Millis};
use crate::storage::Stored;

impl Step<'_> {
    /// Whether the alarm should have come by now. Alarms are lost (Cloudflare: one whose handler failed six times), and
    /// then whoever else wakes the object does for it.
    pub(super) fn is_time_to_look(&self) -> bool {
        self.state.look_at.is_none_or(|at| at <= self.ctx.now)
    }

    /// Looks for those who wait, if there are any and it is time, and sees to it that there is an alarm for the next look.
    pub(super) fn look(&mut self, now: bool) -> Stored<()> {
        if self.state.waiting > 0 && now {
            self.state.look_at = Some(self.send_word()?);
        }
        if self.state.waiting == 0 {
            self.state.look_at = None;
        }
        self.effects.extend(self.state.look_at.map(Effect::Wake));
        Ok(())
    }

    /// The rate limiter looks again by then.
    pub(super) fn look_by(&mut self, at: Millis) {
        self.state.look_at = Some(self.state.look_at.map_or(at, |sooner| sooner.min(at)));
    }

    /// Sends word to those whose turn it is, and says when to look again.
    fn send_word(&mut self) -> Stored<Millis> {
        self.state.waiting -= queue::give_up(self.ctx.store, self.ctx.now)?;
        Ok(match (self.token(), self.state.breaker.probe_at()) {
            (Err(look), _) => look,
            (Ok(_), None) => self.send_batch()?,
            (Ok(_), Some(at)) => {
                let probe = if at <= self.ctx.now { self.send_probe()? } else { at };
                if self.state.breaker.is_readable() { self.send_batch()?.min(probe) } else { probe }
            }
        })
    }

    /// Asks one of those who wait to look whether the service is back, unless somebody is expected anyway.
    fn send_probe(&mut self) -> Stored<Millis> {
        let (store, now) = (self.ctx.store, self.ctx.now);
        if let Some(until) = queue::probe_expected(store, now, self.may_look(), "")? {
            return Ok(until);
        }
        if let Some(candidate) = queue::candidate(store, now, self.may_look())? {
            self.call(candidate)?;
        }
        Ok(now + queue::PROBE_KEPT)
    }

    fn send_batch(&mut self) -> Stored<Millis> {
        let (store, now) = (self.ctx.store, self.ctx.now);
        if self.state.batch_at > now {
            return Ok(self.state.batch_at);
        }
        self.state.batch_at = now + BATCH_EVERY;
        let batch = self.state.budget.batch();
        let mut called = 0;
        let mut look = None;
        for waiting in queue::asleep(store, now, self.may_go(), batch)? {
            let (fit, _) = self.first_fit(waiting.place(), waiting.needs)?;
            if fit > now {
                look = Some(fit.max(self.state.batch_at));
                break;
            }
            self.call(waiting)?;
            called += 1;
        }
        let more = (called == batch).then_some(self.state.batch_at);
        let missing = queue::first_given_up(store)?;
        Ok([look, more, missing].into_iter().flatten().min().unwrap_or(now + BACKSTOP))
    }

    fn call(&mut self, waiting: Waiting) -> Stored<()> {
        queue::call(self.ctx.store, &waiting, self.ctx.now)?;
        self.effects.push(Effect::PermitReady(waiting.asker));
        Ok(())
    }
}
