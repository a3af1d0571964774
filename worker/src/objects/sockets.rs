//! The sockets of open sidebars. They sleep with the object (Cloudflare, WebSocket hibernation): what must be known of
//! each is attached to it, and that is its token.

use hotline::effects::Millis;
use hotline::routing::HttpAnswer;
use hotline::sidebar::session::Opened;
use js_sys::Date;
use protocol::sidebar::ClientFrame;
use wasm_bindgen::prelude::*;
use worker::worker_sys::WebSocketRequestResponsePair;
use worker::{Response, Result, WebSocket, WebSocketIncomingMessage, WebSocketPair};

use super::host::{Host, ObjectHost};
use super::machine::Machine;
use super::requests::Address;
use crate::clock::now;
use crate::{answer, settings};

/// What both ends speak.
const PROTOCOL: &str = "ringside.v1";

/// Sidebars of one person that may be open at once: every agent of a large team, each in a few windows.
const MOST: usize = 100;

/// Told to a sidebar whose session is over; from 4000 on the codes are anybody's (RFC 6455, section 7.4.2).
const OVER: (u16, &str) = (4001, "session over");

/// The longest frame of a sidebar, in bytes: a renewal with its token has below 400.
const LONGEST_FRAME: usize = 4096;

/// Told to a sidebar that sends more than that, or bytes (RFC 6455, section 7.4.1).
const TOO_LONG: (u16, &str) = (1009, "too long");

/// Told to a sidebar that has asked for nothing for long, should it be there after all: it opens another one (RFC 6455,
/// section 7.4.1, "going away").
const SILENT: (u16, &str) = (1001, "silent");

/// How long a sidebar may ask for nothing: it asks every 25 seconds (`widget/src/live.rs`), and once a minute where its
/// browser holds up the timers of a page that is out of sight.
const LONGEST_SILENCE: Millis = 3 * 60_000;

#[wasm_bindgen]
extern "C" {
    type DurableObjectState;

    /// When "ping" was answered last on a socket; null when never.
    #[wasm_bindgen(method, catch, js_name = getWebSocketAutoResponseTimestamp)]
    fn answered_at(this: &DurableObjectState, socket: &web_sys::WebSocket) -> Result<Option<Date>, JsValue>;
}

impl<M: Machine> ObjectHost<M> {
    /// Takes a sidebar's socket, and sends the first frame that it is to have.
    pub fn connect(&self, to: Address, token: &str, first: &str) -> Result<Response> {
        self.open_storage(to)?;
        if self.live_sockets().count() >= MOST {
            let refusal = HttpAnswer::error(429, "too_many_sockets", "Too many sidebars of this person are open.");
            return Ok(answer::response(&refusal).into());
        }
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_web_socket(&server);
        server.serialize_attachment(token)?;
        if !first.is_empty() {
            server.send_with_str(first)?;
        }
        // So that a sidebar can tell a line that is silent from one that is dead, and no object wakes for it.
        self.state.set_websocket_auto_response(&WebSocketRequestResponsePair::new("ping", "pong")?);
        let mut response = Response::from_websocket(client)?;
        response.headers_mut().set("sec-websocket-protocol", PROTOCOL)?;
        Ok(response)
    }

    /// `{"type":"renew","token":"…"}` is all that a sidebar can say: a fresh token of the same session. A frame is parsed
    /// only within a session, and only when it is as short as that.
    pub fn socket_message(&self, socket: &WebSocket, message: &WebSocketIncomingMessage) {
        let Some(session) = self.session(socket) else { return close(socket, OVER) };
        let WebSocketIncomingMessage::String(message) = message else { return close(socket, TOO_LONG) };
        if message.len() > LONGEST_FRAME {
            return close(socket, TOO_LONG);
        }
        let Ok(ClientFrame::Renew { token }) = serde_json::from_str(message) else { return };
        if self.opened(&token).is_some_and(|opened| opened.session == session.session) {
            let _ = socket.serialize_attachment(&token);
        }
    }
}

impl<M> Host<M> {
    /// The sockets whose session is not over, and whose sidebar still asks: a tab that was closed without a network says
    /// nothing of it. The others are closed here; the platform lists them until the sidebar has answered.
    fn live_sockets(&self) -> impl Iterator<Item = WebSocket> {
        self.state.get_websockets().into_iter().filter(|socket| {
            let why =
                if self.session(socket).is_none() { Some(OVER) } else { self.is_silent(socket).then_some(SILENT) };
            if let Some(why) = why {
                close(socket, why);
            }
            why.is_none()
        })
    }

    /// Whether a sidebar has asked, and then for long not any more.
    fn is_silent(&self, socket: &WebSocket) -> bool {
        let state: &DurableObjectState = self.state.as_raw().unchecked_ref();
        let asked = state.answered_at(socket.as_ref()).ok().flatten();
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole and below 2^53")]
        asked.is_some_and(|at| now() - at.get_time() as Millis > LONGEST_SILENCE)
    }

    /// Shows a frame to the sidebars that are open. One that is just closing misses it, and asks when it comes back.
    pub(super) fn push(&self, frame: &str) {
        for socket in self.live_sockets() {
            let _ = socket.send_with_str(frame);
        }
    }

    fn session(&self, socket: &WebSocket) -> Option<Opened> {
        self.opened(&socket.deserialize_attachment::<String>().ok()??)
    }

    fn opened(&self, token: &str) -> Option<Opened> {
        Opened::read(&*settings::read(&self.env).ok()?, now(), token).ok()
    }
}

fn close(socket: &WebSocket, (code, reason): (u16, &str)) {
    let _ = socket.close(Some(code), Some(reason));
}
