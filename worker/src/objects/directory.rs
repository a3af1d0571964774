//! One hotline: whose conversation is whose, events not placed yet, agents' phones, counts.

use hotline::directory::Directory as Machine;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::host::ObjectHost;
use super::requests::{self, Addressed, DirectoryRequest};
use crate::clock::now;

/// The class that wrangler knows as `Hotline`, the name under which its storage was made.
#[durable_object(alarm)]
pub struct Directory {
    host: ObjectHost<Machine>,
}

impl DurableObject for Directory {
    fn new(state: State, env: Env) -> Self {
        Self { host: ObjectHost::new(state, env) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let Addressed { to, message } = requests::read(request).await?;
        match message {
            DirectoryRequest::Message(message) => self.host.handle(to, message),
            DirectoryRequest::Health => {
                self.host.open_storage(to)?;
                let health = hotline::directory::health(&self.host.store, now()).map_err(|error| error.to_string())?;
                Response::ok(hotline::encoding::encode(&health))
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.host.alarm()
    }
}
