//! The answer to a request that makes something is lost: it may have been made. When the service is searched for it, before
//! the request is repeated. The searches: `lost_helpscout_answers.rs` and `lost_twilio_answers.rs`; of calls: `call/lookups.rs`.

use super::lost_twilio_answers::SEARCH_AT;
use super::work::Job;
use crate::answer::Loss;
use crate::jobs::{Next, Target};

/// Puts off the repeat until the service was searched. Lists of conversations lag behind what was made, lists of a
/// conversation's threads do not: searches from 5 s on, half as long again each time, and a last one at 120 s outlast every
/// lag that integrators report.
pub(super) fn mark_uncertain(job: &mut Job, loss: Loss) -> Next {
    const SECOND: i64 = 1_000;
    let target = job.create().map(|create| &create.target);
    if target == Some(&Target::Text) {
        let [first, .., last] = SEARCH_AT;
        job.mark_uncertain(first, last);
        return Next::Wait;
    }
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
