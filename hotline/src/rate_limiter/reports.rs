//! What the service said.

use super::permits::MOST_WAITING;
use super::token::Fetched;
use super::{Step, queue};
use crate::effects::{Millis, Outcome, PermitRequest, Report, Trouble};
use crate::storage::Stored;

impl Step<'_> {
    /// Takes what an asker tells of an answer.
    pub(super) fn report(&mut self, report: &Report) -> Stored<()> {
        let (state, now) = (&mut self.state, self.ctx.now);
        if let Some(over) = &report.over {
            state.phone.give_back(over);
        }
        if let Some(limit) = report.limit {
            state.budget.set_limit(limit);
        }
        if let Some(remaining) = report.remaining {
            let since = if report.number > 0 { state.number - report.number } else { 0 };
            state.budget.told(now, remaining, since);
        }
        let cost = report.again.as_ref().map_or(0, |request| request.cost);
        if let Some(pause) = report.pause {
            self.pause(pause, cost);
        } else if (report.answered || report.remaining.is_some()) && cost >= self.state.refused_cost {
            self.state.refusals = 0;
        }
        let state = &mut self.state;
        let refused = report.refused_token.as_ref().is_some_and(|token| state.token.refused(token));
        let trouble = if refused { Some(Trouble::TokenRefused) } else { report.trouble };
        let Some(request) = &report.again else { return Ok(()) };
        let seen = self.seen(&request.id, request.cost);
        if report.answered && self.state.breaker.answered(now, report.number, seen) {
            self.log("service.back", String::new());
        }
        if let Some(trouble) = trouble
            && self.state.breaker.failed(now, report.number, seen, trouble)
        {
            self.log("service.away", trouble.words());
        }
        let failed = trouble.is_some() || report.refused_token.is_some();
        if failed { self.put_back(request, report.number) } else { self.probed(request, report.number) }
    }

    /// The service wants to be left alone for a while: for longer each time when what follows is refused as well, whatever
    /// it says. That others are answered, whose requests cost less, is no sign of room.
    fn pause(&mut self, wait: Millis, cost: i64) {
        const DOUBLED_FROM: Millis = 1_000;
        const LONGEST: Millis = 60_000;
        let (state, now) = (&mut self.state, self.ctx.now);
        if !state.budget.is_paused(now) {
            state.refusals = state.refusals.saturating_add(1);
            state.refused_cost = cost;
        }
        let longer = if state.refusals > 1 { DOUBLED_FROM << (state.refusals - 1).min(6) } else { 0 };
        state.budget.pause(now + wait.max(longer.min(LONGEST)));
    }

    /// Who failed waits here, and not on its own, until the service is back.
    fn put_back(&mut self, request: &PermitRequest, number: i64) -> Stored<()> {
        let Some(waits) = request.waits.as_ref().filter(|_| self.state.breaker.open().is_some()) else {
            return self.probed(request, number);
        };
        let known = self.state.waiting > 0 && queue::is_waiting(self.ctx.store, &request.id)?;
        if !known && self.state.waiting >= MOST_WAITING {
            return Ok(());
        }
        self.state.waiting += i64::from(!known);
        let keeps = self.state.reserved.needs(self.ctx.now, request);
        queue::wait(self.ctx.store, request, keeps, waits, 0)
    }

    /// Who went to look has no place any more, unless it has asked again meanwhile.
    fn probed(&mut self, request: &PermitRequest, number: i64) -> Stored<()> {
        if self.state.waiting > 0 {
            self.state.waiting -= queue::remove_probe(self.ctx.store, &request.id, number)?;
        }
        Ok(())
    }

    /// The token endpoint has answered, or not.
    pub(super) fn fetched(&mut self, outcome: Outcome) {
        let now = self.ctx.now;
        match self.state.token.take(outcome, now) {
            Fetched::Token if self.state.breaker.got_token(now) => self.log("service.back", String::new()),
            Fetched::Token | Fetched::Later => {}
            Fetched::Trouble(trouble) => {
                if self.state.breaker.without_token(now, trouble) {
                    self.log("service.away", trouble.words());
                }
                if let Some(at) = self.state.breaker.probe_at() {
                    self.state.token.not_before(at);
                }
            }
        }
    }
}
