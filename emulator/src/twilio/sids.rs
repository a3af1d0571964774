//! SIDs: two letters and 32 hexadecimal digits (Twilio, "What is a String Identifier (SID)").

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Makes the same sids in every run with the same seed.
#[derive(Debug)]
pub(super) struct Sids {
    seed: u64,
    made: u64,
}

impl Sids {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    pub(super) fn make(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}{}", hex(&Sha256::digest(format!("{}/{}", self.seed, self.made)), 16))
    }

    /// An opaque token; Twilio's own are UUIDs.
    pub(super) fn uuid(&mut self) -> String {
        let digits = self.make("");
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }
}

/// The first `bytes` bytes in lower-case hexadecimal.
pub(super) fn hex(digest: &[u8], bytes: usize) -> String {
    digest.iter().take(bytes).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_and_no_sid_comes_twice() {
        let (mut one, mut same, mut other) = (Sids::new(7), Sids::new(7), Sids::new(8));
        let first = one.make("SM");
        assert_eq!(first.len(), 34);
        assert_eq!(first, same.make("SM"));
        assert_ne!(first, other.make("SM"));
        assert_ne!(first, one.make("SM"));
        assert_eq!(one.uuid().len(), 36);
    }
}
