//! What the served page tells the widget, and what the browser knows.

use js_sys::Intl::{DateTimeFormatOptions, DateTimeStyle};
use js_sys::{Array, Date, Function, Reflect};
use leptos::prelude::{document, window};
use protocol::Timestamp;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, KeyboardEvent};

/// The content of one of the page's `<meta>` elements, or "".
pub fn meta(name: &str) -> String {
    let found = document().query_selector(&format!("meta[name={name}]")).ok().flatten();
    found.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

/// An element of the page.
pub fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Gives an element the keyboard. One that cannot have it is still there to be clicked.
pub fn focus(id: &str) {
    element(id).map_or(Ok(()), |it| it.focus()).unwrap_or_default();
}

/// Gives an element the keyboard if what had it is gone, hidden or disabled. Takes it from nobody else, least of all
/// from Help Scout's page.
pub fn refocus(id: &str) {
    let has_it = document().active_element().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    // The body has it when nothing else has. Neither it nor what is hidden has an offset parent.
    let is_lost = has_it.is_none_or(|it| it.offset_parent().is_none());
    if is_lost && document().has_focus().unwrap_or_default() {
        focus(id);
    }
}

/// Takes away what the page shows, and what it says while nothing takes it over, once the widget stands in its place.
pub fn take_over() {
    if let Some(prerendered) = element("prerendered") {
        prerendered.remove();
    }
    if let Some(fallback) = element("fallback") {
        // It stays there hidden, for an error of ours.
        fallback.set_hidden(true);
    }
    if let Some(place) = element("sidebar") {
        // It can be used now.
        place.remove_attribute("aria-busy").unwrap_or_default();
    }
}

/// Whether a key belongs to a word that is being composed, and so ends or drops that word and does nothing else. Safari
/// tells the key that ends it after the composition, by the code 229 (UI Events, section 4.3; WebKit bug 165004).
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// A UUID of version 4 (RFC 9562, section 5.4): what is asked for twice by the same one is done once. `randomUUID` would
/// make it, but Safari has that only from 15.4 on, and a page that came unencrypted never.
pub fn new_id() -> String {
    let mut bytes = [0_u8; 16];
    let drawn = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).map(|_| ()));
    if drawn.is_err() {
        // It names a request among this person's, and guards nothing.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    let mut number = u128::from_be_bytes(bytes);
    number = number & !(0xf << 76) | (0x4 << 76);
    number = number & !(0x3 << 62) | (0x2 << 62);
    let digits = format!("{number:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap_or_default());
    parts.join("-")
}

/// The time.
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole and below 2^53")]
    Timestamp::from_millisecond(Date::now() as i64).unwrap_or_default()
}

/// A date as this agent's browser writes it: `Nov 20, 2026`.
pub fn date(at: Timestamp) -> String {
    written(at, Some(DateTimeStyle::Medium), None)
}

/// A time of day: `2:05 PM`.
pub fn time_of_day(at: Timestamp) -> String {
    written(at, None, Some(DateTimeStyle::Short))
}

/// A date with its time of day.
pub fn date_and_time(at: Timestamp) -> String {
    written(at, Some(DateTimeStyle::Medium), Some(DateTimeStyle::Short))
}

/// A date with its time to the second.
pub fn exact(at: Timestamp) -> String {
    written(at, Some(DateTimeStyle::Medium), Some(DateTimeStyle::Medium))
}

/// In the browser's own language: what it calls its language need not be a name that it understands. A browser that
/// writes no dates at all gets the standard's.
fn written(at: Timestamp, date_style: Option<DateTimeStyle>, time_style: Option<DateTimeStyle>) -> String {
    formatted(at, date_style, time_style).unwrap_or_else(|| at.to_string())
}

fn formatted(at: Timestamp, date_style: Option<DateTimeStyle>, time_style: Option<DateTimeStyle>) -> Option<String> {
    let options = DateTimeFormatOptions::new();
    if let Some(style) = date_style {
        options.set_date_style(style);
    }
    if let Some(style) = time_style {
        options.set_time_style(style);
    }
    #[expect(clippy::cast_precision_loss, reason = "dates are far below 2^53 milliseconds")]
    let date = Date::new(&JsValue::from_f64(at.as_millisecond() as f64));
    // Its constructor throws where the browser's own language or zone is one that it does not know.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let format = Reflect::construct(&constructor, &Array::of2(&JsValue::UNDEFINED, &options)).ok()?;
    let write: Function = Reflect::get(&format, &"format".into()).ok()?.dyn_into().ok()?;
    write.call1(&JsValue::UNDEFINED, &date).ok()?.as_string()
}
