//! Fonts whose letters are pictures, as mail programs use them by themselves: Outlook's smiley is a J in Wingdings.
//!
//! Sources: the AutoCorrect lists of Word and Outlook, Unicode's tables of Wingdings (L2/11-052) and Adobe's of Symbol.
//! Where GSM's alphabet has a sign that reads the same, it stands here, because others make a text cost twice.

/// A font of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Font(Table);

/// A family of fonts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Family {
    Letters,
    Pictures(Font),
}

impl Family {
    pub(super) fn named(family: &str) -> Self {
        let first = family.split(',').next().unwrap_or_default();
        let name = first.trim().trim_matches(['"', '\'']).trim().to_ascii_lowercase();
        let known = FONTS.iter().find(|(known, _)| *known == name);
        known.map_or(Self::Letters, |(_, table)| Self::Pictures(Font(table)))
    }
}

/// Of each character with a meaning what it shows; all others are not known.
type Table = &'static [(char, &'static str)];

const FONTS: [(&str, Table); 12] = [
    ("wingdings", WINGDINGS),
    ("wingdings 2", WINGDINGS_2),
    ("wingdings 3", WINGDINGS_3),
    ("webdings", WEBDINGS),
    ("symbol", SYMBOL),
    ("zapfdingbats", DINGBATS),
    ("zapf dingbats", DINGBATS),
    ("itc zapf dingbats", DINGBATS),
    ("marlett", &[]),
    ("mt extra", &[]),
    ("fontawesome", &[]),
    ("material icons", &[]),
];

const WINGDINGS: Table = &[
    ('J', "🙂"),
    ('K', "😐"),
    ('L', "🙁"),
    ('!', "✏"),
    ('"', "✂"),
    ('(', "☎"),
    (')', "✆"),
    ('*', "✉"),
    ('6', "⌛"),
    ('A', "✌"),
    ('B', "👌"),
    ('C', "👍"),
    ('D', "👎"),
    ('E', "👈"),
    ('F', "👉"),
    ('G', "👆"),
    ('H', "👇"),
    ('M', "💣"),
    ('N', "☠"),
    ('Q', "✈"),
    ('R', "☀"),
    ('T', "❄"),
    ('l', "-"),
    ('m', "-"),
    ('n', "-"),
    ('o', "☐"),
    ('p', "-"),
    ('q', "-"),
    ('r', "-"),
    ('s', "-"),
    ('t', "-"),
    ('u', "-"),
    ('v', "-"),
    ('w', "-"),
    ('\u{9f}', "-"),
    ('\u{a7}', "-"),
    ('\u{a8}', "-"),
    ('\u{d8}', "-"),
    ('\u{df}', "<-"),
    ('\u{e0}', "->"),
    ('\u{e1}', "↑"),
    ('\u{e2}', "↓"),
    ('\u{e7}', "<="),
    ('\u{e8}', "=>"),
    ('\u{ef}', "<="),
    ('\u{f0}', "=>"),
    ('\u{f3}', "<=>"),
    ('\u{fb}', "✗"),
    ('\u{fc}', "✓"),
    ('\u{fd}', "☒"),
    ('\u{fe}', "☑"),
];

const WINGDINGS_2: Table = &[('O', "✗"), ('P', "✓"), ('Q', "☒"), ('R', "☑"), ('\u{97}', "-"), ('\u{a3}', "☐")];

const WINGDINGS_3: Table = &[('f', "<-"), ('g', "->"), ('h', "↑"), ('i', "↓"), ('}', "-")];

const WEBDINGS: Table = &[
    ('a', "✓"),
    ('r', "✗"),
    ('Y', "❤"),
    ('\u{c9}', "☎"),
    ('3', "<-"),
    ('4', "->"),
    ('5', "↑"),
    ('6', "↓"),
    ('=', "-"),
];

const DINGBATS: Table = &[('3', "✓"), ('4', "✓"), ('6', "✗"), ('7', "✗"), ('n', "-"), ('l', "-"), ('\u{d5}', "->")];

const SYMBOL: Table = &[
    ('\u{b7}', "-"),
    ('\u{a7}', "♣"),
    ('\u{a8}', "♦"),
    ('\u{a9}', "♥"),
    ('\u{aa}', "♠"),
    ('\u{ab}', "<->"),
    ('\u{ac}', "<-"),
    ('\u{ad}', "↑"),
    ('\u{ae}', "->"),
    ('\u{af}', "↓"),
    ('\u{a3}', "≤"),
    ('\u{a5}', "∞"),
    ('\u{b0}', "°"),
    ('\u{b1}', "±"),
    ('\u{b2}', "\""),
    ('\u{b3}', "≥"),
    ('\u{b4}', "×"),
    ('\u{b8}', "÷"),
    ('\u{b9}', "≠"),
    ('\u{ba}', "≡"),
    ('\u{bb}', "≈"),
    ('\u{bc}', "…"),
    ('\u{d2}', "®"),
    ('\u{d3}', "©"),
    ('\u{d4}', "™"),
    ('\u{d6}', "√"),
    ('\u{db}', "<=>"),
    ('\u{dc}', "<="),
    ('\u{de}', "=>"),
    ('A', "Α"),
    ('B', "Β"),
    ('C', "Χ"),
    ('D', "Δ"),
    ('E', "Ε"),
    ('F', "Φ"),
    ('G', "Γ"),
    ('H', "Η"),
    ('I', "Ι"),
    ('J', "ϑ"),
    ('K', "Κ"),
    ('L', "Λ"),
    ('M', "Μ"),
    ('N', "Ν"),
    ('O', "Ο"),
    ('P', "Π"),
    ('Q', "Θ"),
    ('R', "Ρ"),
    ('S', "Σ"),
    ('T', "Τ"),
    ('U', "Υ"),
    ('W', "Ω"),
    ('X', "Ξ"),
    ('Y', "Ψ"),
    ('Z', "Ζ"),
    ('a', "α"),
    ('b', "β"),
    ('c', "χ"),
    ('d', "δ"),
    ('e', "ε"),
    ('f', "φ"),
    ('g', "γ"),
    ('h', "η"),
    ('i', "ι"),
    ('j', "φ"),
    ('k', "κ"),
    ('l', "λ"),
    ('m', "μ"),
    ('n', "ν"),
    ('o', "ο"),
    ('p', "π"),
    ('q', "θ"),
    ('r', "ρ"),
    ('s', "σ"),
    ('t', "τ"),
    ('u', "υ"),
    ('w', "ω"),
    ('x', "ξ"),
    ('y', "ψ"),
    ('z', "ζ"),
];

impl Font {
    /// What a text in this font shows; what is not known is left out.
    pub(super) fn shown(self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for c in text.chars() {
            match code(c) {
                Some(code) => match self.0.iter().find(|(known, _)| *known == code) {
                    Some((_, sign)) => shown.push_str(sign),
                    // Symbol's digits and points are the usual ones.
                    None if self.0 == SYMBOL && code.is_ascii() && !code.is_ascii_alphabetic() => shown.push(code),
                    None => {}
                },
                // No such font has it: browsers take another one.
                None => shown.push(c),
            }
        }
        shown
    }
}

/// The place of a character in such a font, of which Windows knows each also as U+F000 and more.
fn code(c: char) -> Option<char> {
    match u32::from(c) {
        0x20 | 0xa0 => None,
        code @ (0x21..=0xff) => char::from_u32(code),
        code @ (0xf020..=0xf0ff) => char::from_u32(code - 0xf000),
        // Unicode leaves them to the fonts.
        0xe000..=0xf8ff => Some(c),
        _ => None,
    }
}
