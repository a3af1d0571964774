//! What comes along when a value is pasted or piped, and belongs to no value: the byte order mark that Windows PowerShell
//! writes into a pipe, spaces without width, line ends, the quotes of a shell.

use crate::domain::text::invisible::{is_space, visible};

/// U+FEFF in UTF-8, read as Windows-1252.
const MISREAD_BYTE_ORDER_MARK: &str = "\u{ef}\u{bb}\u{bf}";

/// Quotes in pairs: of shells and dotenv files, of Markdown, of word processors.
const QUOTES: [(char, char); 5] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}'), ('\u{2018}', '\u{2019}')];

/// The value without the marks around it, and without one pair of quotes.
pub(super) fn stripped(text: &str) -> &str {
    let bare = without_marks(text);
    let quoted = QUOTES.iter().find_map(|(open, close)| bare.strip_prefix(*open)?.strip_suffix(*close));
    quoted.map_or(bare, without_marks)
}

fn without_marks(text: &str) -> &str {
    let bare = text.trim_matches(is_mark);
    bare.strip_prefix(MISREAD_BYTE_ORDER_MARK).map_or(bare, |bare| bare.trim_matches(is_mark))
}

/// Whether a value has marks inside it, or a quote of which the other is missing. Blanks are somebody's choice.
pub(super) fn is_marked(text: &str) -> bool {
    let is_quote = |c: char| QUOTES.iter().any(|(open, close)| c == *open || c == *close);
    text.contains(|c| c != ' ' && is_mark(c)) || text.starts_with(is_quote) || text.ends_with(is_quote)
}

fn is_mark(c: char) -> bool {
    is_space(c) || c.is_whitespace() || visible(c.encode_utf8(&mut [0; 4]), false).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_value_is_no_part_of_it() {
        for pasted in [
            "sesame",
            "sesame\r\n",
            "\u{feff}sesame\n",
            "\u{200b}sesame\u{200b}",
            "\u{a0}sesame\u{3000}",
            "\u{ef}\u{bb}\u{bf}sesame",
            "\"sesame\"",
            "'sesame'\n",
            "\u{feff}\" sesame\"",
            "\u{201c}sesame\u{201d}",
            "\u{2068}sesame\u{2069}",
            "sesame\0",
            "\tsesame\u{2060}",
        ] {
            assert_eq!(stripped(pasted), "sesame", "{pasted:?}");
            assert!(!is_marked(stripped(pasted)));
        }
        for (text, left) in [("''", ""), ("\"", "\""), ("it's", "it's"), ("", ""), ("{\"a\":\"b\"}", "{\"a\":\"b\"}")] {
            assert_eq!(stripped(text), left, "{text:?}");
        }
    }

    #[test]
    fn a_mark_inside_a_value_is_found() {
        for marked in ["ses\u{200b}ame", "ses\name", "s\0e\0s", "sesame\"", "'sesame", "ses\u{feff}ame", "ses\u{a0}ame"]
        {
            assert!(is_marked(marked), "{marked:?}");
        }
        assert!(!is_marked("open sesame, it's \"me\" now"));
    }
}
