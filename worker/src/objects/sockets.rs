//! The sockets of open sidebars. They sleep with the object (Cloudflare, WebSocket hibernation): what must be known of
//! each is attached to it, and that is its token.

use hotline::json::Json;
use hotline::sidebar::session::Opened;
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Response, ResponseInit};

use super::host::ObjectHost;
use super::machine::{Identity, Who};
use crate::clock::now;
use crate::{answer, js, settings};

/// What both ends speak.
const PROTOCOL: &str = "ringside.v1";

/// Sidebars of one person that may be open at once: every agent of a large team, each in a few windows.
const MOST: u32 = 100;

/// Told to a sidebar whose session is over; from 4000 on the codes are anybody's (RFC 6455, section 7.4.2).
const OVER: f64 = 4001.0;

impl ObjectHost {
    /// Takes a sidebar's socket, and says the first thing that it is to hear.
    pub fn connect(&self, mailbox: u64, contact: String, token: &str, first: &str) -> Result<Response, JsValue> {
        self.begin(Identity { mailbox, who: Who::Contact(contact) }).map_err(|_| "not stored")?;
        if self.sockets().length() >= MOST {
            return Ok(answer::error(429, "too_many_sockets", "Too many sidebars of this person are open."));
        }
        let pair = js::make("WebSocketPair", &Array::new())?;
        let (client, server) = (js::get(&pair, "0")?, js::get(&pair, "1")?);
        js::call(&self.state, "acceptWebSocket", &Array::of1(&server))?;
        js::call(&server, "serializeAttachment", &Array::of1(&token.into()))?;
        if !first.is_empty() {
            js::call(&server, "send", &Array::of1(&first.into()))?;
        }
        // So that a sidebar can tell a line that is silent from one that is dead, and no object wakes for it.
        let pong = js::make("WebSocketRequestResponsePair", &Array::of2(&"ping".into(), &"pong".into()))?;
        js::call(&self.state, "setWebSocketAutoResponse", &Array::of1(&pong))?;
        let init = ResponseInit::new();
        init.set_status(101);
        Reflect::set(&init, &"webSocket".into(), &client)?;
        let response = Response::new_with_opt_str_and_init(None, &init)?;
        answer::set(&response.headers(), &[("sec-websocket-protocol", PROTOCOL)]);
        Ok(response)
    }

    fn sockets(&self) -> Array {
        let sockets = js::call(&self.state, "getWebSockets", &Array::new()).unwrap_or_default();
        sockets.dyn_into().unwrap_or_default()
    }

    /// Shows a frame to the sidebars that are open. One that is just closing misses it, and asks when it comes back.
    pub(super) fn push(&self, frame: &str) {
        for socket in self.sockets().iter() {
            if self.session(&socket).is_some() {
                let _ = js::call(&socket, "send", &Array::of1(&frame.into()));
            } else {
                close(&socket);
            }
        }
    }

    /// `{"type":"renew","token":"…"}` is all that a sidebar can say: a fresh token of the same session.
    pub fn said(&self, socket: &JsValue, message: &JsValue) {
        let frame = Json::parse(message.as_string().unwrap_or_default().as_bytes()).unwrap_or_default();
        let fresh = frame.get("token").text();
        match self.session(socket) {
            None => close(socket),
            Some(session) if self.opened(fresh).is_some_and(|opened| opened.session == session.session) => {
                let _ = js::call(socket, "serializeAttachment", &Array::of1(&fresh.into()));
            }
            Some(_) => {}
        }
    }

    fn session(&self, socket: &JsValue) -> Option<Opened> {
        self.opened(&js::call(socket, "deserializeAttachment", &Array::new()).ok()?.as_string()?)
    }

    fn opened(&self, token: &str) -> Option<Opened> {
        Opened::read(&*settings::read(&self.env).ok()?, now(), token).ok()
    }
}

fn close(socket: &JsValue) {
    let _ = js::call(socket, "close", &Array::of2(&OVER.into(), &"session over".into()));
}
