//! The deployment's own object: what the cron does, and what it has found.

use hotline::monitor::Monitor as Machine;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::ObjectHost;
use super::requests::{self, Addressed};

/// The class that wrangler knows as `Monitor`.
#[durable_object(alarm)]
pub struct Monitor {
    host: ObjectHost<Machine>,
}

impl DurableObject for Monitor {
    fn new(state: State, env: Env) -> Self {
        Self { host: ObjectHost::new(state, env) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let Addressed { to, message } = requests::read(request).await?;
        self.host.handle(to, message)
    }

    async fn alarm(&self) -> Result<Response> {
        self.host.alarm()
    }
}
