//! What every object does: steps of its machine, effects performed beside each other, and the one alarm.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;

use hotline::alarm::Alarm;
use hotline::effects::{Effect, Input, Millis, ObjectReply};
use hotline::encoding;
use hotline::log::{Level, LogLine};
use hotline::storage::Store;
use wasm_bindgen_futures::spawn_local;
use worker::{Env, Response, Result, State};

use super::machine::{Machine, Step};
use super::requests::{self, Address};
use crate::clock::now;
use crate::sql::SqlStore;
use crate::{effects, logging, settings};

/// One object. It is shared with the effects that it waits for.
pub struct ObjectHost<M>(Rc<Host<M>>);

/// See [`ObjectHost`].
pub struct Host<M> {
    pub(super) state: State,
    pub(super) env: Env,
    pub(super) store: SqlStore,
    machine: RefCell<M>,
    /// The object's address, once known.
    address: RefCell<Option<Address>>,
    alarm: Cell<Alarm>,
}

impl<M> Deref for ObjectHost<M> {
    type Target = Host<M>;

    fn deref(&self) -> &Host<M> {
        &self.0
    }
}

impl<M> Clone for ObjectHost<M> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<M: Machine> ObjectHost<M> {
    /// Starts an object.
    pub fn new(state: State, env: Env) -> Self {
        let store = SqlStore::new(&state);
        let (machine, address, alarm) = (RefCell::default(), RefCell::default(), Cell::default());
        Self(Rc::new(Host { state, env, store, machine, address, alarm }))
    }

    /// Handles one message. Returns after the state is stored; an error if it could not be.
    pub fn handle(&self, to: Address, message: M::Message) -> Result<Response> {
        if self.address.borrow().as_ref() != Some(&to) {
            self.open_storage(to)?;
        }
        let reply = self.take(Input::Message(message)).ok_or("not stored")?;
        Response::ok(encoding::encode(&reply))
    }

    /// The alarm: whatever happens, another one comes as long as there is something to do.
    pub fn alarm(&self) -> Result<Response> {
        self.set_alarm(|alarm, _| {
            alarm.fired();
            None
        })?;
        match self.load_address() {
            Err(_) => self.set_alarm(Alarm::arm_again)?,
            Ok(true) if M::has_work(&self.store).unwrap_or(true) => {
                self.set_alarm(|alarm, now| Some(alarm.back_up(now)))?;
                if self.take(Input::Wake).is_none() {
                    self.log(&LogLine::new(Level::Error, "alarm.failed"));
                }
            }
            Ok(_) => {}
        }
        Response::empty()
    }

    /// A step; `None` when it could not be stored, and then it is tried again.
    fn take(&self, input: Input<M::Message>) -> Option<ObjectReply> {
        match self.step(input) {
            Ok((reply, effects)) => {
                self.start_effects(effects);
                Some(reply)
            }
            Err(error) => {
                self.log(&LogLine::new(Level::Error, "step.failed").about(error));
                self.set_alarm_or_log(Alarm::arm_again);
                None
            }
        }
    }

    /// Sets the alarm, in the same synchronous turn as the step's rows so that it is stored together with them, and starts the
    /// other effects.
    fn start_effects(&self, effects: Vec<Effect>) {
        let (mut reports, mut others) = (Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::Wake(at) => self.set_alarm_or_log(|alarm, now| alarm.arm(at, now)),
                Effect::Report(limiter, report) => reports.push((limiter, report)),
                Effect::Push(frame) => self.push(&frame),
                Effect::Log(line) => self.log(&line),
                other => others.push(other),
            }
        }
        if reports.is_empty() && others.is_empty() {
            return;
        }
        let host = self.clone();
        spawn_local(async move {
            // Report the remaining quota before the next permit is requested.
            for (limiter, report) in reports {
                requests::report(&host.env, limiter, report).await;
            }
            for effect in others {
                spawn_local(host.clone().perform(effect));
            }
        });
    }

    async fn perform(self, effect: Effect) {
        let Ok(config) = settings::read(&self.env) else { return };
        let mailbox = self.address.borrow().as_ref().map_or(0, |address| address.mailbox);
        if let Some((ticket, completion)) = effects::perform(&self.env, &config, mailbox, effect).await {
            // A step that fails here has set the alarm; the job is found again as a row.
            self.take(Input::Completed(ticket, completion));
        }
    }
}

