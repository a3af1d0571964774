//! What a text costs: the SMS segments it is sent in, counted as Twilio's own segment calculator counts them.

use unicode_segmentation::UnicodeSegmentation;

/// The alphabet a text is sent in; one character outside GSM-7 makes it all UCS-2 (3GPP TS 23.038).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Seven bits a character, or fourteen for one of its extension table.
    Gsm7,
    /// Sixteen bits a UTF-16 code unit.
    Ucs2,
}

impl From<Encoding> for protocol::v1::Encoding {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Gsm7 => Self::Gsm7,
            Encoding::Ucs2 => Self::Ucs2,
        }
    }
}

impl Encoding {
    /// Units that fit when the text is one segment: 140 octets.
    const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that fit beside the six-octet header of a segment in a longer text.
    const fn of_many(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// The letters and signs of GSM-7's basic table that ASCII lacks (3GPP TS 23.038, §6.2.1).
const BEYOND_ASCII: &str = "¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ";

/// How a text is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    /// The alphabet of the whole text.
    pub encoding: Encoding,
    /// How many SMS it is billed as; at least 1.
    pub segments: usize,
    /// Its length in septets (GSM-7) or 16-bit units (UCS-2), headers not counted.
    pub units: usize,
}

/// Counts a text as it stands. A line break written CR LF makes the calculator count UCS-2, so write LF alone.
pub fn count(text: &str) -> Segments {
    let is_gsm7 = text.chars().all(|c| septets(c).is_some()) && !text.contains("\r\n");
    let encoding = if is_gsm7 { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let (mut segments, mut units, mut filled) = (1, 0, 0);
    for cluster in text.graphemes(true) {
        let size = units_of(cluster, encoding);
        units += size;
        // A visible character is never torn between two segments.
        if filled + size > encoding.of_many() {
            segments += 1;
            filled = 0;
        }
        filled += size;
    }
    let segments = if units <= encoding.single() { 1 } else { segments };
    Segments { encoding, segments, units }
}

/// The characters that make a text UCS-2, or count twice in GSM-7: each once, in their order.
pub fn costly(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for cluster in text.graphemes(true) {
        let is_costly = cluster == "\r\n" || cluster.chars().any(|c| septets(c) != Some(1));
        if is_costly && !found.contains(&cluster) {
            found.push(cluster);
        }
    }
    found
}

fn units_of(cluster: &str, encoding: Encoding) -> usize {
    match (encoding, cluster.chars().next().and_then(septets)) {
        (Encoding::Gsm7, Some(septets)) => septets,
        // So the calculator: a character that begins with one of GSM-7 is one unit, whatever marks follow.
        (Encoding::Ucs2, Some(_)) => 1,
        (_, None) => cluster.chars().map(char::len_utf16).sum(),
    }
}

/// Septets of a character in GSM-7's basic table (1) or extension table (2); `None` outside it (3GPP TS 23.038, §6.2.1).
fn septets(c: char) -> Option<usize> {
    match c {
        '\u{c}' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' | '~' | '€' => Some(2),
        '\n' | '\r' | ' '..='_' | 'a'..='z' => Some(1),
        _ if BEYOND_ASCII.chars().any(|known| known == c) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Encoding::{Gsm7, Ucs2};
    use super::*;

    fn counted(text: &str) -> (Encoding, usize, usize) {
        let Segments { encoding, segments, units } = count(text);
        (encoding, segments, units)
    }

    #[test]
    fn texts_cost_what_twilios_calculator_says() {
        for (prefix, digits, expected) in [
            ("", 0, (Gsm7, 1, 0)),
            ("", 160, (Gsm7, 1, 160)),
            ("", 161, (Gsm7, 2, 161)),
            ("", 306, (Gsm7, 2, 306)),
            ("", 307, (Gsm7, 3, 307)),
            ("😜", 68, (Ucs2, 1, 70)),
            ("😜", 69, (Ucs2, 2, 71)),
            ("😜", 132, (Ucs2, 2, 134)),
            ("😜", 133, (Ucs2, 3, 135)),
            ("🇮🇹", 66, (Ucs2, 1, 70)),
            ("🇮🇹", 67, (Ucs2, 2, 71)),
            ("🏳️‍🌈", 64, (Ucs2, 1, 70)),
            ("🏳️‍🌈", 65, (Ucs2, 2, 71)),
            ("`", 69, (Ucs2, 1, 70)),
            ("ç", 70, (Ucs2, 2, 71)),
            ("e\u{301}", 69, (Ucs2, 1, 70)),
            ("\r\n", 69, (Ucs2, 1, 70)),
            ("\r", 159, (Gsm7, 1, 160)),
            ("\n", 159, (Gsm7, 1, 160)),
        ] {
            assert_eq!(counted(&format!("{prefix}{}", "1".repeat(digits))), expected, "{prefix:?} + {digits} digits");
        }
    }

    #[test]
    fn the_extension_table_costs_double_unless_all_is_ucs2() {
        for c in "|^€{}[]~\\\u{c}".chars() {
            assert_eq!(counted(&format!("{c}{}", "1".repeat(158))), (Gsm7, 1, 160), "{c:?}");
            assert_eq!(counted(&format!("{c}{}", "1".repeat(159))), (Gsm7, 2, 161), "{c:?}");
        }
        assert_eq!(counted(&format!("😀{}", "]".repeat(68))), (Ucs2, 1, 70));
        assert_eq!(counted(&format!("😀{}", "]".repeat(69))), (Ucs2, 2, 71));
    }

    #[test]
    fn nothing_is_torn_between_two_segments() {
        // 152 septets leave one free, too little for the euro sign; a flag takes four units, and three are left.
        assert_eq!(counted(&format!("{}€{}", "1".repeat(152), "1".repeat(152))), (Gsm7, 3, 306));
        assert_eq!(counted(&format!("{}🇮🇹{}", "1".repeat(64), "1".repeat(64))), (Ucs2, 3, 132));
    }

    #[test]
    fn the_alphabet_has_exactly_its_letters() {
        let basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
            ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
        let of = |size| (0..=char::MAX as u32).filter_map(char::from_u32).filter(|c| septets(*c) == Some(size)).count();
        assert!(basic.chars().all(|c| septets(c) == Some(1)));
        assert_eq!((basic.chars().count(), of(1), of(2)), (127, 127, 10));
        assert!("ÁÚúçíÍóÓ`’“…\t\u{a0}".chars().all(|c| septets(c).is_none()));
    }

    #[test]
    fn what_costs_is_named_once_and_in_order() {
        for (text, expected) in [
            ("Your ballot was received.", &[][..]),
            ("5 € or 6 €, [now]", &["€", "[", "]"]),
            ("It’s “fine” – é, à", &["’", "“", "”", "–"]),
            ("👩‍👧 👩‍👧 e\u{301}", &["👩‍👧", "e\u{301}"]),
            ("a\r\nb\nc", &["\r\n"]),
        ] {
            assert_eq!(costly(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_in_which_nothing_costs_is_gsm7_and_one_septet_a_character(text in any::<String>()) {
            let counted = count(&text);
            let is_plain = counted.encoding == Gsm7 && counted.units == text.chars().count();
            prop_assert_eq!(costly(&text).is_empty(), is_plain);
        }

        #[test]
        fn a_longer_text_never_costs_less(text in any::<String>(), more in any::<String>()) {
            prop_assert!(count(&text).segments <= count(&[text.as_str(), " ", &more].concat()).segments);
        }
    }
}
