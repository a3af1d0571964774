//! Links that open without a login: a signed token that says what it opens, and until when.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::signature::{Algorithm, same, usable};
use crate::domain::time::Millis;

/// Bytes of the HMAC kept: 128 bits cannot be guessed, and half is the least that RFC 2104 (§5) allows to keep.
const TAG_LEN: usize = 16;

/// How far the clocks of two of Cloudflare's machines may be apart.
const SKEW: Millis = 10_000;

/// What a token is for; a token made for one purpose opens nothing under another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Its name.
    pub name: &'static str,
    /// How long a token for it is good; one that would be good for longer was not made by this program.
    pub longest: Millis,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It was ours, and its time is over.
    Expired,
    /// It is not ours, was changed, or was made for another purpose.
    Forged,
}

/// A token of letters, digits, `-` and `_` that opens `payload` before `expires_at_ms` (Unix time in milliseconds).
///
/// The payload is signed but not hidden. With an empty secret the token opens nothing.
pub fn mint(purpose: Purpose, secret: &str, expires_at_ms: i64, payload: &str) -> String {
    let expiry = expires_at_ms.to_be_bytes();
    let mut token = tag(purpose, secret, expiry, payload.as_bytes());
    token.extend(expiry);
    token.extend(payload.bytes());
    URL_SAFE_NO_PAD.encode(token)
}

/// The payload of a token made with any of the secrets (more than one while a secret is being changed).
pub fn open(purpose: Purpose, secrets: &[String], now_ms: i64, token: &str) -> Result<String, LinkError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| LinkError::Forged)?;
    let (theirs, signed) = bytes.split_first_chunk::<TAG_LEN>().ok_or(LinkError::Forged)?;
    let (expiry, payload) = signed.split_first_chunk::<8>().ok_or(LinkError::Forged)?;
    if !usable(secrets).any(|secret| same(&tag(purpose, secret, *expiry, payload), theirs)) {
        return Err(LinkError::Forged);
    }
    let expires_at_ms = i64::from_be_bytes(*expiry);
    if expires_at_ms > now_ms.saturating_add(purpose.longest + SKEW) {
        return Err(LinkError::Forged);
    }
    if now_ms >= expires_at_ms {
        return Err(LinkError::Expired);
    }
    String::from_utf8(payload.to_vec()).map_err(|_| LinkError::Forged)
}

fn tag(purpose: Purpose, secret: &str, expiry: [u8; 8], payload: &[u8]) -> Vec<u8> {
    // The zero byte ends the purpose, so that no purpose can pass for the beginning of another.
    let mut tag = Algorithm::Sha256.hmac(secret, &[purpose.name.as_bytes(), &[0], &expiry, payload]);
    tag.truncate(TAG_LEN);
    tag
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MEDIA: Purpose = Purpose { name: "media", longest: 1_000 };

    fn opened(secrets: &[&str], now_ms: i64, token: &str) -> Result<String, LinkError> {
        let secrets: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        open(MEDIA, &secrets, now_ms, token)
    }

    #[test]
    fn a_picture_opens_until_its_time_is_over() {
        let token = mint(MEDIA, "s3cret", 1000, "contact/7/media/2");
        for (secrets, now, answer) in [
            (&["s3cret"][..], 999, Ok("contact/7/media/2".to_owned())),
            (&["new", "s3cret"], 999, Ok("contact/7/media/2".to_owned())),
            (&["s3cret"], 1000, Err(LinkError::Expired)),
            (&["new"], 999, Err(LinkError::Forged)),
            (&["new"], 1000, Err(LinkError::Forged)),
            (&[], 999, Err(LinkError::Forged)),
        ] {
            assert_eq!(opened(secrets, now, &token), answer, "{secrets:?} {now}");
        }
    }

    #[test]
    fn a_token_for_a_picture_opens_no_sidebar() {
        let purpose = |name| Purpose { name, ..MEDIA };
        let token = mint(purpose("sidebar"), "s", 1000, "x");
        assert_eq!(opened(&["s"], 0, &token), Err(LinkError::Forged));
        assert_ne!(mint(purpose("a"), "s", 1000, "x"), mint(purpose("b"), "s", 1000, "x"));
    }

    #[test]
    fn a_token_that_would_be_good_for_longer_than_any_of_ours_is_forged() {
        for (expiry, now, answer) in [
            (1_000, 0, Ok("x".to_owned())),
            (1_000 + SKEW, 0, Ok("x".to_owned())),
            (1_001 + SKEW, 0, Err(LinkError::Forged)),
            (i64::MAX, 0, Err(LinkError::Forged)),
            (i64::MAX, i64::MAX, Err(LinkError::Expired)),
            (i64::MIN, 0, Err(LinkError::Expired)),
        ] {
            assert_eq!(opened(&["s"], now, &mint(MEDIA, "s", expiry, "x")), answer, "{expiry} {now}");
        }
    }

    #[test]
    fn an_empty_secret_opens_nothing() {
        assert_eq!(opened(&["", "s"], 0, &mint(MEDIA, "", 1000, "x")), Err(LinkError::Forged));
    }

    #[test]
    fn nonsense_is_forged() {
        for token in
            ["", "A", "AAAA", "not/base64", "é", "AAAAA===", &"A".repeat(21), &"A".repeat(32), &"A".repeat(5000)]
        {
            assert_eq!(opened(&["s"], 0, token), Err(LinkError::Forged), "{token}");
        }
    }

    proptest! {
        #[test]
        fn a_token_carries_its_payload_and_no_changed_byte_passes(payload in ".{0,40}", expiry in 1i64.., at: prop::sample::Index, flip in 1u8..) {
            let token = mint(MEDIA, "s", expiry, &payload);
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(opened(&["s"], expiry - 1, &token), Ok(payload));
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_eq!(opened(&["s"], 0, &URL_SAFE_NO_PAD.encode(&bytes)), Err(LinkError::Forged));
        }
    }
}
