//! How long to wait after a 429 (Too Many Requests), by what the service says.

use crate::effects::{Millis, Response};
use crate::json::Document;

/// What `Retry-After` says, between a second and an hour. Further 429s make the rate limiter wait longer
/// (`rate_limiter/too_many_requests.rs`).
pub(crate) fn retry_after(response: &Response) -> Millis {
    /// Help Scout counts by the minute; by then another one has begun, where the header is missing.
    const MINUTE_S: i64 = 60;
    /// Twilio sends no header: too many requests at once are over in a moment (Twilio, error 20429).
    const MOMENT_S: i64 = 1;
    let is_twilio = response.json().at("code").number() == Some(20429);
    response.retry_after.unwrap_or(if is_twilio { MOMENT_S } else { MINUTE_S }).clamp(1, 3_600) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::effects::Outcome;

    #[test]
    fn after_a_429_the_wait_is_what_the_service_says_or_needs() {
        let twilio = br#"{"code":20429,"message":"Too Many Requests","status":429}"#;
        let help_scout = br#"{"message":"API rate limit exceeded"}"#;
        let cases: [(&[u8], Option<i64>, Millis); 4] =
            [(help_scout, Some(7), 7_000), (help_scout, None, 60_000), (twilio, None, 1_000), (twilio, Some(5), 5_000)];
        for (body, retry_after, expected) in cases {
            let response = Response { status: 429, retry_after, body: body.to_vec(), ..Response::default() };
            let answer = Answer::of(Outcome::Answered(response));
            assert!(matches!(answer, Answer::TooManyRequests(wait) if wait == expected), "{retry_after:?} {expected}");
        }
    }
}
