//! An object of the platform: rows that stay, a machine that a crash empties, and one alarm.

use std::fmt;
use std::rc::Rc;

use hotline::alarm::Alarm;
use hotline::api_key::{self, ApiKey};
use hotline::audience::{self, Audience};
use hotline::call::{self, Call};
use hotline::config::Config;
use hotline::contact::{self, Contact};
use hotline::directory::{self, Directory};
use hotline::domain::phone::Party;
use hotline::effects::{Effect, Input, Millis, ObjectMessage, ObjectReply, RateLimiterName};
use hotline::endpoint::{self, Endpoint};
use hotline::monitor::{self, Monitor};
use hotline::participant::{self, Participant};
use hotline::rate_limiter::{self, RateLimiter};
use hotline::storage::Stored;
use hotline::verification_limit::{self, VerificationLimit};

use crate::store::{SqliteStore, Switch};

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A person at a hotline.
    Contact(u64, String),
    /// A call of a hotline.
    Call(u64, String),
    /// A hotline.
    Directory(u64),
    /// A rate limiter, by its resource.
    RateLimiter(String),
    /// A program's key, by its id.
    ApiKey(String),
    /// A part of a hotline's people.
    Audience(u64, u8),
    /// What counts codes, by its name.
    VerificationLimit(String),
    /// An endpoint, by its name.
    Endpoint(String),
    /// Somebody who takes part in the sessions of a pool.
    Participant(u64, String),
    /// The deployment's monitor.
    Monitor,
}

impl Name {
    /// The object of a rate limiter.
    pub fn limiter(limiter: &RateLimiterName) -> Self {
        match limiter {
            RateLimiterName::HelpScout => Self::RateLimiter("Help Scout".to_owned()),
            RateLimiterName::Sender { sender, .. } => Self::RateLimiter(sender.clone()),
            RateLimiterName::Phone { number } => Self::RateLimiter(format!("phone {number}")),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contact(mailbox, key) => write!(f, "contact {mailbox}/{key}"),
            Self::Call(mailbox, id) => write!(f, "call {mailbox}/{id}"),
            Self::Directory(mailbox) => write!(f, "directory {mailbox}"),
            Self::RateLimiter(name) => write!(f, "limiter {name}"),
            Self::ApiKey(id) => write!(f, "key {id}"),
            Self::Audience(mailbox, part) => write!(f, "audience {mailbox}/{part}"),
            Self::VerificationLimit(name) => write!(f, "verification limit {name}"),
            Self::Endpoint(name) => write!(f, "endpoint {name}"),
            Self::Participant(mailbox, name) => write!(f, "participant {mailbox}/{name}"),
            Self::Monitor => f.write_str("monitor"),
        }
    }
}

enum Machine {
    Contact(Box<Contact>),
    Call(Call),
    Directory(Directory),
    RateLimiter(RateLimiter),
    ApiKey(ApiKey),
    Audience(Audience),
    VerificationLimit(VerificationLimit),
    Endpoint(Endpoint),
    Participant(Participant),
    Monitor(Box<Monitor>),
}

/// An object.
pub struct Object {
    /// Its rows.
    pub store: SqliteStore,
    machine: Machine,
    /// Whether this life of it has looked at the version of its tables.
    pub started: bool,
    /// How often it began anew; answers to an earlier life find nobody.
    pub life: u64,
    /// When the platform wakes it.
    pub alarm: Option<Millis>,
    /// When this life of it has asked to be woken.
    pub armed: Alarm,
}

impl Object {
    /// An object that has just begun, with its tables.
    pub fn new(name: &Name, switch: &Rc<Switch>) -> Stored<Self> {
        Self::on(name, SqliteStore::in_memory(switch)?)
    }

    /// An object that begins a life on rows that may be there already, of this release or of an earlier one.
    pub fn on(name: &Name, store: SqliteStore) -> Stored<Self> {
        let mut object =
            Self { store, machine: begin(name), started: false, life: 0, alarm: None, armed: Alarm::default() };
        object.start(name)?;
        Ok(object)
    }

    /// Begins a life, as the platform does at the first event after a crash or a deploy.
    fn start(&mut self, name: &Name) -> Stored<()> {
        if !self.started {
            match name {
                Name::Contact(..) => contact::migrate(&self.store)?,
                Name::Call(..) => call::migrate(&self.store)?,
                Name::Directory(_) => directory::migrate(&self.store)?,
                Name::RateLimiter(_) => rate_limiter::migrate(&self.store)?,
                Name::ApiKey(_) => api_key::migrate(&self.store)?,
                Name::Audience(..) => audience::migrate(&self.store)?,
                Name::VerificationLimit(_) => verification_limit::migrate(&self.store)?,
                Name::Endpoint(_) => endpoint::migrate(&self.store)?,
                Name::Participant(..) => participant::migrate(&self.store)?,
                Name::Monitor => monitor::migrate(&self.store)?,
            }
            self.started = true;
        }
        Ok(())
    }

    /// Everything in memory is gone; rows and alarm stay.
    pub fn crash(&mut self, name: &Name) {
        self.machine = begin(name);
        self.started = false;
        self.armed = Alarm::default();
        self.life += 1;
    }

