//! A conversation from before the hotline goes on here: an operator says whose it is, and it is looked at first whether that is
//! so (`cargo xtask import-conversations`).

use protocol::v1::{ConversationStatus, PersonConversation};

use super::conversation_moves::is_theirs;
use super::conversation_rollover::takes_more;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::work::{Fact, Job, SeenConversation, Work};
use super::{Contact, IMPORT, StepContext};
use crate::answer::{Answer, try_again};
use crate::effects::ObjectReply;
use crate::helpscout::people::{is_record_of, is_synthetic_email_of};
use crate::helpscout::read::{Conversation, CustomerRecord};
use crate::jobs::{self, Failure, Next};
use crate::messages::directory;
use crate::storage::{Stored, run};

/// Says whether a person is named by their customer's id, since that record was there before the hotline.
pub(super) const ADD_NAMED_BY_ID: &str = "ALTER TABLE person ADD COLUMN named_by_id INTEGER NOT NULL DEFAULT 0";

/// Why a conversation is not the person's.
fn refused(code: &'static str, reason: &str) -> Next {
    Next::Failed(Failure::new(code, format!("The conversation was not imported: {reason}.")))
}

fn lane(conversation: u64) -> String {
    format!("{IMPORT} {conversation}")
}

impl Contact {
    /// An operator says that a conversation is the person's.
    pub(super) fn import_conversation(ctx: &StepContext, id: u64) -> Stored<ObjectReply> {
        let known = conversation_status(ctx, id)?;
        if known.is_none() {
            let work = Work::ImportConversation { conversation: id, seen: None };
            jobs::add(ctx.store, &lane(id), &work, ctx.now, ctx.now)?;
        }
        let status = known.unwrap_or(ConversationStatus::Checking);
        Ok(ObjectReply::Conversation(PersonConversation { id, status }))
    }

    /// Whether a conversation is the person's.
    pub(super) fn read_conversation_status(ctx: &StepContext, id: u64) -> Stored<ObjectReply> {
        let status = conversation_status(ctx, id)?;
        Ok(status.map_or(ObjectReply::NotFound, |status| ObjectReply::Conversation(PersonConversation { id, status })))
    }

    /// Reads the conversation.
    pub(super) fn begin_import(&mut self, ctx: &StepContext, person: &Person, job: &Job, id: u64) -> Stored<Next> {
        self.request_permit(ctx, person, job, PendingRequest::about(RequestKind::CheckConversation, &id.to_string()))
    }

    /// The conversation has been read: whose is its customer?
    pub(super) fn on_import_read(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let response = match answer {
            Answer::Done(response) => response,
            Answer::Gone(Some(_)) => return Ok(refused("merged", "it was merged into another one; import that one")),
            Answer::Gone(None) | Answer::Refused(_) | Answer::ConversationFull => {
                return Ok(refused("not_found", "Help Scout does not find it"));
            }
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        let it = Conversation::read(&response.json()).unwrap_or_default();
        let Some(customer) = it.customer.filter(|_| it.state != "deleted") else {
            return Ok(refused("not_found", "it is deleted, or has no customer"));
        };
        if it.mailbox != Some(ctx.hotline.mailbox) {
            return Ok(refused("other_inbox", "it is in an inbox of no hotline, or of another one"));
        }
        if it.kind != "phone" {
            return Ok(refused("not_by_phone", "it is no conversation by phone; replies in it go by e-mail"));
        }
        let has_our_address = is_synthetic_email_of(&it.email, &person.party, &ctx.config.customers);
        let threads = it.threads.map_or(0, u64::cast_signed);
        if let Work::ImportConversation { seen, .. } = &mut job.work {
            *seen = Some(SeenConversation { customer, threads, has_our_address });
        }
        jobs::save(ctx.store, job)?;
        if has_our_address {
            return Ok(self.claim_imported(ctx, person, job));
        }
        let mut record = PendingRequest::new(RequestKind::ReadRecord);
        record.customer = customer;
        self.request_permit(ctx, person, job, record)
    }

    /// The record of its customer.
    pub(super) fn on_import_record(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let record = match answer {
            Answer::Done(response) => CustomerRecord::read(&response.json()),
            Answer::Gone(_) | Answer::Refused(_) | Answer::ConversationFull => None,
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        if record.is_some_and(|record| is_record_of(&record, &person.party, &ctx.config.customers)) {
            return Ok(self.claim_imported(ctx, person, job));
        }
        Ok(refused("other_customer", "its customer does not have this number"))
    }

    fn claim_imported(&mut self, ctx: &StepContext, person: &Person, job: &Job) -> Next {
        let Work::ImportConversation { conversation, .. } = job.work else { return Next::Done };
        self.tell_directory_now(ctx, job, directory::Message::Claim { id: conversation, contact: person.party.key() })
    }

    /// The directory says whose it is.
    pub(super) fn on_import_claimed(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        reply: &ObjectReply,
    ) -> Stored<Next> {
        let Work::ImportConversation { conversation, seen: Some(seen) } = job.work.clone() else {
            return Ok(Next::Done);
        };
        match reply {
            ObjectReply::Yours => {}
            ObjectReply::Theirs => return Ok(refused("other_person", "it is another person's at this hotline")),
            ObjectReply::Later(wait) => {
                job.due = ctx.now + *wait;
                return Ok(Next::Wait);
            }
            _ => {
                job.retry(ctx.now);
                return Ok(Next::Wait);
            }
        }
        if !is_theirs(ctx, &conversation.to_string())? {
            self.enter_imported(ctx, person, conversation, &seen, job.since)?;
        }
        Ok(Next::Done)
    }

    /// It is theirs from now on. What agents replied before was sent by whoever looked after the inbox then.
    fn enter_imported(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        id: u64,
        seen: &SeenConversation,
        since: i64,
    ) -> Stored<()> {
        let conversation = id.to_string();
        // Where they have written to the hotline already, the talk stays where it is.
        let is_current = person.conversation.is_none() && takes_more(seen.threads);
        self.save_conversation(ctx, &conversation, if is_current { "current" } else { "former" }, since)?;
        let sql = "UPDATE conversations SET customer = ? WHERE id = ?";
        run(ctx.store, sql, &[(&seen.customer.to_string()).into(), (&conversation).into()])?;
        if is_current {
            person.enter_conversation(&conversation, seen.threads);
            person.named_by_id = !seen.has_our_address;
            person.customer = Some(seen.customer);
        }
        person.greeted = true;
        self.tell_directory(ctx, Fact::Customer(seen.customer))?;
        Self::enqueue_read(ctx, &conversation, ctx.now)
    }
}

fn conversation_status(ctx: &StepContext, id: u64) -> Stored<Option<ConversationStatus>> {
    if is_theirs(ctx, &id.to_string())? {
        return Ok(Some(ConversationStatus::Theirs));
    }
    let job = jobs::head_of::<Work>(ctx.store, &lane(id))?;
    Ok(job.map(|_| ConversationStatus::Checking))
}
