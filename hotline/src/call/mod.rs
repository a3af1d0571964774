//! A call's object: who rings for it, who has the caller, and what it came to.
//!
//! A caller waits in a queue of their own while the team's phones ring, each by a call of its own; the first phone that
//! presses 1 gets them, and a machine that answers presses nothing. Whoever calls back does it the other way round: the
//! agent's phone rings, then the contact's. Every state has a longest time, after which a caller reaches voicemail.

mod bridge_check;
mod callback;
mod callback_agent;
mod caller;
mod facts;
mod inbound;
mod leg_rows;
mod lookups;
mod operator;
mod report;
mod row;
mod steps;
mod table;
mod team_phones;
mod times;
mod transition;
mod voicemail;
mod work;

pub use crate::messages::call::{CallOutcome, Message, Reception, Report, Start};

use crate::answer::Answer;
use crate::config::Hotline;
use crate::domain::phone::Party;
use crate::effects::{
    Completion, Effect, Input, Millis, ObjectReply, PermitRequest, RateLimiterName, Request, ToObject,
};
use crate::jobs::{self, InFlight, JobRunner, Next};
use crate::messages::directory;
use crate::messages::jobs::JobsRequest;
use crate::sidebar::NO_SUCH_CALL;
use crate::step::StepContext;
use crate::storage::{self, Migration, Store, Stored};
use crate::twilio::calls::{AnsweredBy, Facts, Stage};
use crate::twilio::twiml::{self, Verb};
use crate::twilio::voicemail::without_state;
use row::{CallKind, Callback, CallbackState, Inbound, InboundState, Row};
use times::AGENT_ANSWERS_WITHIN;
use work::{Job, Work};

/// The part of the object that lives in memory: what is under way. Everything else is rows.
#[derive(Default)]
pub struct Call {
    in_flight: InFlight<()>,
    /// When what is left was looked at last, or was first left; `None` while nothing is.
    left_since: Option<Millis>,
}

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[
    &[table::CALL, leg_rows::LEGS, jobs::OLD_TABLE],
    &[jobs::OLD_QUARANTINE, jobs::OLD_QUARANTINED],
    &[table::CLAIMED_SID],
    &leg_rows::LEG_CALLS,
    &[table::CALLER_ID_FAILED],
    jobs::TABLES,
    &[table::WHATSAPP, table::ANSWERED_BY],
    &[table::DIALLED],
    &[jobs::FAILED_TABLE],
    &[facts::TABLE],
    &[table::FORGOTTEN],
];

/// The version of the tables.
pub const SCHEMA: usize = MIGRATIONS.len();

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)?;
    jobs::import_release_0_1_0::<Work>(store)
}

/// Whether an alarm of the object has anything to do: a state that must end is work without a job.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    Ok(Row::has_deadline(store)? || jobs::has_jobs(store)?)
}

/// A call within a step.
struct CallContext<'a> {
    ctx: &'a StepContext<'a>,
    id: &'a str,
    row: Row,
}

/// What a job asks of the world.
enum StepOutcome {
    Permit(RateLimiterName, PermitRequest),
    Send(Request),
    ToObject(Box<ToObject>),
    Wait,
    Done,
}

impl StepOutcome {
    fn tell(tell: ToObject) -> Self {
        Self::ToObject(Box::new(tell))
    }
}

