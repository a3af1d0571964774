//! A part of a hotline's people as programs see them: their messages by name, tag and status.

use hotline::audience::Audience as Machine;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::ObjectHost;
use super::requests::{self, Addressed};

/// The class that wrangler knows as `Audience`.
#[durable_object(alarm)]
pub struct Audience {
    host: ObjectHost<Machine>,
}

impl DurableObject for Audience {
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
