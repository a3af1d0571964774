//! The text that is being written. It is kept for its conversation as long as the browser's tab lives, and so is the id
//! under which it was last tried to be sent: a text whose answer was lost is not sent twice.

use leptos::prelude::*;
use protocol::sidebar::SendText;
use serde::{Deserialize, Serialize};
use web_sys::Storage;

use crate::page;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    text: String,
    #[serde(default)]
    attempt: Option<SendText>,
}

/// The text that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    /// What is in the box.
    pub text: RwSignal<String>,
    /// A text that was offered to be sent again while another one stood in the box.
    pub offered: RwSignal<Option<String>>,
    attempt: RwSignal<Option<SendText>>,
}

impl Draft {
    /// What was kept for this conversation, and from now on is.
    pub fn of_conversation(agent: Option<i64>, conversation: Option<u64>) -> Self {
        let key = format!("draft {} {}", agent.unwrap_or_default(), conversation.unwrap_or_default());
        let Kept { text, attempt } = read(&key);
        let draft = Self { text: RwSignal::new(text), offered: RwSignal::new(None), attempt: RwSignal::new(attempt) };
        Effect::new(move || write(&key, &Kept { text: draft.text.get(), attempt: draft.attempt.get() }));
        draft
    }

    /// Puts a text into the box, or offers it where another one stands there.
    pub fn offer(self, text: String) {
        let is_free = self.text.with_untracked(|old| old.trim().is_empty() || *old == text);
        if is_free { self.replace(text) } else { self.offered.set(Some(text)) }
    }

    /// Puts a text into the box.
    pub fn replace(self, text: String) {
        self.offered.set(None);
        self.text.set(text);
    }

    /// What is to be sent; the same text as at the last attempt has its id.
    pub fn to_send(self) -> SendText {
        let text = self.text.get_untracked();
        let attempt = self.attempt.get_untracked().filter(|last| last.text == text);
        let attempt = attempt.unwrap_or_else(|| SendText { id: page::new_id(), text });
        self.attempt.set(Some(attempt.clone()));
        attempt
    }

    /// It is sent. What was written meanwhile stays.
    pub fn sent(self, text: &SendText) {
        self.attempt.set(None);
        if self.text.with_untracked(|now| *now == text.text) {
            self.text.set(String::new());
        }
    }
}

/// The tab's own storage, which no other tab reads. A browser that keeps nothing for pages in frames has none.
fn storage() -> Option<Storage> {
    window().session_storage().ok()?
}

fn read(key: &str) -> Kept {
    let kept = storage().and_then(|storage| storage.get_item(key).ok()?);
    kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default()
}

fn write(key: &str, kept: &Kept) {
    let Some(storage) = storage() else { return };
    // A full storage keeps the draft in the box, as it was before.
    let _ = match serde_json::to_string(kept) {
        Ok(json) if *kept != Kept::default() => storage.set_item(key, &json),
        _ => storage.remove_item(key),
    };
}
