//! The rules that an object runs: a person's, a call's or a hotline's.

use hotline::call::{self, Call};
use hotline::config::Config;
use hotline::contact::{self, Contact};
use hotline::directory::{self, Directory};
use hotline::domain::phone::Party;
use hotline::effects::{Effect, Input, Millis, ObjectMessage, ObjectReply};
use hotline::storage::{Store, StoreError, Stored};

/// Who an object is.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The hotline's inbox; 0 counts what belongs to no hotline.
    pub mailbox: u64,
    /// Which of its objects.
    pub who: Who,
}

/// Which object of a hotline.
#[derive(Clone, PartialEq, Eq)]
pub enum Who {
    /// Its own.
    Hotline,
    /// A person's, by their key.
    Contact(String),
    /// A call's, by its id.
    Call(String),
}

impl Who {
    /// For a row: which kind, and which of them.
    pub fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Hotline => ("hotline", ""),
            Self::Contact(key) => ("contact", key),
            Self::Call(id) => ("call", id),
        }
    }

    /// From a row.
    pub fn read(kind: &str, name: String) -> Self {
        match kind {
            "contact" => Self::Contact(name),
            "call" => Self::Call(name),
            _ => Self::Hotline,
        }
    }
}

/// What is in flight, of whichever kind of object this is.
#[derive(Default)]
pub struct Machine {
    contact: Contact,
    call: Call,
    desk: Directory,
}

impl Machine {
    /// One step.
    pub fn step(
        &mut self,
        store: &dyn Store,
        config: &Config,
        me: &Identity,
        now: Millis,
        input: Input<ObjectMessage>,
    ) -> Result<(ObjectReply, Vec<Effect>), String> {
        let hotline = config.by_mailbox(me.mailbox);
        if me.who == Who::Hotline {
            return self
                .desk
                .step(&directory::StepContext { store, config, hotline, now }, input.narrow(for_hotline))
                .map_err(words);
        }
        // A hotline that is no longer configured keeps its jobs, and goes on when it is configured again.
        let hotline = hotline.ok_or("this object's hotline is not configured")?;
        let ctx = contact::StepContext { store, config, hotline, now };
        match &me.who {
            Who::Contact(contact) => {
                let party = Party::from_key(contact).ok_or("this object's name is no person")?;
                self.contact.step(&ctx, &party, input.narrow(for_contact)).map_err(words)
            }
            Who::Call(call) => self.call.step(&ctx, call, input.narrow(for_call)).map_err(words),
            Who::Hotline => Ok((ObjectReply::Done, Vec::new())),
        }
    }
}

fn words(error: StoreError) -> String {
    error.to_string()
}

fn for_contact(said: ObjectMessage) -> Option<contact::Message> {
    if let ObjectMessage::Contact(message) = said { Some(message) } else { None }
}

fn for_call(said: ObjectMessage) -> Option<call::Message> {
    if let ObjectMessage::Call(message) = said { Some(message) } else { None }
}

fn for_hotline(said: ObjectMessage) -> Option<directory::Message> {
    if let ObjectMessage::Hotline(message) = said { Some(message) } else { None }
}

/// Makes the tables of an object.
pub fn migrate(store: &dyn Store, me: &Identity) -> Stored<()> {
    match me.who {
        Who::Hotline => directory::migrate(store),
        Who::Contact(_) => contact::migrate(store),
        Who::Call(_) => call::migrate(store),
    }
}

/// Whether an alarm of an object has anything to do.
pub fn has_work(store: &dyn Store, me: &Identity) -> Stored<bool> {
    match me.who {
        Who::Hotline => directory::has_work(store),
        Who::Contact(_) => contact::has_work(store),
        Who::Call(_) => call::has_work(store),
    }
}
