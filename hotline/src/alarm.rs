//! When an object's one alarm is set. The Worker's objects and the simulation's ask the same rules.

use crate::domain::time::Millis;

/// Backup alarm, set before an alarm's step runs: a trap in the step must not leave the object without one.
const BACKUP: Millis = 60_000;

/// How soon a step is tried again whose store refused.
const STEP_AGAIN: Millis = 5_000;

/// The alarm that is set, as far as this life of an object knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    set: Option<Millis>,
}

impl Alarm {
    /// The instant to set it to; `None` when it stands at an earlier one.
    pub fn arm(&mut self, at: Millis, now: Millis) -> Option<Millis> {
        if self.set.is_some_and(|set| set <= at && set > now) {
            return None;
        }
        self.set = Some(at);
        Some(at.max(now))
    }

    /// It has fired, and the object has work. The step may put the backup off to when something is due.
    pub fn back_up(&mut self, now: Millis) -> Millis {
        self.fired();
        now + BACKUP
    }

    /// It has fired.
    pub fn fired(&mut self) {
        self.set = None;
    }

    /// A step could not be stored, or could not begin.
    pub fn arm_again(&mut self, now: Millis) -> Option<Millis> {
        self.arm(now + STEP_AGAIN, now)
    }
}
