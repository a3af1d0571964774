//! One key of a program: how many requests it may make, answers to those that are sent again.

use hotline::api_key::ApiKey as Machine;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::ObjectHost;
use super::requests::{self, Addressed};

/// The class that wrangler knows as `ApiKey`.
#[durable_object(alarm)]
pub struct ApiKey {
    host: ObjectHost<Machine>,
}

impl DurableObject for ApiKey {
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
