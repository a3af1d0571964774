//! What the served page tells the widget, and what the browser knows.

use js_sys::Intl::{DateTimeFormat, DateTimeFormatOptions, DateTimeStyle};
use js_sys::{Array, Date};
use leptos::prelude::{document, window};
use protocol::Timestamp;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

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

/// A UUID: what is asked for twice by the same one is done once.
pub fn new_id() -> String {
    window().crypto().map_or_else(|_| String::new(), |crypto| crypto.random_uuid())
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

/// In the browser's own language: what it calls its language need not be a name that it understands.
fn written(at: Timestamp, date_style: Option<DateTimeStyle>, time_style: Option<DateTimeStyle>) -> String {
    let options = DateTimeFormatOptions::new();
    if let Some(style) = date_style {
        options.set_date_style(style);
    }
    if let Some(style) = time_style {
        options.set_time_style(style);
    }
    #[expect(clippy::cast_precision_loss, reason = "dates are far below 2^53 milliseconds")]
    let date = Date::new(&JsValue::from_f64(at.as_millisecond() as f64));
    let format = DateTimeFormat::new(&Array::new(), &options).format();
    let written = format.call1(&JsValue::UNDEFINED, &date).ok().and_then(|written| written.as_string());
    written.unwrap_or_else(|| at.to_string())
}
