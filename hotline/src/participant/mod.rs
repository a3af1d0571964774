//! The object of somebody who takes part in the masked sessions of a pool: a person and the numbers at which they reach others.
//!
//! What they write to one of these numbers is handed to the object of the other side, which texts its own person: each object
//! texts nobody else, so the texts to one phone keep their order. `passing.rs` takes what they write, `sending.rs` texts them.

mod passing;
mod run;
mod sending;
mod session_row;
mod sessions;
mod stand_in;
mod text_row;
mod work;

use crate::answer::Answer;
use crate::config::{Config, Hotline, Pool};
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::E164;
use crate::effects::{Completion, Effect, Grant, Input, Millis, ObjectReply, PermitRequest};
use crate::jobs::{self, InFlight, JobRunner, Next};
pub use crate::messages::participant::Message;
use crate::messages::participant::object_name;
use crate::storage::{self, Migration, Store, Stored};
use session_row::Session;
use work::{Job, Work};

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The whole configuration.
    pub config: &'a Config,
    /// The pool.
    pub pool: &'a Pool,
    /// Its hotline.
    pub hotline: &'a Hotline,
    /// The person.
    pub number: &'a E164,
    /// The instant.
    pub now: Millis,
}

impl<'a> StepContext<'a> {
    /// Where the object of this name takes its steps; `None` when its pool or its hotline is not in the configuration.
    pub fn find(
        store: &'a dyn Store,
        config: &'a Config,
        name: &str,
        number: &'a Option<E164>,
        now: Millis,
    ) -> Option<Self> {
        let pool = config.pool(name.split_once('/')?.0)?;
        let hotline = config.by_mailbox(pool.mailbox)?;
        Some(Self { store, config, pool, hotline, number: number.as_ref()?, now })
    }

    /// Whose object has this name.
    pub fn number_of(name: &str) -> Option<E164> {
        E164::parse(name.split_once('/')?.1)
    }

    fn object_name(&self) -> String {
        object_name(self.pool.api_name(), self.number.as_str())
    }

    fn session_id(&self, number: i64) -> Option<String> {
        let place = MessagePlace { mailbox: self.hotline.mailbox, person: self.number.clone(), number };
        place.session_id(&self.config.secrets.twilio_account_sid)
    }
}

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[
    &[session_row::TABLE, text_row::TABLE, text_row::BY_SID, text_row::BY_AGE, text_row::HEARD, text_row::HEARD_BY_AGE],
    &session_row::INDEXES,
    jobs::TABLES,
    &[jobs::FAILED_TABLE],
];

/// The version of the tables.
pub const SCHEMA: usize = MIGRATIONS.len();

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

/// Whether an alarm has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    jobs::has_jobs(store)
}

/// The part of the object that lives in memory: what is under way.
#[derive(Default)]
pub struct Participant {
    in_flight: InFlight<Awaiting>,
}

/// What a job waits for.
enum Awaiting {
    Permit(PermitRequest),
    Sent(PermitRequest, Grant),
    List,
    ObjectReply,
}

impl Participant {
    /// One step, whole or not at all. The effects are performed after the step is stored. The reply is for the sender of a
    /// message.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        ctx.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let mut effects = Vec::new();
            let reply = match input {
                Input::Message(message) => Self::on_message(ctx, message)?,
                Input::Completed(ticket, back) => {
                    if let Some(doing) = self.in_flight.complete(ticket)
                        && let Some(mut job) = jobs::find::<Work>(ctx.store, ticket.job)?
                    {
                        let next = self.on_completion(ctx, &mut job, doing, back, &mut effects)?;
                        jobs::save_outcome(ctx.store, ctx.now, &job, next, &mut effects)?;
                    }
                    ObjectReply::Done
                }
                Input::Wake => ObjectReply::Done,
            };
            let schedule = jobs::work(ctx.store, ctx.now, &mut Runner { participant: self, ctx }, &mut effects)?;
            effects.extend(schedule.wake().map(Effect::Wake));
            done = (reply, effects);
            Ok(())
        })?;
        Ok(done)
    }

    fn on_message(ctx: &StepContext, message: Message) -> Stored<ObjectReply> {
        Session::end_what_is_over(ctx.store, ctx.now)?;
        match message {
            Message::Text(text) => passing::receive(ctx, *text),
            Message::Pass(passed) => passing::take(ctx, &passed),
            Message::NotDelivered { session, sid } => passing::on_not_delivered(ctx, &session, &sid),
            Message::Status(status) => sending::on_status(ctx, &status),
            Message::Hold(hold) => sessions::hold(ctx, &hold),
            Message::Open { number, other_proxy } => sessions::open(ctx, number, &other_proxy),
            Message::Opened { session } => sessions::opened(ctx, &session),
            Message::Release { session } => sessions::release(ctx, &session),
            Message::Read { number } => sessions::read(ctx, number),
            Message::OfReference { reference } => sessions::of_reference(ctx, &reference),
            Message::Close { number } => sessions::close(ctx, number),
            Message::Closed { session, at } => sessions::closed(ctx, &session, at),
            Message::PermitReady { job } => jobs::make_due(ctx.store, job, ctx.now).map(|()| ObjectReply::Done),
        }
    }

    fn on_completion(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        doing: Awaiting,
        back: Completion,
        effects: &mut Vec<Effect>,
    ) -> Stored<Next> {
        match (doing, back) {
            (Awaiting::Permit(request), Completion::Permit(permit)) => self.on_permit(ctx, job, request, permit),
            (Awaiting::Sent(request, grant), Completion::Response(outcome)) => {
                let answer = Answer::of(outcome).expecting(|response| sending::made(response).is_some());
                effects.extend(sending::report(ctx, job, &answer, &grant, &request)?);
                sending::on_answer(ctx, job, answer)
            }
            (Awaiting::List, Completion::Response(outcome)) => sending::on_list(ctx, job, Answer::of(outcome)),
            (Awaiting::ObjectReply, Completion::ObjectReply(reply)) => passing::on_told(ctx, job, &reply),
            _ => Ok(Next::Wait),
        }
    }
}

struct Runner<'a> {
    participant: &'a mut Participant,
    ctx: &'a StepContext<'a>,
}

impl JobRunner for Runner<'_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.participant.in_flight.is_in_flight(job, self.ctx.now)
    }

    fn first_lease(&mut self) -> Option<Millis> {
        self.participant.in_flight.first_lease(self.ctx.now)
    }

    fn quarantined(&mut self, what: &str) -> Stored<()> {
        work::count(self.ctx, what)
    }

    fn begin(&mut self, job: &mut Job) -> Stored<Next> {
        match job.work.clone() {
            Work::Send { text, .. } => self.participant.begin_send(self.ctx, job, text),
            Work::Tell { to, message } => {
                Ok(self.participant.tell(self.ctx, job, work::to_participant(self.ctx, &to, *message)))
            }
            Work::ToHotline { text } => Ok(self.participant.tell(self.ctx, job, work::to_person(self.ctx, *text))),
            Work::Count { what } => Ok(self.participant.tell(self.ctx, job, work::counted(what))),
        }
    }
}
