//! A hotline's own object: the directory of whose conversation is whose, the events that are not placed yet, and counts
//! of what went wrong. It decides nothing about a person.

mod activity;
mod agent_text_limit;
mod agents;
mod alarm_watchdog;
mod automatic_text_limits;
mod callable_numbers;
mod callbacks;
mod event_routing;
mod facts;
mod health;
mod operator;
mod retention;
mod templates;
mod work;

pub use crate::messages::directory::{AgentSession, Count, Dial, Facts, Health, Message};
pub use health::health;

use crate::config::{Config, Hotline};
use crate::effects::{Effect, Input, Millis, ObjectReply};
use crate::jobs::{self, InFlight, JobRunner, Next};
use crate::storage::{self, Migration, Row, Store, Stored, any, first, run};
use crate::twilio::errors::is_about_the_account;
use event_routing::Awaiting;
use work::{Job, Work};

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The whole configuration.
    pub config: &'a Config,
    /// The hotline; `None` for the object that counts what belongs to no hotline.
    pub hotline: Option<&'a Hotline>,
    /// The instant.
    pub now: Millis,
}

/// The part of the object that lives in memory: what is under way.
#[derive(Default)]
pub struct Directory {
    in_flight: InFlight<Awaiting>,
}

const CONVERSATIONS: &str =
    "CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, contact TEXT NOT NULL) STRICT, WITHOUT ROWID";

const CUSTOMERS: &str =
    "CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, contact TEXT NOT NULL) STRICT, WITHOUT ROWID";

/// Whose words stand in a conversation that is not theirs: it was merged with one of theirs.
const GUESTS: &str = "CREATE TABLE IF NOT EXISTS guests (
    conversation TEXT NOT NULL, contact TEXT NOT NULL, PRIMARY KEY (conversation, contact)
) STRICT, WITHOUT ROWID";

/// Whether a number is a person's is asked by the number.
const BY_CONTACT: &str = "CREATE INDEX IF NOT EXISTS conversations_by_contact ON conversations (contact)";

const COUNTS: &str = "CREATE TABLE IF NOT EXISTS counts (
    what TEXT PRIMARY KEY, count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[
    &[CONVERSATIONS, CUSTOMERS, COUNTS, agents::TABLE, callbacks::TABLE, jobs::OLD_TABLE],
    &[jobs::OLD_QUARANTINE, jobs::OLD_QUARANTINED],
    &[GUESTS],
    &[agent_text_limit::TABLE],
    &[automatic_text_limits::TABLE],
    &[BY_CONTACT],
    &[agents::ADD_GONE_AT],
    jobs::TABLES,
    callbacks::INDEXES,
    &[callbacks::ADD_DIALLED],
    &templates::TABLES,
    &[jobs::FAILED_TABLE],
    &facts::TABLES,
    &[activity::TABLE],
    &[event_routing::ADD_MARK, agents::ADD_OPERATOR],
    retention::TABLES,
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
    jobs::has_jobs(store)
}

/// Everything that was counted.
pub fn counts(store: &dyn Store) -> Stored<Vec<Count>> {
    let rows = store.execute("SELECT what, count, first, last FROM counts ORDER BY what", &[])?;
    let read =
        |row: &Row| Count { what: row.string(0), count: row.integer(1), first: row.integer(2), last: row.integer(3) };
    Ok(rows.iter().map(read).collect())
}

