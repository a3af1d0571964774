//! A call's object: who rings for it, who has the caller, and what it came to.
//!
//! A caller waits in a queue of their own while the team's phones ring, each by a call of its own; the first phone that
//! presses 1 gets them, and a machine that answers presses nothing. Whoever calls back does it the other way round: the
//! agent's phone rings, then the contact's. Every state has a longest time, after which a caller reaches voicemail.

mod back;
mod inbound;
mod jobs;
mod legs;
mod report;
mod row;
mod voicemail;

pub(crate) use legs::LONGEST_TALK;
pub use report::{Came, Report};
pub use voicemail::without_state;

use crate::answer::Answer;
use crate::contact::Scene;
use crate::effect::{Ask, Back, Effect, GateName, Input, Millis, Request, Tell, Told};
use crate::phone::Party;
use crate::queue::{self, Clerk, Flights, Job, Next};
use crate::sidebar::NO_SUCH_CALL;
use crate::store::{Store, Stored, run};
use crate::twilio::calls::{Facts, Stage};
use crate::twilio::twiml::{self, Verb};
use crate::{wire_enum, wire_struct};
use row::{Row, State};

/// What is said to a call's object. Each may be said twice without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Twilio asks what comes next, or tells what happened.
    Twilio {
        /// Which of the call's requests it is.
        stage: Stage,
        /// The phone that it is about.
        leg: Option<i64>,
        /// What Twilio says.
        facts: Facts,
        /// Whether the hotline is open now.
        open: bool,
    },
    /// An agent calls back.
    Start(Start),
    /// An agent asks how far their call has come.
    Look {
        /// Help Scout's id of the agent.
        agent: i64,
    },
    /// An agent wants no more of their call.
    Cancel {
        /// Help Scout's id of the agent.
        agent: i64,
    },
}

wire_enum!(Message { Twilio { stage, leg, facts, open }, Start(start), Look { agent }, Cancel { agent } });

/// A call that an agent asked for, and that the hotline's object has allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// The agent's name, for the conversation.
    pub agent_name: String,
    /// The agent's phone, E.164.
    pub phone: String,
    /// What the agent must press to show that the phone is theirs; empty when they have before.
    pub code: String,
    /// The contact's key: a number.
    pub contact: String,
    /// Our number, which both see.
    pub number: String,
}

wire_struct!(Start { agent, agent_name, phone, code, contact, number });

/// The part of the object that lives in memory: what is under way. Everything else is rows.
#[derive(Default)]
pub struct Call {
    flights: Flights<()>,
}

/// Makes the tables; done once for each start of the object.
pub fn create_tables(store: &dyn Store) -> Stored<()> {
    for table in row::SCHEMA {
        run(store, table, &[])?;
    }
    queue::create_table(store)
}

/// A call within a step.
struct Here<'a> {
    scene: &'a Scene<'a>,
    id: &'a str,
    row: Row,
}

/// What a job asks of the world.
enum Errand {
    Turn(GateName, Ask),
    Send(Request),
    Tell(Box<Tell>),
    Wait,
    Done,
}

impl Errand {
    fn tell(tell: Tell) -> Self {
        Self::Tell(Box::new(tell))
    }
}

