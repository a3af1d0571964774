//! What a service's answer to a request means for the job that sent it.

mod retry_after;
mod search_first;
mod view;

use crate::effects::{Grant, Millis, Outcome, PermitRequest, RateLimiterName, Report, Response, Trouble};
use crate::jobs::{Job, Next, State};
use crate::json::Document;
use crate::messages::rate_limiter::is_less;
use crate::twilio::errors::is_about_the_account;
use crate::twilio::request::error_code;
pub(crate) use retry_after::retry_after;
pub(crate) use search_first::{CLOCK_TOLERANCE, search_first};
pub use view::{View, view};

/// How an answer was lost: it says how long the work may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The service said that it failed; if it did the work, then before it said so.
    Error,
    /// The service said that it is not available; the work is unlikely.
    Unavailable,
    /// The connection broke.
    Connection,
    /// No answer came in time: the work may still be under way.
    Timeout,
}

/// An answer, by what it means for whoever asked.
pub(crate) enum Answer {
    /// It was done.
    Done(Response),
    /// It may have been done.
    Lost(Loss),
    /// Too many requests (429). It was not done; the same again after so long (`answer/retry_after.rs`).
    TooManyRequests(Millis),
    /// The token was refused; it was not done.
    TokenRefused,
    /// The account, not this item: refused for everybody until somebody corrects it.
    AccountRefused,
    /// What it was about is not there, or has moved to what `Location` says.
    Gone(Option<String>),
    /// The conversation takes no more threads (412, 423). `contact/conversation_rollover.rs` says where texts go then.
    ConversationFull,
    /// Refused for good, as it is.
    Refused(Response),
}

impl Answer {
    pub fn of(outcome: Outcome) -> Self {
        let response = match outcome {
            Outcome::Answered(response) => response,
            Outcome::Lost => return Self::Lost(Loss::Connection),
            Outcome::TimedOut => return Self::Lost(Loss::Timeout),
        };
        match response.status {
            200..=299 => Self::Done(response),
            401 | 403 if is_about_the_message(&response) => Self::Refused(response),
            301 | 302 | 307 | 308 | 404 | 410 => Self::Gone(response.location),
            401 => Self::TokenRefused,
            403 => Self::AccountRefused,
            400 if names_inbox(&response) => Self::AccountRefused,
            412 | 423 => Self::ConversationFull,
            429 => Self::TooManyRequests(retry_after(&response)),
            503 => Self::Lost(Loss::Unavailable),
            // A gateway's patience ended; the work behind it may still be under way (Help Scout, Status codes).
            504 => Self::Lost(Loss::Timeout),
            status if status >= 500 => Self::Lost(Loss::Error),
            _ => Self::Refused(response),
        }
    }

    /// An answer that says it was done and does not hold what was asked for is as good as lost: the page of something in
    /// between, or a body that was cut.
    pub fn expecting(self, is_readable: impl FnOnce(&Response) -> bool) -> Self {
        match self {
            Self::Done(response) if !is_readable(&response) => Self::Lost(Loss::Error),
            other => other,
        }
    }

    /// What the rate limiter should know: that less is left than it believed, or another limit, that all must wait, that
    /// the service is away, or is back.
    pub fn report(&self, limiter: &RateLimiterName, grant: &Grant, request: &PermitRequest) -> Option<Report> {
        let report = match limiter {
            RateLimiterName::HelpScout => self.report_of_help_scout(grant),
            RateLimiterName::Sender { .. } | RateLimiterName::Phone { .. } => self.report_of_twilio(grant),
        };
        if report == Report::default() {
            return None;
        }
        Some(Report { number: grant.number, again: Some(request.clone()), ..report })
    }

    fn report_of_help_scout(&self, grant: &Grant) -> Report {
        let answered = Report { answered: grant.confirm, ..Report::default() };
        match self {
            Self::Done(response) | Self::Refused(response) => Report {
                remaining: response.remaining.filter(|left| grant.confirm || is_less(*left, grant.left, grant.limit)),
                limit: response.limit.filter(|said| *said != grant.limit),
                ..answered
            },
            Self::TooManyRequests(wait) => Report { pause: Some(*wait), ..answered },
            Self::TokenRefused => Report { refused_token: Some(grant.token.clone()), ..Report::default() },
            Self::Lost(loss) => Report { trouble: Some(loss.trouble()), ..Report::default() },
            // A refused account may be one inbox.
            Self::AccountRefused | Self::Gone(_) | Self::ConversationFull => answered,
        }
    }

    /// Of Twilio only the account is known once: whether a text has left is found out otherwise.
    fn report_of_twilio(&self, grant: &Grant) -> Report {
        let answered = Report { answered: grant.confirm, ..Report::default() };
        let refused = Report { trouble: Some(Trouble::AccountRefused), ..Report::default() };
        match self {
            Self::TooManyRequests(wait) => Report { pause: Some(*wait), ..answered },
            Self::TokenRefused | Self::AccountRefused | Self::Gone(_) | Self::ConversationFull => refused,
            Self::Refused(response) if error_code(&response.json()).is_some_and(is_about_the_account) => refused,
            Self::Done(_) | Self::Refused(_) => answered,
            Self::Lost(_) => Report::default(),
        }
    }
}

impl Loss {
    fn trouble(self) -> Trouble {
        match self {
            Self::Connection => Trouble::Unreachable,
            Self::Timeout => Trouble::Silent,
            Self::Error | Self::Unavailable => Trouble::Failing,
        }
    }
}

/// Whether Help Scout refuses the inbox (Errors: each names the path of its field): that is no fault of the text.
fn names_inbox(response: &Response) -> bool {
    let json = response.json();
    json.at("_embedded/errors").items().iter().any(|error| error.at("path").text() == "mailboxId")
}

/// Whether Twilio names an error of the message and not of the account: those have codes from 21000 (Twilio, Error and
/// Warning Dictionary).
fn is_about_the_message(response: &Response) -> bool {
    response.json().at("code").number().is_some_and(|code| code >= 21_000)
}

/// How soon to try again after a refusal of the whole account, which people must correct: the queue goes on within a minute
/// of that.
pub(crate) const ACCOUNT_PAUSE: Millis = 60_000;

/// What a request that changes nothing comes to when it was not answered as hoped: try again, ever more slowly.
pub(crate) fn try_again<W>(now: Millis, job: &mut Job<W>, answer: &Answer) -> Next {
    /// By then the report of the refused token has reached the rate limiter; asked at once, it might hand out the same one.
    const REPORTED_WITHIN: Millis = 1_000;
    let uncertain = job.is_uncertain().then(|| job.state.clone());
    match answer {
        Answer::TooManyRequests(wait) => job.due = now + wait,
        Answer::TokenRefused if job.attempts == 0 => {
            job.attempts = 1;
            job.due = now + REPORTED_WITHIN;
        }
        Answer::TokenRefused | Answer::AccountRefused => {
            job.attempts += 1;
            job.due = now + ACCOUNT_PAUSE;
        }
        _ => job.retry(now),
    }
    job.state = uncertain.unwrap_or(State::Pending);
    Next::Wait
}
