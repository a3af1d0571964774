//! One JSON line for each thing worth knowing. Never a text, a number, a token, a signature or an address with a query
//! (P7).

use std::iter::once;

use hotline::json;
use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

struct Line<'a> {
    event: &'a str,
    facts: &'a [(&'a str, &'a str)],
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(once(("event", self.event)).chain(self.facts.iter().copied()))
    }
}

/// Writes a line: a dotted name and plain facts.
pub fn line(event: &str, facts: &[(&str, &str)]) {
    web_sys::console::log_1(&JsValue::from_str(&json::written(&Line { event, facts })));
}