impl<M: Machine> Host<M> {
    /// Runs the migrations of an object whose address is known, and stores the address.
    pub(super) fn open_storage(&self, to: Address) -> Result<()> {
        const OBJECT_ADDRESS: &str =
            "CREATE TABLE IF NOT EXISTS me (mailbox TEXT PRIMARY KEY, kind TEXT, name TEXT) STRICT, WITHOUT ROWID";
        let failed = |error: hotline::storage::StoreError| error.to_string();
        self.store.execute(OBJECT_ADDRESS, &[]).map_err(failed)?;
        M::migrate(&self.store).map_err(failed)?;
        let mailbox = to.mailbox.to_string();
        let params = [(&mailbox).into(), M::KIND.into(), (&to.name).into()];
        let sql = "INSERT OR IGNORE INTO me (mailbox, kind, name) VALUES (?, ?, ?)";
        self.store.execute(sql, &params).map_err(failed)?;
        *self.address.borrow_mut() = Some(to);
        Ok(())
    }

    /// An alarm carries no request, so the address is read from storage. `false`: the object was never addressed.
    fn load_address(&self) -> Result<bool> {
        if self.address.borrow().is_some() {
            return Ok(true);
        }
        let failed = |error: hotline::storage::StoreError| error.to_string();
        let named = self.store.execute("SELECT 1 FROM sqlite_master WHERE name = 'me'", &[]).map_err(failed)?;
        if named.is_empty() {
            return Ok(false);
        }
        let rows = self.store.execute("SELECT mailbox, name FROM me", &[]).map_err(failed)?;
        let Some(row) = rows.into_iter().next() else { return Ok(false) };
        self.open_storage(Address { mailbox: row.text(0).parse().unwrap_or(0), name: row.string(1) })?;
        Ok(true)
    }

    fn step(&self, input: Input<M::Message>) -> std::result::Result<(ObjectReply, Vec<Effect>), String> {
        let config = settings::read(&self.env).map_err(|_| "the configuration is wrong")?;
        let to = self.address.borrow();
        let to = to.as_ref().ok_or("an object without a name")?;
        let mut machine = self.machine.try_borrow_mut().map_err(|_| "a step within a step")?;
        let watched = !self.state.get_websockets().is_empty();
        machine.step(Step { store: &self.store, config: &config, to, now: now(), watched }, input)
    }

    /// Sets the alarm as a rule says. The platform holds back what the object answers until the alarm is stored, and
    /// restarts the object when it cannot be (Cloudflare, Durable Objects: output gates).
    fn set_alarm(&self, rule: impl FnOnce(&mut Alarm, Millis) -> Option<Millis>) -> Result<()> {
        let mut alarm = self.alarm.get();
        let at = rule(&mut alarm, now());
        self.alarm.set(alarm);
        at.map_or(Ok(()), |at| self.store.set_alarm(at))
    }

    /// Writes a line about this object.
    fn log(&self, line: &LogLine) {
        let hotline = self.address.borrow().as_ref().map_or_else(String::new, |address| address.mailbox.to_string());
        logging::write(line, &[("object", M::KIND), ("hotline", &hotline)]);
    }

    fn set_alarm_or_log(&self, rule: impl FnOnce(&mut Alarm, Millis) -> Option<Millis>) {
        if self.set_alarm(rule).is_err() {
            self.log(&LogLine::new(Level::Error, "alarm.not_set"));
        }
    }
}
