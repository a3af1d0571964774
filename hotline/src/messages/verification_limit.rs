//! What is said to the objects that count codes: of an address, of a device, of a hotline, and to a prefix of numbers.

use serde::{Deserialize, Serialize};

use crate::domain::phone::E164;
use crate::domain::signature::Algorithm;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What is said to such an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// May one more code leave? It is counted if it may, and the same one once. The answer is `ObjectReply::Done`, or
    /// `ObjectReply::Later` when it may not.
    Take {
        /// The code.
        code: CodeId,
        /// How many may leave.
        limit: Limit,
    },
    /// It did not leave.
    GiveBack {
        /// [`CodeId::request`].
        request: String,
    },
    /// Somebody has given it: it went to a person.
    Approved {
        /// [`CodeId::request`] of every time that it was sent.
        requests: Vec<String>,
    },
}

/// One code that leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeId {
    /// The request that wants it.
    pub request: String,
    /// The request that its verification began with.
    pub verification: String,
}

/// How many codes may leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// So many in an hour.
    Hourly(u32),
    /// As long as enough of them are approved. The prefix is for operators.
    Fuse(String),
}

/// The digits after its country's that a prefix has: in most countries an area and an exchange, ten thousand numbers.
const PREFIX_DIGITS: usize = 6;

/// The prefix that a number belongs to, as its object is named.
pub fn prefix_of(number: &E164) -> String {
    let digits = number.digits();
    let end = (number.country_code().len() + PREFIX_DIGITS).min(digits.len());
    digits.get(..end).unwrap_or(digits).to_owned()
}

/// The name of the object that counts the codes to a prefix, of all hotlines.
pub fn of_prefix(prefix: &str) -> String {
    ["prefix/", prefix].concat()
}

/// The name of the object that counts the codes of a hotline.
pub fn of_hotline(mailbox: u64) -> String {
    format!("{mailbox}/hotline")
}

/// The name of the object that counts the codes of a hotline for an address or a device. What somebody can be known by is hashed
/// with a secret: addresses are few enough to try all of them.
pub fn of_person(secret: &str, mailbox: u64, kind: &str, value: &str) -> String {
    let hash = Algorithm::Sha256.hmac(secret, &[b"verification limit\0", kind.as_bytes(), b"\0", value.as_bytes()]);
    format!("{mailbox}/{kind}/{}", URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_the_country_and_six_digits() {
        for (number, prefix) in [
            ("+15550100123", "1555010"),
            ("+447700900123", "44770090"),
            ("+3541234567", "354123456"),
            ("+6834002", "6834002"),
        ] {
            assert_eq!(prefix_of(&E164::parse(number).unwrap()), prefix);
        }
    }

    #[test]
    fn who_is_counted_is_not_to_be_read_from_a_name() {
        let name = of_person("secret", 3003, "ip", "203.0.113.7");
        assert!(name.starts_with("3003/ip/") && !name.contains("203"));
        assert_ne!(name, of_person("other", 3003, "ip", "203.0.113.7"));
        assert_ne!(name, of_person("secret", 3003, "device", "203.0.113.7").replace("device", "ip"));
    }
}
