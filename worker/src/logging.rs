//! One JSON line for each thing worth knowing. Never a text, a number, a token, a signature or an address with a query
//! (P7).

use hotline::json::quoted;
use wasm_bindgen::JsValue;

/// Writes a line: a dotted name and plain facts.
pub fn line(event: &str, facts: &[(&str, &str)]) {
    let mut line = ["{\"event\":", &quoted(event)].concat();
    for (name, fact) in facts {
        line.push_str(&[",", &quoted(name), ":", &quoted(fact)].concat());
    }
    line.push('}');
    web_sys::console::log_1(&JsValue::from_str(&line));
}
