//! One scarce outside resource: who may send a request to it, and whether it is there.

use hotline::encoding;
use hotline::rate_limiter::{self, RateLimiter as Machine};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::ObjectHost;
use super::requests::{self, Addressed, RateLimiterRequest};
use crate::clock::now;

/// The class that wrangler knows as `Gate`, the name under which its storage was made.
#[durable_object(alarm)]
pub struct RateLimiter {
    host: ObjectHost<Machine>,
}

impl DurableObject for RateLimiter {
    fn new(state: State, env: Env) -> Self {
        Self { host: ObjectHost::new(state, env) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let Addressed { to, message } = requests::read(request).await?;
        match message {
            RateLimiterRequest::Message(message) => self.host.handle(to, message),
            RateLimiterRequest::Health => {
                self.host.open_storage(to)?;
                let health = rate_limiter::health(&self.host.store, now()).map_err(|error| error.to_string())?;
                Response::ok(encoding::encode(&health))
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.host.alarm()
    }
}
