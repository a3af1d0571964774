//! What every object's shell does: steps of its machine, its effects carried out beside each other, and the one alarm.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hotline::config::Config;
use hotline::effect::{Effect, Medium, Millis, Outcome, Told, Ticket, Turn};
use hotline::store::{Store, Stored};
use worker::{Env, Response, State};

use crate::clock::now;
use crate::store::SqlStore;
use crate::{carrier, log, settings};

/// An alarm that stands while an alarm is being worked off: should that end in a trap, this one still comes.
const SAFETY: Millis = 60_000;

/// How soon a step is tried again whose store refused.
const STEP_AGAIN: Millis = 5_000;

/// Who an object is: its hotline's inbox and, for a person's object, the person's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The inbox.
    pub mailbox: u64,
    /// The person's key, or "".
    pub key: String,
}

/// A machine of the rules.
pub trait Machine: Default + 'static {
    /// What a step begins with.
    type Input;

    /// One step.
    fn step(
        &mut self,
        store: &dyn Store,
        config: &Config,
        me: &Identity,
        now: Millis,
        input: Self::Input,
    ) -> Stored<(Told, Vec<Effect>)>;
    /// Makes the tables.
    fn create_tables(store: &dyn Store) -> Stored<()>;
    /// A Gate answered.
    fn turn(ticket: Ticket, turn: Turn) -> Self::Input;
    /// A service answered.
    fn answer(ticket: Ticket, outcome: Outcome) -> Self::Input;
    /// Media are here.
    fn media(ticket: Ticket, media: Vec<Medium>) -> Option<Self::Input>;
    /// Another object answered.
    fn told(ticket: Ticket, told: Told) -> Self::Input;
    /// It is time.
    fn wake() -> Self::Input;
}

/// An object.
pub struct Shell<M> {
    state: State,
    env: Env,
    store: SqlStore,
    machine: RefCell<M>,
    me: RefCell<Option<Identity>>,
    /// The alarm that is set, as far as this life of the object knows.
    alarm: Cell<Option<Millis>>,
}

impl<M: Machine> Shell<M> {
    /// An object begins a life.
    pub fn new(state: State, env: Env) -> Rc<Self> {
        let store = SqlStore::new(&state.storage());
        let shell = Self {
            state,
            env,
            store,
            machine: RefCell::default(),
            me: RefCell::new(None),
            alarm: Cell::new(None),
        };
        Rc::new(shell)
    }

    /// Somebody said something: stores it, and answers when it is stored.
    pub async fn hear(self: &Rc<Self>, me: Identity, input: M::Input) -> worker::Result<Response> {
        if self.me.borrow().as_ref() != Some(&me) {
            self.begin(&me).map_err(|error| worker::Error::RustError(error.to_string()))?;
        }
        match self.take(input).await {
            Ok(told) => Response::from_json(&told),
            Err(error) => Err(worker::Error::RustError(error)),
        }
    }

    fn begin(&self, me: &Identity) -> Stored<()> {
        const NAMED: &str = "CREATE TABLE IF NOT EXISTS me (mailbox TEXT PRIMARY KEY, key TEXT NOT NULL) STRICT, WITHOUT ROWID";
        self.store.execute(NAMED, &[])?;
        M::create_tables(&self.store)?;
        let params = [me.mailbox.to_string().into(), me.key.as_str().into()];
        self.store.execute("INSERT OR IGNORE INTO me (mailbox, key) VALUES (?, ?)", &params)?;
        *self.me.borrow_mut() = Some(me.clone());
        Ok(())
    }

    /// An alarm brings no letter, so who this object is stands in a row.
    fn remember(&self) -> Stored<bool> {
        if self.me.borrow().is_some() {
            return Ok(true);
        }
        let named = self.store.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'me'", &[])?;
        if named.is_empty() {
            return Ok(false);
        }
        let Some(row) = self.store.execute("SELECT mailbox, key FROM me", &[])?.into_iter().next() else {
            return Ok(false);
        };
        let me = Identity { mailbox: row.text(0).parse().unwrap_or(0), key: row.text(1).to_owned() };
        self.begin(&me)?;
        Ok(true)
    }

    /// The alarm: whatever happens, another one comes as long as there is something to do.
    pub async fn alarm(self: &Rc<Self>) -> worker::Result<Response> {
        self.alarm.set(None);
        match self.remember() {
            Ok(false) => return Response::empty(),
            Err(_) => self.arm(now() + STEP_AGAIN).await?,
            Ok(true) if self.has_work() => {
                self.arm(now() + SAFETY).await?;
                if self.take(M::wake()).await.is_err() {
                    log::line("step.failed", &[("at", "alarm")]);
                }
            }
            Ok(true) => {}
        }
        Response::empty()
    }

    fn has_work(&self) -> bool {
        self.store.execute("SELECT 1 FROM jobs LIMIT 1", &[]).map_or(true, |rows| !rows.is_empty())
    }

    async fn take(self: &Rc<Self>, input: M::Input) -> Result<Told, String> {
        match self.step(input) {
            Ok((told, effects)) => {
                self.carry(effects).await;
                Ok(told)
            }
            Err(error) => {
                log::line("step.failed", &[("error", &error)]);
                let armed = self.arm(now() + STEP_AGAIN).await;
                Err(armed.err().map_or(error, |error| error.to_string()))
            }
        }
    }

    fn step(&self, input: M::Input) -> Result<(Told, Vec<Effect>), String> {
        let config = settings::read(&self.env).map_err(|error| format!("{}: {}", error.field, error.problem))?;
        let me = self.me.borrow();
        let me = me.as_ref().ok_or("an object without a name")?;
        let mut machine = self.machine.try_borrow_mut().map_err(|_| "a step within a step".to_owned())?;
        machine.step(&self.store, &config, me, now(), input).map_err(|error| error.to_string())
    }

    /// Sets the alarm, unless an earlier one stands. The request for it is made before anything is awaited, so that it
    /// is stored together with the step's rows.
    async fn carry(self: &Rc<Self>, effects: Vec<Effect>) {
        let mut armed = None;
        for effect in effects {
            match effect {
                Effect::Wake(at) => armed = Some(at),
                effect => {
                    let shell = Rc::clone(self);
                    self.state.wait_until(async move { shell.perform(effect).await });
                }
            }
        }
        if let Some(at) = armed
            && self.arm(at).await.is_err()
        {
            log::line("alarm.failed", &[]);
        }
    }

    async fn arm(&self, at: Millis) -> worker::Result<()> {
        let now = now();
        if self.alarm.get().is_some_and(|set| set <= at && set > now) {
            return Ok(());
        }
        self.alarm.set(Some(at));
        self.state.storage().set_alarm((at - now).max(0)).await
    }

    async fn perform(self: Rc<Self>, effect: Effect) {
        let Ok(config) = settings::read(&self.env) else { return };
        let mailbox = self.me.borrow().as_ref().map_or(0, |me| me.mailbox);
        if let Some(input) = carrier::perform::<M>(&self.env, &config, mailbox, effect).await {
            // A step that fails here has set the alarm; the job is found again as a row.
            let _ = self.take(input).await;
        }
    }
}
