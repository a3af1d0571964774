//! Help Scout's page around ours: a few messages each way (npm `@helpscout/javascript-sdk`, the protocol alone).
//!
//! What comes is taken from the window around us and from the one origin that the server named, and only if it has the
//! shape that is expected. Nothing that it says is trusted for more than showing it.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, MessageEvent, ResizeObserver};

use crate::page;

/// How long Help Scout may take to answer; outside of it nobody does.
const PATIENCE: Duration = Duration::from_secs(3);

/// What Help Scout says of the customer, for the eye only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Customer {
    id: u64,
    first_name: Option<String>,
    last_name: Option<String>,
    emails: Vec<Address>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Address {
    value: String,
}

impl Customer {
    /// Their name, or "".
    pub fn name(&self) -> String {
        let parts = [&self.first_name, &self.last_name];
        parts
            .into_iter()
            .flatten()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Their e-mail addresses.
    pub fn addresses(&self) -> Vec<String> {
        self.emails.iter().map(|address| address.value.clone()).filter(|address| !address.is_empty()).collect()
    }
}

/// What Help Scout says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
enum FromHelpScout {
    SendAppContext { customer: Customer },
    SendAppStyles { styles: String },
}

/// What is said to Help Scout.
#[derive(Debug, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "SCREAMING_SNAKE_CASE")]
enum ToHelpScout<'a> {
    GetAppStyles,
    GetAppContext,
    SetAppHeight(f64),
    ShowNotification {
        #[serde(rename = "type")]
        tone: Tone,
        message: &'a str,
        options: NotificationOptions,
    },
    #[serde(rename_all = "camelCase")]
    SetClipboardText {
        text: &'a str,
        success_message: &'a str,
    },
}

/// Who says it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Signed<'a> {
    #[serde(flatten)]
    message: ToHelpScout<'a>,
    app_id: &'a str,
    iframe_id: &'a str,
}

#[derive(Debug, Serialize)]
struct NotificationOptions {
    id: String,
}

/// How a notification looks.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Tone {
    /// Something went well.
    Success,
    /// Something did not come about.
    Warning,
}

#[wasm_bindgen]
extern "C" {
    /// A sheet made by script, which a policy without inline styles allows.
    type CSSStyleSheet;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<CSSStyleSheet, JsValue>;
    #[wasm_bindgen(method, catch, js_name = replaceSync)]
    fn replace_sync(this: &CSSStyleSheet, css: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(extends = Document)]
    type StyledDocument;
    #[wasm_bindgen(method, setter, js_name = adoptedStyleSheets)]
    fn set_adopted_style_sheets(this: &StyledDocument, sheets: &js_sys::Array);
}

/// Help Scout's page. Nothing is sent or heard when our page does not say where Help Scout is.
#[derive(Clone, Copy, Debug)]
pub struct HelpScout {
    origin: StoredValue<String>,
    /// Whether it is around us.
    pub is_there: RwSignal<bool>,
    /// The customer who is the person that is shown, as far as the server knows it.
    pub customer: RwSignal<Customer>,
    /// Whether the conversation has another customer by now. Whose number this is only the server knows.
    pub has_other_customer: RwSignal<bool>,
    /// Help Scout's id of that other customer.
    other_customer: StoredValue<u64>,
}

impl HelpScout {
    /// At the origin that the page names. Asks who the customer is, and for Help Scout's font. Whoever has not answered
    /// in time is not Help Scout, and then there is nobody to copy or to send a reply for us.
    pub fn of_page() -> Self {
        let help_scout = Self {
            origin: StoredValue::new(page::meta("ringside-host")),
            is_there: RwSignal::new(true),
            customer: RwSignal::new(Customer::default()),
            has_other_customer: RwSignal::new(false),
            other_customer: StoredValue::new(0),
        };
        let has_answered = StoredValue::new(false);
        let handle = window_event_listener(ev::message, move |event| {
            if help_scout.is_from_it(&event) {
                has_answered.set_value(true);
                help_scout.is_there.set(true);
                help_scout.hear(event.data());
            }
        });
        on_cleanup(move || handle.remove());
        help_scout.post(ToHelpScout::GetAppStyles);
        help_scout.post(ToHelpScout::GetAppContext);
        set_timeout(move || help_scout.is_there.set(has_answered.get_value()), PATIENCE);
        help_scout
    }

