//! A request to Help Scout for a page that cannot wait: a sidebar's agent, a picture.

use super::Answer;
use crate::effects::{Grant, Outcome, PermitRequest, RateLimiterName, Report, Response};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Help Scout's answer, whatever it is.
    Answered(Response),
    /// Help Scout is not there.
    Away,
    /// It could not be asked now: its minute is used up, or the token was just refused.
    Busy,
}

/// What a request came to, and what the rate limiter should know of that.
pub fn view(outcome: Outcome, grant: &Grant, request: &PermitRequest) -> (View, Option<Report>) {
    let head = match &outcome {
        // A body may be large, and only the status and the headers are of interest here.
        Outcome::Answered(response) => Outcome::Answered(Response {
            status: response.status,
            retry_after: response.retry_after,
            limit: response.limit,
            remaining: response.remaining,
            ..Response::default()
        }),
        lost => lost.clone(),
    };
    let answer = Answer::of(head);
    let report = answer.report(&RateLimiterName::HelpScout, grant, request);
    let view = match (answer, outcome) {
        (Answer::TooManyRequests(_) | Answer::TokenRefused, _) => View::Busy,
        (Answer::Lost(_), _) | (_, Outcome::Lost | Outcome::TimedOut) => View::Away,
        (_, Outcome::Answered(response)) => View::Answered(response),
    };
    (view, report)
}
