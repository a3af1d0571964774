//! Base64 (RFC 4648): signatures, links, files.
//!
//! The usual crate is the better known, and our tests hold this one against it; in the Worker it weighs 3 KB after gzip,
//! this one half of one.

/// Which 64 characters, and whether the end is filled up to four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// With `+` and `/`, filled up with `=` (RFC 4648 §4).
    Standard,
    /// With `-` and `_`, not filled up, for addresses (RFC 4648 §5).
    Url,
}

/// Writes bytes at the end of a text.
pub fn encode_to(alphabet: Alphabet, bytes: &[u8], text: &mut String) {
    for three in bytes.chunks(3) {
        let bits = [16, 8, 0].into_iter().zip(three).fold(0, |bits, (shift, byte)| bits | u32::from(*byte) << shift);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            if at <= three.len() {
                text.push(digit(alphabet, bits >> shift & 63));
            } else if alphabet == Alphabet::Standard {
                text.push('=');
            }
        }
    }
}

/// Bytes as a text.
pub fn encode(alphabet: Alphabet, bytes: &[u8]) -> String {
    let mut text = String::new();
    encode_to(alphabet, bytes, &mut text);
    text
}

/// The bytes of a text; `None` when it is none of this alphabet. How it is filled up at its end is not looked at.
pub fn decode(alphabet: Alphabet, text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0, 0);
    for digit in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::from(value(alphabet, digit)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            let [byte, ..] = (bits >> held).to_le_bytes();
            bytes.push(byte);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6 && bits == 0).then_some(bytes)
}

fn digit(alphabet: Alphabet, value: u32) -> char {
    let from = |first: u8, value: u32| char::from_u32(u32::from(first) + value).unwrap_or('=');
    match (value, alphabet) {
        (0..26, _) => from(b'A', value),
        (26..52, _) => from(b'a', value - 26),
        (52..62, _) => from(b'0', value - 52),
        (62, Alphabet::Standard) => '+',
        (62, Alphabet::Url) => '-',
        (_, Alphabet::Standard) => '/',
        (_, Alphabet::Url) => '_',
    }
}

fn value(alphabet: Alphabet, digit: u8) -> Option<u8> {
    Some(match (digit, alphabet) {
        (b'A'..=b'Z', _) => digit - b'A',
        (b'a'..=b'z', _) => digit - b'a' + 26,
        (b'0'..=b'9', _) => digit - b'0' + 52,
        (b'+', Alphabet::Standard) | (b'-', Alphabet::Url) => 62,
        (b'/', Alphabet::Standard) | (b'_', Alphabet::Url) => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use ::base64::Engine;
    use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_are_written_as_everybody_writes_them(bytes: Vec<u8>) {
            prop_assert_eq!(encode(Alphabet::Standard, &bytes), STANDARD.encode(&bytes));
            prop_assert_eq!(encode(Alphabet::Url, &bytes), URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(decode(Alphabet::Standard, &STANDARD.encode(&bytes)), Some(bytes.clone()));
            prop_assert_eq!(decode(Alphabet::Url, &URL_SAFE_NO_PAD.encode(&bytes)), Some(bytes));
        }

        #[test]
        fn what_nobody_reads_is_not_read(text in "[A-Za-z0-9+/_-]{0,9}|[^=]{0,9}") {
            prop_assert_eq!(decode(Alphabet::Url, &text), URL_SAFE_NO_PAD.decode(&text).ok());
        }
    }
}
