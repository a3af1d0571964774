//! A person's object: the only one who decides anything about that person.
//!
//! What comes in becomes rows in one step; jobs then stand in lanes, each worked off in order by asking a rate limiter for a
//! permit, sending one request and reading its answer. [`Contact::step`] is the whole of it.

mod addresses;
mod aliases;
mod automatic_texts;
mod call_entries;
mod consents;
mod conversation_moves;
mod conversation_rollover;
mod customer_id;
mod delivery;
mod delivery_poll;
mod erasure;
mod erasure_at_helpscout;
mod erasure_steps;
mod event_data;
mod events;
mod export;
mod facts;
mod facts_row;
mod frequent_callers;
mod imported_conversations;
mod inbound;
mod limits;
mod lost_answers;
mod lost_helpscout_answers;
mod lost_twilio_answers;
mod missing_conversations;
mod operator;
mod opt_out;
mod outgoing_text;
mod pending_request;
mod person;
mod posting;
mod profile;
mod program_chain;
mod program_index;
mod program_item;
mod program_messages;
mod program_people;
mod program_price;
mod program_row;
mod program_turns;
mod program_via;
mod receipts;
mod recipients;
mod removal;
mod replies;
mod reply_files;
mod reply_recheck;
mod reply_versions;
mod resends;
mod retained;
mod retention;
mod sender;
mod sending;
mod sidebar_send;
mod sidebar_view;
mod timeline;
mod timeline_moves;
mod unposted;
mod verification_calls;
mod verification_item;
mod verification_row;
mod verification_sends;
mod verifications;
mod work;
mod work_left;

use std::collections::BTreeSet;

use crate::answer::{Answer, Loss};
use crate::domain::phone::Party;
use crate::effects::{Completion, Effect, Input, Millis, ObjectReply, Permit, ToObject};
use crate::jobs::{self, InFlight, JobRunner, Next, Schedule};
pub use crate::messages::contact::{Message, Opening, Written};
use crate::messages::verification_limit;
pub use crate::step::StepContext;
use crate::storage::{self, Migration, Store, StoreError, Stored};
use facts::FactsDue;
use pending_request::{PendingRequest, RequestKind};
use person::Person;
use sidebar_view::ChangeTracker;
use work::{Fact, Job, Work};

/// Jobs that make what the person said appear in Help Scout.
const TEXTS: &str = "texts";
/// Jobs that read what agents replied.
const REPLIES: &str = "replies";
/// Jobs that keep the agents informed of deliveries.
const RECEIPTS: &str = "receipts";
/// Jobs that text the person.
const PHONE: &str = "phone";
/// Jobs that text codes, which somebody waits for: they wait for no other text to the person.
const CODES: &str = "codes";
/// The text that says that a message may be seen late; it must not wait behind anything.
const TROUBLE: &str = "trouble";
/// Jobs that tell the hotline's directory.
const DIRECTORY: &str = "directory";

/// Jobs that bring a conversation from before the hotline; each has a lane of its own.
const IMPORT: &str = "import";

/// Jobs that tell the directory how the person fares.
const FACTS: &str = "facts";

/// The part of the object that lives in memory: what is under way, and a copy of the person's row. Everything else is rows.
#[derive(Default)]
pub struct Contact {
    in_flight: InFlight<Awaiting>,
    /// The person as the last step left their row; `None` when it is to be read.
    person: Option<Person>,
    /// The reply that was last found unchanged in Help Scout, and when.
    read_at: Option<(i64, Millis)>,
    /// The job (id, and creation time) for which the customer id was last read.
    customer_read: Option<(i64, Millis)>,
    /// The reply that the directory last allowed.
    allowed: Option<i64>,
    /// When the person's phone has had the time to show the text that left last.
    phone_free_at: Millis,
    /// How many texts may come before those that wait are counted again. To count them with every text would make each cost
    /// more, the more wait; that some have left meanwhile is noticed with the next count.
    room_for_texts: i64,
    /// The jobs whose permits a rate limiter has reserved: it wakes them.
    reserved: BTreeSet<i64>,
    /// When it is looked at what the directory is to know.
    facts_due: FactsDue,
}

