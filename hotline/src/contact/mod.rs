//! A person's object: the only one who decides anything about that person.
//!
//! What comes in becomes rows in one step; jobs then stand in lanes, each worked off in order by asking a Gate for a
//! turn, sending one request and reading its answer. [`Contact::step`] is the whole of it.

mod arrivals;
mod asking;
mod call;
mod calling;
mod looking;
mod person;
mod posting;
mod receipts;
mod replies;
mod sending;
mod settling;
mod timeline;
mod travels;
mod writing;

use crate::answer::{Answer, Loss};
use crate::calls::Report;
use crate::config::{Config, Hotline};
use crate::effect::{Back, Effect, Input, Millis, Told, Turn};
use crate::helpscout::webhook::Event;
use crate::phone::Party;
use crate::queue::{self, Clerk, Flights, Job, Next};
use crate::store::{Store, Stored, run};
use crate::twilio::inbound::InboundText;
use crate::twilio::status::Status;
use crate::{wire_enum, wire_struct};
use call::{Call, What};
use looking::Watch;
use person::Person;
pub use writing::Written;

/// Jobs that make what the person said appear in Help Scout.
const TEXTS: &str = "texts";
/// Jobs that read what agents replied.
const REPLIES: &str = "replies";
/// Jobs that keep the agents informed of deliveries.
const RECEIPTS: &str = "receipts";
/// Jobs that text the person.
const PHONE: &str = "phone";
/// The text that says that a message may be seen late; it must not wait behind anything.
const TROUBLE: &str = "trouble";
/// Jobs that tell the hotline's directory.
const DIRECTORY: &str = "directory";

/// What is said to a person's object. Each may be said twice without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// They texted.
    Text(InboundText),
    /// A text of ours came further.
    Status(Status),
    /// Something happened to a conversation that the directory knows as theirs.
    Event(Event),
    /// A conversation turned up that is theirs by its customer and ours by its looks.
    Seen {
        /// Its id.
        conversation: u64,
        /// How it began.
        opening: Opening,
        /// Whether an agent replied in it.
        replied: bool,
    },
    /// A conversation of theirs was merged into another.
    Merged {
        /// Which is no more.
        from: u64,
        /// Where it went.
        into: u64,
        /// When.
        at: Millis,
        /// Whether the other one is now theirs, or somebody else's.
        ours: bool,
    },
    /// A call with them is over, or something has come to it since.
    Call(Report),
    /// An agent texts them from the sidebar.
    Write(Written),
    /// Something that open sidebars show at once.
    Push {
        /// JSON.
        frame: String,
    },
    /// A sidebar looks at the timeline; the answer is for it.
    Look {
        /// The cursor of an earlier page.
        before: Option<i64>,
    },
    /// A sidebar is opened; the answer is its HTML.
    Paint {
        /// The conversation beside which it stands.
        beside: u64,
        /// The agent's phone, E.164; empty when none is known.
        phone: String,
        /// Whether the agent has shown that it is theirs.
        confirmed: bool,
    },
    /// Which of our numbers do they know? The answer says it, E.164.
    Number,
}

wire_enum!(Message {
    Text(text),
    Status(status),
    Event(event),
    Seen { conversation, opening, replied },
    Merged { from, into, at, ours },
    Call(report),
    Write(written),
    Push { frame },
    Look { before },
    Paint { beside, phone, confirmed },
    Number,
});

/// What a conversation is known by when nobody knows its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// When it was made, as Help Scout says.
    pub at: Millis,
    /// What customers said in it, normalised: more than its first words when another one was merged into it.
    pub said: Vec<String>,
}

wire_struct!(Opening { at, said });

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The whole configuration.
    pub config: &'a Config,
    /// The hotline that this person turned to.
    pub hotline: &'a Hotline,
    /// The instant.
    pub now: Millis,
}

/// The part of the object that lives in memory: what is under way. Everything else is rows.
#[derive(Default)]
pub struct Contact {
    flights: Flights<Doing>,
}

enum Doing {
    Media(Box<Call>),
    Turn(Box<Call>),
    Answer(Box<Call>),
    Told,
}

/// Makes the tables; done once for each start of the object.
pub fn create_tables(store: &dyn Store) -> Stored<()> {
    for table in [person::SCHEMA, travels::SCHEMA].into_iter().chain(timeline::SCHEMA) {
        run(store, table, &[])?;
    }
    queue::create_table(store)
}

