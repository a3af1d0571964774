//! The Durable Objects. For wrangler there are three classes, each with storage of its own; in Rust they are one, which
//! its letters tell what it is: every class of its own would add 10 KB of glue to the Worker.

mod gate;
pub mod letters;
mod machine;
mod shell;

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, Response};
use worker::Env;

use crate::answer;
use letters::Letter;
pub use machine::News;
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
        let letter = JsFuture::from(request.text()?).await?.as_string().unwrap_or_default();
        let letter = hotline::wire::read::<Letter>(&letter).ok_or("unreadable letter")?;
        let answer = self.shell.open(letter).await.ok_or("not stored")?;
        Ok(answer::with(200, &[], answer::Body::Text(&answer)))
    }

    /// The alarm.
    pub fn alarm(&self) -> Result<(), JsValue> {
        self.shell.alarm()
    }
}
