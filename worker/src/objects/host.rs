//! What every object does: steps of its machine, effects carried out beside each other, and the one alarm.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hotline::alarm::Alarm;
use hotline::effects::{Effect, Input, Millis, ObjectMessage, ObjectReply};
use hotline::encoding;
use hotline::storage::{Store, Stored};
use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use worker::Env;

use super::machine::{self, Identity, Machine, Who};
use super::requests::{self, ObjectRequest};
use crate::clock::now;
use crate::sql::SqlStore;
use crate::{effects, js, logging, settings};

/// An object.
pub struct ObjectHost {
    pub(super) state: JsValue,
    storage: JsValue,
    pub(super) env: Env,
    pub(super) store: SqlStore,
    machine: RefCell<Machine>,
    me: RefCell<Option<Identity>>,
    alarm: Cell<Alarm>,
}

impl ObjectHost {
    /// An object begins a life.
    pub fn new(state: &JsValue, env: Env) -> Rc<Self> {
        let storage = js::get(state, "storage").unwrap_or_default();
        let store = SqlStore::new(storage.clone());
        let (machine, me, alarm) = (RefCell::default(), RefCell::default(), Cell::default());
        Rc::new(Self { state: state.clone(), storage, env, store, machine, me, alarm })
    }

    /// Opens a request and writes the answer, once what it said is stored; `None` when it could not be.
    pub async fn open(self: &Rc<Self>, object_request: ObjectRequest) -> Option<String> {
        Some(match object_request {
            ObjectRequest::Contact { mailbox, contact, message } => encoding::encode(
                &self.hear(Identity { mailbox, who: Who::Contact(contact) }, ObjectMessage::Contact(message))?,
            ),
            ObjectRequest::Call { mailbox, call, message } => {
                encoding::encode(&self.hear(Identity { mailbox, who: Who::Call(call) }, ObjectMessage::Call(message))?)
            }
            ObjectRequest::Hotline { mailbox, message } => {
                encoding::encode(&self.hear(Identity { mailbox, who: Who::Hotline }, ObjectMessage::Hotline(message))?)
            }
            ObjectRequest::Live { .. } => return None,
            ObjectRequest::Health { mailbox } => {
                self.begin(Identity { mailbox, who: Who::Hotline }).ok()?;
                hotline::directory::health(&self.store).ok()?
            }
            ObjectRequest::PermitRequest(name, ask) => encoding::encode(&self.permit(&name, &ask).await?),
            ObjectRequest::Report(_, report) => encoding::encode(&self.report(&report).ok()?),
        })
    }

    fn hear(self: &Rc<Self>, me: Identity, said: ObjectMessage) -> Option<ObjectReply> {
        if self.me.borrow().as_ref() != Some(&me) {
            self.begin(me).ok()?;
        }
        self.take(Input::Message(said))
    }

    pub(super) fn begin(&self, me: Identity) -> Stored<()> {
        const NAMED: &str =
            "CREATE TABLE IF NOT EXISTS me (mailbox TEXT PRIMARY KEY, kind TEXT, name TEXT) STRICT, WITHOUT ROWID";
        self.store.execute(NAMED, &[])?;
        machine::migrate(&self.store, &me)?;
        let mailbox = me.mailbox.to_string();
        let (kind, name) = me.who.words();
        let params = [(&mailbox).into(), kind.into(), name.into()];
        self.store.execute("INSERT OR IGNORE INTO me (mailbox, kind, name) VALUES (?, ?, ?)", &params)?;
        *self.me.borrow_mut() = Some(me);
        Ok(())
    }

    /// An alarm brings no request, so who this object is stands in a row. `false` when it never was anybody.
    fn remember(&self) -> Stored<bool> {
        if self.me.borrow().is_some() {
            return Ok(true);
        }
        let named = self.store.execute("SELECT 1 FROM sqlite_master WHERE name = 'me'", &[])?;
        if named.is_empty() {
            return Ok(false);
        }
        let Some(row) = self.store.execute("SELECT mailbox, kind, name FROM me", &[])?.into_iter().next() else {
            return Ok(false);
        };
        let who = Who::read(row.text(1), row.string(2));
        self.begin(Identity { mailbox: row.text(0).parse().unwrap_or(0), who })?;
        Ok(true)
    }