impl Directory {
    /// One step, whole or not at all. The effects are performed after the step is stored. The reply is for the sender of a
    /// message.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        if let Input::Message(Message::Health) = input {
            let health = health::health(ctx.store, ctx.now)?;
            return Ok((ObjectReply::DirectoryHealth(Box::new(health)), Vec::new()));
        }
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        ctx.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let mut effects = Vec::new();
            let reply = self.take(ctx, input, &mut effects)?;
            let schedule = jobs::work(ctx.store, ctx.now, &mut Runner { directory: self, ctx }, &mut effects)?;
            effects.extend(schedule.wake().map(Effect::Wake));
            done = (reply, effects);
            Ok(())
        })?;
        Ok(done)
    }

    fn take(&mut self, ctx: &StepContext, input: Input<Message>, effects: &mut Vec<Effect>) -> Stored<ObjectReply> {
        let (ticket, back) = match input {
            Input::Message(Message::WorkLeft { contact, by }) => {
                return self.on_work_left(ctx, &contact, by).map(|()| ObjectReply::Done);
            }
            Input::Message(Message::Jobs(request)) => return self.on_operator(ctx, &request),
            Input::Message(message) => return handle_message(ctx, message),
            Input::Wake => return Ok(ObjectReply::Done),
            Input::Completed(ticket, back) => (ticket, back),
        };
        let Some(doing) = self.in_flight.complete(ticket) else { return Ok(ObjectReply::Done) };
        let Some(mut job) = jobs::find::<Work>(ctx.store, ticket.job)? else { return Ok(ObjectReply::Done) };
        let next = self.on_completion(ctx, &mut job, doing, back, effects)?;
        jobs::save_outcome(ctx.store, ctx.now, &job, next, effects)?;
        Ok(ObjectReply::Done)
    }
}

impl Directory {
    /// Begins one job: the head of its lane, due, and not under way.
    fn begin(&mut self, ctx: &StepContext, job: &mut Job) -> Stored<Next> {
        match job.work.clone() {
            Work::Event { event, .. } => self.begin_event(ctx, job, event),
            Work::Tell { contact, message } => Ok(self.tell(ctx, job, contact, message)),
            Work::Retain { contact } => Ok(self.begin_visit(ctx, job, contact)),
            Work::Wake { contact } => Ok(self.begin_wake(ctx, job, contact)),
        }
    }
}

fn handle_message(ctx: &StepContext, message: Message) -> Stored<ObjectReply> {
    match message {
        Message::Event(event) => {
            activity::event_came(ctx.store, ctx.now)?;
            event_routing::store_event(ctx, &event)?;
        }
        Message::Modified { conversations } => event_routing::look_at(ctx, &conversations)?,
        Message::Facts { contact, facts } => {
            retention::add_person(ctx.store, &contact)?;
            facts::on_person(ctx, &contact, &facts)?;
        }
        Message::CallFacts { call, number, work } => facts::on_call(ctx, &call, number, &work)?,
        Message::Conversation { id, contact } => add_owner(ctx.store, "conversations", id, &contact)?,
        Message::Guest { id, contact } => add_guest(ctx.store, id, &contact)?,
        Message::Customer { id, contact } => add_owner(ctx.store, "customers", id, &contact)?,
        Message::Claim { id, contact } => {
            let owner = owner(ctx.store, "conversations", id)?;
            if owner.as_ref().is_some_and(|owner| *owner != contact) {
                return Ok(ObjectReply::Theirs);
            }
            add_owner(ctx.store, "conversations", id, &contact)?;
            return Ok(ObjectReply::Yours);
        }
        Message::Failed { what, at } => {
            count(ctx.store, &format!("failed: {what}"), at)?;
            if let Some(code) = failure_code(&what) {
                activity::failed(ctx.store, &code, at, ctx.now)?;
            }
        }
        Message::Count { what } => count(ctx.store, &what, ctx.now)?,
        Message::NameOf { phone } => return agents::name_of(ctx, &phone),
        Message::Confirmed { agent, phone } => agents::confirm(ctx, agent, &phone)?,
        Message::CallEnded { id } => callbacks::on_call_ended(ctx, &id)?,
        Message::AgentSession { conversation, agent, call, other } => {
            return agents::agent_session(ctx, conversation, agent, call.as_deref(), other);
        }
        Message::Agent { id, name: Some(name), phone, is_operator } => {
            agents::upsert(ctx, id, (&name, is_operator), phone)?;
        }
        Message::Agent { id, name: None, .. } => agents::mark_gone(ctx, id)?,
        Message::Phone { agent, phone } => return agents::set_phone(ctx, agent, &phone),
        Message::Dial(dial) => return callbacks::dial(ctx, &dial),
        Message::MaySendAutomatically { id, contact, channel } => {
            return automatic_text_limits::may_send(ctx, &id, &contact, channel);
        }
        Message::MayText { agent, id } => return agent_text_limit::may_text(ctx, agent, &id),
        Message::PermitReady { job } => jobs::make_due(ctx.store, job, ctx.now)?,
        Message::Retention => retention::begin(ctx)?,
        Message::Retained { contact, told } => retention::on_retained(ctx, &contact, &told)?,
        Message::Template(request) => return templates::answer(ctx, *request),
        Message::ObjectsWithJobs { from, limit } => {
            return operator::objects_with_jobs(ctx.store, from, limit).map(ObjectReply::ObjectsWithJobs);
        }
        Message::ObjectWithJobs { number } => {
            let found = operator::object_of(ctx.store, number)?;
            return Ok(ObjectReply::ObjectsWithJobs(found.into_iter().collect()));
        }
        // Passed on before they come here.
        Message::WorkLeft { .. } | Message::Jobs(_) | Message::Health => {}
        Message::Running { agent, contact } => {
            let call = callbacks::running(ctx, agent, Some(&contact))?;
            return Ok(call.map_or(ObjectReply::Done, ObjectReply::Running));
        }
    }
    Ok(ObjectReply::Done)
}

