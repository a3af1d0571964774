//! One for each hotline and person.

use std::rc::Rc;

use hotline::config::Config;
use hotline::contact::{self, Input, Scene};
use hotline::effect::{Effect, Medium, Millis, Outcome, Told, Ticket, Turn};
use hotline::phone::Party;
use hotline::store::{Store, StoreError, Stored};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::letters::ToContact;
use super::shell::{Identity, Machine, Shell};

/// A person's object.
#[durable_object]
pub struct Contact {
    shell: Rc<Shell<contact::Contact>>,
}

impl DurableObject for Contact {
    fn new(state: State, env: Env) -> Self {
        Self { shell: Shell::new(state, env) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let letter: ToContact = request.json().await?;
        let me = Identity { mailbox: letter.mailbox, key: letter.contact };
        self.shell.hear(me, Input::Heard(letter.message)).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.shell.alarm().await
    }
}

impl Machine for contact::Contact {
    type Input = Input;

    fn step(
        &mut self,
        store: &dyn Store,
        config: &Config,
        me: &Identity,
        now: Millis,
        input: Input,
    ) -> Stored<(Told, Vec<Effect>)> {
        let hotline = config.by_mailbox(me.mailbox).ok_or_else(|| unknown("hotline"))?;
        let party = Party::from_key(&me.key).ok_or_else(|| unknown("person"))?;
        self.step(&Scene { store, config, hotline, now }, &party, input)
    }

    fn create_tables(store: &dyn Store) -> Stored<()> {
        contact::create_tables(store)
    }

    fn turn(ticket: Ticket, turn: Turn) -> Input {
        Input::Turn(ticket, turn)
    }

    fn answer(ticket: Ticket, outcome: Outcome) -> Input {
        Input::Answer(ticket, outcome)
    }

    fn media(ticket: Ticket, media: Vec<Medium>) -> Option<Input> {
        Some(Input::Media(ticket, media))
    }

    fn told(ticket: Ticket, told: Told) -> Input {
        Input::Told(ticket, told)
    }

    fn wake() -> Input {
        Input::Wake
    }
}

/// A hotline that is no longer configured keeps its jobs, and goes on when it is configured again.
fn unknown(what: &str) -> StoreError {
    StoreError(format!("this object's {what} is not known"))
}