    /// The alarm: whatever happens, another one comes as long as there is something to do.
    pub fn alarm(self: &Rc<Self>) -> Result<(), JsValue> {
        self.rule(|alarm, _| {
            alarm.fired();
            None
        })?;
        match self.remember() {
            Err(_) => self.rule(Alarm::arm_again)?,
            Ok(true) if self.has_work() => {
                self.rule(|alarm, now| Some(alarm.back_up(now)))?;
                if self.take(Input::Wake).is_none() {
                    logging::line("alarm.failed", &[]);
                }
            }
            Ok(_) => {}
        }
        Ok(())
    }

    fn has_work(&self) -> bool {
        self.me.borrow().as_ref().is_none_or(|me| machine::has_work(&self.store, me).unwrap_or(true))
    }

    /// A step; `None` when it could not be stored, and then it is tried again.
    fn take(self: &Rc<Self>, input: Input<ObjectMessage>) -> Option<ObjectReply> {
        match self.step(input) {
            Ok((reply, effects)) => {
                self.carry(effects);
                Some(reply)
            }
            Err(error) => {
                logging::line("step.failed", &[("error", &error)]);
                self.rule_or_say(Alarm::arm_again);
                None
            }
        }
    }

    fn step(&self, input: Input<ObjectMessage>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let config = settings::read(&self.env).map_err(|_| "the configuration is wrong")?;
        let me = self.me.borrow();
        let me = me.as_ref().ok_or("an object without a name")?;
        let mut machine = self.machine.try_borrow_mut().map_err(|_| "a step within a step")?;
        machine.step(&self.store, &config, me, now(), input)
    }

    /// Sets the alarm, in the same permit as the step's rows so that it is stored together with them, and lets the other
    /// effects go their ways.
    fn carry(self: &Rc<Self>, effects: Vec<Effect>) {
        let (mut reports, mut others) = (Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::Wake(at) => self.rule_or_say(|alarm, now| alarm.arm(at, now)),
                Effect::Report(gate, report) => reports.push((gate, report)),
                Effect::Push(frame) => self.push(&frame),
                Effect::Log { event, job } => logging::line(event, &[("job", &job)]),
                other => others.push(other),
            }
        }
        let host = Rc::clone(self);
        spawn_local(async move {
            // A rate limiter must hear what is left before it is asked for the next permit.
            for (gate, report) in reports {
                requests::report(&host.env, gate, report).await;
            }
            for effect in others {
                spawn_local(Rc::clone(&host).perform(effect));
            }
        });
    }

    /// Sets the alarm as a rule says. The platform holds back what the object answers until the alarm is stored, and
    /// starts the object anew when it cannot be (Cloudflare, Durable Objects: output gates).
    fn rule(&self, rule: impl FnOnce(&mut Alarm, Millis) -> Option<Millis>) -> Result<(), JsValue> {
        let mut alarm = self.alarm.get();
        let at = rule(&mut alarm, now());
        self.alarm.set(alarm);
        let Some(at) = at else { return Ok(()) };
        // Milliseconds since 1970 are far below 2^53.
        #[expect(clippy::cast_precision_loss)]
        js::call(&self.storage, "setAlarm", &Array::of1(&JsValue::from_f64(at as f64))).map(drop)
    }

    fn rule_or_say(&self, rule: impl FnOnce(&mut Alarm, Millis) -> Option<Millis>) {
        if self.rule(rule).is_err() {
            logging::line("alarm.not_set", &[]);
        }
    }

    async fn perform(self: Rc<Self>, effect: Effect) {
        let Ok(config) = settings::read(&self.env) else { return };
        let mailbox = self.me.borrow().as_ref().map_or(0, |me| me.mailbox);
        if let Some((ticket, back)) = effects::perform(&self.env, &config, mailbox, effect).await {
            // A step that fails here has set the alarm; the job is found again as a row.
            self.take(Input::Completed(ticket, back));
        }
    }
}
