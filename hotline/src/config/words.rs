//! What callers hear beside the prompt of voicemail.

use super::fields::Fields;
use crate::domain::spoken::{self, Sentence};
use crate::form::percent_encode;

/// The longest that a voice speaks: bytes, and bytes of its URL encoding (Twilio, error 13521).
const SAY_MAX_BYTES: usize = 3_000;
const SAY_MAX_ENCODED_BYTES: usize = 4_500;

/// Refuses words that are longer than a voice can say.
pub(super) fn refuse_too_long(fields: &Fields<'_>, name: &str, words: Option<&str>) {
    let is_too_long = |words: &str| words.len() > SAY_MAX_BYTES || percent_encode(words).len() > SAY_MAX_ENCODED_BYTES;
    if words.is_some_and(is_too_long) {
        fields.problem(name, "is longer than a voice can say; shorten it to 3,000 bytes, or play a recording");
    }
}

/// Sentences to callers, in the hotline's language unless it says them otherwise. `None`: nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Nothing was said after the tone.
    pub no_message: Option<String>,
    /// After a message.
    pub thanks: Option<String>,
    /// Something of ours has failed.
    pub not_connected: Option<String>,
}

impl Words {
    /// Reads the table; what is left out of it is our own sentence.
    pub(super) fn read(mut fields: Option<Fields<'_>>, language: Option<&str>) -> Self {
        let mut read = |name: &'static str, sentence: Sentence| {
            let usual = spoken::sentence(language, sentence);
            let Some(fields) = &mut fields else { return usual.map(str::to_owned) };
            let words = fields.text_or(name, usual.unwrap_or_default());
            refuse_too_long(fields, name, words.as_deref());
            words
        };
        let words = Self {
            no_message: read("no_message", Sentence::NoMessage),
            thanks: read("thanks", Sentence::Thanks),
            not_connected: read("not_connected", Sentence::NotConnected),
        };
        fields.into_iter().for_each(Fields::finish);
        words
    }
}
