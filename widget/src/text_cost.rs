//! What a text costs, as far as an agent should know.

use hotline::domain::text::segments::{self, Encoding};
use unicode_segmentation::UnicodeSegmentation;

/// How many of the characters that make a text dear are named.
const NAMED: usize = 3;

/// What a text costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// `12 characters, 1 text`; "" when nothing is written.
    pub count: String,
    /// Why fewer characters fit than usual; "" when they do not.
    pub why: String,
}

/// What a text that is being written costs.
pub fn cost(text: &str) -> Cost {
    if text.is_empty() {
        return Cost::default();
    }
    let all = segments::count(text);
    let many = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let count = format!("{}, {}", many(text.chars().count(), "character"), many(all.segments, "text"));
    let why = match all.encoding {
        Encoding::Gsm7 => String::new(),
        Encoding::Ucs2 => format!("With {} in it a text holds 70 characters, not 160", culprits(text)),
    };
    Cost { count, why }
}

/// The characters for which a text must be sent in the alphabet of which fewer fit: taking out some of them alone does
/// not help.
fn culprits(text: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for character in text.graphemes(true).filter(|it| segments::count(it).encoding == Encoding::Ucs2) {
        let name = name(character);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > NAMED {
        names.truncate(NAMED);
        names.push("others");
    }
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        last => last.map_or_else(String::new, |(last, _)| (*last).to_owned()),
    }
}

/// A character by itself, or in words where it cannot be seen.
fn name(character: &str) -> &str {
    match character {
        "\t" => "a tab",
        "\u{a0}" | "\u{202f}" => "a no-break space",
        _ if character.chars().all(|it| it.is_whitespace() || it.is_control() || is_format(it)) => {
            "an invisible character"
        }
        _ => character,
    }
}

/// Marks of direction, joiners and the like (Unicode, General Punctuation), which come along with copied text.
fn is_format(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        cost(text).why
    }

    #[test]
    fn characters_and_texts_are_counted() {
        assert_eq!(cost("Hello"), Cost { count: "5 characters, 1 text".to_owned(), why: String::new() });
        assert_eq!(cost(""), Cost::default());
        assert_eq!(cost(&"a".repeat(161)).count, "161 characters, 2 texts");
    }

    #[test]
    fn every_character_that_makes_a_text_dear_is_named() {
        assert_eq!(why("It’s"), "With ’ in it a text holds 70 characters, not 160");
        assert_eq!(why("It’s — well — 👩‍👧"), "With ’, — and 👩‍👧 in it a text holds 70 characters, not 160");
        assert_eq!(why("Straße für €5 [ja]"), "", "these are in the alphabet of which 160 fit");
        assert_eq!(why("שלום"), "With ש, ל, ו and others in it a text holds 70 characters, not 160");
    }

    #[test]
    fn what_cannot_be_seen_is_named_in_words() {
        assert!(why("a\u{200b}b").contains("With an invisible character in it"));
        assert!(why("5\u{a0}pm").contains("a no-break space"));
        assert!(why("a\tb").contains("a tab"));
    }
}
