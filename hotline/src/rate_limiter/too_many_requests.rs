//! After a 429 (Too Many Requests) no permit is granted for a while. How long the service asks for is read by
//! [`crate::answer::retry_after`]; what is added to that stands here.

use super::Step;
use crate::effects::Millis;

impl Step<'_> {
    /// After a 429: pause. Each further 429 doubles the pause, even if `Retry-After` is shorter. An answer to a cheaper
    /// request does not reset this: it is no sign of room.
    pub(super) fn on_too_many_requests(&mut self, retry_after: Millis, cost: i64) {
        const DOUBLED_FROM: Millis = 1_000;
        const LONGEST: Millis = 60_000;
        let (state, now) = (&mut self.state, self.ctx.now);
        if !state.budget.is_paused(now) {
            state.refusals = state.refusals.saturating_add(1);
            state.refused_cost = cost;
        }
        let doubled = if state.refusals > 1 { DOUBLED_FROM << (state.refusals - 1).min(6) } else { 0 };
        state.budget.pause(now + retry_after.max(doubled.min(LONGEST)));
    }

    /// The service took a request of this cost.
    pub(super) fn on_taken(&mut self, cost: i64) {
        if cost >= self.state.refused_cost {
            self.state.refusals = 0;
        }
    }
}
