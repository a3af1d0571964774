//! The Durable Objects. For wrangler there are four classes, each with storage of its own; in Rust they are one, which
//! its letters tell what it is: every class of its own would add 10 KB of glue to the Worker.

mod gate;
pub mod letters;
mod machine;
mod shell;
mod sockets;

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Request, Response};
use worker::Env;

use crate::{answer, js};
use letters::Letter;
use shell::Shell;

/// Any of our objects. The platform calls its methods by their names (Cloudflare, `DurableObject`); the `worker` crate's
/// own attribute makes the same class with conversions that nobody needs.
#[wasm_bindgen]
pub struct Durable {
    shell: Rc<Shell>,
}

#[wasm_bindgen]
impl Durable {
    /// An object begins a life.
    #[wasm_bindgen(constructor)]
    pub fn new(state: JsValue, env: Env) -> Self {
        Self { shell: Shell::new(&state, env) }
    }

    /// A letter comes in.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        let letter = match letters::read(&request).await? {
            Letter::Live { mailbox, contact, token, first } => {
                return self.shell.connect(mailbox, contact, &token, &first);
            }
            letter => letter,
        };
        let answer = self.shell.open(letter).await.ok_or("not stored")?;
        Ok(answer::with(200, &[], answer::Body::Text(&answer)))
    }

    /// The alarm.
    pub fn alarm(&self) -> Result<(), JsValue> {
        self.shell.alarm()
    }

    /// A sidebar says something.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn web_socket_message(&self, socket: JsValue, message: JsValue) {
        self.shell.said(&socket, &message);
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