/// The code of what was given up; `None` for what waits until an operator has corrected the account.
fn failure_code(what: &str) -> Option<String> {
    if let Some((_, error)) = what.split_once("Twilio error ") {
        let code = error.split(|it: char| !it.is_ascii_digit()).next().and_then(|code| code.parse().ok())?;
        return (!is_about_the_account(code)).then(|| format!("twilio_{code}"));
    }
    let kind = what.split(':').next().filter(|kind| *kind != "account")?;
    Some(kind.replace(' ', "_"))
}

/// A conversation has one contact for ever: the first entry stays.
fn add_owner(store: &dyn Store, table: &str, id: u64, contact: &str) -> Stored<()> {
    let sql = format!("INSERT OR IGNORE INTO {table} (id, contact) VALUES (?, ?)");
    run(store, &sql, &[(&id.to_string()).into(), contact.into()])
}

fn owner(store: &dyn Store, table: &str, id: u64) -> Stored<Option<String>> {
    let sql = format!("SELECT contact FROM {table} WHERE id = ?");
    Ok(first(store, &sql, &[(&id.to_string()).into()])?.map(|row| row.string(0)))
}

/// Whether somebody has turned to this hotline.
fn is_contact(store: &dyn Store, key: &str) -> Stored<bool> {
    any(store, "SELECT 1 FROM conversations WHERE contact = ? LIMIT 1", &[key.into()])
}

/// Stores that something which a person said stands in a conversation, whoever that belongs to.
fn add_guest(store: &dyn Store, conversation: u64, contact: &str) -> Stored<()> {
    let sql = "INSERT OR IGNORE INTO guests (conversation, contact) VALUES (?, ?)";
    run(store, sql, &[(&conversation.to_string()).into(), contact.into()])
}

/// Whose words stand in a conversation: its person's, and those of all whose conversations were merged into it.
fn speakers(store: &dyn Store, conversation: u64) -> Stored<Vec<String>> {
    let id = conversation.to_string();
    let sql = "SELECT contact FROM conversations WHERE id = ? UNION SELECT contact FROM guests WHERE conversation = ?";
    Ok(store.execute(sql, &[(&id).into(), (&id).into()])?.iter().map(|row| row.string(0)).collect())
}

fn count(store: &dyn Store, what: &str, at: Millis) -> Stored<()> {
    let sql = "INSERT INTO counts (what, count, first, last) VALUES (?, 1, ?, ?) \
               ON CONFLICT (what) DO UPDATE SET count = count + 1, last = excluded.last";
    run(store, sql, &[what.into(), at.into(), at.into()])
}

struct Runner<'a> {
    directory: &'a mut Directory,
    ctx: &'a StepContext<'a>,
}

impl JobRunner for Runner<'_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.directory.in_flight.is_in_flight(job, self.ctx.now)
    }

    fn first_lease(&mut self) -> Option<Millis> {
        self.directory.in_flight.first_lease(self.ctx.now)
    }

    fn quarantined(&mut self, what: &str) -> Stored<()> {
        count(self.ctx.store, what, self.ctx.now)
    }

    fn begin(&mut self, job: &mut Job) -> Stored<Next> {
        self.directory.begin(self.ctx, job)
    }
}
