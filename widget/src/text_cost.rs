//! What a text costs, as far as an agent should know.

use hotline::domain::text::segments::{self, Encoding};
use hotline::domain::text::split::split;
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
    let count = format!("{}, {}", many(text.chars().count(), "character"), many(texts(text), "text"));
    let why = match all.encoding {
        Encoding::Gsm7 => String::new(),
        Encoding::Ucs2 => format!("With {} in it a text holds 70 characters, not 160", culprits(text)),
    };
    Cost { count, why }
}

/// How many texts it is billed as. One of 1,600 characters, of which some count two, leaves in parts, and each part is
/// counted by itself. White space alone counts as one, as everywhere.
fn texts(text: &str) -> usize {
    let (parts, _) = split(text, usize::MAX);
    parts.iter().map(|part| segments::count(part).segments).sum::<usize>().max(1)
}

/// The characters for which a text must be sent in the alphabet of which fewer fit: taking out some of them alone does
/// not help.
fn culprits(text: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for character in text.graphemes(true).filter(|it| segments::count(it).encoding == Encoding::Ucs2) {
        for name in names_of(character) {
            if !names.contains(&name) {
                names.push(name);
            }
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

/// A character by itself, or what in it cannot be seen, in words: a sign that stands behind a letter of the alphabet of
/// which 160 fit is what makes the text dear, and not the letter.
fn names_of(character: &str) -> Vec<&str> {
    let unseen: Vec<&str> = character.chars().filter_map(unseen).collect();
    let seen: String = character.chars().filter(|it| self::unseen(*it).is_none()).collect();
    if unseen.is_empty() || segments::count(&seen).encoding == Encoding::Ucs2 { vec![character] } else { unseen }
}

/// What a character is called that nobody sees, as people know it from where it comes: word processors, web pages, chats
/// (Unicode, its names and `Default_Ignorable_Code_Point`).
fn unseen(character: char) -> Option<&'static str> {
    Some(match character {
        '\t' => "a tab",
        '\u{a0}' | '\u{202f}' => "a no-break space",
        '\u{200b}' => "a zero-width space",
        '\u{2060}' | '\u{feff}' => "a zero-width no-break space",
        '\u{ad}' => "a soft hyphen",
        '\u{200c}' | '\u{200d}' => "an invisible joiner",
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a mark of direction",
        '\u{2028}' | '\u{2029}' | '\u{85}' => "a line separator",
        '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => "a wide or narrow space",
        '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{e0100}'..='\u{e01ef}' => "a mark of emoji",
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => "a blank letter",
        '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{2061}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
        | '\u{fff0}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        // Of an app's own, which other phones show as nothing or as a box.
        | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => "an invisible character",
        _ if character.is_control() && !matches!(character, '\n' | '\r') => "an invisible character",
        _ => return None,
    })
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
        assert_eq!(cost(" ").count, "1 character, 1 text");
    }

    #[test]
    fn a_text_that_leaves_in_parts_costs_what_its_parts_cost() {
        // The word leaves by itself, in the alphabet of which 153 fit into each of many.
        let text = format!("{} {}", "a".repeat(1_579), "😀".repeat(20));
        assert_eq!(segments::count(&text).segments, 25, "as if it left in one");
        assert_eq!(cost(&text).count, "1600 characters, 12 texts");
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
        for (sign, name) in [
            ("\u{200b}", "a zero-width space"),
            ("\u{feff}", "a zero-width no-break space"),
            ("\u{a0}", "a no-break space"),
            ("\u{202f}", "a no-break space"),
            ("\u{200a}", "a wide or narrow space"),
            ("\u{ad}", "a soft hyphen"),
            ("\u{200e}", "a mark of direction"),
            ("\u{202e}", "a mark of direction"),
            ("\u{200c}", "an invisible joiner"),
            ("\u{200d}", "an invisible joiner"),
            ("\u{fe0f}", "a mark of emoji"),
            ("\u{3164}", "a blank letter"),
            ("\u{2800}", "a blank letter"),
            ("\u{2028}", "a line separator"),
            ("\u{34f}", "an invisible character"),
            ("\u{e0041}", "an invisible character"),
            ("\u{1}", "an invisible character"),
            ("\t", "a tab"),
        ] {
            assert_eq!(why(&format!("a{sign}b")), format!("With {name} in it a text holds 70 characters, not 160"));
        }
        assert!(why("👩\u{200d}👧 ❤\u{fe0f}").starts_with("With 👩\u{200d}👧 and ❤\u{fe0f} in it"));
    }
}
