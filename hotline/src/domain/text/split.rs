//! A long text in parts that Twilio takes, cut where a reader would pause.

use unicode_segmentation::UnicodeSegmentation;

/// The longest `Body` (Twilio, Message resource: 1,600 characters; error 21617). Counted in UTF-16 code units, which are
/// never fewer than the characters, so that the limit holds whichever of the two Twilio means.
pub const MAX_UNITS: usize = 1600;

/// The parts of a text in order, none empty, none above [`MAX_UNITS`]; only white space at the cuts and at both ends
/// is left out. What would need more than `most` parts is returned as the rest.
pub fn split(text: &str, most: usize) -> (Vec<&str>, &str) {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && parts.len() < most {
        let (part, after) = rest.split_at_checked(cut(rest)).unwrap_or((rest, ""));
        parts.push(part);
        rest = after.trim_start();
    }
    (parts, rest)
}

/// Where the first part ends, in bytes.
fn cut(text: &str) -> usize {
    let Some(head) = head(text) else { return text.len() };
    let end = fitting(head);
    border(text, end).unwrap_or(end)
}

/// What decides where the first part ends, however long the text is: as many characters as fit, and the one after them.
/// `None` when all of it fits.
fn head(text: &str) -> Option<&str> {
    let mut units = 0;
    let (at, next) = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > MAX_UNITS
    })?;
    text.get(..at + next.len_utf8())
}

/// Bytes of a head's visible characters that are whole without its last character; a single one that is too long
/// itself is cut hard.
fn fitting(head: &str) -> usize {
    let last = head.graphemes(true).next_back().map_or(0, str::len);
    let next = head.chars().next_back().map_or(0, char::len_utf8);
    if last < head.len() { head.len() - last } else { head.len() - next }
}

/// The last end of a paragraph, else of a line, else of a word, at or before `end`.
fn border(text: &str, end: usize) -> Option<usize> {
    let (mut paragraph, mut line, mut word) = (None, None, None);
    let mut after_space = true;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= end) {
        if c.is_whitespace() && !after_space {
            let gap = text.get(at..).unwrap_or_default();
            let breaks = gap.chars().take_while(|c| c.is_whitespace()).filter(|c| *c == '\n').take(2).count();
            word = Some(at);
            // In the first half it would leave a stub of a text before a full one.
            if at >= end / 2 {
                line = if breaks >= 1 { word } else { line };
                paragraph = if breaks >= 2 { word } else { paragraph };
            }
        }
        after_space = c.is_whitespace();
    }
    paragraph.or(line).or(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<&str> {
        split(text, usize::MAX).0
    }

    fn lengths(text: &str) -> Vec<usize> {
        all(text).iter().map(|part| part.encode_utf16().count()).collect()
    }

    #[test]
    fn a_text_that_fits_leaves_as_it_is() {
        for text in ["Hi", "Hi\n\nthere", &"x".repeat(1600), &"😀".repeat(800)] {
            assert_eq!(all(text), [text]);
        }
        assert_eq!(all(" \n Hi \n"), ["Hi"]);
        assert_eq!(all(" \n\t "), [""; 0]);
    }

    #[test]
    fn an_essay_is_cut_where_a_reader_would_pause() {
        let (half, most) = ("a".repeat(900), "b ".repeat(400));
        for (case, text, parts) in [
            ("paragraph before line", format!("{half}\n\n{}\nc {most}", "a".repeat(300)), vec![900, 1102]),
            ("paragraph", format!("{half}\n\ncc\ndd {most}"), vec![900, 805]),
            ("line", format!("{half}\ncc dd {most}"), vec![900, 805]),
            ("CR LF paragraph", format!("{half}\r\n\r\ncc\r\ndd {most}"), vec![900, 806]),
            ("word, not an early paragraph", format!("Dear Sam,\n\n{}", "word ".repeat(400)), vec![1600, 409]),
            ("exactly full before a space", format!("{} {half}", "x".repeat(1600)), vec![1600, 900]),
            ("many spaces at the cut", format!("{}{}{half}", "x ".repeat(800), " ".repeat(5000)), vec![1599, 900]),
            ("address behind a short word", format!("See {}", "h".repeat(1600)), vec![3, 1600]),
            ("endless word", "x".repeat(3300), vec![1600, 1600, 100]),
            ("emoji count two", "😀".repeat(801), vec![1600, 2]),
        ] {
            assert_eq!(lengths(&text), parts, "{case}");
        }
    }

    #[test]
    fn a_family_of_emoji_is_not_parted() {
        let family = "👨‍👩‍👧";
        let text = family.repeat(400);
        assert!(all(&text).iter().all(|part| part.replace(family, "").is_empty()), "{:?}", lengths(&text));
        let accented = "e\u{301}".repeat(1000);
        assert!(all(&accented).iter().all(|part| part.starts_with('e')));
    }

    #[test]
    fn one_endless_character_is_cut_hard() {
        assert_eq!(lengths(&["e", &"\u{301}".repeat(2000)].concat()), [1600, 401]);
    }

    #[test]
    fn one_endless_character_is_looked_at_once() {
        for (text, chars) in [
            ("\u{301}".repeat(1 << 20), MAX_UNITS + 1),
            ("😀\u{200d}".repeat(1 << 18), MAX_UNITS * 2 / 3 + 1),
            ("x".repeat(MAX_UNITS + 1), MAX_UNITS + 1),
        ] {
            assert_eq!(head(&text).map(|head| head.chars().count()), Some(chars));
        }
        assert_eq!(head(&"x".repeat(MAX_UNITS)), None);
        let parts = all(&"\u{301}".repeat(1 << 20)).len();
        assert_eq!(parts, (1usize << 20).div_ceil(MAX_UNITS));
    }

    fn essay() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[a-z]{1,12}",
            3 => "[ \n]{1,3}",
            1 => "\r\n\r\n|\\s{1,4}",
            1 => "[a-z😀é\u{301}\u{200d}🇮🇹👍🏽]{1,300}",
            1 => "[x]{1,900}",
        ];
        prop::collection::vec(piece, 0..400).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn parts_fit_and_lose_only_white_space_at_the_cuts(text in essay()) {
            let mut rest = text.as_str();
            for part in all(&text) {
                prop_assert!(!part.trim().is_empty() && part.encode_utf16().count() <= MAX_UNITS);
                rest = rest.trim_start().strip_prefix(part).unwrap();
            }
            prop_assert_eq!(rest.trim(), "");
        }

        #[test]
        fn what_is_too_long_is_the_rest_and_the_beginning_is_whole(text in essay(), most in 1..4_usize) {
            let (parts, rest) = split(&text, most);
            prop_assert!(parts.len() <= most && (rest.is_empty() || parts.len() == most));
            let beginning = text.trim_end().strip_suffix(rest).unwrap();
            let (again, nothing) = split(beginning, most);
            let words = |parts: &[&str]| parts.concat().split_whitespace().collect::<String>();
            prop_assert_eq!((words(&again), nothing), (words(&parts), ""));
        }

        #[test]
        fn every_part_but_the_last_is_at_least_half_full(words in prop::collection::vec("[a-z]{1,300}[ \n]{1,3}", 0..40)) {
            let text = words.concat();
            let parts = lengths(&text);
            prop_assert!(parts.iter().rev().skip(1).all(|units| *units >= MAX_UNITS / 2), "{:?}", parts);
        }
    }
}
