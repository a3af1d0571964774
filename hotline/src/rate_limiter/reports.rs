//! What the service said.

use super::permits::MAX_WAITING_JOBS;
use super::token::Fetched;
use super::{Step, queue};
use crate::effects::{Outcome, PermitRequest, Report, Trouble};
use crate::storage::Stored;

impl Step<'_> {
    /// Takes what a caller reports of an answer.
    pub(super) fn report(&mut self, report: &Report) -> Stored<()> {
        let (state, now) = (&mut self.state, self.ctx.now);
        if let Some(over) = &report.over {
            state.phone.give_back(over);
        }
        if let Some(limit) = report.limit {
            state.budget.set_limit(limit);
        }
        if let Some(remaining) = report.remaining {
            let permitted_after = if report.number > 0 { state.permit_sequence - report.number } else { 0 };
            state.budget.set_remaining(now, remaining, permitted_after);
        }
        let cost = report.again.as_ref().map_or(0, |request| request.cost);
        if let Some(retry_after) = report.pause {
            self.on_too_many_requests(retry_after, cost);
        } else if report.answered || report.remaining.is_some() {
            self.on_taken(cost);
        }
        let state = &mut self.state;
        let refused = report.refused_token.as_ref().is_some_and(|token| state.token.refused(token));
        let trouble = if refused { Some(Trouble::TokenRefused) } else { report.trouble };
        let Some(request) = &report.again else { return Ok(()) };
        let seen = self.breaker_request(&request.id, request.cost);
        if report.answered && self.state.breaker.answered(now, report.number, seen) {
            self.log("service.back", String::new());
        }
        if let Some(trouble) = trouble
            && self.state.breaker.failed(now, report.number, seen, trouble)
        {
            self.log("service.away", trouble.words());
        }
        let failed = trouble.is_some() || report.refused_token.is_some();
        if failed { self.requeue(request, report.number) } else { self.on_probed(request, report.number) }
    }

    /// A job whose request failed waits here, and not on its own, until the service is back.
    fn requeue(&mut self, request: &PermitRequest, number: i64) -> Stored<()> {
        let Some(waits) = request.waits.as_ref().filter(|_| self.state.breaker.open().is_some()) else {
            return self.on_probed(request, number);
        };
        let known = self.state.waiting > 0 && queue::is_waiting(self.ctx.store, &request.id)?;
        if !known && self.state.waiting >= MAX_WAITING_JOBS {
            return Ok(());
        }
        self.state.waiting += i64::from(!known);
        let reserves = self.state.reserved.needs(self.ctx.now, request);
        queue::wait(self.ctx.store, request, reserves, waits, 0)
    }

    /// A probe was answered: its row goes, unless the job has asked again meanwhile.
    fn on_probed(&mut self, request: &PermitRequest, number: i64) -> Stored<()> {
        if self.state.waiting > 0 {
            self.state.waiting -= queue::remove_probe(self.ctx.store, &request.id, number)?;
        }
        Ok(())
    }

    /// The token endpoint has answered, or not.
    pub(super) fn on_token_response(&mut self, outcome: Outcome) {
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
