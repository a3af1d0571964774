//! What an operator sees of a call's jobs, and does with them (`GET /v1/jobs`).

use super::work::Work;
use super::{Call, CallContext};
use crate::effects::ObjectReply;
use crate::jobs::{self, Operated};
use crate::messages::jobs::JobsRequest;
use crate::storage::Stored;

impl Call {
    pub(super) fn on_operator(&mut self, call_ctx: &CallContext, request: &JobsRequest) -> Stored<ObjectReply> {
        jobs::answer_operator(call_ctx.ctx.store, call_ctx.ctx.now, &mut Operator { call: self, call_ctx }, request)
    }
}

struct Operator<'a, 'b> {
    call: &'a mut Call,
    call_ctx: &'a CallContext<'b>,
}

impl Operated for Operator<'_, '_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.call.in_flight.is_in_flight(job, self.call_ctx.ctx.now)
    }

    /// Without its report the team would never know that somebody called.
    fn holds_what_was_said(work: &Work) -> bool {
        matches!(work, Work::Report { .. } | Work::ReportMessage { .. })
    }
}
