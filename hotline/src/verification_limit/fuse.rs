//! The fuse of a prefix: codes to its numbers leave as long as people give them back. A script that has texts sent to numbers which
//! pay whoever owns them types no code in.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;

/// So many codes are looked at.
pub(super) const LOOKED_AT: usize = 20;

/// So many of them must be approved.
const ENOUGH: usize = 2;

/// How long the prefix is paused then.
const PAUSE: Millis = 3_600_000;

/// Codes that leave within so long are a rush of people who have had no time to give them back. It is not paused, but slowed down.
const RUSH: Millis = 3 * 60_000;

/// How often a code leaves then.
const ONE_EVERY: Millis = 60_000;

/// A code that has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// Codes are numbered as they leave.
    pub number: i64,
    pub verification: String,
    pub at: Millis,
    pub is_approved: bool,
}

/// The fuse.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Fuse {
    pub mode: Mode,
    /// Codes with this number and below count no more.
    pub since: i64,
}

/// Whether codes leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// As they come.
    #[default]
    Closed,
    /// One a minute.
    Slowed,
    /// None until then.
    Open(Millis),
}

impl Fuse {
    /// Whether a code may leave now; else how long it must wait. `codes` are those that count, the newest first: of them as many as
    /// are looked at, twice.
    pub fn take(&mut self, codes: &[Code], now: Millis) -> Result<(), Millis> {
        let Some(newest) = codes.first() else {
            self.mode = Mode::Closed;
            return Ok(());
        };
        let is_over = matches!(self.mode, Mode::Open(until) if now >= until);
        if is_over || (self.mode != Mode::Closed && approved(codes) >= ENOUGH) {
            // It begins anew: what was sent before says nothing of what is sent now.
            *self = Self { mode: Mode::Closed, since: newest.number };
            return Ok(());
        }
        if self.mode == Mode::Closed {
            self.judge(codes, newest);
        }
        if self.mode == Mode::Slowed && codes.len() >= 2 * LOOKED_AT {
            self.mode = Mode::Open(newest.at + PAUSE);
        }
        let wait = match self.mode {
            Mode::Closed => 0,
            Mode::Slowed => newest.at + ONE_EVERY - now,
            Mode::Open(until) => until - now,
        };
        if wait <= 0 { Ok(()) } else { Err(wait) }
    }

    /// Whether enough of the last codes were approved.
    fn judge(&mut self, codes: &[Code], newest: &Code) {
        let Some((last, oldest)) = codes.get(..LOOKED_AT).and_then(|last| Some((last, last.last()?))) else { return };
        if approved(last) >= ENOUGH {
            return;
        }
        self.since = oldest.number - 1;
        let is_rush = newest.at - oldest.at <= RUSH;
        self.mode = if is_rush { Mode::Slowed } else { Mode::Open(newest.at + PAUSE) };
    }
}

/// How many verifications of these codes were approved.
fn approved(codes: &[Code]) -> usize {
    let mut approved: Vec<&str> =
        codes.iter().filter(|code| code.is_approved).map(|code| code.verification.as_str()).collect();
    approved.sort_unstable();
    approved.dedup();
    approved.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Millis = 1_000;
    const MINUTE: Millis = 60 * SECOND;

    /// A prefix, its codes, the newest first, and the time.
    #[derive(Default)]
    struct Prefix {
        fuse: Fuse,
        codes: Vec<Code>,
        now: Millis,
    }

    impl Prefix {
        fn take(&mut self) -> Result<(), Millis> {
            let since = self.fuse.since;
            let counted: Vec<Code> =
                self.codes.iter().filter(|code| code.number > since).take(2 * LOOKED_AT).cloned().collect();
            let taken = self.fuse.take(&counted, self.now);
            if taken.is_ok() {
                let number = i64::try_from(self.codes.len()).unwrap() + 1;
                let code = Code { number, verification: number.to_string(), at: self.now, is_approved: false };
                self.codes.insert(0, code);
            }
            taken
        }

        /// Tries so often, with a pause after each; how many left.
        fn takes(&mut self, times: usize, pause: Millis) -> usize {
            let mut left = 0;
            for _ in 0..times {
                left += usize::from(self.take().is_ok());
                self.now += pause;
            }
            left
        }

        fn approve(&mut self, count: usize) {
            self.codes.iter_mut().filter(|code| !code.is_approved).take(count).for_each(|code| code.is_approved = true);
        }
    }

    #[test]
    fn codes_leave_while_two_of_twenty_are_approved() {
        let mut prefix = Prefix::default();
        for _ in 0..100 {
            assert_eq!(prefix.takes(18, MINUTE), 18);
            prefix.approve(2);
        }
    }

    #[test]
    fn after_twenty_slow_codes_with_one_approval_none_leaves_for_an_hour_after_the_last() {
        let mut prefix = Prefix::default();
        assert_eq!(prefix.takes(20, MINUTE), 20);
        prefix.approve(1);
        assert_eq!(prefix.take(), Err(59 * MINUTE));
        assert_eq!(prefix.takes(58, MINUTE), 0);
        prefix.now += MINUTE;
        assert_eq!(prefix.takes(30, MINUTE), 20, "and then it begins anew");
    }

    #[test]
    fn after_twenty_in_a_rush_one_leaves_a_minute_until_two_are_approved() {
        let mut prefix = Prefix::default();
        assert_eq!(prefix.takes(100, SECOND), 21, "twenty at once, and one after a minute");
        prefix.approve(1);
        assert_eq!(prefix.takes(180, SECOND), 3);
        prefix.approve(1);
        assert_eq!(prefix.takes(15, SECOND), 15);
    }

    #[test]
    fn a_rush_of_which_nobody_gives_any_code_back_is_paused_too() {
        let mut prefix = Prefix::default();
        prefix.takes(20, 0);
        let left = prefix.takes(24 * 60, MINUTE);
        assert!(left < 24 * 60 * 2 / 3, "{left}");
        assert!(matches!(prefix.fuse.mode, Mode::Open(_) | Mode::Slowed | Mode::Closed));
    }

    #[test]
    fn two_approvals_close_an_open_fuse() {
        let mut prefix = Prefix::default();
        prefix.takes(20, MINUTE);
        assert!(prefix.take().is_err());
        prefix.approve(2);
        assert_eq!(prefix.take(), Ok(()));
    }

    #[test]
    fn one_verification_that_is_sent_again_and_again_counts_as_one() {
        let mut prefix = Prefix::default();
        prefix.takes(20, MINUTE);
        prefix.codes.iter_mut().take(5).for_each(|code| {
            code.verification = "one".to_owned();
            code.is_approved = true;
        });
        assert!(prefix.take().is_err());
    }

    #[test]
    fn a_fuse_in_a_row_stays_readable() {
        use crate::encoding::golden::{lacks, stays};
        stays::<Fuse>(&[
            r#"{"mode":"closed","since":0}"#,
            r#"{"mode":"slowed","since":7}"#,
            r#"{"mode":{"open":1},"since":7}"#,
        ]);
        lacks::<Fuse>(&["{}"]);
    }
}
