//! Who is asked before a code leaves, beside the person's object: what counts the codes of an address, of a device, of a hotline and to
//! a prefix of numbers. Where one of them says no, the others get back what they gave.

use std::net::IpAddr;

use crate::domain::phone::E164;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::messages::verification::CodeLimit;
use crate::messages::verification_limit::{self, CodeId, Limit, Message};

/// How many verifications an address, or a device, may ask for in an hour: a household, a classroom.
pub(super) const OF_ONE_IN_AN_HOUR: u32 = 10;

/// One who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counter {
    /// What it limits.
    pub limit: CodeLimit,
    /// The name of its object.
    pub name: String,
    /// How much.
    pub of: Limit,
}

/// All who are asked about one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CodeLimits {
    counters: Vec<Counter>,
    code: Option<CodeId>,
    /// Those who have said yes, by their place.
    granted: Vec<usize>,
}

/// What they say.
pub(super) enum Said {
    /// It may leave.
    Yes,
    /// One of them says no, for so long.
    No(CodeLimit, Millis),
    /// One of them says nothing.
    Nothing,
}

/// The counters belong to no hotline.
const NO_HOTLINE: u64 = 0;

impl CodeLimits {
    pub fn new(counters: Vec<Counter>) -> Self {
        Self { counters, code: None, granted: Vec::new() }
    }

    /// May this code leave?
    pub fn take(&mut self, code: CodeId) -> Vec<(u64, ToObject)> {
        let ask = |counter: &Counter| {
            let take = Message::Take { code: code.clone(), limit: counter.of.clone() };
            (NO_HOTLINE, ToObject::VerificationLimit(counter.name.clone(), take))
        };
        let messages = self.counters.iter().map(ask).collect();
        self.code = Some(code);
        messages
    }

    /// Reads what they say, in their order.
    pub fn on_taken(&mut self, replies: &[ObjectReply]) -> Said {
        let mut said = Said::Yes;
        for (at, counter) in self.counters.iter().enumerate() {
            match (replies.get(at), &said) {
                (Some(ObjectReply::Done), _) => self.granted.push(at),
                // The first no stands.
                (_, Said::No(..)) => {}
                (Some(ObjectReply::Later(wait)), _) => said = Said::No(counter.limit, *wait),
                _ => said = Said::Nothing,
            }
        }
        said
    }

    /// The code does not leave: they get it back. Whoever is not reached has counted one too many for an hour.
    pub fn give_back(&mut self) -> Vec<(u64, ToObject)> {
        let Some(code) = &self.code else { return Vec::new() };
        let back = |counter: &Counter| {
            let back = Message::GiveBack { request: code.request.clone() };
            (NO_HOTLINE, ToObject::VerificationLimit(counter.name.clone(), back))
        };
        self.granted.drain(..).filter_map(|at| self.counters.get(at)).map(back).collect()
    }
}

/// Who counts the codes to numbers that begin like this one.
pub(super) fn of_prefix(number: &E164) -> Counter {
    let prefix = verification_limit::prefix_of(number);
    let name = verification_limit::of_prefix(&prefix);
    Counter { limit: CodeLimit::Prefix, name, of: Limit::Fuse(prefix) }
}

/// An address as it is counted: of IPv6 the half that a household or a phone has as a whole (RFC 6177: a /64 at least).
pub(super) fn counted_address(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [first, second, third, fourth, ..] = address.segments();
            format!("{first:x}:{second:x}:{third:x}:{fourth:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> CodeLimits {
        let counter = |limit, name: &str| Counter { limit, name: name.to_owned(), of: Limit::Hourly(1) };
        let mut limits = CodeLimits::new(vec![counter(CodeLimit::Ip, "ip"), counter(CodeLimit::Hotline, "hotline")]);
        let code = CodeId { request: "crm/1".to_owned(), verification: "crm/1".to_owned() };
        assert_eq!(limits.take(code).len(), 2);
        limits
    }

    #[test]
    fn who_said_yes_gets_it_back_where_another_says_no() {
        let mut limits = limits();
        let said = limits.on_taken(&[ObjectReply::Done, ObjectReply::Later(7)]);
        assert!(matches!(said, Said::No(CodeLimit::Hotline, 7)));
        let back = limits.give_back();
        assert!(matches!(back.as_slice(), [(0, ToObject::VerificationLimit(name, _))] if name == "ip"), "{back:?}");
        assert!(limits.give_back().is_empty());
    }

    #[test]
    fn who_says_nothing_is_no_yes() {
        let done = || ObjectReply::Done;
        for (replies, is_yes) in
            [(vec![done(), done()], true), (vec![done(), ObjectReply::Unreachable], false), (vec![done()], false)]
        {
            assert_eq!(matches!(limits().on_taken(&replies), Said::Yes), is_yes, "{replies:?}");
        }
    }

    #[test]
    fn addresses_of_one_household_are_one() {
        for (address, counted) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(counted_address(address.parse().unwrap()), counted);
        }
    }
}