impl Call {
    /// One step, whole or not at all. What it returns is to be done after the step is stored.
    pub fn step(&mut self, ctx: &StepContext, id: &str, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        ctx.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let before = Row::load(ctx.store)?;
            let row = match (&before, &input) {
                (Some(row), _) => row.clone(),
                (None, Input::Message(message)) => {
                    let Some(row) = first_row(ctx, message) else {
                        done.0 = nobody(ctx, id, message);
                        return Ok(());
                    };
                    row
                }
                (None, _) => return Ok(()),
            };
            let mut call_ctx = CallContext { ctx, id, row };
            let mut effects = Vec::new();
            let reply = self.take(&mut call_ctx, before.is_none(), input, &mut effects)?;
            call_ctx.overdue()?;
            call_ctx.push(before.as_ref())?;
            let mut schedule =
                jobs::work(ctx.store, ctx.now, &mut Runner { call: self, call_ctx: &mut call_ctx }, &mut effects)?;
            let (is_told, look_at) = self.tell_facts(&call_ctx, schedule)?;
            if is_told {
                let runner = &mut Runner { call: self, call_ctx: &mut call_ctx };
                schedule = jobs::work(ctx.store, ctx.now, runner, &mut effects)?;
            }
            let wake = [call_ctx.row.deadline, schedule.wake(), look_at].into_iter().flatten().min();
            effects.extend(wake.map(Effect::Wake));
            if before.as_ref() != Some(&call_ctx.row) {
                call_ctx.row.save(ctx.store)?;
            }
            done = (reply, effects);
            Ok(())
        })?;
        Ok(done)
    }

    fn take(
        &mut self,
        call_ctx: &mut CallContext,
        new: bool,
        input: Input<Message>,
        effects: &mut Vec<Effect>,
    ) -> Stored<ObjectReply> {
        let (ticket, back) = match input {
            Input::Message(Message::Twilio { stage, leg, facts, open, reception }) => {
                let reception = if new { reception } else { Reception::Usual };
                return call_ctx.twilio(new, stage, leg, &facts, open, reception).map(|verbs| says(&verbs));
            }
            Input::Message(Message::Start(start)) => return call_ctx.start(new, &start),
            Input::Message(Message::Look { agent }) => return Ok(call_ctx.shown_to(agent)),
            Input::Message(Message::Cancel { agent }) => return call_ctx.cancel(agent),
            Input::Message(Message::Forget) => {
                call_ctx.forget_words();
                return Ok(ObjectReply::Done);
            }
            Input::Message(Message::Jobs(request)) => return self.on_operator(call_ctx, &request),
            Input::Wake => return Ok(ObjectReply::Done),
            Input::Completed(ticket, back) => (ticket, back),
        };
        if self.in_flight.complete(ticket).is_none() {
            return Ok(ObjectReply::Done);
        }
        let Some(mut job) = jobs::find::<Work>(call_ctx.ctx.store, ticket.job)? else { return Ok(ObjectReply::Done) };
        let outcome = match back {
            Completion::Permit(permit) => call_ctx.permit(&mut job, &permit)?,
            Completion::Response(outcome) => call_ctx.answered(&mut job, Answer::of(outcome))?,
            Completion::ObjectReply(reply) => call_ctx.reply(&mut job, reply)?,
            Completion::Media(_) => StepOutcome::Wait,
        };
        let next = self.start(call_ctx, &job, outcome);
        jobs::save_outcome(call_ctx.ctx.store, call_ctx.ctx.now, &job, next, effects)?;
        Ok(ObjectReply::Done)
    }

    fn start(&mut self, call_ctx: &CallContext, job: &Job, outcome: StepOutcome) -> Next {
        let now = call_ctx.ctx.now;
        match outcome {
            StepOutcome::Permit(limiter, permit_request) => {
                Next::in_flight(Effect::Permit(self.in_flight.begin(job.id, now, ()), limiter, permit_request))
            }
            StepOutcome::Send(request) => {
                Next::in_flight(Effect::Send(self.in_flight.begin(job.id, now, ()), request, String::new()))
            }
            StepOutcome::ToObject(tell) => {
                Next::in_flight(Effect::ToObject(self.in_flight.begin(job.id, now, ()), *tell))
            }
            StepOutcome::Wait => Next::Wait,
            StepOutcome::Done => Next::Done,
        }
    }
}

struct Runner<'a, 'b> {
    call: &'a mut Call,
    call_ctx: &'a mut CallContext<'b>,
}

