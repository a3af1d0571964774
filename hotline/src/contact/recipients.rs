//! To whom a reply was written. Agents may change the customer of a conversation, merge customers, or put another record
//! in place of one; no event tells of it, so each reply is checked: its thread names the customer.

use super::conversation_moves::{GUEST, is_theirs, role};
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::work::{Fact, Job, Work};
use super::{Contact, Message, RECEIPTS, StepContext};
use crate::answer::{Answer, try_again};
use crate::domain::html::Html;
use crate::domain::phone::Party;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::helpscout::people::{is_record_of, is_synthetic_email_of, parties};
use crate::helpscout::read::{self, CustomerRecord, Thread};
use crate::jobs::{self, Next};
use crate::storage::{Stored, any, first, run};

/// Replies that this object does not text, and why.
pub(super) const SET_ASIDE: &str = "CREATE TABLE IF NOT EXISTS set_aside (
    thread TEXT PRIMARY KEY, conversation TEXT NOT NULL, why TEXT NOT NULL, others TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID";

/// Finds out whether agents were already told in this conversation.
pub(super) const SET_ASIDE_BY_CONVERSATION: &str =
    "CREATE INDEX IF NOT EXISTS set_aside_by_conversation ON set_aside (conversation)";

/// Replies in other people's conversations that were written to this person.
pub(super) const HANDED_OVER: &str = "CREATE TABLE IF NOT EXISTS handed_over (
    thread TEXT PRIMARY KEY, conversation TEXT NOT NULL
) STRICT, WITHOUT ROWID";

/// The record that stands for the person in a conversation, by Help Scout's id.
pub(super) const ADD_CUSTOMER: &str = "ALTER TABLE conversations ADD COLUMN customer TEXT";

/// Why a reply is set aside: it was written to somebody else, or not by a person.
const OTHERS: &str = "other";
const AI: &str = "ai";

/// A reply younger than this at a merge may still have been waiting to leave. Older ones had left.
pub(super) const MAX_WAIT_BEFORE_MERGE: Millis = 3_600_000;

/// Jobs that give a reply to whom it was written to.
const HAND_OVER: &str = "hand-over";

/// To whom a reply was written.
pub(super) enum Recipient {
    /// To this object's person.
    Person,
    /// To the customer with this id, whose record must be read.
    Unknown(u64),
    /// To nobody whom this object texts.
    Another,
}

impl Contact {
    /// To whom Help Scout says that a reply in one of this person's conversations was written. `read` holds the records
    /// that were read to know it.
    pub(super) fn recipient(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        conversation: &str,
        reply: &Thread,
        read: &[CustomerRecord],
    ) -> Stored<Recipient> {
        let Some(customer) = reply.customer else { return Ok(Recipient::Person) };
        if is_synthetic_email_of(&reply.email, &person.party, &ctx.config.customers) {
            self.set_customer_id(ctx, person, customer)?;
            return Ok(Recipient::Person);
        }
        if person.customer == Some(customer) || is_adopted(ctx, conversation, customer)? {
            return Ok(Recipient::Person);
        }
        let Some(record) = read.iter().find(|record| record.id == customer) else {
            return Ok(Recipient::Unknown(customer));
        };
        if is_record_of(record, &person.party, &ctx.config.customers) {
            self.set_customer_id(ctx, person, customer)?;
            return Ok(Recipient::Person);
        }
        Self::hand_over(ctx, person, conversation, reply.id, record)?;
        Ok(Recipient::Another)
    }

    /// Help Scout's record of the person, by its id.
    pub(super) fn set_customer_id(&self, ctx: &StepContext, person: &mut Person, customer: u64) -> Stored<()> {
        if person.customer == Some(customer) {
            return Ok(());
        }
        person.customer = Some(customer);
        self.tell_directory(ctx, Fact::Customer(customer))
    }

    /// Help Scout says that a record is this person's.
    pub(super) fn accept_customer_record(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        customer: u64,
    ) -> Stored<ObjectReply> {
        if Person::load(ctx.store)?.is_none() {
            return Ok(ObjectReply::Theirs);
        }
        self.set_customer_id(ctx, person, customer)?;
        Ok(ObjectReply::Yours)
    }

    /// Hands the reply to the person whom Help Scout names. This person's next text starts a new conversation.
    fn hand_over(
        ctx: &StepContext,
        person: &mut Person,
        conversation: &str,
        thread: u64,
        record: &CustomerRecord,
    ) -> Stored<()> {
        if person.conversation.as_deref() == Some(conversation) {
            Self::leave_to_another(ctx, person, conversation)?;
        }
        let others = parties(record, &ctx.config.customers);
        let others = others.iter().map(Party::key).collect::<Vec<_>>().join(" ");
        set_aside(ctx, thread, conversation, OTHERS, &others)?;
        let thread = thread.to_string();
        // In one lane: two replies to the other person go to them in their order.
        jobs::add(ctx.store, HAND_OVER, &Work::HandOver { thread }, ctx.now, ctx.now)
    }