    fn is_from_it(self, event: &MessageEvent) -> bool {
        let parent = window().parent().ok().flatten();
        let from_parent = event.source().is_some_and(|source| parent.is_some_and(|it| source.loose_eq(&it)));
        from_parent && self.origin.with_value(|origin| !origin.is_empty() && event.origin() == *origin)
    }

    fn hear(self, message: JsValue) {
        match serde_wasm_bindgen::from_value(message) {
            Ok(FromHelpScout::SendAppContext { customer }) => self.meet(customer),
            Ok(FromHelpScout::SendAppStyles { styles }) => {
                // Without them the widget has the system's font.
                let _ = adopt(&styles);
            }
            // Messages of other kinds and shapes are not for us.
            Err(_) => {}
        }
    }

    /// Help Scout tells the context again when it has changed. A customer of whom the server does not say that they are
    /// the person is not shown.
    fn meet(self, customer: Customer) {
        let person = page::meta("ringside-customer").parse().unwrap_or(0);
        let is_person = customer.id == 0 || customer.id == person;
        self.other_customer.set_value(customer.id);
        self.has_other_customer.set(!is_person && person != 0);
        if is_person {
            self.customer.set(customer);
        }
    }

    /// Opens the page again: for the customer whom Help Scout shows by now, when that is another one.
    pub fn open_again(self) {
        let location = window().location();
        if !self.has_other_customer.get_untracked() {
            return location.reload().unwrap_or_default();
        }
        let address = location.href().unwrap_or_default();
        let address = address.split("&ringside-customer=").next().unwrap_or_default();
        let address = format!("{address}&ringside-customer={}", self.other_customer.get_value());
        location.replace(&address).unwrap_or_default();
    }

    fn post(self, message: ToHelpScout) {
        let origin = self.origin.get_value();
        if origin.is_empty() {
            return;
        }
        let frame = window().name().unwrap_or_default();
        let app = frame.strip_prefix("app-side-panel-").or(frame.strip_prefix("app-")).unwrap_or(&frame);
        let signed = Signed { message, app_id: app, iframe_id: &frame };
        let signed = signed.serialize(&Serializer::json_compatible());
        if let (Ok(signed), Ok(Some(parent))) = (signed, window().parent()) {
            // Another page than Help Scout's around us does not get the message, and the browser says so in its console.
            let _ = parent.post_message(&signed, &origin);
        }
    }

    /// Keeps the frame as high as its content.
    pub fn follow_height(self, content: Element) {
        let observed = content.clone();
        let tell = Closure::<dyn Fn()>::new(move || {
            // One more than it is: a fraction of a pixel would bring up a scroll bar.
            self.post(ToHelpScout::SetAppHeight(content.get_bounding_client_rect().height().ceil() + 1.0));
        });
        if let Ok(observer) = ResizeObserver::new(tell.as_ref().unchecked_ref()) {
            observer.observe(&observed);
        }
        // It is told as long as the page lives.
        tell.forget();
    }

    /// Shows a word in Help Scout's own way.
    pub fn notify(self, tone: Tone, message: &str) {
        self.post(ToHelpScout::ShowNotification { tone, message, options: NotificationOptions { id: page::new_id() } });
    }

    /// Copies a text; in a frame of another origin only Help Scout may.
    pub fn copy(self, text: &str, success_message: &str) {
        self.post(ToHelpScout::SetClipboardText { text, success_message });
    }
}

/// Takes over Help Scout's fonts and variables.
fn adopt(css: &str) -> Result<(), JsValue> {
    let sheet = CSSStyleSheet::new()?;
    sheet.replace_sync(css)?;
    document().unchecked_into::<StyledDocument>().set_adopted_style_sheets(&js_sys::Array::of1(&sheet));
    Ok(())
}
