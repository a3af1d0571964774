//! An address of a program that events are delivered to.

use hotline::endpoint::Endpoint as Machine;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::ObjectHost;
use super::requests::{self, Addressed};

/// The class that wrangler knows as `Endpoint`.
#[durable_object(alarm)]
pub struct Endpoint {
    host: ObjectHost<Machine>,
}

impl DurableObject for Endpoint {
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
