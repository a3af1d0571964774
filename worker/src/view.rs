//! Asks Help Scout something for a page that cannot wait.

use std::time::Duration;

use hotline::answer::View;
use hotline::config::Config;
use hotline::effects::{Permit, PermitRequest, RateLimiterName, Refusal, Request};
use worker::{Delay, Env};

use crate::objects::requests;
use crate::outbound;

/// What came of it, or why it was not asked.
pub type Viewed = Result<View, Refusal>;

/// How often a permit is asked for while the token is on its way, and how long in between: a token takes one request.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(250);

/// Asks for a permit, and with it Help Scout.
pub async fn view(env: &Env, config: &Config, permit: &PermitRequest, request: &Request) -> Viewed {
    for _ in 0..TRIES {
        match requests::request_permit(env, RateLimiterName::HelpScout, permit.clone()).await {
            Permit::Granted(grant) => {
                let outcome = outbound::send(config, request, &grant.token).await;
                let (view, report) = hotline::answer::view(outcome, &grant, permit);
                if let Some(report) = report {
                    requests::report(env, RateLimiterName::HelpScout, report).await;
                }
                return Ok(view);
            }
            Permit::Refused(Refusal::Starting) => pause().await,
            Permit::Refused(refusal) => return Err(refusal),
            Permit::ReservedAt(_) => return Err(Refusal::Busy),
        }
    }
    Err(Refusal::Busy)
}

/// A moment.
pub async fn pause() {
    Delay::from(PAUSE).await;
}
