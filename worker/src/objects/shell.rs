//! What every object does: steps of its machine, effects carried out beside each other, and the one alarm.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hotline::effect::{Effect, Millis, Told};
use hotline::store::{Store, Stored};
use hotline::wire;
use worker::{Env, Error, State};

use super::machine::{self, Identity, Machine, News};
use crate::clock::now;
use crate::store::SqlStore;
use crate::{carrier, log, settings};

/// An alarm that stands while an alarm is being worked off: should that end in a trap, this one still comes.
const SAFETY: Millis = 60_000;

/// How soon a step is tried again whose store refused.
const STEP_AGAIN: Millis = 5_000;

/// An object.
pub struct Shell {
    state: State,
    pub(super) env: Env,
    pub(super) store: SqlStore,
    machine: RefCell<Machine>,
    me: RefCell<Option<Identity>>,
    /// The alarm that is set, as far as this life of the object knows.
    alarm: Cell<Option<Millis>>,
}

impl Shell {
    /// An object begins a life.
    pub fn new(state: State, env: Env) -> Rc<Self> {
        let store = SqlStore::new(&state.storage());
        Rc::new(Self { state, env, store, machine: RefCell::default(), me: RefCell::default(), alarm: Cell::new(None) })
    }

    /// Somebody said something: stores it, and answers when it is stored.
    pub async fn hear(self: &Rc<Self>, me: Identity, news: News) -> worker::Result<String> {
        if self.me.borrow().as_ref() != Some(&me) {
            self.begin(me).map_err(|error| Error::from(error.to_string()))?;
        }
        Ok(wire::write(&self.take(news).await.map_err(Error::from)?))
    }

    /// What an operator must know of a hotline.
    pub fn health(&self, me: Identity) -> worker::Result<String> {
        let health = self.begin(me).and_then(|()| hotline::desk::health(&self.store));
        Ok(wire::write(&health.map_err(|error| Error::from(error.to_string()))?))
    }

    fn begin(&self, me: Identity) -> Stored<()> {
        const NAMED: &str =
            "CREATE TABLE IF NOT EXISTS me (mailbox TEXT PRIMARY KEY, contact TEXT) STRICT, WITHOUT ROWID";
        self.store.execute(NAMED, &[])?;
        machine::create_tables(&self.store, &me)?;
        let params = [me.mailbox.to_string().into(), me.contact.clone().into()];
        self.store.execute("INSERT OR IGNORE INTO me (mailbox, contact) VALUES (?, ?)", &params)?;
        *self.me.borrow_mut() = Some(me);
        Ok(())
    }

    /// An alarm brings no letter, so who this object is stands in a row. `false` when it never was anybody.
    fn remember(&self) -> Stored<bool> {
        if self.me.borrow().is_some() {
            return Ok(true);
        }
        let named = self.store.execute("SELECT 1 FROM sqlite_master WHERE name = 'me'", &[])?;
        if named.is_empty() {
            return Ok(false);
        }
        let Some(row) = self.store.execute("SELECT mailbox, contact FROM me", &[])?.into_iter().next() else {
            return Ok(false);
        };
        self.begin(Identity { mailbox: row.text(0).parse().unwrap_or(0), contact: row.maybe_text(1) })?;
        Ok(true)
    }

    /// The alarm: whatever happens, another one comes as long as there is something to do.
    pub async fn alarm(self: &Rc<Self>) -> worker::Result<()> {
        self.alarm.set(None);
        match self.remember() {
            Err(_) => self.arm(now() + STEP_AGAIN).await?,
            Ok(true) if self.has_work() => {
                self.arm(now() + SAFETY).await?;
                // The step may put it off to when something is really due.
                self.alarm.set(None);
                if self.take(News::Wake).await.is_err() {
                    log::line("alarm.failed", &[]);
                }
            }
            Ok(_) => {}
        }
        Ok(())
    }

    fn has_work(&self) -> bool {
        self.store.execute("SELECT 1 FROM jobs LIMIT 1", &[]).map_or(true, |rows| !rows.is_empty())
    }

    async fn take(self: &Rc<Self>, news: News) -> Result<Told, String> {
        match self.step(news) {
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

    fn step(&self, news: News) -> Result<(Told, Vec<Effect>), String> {
        let config = settings::read(&self.env).map_err(|error| format!("{}: {}", error.field, error.problem))?;
        let me = self.me.borrow();
        let me = me.as_ref().ok_or("an object without a name")?;
        let mut machine = self.machine.try_borrow_mut().map_err(|_| "a step within a step".to_owned())?;
        machine.step(&self.store, &config, me, now(), news).map_err(|error| error.to_string())
    }

    /// Lets the effects go their ways, and sets the alarm. The request for it is made before anything is awaited, so
    /// that it is stored together with the step's rows.
    async fn carry(self: &Rc<Self>, effects: Vec<Effect>) {
        let (wakes, effects): (Vec<Effect>, _) = effects.into_iter().partition(|it| matches!(it, Effect::Wake(_)));
        let (reports, others): (Vec<Effect>, _) = effects.into_iter().partition(|it| matches!(it, Effect::Report(..)));
        if reports.is_empty() {
            self.release(others);
        } else {
            let shell = Rc::clone(self);
            self.state.wait_until(async move {
                // A Gate must hear what is left before it is asked for the next turn.
                for report in reports {
                    Rc::clone(&shell).perform(report).await;
                }
                shell.release(others);
            });
        }
        let wake = wakes.iter().find_map(|it| if let Effect::Wake(at) = it { Some(*at) } else { None });
        if let Some(at) = wake
            && self.arm(at).await.is_err()
        {
            log::line("alarm.not_set", &[]);
        }
    }

    /// Lets effects go their ways beside each other.
    fn release(self: &Rc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            let shell = Rc::clone(self);
            self.state.wait_until(async move { shell.perform(effect).await });
        }
    }

    /// Sets the alarm, unless an earlier one stands.
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
        if let Some(news) = carrier::perform(&self.env, &config, mailbox, effect).await {
            // A step that fails here has set the alarm; the job is found again as a row.
            let _ = self.take(news).await;
        }
    }
}
