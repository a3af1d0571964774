//! A brake on guessing API keys: whoever shows many wrong ones is not listened to for a while.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::domain::time::Millis;

/// Wrong keys from one address in a minute, before it is not listened to. A program with an old key tries more seldom; a
/// guess at 32 random characters is hopeless at any rate.
pub const MOST: u32 = 10;

/// How long wrong keys count, in milliseconds.
const WINDOW: Millis = 60_000;

/// Addresses that are remembered at once: together some 100 KB.
const MOST_ADDRESSES: usize = 1_000;

/// The wrong keys of the last minute, by address. It is kept in memory, one in each isolate.
#[derive(Debug, Default)]
pub struct WrongKeys {
    window_begins: Millis,
    by_address: BTreeMap<String, u32>,
}

impl WrongKeys {
    /// For how many more seconds an address is not listened to; 0 when it is.
    pub fn wait_seconds(&self, now: Millis, address: &str) -> Millis {
        let left = self.window_begins + WINDOW - now;
        let wrong = self.by_address.get(&network(address)).copied().unwrap_or_default();
        if left > 0 && wrong >= MOST { left.div_euclid(1_000) + 1 } else { 0 }
    }

    /// Counts a wrong key.
    pub fn count(&mut self, now: Millis, address: &str) {
        if now >= self.window_begins + WINDOW {
            self.window_begins = now;
            self.by_address.clear();
        }
        let known = self.by_address.len();
        let network = network(address);
        if known < MOST_ADDRESSES || self.by_address.contains_key(&network) {
            *self.by_address.entry(network).or_default() += 1;
        }
    }
}

/// Who can change their address within a network at will, counts as one: an IPv6 customer has a /64 at least (RFC 6177).
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => format!("{:x}", u128::from(address) >> 64),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELSEWHERE: &str = "192.0.2.2";

    fn guessed(addresses: impl IntoIterator<Item = String>, now: Millis) -> WrongKeys {
        let mut wrong = WrongKeys::default();
        for address in addresses {
            wrong.count(now, &address);
        }
        wrong
    }

    fn times(address: &str, count: u32) -> impl Iterator<Item = String> {
        (0..count).map(move |_| address.to_owned())
    }

    #[test]
    fn who_guesses_is_not_listened_to_for_the_rest_of_the_minute() {
        let wrong = guessed(times("192.0.2.1", MOST - 1), 1_000_000);
        assert_eq!(wrong.wait_seconds(1_000_000, "192.0.2.1"), 0);
        let mut wrong = guessed(times("192.0.2.1", MOST), 1_000_000);
        assert_eq!(wrong.wait_seconds(1_000_000, "192.0.2.1"), 61);
        assert_eq!(wrong.wait_seconds(1_059_999, "192.0.2.1"), 1);
        assert_eq!(wrong.wait_seconds(1_060_000, "192.0.2.1"), 0);
        assert_eq!(wrong.wait_seconds(1_000_000, ELSEWHERE), 0);
        wrong.count(1_060_000, "192.0.2.1");
        assert_eq!(wrong.wait_seconds(1_060_000, "192.0.2.1"), 0);
    }

    #[test]
    fn all_addresses_of_one_household_count_as_one() {
        let household = (0..MOST).map(|at| format!("2001:db8:0:1::{at:x}"));
        let wrong = guessed(household, 1_000_000);
        assert_ne!(wrong.wait_seconds(1_000_000, "2001:db8:0:1:ffff::1"), 0);
        assert_eq!(wrong.wait_seconds(1_000_000, "2001:db8:0:2::1"), 0);
    }

    #[test]
    fn a_crowd_of_addresses_takes_no_more_memory_and_locks_nobody_out() {
        let crowd = (0..20_000).map(|at| format!("10.0.{}.{}", at / 256, at % 256));
        let wrong = guessed(crowd, 1_000_000);
        assert_eq!(wrong.by_address.len(), MOST_ADDRESSES);
        assert_eq!(wrong.wait_seconds(1_000_000, ELSEWHERE), 0);
    }
}
