//! Two answering machines that write to each other would never stop, and each text costs.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;

/// So many texts each way are no talk of people any more.
const MOST_EACH_WAY: u32 = 10;

/// People pause for so long once in a while.
const PAUSE: Millis = 20_000;

/// For so long neither may write until the two reach each other again.
const QUIET: Millis = 10 * 60_000;

/// The texts of both since the last pause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    #[serde(default)]
    mine: u32,
    #[serde(default)]
    theirs: u32,
    /// When the last of them came.
    #[serde(default)]
    last_at: Millis,
    /// Whether nothing is passed on.
    #[serde(default)]
    is_stopped: bool,
}

/// Whether a text is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    /// It is not, nor is what follows.
    StopsNow,
    /// It was stopped before.
    Stopped,
}

impl Run {
    /// The participant has written.
    pub fn wrote(&mut self, now: Millis) -> Flow {
        self.pause(now);
        self.mine += 1;
        self.last_at = now;
        if self.is_stopped {
            return Flow::Stopped;
        }
        if self.mine > MOST_EACH_WAY && self.theirs >= MOST_EACH_WAY {
            self.is_stopped = true;
            return Flow::StopsNow;
        }
        Flow::On
    }

    /// The other side has.
    pub fn heard(&mut self, now: Millis) {
        self.pause(now);
        self.theirs += 1;
        self.last_at = now;
    }

    fn pause(&mut self, now: Millis) {
        let pause = if self.is_stopped { QUIET } else { PAUSE };
        if now - self.last_at >= pause {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::golden::{lacks, stays};

    #[test]
    fn runs_in_rows_stay_readable() {
        stays::<Run>(&[r#"{"mine":1,"theirs":2,"last_at":3,"is_stopped":true}"#]);
        lacks::<Run>(&["{}"]);
    }

    #[test]
    fn two_machines_are_stopped_after_ten_texts_each_way_and_people_are_not() {
        for (every, stops_at) in [(1_000, Some(11)), (19_999, Some(11)), (20_000, None)] {
            let (mut run, mut now) = (Run::default(), 1_000_000);
            let stopped = (1..=30).find(|_| {
                now += every;
                let flow = run.wrote(now);
                run.heard(now);
                flow != Flow::On
            });
            assert_eq!(stopped, stops_at, "a text each way every {every} ms");
        }
    }

    #[test]
    fn one_who_writes_a_lot_alone_is_passed_on() {
        let mut run = Run::default();
        assert!((0..50).all(|at| run.wrote(1_000_000 + at * 1_000) == Flow::On));
    }

    #[test]
    fn after_ten_minutes_of_silence_they_reach_each_other_again() {
        let mut run = Run { mine: 10, theirs: 10, last_at: 1_000_000, is_stopped: false };
        assert_eq!(run.wrote(1_001_000), Flow::StopsNow);
        assert_eq!(run.wrote(1_001_000 + QUIET - 1), Flow::Stopped);
        assert_eq!(run.wrote(1_001_000 + 2 * QUIET), Flow::On);
    }
}
