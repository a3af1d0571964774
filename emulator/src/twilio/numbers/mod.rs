//! Numbers: those of the account, those for sale, and their prices.

mod available;
mod incoming;
mod pricing;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::settings::Sender;
use super::sids::hex;
pub(super) use incoming::is_callback_url;
pub(super) use pricing::of_country as prices_of_country;

/// What a number is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Texts.
    pub sms: bool,
    /// Texts with media.
    pub mms: bool,
    /// Calls.
    pub voice: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { sms: true, mms: true, voice: true }
    }
}

impl Capabilities {
    fn json(self) -> Value {
        json!({"fax": false, "mms": self.mms, "sms": self.sms, "voice": self.voice})
    }
}

/// The sid of a resource that belongs to an address; the same for as long as it is in the account.
pub(super) fn sid_of(prefix: &str, address: &str) -> String {
    format!("{prefix}{}", hex(&Sha256::digest(format!("{prefix}/{address}")), 16))
}

/// Whether a sender is a phone number: a short code and a WhatsApp sender are resources of other kinds.
pub(super) fn is_number(sender: &Sender) -> bool {
    available::is_number(&sender.address)
}
