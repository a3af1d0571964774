//! Templates: what is said in each language, and the fields that fill it.

mod data;
mod filled;
mod text;

pub use data::{Data, DataFault};
pub use filled::{Content, Filled, Rendered, UsedTemplate};
pub use text::{Malformed, Text};

use serde::{Deserialize, Serialize};

use crate::domain::spoken::is_language_tag;

/// What a template says in each language, and the fields that fill it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// At least one; the first is for whoever has no language of their own here.
    pub wordings: Vec<Wording>,
    /// Every field that a wording uses, sorted by name.
    #[serde(default)]
    pub fields: Vec<Field>,
}

/// What a template says in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Its tag (BCP 47), such as `en` or `es-MX`.
    pub language: String,
    /// The text; it also stands for the template on the timeline.
    pub text: Text,
    /// What leaves on WhatsApp instead.
    #[serde(default)]
    pub whatsapp: Option<WhatsappContent>,
}

/// A template that WhatsApp has approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatsappContent {
    /// Twilio's id of it, `HX…`.
    pub content_sid: String,
    /// Its variables, and the field that fills each.
    #[serde(default)]
    pub variables: Vec<(String, String)>,
}

/// A field that a program fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// As placeholders have it.
    pub name: String,
    /// Whether it must be given; else nothing stands in its place.
    #[serde(default)]
    pub required: bool,
    /// The most characters.
    #[serde(default)]
    pub max: Option<usize>,
}

impl Template {
    /// The wording in a language, or in the one that it is a kind of (RFC 4647, lookup): `es-MX` finds `es`.
    pub fn wording(&self, language: &str) -> Option<&Wording> {
        let mut wanted = language;
        loop {
            let found = self.wordings.iter().find(|wording| wording.language.eq_ignore_ascii_case(wanted));
            let Some((wider, _)) = wanted.rsplit_once('-').filter(|_| found.is_none()) else { return found };
            wanted = wider;
        }
    }
}

/// Whether a word names a template: small letters, digits, `_` and `-`, so that it stands in an address as it is.
pub fn is_name(word: &str) -> bool {
    has_length(word) && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

/// Whether a word names a field, or a variable of an approved template: letters, digits, `_` and `-`.
pub fn is_field_name(word: &str) -> bool {
    has_length(word) && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// Names are as long as tags of messages at most.
fn has_length(word: &str) -> bool {
    (1..=64).contains(&word.len())
}

/// Whether a word can be the tag of a language: `en`, `es-MX`, `zh-Hant-TW`.
pub fn is_language(word: &str) -> bool {
    /// Room for every tag in use (RFC 5646, 4.4.1).
    const LONGEST: usize = 35;
    word.len() <= LONGEST && is_language_tag(word)
}

#[cfg(test)]
mod tests;
