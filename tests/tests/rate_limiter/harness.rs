//! A rate limiter on its own, with its alarm and its askers.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hotline::config::Config;
use hotline::effects::{
    Asker, Completion, Effect, Grant, Input, Millis, ObjectReply, Outcome, Permit, PermitRequest, Priority,
    RateLimiterName, Refusal, Report, Response, Ticket, Trouble,
};
use hotline::rate_limiter::{self, Message, RateLimiter, StepContext};
use ringside_tests::store::SqliteStore;
use ringside_tests::world::stage::{NOON, Stage};

pub const MINUTE: Millis = 60_000;
pub const LIMIT: i64 = 200;

/// A rate limiter, its alarm, and the instant.
pub struct Limiter {
    pub store: SqliteStore,
    pub config: Config,
    pub name: RateLimiterName,
    pub now: Millis,
    pub alarm: Option<Millis>,
    /// Jobs to which word was sent and that have not come yet.
    pub called: BTreeSet<i64>,
    /// A token is being fetched.
    pub fetching: bool,
    /// How often a token was asked for, and how often the alarm came.
    pub fetches: usize,
    pub alarms: usize,
    /// What was logged.
    pub logged: Vec<&'static str>,
}

impl Limiter {
    pub fn new(name: RateLimiterName) -> Self {
        let store = SqliteStore::in_memory(&Rc::default()).unwrap();
        rate_limiter::migrate(&store).unwrap();
        let (config, called) = (Stage::default().config(), BTreeSet::new());
        Self {
            store,
            config,
            name,
            now: NOON,
            alarm: None,
            called,
            fetching: false,
            fetches: 0,
            alarms: 0,
            logged: Vec::new(),
        }
    }

