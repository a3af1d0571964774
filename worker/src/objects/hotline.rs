//! One for each hotline, and one that counts what belongs to none.

use std::rc::Rc;

use hotline::config::Config;
use hotline::desk::{self, Desk, Input, Scene};
use hotline::effect::{Effect, Medium, Millis, Outcome, Told, Ticket, Turn};
use hotline::store::{Store, Stored};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::letters::ToHotline;
use super::shell::{Identity, Machine, Shell};

/// A hotline's own object.
#[durable_object]
pub struct Hotline {
    shell: Rc<Shell<Desk>>,
}

impl DurableObject for Hotline {
    fn new(state: State, env: Env) -> Self {
        Self { shell: Shell::new(state, env) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let letter: ToHotline = request.json().await?;
        let me = Identity { mailbox: letter.mailbox, key: String::new() };
        self.shell.hear(me, Input::Heard(letter.message)).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.shell.alarm().await
    }
}

impl Machine for Desk {
    type Input = Input;

    fn step(
        &mut self,
        store: &dyn Store,
        config: &Config,
        me: &Identity,
        now: Millis,
        input: Input,
    ) -> Stored<(Told, Vec<Effect>)> {
        self.step(&Scene { store, config, hotline: config.by_mailbox(me.mailbox), now }, input)
    }

    fn create_tables(store: &dyn Store) -> Stored<()> {
        desk::create_tables(store)
    }

    fn turn(ticket: Ticket, turn: Turn) -> Input {
        Input::Turn(ticket, turn)
    }

    fn answer(ticket: Ticket, outcome: Outcome) -> Input {
        Input::Answer(ticket, outcome)
    }

    fn media(_: Ticket, _: Vec<Medium>) -> Option<Input> {
        None
    }

    fn told(ticket: Ticket, told: Told) -> Input {
        Input::Told(ticket, told)
    }

    fn wake() -> Input {
        Input::Wake
    }
}
