//! The code that verifies a number. It stands nowhere: it is derived from the secret that signs our tokens and from a nonce of the
//! verification, so that the same code can be sent again, and whoever reads rows alone learns nothing.

use super::signature::{Algorithm, same};

/// Digits of a code: what people type from a text without a slip, and what phones fill in by themselves.
const DIGITS: usize = 6;

/// So many codes there are.
const CODES: u32 = 1_000_000;

/// The code of a verification.
pub struct VerificationCode(String);

impl VerificationCode {
    /// The code that belongs to a nonce, each of them equally likely.
    pub fn derive(secret: &str, nonce: &str) -> Self {
        // Of 32 bits, what lies above the last whole million would make low codes likelier.
        const EVEN: u32 = u32::MAX - u32::MAX % CODES;
        let words = (0..=u8::MAX).flat_map(|round| {
            let mac = Algorithm::Sha256.hmac(secret, &[b"verification code\0", &[round], nonce.as_bytes()]);
            let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
            mac.chunks_exact(4).map(word).collect::<Vec<u32>>()
        });
        let number = words.into_iter().find(|word| *word < EVEN).unwrap_or_default() % CODES;
        Self(format!("{number:0DIGITS$}"))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this one, in a time that does not tell how much of it was right.
    pub fn is(&self, typed: &str) -> bool {
        same(self.0.as_bytes(), typed.as_bytes())
    }
}

/// What somebody has typed, as six digits: around and between them blanks and hyphens may stand, and they may be digits of
/// another script, as keyboards have them. `None` for what is no code.
pub fn typed(text: &str) -> Option<String> {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{feff}'));
    let digits: Option<String> = kept.map(digit).collect();
    digits.filter(|digits| digits.len() == DIGITS)
}

/// A digit as ASCII has it.
fn digit(c: char) -> Option<char> {
    /// The zeros of digits that phones' keyboards write: ASCII, Arabic, Persian, Devanagari, Bengali, and full width.
    const ZEROS: [char; 6] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];
    ZEROS.into_iter().find_map(|zero| char::from_digit(u32::from(c).checked_sub(u32::from(zero))?, 10))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "sesame-4-of-32-random-bytes-at-least";

    #[test]
    fn a_code_belongs_to_its_nonce_and_its_secret() {
        let code = VerificationCode::derive(SECRET, "nonce");
        assert_eq!(code.as_str(), VerificationCode::derive(SECRET, "nonce").as_str());
        assert_ne!(code.as_str(), VerificationCode::derive(SECRET, "other").as_str());
        assert_ne!(code.as_str(), VerificationCode::derive("another secret", "nonce").as_str());
        assert!(code.is(code.as_str()) && !code.is("") && !code.is(&code.as_str()[..5]));
    }

    #[test]
    fn codes_are_spread_evenly_and_keep_their_leading_zeros() {
        const COUNT: usize = 20_000;
        let mut by_first_digit = [0; 10];
        for nonce in 0..COUNT {
            let code = VerificationCode::derive(SECRET, &nonce.to_string());
            assert_eq!(code.as_str().len(), DIGITS);
            by_first_digit[usize::from(code.as_str().as_bytes()[0] - b'0')] += 1;
        }
        // Five standard deviations of a tenth of them.
        assert!(by_first_digit.iter().all(|count| (1_788..=2_212).contains(count)), "{by_first_digit:?}");
    }

    #[test]
    fn what_people_type_is_read_however_it_is_spelled() {
        for text in [
            "012345",
            " 012345\n",
            "012 345",
            "012-345",
            "0 1 2 3 4 5",
            "\u{a0}012\u{2011}345",
            "٠١٢٣٤٥",
            "۰۱۲۳۴۵",
            "０１２３４５",
            "०१२३४५",
        ] {
            assert_eq!(typed(text).as_deref(), Some("012345"), "{text}");
        }
        for text in ["", "12345", "0123456", "12345o", "code", "12.345", "+12345", "½12345", "-1234", "1e5"] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_is_taken_for_a_code_but_six_digits(text in ".{0,12}") {
            if let Some(code) = typed(&text) {
                prop_assert!(code.len() == DIGITS && code.bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
