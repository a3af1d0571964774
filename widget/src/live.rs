//! The socket through which changes come. A lost one is opened again, and what was missed is read.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::{set_interval, set_timeout, window};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, WebSocket};

use crate::api::Api;
use crate::followed::Followed;
use crate::json::{Json, object, write};

/// The longest pause between two tries, in seconds; the first is one second, and each is twice the one before.
const LONGEST_PAUSE: u32 = 30;

/// How often a silent socket is asked whether it still lives: below the idle limits of common proxies, a minute.
const PULSE: Duration = Duration::from_secs(25);

/// How long to wait after so many tries that failed.
pub fn pause(tries: u32) -> Duration {
    let seconds = 1_u32.checked_shl(tries).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
    Duration::from_secs(seconds.into())
}

/// What the socket has to say.
pub enum News {
    /// It is open: what was missed meanwhile must be read.
    Opened,
    /// It could not be opened: perhaps for its token.
    Refused,
    /// A frame of the server.
    Frame(Json),
}

/// The socket, or the next one.
pub struct Live {
    api: Api,
    /// Whether it is open.
    is_open: &'static Followed<bool>,
    hear: Box<dyn Fn(News)>,
    socket: RefCell<Option<Ears>>,
    /// Failed tries since it was last open.
    tries: Cell<u32>,
    /// Whether anything came since the last pulse.
    heard: Cell<bool>,
}

/// A socket with what listens to it, which ends with it.
struct Ears {
    socket: WebSocket,
    _open: Closure<dyn Fn()>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _close: Closure<dyn Fn()>,
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // One that is closed already stays so.
        let _ = self.socket.close();
    }
}

impl Live {
    /// Opens the socket, and keeps one open as long as the session lasts.
    pub fn start(api: Api, is_open: &'static Followed<bool>, hear: impl Fn(News) + 'static) -> Rc<Self> {
        let live = Rc::new(Self {
            api,
            is_open,
            hear: Box::new(hear),
            socket: RefCell::new(None),
            tries: Cell::new(0),
            heard: Cell::new(true),
        });
        live.connect();
        let pulse = live.clone();
        set_interval(move || pulse.pulse(), PULSE);
        let online = live.clone();
        let again = Closure::<dyn Fn()>::new(move || {
            if !online.is_open.now() {
                online.connect();
            }
        });
        // The browser has a network again: no need to wait out the pause.
        let _ = window().add_event_listener_with_callback("online", again.as_ref().unchecked_ref());
        again.forget();
        live
    }

    /// Shows the server a fresh token, so that the socket outlives the one it was opened with.
    pub fn renew(&self, token: &str) {
        self.say(&write(&object(&[("type", "renew".into()), ("token", token.into())])));
    }

    fn say(&self, words: &str) {
        if let Some(ears) = &*self.socket.borrow() {
            // One that is not open is told when it is opened again, by its subprotocol.
            let _ = ears.socket.send_with_str(words);
        }
    }

    fn connect(self: &Rc<Self>) {
        if self.api.is_over.now() {
            return;
        }
        let Ok(ears) = self.ears() else { return self.lost() };
        self.heard.set(true);
        self.socket.replace(Some(ears));
    }

    fn ears(self: &Rc<Self>) -> Result<Ears, JsValue> {
        let names = [JsValue::from("ringside.v1"), ["bearer.", &self.api.token.now()].concat().into()];
        let origin = window().location().origin()?;
        let address = ["ws", origin.strip_prefix("http").unwrap_or_default(), "/sidebar/live"].concat();
        let socket = WebSocket::new_with_str_sequence(&address, &names.into_iter().collect::<js_sys::Array>())?;
        let live = self.clone();
        let open = Closure::<dyn Fn()>::new(move || {
            live.tries.set(0);
            live.is_open.set_if_new(true);
            (live.hear)(News::Opened);
        });
        let live = self.clone();
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            live.heard.set(true);
            if let Some(text) = event.data().as_string().filter(|text| text.starts_with('{')) {
                (live.hear)(News::Frame(Json::parse(&text)));
            }
        });
        let live = self.clone();
        let close = Closure::<dyn Fn()>::new(move || live.lost());
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Ok(Ears { socket, _open: open, _message: message, _close: close })
    }

    fn lost(self: &Rc<Self>) {
        let pause = pause(self.tries.get());
        if self.tries.replace(self.tries.get() + 1) > 0 {
            (self.hear)(News::Refused);
        }
        self.is_open.set_if_new(false);
        let live = self.clone();
        let tries = self.tries.get();
        let again = move || {
            // Unless it was opened meanwhile, or is being opened by somebody else.
            if live.tries.get() == tries {
                live.connect();
            }
        };
        set_timeout(again, pause);
    }

    /// A dead connection looks open for a long time, so it is asked.
    fn pulse(self: &Rc<Self>) {
        if !self.is_open.now() {
            return;
        }
        if self.heard.replace(false) {
            self.say("ping");
        } else {
            self.socket.replace(None);
            self.lost();
        }
    }
}
