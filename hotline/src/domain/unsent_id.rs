//! The id of a program's message that no person's object has: it was to no phone, or stood twice in a list.
//!
//! `msg_n`, the hotline's inbox, the part of its people that keeps the item, and a hash of the request and the recipient.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// No id of a message in a person's object begins like this: `n` is no hexadecimal digit.
const PREFIX: &str = "msg_n";

/// Where the item of such a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsentPlace {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The part of its people.
    pub part: u8,
}

impl UnsentPlace {
    /// The id of the item of one recipient of a request, by their place in its list.
    pub fn id(mailbox: u64, part: u8, request: &str, recipient: usize) -> String {
        let hash = Sha256::new().chain_update(request).chain_update(recipient.to_be_bytes()).finalize();
        let hash = URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default());
        format!("{PREFIX}{mailbox:x}_{part:02x}{hash}")
    }

    /// Where the item of this id is; `None` when it is no such id.
    pub fn of_id(id: &str) -> Option<Self> {
        let (mailbox, rest) = id.strip_prefix(PREFIX)?.split_once('_')?;
        let part = rest.get(..2)?;
        Some(Self { mailbox: u64::from_str_radix(mailbox, 16).ok()?, part: u8::from_str_radix(part, 16).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_to_its_place_and_each_recipient_has_their_own() {
        let ids = [UnsentPlace::id(3003, 17, "crm/1", 0), UnsentPlace::id(3003, 17, "crm/1", 1)];
        assert_ne!(ids[0], ids[1]);
        for id in ids {
            assert_eq!(UnsentPlace::of_id(&id), Some(UnsentPlace { mailbox: 3003, part: 17 }));
            assert!(id.len() <= 64 && crate::domain::message_id::MessagePlace::of_id("AC1", &id).is_none());
        }
        for nothing in ["", "msg_", "msg_n", "msg_nbbb", "msg_nbbb_1", "msg_nxyz_11", "msg_000000000001"] {
            assert_eq!(UnsentPlace::of_id(nothing), None, "{nothing}");
        }
    }
}
