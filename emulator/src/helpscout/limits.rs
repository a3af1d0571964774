//! The account's requests per minute (Rate limiting page).

use super::answer::respond;
use crate::http::Response;
use serde_json::json;

/// Fixed windows of a minute; the page does not say how they slide.
const WINDOW_MS: u64 = 60_000;

/// The counter of the current minute.
#[derive(Debug, Default)]
pub(super) struct Minute {
    window: u64,
    used: u32,
}

impl Minute {
    /// Takes what a request costs, or answers 429. Writes cost 2.
    pub(super) fn take(&mut self, now: u64, limit: u32, method: &str) -> Result<(), Response> {
        let cost = if method == "GET" { 1 } else { 2 };
        self.turn_to(now);
        if self.used + cost > limit {
            let mut response = respond(429, "application/json", &json!({ "message": "API rate limit exceeded" }));
            let wait = (WINDOW_MS - now % WINDOW_MS).div_ceil(1000);
            response.headers.push(("x-ratelimit-retry-after".into(), wait.to_string()));
            return Err(response);
        }
        self.used += cost;
        Ok(())
    }

    /// What another application of the same account used.
    pub(super) fn spend(&mut self, now: u64, requests: u32) {
        self.turn_to(now);
        self.used += requests;
    }

    /// Limit and remainder, which every answer tells.
    pub(super) fn tell(&self, limit: u32, response: &mut Response) {
        let left = limit.saturating_sub(self.used);
        response.headers.push(("x-ratelimit-limit-minute".into(), limit.to_string()));
        response.headers.push(("x-ratelimit-remaining-minute".into(), left.to_string()));
    }

    fn turn_to(&mut self, now: u64) {
        let window = now / WINDOW_MS;
        if self.window != window {
            *self = Self { window, used: 0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_cost_two_and_the_next_minute_starts_anew() {
        let mut minute = Minute::default();
        assert_eq!(minute.take(0, 3, "GET"), Ok(()));
        assert_eq!(minute.take(0, 3, "POST"), Ok(()));
        let refused = minute.take(59_000, 3, "GET").unwrap_err();
        assert_eq!(refused.status, 429);
        assert_eq!(refused.headers[1], ("x-ratelimit-retry-after".into(), "1".into()));
        assert_eq!(minute.take(60_000, 3, "GET"), Ok(()));
    }

    #[test]
    fn other_applications_use_the_same_minute() {
        let mut minute = Minute::default();
        minute.spend(0, 399);
        assert_eq!(minute.take(1, 400, "PATCH").unwrap_err().status, 429);
        let mut response = respond(200, "text/plain", &json!(null));
        minute.tell(400, &mut response);
        assert_eq!(response.headers[2], ("x-ratelimit-remaining-minute".into(), "1".into()));
    }
}