enum Awaiting {
    Media(Box<PendingRequest>),
    Permit(Box<PendingRequest>),
    Answer(Box<PendingRequest>),
    ObjectReply,
}

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[
    &[
        person::TABLE,
        conversation_moves::TABLE,
        timeline::ENTRIES,
        outgoing_text::TABLE,
        timeline::NOTES,
        jobs::OLD_TABLE,
    ],
    &[jobs::OLD_QUARANTINE, jobs::OLD_QUARANTINED],
    &[timeline::ADD_PUBLISHED, outgoing_text::ADD_LEFT_AT, reply_versions::UNDOABLE, person::ADD_STARTED],
    &[missing_conversations::MISSING, conversation_moves::FORGET_WORDS],
    &[timeline::ADD_AGENT_ID],
    &[recipients::SET_ASIDE, recipients::HANDED_OVER, recipients::ADD_CUSTOMER],
    &[frequent_callers::TABLE, frequent_callers::REJECTIONS],
    &[timeline::ADD_FORGOTTEN, timeline::ADD_SENT_AGAIN],
    jobs::TABLES,
    timeline::INDEXES,
    &[timeline::ADD_RECEIPT_IN],
    &[recipients::SET_ASIDE_BY_CONVERSATION],
    &person::ADD_MISSED,
    &[person::ADD_FIRST_THREADS],
    &person::ADD_ALIASES,
    &[person::ADD_WOKEN_BY],
    &[program_row::TABLE],
    &program_row::INDEXES,
    &[person::ADD_PROGRAM_MESSAGE, timeline::BY_WHATSAPP],
    &[profile::TABLE, consents::TABLE, consents::BY_CLASS],
    &[verification_row::TABLE, verification_row::FIRST_TIMES],
    &verification_row::INDEXES,
    &[program_chain::ADD_CHAIN],
    &[events::TABLE, person::ADD_LAST_LEFT],
    &outgoing_text::ADD_PRICE,
    &[erasure::TABLE],
    &removal::TABLES,
    &[jobs::FAILED_TABLE],
    &[facts_row::ADD_FACTS],
    &erasure::ADD_REMOVED,
    &[verification_row::ERASED_FIRST_TIMES],
    &retention::TABLES,
    &timeline::ADD_REMOVED,
    &[imported_conversations::ADD_NAMED_BY_ID],
];

/// The version of the tables.
pub const SCHEMA: usize = MIGRATIONS.len();

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)?;
    jobs::import_release_0_1_0::<Work>(store)
}

/// Whether an alarm of the object has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    Ok(jobs::has_jobs(store)? || facts::has_untold(store)?)
}

