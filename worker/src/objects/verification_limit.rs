//! What counts codes that verify numbers: of an address, a device, a hotline, or a prefix of numbers.

use hotline::verification_limit::VerificationLimit as Machine;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::ObjectHost;
use super::requests::{self, Addressed};

/// The class that wrangler knows as `VerificationLimit`.
#[durable_object(alarm)]
pub struct VerificationLimit {
    host: ObjectHost<Machine>,
}

impl DurableObject for VerificationLimit {
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
