//! One scarce outside resource: it hands out permits, and for Help Scout it fetches the token.

use hotline::effects::{ObjectReply, Permit, PermitRequest, RateLimiterName};
use hotline::encoding;
use hotline::rate_limiter::{self, Reply};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::requests::{self, RateLimiterRequest};
use crate::clock::now;
use crate::sql::SqlStore;
use crate::{logging, outbound, settings};

/// The class that wrangler knows as `Gate`, the name under which its storage was made.
#[durable_object(fetch)]
pub struct RateLimiter {
    store: SqlStore,
    env: Env,
}

impl DurableObject for RateLimiter {
    fn new(state: State, env: Env) -> Self {
        Self { store: SqlStore::new(&state), env }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        rate_limiter::migrate(&self.store).map_err(|error| error.to_string())?;
        match requests::read(request).await? {
            RateLimiterRequest::Permit(name, request) => {
                let permit = self.permit(&name, &request).await.ok_or("no permit")?;
                Response::ok(encoding::encode(&permit))
            }
            RateLimiterRequest::Report(_, report) => {
                rate_limiter::report(&self.store, &report, now()).map_err(|error| error.to_string())?;
                Response::ok(encoding::encode(&ObjectReply::Done))
            }
        }
    }
}

impl RateLimiter {
    /// A permit; `None` when it could not be stored, or the configuration is wrong.
    async fn permit(&self, name: &RateLimiterName, ask: &PermitRequest) -> Option<Permit> {
        let config = settings::read(&self.env).ok()?;
        let once = || rate_limiter::ask(&self.store, &config, name, ask, now()).ok();
        let request = match once()? {
            Reply::Permit(permit) => return Some(permit),
            Reply::Fetch(request) => request,
        };
        let outcome = outbound::send(&config, &request, "").await;
        if let Some(later) = rate_limiter::take_token(&self.store, &outcome, now()).ok()? {
            logging::line("helpscout.token.refused", &[]);
            return Some(later);
        }
        match once()? {
            Reply::Permit(permit) => Some(permit),
            // Another asker's report voided the token in between: the asker comes again.
            Reply::Fetch(_) => Some(Permit::ReservedAt(now())),
        }
    }
}
