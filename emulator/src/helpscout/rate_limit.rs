//! The account's requests per minute (Rate limiting page).

use super::response::respond;
use super::settings::Window;
use crate::http::Response;
use serde_json::json;
use std::collections::VecDeque;

const MINUTE_MS: u64 = 60_000;

/// What was spent within the last minute.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: VecDeque<(u64, u32)>,
}

impl Budget {
    /// Takes what a request costs, or answers 429. Writes cost 2.
    pub(super) fn take(&mut self, now: u64, limit: u32, window: Window, method: &str) -> Result<(), Response> {
        let cost = if method == "GET" { 1 } else { 2 };
        if self.used(now, window) + cost > limit {
            let mut response = respond(429, "application/json", &json!({ "message": "API rate limit exceeded" }));
            let wait = self.wait(now, limit, window, cost).div_ceil(1000);
            response.headers.push(("x-ratelimit-retry-after".into(), wait.to_string()));
            return Err(response);
        }
        self.spend(now, cost);
        Ok(())
    }

    /// What another application of the same account used.
    pub(super) fn spend(&mut self, now: u64, requests: u32) {
        self.spent.retain(|(at, _)| at + MINUTE_MS > now);
        self.spent.push_back((now, requests));
    }

    /// Adds the headers with limit and remainder.
    pub(super) fn tell(&self, now: u64, limit: u32, window: Window, response: &mut Response) {
        let left = limit.saturating_sub(self.used(now, window));
        response.headers.push(("x-ratelimit-limit-minute".into(), limit.to_string()));
        response.headers.push(("x-ratelimit-remaining-minute".into(), left.to_string()));
    }

    fn used(&self, now: u64, window: Window) -> u32 {
        let counts = |at: u64| match window {
            Window::Fixed => at / MINUTE_MS == now / MINUTE_MS,
            Window::Sliding => at + MINUTE_MS > now,
        };
        self.spent.iter().filter(|(at, _)| counts(*at)).map(|(_, cost)| cost).sum()
    }

    /// How long until a request of this cost is taken.
    fn wait(&self, now: u64, limit: u32, window: Window, cost: u32) -> u64 {
        let ends = |at: u64| match window {
            Window::Fixed => (at / MINUTE_MS + 1) * MINUTE_MS,
            Window::Sliding => at + MINUTE_MS,
        };
        let fits = |then: &u64| self.used(*then, window) + cost <= limit;
        self.spent
            .iter()
            .map(|(at, _)| ends(*at))
            .filter(|then| *then > now)
            .find(fits)
            .map_or(MINUTE_MS, |then| then - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_cost_two_and_the_next_minute_starts_anew() {
        let mut budget = Budget::default();
        let mut take = |now, method| budget.take(now, 3, Window::Fixed, method);
        assert_eq!(take(0, "GET"), Ok(()));
        assert_eq!(take(0, "POST"), Ok(()));
        let refused = take(59_000, "GET").unwrap_err();
        assert_eq!(refused.status, 429);
        assert_eq!(refused.headers[1], ("x-ratelimit-retry-after".into(), "1".into()));
        assert_eq!(take(60_000, "GET"), Ok(()));
    }

    #[test]
    fn no_sixty_seconds_hold_more_when_the_minute_slides() {
        let mut budget = Budget::default();
        let mut take = |now, method| budget.take(now, 3, Window::Sliding, method);
        assert_eq!(take(50_000, "POST"), Ok(()));
        assert_eq!(take(59_000, "GET"), Ok(()));
        let refused = take(61_000, "POST").unwrap_err();
        assert_eq!(refused.headers[1], ("x-ratelimit-retry-after".into(), "49".into()));
        assert_eq!(take(110_000, "POST"), Ok(()));
        assert_eq!(take(118_999, "GET").unwrap_err().status, 429);
        assert_eq!(take(119_000, "GET"), Ok(()));
    }

    #[test]
    fn other_applications_use_the_same_minute() {
        let mut budget = Budget::default();
        budget.spend(0, 399);
        assert_eq!(budget.take(1, 400, Window::Fixed, "PATCH").unwrap_err().status, 429);
        let mut response = respond(200, "text/plain", &json!(null));
        budget.tell(1, 400, Window::Fixed, &mut response);
        assert_eq!(response.headers[2], ("x-ratelimit-remaining-minute".into(), "1".into()));
    }
}
