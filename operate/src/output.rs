//! What a command prints: words for people, or one JSON document.

use serde_json::Value;

/// Where words go. With `--json` standard output belongs to the document.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// `json`: one document on standard output, all words on standard error.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether standard output belongs to the document.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line for people.
    pub fn say(self, line: &str) {
        if self.json {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }

    /// The command's document.
    pub fn document(self, document: &Value) {
        if self.json {
            println!("{document}");
        }
    }
}
