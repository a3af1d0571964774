//! Where a text may be cut so that no visible character breaks: the rules of Unicode's UAX #29 in short.
//!
//! Marks of the widely written scripts are known; in a rarer script a mark may be taken for a request of its own, which
//! costs a badly cut request in a text that no better place could be found for, and saves some kilobytes of tables.

/// Ranges of characters that always belong to the one before (UAX #29: Extend, SpacingMark, ZWJ), in order; the
/// scripts of India are in [`is_indic_sign`].
const MARKS: [(u32, u32); 46] = [
    (0x300, 0x36f),
    (0x483, 0x489),
    (0x591, 0x5bd),
    (0x5bf, 0x5bf),
    (0x5c1, 0x5c2),
    (0x5c4, 0x5c5),
    (0x5c7, 0x5c7),
    (0x610, 0x61a),
    (0x64b, 0x65f),
    (0x670, 0x670),
    (0x6d6, 0x6dc),
    (0x6df, 0x6e4),
    (0x6e7, 0x6e8),
    (0x6ea, 0x6ed),
    (0x730, 0x74a),
    (0x7a6, 0x7b0),
    (0xd81, 0xd83),
    (0xdca, 0xddf),
    (0xe31, 0xe31),
    (0xe33, 0xe3a),
    (0xe47, 0xe4e),
    (0xeb1, 0xeb1),
    (0xeb3, 0xebc),
    (0xec8, 0xecd),
    (0xf18, 0xf19),
    (0xf71, 0xf84),
    (0xf86, 0xf87),
    (0xf8d, 0xfbc),
    (0x102d, 0x1037),
    (0x1039, 0x103e),
    (0x1056, 0x1059),
    (0x1160, 0x11ff),
    (0x135d, 0x135f),
    (0x17b4, 0x17d3),
    (0x180b, 0x180d),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x200c, 0x200d),
    (0x20d0, 0x20f0),
    (0x302a, 0x302f),
    (0x3099, 0x309a),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
    (0x1f3fb, 0x1f3ff),
    (0xe0020, 0xe007f),
    (0xe0100, 0xe01ef),
];

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// The text cut into visible characters, none of them empty, nothing lost.
pub(crate) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (cluster, after) = rest.split_at_checked(first_len(rest))?;
        rest = after;
        (!cluster.is_empty()).then_some(cluster)
    })
}

/// Bytes of the first visible character.
fn first_len(text: &str) -> usize {
    let mut chars = text.char_indices();
    let Some((_, first)) = chars.next() else { return 0 };
    let (mut last, mut in_flag) = (first, false);
    for (at, next) in chars {
        let makes_flag = is_regional(last) && is_regional(next) && !in_flag;
        let makes_emoji = last == ZERO_WIDTH_JOINER && is_pictograph(first) && is_pictograph(next);
        if !makes_flag && !makes_emoji && !joins(last, next) {
            return at;
        }
        in_flag = makes_flag;
        last = next;
    }
    text.len()
}

fn joins(last: char, next: char) -> bool {
    match (last, next) {
        ('\r', '\n') => true,
        (c, _) if c.is_control() => false,
        // A Korean syllable begun by a leading consonant.
        ('\u{1100}'..='\u{115f}', '\u{1100}'..='\u{115f}' | '\u{ac00}'..='\u{d7a3}') => true,
        _ => is_mark(next),
    }
}

fn is_regional(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

/// Emoji and the symbols among which the older of them are, flags' requests apart.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}') && !is_regional(c)
}

fn is_mark(c: char) -> bool {
    let c = u32::from(c);
    c >= 0x300 && (is_indic_sign(c) || MARKS.iter().any(|(first, last)| (*first..=*last).contains(&c)))
}

/// Vowel signs and the like in the blocks from Devanagari to Malayalam, which share one layout.
fn is_indic_sign(c: u32) -> bool {
    (0x900..0xd80).contains(&c) && matches!(c & 0x7f, 0x01..=0x03 | 0x3c | 0x3e..=0x4d | 0x51..=0x57 | 0x62..=0x63)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_eye_takes_for_one_character_stays_whole() {
        for (text, parts) in [
            ("", vec![]),
            ("ab", vec!["a", "b"]),
            ("e\u{301}a", vec!["e\u{301}", "a"]),
            ("a\r\nb\n\u{301}", vec!["a", "\r\n", "b", "\n", "\u{301}"]),
            ("🇮🇹🇩🇪🇫", vec!["🇮🇹", "🇩🇪", "🇫"]),
            ("👨‍👩‍👧👍🏽", vec!["👨‍👩‍👧", "👍🏽"]),
            ("a\u{200d}😀", vec!["a\u{200d}", "😀"]),
            ("🏳️‍🌈1️⃣", vec!["🏳️‍🌈", "1️⃣"]),
            ("नमस्ते", vec!["न", "म", "स्", "ते"]),
            ("สวัส", vec!["ส", "วั", "ส"]),
            ("\u{1112}\u{1161}\u{11ab}한", vec!["\u{1112}\u{1161}\u{11ab}", "한"]),
            ("שָׁ", vec!["שָׁ"]),
        ] {
            assert_eq!(clusters(text).collect::<Vec<_>>(), parts, "{text:?}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(MARKS.iter().all(|(first, last)| first <= last) && MARKS.is_sorted_by(|a, b| a.1 < b.0));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in any::<String>()) {
            prop_assert_eq!(clusters(&text).collect::<String>(), text);
        }
    }
}
