//! The rules that an object runs: a person's, a call's or a hotline's.

use hotline::calls::{self, Call};
use hotline::config::Config;
use hotline::contact::{self, Contact};
use hotline::desk::{self, Desk};
use hotline::effect::{Effect, Medium, Millis, Outcome, Ticket, Told, Turn};
use hotline::phone::Party;
use hotline::store::{Store, StoreError, Stored};

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

/// What comes in.
pub enum News {
    /// Somebody told a person's object something.
    ForContact(contact::Message),
    /// Somebody told a call's object something.
    ForCall(calls::Message),
    /// Somebody told a hotline's object something.
    ForHotline(desk::Message),
    /// A Gate answered.
    Turn(Ticket, Turn),
    /// A service answered.
    Answer(Ticket, Outcome),
    /// Media are here.
    Media(Ticket, Vec<Medium>),
    /// Another object answered.
    Told(Ticket, Told),
    /// It is time.
    Wake,
}

/// What is under way in memory, of whichever kind of object this is.
#[derive(Default)]
pub struct Machine {
    contact: Contact,
    call: Call,
    desk: Desk,
}

impl Machine {
    /// One step.
    pub fn step(
        &mut self,
        store: &dyn Store,
        config: &Config,
        me: &Identity,
        now: Millis,
        news: News,
    ) -> Result<(Told, Vec<Effect>), &'static str> {
        let hotline = config.by_mailbox(me.mailbox);
        if me.who == Who::Hotline {
            return self.desk.step(&desk::Scene { store, config, hotline, now }, for_desk(news)).map_err(words);
        }
        // A hotline that is no longer configured keeps its jobs, and goes on when it is configured again.
        let hotline = hotline.ok_or("this object's hotline is not configured")?;
        let scene = contact::Scene { store, config, hotline, now };
        match &me.who {
            Who::Contact(contact) => {
                let party = Party::from_key(contact).ok_or("this object's name is no person")?;
                self.contact.step(&scene, &party, for_contact(news)).map_err(words)
            }
            Who::Call(call) => self.call.step(&scene, call, for_call(news)).map_err(words),
            Who::Hotline => Ok((Told::Done, Vec::new())),
        }
    }
}

fn words(_: StoreError) -> &'static str {
    "the storage refused"
}

fn for_contact(news: News) -> contact::Input {
    match news {
        News::ForContact(message) => contact::Input::Heard(message),
        News::Turn(ticket, turn) => contact::Input::Turn(ticket, turn),
        News::Answer(ticket, outcome) => contact::Input::Answer(ticket, outcome),
        News::Media(ticket, media) => contact::Input::Media(ticket, media),
        News::Told(ticket, told) => contact::Input::Told(ticket, told),
        News::ForHotline(_) | News::ForCall(_) | News::Wake => contact::Input::Wake,
    }
}

fn for_call(news: News) -> calls::Input {
    match news {
        News::ForCall(message) => calls::Input::Heard(message),
        News::Turn(ticket, turn) => calls::Input::Turn(ticket, turn),
        News::Answer(ticket, outcome) => calls::Input::Answer(ticket, outcome),
        News::Told(ticket, told) => calls::Input::Told(ticket, told),
        News::ForContact(_) | News::ForHotline(_) | News::Media(..) | News::Wake => calls::Input::Wake,
    }
}

fn for_desk(news: News) -> desk::Input {
    match news {
        News::ForHotline(message) => desk::Input::Heard(message),
        News::Turn(ticket, turn) => desk::Input::Turn(ticket, turn),
        News::Answer(ticket, outcome) => desk::Input::Answer(ticket, outcome),
        News::Told(ticket, told) => desk::Input::Told(ticket, told),
        News::ForContact(_) | News::ForCall(_) | News::Media(..) | News::Wake => desk::Input::Wake,
    }
}

/// Makes the tables of an object.
pub fn create_tables(store: &dyn Store, me: &Identity) -> Stored<()> {
    match me.who {
        Who::Hotline => desk::create_tables(store),
        Who::Contact(_) => contact::create_tables(store),
        Who::Call(_) => calls::create_tables(store),
    }
}
