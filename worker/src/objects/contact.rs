//! One person of one hotline: timeline, pending jobs, open sidebars.

use hotline::contact::Contact as Machine;
use worker::{
    DurableObject, Env, Error, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use super::host::ObjectHost;
use super::requests::{self, Addressed, ContactRequest};

/// The class that wrangler knows as `Contact`.
#[durable_object]
pub struct Contact {
    host: ObjectHost<Machine>,
}

impl DurableObject for Contact {
    fn new(state: State, env: Env) -> Self {
        Self { host: ObjectHost::new(state, env) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let Addressed { to, message } = requests::read(request).await?;
        match message {
            ContactRequest::Message(message) => self.host.handle(to, message),
            ContactRequest::Live { token, first } => self.host.connect(to, &token, &first),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.host.alarm()
    }

    async fn websocket_message(&self, socket: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        self.host.socket_message(&socket, &message);
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, _: usize, _: String, _: bool) -> Result<()> {
        // One whose connection broke cannot be closed any more, and is gone already.
        let _ = socket.close::<&str>(None, None);
        Ok(())
    }

    async fn websocket_error(&self, _: WebSocket, _: Error) -> Result<()> {
        Ok(())
    }
}