    /// Help Scout's, with its token.
    pub fn help_scout() -> Self {
        let mut limiter = Self::new(RateLimiterName::HelpScout);
        assert_eq!(limiter.view("Ada"), Permit::Refused(Refusal::Starting));
        assert!(limiter.fetching);
        limiter.token(200, r#"{"access_token":"token","expires_in":172800}"#);
        limiter
    }

    pub fn step(&mut self, input: Input<Message>) -> ObjectReply {
        let ctx = StepContext { store: &self.store, config: &self.config, now: self.now };
        let (reply, effects) = RateLimiter::default().step(&ctx, input).unwrap();
        for effect in effects {
            match effect {
                Effect::Wake(at) => self.alarm = Some(self.alarm.map_or(at, |set| set.min(at)).max(self.now + 1)),
                Effect::PermitReady(asker) => drop(self.called.insert(asker.job)),
                Effect::Send(..) => (self.fetching, self.fetches) = (true, self.fetches + 1),
                Effect::Log(line) => self.logged.push(line.event),
                other => panic!("{other:?}"),
            }
        }
        reply
    }

    pub fn ask(&mut self, request: PermitRequest) -> Permit {
        match self.step(Input::Message(Message::Permit(self.name.clone(), request))) {
            ObjectReply::Permit(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    pub fn wait(&mut self, job: &Job) -> Permit {
        self.called.remove(&job.number);
        self.ask(job.request())
    }

    pub fn view(&mut self, id: &str) -> Permit {
        self.ask(PermitRequest::now_or_never(id.to_owned(), 1, Priority::View))
    }

    pub fn report(&mut self, report: Report) {
        self.step(Input::Message(Message::Report(self.name.clone(), report)));
    }

    pub fn fails(&mut self, request: &PermitRequest, grant: &Grant, trouble: Trouble) {
        let again = Some(request.clone());
        self.report(Report { number: grant.number, trouble: Some(trouble), again, ..Report::default() });
    }

    pub fn token(&mut self, status: u16, body: &str) {
        let response = Response { status, body: body.as_bytes().to_vec(), ..Response::default() };
        self.fetching = false;
        let answered = Completion::Response(Outcome::Answered(response));
        self.step(Input::Completed(Ticket { job: 0, nonce: 0 }, answered));
    }

    /// Lets time pass, alarm by alarm.
    pub fn until(&mut self, at: Millis) {
        while let Some(alarm) = self.alarm.filter(|alarm| *alarm <= at) {
            (self.now, self.alarm, self.alarms) = (self.now.max(alarm), None, self.alarms + 1);
            self.step(Input::Wake);
        }
        self.now = self.now.max(at);
    }

    /// Lets time pass; whoever is sent word comes at once. Returns who got a permit, and when.
    pub fn serve(&mut self, jobs: &[Job], until: Millis) -> Vec<(i64, Millis)> {
        let mut given = Vec::new();
        while self.now < until {
            for number in std::mem::take(&mut self.called) {
                let job = jobs.iter().find(|job| job.number == number).unwrap();
                if let Permit::Granted(_) = self.wait(job) {
                    given.push((number, self.now));
                }
            }
            self.until(self.now + 100);
        }
        given
    }

    /// The clock is set back. The platform's alarm stays where it was.
    pub fn set_back(&mut self, by: Millis) {
        self.now -= by;
    }

    /// How many wait, as the state says.
    pub fn counted(&self) -> i64 {
        let state = self.store.word("SELECT state FROM rate_limiter");
        let state: serde_json::Value =
            state.map_or_else(Default::default, |state| serde_json::from_str(&state).unwrap());
        state["waiting"].as_i64().unwrap_or(0)
    }

    pub fn rows(&self) -> i64 {
        self.store.word("SELECT CAST(COUNT(*) AS TEXT) FROM waiting").unwrap().parse().unwrap()
    }

    pub fn state_length(&self) -> usize {
        self.store.word("SELECT state FROM rate_limiter").unwrap().len()
    }
}

pub fn asker(job: i64) -> Asker {
    Asker { mailbox: 3003, contact: Some(format!("+15550{job:06}")), job }
}

/// A job that needs one permit.
#[derive(Clone, Debug)]
pub struct Job {
    pub number: i64,
    pub since: Millis,
    pub cost: i64,
    pub priority: Priority,
    /// How late it comes when it is told an instant or is sent word; `None` when it never comes.
    pub late: Option<Millis>,
}

impl Job {
    pub fn request(&self) -> PermitRequest {
        PermitRequest::waiting(asker(self.number), self.since, self.cost, self.priority)
    }
}

/// A permit that was given.
#[derive(Clone, Debug)]
pub struct Given {
    pub at: Millis,
    pub number: i64,
    pub since: Millis,
    pub cost: i64,
    pub priority: Priority,
}

/// Lets all jobs ask, and come again as they are told, until nothing happens any more. `pauses`: a 429 at an instant, and
/// for how long.
pub fn live(limiter: &mut Limiter, jobs: &[Job], pauses: &[(Millis, Millis)]) -> Vec<Given> {
    let mut due: BTreeMap<(Millis, i64), &Job> = jobs.iter().map(|job| ((job.since, job.number), job)).collect();
    let mut pauses: Vec<(Millis, Millis)> = pauses.to_vec();
    pauses.sort_unstable();
    let (mut given, mut done): (Vec<Given>, BTreeSet<i64>) = (Vec::new(), BTreeSet::new());
    let end = limiter.now + 60 * MINUTE;
    loop {
        let next = due.first_key_value().map(|((at, _), _)| *at);
        let pause = pauses.first().map(|(at, _)| *at);
        let Some(at) = [next, pause, limiter.alarm].into_iter().flatten().min().filter(|at| *at <= end) else { break };
        limiter.until(at);
        if let Some((at, wait)) = pauses.first().copied().filter(|(at, _)| *at <= limiter.now) {
            limiter.report(Report { pause: Some(wait), ..Report::default() });
            pauses.retain(|(other, _)| *other != at);
        }
        while let Some(((at, _), job)) = due.first_key_value().map(|(key, job)| (*key, *job)) {
            if at > limiter.now {
                break;
            }
            due.pop_first();
            if done.contains(&job.number) {
                continue;
            }
            match limiter.wait(job) {
                Permit::Granted(_) => {
                    done.insert(job.number);
                    let Job { number, since, cost, priority, .. } = *job;
                    given.push(Given { at: limiter.now, number, since, cost, priority });
                }
                Permit::ReservedAt(at) => drop(job.late.map(|late| due.insert((at + late, job.number), job))),
                other @ Permit::Refused(_) => panic!("{other:?}"),
            }
        }
        for number in std::mem::take(&mut limiter.called) {
            let job = jobs.iter().find(|job| job.number == number).unwrap();
            if let Some(late) = job.late {
                due.insert((limiter.now + late, number), job);
            }
        }
    }
    given
}

pub fn text(number: i64) -> Job {
    Job { number, since: NOON + number, cost: 2, priority: Priority::Conversation, late: Some(0) }
}

/// A service that is away, with so many who wait.
pub fn away(waiting: i64) -> (Limiter, Vec<Job>) {
    let mut limiter = Limiter::help_scout();
    let jobs: Vec<Job> = (0..waiting).map(text).collect();
    for job in jobs.iter().take(3) {
        let Permit::Granted(grant) = limiter.wait(job) else { panic!("it was there") };
        limiter.fails(&job.request(), &grant, Trouble::Unreachable);
    }
    for job in &jobs {
        assert!(matches!(limiter.wait(job), Permit::ReservedAt(at) if at >= NOON + 20 * MINUTE));
    }
    (limiter, jobs)
}

pub const HOUR: Millis = 60 * MINUTE;
