//! What the served page tells the widget, and what the browser knows.

use hotline::effects::Millis;
use js_sys::{Date, Object, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

/// The content of one of the page's `<meta>` elements, or "".
pub fn meta(name: &str) -> String {
    let found = document().query_selector(&["meta[name=", name, "]"].concat()).ok().flatten();
    found.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

/// An element of ours.
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
    // The body, which has it when nothing else has, is in no other element's place, as little as what is hidden.
    let is_lost = has_it.is_none_or(|it| it.offset_parent().is_none());
    if is_lost && document().has_focus().unwrap_or_default() {
        focus(id);
    }
}

/// The time.
pub fn now() -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole")]
    let now = Date::now() as Millis;
    now
}

/// A date as this agent's browser writes it: `Nov 20, 2026`.
pub fn date(at: Millis) -> String {
    written(at, &[("dateStyle", "medium")])
}

/// A date with its time.
pub fn exact(at: Millis) -> String {
    written(at, &[("dateStyle", "medium"), ("timeStyle", "medium")])
}

fn written(at: Millis, styles: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, style) in styles {
        // A plain object takes every member.
        let _ = Reflect::set(&options, &(*name).into(), &(*style).into());
    }
    #[expect(clippy::cast_precision_loss, reason = "dates are far below 2^53")]
    let date = Date::new(&JsValue::from_f64(at as f64));
    date.to_locale_string(&window().navigator().language().unwrap_or_default(), &options).into()
}

/// A date for programs.
pub fn iso(at: Millis) -> String {
    #[expect(clippy::cast_precision_loss, reason = "dates are far below 2^53")]
    let date = Date::new(&JsValue::from_f64(at as f64));
    date.to_iso_string().into()
}
