//! Messages to many people are spread over the time that their sender needs for them, before any of them asks for a permit:
//! asked all at once, no object could answer.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::effects::{Millis, Priority};
use crate::messages::rate_limiter::Spread;

/// So many beginnings are remembered; of more, the one that is over first is forgotten.
const MOST: usize = 100;

/// Until when the messages of a class are spread that may leave from an instant on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SpreadUntil {
    priority: Priority,
    /// 0 for those that may leave at once.
    #[serde(default)]
    not_before: Millis,
    until: Millis,
}

impl Step<'_> {
    /// The instant at which the first message of a list asks; the others follow.
    pub(super) fn spread(&mut self, asked: &Spread) -> Millis {
        let now = self.ctx.now;
        let not_before = asked.not_before.filter(|at| *at > now).unwrap_or(0);
        let takes = self.state.budget.takes(asked.cost);
        let spread = &mut self.state.spread;
        spread.retain(|other| other.until > now);
        let same = |other: &&mut SpreadUntil| other.priority == asked.priority && other.not_before == not_before;
        if let Some(same) = spread.iter_mut().find(same) {
            let from = same.until;
            same.until += takes;
            return from;
        }
        if spread.len() >= MOST {
            spread.sort_by_key(|other| other.until);
            spread.remove(0);
        }
        let from = not_before.max(now);
        spread.push(SpreadUntil { priority: asked.priority, not_before, until: from + takes });
        from
    }
}
