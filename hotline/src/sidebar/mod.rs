//! The sidebar in Help Scout: who looks, for how long, what they are shown, and what they are refused.

pub mod agent_check;
pub mod entry;
pub mod page;
pub mod person;
pub(crate) mod prerender;
pub mod session;
pub mod words;

use protocol::sidebar::Agent;

pub(crate) use crate::domain::time::timestamp;
use crate::effects::ObjectReply;
pub use crate::json::written as json;
use crate::messages::Refused;

/// What a sidebar is told when it may not have what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Stable, for programs.
    pub code: &'static str,
    /// For the agent.
    pub words: &'static str,
}

/// Nor is somebody else's, to whoever asks.
pub const NO_SUCH_CALL: Refusal = Refusal { status: 404, code: "not_found", words: "There is no such call." };

impl Refusal {
    /// As the answer to whoever asked.
    pub fn reply(self) -> ObjectReply {
        ObjectReply::Refused(Refused { status: self.status, code: self.code.to_owned(), words: self.words.to_owned() })
    }
}

/// The phone on which an agent is rung.
pub fn agent(phone: &str, confirmed: bool) -> Agent {
    Agent { phone: (!phone.is_empty()).then(|| phone.to_owned()), confirmed }
}

/// Whether it is a UUID, by which a sidebar names what it asks for once (RFC 9562, section 4).
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_what_a_browser_makes() {
        let good = "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21";
        assert!(is_uuid(good) && is_uuid(&good.to_uppercase()));
        for bad in ["", "3f2b8c1e", &good.replace('-', ""), &good.replace('f', "g"), &format!("{good}0")] {
            assert!(!is_uuid(bad), "{bad}");
        }
        assert!(!is_uuid(&good.replacen('-', "a", 1)));
    }
}
