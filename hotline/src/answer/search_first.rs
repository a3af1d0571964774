//! Help Scout's answer to a request that makes something is lost: Help Scout is searched before the request is repeated.

use super::Loss;
use crate::effects::Millis;
use crate::jobs::{Job, Next, Target};

/// By how much Help Scout's and Twilio's clocks may be behind ours, when we look for what we made.
pub(crate) const CLOCK_TOLERANCE: Millis = 120_000;

/// Puts off the repeat until Help Scout was searched. Lists of conversations lag behind what was made, lists of a
/// conversation's threads do not: searches from 5 s on, half as long again each time, and a last one at 120 s outlast every
/// lag that integrators report.
pub(crate) fn search_first<W>(job: &mut Job<W>, loss: Loss) -> Next {
    const SECOND: Millis = 1_000;
    let target = job.create().map(|create| &create.target);
    let listed_late = matches!(target, Some(Target::Customer | Target::Conversation));
    let (first, last) = match (listed_late, loss) {
        (true, Loss::Unavailable) => (5, 5),
        (true, _) => (5, 120),
        (false, Loss::Error | Loss::Unavailable) => (1, 1),
        (false, Loss::Connection) => (2, 12),
        (false, Loss::Timeout) => (2, 60),
    };
    job.mark_uncertain(first * SECOND, last * SECOND);
    Next::Wait
}
