//! WhatsApp's customer service window (Twilio, "WhatsApp: the 24-hour window"; error 63016).

use std::collections::BTreeMap;

/// How long after a person's last message free text may be sent to them.
const WINDOW_MS: u64 = 24 * 3_600_000;

/// When each person last wrote to each WhatsApp sender.
#[derive(Debug, Default)]
pub(super) struct Windows {
    heard: BTreeMap<(String, String), u64>,
}

/// Whether an address is WhatsApp's.
pub(super) fn is_whatsapp(address: &str) -> bool {
    address.starts_with("whatsapp:")
}

/// The id of somebody who does not show their number: a country, a dot, and up to 128 letters and digits (Meta,
/// Business-scoped user IDs; a company's own has a further part).
pub(super) fn user_id(address: &str) -> Option<&str> {
    let id = address.strip_prefix("whatsapp:")?;
    let (country, rest) = id.split_once('.')?;
    let is_id = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    (is_id && (1..=128).contains(&rest.len()) && rest.bytes().all(plain)).then_some(id)
}

impl Windows {
    pub(super) fn heard(&mut self, now: u64, sender: &str, person: &str) {
        self.heard.insert((sender.to_owned(), person.to_owned()), now);
    }

    pub(super) fn open(&self, now: u64, sender: &str, person: &str) -> bool {
        let heard = self.heard.get(&(sender.to_owned(), person.to_owned()));
        heard.is_some_and(|heard| now < heard + WINDOW_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_open_for_a_day_after_the_person_wrote() {
        let mut windows = Windows::default();
        let (sender, person) = ("whatsapp:+15550100001", "whatsapp:+15550100100");
        assert!(!windows.open(0, sender, person));
        windows.heard(1_000, sender, person);
        assert!(windows.open(1_000 + WINDOW_MS - 1, sender, person));
        assert!(!windows.open(1_000 + WINDOW_MS, sender, person));
        assert!(!windows.open(1_000, sender, "whatsapp:+15550100101"));
    }
}