    /// The conversation is another customer's now, and the agent reads where this person goes on.
    pub(super) fn leave_to_another(ctx: &StepContext, person: &mut Person, conversation: &str) -> Stored<()> {
        person.leave_conversation();
        run(ctx.store, "UPDATE conversations SET role = 'former' WHERE id = ?", &[conversation.into()])?;
        let words = format!(
            "This conversation has another customer now. Replies here go to that customer only. The next text from {} \
             begins a new conversation.",
            person.party.readable()
        );
        Self::enqueue_note(ctx, RECEIPTS, Some(conversation), &Html::text(&words))
    }

    /// Offers the reply to the first person whom the record matches. Nobody matches: the agent gets a note.
    pub(super) fn begin_hand_over(&mut self, ctx: &StepContext, person: &Person, job: &Job) -> Stored<Next> {
        let Work::HandOver { thread } = &job.work else { return Ok(Next::Done) };
        let sql = "SELECT conversation, others FROM set_aside WHERE thread = ?";
        let Some(row) = first(ctx.store, sql, &[thread.into()])? else { return Ok(Next::Done) };
        let Some(other) = row.text(1).split_whitespace().next() else {
            Self::enqueue_note(ctx, RECEIPTS, Some(row.text(0)), &not_known(person))?;
            return Ok(Next::Done);
        };
        let (Ok(conversation), Ok(thread)) = (row.text(0).parse(), thread.parse()) else { return Ok(Next::Done) };
        let message = Message::Reply { conversation, thread };
        Ok(self.tell_object(ctx, job, ToObject::Contact(other.to_owned(), message)))
    }

    pub(super) fn on_handed_over(ctx: &StepContext, job: &mut Job, thread: &str, reply: &ObjectReply) -> Stored<Next> {
        match reply {
            ObjectReply::Unreachable => job.retry(ctx.now),
            ObjectReply::Later(wait) => job.due = ctx.now + wait,
            ObjectReply::Theirs => {
                let sql =
                    "UPDATE set_aside SET others = LTRIM(SUBSTR(others, INSTR(others || ' ', ' '))) WHERE thread = ?";
                run(ctx.store, sql, &[thread.into()])?;
                job.due = ctx.now;
            }
            _ => return Ok(Next::Done),
        }
        Ok(Next::Wait)
    }

    /// A reply in somebody else's conversation was written to this person.
    pub(super) fn take_over_reply(&self, ctx: &StepContext, conversation: u64, thread: u64) -> Stored<ObjectReply> {
        if Person::load(ctx.store)?.is_none() {
            return Ok(ObjectReply::Theirs);
        }
        let (conversation, thread) = (conversation.to_string(), thread.to_string());
        let sql = "INSERT OR IGNORE INTO handed_over (thread, conversation) VALUES (?, ?)";
        run(ctx.store, sql, &[(&thread).into(), (&conversation).into()])?;
        self.add_guest_conversation(ctx, &conversation)?;
        Self::enqueue_read(ctx, &conversation, ctx.now)?;
        Ok(ObjectReply::Done)
    }

    /// Something in a conversation that is not theirs was written to this person.
    pub(super) fn add_guest_conversation(&self, ctx: &StepContext, conversation: &str) -> Stored<()> {
        if role(ctx, conversation)?.is_none() {
            self.save_conversation(ctx, conversation, GUEST, ctx.now)?;
        }
        self.tell_directory(ctx, Fact::Guest(conversation.parse().unwrap_or(0)))
    }

    /// The record of a customer to whom a reply was written.
    pub(super) fn on_record_read(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let record = match answer {
            Answer::Done(response) => CustomerRecord::read(&response.json()),
            Answer::Gone(_) | Answer::Refused(_) | Answer::ConversationFull => None,
            other => return Ok(try_again(ctx.now, job, &other)),
        };
        // A record that is not there stands for nobody.
        let nobody = CustomerRecord { id: pending.customer, ..CustomerRecord::default() };
        pending.records.push(CustomerRecord { id: pending.customer, ..record.unwrap_or(nobody) });
        self.take_new_replies(ctx, person, job, pending)
    }

    /// Asks for the record of a customer in the middle of reading replies.
    pub(super) fn read_record(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        pending: Box<PendingRequest>,
        customer: u64,
    ) -> Stored<Next> {
        let mut record = PendingRequest::about(RequestKind::ReadRecord, &pending.conversation);
        (record.threads, record.records, record.customer) = (pending.threads, pending.records, customer);
        self.request_permit(ctx, person, job, record)
    }

    /// Help Scout's AI agent wrote these replies.
    pub(super) fn set_aside_ai_replies(ctx: &StepContext, conversation: &str, threads: &[u64]) -> Stored<()> {
        threads.iter().try_for_each(|thread| Self::set_aside_ai_reply(ctx, conversation, *thread))
    }

