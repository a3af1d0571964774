//! The whole of Ringside but its Worker, between look-alikes of both services, in one process and under one clock.
//!
//! | Module | Holds |
//! | --- | --- |
//! | this one | the clock and what happens when |
//! | [`stage`], [`dice`] | the accounts and the configuration; random numbers |
//! | [`object`], `effects`, `media`, `wire` | objects with their rows; how what they ask of the world is carried out |
//! | `routes`, [`documents`] | the Worker's routes for webhooks and media; the TwiML that they may answer |
//! | [`random_faults`] | what goes wrong by itself |
//! | [`hazards`] | what histories contain beyond the usual |
//! | [`programs`], [`program_life`], [`erasure_life`] | what sends, verifies and erases by `/v1`, directed by a story or by itself |
//! | [`endpoints`] | what events are delivered to |
//! | [`people`], [`life`] | supporters and agents, directed by a story or living by themselves |
//! | `upgrade`, `release_0_1_0` | a new release on the storage of an old one |
//! | `rollback` | an old release on the storage of a new one |
//! | [`ledger`], [`promises`] | what was seen, and whether the promises were kept |

mod crowd;
pub mod dice;
pub mod documents;
mod effects;
pub mod endpoints;
pub mod erasure_life;
pub mod hazards;
pub mod ledger;
pub mod life;
mod media;
pub mod object;
pub mod people;
pub mod program_life;
pub mod programs;
pub mod promises;
pub mod random_faults;
mod release_0_1_0;
mod rollback;
mod routes;
pub mod stage;
mod upgrade;
mod wire;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use emulator::faults::{Faults, Service};
use emulator::helpscout::HelpScout;
use emulator::http::{Delivery, Model, Outcome};
use emulator::twilio::Twilio;
use hotline::config::Config;
use hotline::effects::Millis;

use crate::store::Switch;
use crowd::Crowd;
use dice::Dice;
use effects::PendingEffect;
use endpoints::Receivers;
use ledger::Ledger;
use object::{Name, Object};
use random_faults::RandomFaults;
use stage::{NOON, Stage};

/// What happens at an instant.
enum Event {
    /// An object's alarm.
    Alarm(Name, Millis),
    /// A step on the way of something that an object asked of the world.
    PendingEffect(Box<PendingEffect>),
    /// The same, of what a person's object and the directory say to each other about work that is left. It has dice of its own:
    /// a history in which no alarm is lost is what it would be without.
    Watchdog(Box<PendingEffect>),
    /// A webhook, or a copy of it, reaches the Worker.
    Deliver { service: Service, delivery: Box<Delivery>, first: bool },
    /// The service hears how its webhook was taken.
    Taken { service: Service, delivery: u64, outcome: Outcome },
    /// Somebody does something by themselves.
    Act(life::Act),
}

/// The most events of a usual world: a history has some thousands, an endless loop of wakings has more.
const MOST_EVENTS: u64 = 300_000;

/// One world.
pub struct World {
    /// The instant.
    pub now: Millis,
    /// The product's configuration.
    pub config: Rc<Config>,
    /// One service.
    pub twilio: Twilio,
    /// The other.
    pub helpscout: HelpScout,
    /// Faults that a story switches on.
    pub faults: Faults,
    /// Faults that come by themselves.
    pub random_faults: RandomFaults,
    /// What was seen.
    pub ledger: Ledger,
    /// Makes statements fail.
    pub switch: Rc<Switch>,
    /// Objects by name.
    pub objects: BTreeMap<Name, Object>,
    /// Whether hotlines with hours are open.
    pub open: bool,
    /// The largest medium that the Worker fetches, in bytes.
    pub largest_medium: usize,
    /// Requests to objects so far.
    pub object_requests: u64,
    /// The same by object and second.
    pub requests_by_second: BTreeMap<(Name, Millis), u64>,
    /// Steps of objects so far.
    pub steps: u64,
    /// The processor's time, where a benchmark wants to know how much of it the steps take.
    pub cpu_clock: Option<fn() -> Duration>,
    /// What the steps took by that clock.
    pub cpu: Duration,
    /// The addresses of programs that get events.
    pub receivers: Receivers,
    /// More events than these, and the world never rests.
    pub most_events: u64,
    dice: Dice,
    release_dice: Dice,
    alarm_dice: Dice,
    program_dice: Dice,
    erasure_dice: Dice,
    corrects_replies: bool,
    undoes_late: bool,
    /// Of a thousand calls, so many come by WhatsApp.
    whatsapp_calls: u64,
    events: BTreeMap<(Millis, u64), Event>,
    /// The alarms among them, by object.
    alarms: BTreeMap<Name, Vec<(Millis, u64)>>,
    crowd: Option<Crowd>,
    made: u64,
    trace: Option<Vec<String>>,
}

impl World {
    /// A world in which nothing goes wrong by itself.
    pub fn new(stage: &Stage) -> Self {
        Self::seeded(stage, Dice::new(0), RandomFaults::default())
    }