impl Contact {
    /// One step, whole or not at all. The effects are performed after the step is stored. The reply is for the sender of a
    /// message.
    pub fn step(
        &mut self,
        ctx: &StepContext,
        party: &Party,
        input: Input<Message>,
    ) -> Stored<(ObjectReply, Vec<Effect>)> {
        let answers = if let Input::Completed(ticket, _) = &input { Some(ticket.job) } else { None };
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        // A step that fails leaves none: the next one reads the row.
        let mut known = self.person.take();
        let stored = ctx.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let watch = ChangeTracker::new(ctx.store);
            let ctx = &StepContext { store: &watch, ..*ctx };
            let row = match known.take() {
                Some(person) => Some(person),
                None => Person::load(ctx.store)?,
            };
            let mut is_stored = row.is_some();
            let mut person = row.unwrap_or_else(|| Person::stranger(party.clone(), ctx.now));
            let before = person.clone();
            let mut effects = Vec::new();
            let may_be_late = !matches!(input, Input::Completed(..));
            let is_woken = matches!(input, Input::Message(Message::Wake));
            let mut reply = self.take(ctx, &mut person, input, &mut effects)?;
            // The alarm for it stands since the step that brought the text.
            let trouble = if may_be_late { self.raise_trouble(ctx, &mut person)? } else { None };
            let mut schedule = self.work(ctx, &mut person, &mut effects)?;
            if watch.record_updates(ctx, &person)? {
                schedule = self.work(ctx, &mut person, &mut effects)?;
            }
            if is_woken {
                reply = Self::answer_wake(ctx, &mut person, schedule.awaited);
            } else if let Some(due) = schedule.awaited
                && self.leave_work(ctx, &mut person, due)?
            {
                schedule = self.work(ctx, &mut person, &mut effects)?;
            }
            let (is_told, look_at) = self.tell_facts(ctx, &mut person, schedule)?;
            if is_told {
                schedule = self.work(ctx, &mut person, &mut effects)?;
            }
            let wake = [trouble, schedule.wake(), look_at].into_iter().flatten().min();
            effects.extend(wake.map(Effect::Wake));
            watch.show(ctx, &before, &person, &mut effects)?;
            if person != before {
                person.save(ctx.store)?;
                is_stored = true;
            }
            known = Some(person).filter(|_| is_stored);
            done = (reply, effects);
            Ok(())
        });
        match (stored, answers) {
            (Err(StoreError::Undecodable { .. }), Some(job)) => return self.quarantine(ctx, party, job),
            (stored, _) => stored?,
        }
        self.person = known;
        Ok(done)
    }

    /// Begins whatever can begin.
    fn work(&mut self, ctx: &StepContext, person: &mut Person, effects: &mut Vec<Effect>) -> Stored<Schedule> {
        jobs::work(ctx.store, ctx.now, &mut Runner { contact: self, ctx, person }, effects)
    }

    /// An answer to a job leads to what this release cannot read. Nothing of the step is stored, and the job would ask
    /// again and again.
    fn quarantine(&mut self, ctx: &StepContext, party: &Party, job: i64) -> Stored<(ObjectReply, Vec<Effect>)> {
        let mut effects = vec![Effect::Wake(ctx.now)];
        ctx.store.transaction(&mut || {
            let Some(job) = jobs::find::<Work>(ctx.store, job)? else { return Ok(()) };
            let person = &mut Person::stranger(party.clone(), ctx.now);
            jobs::quarantine(ctx.store, ctx.now, &mut Runner { contact: self, ctx, person }, &job, &mut effects)
        })?;
        Ok((ObjectReply::Done, effects))
    }

    fn take(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        input: Input<Message>,
        effects: &mut Vec<Effect>,
    ) -> Stored<ObjectReply> {
        let (ticket, back) = match input {
            Input::Message(Message::Push { frame }) => {
                effects.push(Effect::Push(frame));
                return Ok(ObjectReply::Done);
            }
            Input::Message(Message::Wake) => return self.on_wake(ctx, effects).map(|()| ObjectReply::Done),
            Input::Message(message) => return self.handle_message(ctx, person, message),
            Input::Wake => return Ok(ObjectReply::Done),
            Input::Completed(ticket, back) => (ticket, back),
        };
        let Some(doing) = self.in_flight.complete(ticket) else { return Ok(ObjectReply::Done) };
        let Some(mut job) = jobs::find::<Work>(ctx.store, ticket.job)? else { return Ok(ObjectReply::Done) };
        let next = match (doing, back) {
            (Awaiting::Media(pending), Completion::Media(media)) => {
                self.on_media(ctx, person, &mut job, pending, media)?
            }
            (Awaiting::Permit(_), Completion::Permit(Permit::ReservedAt(due))) => {
                self.reserved.insert(job.id);
                job.due = due;
                Next::Wait
            }
            (Awaiting::Permit(pending), Completion::Permit(Permit::Granted(grant))) => {
                self.send_with_permit(ctx, person, &mut job, pending, grant)?
            }
            (Awaiting::Answer(pending), Completion::Response(outcome)) => {
                let answer = Answer::of(outcome).expecting(|response| pending.kind.is_answered_by(response));
                effects.extend(pending.report(&answer));
                self.on_answer(ctx, person, &mut job, pending, answer)?
            }
            (Awaiting::ObjectReply, Completion::ObjectReply(reply)) if matches!(job.work, Work::Send { .. }) => {
                self.on_directory_answer(ctx, &mut job, &reply)?
            }
            (Awaiting::ObjectReply, Completion::ObjectReply(reply)) => {
                self.on_object_reply(ctx, person, &mut job, reply)?
            }
            _ => Next::Wait,
        };
        jobs::save_outcome(ctx.store, ctx.now, &job, next, effects)?;
        Ok(ObjectReply::Done)
    }

    /// Says something to another object for a job, which goes on when that has answered.
    fn tell_object(&mut self, ctx: &StepContext, job: &Job, message: ToObject) -> Next {
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::ObjectReply);
        Next::in_flight(Effect::ToObject(ticket, message))
    }

    /// Begins one job: the head of its lane, due, and not under way.
    fn begin(&mut self, ctx: &StepContext, person: &mut Person, job: &mut Job) -> Stored<Next> {
        self.reserved.remove(&job.id);
        if matches!(job.state, jobs::State::Sent(_)) {
            // Its answer died with an earlier life of this object, or never came within the lease.
            return Ok(lost_answers::mark_uncertain(job, Loss::Timeout));
        }
        match &job.work {
            Work::Post { .. } => self.begin_post(ctx, person, job),
            Work::Note { conversation, .. } => {
                let conversation = conversation.clone();
                self.begin_note(ctx, person, job, conversation)
            }
            Work::Read { .. } => self.begin_read(ctx, person, job),
            Work::Receipt { .. } => self.begin_receipt(ctx, person, job),
            Work::Send { .. } => self.begin_send(ctx, person, job),
            Work::Index { message } => {
                let number = *message;
                self.begin_index(ctx, person, job, number)
            }
            Work::HandOverEvents => self.begin_hand_over_events(ctx, person, job),
            Work::Turn { message, .. } => {
                let number = *message;
                self.begin_turn(ctx, person, job, number)
            }
            Work::Via { message, .. } => {
                let number = *message;
                self.begin_via(ctx, person, job, number)
            }
            Work::Erase { erasure } => {
                let number = *erasure;
                self.begin_erase(ctx, person, job, number)
            }
            Work::Retain { run } => {
                let run = run.clone();
                self.begin_retain(ctx, job, run)
            }
            Work::Price { .. } => self.begin_price(ctx, job),
            Work::PollDelivery { .. } => self.begin_poll(ctx, job),
            Work::Close { conversation } => {
                let close = PendingRequest::about(RequestKind::Close, conversation);
                self.request_permit(ctx, person, job, close)
            }
            Work::TellDirectory { fact } => Ok(self.begin_tell_directory(ctx, person, job, fact)),
            Work::TellFacts { facts } => Ok(self.begin_tell_facts(ctx, person, job, facts)),
            Work::Claim { into, .. } => {
                let look = PendingRequest::about(RequestKind::CheckConversation, into);
                self.request_permit(ctx, person, job, look)
            }
            Work::Inspect { conversation } => {
                let look = PendingRequest::about(RequestKind::CheckConversation, conversation);
                self.request_permit(ctx, person, job, look)
            }
            Work::ImportConversation { conversation, .. } => {
                let id = *conversation;
                self.begin_import(ctx, person, job, id)
            }
            Work::HandOver { .. } => self.begin_hand_over(ctx, person, job),
            Work::Meet { key } => self.begin_meet(ctx, person, job, key),
            Work::Deliver { message } => {
                let message = Message::clone(message);
                self.begin_deliver(ctx, person, job, message)
            }
            Work::CallCode { .. } => self.begin_call_code(ctx, person, job),
            Work::CountApproval { limit, requests } => {
                let approved = verification_limit::Message::Approved { requests: requests.clone() };
                let tell = ToObject::VerificationLimit(limit.clone(), approved);
                Ok(self.tell_object(ctx, job, tell))
            }
            Work::TellConsent { key, opted_out } => Ok(self.begin_tell_consent(ctx, job, key, *opted_out)),
        }
    }
}

struct Runner<'a> {
    contact: &'a mut Contact,
    ctx: &'a StepContext<'a>,
    person: &'a mut Person,
}

impl JobRunner for Runner<'_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.contact.in_flight.is_in_flight(job, self.ctx.now)
    }

    fn first_lease(&mut self) -> Option<Millis> {
        self.contact.in_flight.first_lease(self.ctx.now)
    }

    fn has_reserved_permit(&self, job: i64) -> bool {
        self.contact.reserved.contains(&job)
    }

    fn quarantined(&mut self, what: &str) -> Stored<()> {
        self.contact.tell_directory(self.ctx, Fact::Count(what.to_owned()))
    }

    fn begin(&mut self, job: &mut Job) -> Stored<Next> {
        self.contact.begin(self.ctx, self.person, job)
    }
}