impl Contact {
    /// One step, whole or not at all. What it returns is to be done after the step is stored. The answer is for whoever
    /// said something; nobody else reads it.
    pub fn step(&mut self, scene: &Scene, party: &Party, input: Input<Message>) -> Stored<(Told, Vec<Effect>)> {
        let mut input = Some(input);
        let mut done = (Told::Done, Vec::new());
        scene.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let watch = Watch::new(scene.store);
            let scene = &Scene { store: &watch, ..*scene };
            let mut person = Person::load(scene.store)?.unwrap_or_else(|| Person::stranger(party.clone(), scene.now));
            let before = person.clone();
            let mut effects = Vec::new();
            let told = self.take(scene, &mut person, input, &mut effects)?;
            self.pump(scene, &mut person, &mut effects)?;
            watch.show(scene, &before, &person, &mut effects)?;
            if person != before {
                person.save(scene.store)?;
            }
            done = (told, effects);
            Ok(())
        })?;
        Ok(done)
    }

    fn take(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        input: Input<Message>,
        effects: &mut Vec<Effect>,
    ) -> Stored<Told> {
        let (ticket, back) = match input {
            Input::Heard(Message::Push { frame }) => {
                effects.push(Effect::Push(frame));
                return Ok(Told::Done);
            }
            Input::Heard(message) => return self.hear(scene, person, message),
            Input::Wake => return Ok(Told::Done),
            Input::Back(ticket, back) => (ticket, back),
        };
        let Some(doing) = self.flights.land(ticket) else { return Ok(Told::Done) };
        let Some(mut job) = queue::find(scene.store, ticket.job)? else { return Ok(Told::Done) };
        let next = match (doing, back) {
            (Doing::Media(call), Back::Media(media)) => self.gathered(scene, person, &mut job, call, media)?,
            (Doing::Turn(_), Back::Turn(Turn::At(due))) => {
                job.due = due;
                Next::Wait
            }
            (Doing::Turn(call), Back::Turn(Turn::Go { token, left, limit })) => {
                self.go(scene, person, &mut job, call, &token, (left, limit))?
            }
            (Doing::Answer(call), Back::Answer(outcome)) => {
                let answer = Answer::of(outcome);
                effects.extend(call.report(&answer));
                self.answered(scene, person, &mut job, call, answer)?
            }
            (Doing::Told, Back::Told(told)) => self.told(scene, person, &mut job, told)?,
            _ => Next::Wait,
        };
        queue::settle_down(scene.store, &job, next, effects)?;
        Ok(Told::Done)
    }

    /// Begins whatever can begin, and says when to look again.
    fn pump(&mut self, scene: &Scene, person: &mut Person, effects: &mut Vec<Effect>) -> Stored<()> {
        let trouble = self.raise_trouble(scene, person)?;
        let due = queue::work(scene.store, scene.now, &mut AtWork { contact: self, scene, person }, effects)?;
        effects.extend(queue::earlier(trouble, due).map(Effect::Wake));
        Ok(())
    }

    /// Begins one job: the head of its lane, due, and not under way.
    fn begin(&mut self, scene: &Scene, person: &mut Person, job: &mut Job) -> Stored<Next> {
        if job.phase == queue::Phase::Sent {
            // Its answer died with an earlier life of this object, or never came within the lease.
            return Ok(settling::unsettle(job, Loss::Timeout));
        }
        match job.kind.as_str() {
            "post" => self.begin_post(scene, person, job),
            "note" => self.begin_note(scene, person, job),
            "read" => self.begin_read(scene, person, job),
            "receipt" => self.begin_receipt(scene, person, job),
            "send" => self.begin_send(scene, person, job),
            "state" => self.begin_ask(scene, job),
            "close" => self.ask(scene, person, job, Call::new(What::Close)),
            "learn" => Ok(self.begin_learn(scene, person, job)),
            "claim" => self.begin_claim(scene, person, job),
            _ => Ok(Next::Done),
        }
    }
}

struct AtWork<'a> {
    contact: &'a mut Contact,
    scene: &'a Scene<'a>,
    person: &'a mut Person,
}

impl Clerk for AtWork<'_> {
    fn flying(&mut self, job: i64) -> bool {
        self.contact.flights.flying(job, self.scene.now)
    }

    fn first_lease(&self) -> Option<Millis> {
        self.contact.flights.first_lease()
    }

    fn begin(&mut self, job: &mut Job) -> Stored<Next> {
        self.contact.begin(self.scene, self.person, job)
    }
}