    /// A world whose faults and latencies fall as the dice say.
    pub fn seeded(stage: &Stage, dice: Dice, random_faults: RandomFaults) -> Self {
        Self {
            now: NOON,
            config: Rc::new(stage.config()),
            twilio: stage.twilio(),
            helpscout: stage.helpscout(),
            faults: Faults::default(),
            random_faults,
            ledger: Ledger::default(),
            switch: Rc::default(),
            objects: BTreeMap::new(),
            open: true,
            largest_medium: media::LARGEST_MEDIUM,
            object_requests: 0,
            requests_by_second: BTreeMap::new(),
            steps: 0,
            cpu_clock: None,
            cpu: Duration::ZERO,
            receivers: Receivers::default(),
            most_events: MOST_EVENTS,
            dice,
            release_dice: Dice::new(0),
            alarm_dice: Dice::new(0),
            program_dice: Dice::new(0),
            erasure_dice: Dice::new(0),
            corrects_replies: false,
            undoes_late: false,
            whatsapp_calls: 0,
            events: BTreeMap::new(),
            alarms: BTreeMap::new(),
            crowd: None,
            made: 0,
            trace: None,
        }
    }

    fn at(&mut self, at: Millis, event: Event) {
        self.made += 1;
        self.events.insert((at.max(self.now), self.made), event);
    }

    fn after(&mut self, wait: Millis, event: Event) {
        self.at(self.now + wait, event);
    }

    /// When something happens next.
    fn next(&self) -> Option<Millis> {
        let services = [self.twilio.next_due(), self.helpscout.next_due()];
        let services = services.into_iter().flatten().map(u64::cast_signed);
        self.events.keys().map(|(at, _)| *at).take(1).chain(services).min()
    }

    /// Lets everything happen that happens until then.
    ///
    /// # Panics
    /// When it never comes to that instant.
    pub fn run_until(&mut self, until: Millis) {
        while let Some(at) = self.next().filter(|at| *at <= until) {
            assert!(self.made < self.most_events, "this world never rests:\n{}", self.last_events(60));
            self.now = self.now.max(at);
            self.collect_webhooks();
            let next = self.events.first_key_value().map(|(key, _)| *key);
            let Some(key) = next.filter(|(at, _)| *at <= self.now) else { continue };
            if let Some(event) = self.events.remove(&key) {
                if let Event::Alarm(name, _) = &event
                    && let Some(alarms) = self.alarms.get_mut(name)
                {
                    alarms.retain(|alarm| *alarm != key);
                }
                self.happen(event);
            }
        }
        self.now = self.now.max(until);
    }

    /// Lets a while pass.
    pub fn run_for(&mut self, millis: Millis) {
        self.run_until(self.now + millis);
    }

    /// The objects, of those that are asked, whose rows hold a text.
    pub fn who_holds(&self, text: &str, is_asked: impl Fn(&Name) -> bool) -> Vec<String> {
        let objects = self.objects.iter().filter(|(name, object)| is_asked(name) && object.store.holds(text));
        objects.map(|(name, _)| name.to_string()).collect()
    }

    /// Runs until nothing is left to happen, at most so many days. Returns whether it came to rest.
    pub fn settle(&mut self, days: i64) -> bool {
        let end = self.now + days * 86_400_000;
        while let Some(at) = self.next().filter(|at| *at <= end) {
            self.run_until(at);
        }
        self.next().is_none()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Alarm(name, at) if self.is_watchdog_alarm(&name) => {
                self.with_alarm_dice(|world| world.wake(&name, at));
            }
            Event::Alarm(name, at) => self.wake(&name, at),
            Event::PendingEffect(effect) => self.run_pending_effect(*effect),
            Event::Watchdog(effect) => self.with_alarm_dice(|world| world.run_pending_effect(*effect)),
            Event::Deliver { service, delivery, first } => self.deliver(service, &delivery, first),
            Event::Taken { service, delivery, outcome } => {
                let now = self.now.cast_unsigned();
                match service {
                    Service::Twilio => self.twilio.answered(now, delivery, outcome),
                    Service::HelpScout => self.helpscout.answered(now, delivery, outcome),
                }
            }
            Event::Act(act) => self.act(act),
        }
    }

    /// Lets something happen by the dice of what concerns alarms.
    fn with_alarm_dice(&mut self, happen: impl FnOnce(&mut Self)) {
        std::mem::swap(&mut self.dice, &mut self.alarm_dice);
        happen(self);
        std::mem::swap(&mut self.dice, &mut self.alarm_dice);
    }

    /// From now on what happens is written down.
    pub fn write_down(&mut self) {
        self.trace = Some(Vec::new());
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{} {}", clock(self.now), line()));
        }
    }

    /// The last lines of what was written down.
    pub fn last_events(&self, count: usize) -> String {
        let trace = self.trace.as_deref().unwrap_or_default();
        trace.get(trace.len().saturating_sub(count)..).unwrap_or_default().join("\n")
    }

    /// A latency from `from` to `to`; always `from` when latencies do not vary.
    fn latency(&mut self, from: Millis, to: Millis) -> Millis {
        if self.random_faults.varies_latency { self.dice.span(from, to) } else { from }
    }
}

impl Drop for World {
    /// Twilio's description judges every world.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(violations(&self.twilio), [""; 0], "requests or answers are not Twilio's");
        }
    }
}

/// How what was said to Twilio, or answered, differs from its OpenAPI description.
pub fn violations(twilio: &Twilio) -> Vec<String> {
    twilio.violations().iter().map(ToString::to_string).collect()
}

/// Seconds since noon.
fn clock(at: Millis) -> String {
    let since = at - NOON;
    format!("{:>6}.{:03}", since / 1_000, since % 1_000)
}
