//! Proof that a request comes from whom it says: HMAC over what was sent, with a secret that only they and we hold.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub mod helpscout;
pub mod twilio;

/// Why a request is not believed. Holds nothing personal, so it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// We hold no secret to check with.
    NoKeys,
    /// The request carries no signature.
    MissingSignature,
    /// Twilio's settings header is malformed, or names an algorithm or key that we do not know.
    UnknownSettings,
    /// A body that is not a form came without its `bodySHA256`.
    MissingBodyHash,
    /// The body is not the one whose hash was signed.
    BodyChanged,
    /// More fields than any request of theirs has; what they are is not looked at.
    TooManyFields,
    /// The signature is not the one we would have made.
    Forged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) fn hmac(self, secret: &str, data: &[&[u8]]) -> Vec<u8> {
        self.hmac_with(secret.as_bytes(), data)
    }

    /// The same with a secret that is no text.
    pub(crate) fn hmac_with(self, secret: &[u8], data: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => hmac::<Hmac<Sha1>>(secret, data),
            Self::Sha256 => hmac::<Hmac<Sha256>>(secret, data),
        }
    }

    /// The signature as both services write it in a header.
    fn sign(self, secret: &str, data: &[&[u8]]) -> String {
        STANDARD.encode(self.hmac(secret, data))
    }
}

fn hmac<M: Mac + KeyInit>(secret: &[u8], data: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of every length, so this cannot fail; were it to, `same` lets nothing empty pass.
    let Ok(mut mac) = <M as Mac>::new_from_slice(secret) else { return Vec::new() };
    for part in data {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// Compares in a time that does not tell how much was right.
pub(crate) fn same(ours: &[u8], theirs: &[u8]) -> bool {
    !ours.is_empty() && bool::from(ours.ct_eq(theirs))
}

/// The secrets that are set; an empty one would be a key that everybody knows.
pub(crate) fn usable(secrets: &[String]) -> impl Iterator<Item = &str> {
    secrets.iter().map(String::as_str).filter(|secret| !secret.is_empty())
}

/// Whether a header `Authorization` carries one of the API keys, which stand in one secret with commas between them.
pub fn is_api_key(keys: &str, authorization: Option<&str>) -> bool {
    let Some(given) = authorization.and_then(|header| header.strip_prefix("Bearer ")) else { return false };
    keys.split(',').map(str::trim).any(|key| same(key.as_bytes(), given.trim().as_bytes()))
}

/// Whether any of the secrets made this HMAC-SHA1 signature (more than one while a secret is being changed).
fn signed_by_any(secrets: &[String], signature: Option<&str>, data: &[u8]) -> Result<(), Refusal> {
    let mut secrets = usable(secrets).peekable();
    secrets.peek().ok_or(Refusal::NoKeys)?;
    let signature = signature.filter(|text| !text.is_empty()).ok_or(Refusal::MissingSignature)?;
    let ours = |secret| Algorithm::Sha1.sign(secret, &[data]);
    if secrets.any(|secret| same(ours(secret).as_bytes(), signature.as_bytes())) {
        Ok(())
    } else {
        Err(Refusal::Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_of_the_keys_opens() {
        for (keys, header, opens) in [
            ("key-1, key-2", Some("Bearer key-2"), true),
            ("key-1,key-2", Some("Bearer key-3"), false),
            ("key-1", Some("key-1"), false),
            ("key-1,", Some("Bearer "), false),
            ("", Some("Bearer "), false),
            ("key-1", None, false),
        ] {
            assert_eq!(is_api_key(keys, header), opens, "{keys} {header:?}");
        }
    }
}