impl JobRunner for Runner<'_, '_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.call.in_flight.is_in_flight(job, self.call_ctx.ctx.now)
    }

    fn first_lease(&mut self) -> Option<Millis> {
        self.call.in_flight.first_lease(self.call_ctx.ctx.now)
    }

    fn quarantined(&mut self, what: &str) -> Stored<()> {
        let message = directory::Message::Count { what: what.to_owned() };
        self.call_ctx.add(&Work::TellDirectory { message })
    }

    fn begin(&mut self, job: &mut Job) -> Stored<Next> {
        let outcome = self.call_ctx.begin(job)?;
        Ok(self.call.start(self.call_ctx, job, outcome))
    }
}

/// Answers Twilio.
fn says(verbs: &[Verb]) -> ObjectReply {
    ObjectReply::Twiml(twiml::document(verbs))
}

/// Whether somebody must have called, though we do not know of it.
fn is_news(stage: Stage, facts: &Facts) -> bool {
    match stage {
        Stage::Incoming => true,
        Stage::Recorded | Stage::Recording => !facts.recording.is_empty(),
        Stage::Over => facts.is_over() && !facts.from.is_empty(),
        Stage::Queue | Stage::Voicemail => !facts.from.is_empty(),
        _ => false,
    }
}

/// The answer for an unknown call.
fn nobody(ctx: &StepContext, id: &str, message: &Message) -> ObjectReply {
    match message {
        Message::Twilio { stage, facts, .. } => says(&without_state(*stage, facts, ctx.config, ctx.hotline, id)),
        Message::Jobs(JobsRequest::List { .. }) => ObjectReply::Jobs(Vec::new()),
        Message::Jobs(_) => ObjectReply::Done,
        _ => NO_SUCH_CALL.reply(),
    }
}

/// Our number from which the phones are rung. A WhatsApp sender can ring no phones: a number of the hotline does.
fn our_number(hotline: &Hotline, facts: &Facts) -> String {
    if facts.is_to_whatsapp() {
        return hotline.numbers.first().map_or(String::new(), |number| number.as_str().to_owned());
    }
    facts.to.clone()
}

/// The row of a call that is heard of for the first time. Whatever it is first heard of by, a caller is at voicemail:
/// our state could not be reached when they called.
fn first_row(ctx: &StepContext, message: &Message) -> Option<Row> {
    match message {
        Message::Twilio { stage, leg: None, facts, .. } if is_news(*stage, facts) => {
            // Callbacks about recordings do not say who called: Twilio is asked.
            let is_file = *stage == Stage::Recording;
            let party = if is_file { String::new() } else { Party::parse(&facts.from).1.key() };
            let (state, deadline) = match stage {
                Stage::Incoming => (InboundState::Ringing, None),
                _ => (InboundState::Voicemail, Some(ctx.now + voicemail::longest(ctx.hotline))),
            };
            let kind = CallKind::Inbound(Inbound::new(state, facts.caller_id_failed, facts.is_to_whatsapp()));
            let (number, agent_name) = (our_number(ctx.hotline, facts), String::new());
            Some(Row { party, number, since: ctx.now, deadline, agent_name, talk: None, kind })
        }
        Message::Start(start) => {
            let (state, agent, code) = (CallbackState::RingingAgent, start.agent, start.code.clone());
            let (dialled, answered_by) = (start.dialled.clone(), AnsweredBy::Unknown);
            Some(Row {
                party: start.contact.clone(),
                number: start.number.clone(),
                since: ctx.now,
                deadline: Some(ctx.now + AGENT_ANSWERS_WITHIN),
                agent_name: start.agent_name.clone(),
                talk: None,
                kind: CallKind::Callback(Callback { state, agent, code, dialled, answered_by }),
            })
        }
        // A phone that was never called for this call, or a call that was never started.
        Message::Twilio { .. } | Message::Look { .. } | Message::Cancel { .. } | Message::Forget | Message::Jobs(_) => {
            None
        }
    }
}
