//! A program wants that Help Scout's record of an erased person is deleted, with its conversations. It is found by their address at
//! our domain, or by the id under which it was made, and deleted only when it is theirs: agents change and merge records.

use super::erasure::ENTRY;
use super::erasure_steps::settle_of;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::removal::{Step, StepEnd, StepKind, Steps, on_refused};
use super::work::Job;
use super::{Contact, StepContext, TEXTS};
use crate::answer::{Answer, try_again};
use crate::config::Customers;
use crate::helpscout::people::{is_record_of, synthetic_email};
use crate::helpscout::read::{self, CustomerRecord};
use crate::helpscout::request;
use crate::jobs::{self, Next};
use crate::storage::Stored;

/// How often a record is looked for that a list does not show: it is minutes behind at most.
const LOOKS: i64 = 3;

impl Contact {
    /// Begins to delete the record, or says how that has ended.
    pub(super) fn begin_customer_step(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        step: &Step,
    ) -> Stored<Result<Next, StepEnd>> {
        let steps = Steps::of_erasure(ctx.store);
        if steps.has_any(ENTRY)? || jobs::count(ctx.store, TEXTS)? > 0 {
            steps.later(step, ctx.now + step.wait())?;
            return Ok(Err(StepEnd::Waits));
        }
        let pending = match (person.customer, &ctx.config.customers) {
            (Some(customer), _) => {
                let mut pending = PendingRequest::new(RequestKind::ReadErased);
                pending.customer = customer;
                pending
            }
            (None, Customers::Email { .. }) => PendingRequest::new(RequestKind::FindErased),
            (None, Customers::PhoneOnly) => {
                steps.remove(step)?;
                return Ok(Err(StepEnd::Done { found: 0 }));
            }
        };
        self.request_permit(ctx, person, job, pending).map(Ok)
    }

    /// Which record is asked for, or deleted.
    pub(super) fn customer_request(
        ctx: &StepContext,
        person: &Person,
        pending: &PendingRequest,
    ) -> crate::api::Request {
        match (pending.kind, &ctx.config.customers) {
            (RequestKind::FindErased, Customers::Email { domain }) => {
                request::list_customers_by_email(&synthetic_email(&person.party, domain))
            }
            (RequestKind::DeleteCustomer, _) => request::delete_customer(pending.customer),
            _ => request::get_customer(pending.customer),
        }
    }

    /// Help Scout has answered.
    pub(super) fn on_customer_step(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        let steps = Steps::of_erasure(ctx.store);
        let step = steps.next()?.filter(|step| step.kind == StepKind::Customer);
        let Some(step) = step else { return Ok(Next::Wait) };
        job.due = ctx.now;
        let is_theirs = |record: &CustomerRecord| is_record_of(record, &person.party, &ctx.config.customers);
        let end = match (pending.kind, answer) {
            (RequestKind::ReadErased, Answer::Done(response)) => {
                match CustomerRecord::read(&response.json()).filter(is_theirs) {
                    Some(record) => return self.delete_customer(ctx, person, job, record.id),
                    None => on_refused(ctx, steps, &step)?,
                }
            }
            (RequestKind::FindErased, Answer::Done(response)) => {
                match read::customers(&response.json()).items.into_iter().find(is_theirs) {
                    Some(record) => return self.delete_customer(ctx, person, job, record.id),
                    None if step.attempts < LOOKS => {
                        steps.later(&step, ctx.now + step.wait())?;
                        StepEnd::Waits
                    }
                    None => done(steps, &step)?,
                }
            }
            (RequestKind::DeleteCustomer, Answer::Done(_)) | (_, Answer::Gone(_)) => {
                person.customer = None;
                done(steps, &step)?
            }
            (_, Answer::Refused(_) | Answer::ConversationFull) => on_refused(ctx, steps, &step)?,
            (_, other) => return Ok(try_again(ctx.now, job, &other)),
        };
        settle_of(ctx, job, &end)
    }

    fn delete_customer(&mut self, ctx: &StepContext, person: &Person, job: &Job, customer: u64) -> Stored<Next> {
        let mut pending = PendingRequest::new(RequestKind::DeleteCustomer);
        pending.customer = customer;
        self.request_permit(ctx, person, job, pending)
    }
}

fn done(steps: Steps, step: &Step) -> Stored<StepEnd> {
    steps.remove(step)?;
    Ok(StepEnd::Done { found: 0 })
}