    /// Help Scout's AI agent wrote a reply. It is not texted unless the hotline says so, and the conversation says that
    /// once.
    pub(super) fn set_aside_ai_reply(ctx: &StepContext, conversation: &str, thread: u64) -> Stored<()> {
        if ctx.hotline.ai_replies || is_set_aside(ctx, thread)? {
            return Ok(());
        }
        let sql = "SELECT 1 FROM set_aside WHERE conversation = ? AND why = ? LIMIT 1";
        let told = any(ctx.store, sql, &[conversation.into(), AI.into()])?;
        set_aside(ctx, thread, conversation, AI, "")?;
        if told {
            return Ok(());
        }
        let words = "An AI agent of Help Scout replied here. What it writes is not sent as a text; only what your team writes \
                     is.";
        Self::enqueue_note(ctx, RECEIPTS, Some(conversation), &Html::text(words))
    }
}

/// Whether a reply was written to this person by name: to their address, or to the record that is known to be theirs.
pub(super) fn is_written_to(ctx: &StepContext, person: &Person, reply: &Thread) -> bool {
    is_synthetic_email_of(&reply.email, &person.party, &ctx.config.customers)
        || (reply.customer.is_some() && reply.customer == person.customer)
}

/// Whether replies to a customer in a conversation go to this person.
pub(super) fn is_customer_in(
    ctx: &StepContext,
    person: &Person,
    conversation: u64,
    customer: u64,
) -> Stored<ObjectReply> {
    let theirs = person.customer == Some(customer) || is_adopted(ctx, &conversation.to_string(), customer)?;
    Ok(if theirs { ObjectReply::Yours } else { ObjectReply::Theirs })
}

/// Whether a conversation that was nobody's became this person's together with this customer.
fn is_adopted(ctx: &StepContext, conversation: &str, customer: u64) -> Stored<bool> {
    let sql = "SELECT 1 FROM conversations WHERE id = ? AND customer = ?";
    any(ctx.store, sql, &[conversation.into(), (&customer.to_string()).into()])
}

/// Whether a reply in somebody else's conversation was written to this person: it was handed over, or came with a
/// conversation of theirs that was merged shortly after it was written.
pub(super) fn is_to_guest(
    ctx: &StepContext,
    person: &Person,
    reply: &Thread,
    threads: &[Thread],
    merged: (Millis, u64),
) -> Stored<bool> {
    let sql = "SELECT 1 FROM handed_over WHERE thread = ?";
    if any(ctx.store, sql, &[(&reply.id.to_string()).into()])? {
        return Ok(true);
    }
    // Where the other conversation is the same person's, of another hotline, nobody can tell what came with which.
    let line = threads.iter().find(|thread| thread.id == merged.1);
    if reply.is_by_ai() || line.is_none_or(|line| is_written_to(ctx, person, line)) {
        return Ok(false);
    }
    Ok(age_at_merge(reply, merged).is_some_and(|age| age < MAX_WAIT_BEFORE_MERGE) && is_written_to(ctx, person, reply))
}

/// A conversation of nobody's, into which one of theirs was merged, is theirs together with its customer.
pub(super) fn adopt_customer(ctx: &StepContext, conversation: &str, threads: &[Thread]) -> Stored<()> {
    for thread in threads {
        let (Some(from), Some(customer)) = (thread.merged_from, thread.customer) else { continue };
        if is_theirs(ctx, &from.to_string())? {
            let sql =
                "UPDATE conversations SET customer = ? WHERE id = ? AND customer IS NULL AND role <> ? AND since > 0";
            run(ctx.store, sql, &[(&customer.to_string()).into(), conversation.into(), GUEST.into()])?;
        }
    }
    Ok(())
}

fn set_aside(ctx: &StepContext, thread: u64, conversation: &str, why: &str, others: &str) -> Stored<()> {
    let sql = "INSERT OR IGNORE INTO set_aside (thread, conversation, why, others) VALUES (?, ?, ?, ?)";
    run(ctx.store, sql, &[(&thread.to_string()).into(), conversation.into(), why.into(), others.into()])
}

/// Whether a reply is not texted by this object.
pub(super) fn is_set_aside(ctx: &StepContext, thread: u64) -> Stored<bool> {
    any(ctx.store, "SELECT 1 FROM set_aside WHERE thread = ?", &[(&thread.to_string()).into()])
}

/// What an agent is told of a reply to a customer whom the hotline does not know.
fn not_known(person: &Person) -> Html {
    let who = person.party.readable();
    Html::text(&format!(
        "This reply was not sent as a text: it was written to a customer of whom the hotline knows no phone. If that is \
         still the person with {who}, add this number to the customer and reply again."
    ))
}

/// How old a reply was at a merge; `None` when it came after.
pub(super) fn age_at_merge(reply: &Thread, merged: (Millis, u64)) -> Option<Millis> {
    let at = read::instant(&reply.created_at)?;
    ((at, reply.id) < merged).then_some(merged.0 - at)
}