    /// Whether an alarm of it is followed by a step.
    pub fn has_work(&mut self, name: &Name) -> Stored<bool> {
        self.start(name)?;
        match name {
            Name::Contact(..) => contact::has_work(&self.store),
            Name::Call(..) => call::has_work(&self.store),
            Name::Directory(_) => directory::has_work(&self.store),
            Name::RateLimiter(_) => rate_limiter::has_work(&self.store),
            Name::ApiKey(_) => api_key::has_work(&self.store),
            Name::Audience(..) => audience::has_work(&self.store),
            Name::VerificationLimit(_) => verification_limit::has_work(&self.store),
            Name::Endpoint(_) => endpoint::has_work(&self.store),
            Name::Participant(..) => participant::has_work(&self.store),
            Name::Monitor => monitor::has_work(&self.store),
        }
    }

    /// One step of a person's, a call's or a hotline's object.
    ///
    /// # Panics
    /// When the object's name names no hotline or nobody.
    pub fn step(
        &mut self,
        name: &Name,
        config: &Config,
        now: Millis,
        input: Input<ObjectMessage>,
    ) -> Stored<(ObjectReply, Vec<Effect>)> {
        self.start(name)?;
        match (&mut self.machine, name, input) {
            (Machine::Contact(machine), Name::Contact(mailbox, key), input) => {
                let input =
                    input.narrow(|said| if let ObjectMessage::Contact(message) = said { Some(message) } else { None });
                let hotline = config.by_mailbox(*mailbox).expect("objects are made for hotlines");
                let party = Party::from_key(key).expect("objects are named by keys");
                machine.step(
                    &contact::StepContext { store: &self.store, config, hotline, now, watched: true },
                    &party,
                    input,
                )
            }
            (Machine::Call(machine), Name::Call(mailbox, id), input) => {
                let input =
                    input.narrow(|said| if let ObjectMessage::Call(message) = said { Some(message) } else { None });
                let hotline = config.by_mailbox(*mailbox).expect("objects are made for hotlines");
                machine.step(
                    &contact::StepContext { store: &self.store, config, hotline, now, watched: true },
                    id,
                    input,
                )
            }
            (Machine::Directory(machine), Name::Directory(mailbox), input) => {
                let input = input
                    .narrow(|said| if let ObjectMessage::Directory(message) = said { Some(message) } else { None });
                let hotline = config.by_mailbox(*mailbox);
                machine.step(&directory::StepContext { store: &self.store, config, hotline, now }, input)
            }
            (Machine::RateLimiter(machine), _, input) => {
                let input = input
                    .narrow(|said| if let ObjectMessage::RateLimiter(message) = said { Some(message) } else { None });
                machine.step(&rate_limiter::StepContext { store: &self.store, config, now }, input)
            }
            (Machine::ApiKey(machine), _, input) => {
                let input =
                    input.narrow(|said| if let ObjectMessage::ApiKey(message) = said { Some(message) } else { None });
                machine.step(&api_key::StepContext { store: &self.store, now }, input)
            }
            (Machine::Audience(machine), Name::Audience(mailbox, part), input) => {
                let input =
                    input.narrow(|said| if let ObjectMessage::Audience(message) = said { Some(message) } else { None });
                let (mailbox, part) = (*mailbox, *part);
                machine.step(&audience::StepContext { store: &self.store, mailbox, part, now }, input)
            }
            (Machine::Endpoint(machine), Name::Endpoint(name), input) => {
                let input =
                    input.narrow(|said| if let ObjectMessage::Endpoint(message) = said { Some(message) } else { None });
                machine.step(&endpoint::StepContext { store: &self.store, config, name, now }, input)
            }
            (Machine::Participant(machine), Name::Participant(_, name), input) => {
                let input = input
                    .narrow(|said| if let ObjectMessage::Participant(message) = said { Some(message) } else { None });
                let number = participant::StepContext::number_of(name);
                let ctx = participant::StepContext::find(&self.store, config, name, &number, now);
                machine.step(&ctx.expect("objects are made for pools"), input)
            }
            (Machine::Monitor(machine), _, input) => {
                let input =
                    input.narrow(|said| if let ObjectMessage::Monitor(message) = said { Some(message) } else { None });
                machine.step(&monitor::StepContext { store: &self.store, config, now }, input)
            }
            (Machine::VerificationLimit(machine), _, input) => {
                let input = input.narrow(|said| {
                    if let ObjectMessage::VerificationLimit(message) = said { Some(message) } else { None }
                });
                machine.step(&verification_limit::StepContext { store: &self.store, now }, input)
            }
            _ => Ok((ObjectReply::Done, Vec::new())),
        }
    }
}

fn begin(name: &Name) -> Machine {
    match name {
        Name::Contact(..) => Machine::Contact(Box::default()),
        Name::Call(..) => Machine::Call(Call::default()),
        Name::Directory(_) => Machine::Directory(Directory::default()),
        Name::RateLimiter(_) => Machine::RateLimiter(RateLimiter::default()),
        Name::ApiKey(_) => Machine::ApiKey(ApiKey::default()),
        Name::Audience(..) => Machine::Audience(Audience::default()),
        Name::VerificationLimit(_) => Machine::VerificationLimit(VerificationLimit),
        Name::Endpoint(_) => Machine::Endpoint(Endpoint::default()),
        Name::Participant(..) => Machine::Participant(Participant::default()),
        Name::Monitor => Machine::Monitor(Box::default()),
    }
}
