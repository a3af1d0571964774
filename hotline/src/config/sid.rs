//! The names that Twilio gives: two letters and 32 hexadecimal digits (Twilio, String identifiers).

/// How many digits follow the two letters; an auth token is as many digits and nothing else.
const DIGITS: usize = 32;

/// Whether it is a SID of the kind that these letters stand for.
pub(super) fn is_sid(letters: &str, text: &str) -> bool {
    text.strip_prefix(letters).is_some_and(is_auth_token)
}

/// Whether it has the form of an auth token, and so of a SID after its letters.
pub(super) fn is_auth_token(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The SID of a Twilio messaging service (Twilio, Service resource).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagingServiceSid(String);

impl MessagingServiceSid {
    /// Reads a SID.
    pub fn parse(text: &str) -> Option<Self> {
        is_sid("MG", text).then(|| Self(text.to_owned()))
    }

    /// As Twilio writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