impl Call {
    /// One step, whole or not at all. What it returns is to be done after the step is stored.
    pub fn step(&mut self, scene: &Scene, id: &str, input: Input<Message>) -> Stored<(Told, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (Told::Done, Vec::new());
        scene.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let before = Row::load(scene.store)?;
            let row = match (&before, &input) {
                (Some(row), _) => row.clone(),
                (None, Input::Heard(message)) => {
                    let Some(row) = first_row(scene, message) else {
                        done.0 = nobody(scene, id, message);
                        return Ok(());
                    };
                    row
                }
                (None, _) => return Ok(()),
            };
            let mut here = Here { scene, id, row };
            let mut effects = Vec::new();
            let told = self.take(&mut here, before.is_none(), input, &mut effects)?;
            here.overdue()?;
            if here.row.is_back() && before.as_ref().is_none_or(|before| before.state != here.row.state) {
                here.push()?;
            }
            let due = queue::work(scene.store, scene.now, &mut AtWork { call: self, here: &mut here }, &mut effects)?;
            effects.extend(queue::earlier(here.row.deadline, due).map(Effect::Wake));
            if before.as_ref() != Some(&here.row) {
                here.row.save(scene.store)?;
            }
            done = (told, effects);
            Ok(())
        })?;
        Ok(done)
    }

    fn take(&mut self, here: &mut Here, new: bool, input: Input<Message>, effects: &mut Vec<Effect>) -> Stored<Told> {
        let (ticket, back) = match input {
            Input::Heard(Message::Twilio { stage, leg, facts, open }) => {
                return here.twilio(new, stage, leg, &facts, open).map(|verbs| says(&verbs));
            }
            Input::Heard(Message::Start(start)) => return here.start(new, &start),
            Input::Heard(Message::Look { agent }) => return Ok(here.shown_to(agent, OK)),
            Input::Heard(Message::Cancel { agent }) => return here.cancel(agent),
            Input::Wake => return Ok(Told::Done),
            Input::Back(ticket, back) => (ticket, back),
        };
        if self.flights.land(ticket).is_none() {
            return Ok(Told::Done);
        }
        let Some(mut job) = queue::find(here.scene.store, ticket.job)? else { return Ok(Told::Done) };
        let errand = match back {
            Back::Turn(turn) => here.turn(&mut job, &turn)?,
            Back::Answer(outcome) => here.answered(&mut job, Answer::of(outcome))?,
            Back::Told(told) => here.told(&mut job, told)?,
            Back::Media(_) => Errand::Wait,
        };
        let next = self.fly(here, &job, errand);
        queue::settle_down(here.scene.store, &job, next, effects)?;
        Ok(Told::Done)
    }

    fn fly(&mut self, here: &Here, job: &Job, errand: Errand) -> Next {
        let now = here.scene.now;
        match errand {
            Errand::Turn(gate, ask) => Next::fly(Effect::Turn(self.flights.begin(job.seq, now, ()), gate, ask)),
            Errand::Send(request) => {
                Next::fly(Effect::Send(self.flights.begin(job.seq, now, ()), request, String::new()))
            }
            Errand::Tell(tell) => Next::fly(Effect::Tell(self.flights.begin(job.seq, now, ()), *tell)),
            Errand::Wait => Next::Wait,
            Errand::Done => Next::Done,
        }
    }
}

struct AtWork<'a, 'b> {
    call: &'a mut Call,
    here: &'a mut Here<'b>,
}

impl Clerk for AtWork<'_, '_> {
    fn flying(&mut self, job: i64) -> bool {
        self.call.flights.flying(job, self.here.scene.now)
    }

    fn first_lease(&self) -> Option<Millis> {
        self.call.flights.first_lease()
    }

    fn begin(&mut self, job: &mut Job) -> Stored<Next> {
        let errand = self.here.begin(job)?;
        Ok(self.call.fly(self.here, job, errand))
    }
}

const OK: u32 = 200;
const CREATED: u32 = 201;

/// Answers Twilio.
fn says(verbs: &[Verb]) -> Told {
    Told::Says { status: OK, body: twiml::document(verbs) }
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

/// What whoever speaks of a call that there is not gets to hear.
fn nobody(scene: &Scene, id: &str, message: &Message) -> Told {
    match message {
        Message::Twilio { stage, facts, .. } => says(&without_state(*stage, facts, scene.config, scene.hotline, id)),
        _ => NO_SUCH_CALL.told(),
    }
}

/// The row of a call that is heard of for the first time. Whatever it is first heard of by, a caller is at voicemail:
/// our state could not be reached when they called.
fn first_row(scene: &Scene, message: &Message) -> Option<Row> {
    match message {
        Message::Twilio { stage, leg: None, facts, .. } if is_news(*stage, facts) => {
            // Callbacks about recordings do not say who called: Twilio is asked.
            let is_file = *stage == Stage::Recording;
            let party = if is_file { String::new() } else { Party::parse(&facts.from).1.key() };
            let state = if *stage == Stage::Incoming { State::Ringing } else { State::Voicemail };
            let mut row = Row::new(state, party, facts.to.clone(), scene.now);
            row.deadline = (state == State::Voicemail).then_some(scene.now + voicemail::longest(scene.hotline));
            Some(row)
        }
        Message::Start(start) => {
            let mut row = Row::new(State::RingingAgent, start.contact.clone(), start.number.clone(), scene.now);
            row.agent = start.agent;
            Some(row)
        }
        // A phone that was never called for this call, or a call that was never started.
        Message::Twilio { .. } | Message::Look { .. } | Message::Cancel { .. } => None,
    }
}
