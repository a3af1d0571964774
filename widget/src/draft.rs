//! The text that is being written. It is kept for its conversation as long as the browser's tab lives, and so is the id
//! under which it was last tried to be sent: a text whose answer was lost is not sent twice.

use leptos::prelude::*;
use protocol::sidebar::{Entry, SendText};
use serde::{Deserialize, Serialize};
use web_sys::Storage;

use crate::page;

/// The draft in the tab's storage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct StoredDraft {
    text: String,
    again: Option<String>,
    attempt: Option<SendText>,
}

/// A text that did not arrive and is to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResendDraft {
    entry: String,
    text: String,
}

/// The text that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    /// What is in the box.
    pub text: RwSignal<String>,
    /// What was to be put into the box while another text stood there.
    pub offered: RwSignal<Option<ResendDraft>>,
    /// The entry that is sent again by what is in the box.
    again: RwSignal<Option<String>>,
    attempt: RwSignal<Option<SendText>>,
}

impl Draft {
    /// What was kept for this conversation, and from now on is.
    pub fn of_conversation(agent: Option<i64>, conversation: Option<u64>) -> Self {
        let key = format!("draft {} {}", agent.unwrap_or_default(), conversation.unwrap_or_default());
        let StoredDraft { text, again, attempt } = read(&key);
        let draft = Self {
            text: RwSignal::new(text),
            offered: RwSignal::new(None),
            again: RwSignal::new(again),
            attempt: RwSignal::new(attempt),
        };
        Effect::new(move || {
            write(
                &key,
                &StoredDraft { text: draft.text.get(), again: draft.again.get(), attempt: draft.attempt.get() },
            );
        });
        draft
    }

    /// Puts a text into the box that is to be sent again, or offers it where another one stands there.
    pub fn offer(self, entry: &Entry) {
        let again = ResendDraft { entry: entry.id.clone(), text: entry.words().to_owned() };
        let is_free = self.text.with_untracked(|old| old.trim().is_empty() || *old == again.text);
        if is_free { self.take(again) } else { self.offered.set(Some(again)) }
    }

    /// Puts it into the box.
    pub fn take(self, again: ResendDraft) {
        self.offered.set(None);
        self.text.set(again.text);
        self.again.set(Some(again.entry));
    }

    /// The agent has typed. What is begun in an empty box is another text.
    pub fn typed(self) {
        if self.text.read_untracked().is_empty() {
            self.again.set(None);
        }
    }

    /// What is to be sent; the same text as at the last attempt has its id.
    pub fn to_send(self) -> SendText {
        let (text, again) = (self.text.get_untracked(), self.again.get_untracked());
        let attempt = self.attempt.get_untracked().filter(|last| last.text == text && last.again == again);
        let attempt = attempt.unwrap_or_else(|| SendText { id: page::new_id(), text, again });
        self.attempt.set(Some(attempt.clone()));
        attempt
    }

    /// It is sent. What was written meanwhile stays.
    pub fn sent(self, text: &SendText) {
        self.attempt.set(None);
        self.again.set(None);
        if self.text.with_untracked(|now| *now == text.text) {
            self.text.set(String::new());
        }
    }
}

/// The tab's own storage, which no other tab reads. A browser that keeps nothing for pages in frames has none.
fn storage() -> Option<Storage> {
    window().session_storage().ok()?
}

fn read(key: &str) -> StoredDraft {
    let kept = storage().and_then(|storage| storage.get_item(key).ok()?);
    kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default()
}

fn write(key: &str, kept: &StoredDraft) {
    let Some(storage) = storage() else { return };
    // A full storage keeps the draft in the box, as it was before.
    let _ = match serde_json::to_string(kept) {
        Ok(json) if *kept != StoredDraft::default() => storage.set_item(key, &json),
        _ => storage.remove_item(key),
    };
}
