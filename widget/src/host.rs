//! Help Scout's page around ours: a few messages each way (npm `@helpscout/javascript-sdk`, the protocol alone).
//!
//! What comes is taken from the window around us and from the one origin that the server named, and only if it has the
//! shape that is expected. Nothing that it says is trusted for more than showing it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::set_timeout;
use wasm_bindgen::prelude::*;
use web_sys::{Element, MessageEvent, ResizeObserver, window};

use crate::followed::Followed;
use crate::json::{Json, object};
use crate::page;

/// How long Help Scout may take to answer; outside of it nobody does.
const PATIENCE: Duration = Duration::from_secs(3);

/// What Help Scout says of the customer, for the eye only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Their name.
    pub name: String,
    /// Their e-mail addresses.
    pub addresses: Vec<String>,
}

/// How a notification looks (`SHOW_NOTIFICATION`).
#[derive(Clone, Copy)]
pub enum Tone {
    /// Something went well.
    Success,
    /// Something did not come about.
    Warning,
}

/// Help Scout's page. Nothing is sent or heard when the page does not say where Help Scout is.
#[derive(Clone, Debug)]
pub struct Host {
    origin: String,
}

#[wasm_bindgen]
extern "C" {
    /// The CSSOM's constructable sheet, which a policy without inline styles allows.
    type CSSStyleSheet;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<CSSStyleSheet, JsValue>;
    #[wasm_bindgen(method, catch, js_name = replaceSync)]
    fn replace_sync(this: &CSSStyleSheet, css: &str) -> Result<(), JsValue>;
}

impl Host {
    /// The origin that the page names.
    pub fn of_page() -> Self {
        Self { origin: page::meta("ringside-host") }
    }

    fn post(&self, kind: &str, value: Option<JsValue>) {
        let Some(window) = window().filter(|_| !self.origin.is_empty()) else { return };
        let name = window.name().unwrap_or_default();
        let app = name.strip_prefix("app-side-panel-").or(name.strip_prefix("app-")).unwrap_or(&name);
        let mut members = vec![("type", kind.into()), ("appId", app.into()), ("iframeId", name.as_str().into())];
        members.extend(value.map(|value| ("value", value)));
        if let Ok(Some(parent)) = window.parent() {
            // Another page than Help Scout's around us does not get the message, and the browser says so in its console.
            let _ = parent.post_message(&object(&members), &self.origin);
        }
    }

    /// Asks who the customer is, and for Help Scout's font. Whoever has not answered in time is not Help Scout, and
    /// then there is nobody to copy or to send a reply for us.
    pub fn listen(&self, customer: &'static Followed<Customer>, is_there: &'static Followed<bool>) {
        let origin = self.origin.clone();
        let heard = Rc::new(Cell::new(false));
        let answered = heard.clone();
        let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let parent = window().and_then(|window| window.parent().ok().flatten());
            let from_parent = event.source().is_some_and(|source| parent.is_some_and(|it| source.loose_eq(&it)));
            if origin.is_empty() || event.origin() != origin || !from_parent {
                return;
            }
            let message = Json::of(event.data());
            if !answered.replace(true) {
                is_there.set(true);
            }
            match message.get("type").text().as_str() {
                "SEND_APP_CONTEXT" => customer.set(read(&message)),
                "SEND_APP_STYLES" => dress(&message.get("styles").text()),
                _ => {}
            }
        });
        if let Some(window) = window() {
            let _ = window.add_event_listener_with_callback("message", hear.as_ref().unchecked_ref());
        }
        // It listens as long as the page lives.
        hear.forget();
        self.post("GET_APP_STYLES", None);
        self.post("GET_APP_CONTEXT", None);
        set_timeout(move || is_there.set(heard.get()), PATIENCE);
    }

    /// Keeps the frame as high as its content.
    pub fn follow_height(&self, root: &Element) {
        let host = self.clone();
        let content = root.clone();
        let tell = Closure::<dyn Fn()>::new(move || {
            // One more than it is: a fraction of a pixel would bring up a scroll bar.
            host.post("SET_APP_HEIGHT", Some((content.get_bounding_client_rect().height().ceil() + 1.0).into()));
        });
        if let Ok(observer) = ResizeObserver::new(tell.as_ref().unchecked_ref()) {
            observer.observe(root);
        }
        tell.forget();
    }

    /// Shows a word in Help Scout's own way.
    pub fn notify(&self, tone: Tone, message: &str) {
        let kind = match tone {
            Tone::Success => "SUCCESS",
            Tone::Warning => "WARNING",
        };
        let options = object(&[("id", crate::api::new_id().into())]);
        let value = object(&[("type", kind.into()), ("message", message.into()), ("options", options)]);
        self.post("SHOW_NOTIFICATION", Some(value));
    }

    /// Copies a text; in a frame of another origin only Help Scout may.
    pub fn copy(&self, text: &str, said: &str) {
        let value = object(&[("text", text.into()), ("successMessage", said.into())]);
        self.post("SET_CLIPBOARD_TEXT", Some(value));
    }
}

fn read(context: &Json) -> Customer {
    let customer = context.get("customer");
    let name = [&customer.get("firstName").text(), " ", &customer.get("lastName").text()].concat();
    let addresses = customer.get("emails").list().map(|it| it.get("value").text()).filter(|it| !it.is_empty());
    Customer { name: name.trim().to_owned(), addresses: addresses.collect() }
}

/// Help Scout's fonts and variables.
fn dress(css: &str) {
    let add = || -> Result<(), JsValue> {
        let sheet = CSSStyleSheet::new()?;
        sheet.replace_sync(css)?;
        let document = window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
        js_sys::Reflect::set(&document, &"adoptedStyleSheets".into(), &js_sys::Array::of1(&sheet))?;
        Ok(())
    };
    // Without them the widget has the system's font.
    let _ = add();
}
