//! The answer to a request that makes something is lost: it may have been made. When the service is searched for it, before
//! the request is repeated. The searches: `lost_helpscout_answers.rs` and `lost_twilio_answers.rs`; of calls: `call/lookups.rs`.

use super::work::Job;
use crate::answer::{Loss, search_first};
use crate::jobs::{Create, Next, Target};
use crate::twilio::request::SEARCH_AT;

/// Puts off the repeat until the service was searched.
pub(super) fn mark_uncertain(job: &mut Job, loss: Loss) -> Next {
    if !matches!(job.create(), Some(Create { target: Target::Text, .. })) {
        return search_first(job, loss);
    }
    let [first, .., last] = SEARCH_AT;
    job.mark_uncertain(first, last);
    Next::Wait
}
