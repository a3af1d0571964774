//! The proof that an address leads to this deployment: whoever has its `SESSION_SECRET` can make it, and nobody else.

use std::ops::RangeInclusive;

use crate::domain::signature::{Algorithm, hex};

/// What the key signs besides, so that a proof is good for nothing else.
const PURPOSE: &str = "ringside-challenge";

/// How long a challenge may be.
const LENGTH: RangeInclusive<usize> = 16..=64;

/// Whether this may be asked: 16 to 64 letters, digits, `-` and `_`.
pub fn is_challenge(text: &str) -> bool {
    LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The proof in hexadecimal: HMAC-SHA256 over the purpose, the challenge and the public address, a line each.
pub fn proof(session_secret: &str, challenge: &str, public_url: &str) -> String {
    let signed = [PURPOSE, challenge, public_url].join("\n");
    hex(&Algorithm::Sha256.hmac(session_secret, &[signed.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_bound_to_its_challenge_and_its_address() {
        let secret = "0123456789abcdef0123456789abcdef";
        let of = |challenge: &str, url: &str| proof(secret, challenge, url);
        let one = of("AAAAAAAAAAAAAAAA", "https://hotline.example.org");
        // Made with `openssl dgst -sha256 -hmac`.
        assert_eq!(one, "16e799d8b2814836aee03b031a639a5dd78019dfa6de68a444be92df1fa88658");
        assert_ne!(one, of("AAAAAAAAAAAAAAAB", "https://hotline.example.org"));
        assert_ne!(one, of("AAAAAAAAAAAAAAAA", "https://other.example.org"));
    }

    #[test]
    fn a_challenge_is_short_and_plain() {
        for (text, good) in [
            ("AAAAAAAAAAAAAAAA", true),
            ("Az09-_Az09-_Az09-_", true),
            ("AAAAAAAAAAAAAAA", false),
            (&"A".repeat(65), false),
            ("AAAAAAAAAAAAAAAA\n", false),
            ("AAAAAAAAAAAAAAA=", false),
            ("", false),
        ] {
            assert_eq!(is_challenge(text), good, "{text}");
        }
    }
}
