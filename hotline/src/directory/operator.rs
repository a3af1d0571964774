//! What an operator sees of a hotline's own jobs, and does with them (`GET /v1/jobs`).

use super::work::Work;
use super::{Directory, StepContext};
use crate::effects::ObjectReply;
use crate::jobs::{self, Operated};
use crate::messages::jobs::{JobsRequest, ObjectWithJobs};
use crate::storage::{Store, Stored};
use protocol::v1::JobObject;

impl Directory {
    pub(super) fn on_operator(&mut self, ctx: &StepContext, request: &JobsRequest) -> Stored<ObjectReply> {
        jobs::answer_operator(ctx.store, ctx.now, &mut Operator { directory: self, ctx }, request)
    }
}

struct Operator<'a> {
    directory: &'a mut Directory,
    ctx: &'a StepContext<'a>,
}

impl Operated for Operator<'_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.directory.in_flight.is_in_flight(job, self.ctx.now)
    }

    /// It knows of no words: what people say waits in their own objects.
    fn holds_what_was_said(_: &Work) -> bool {
        false
    }
}

/// The directory's own number.
const ITSELF: i64 = 0;

fn itself() -> ObjectWithJobs {
    ObjectWithJobs { number: ITSELF, kind: JobObject::Directory, key: String::new() }
}

/// The objects that have jobs, from this number on.
pub(super) fn objects_with_jobs(store: &dyn Store, from: i64, limit: usize) -> Stored<Vec<ObjectWithJobs>> {
    let mut objects: Vec<_> = (from == ITSELF).then(itself).into_iter().collect();
    objects.extend(super::facts::busy_from(store, from, limit)?);
    objects.truncate(limit);
    Ok(objects)
}

/// The object of this number, if it has told of itself.
pub(super) fn object_of(store: &dyn Store, number: i64) -> Stored<Option<ObjectWithJobs>> {
    if number == ITSELF { Ok(Some(itself())) } else { super::facts::of_number(store, number) }
}
