//! The Durable Objects. For wrangler there are four classes, each with storage of its own; in Rust they are one, which
//! its requests tell what it is: every class of its own would add 10 KB of glue to the Worker.

mod host;
mod machine;
mod rate_limiter;
pub mod requests;
mod sockets;

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Request, Response};
use worker::Env;

use crate::{answer, js};
use host::ObjectHost;
use requests::ObjectRequest;

/// Any of our objects. The platform calls its methods by their names (Cloudflare, `DurableObject`); the `worker` crate's
/// own attribute makes the same class with conversions that nobody needs.
#[wasm_bindgen]
pub struct Durable {
    host: Rc<ObjectHost>,
}

#[wasm_bindgen]
impl Durable {
    /// An object begins a life.
    #[wasm_bindgen(constructor)]
    pub fn new(state: JsValue, env: Env) -> Self {
        Self { host: ObjectHost::new(&state, env) }
    }

    /// A request comes in.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        let object_request = match requests::read(&request).await? {
            ObjectRequest::Live { mailbox, contact, token, first } => {
                return self.host.connect(mailbox, contact, &token, &first);
            }
            object_request => object_request,
        };
        let answer = self.host.open(object_request).await.ok_or("not stored")?;
        Ok(answer::with(200, &[], answer::Body::Text(&answer)))
    }

    /// The alarm.
    pub fn alarm(&self) -> Result<(), JsValue> {
        self.host.alarm()
    }

    /// A sidebar says something.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn web_socket_message(&self, socket: JsValue, message: JsValue) {
        self.host.said(&socket, &message);
    }

    /// A sidebar is closed.
    #[wasm_bindgen(js_name = webSocketClose)]
    pub fn web_socket_close(&self, socket: JsValue) {
        // One whose connection broke cannot be closed any more, and is gone already.
        let _ = js::call(&socket, "close", &Array::new());
    }

    /// A sidebar's connection broke.
    #[wasm_bindgen(js_name = webSocketError)]
    pub fn web_socket_error(&self) {}
}
