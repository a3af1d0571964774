//! Writes log lines as JSON, one for each thing worth knowing (docs/LOGGING.md).

use hotline::log::{Level, LogLine};
use serde_json::{Map, Value};
use wasm_bindgen::JsValue;

/// Writes a line: its level, its event, and these facts beside its own.
pub fn write(line: &LogLine, facts: &[(&str, &str)]) {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    set("level", line.level.as_str().into());
    set("event", line.event.into());
    for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        set(name, (*fact).into());
    }
    if !line.subject.is_empty() {
        set("subject", line.subject.as_str().into());
    }
    for (name, number) in [("job", line.job), ("attempt", line.attempt)] {
        if let Some(number) = number {
            set(name, number.into());
        }
    }
    let text = JsValue::from_str(&Value::Object(fields).to_string());
    match line.level {
        Level::Info => web_sys::console::log_1(&text),
        Level::Warning => web_sys::console::warn_1(&text),
        Level::Error => web_sys::console::error_1(&text),
    }
}
