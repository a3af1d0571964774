//! Help Scout's id of the person. A reply names its customer by id alone (Create reply), and where customers have no
//! address every thread does. Agents merge customers and delete them, so an id that is refused is read again.

use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::timeline::Entry;
use super::work::Job;
use super::{Contact, StepContext};
use crate::answer::{Answer, try_again};
use crate::config::Customers;
use crate::effects::Response;
use crate::helpscout::people::{
    Customer, NAMELESS, first_name, is_record_of, is_synthetic_email_of, plain_email, synthetic_email,
};
use crate::helpscout::read::{Conversation, CustomerRecord};
use crate::jobs::Next;
use crate::json::Document;
use crate::storage::{Stored, first};

impl Contact {
    /// How a request names the person.
    pub(super) fn customer(&self, ctx: &StepContext, person: &Person, plain: bool) -> Customer {
        match &ctx.config.customers {
            Customers::Email { .. } if person.named_by_id => Customer::Id(person.customer.unwrap_or(0)),
            Customers::Email { domain } if plain => Customer::Email {
                email: plain_email(&person.party, domain),
                first_name: NAMELESS.to_owned(),
                phone: None,
            },
            Customers::Email { domain } => Customer::Email {
                email: synthetic_email(&person.party, domain),
                first_name: first_name(&person.party, person.profile.as_deref()),
                phone: person.number().map(String::from),
            },
            Customers::PhoneOnly => Customer::Id(person.customer.unwrap_or(0)),
        }
    }

    /// What must be known or made before an entry can be posted: nothing, when the person's id is known or not needed.
    pub(super) fn before_post(
        ctx: &StepContext,
        person: &Person,
        entry: &Entry,
    ) -> Stored<Option<Box<PendingRequest>>> {
        if person.customer.is_some() || !needs_id(ctx, person, entry) {
            return Ok(None);
        }
        let conversation = match &person.conversation {
            Some(present) => Some(present.clone()),
            None => last_conversation(ctx)?,
        };
        Ok(Some(match conversation {
            Some(conversation) => PendingRequest::about(RequestKind::PrimaryCustomer, &conversation),
            None => PendingRequest::new(RequestKind::CreateCustomer),
        }))
    }

    /// The customer of a conversation of theirs.
    pub(super) fn on_primary_customer_read(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        let is_present = person.conversation.as_deref() == Some(pending.conversation.as_str());
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(location) if is_present => {
                return self.post_elsewhere(ctx, person, job, &pending.conversation, location.as_deref());
            }
            Answer::Gone(_) | Answer::Refused(_) | Answer::ConversationFull => {
                return self.no_customer(ctx, person, job, pending);
            }
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let conversation = Conversation::read(&response.json()).unwrap_or_default();
        let Some(customer) = conversation.customer else { return self.no_customer(ctx, person, job, pending) };
        if is_synthetic_email_of(&conversation.email, &person.party, &ctx.config.customers) {
            return self.customer_known(ctx, person, job, customer);
        }
        let mut record = PendingRequest::about(RequestKind::ReadRecord, &pending.conversation);
        record.customer = customer;
        self.request_permit(ctx, person, job, record)
    }

    /// The record of that customer.
    pub(super) fn on_primary_record_read(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        let record = match answer {
            Answer::Done(response) => CustomerRecord::read(&response.json()),
            Answer::Gone(_) | Answer::Refused(_) | Answer::ConversationFull => None,
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        match record.filter(|record| is_record_of(record, &person.party, &ctx.config.customers)) {
            Some(record) => self.customer_known(ctx, person, job, record.id),
            None => self.no_customer(ctx, person, job, pending),
        }
    }

    fn customer_known(&mut self, ctx: &StepContext, person: &mut Person, job: &mut Job, customer: u64) -> Stored<Next> {
        self.set_customer_id(ctx, person, customer)?;
        self.customer_read = Some((job.id, job.since));
        job.start_again(ctx.now);
        Ok(Next::Wait)
    }

    /// The conversation is not theirs any more: they begin another one, and where customers have no address, another
    /// customer.
    fn no_customer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: &PendingRequest,
    ) -> Stored<Next> {
        if person.conversation.as_deref() == Some(pending.conversation.as_str()) {
            Self::leave_to_another(ctx, person, &pending.conversation)?;
            person.named_by_id = false;
            job.start_again(ctx.now);
            return Ok(Next::Wait);
        }
        if person.named_by_id {
            // From now on they have a customer of the hotline's own.
            person.named_by_id = false;
            job.start_again(ctx.now);
            return Ok(Next::Wait);
        }
        self.request_permit(ctx, person, job, PendingRequest::new(RequestKind::CreateCustomer))
    }

    /// Help Scout refused an entry: because of the customer's id, if that was not read just now. Then it is read again.
    pub(super) fn forget_refused_customer_id(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        job: &Job,
        entry: &Entry,
        response: &Response,
    ) -> bool {
        let is_known = person.customer.is_some() && self.customer_read != Some((job.id, job.since));
        if !is_known || !needs_id(ctx, person, entry) || !may_name_customer(response) {
            return false;
        }
        person.customer = None;
        true
    }
}

/// Whether the request that posts an entry names the customer by id alone.
fn needs_id(ctx: &StepContext, person: &Person, entry: &Entry) -> bool {
    let is_reply = entry.written_by().is_some() && person.conversation.is_some();
    is_reply || person.named_by_id || ctx.config.customers == Customers::PhoneOnly
}

/// Whether a refusal is about the customer (Errors: each names the path of its field), or does not say.
fn may_name_customer(response: &Response) -> bool {
    names_nothing(response) || names_customer(response)
}

/// Whether a refusal does not say what it is about.
pub(super) fn names_nothing(response: &Response) -> bool {
    response.json().at("_embedded/errors").items().is_empty()
}

/// Whether a refusal is about the customer.
pub(super) fn names_customer(response: &Response) -> bool {
    let json = response.json();
    json.at("_embedded/errors").items().iter().any(|error| error.at("path").text().contains("customer"))
}

/// The last conversation that was theirs.
fn last_conversation(ctx: &StepContext) -> Stored<Option<String>> {
    let sql =
        "SELECT id FROM conversations WHERE role IN ('current', 'former') ORDER BY LENGTH(id) DESC, id DESC LIMIT 1";
    Ok(first(ctx.store, sql, &[])?.map(|row| row.string(0)))
}
