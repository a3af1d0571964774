//! One JSON line for each thing worth knowing. Never a text, a number, a token, a signature or an address with a query
//! (P7).

use worker::console_log;

/// Writes a line: a dotted name and plain facts.
pub fn line(event: &str, facts: &[(&str, &str)]) {
    let mut line = serde_json::Map::new();
    line.insert("event".to_owned(), event.into());
    for (name, fact) in facts {
        line.insert((*name).to_owned(), (*fact).into());
    }
    console_log!("{}", serde_json::Value::Object(line));
}
