//! What a rate limiter promises, whoever asks whenever: the real rules on real SQLite, and askers who come in time, late,
//! or never.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hotline::config::Config;
use hotline::effects::{
    Asker, Completion, Effect, Grant, Input, Millis, ObjectReply, Outcome, Permit, PermitRequest, Priority,
    RateLimiterName, Refusal, Report, Response, Ticket, Trouble,
};
use hotline::rate_limiter::{self, Message, RateLimiter, StepContext};
use proptest::prelude::*;
use protocol::health::ServiceHealth;
use ringside_tests::store::SqliteStore;
use ringside_tests::world::stage::{NOON, Stage};

const MINUTE: Millis = 60_000;
const LIMIT: i64 = 200;

/// A rate limiter, its alarm, and the instant.
struct Limiter {
    store: SqliteStore,
    config: Config,
    name: RateLimiterName,
    now: Millis,
    alarm: Option<Millis>,
    /// Jobs to which word was sent and that have not come yet.
    called: BTreeSet<i64>,
    /// A token is being fetched.
    fetching: bool,
    /// How often a token was asked for, and how often the alarm came.
    fetches: usize,
    alarms: usize,
    /// What was logged.
    logged: Vec<&'static str>,
}

impl Limiter {
    fn new(name: RateLimiterName) -> Self {
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
    fn help_scout() -> Self {
        let mut limiter = Self::new(RateLimiterName::HelpScout);
        assert_eq!(limiter.view("Ada"), Permit::Refused(Refusal::Starting));
        assert!(limiter.fetching);
        limiter.token(200, r#"{"access_token":"token","expires_in":172800}"#);
        limiter
    }

    fn step(&mut self, input: Input<Message>) -> ObjectReply {
        let ctx = StepContext { store: &self.store, config: &self.config, now: self.now };
        let (reply, effects) = RateLimiter.step(&ctx, input).unwrap();
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

    fn ask(&mut self, request: PermitRequest) -> Permit {
        match self.step(Input::Message(Message::Permit(self.name.clone(), request))) {
            ObjectReply::Permit(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    fn wait(&mut self, job: &Job) -> Permit {
        self.called.remove(&job.number);
        self.ask(job.request())
    }

    fn view(&mut self, id: &str) -> Permit {
        self.ask(PermitRequest::now_or_never(id.to_owned(), 1, Priority::View))
    }

    fn report(&mut self, report: Report) {
        self.step(Input::Message(Message::Report(self.name.clone(), report)));
    }

    fn fails(&mut self, request: &PermitRequest, grant: &Grant, trouble: Trouble) {
        let again = Some(request.clone());
        self.report(Report { number: grant.number, trouble: Some(trouble), again, ..Report::default() });
    }

    fn token(&mut self, status: u16, body: &str) {
        let response = Response { status, body: body.as_bytes().to_vec(), ..Response::default() };
        self.fetching = false;
        let answered = Completion::Response(Outcome::Answered(response));
        self.step(Input::Completed(Ticket { job: 0, nonce: 0 }, answered));
    }

    /// Lets time pass, alarm by alarm.
    fn until(&mut self, at: Millis) {
        while let Some(alarm) = self.alarm.filter(|alarm| *alarm <= at) {
            (self.now, self.alarm, self.alarms) = (self.now.max(alarm), None, self.alarms + 1);
            self.step(Input::Wake);
        }
        self.now = self.now.max(at);
    }

    /// Lets time pass; whoever is sent word comes at once. Returns who got a permit, and when.
    fn serve(&mut self, jobs: &[Job], until: Millis) -> Vec<(i64, Millis)> {
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
    fn set_back(&mut self, by: Millis) {
        self.now -= by;
    }

    /// How many wait, as the state says.
    fn counted(&self) -> i64 {
        let state = self.store.word("SELECT state FROM rate_limiter");
        let state: serde_json::Value =
            state.map_or_else(Default::default, |state| serde_json::from_str(&state).unwrap());
        state["waiting"].as_i64().unwrap_or(0)
    }

    fn rows(&self) -> i64 {
        self.store.word("SELECT CAST(COUNT(*) AS TEXT) FROM waiting").unwrap().parse().unwrap()
    }

    fn state_length(&self) -> usize {
        self.store.word("SELECT state FROM rate_limiter").unwrap().len()
    }
}

fn asker(job: i64) -> Asker {
    Asker { mailbox: 3003, contact: Some(format!("+15550{job:06}")), job }
}

/// A job that needs one permit.
#[derive(Clone, Debug)]
struct Job {
    number: i64,
    since: Millis,
    cost: i64,
    priority: Priority,
    /// How late it comes when it is told an instant or is sent word; `None` when it never comes.
    late: Option<Millis>,
}

impl Job {
    fn request(&self) -> PermitRequest {
        PermitRequest::waiting(asker(self.number), self.since, self.cost, self.priority)
    }
}

/// A permit that was given.
#[derive(Clone, Debug)]
struct Given {
    at: Millis,
    number: i64,
    since: Millis,
    cost: i64,
    priority: Priority,
}

/// Lets all jobs ask, and come again as they are told, until nothing happens any more. `pauses`: a 429 at an instant, and
/// for how long.
fn live(limiter: &mut Limiter, jobs: &[Job], pauses: &[(Millis, Millis)]) -> Vec<Given> {
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

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![Just(Priority::Conversation), Just(Priority::Receipt), Just(Priority::Bulk)]
}

fn jobs(most: usize) -> impl Strategy<Value = Vec<Job>> {
    let late = prop_oneof![8 => (0..300i64).prop_map(Some), 1 => (0..30_000i64).prop_map(Some), 1 => Just(None)];
    let job = (0..90_000i64, 1..3i64, priority(), late);
    prop::collection::vec(job, 1..most).prop_map(|jobs| {
        let job = |(at, (since, cost, priority, late))| Job {
            number: i64::try_from(at).unwrap() + 1,
            since: NOON + since,
            cost,
            priority,
            late,
        };
        jobs.into_iter().enumerate().map(job).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_sixty_seconds_hold_more_than_the_limit_and_nothing_leaves_in_a_pause(
        jobs in jobs(400),
        pauses in prop::collection::vec((0..200_000i64, 1_000..60_000i64), 0..3),
    ) {
        let pauses: Vec<_> = pauses.into_iter().map(|(at, wait)| (NOON + at, wait)).collect();
        let mut limiter = Limiter::help_scout();
        let given = live(&mut limiter, &jobs, &pauses);
        for end in &given {
            let minute = given.iter().filter(|given| given.at <= end.at && given.at > end.at - MINUTE);
            let used: i64 = minute.map(|given| given.cost).sum();
            prop_assert!(used <= LIMIT, "{used} in the minute that ends {} ms after noon", end.at - NOON);
            for (at, wait) in &pauses {
                prop_assert!(end.at <= *at || end.at >= at + wait, "{} left in a pause", end.at - NOON);
            }
        }
        let come = jobs.iter().filter(|job| job.late.is_some()).count();
        prop_assert!(given.len() >= come, "{} of {come} got theirs", given.len());
        prop_assert_eq!(limiter.rows(), 0, "who never comes is not waited for for ever");
    }

    #[test]
    fn of_one_class_the_older_goes_first_and_no_class_waits_for_a_later_one(jobs in jobs(300)) {
        let jobs: Vec<Job> = jobs.into_iter().map(|job| Job { late: Some(1), ..job }).collect();
        let given = live(&mut Limiter::help_scout(), &jobs, &[]);
        prop_assert_eq!(given.len(), jobs.len());
        for (at, later) in given.iter().enumerate() {
            for earlier in &given[..at] {
                let waited = earlier.at > later.since;
                // Those who are told an instant, or were sent word at once, may come in any order within it.
                let overtaken = later.at - earlier.at > 11_000;
                let older = earlier.priority == later.priority && earlier.since > later.since;
                prop_assert!(!(waited && overtaken && older), "{earlier:?} overtook {later:?}");
            }
        }
        // A lower class uses what is left: while one of a higher class waits, at most what was promised before leaves.
        for high in given.iter().filter(|given| given.at > given.since + 1_000) {
            let lower = given.iter().filter(|low| low.priority > high.priority);
            let between = lower.filter(|low| low.at > high.since + 11_000 && low.at < high.at).count();
            prop_assert!(between <= 1, "{between} of a lower class left while {high:?} waited");
        }
    }

    #[test]
    fn files_for_which_room_is_kept_stay_within_the_limit(
        steps in prop::collection::vec((0..600i64, 0..4u8, 0..20u64), 100..800),
    ) {
        let mut limiter = Limiter::help_scout();
        let mut spent: Vec<(Millis, i64)> = Vec::new();
        for (number, (wait, kind, attachment)) in (1..).zip(steps) {
            limiter.until(limiter.now + wait);
            let since = limiter.now;
            let request = match kind {
                0 | 1 => Job { since, ..text(number) }.request(),
                2 => PermitRequest { keeps: vec![PermitRequest::file(attachment).id], ..reading(number) },
                _ => PermitRequest::file(attachment),
            };
            let cost = request.cost;
            if let Permit::Granted(_) = limiter.ask(request) {
                spent.push((since, cost));
            }
            let held: i64 = spent.iter().filter(|(at, _)| *at > since - MINUTE).map(|(_, cost)| cost).sum();
            prop_assert!(held <= LIMIT, "{held} in the minute that ends {} ms after noon", since - NOON);
        }
    }

    #[test]
    fn whatever_happened_who_waits_gets_a_permit_within_minutes_once_the_service_answers(
        steps in prop::collection::vec((0..20_000i64, 0..12u8, 1..20i64), 1..200),
    ) {
        let mut limiter = Limiter::new(RateLimiterName::HelpScout);
        let mut waiting: BTreeMap<i64, PermitRequest> = BTreeMap::new();
        let mut under_way: Vec<(PermitRequest, Grant)> = Vec::new();
        let mut elapsed = 0;
        for (wait, kind, number) in steps {
            let request = Job { since: limiter.now, cost: 1 + number % 2, ..text(number) }.request();
            match kind {
                0..=3 => match limiter.ask(request.clone()) {
                    Permit::Granted(grant) => {
                        waiting.remove(&number);
                        under_way.push((request, grant));
                    }
                    _ => drop(waiting.insert(number, request)),
                },
                4 => limiter.set_back(wait * 100),
                5 => limiter.alarm = None,
                6 if limiter.fetching => limiter.token(500, ""),
                6 | 7 if limiter.fetching => limiter.token(200, r#"{"access_token":"token","expires_in":600}"#),
                8 => limiter.report(Report { pause: Some(wait), ..Report::default() }),
                _ if under_way.is_empty() => {}
                _ => {
                    let (request, grant) = under_way.swap_remove(usize::try_from(number).unwrap() % under_way.len());
                    let report = Report { number: grant.number, again: Some(request), ..Report::default() };
                    let trouble = [Trouble::Silent, Trouble::Failing, Trouble::TokenRefused][usize::try_from(number % 3).unwrap()];
                    limiter.report(match kind {
                        9 => Report { answered: true, remaining: Some(number), ..report },
                        10 if trouble == Trouble::TokenRefused => Report { refused_token: Some(grant.token), ..report },
                        _ => Report { trouble: Some(trouble), ..report },
                    });
                }
            }
            limiter.until(limiter.now + wait);
            elapsed += wait;
            prop_assert_eq!(limiter.rows(), limiter.counted(), "what is remembered is what there is");
        }
        // From now on everything is answered, and whoever is sent word comes. Something wakes the object now and then.
        let end = limiter.now + 5 * MINUTE;
        while limiter.now < end && !waiting.is_empty() {
            if limiter.fetching {
                limiter.token(200, r#"{"access_token":"token"}"#);
            }
            if limiter.now % 10_000 < 200 {
                limiter.view("Ada");
            }
            for number in std::mem::take(&mut limiter.called) {
                let Some(request) = waiting.get(&number).cloned() else { continue };
                if let Permit::Granted(grant) = limiter.ask(request.clone()) {
                    waiting.remove(&number);
                    let again = Some(request);
                    limiter.report(Report { number: grant.number, answered: true, remaining: Some(150), again, ..Report::default() });
                }
            }
            limiter.until(limiter.now + 100);
        }
        prop_assert!(waiting.is_empty(), "{} wait: {:?}", waiting.len(), waiting.keys());
        let seconds = usize::try_from(elapsed / 1_000).unwrap();
        prop_assert!(limiter.alarms <= 4 * seconds + 50, "{} alarms in {seconds} s", limiter.alarms);
    }

    #[test]
    fn the_state_does_not_grow(jobs in jobs(300), views in 0..400usize) {
        let mut limiter = Limiter::help_scout();
        for view in 0..views {
            limiter.view(&view.to_string());
        }
        live(&mut limiter, &jobs, &[]);
        limiter.view("one more");
        prop_assert!(limiter.state_length() < 10_000, "{} bytes", limiter.state_length());
    }
}

fn text(number: i64) -> Job {
    Job { number, since: NOON + number, cost: 2, priority: Priority::Conversation, late: Some(0) }
}

#[test]
fn the_same_job_pays_for_each_permit() {
    let mut limiter = Limiter::help_scout();
    let left = |permit| if let Permit::Granted(Grant { left, .. }) = permit { left } else { panic!("{permit:?}") };
    let job = text(1);
    let lefts: Vec<i64> = (0..3).map(|_| left(limiter.wait(&job))).collect();
    assert_eq!(lefts, [198, 196, 194]);
}

#[test]
fn a_full_minute_of_receipts_delays_no_text() {
    let mut limiter = Limiter::help_scout();
    let receipts: Vec<Job> = (0..300).map(|number| Job { priority: Priority::Receipt, ..text(number) }).collect();
    let waiting = receipts.iter().filter(|job| matches!(limiter.wait(job), Permit::ReservedAt(_))).count();
    assert_eq!(waiting, 300 - 80, "four fifths of the minute, two each");
    for number in 1_000..1_020 {
        assert!(matches!(limiter.wait(&text(number)), Permit::Granted(_)), "{number}");
    }
}

#[test]
fn who_looks_again_and_again_gets_two_permits_a_minute_and_leaves_the_rest_to_texts() {
    let mut limiter = Limiter::help_scout();
    let granted = |permit: &Permit| matches!(permit, Permit::Granted(_));
    assert_eq!((0..1_500).filter(|_| granted(&limiter.view("agent/4999"))).count(), 2);
    assert_eq!((0..8_000).filter(|other| granted(&limiter.view(&format!("agent/{other}")))).count(), 98);
    assert!(granted(&limiter.wait(&text(1))));
    assert_eq!(limiter.rows(), 0, "nothing is kept for who cannot wait");
    limiter.until(NOON + 2 * MINUTE);
    assert!(granted(&limiter.view("agent/4999")));
}

#[test]
fn while_the_token_is_away_nobody_but_the_rate_limiter_asks_for_it() {
    let mut limiter = Limiter::new(RateLimiterName::HelpScout);
    let jobs: Vec<Job> = (0..50).map(text).collect();
    for job in &jobs {
        assert!(matches!(limiter.wait(job), Permit::ReservedAt(_)));
    }
    let mut fetched = 0;
    while limiter.now < NOON + 10 * MINUTE {
        if std::mem::take(&mut limiter.fetching) {
            fetched += 1;
            limiter.token(401, r#"{"error":"invalid_client"}"#);
        }
        limiter.until(limiter.now + 1_000);
    }
    assert_eq!(fetched, 10, "once a minute");
    assert!(limiter.called.is_empty());
    assert_eq!(limiter.view("Ada"), Permit::Refused(Refusal::Away));
    let health = rate_limiter::health(&limiter.store).unwrap();
    assert_eq!(health.waiting_at(3003), (50, Some(NOON)));
    let reason = health.view().reason.unwrap_or_default();
    assert!(reason.contains("HELPSCOUT_APP_SECRET"), "{reason}");
    limiter.until(limiter.now + MINUTE);
    limiter.token(200, r#"{"access_token":"token"}"#);
    let back = limiter.now;
    limiter.until(back + 10_000);
    assert_eq!(limiter.called.len(), 50);
    let healthy = ServiceHealth { available: true, ..ServiceHealth::default() };
    assert_eq!(rate_limiter::health(&limiter.store).unwrap().view(), healthy);
}

#[test]
fn a_token_is_renewed_before_it_ends_while_the_old_one_serves() {
    let mut limiter = Limiter::help_scout();
    limiter.until(NOON + 86_400_000);
    assert!(matches!(limiter.wait(&text(1)), Permit::Granted(_)));
    assert!(std::mem::take(&mut limiter.fetching), "at half its life");
    assert!(matches!(limiter.wait(&text(2)), Permit::Granted(_)));
    assert!(!limiter.fetching, "once");
    limiter.token(500, "");
    assert!(matches!(limiter.wait(&text(3)), Permit::Granted(_)), "the old one still serves");
}

/// A service that is away, with so many who wait.
fn away(waiting: i64) -> (Limiter, Vec<Job>) {
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

#[test]
fn while_a_service_is_away_one_request_every_five_seconds_goes_to_look() {
    let (mut limiter, jobs) = away(100);
    let mut probes = Vec::new();
    while limiter.now < NOON + 10 * MINUTE {
        limiter.until(limiter.now + 100);
        for number in std::mem::take(&mut limiter.called) {
            let job = &jobs[usize::try_from(number).unwrap()];
            if let Permit::Granted(grant) = limiter.wait(job) {
                assert!(grant.confirm);
                probes.push(number);
                limiter.fails(&job.request(), &grant, Trouble::Failing);
            }
        }
    }
    assert!((118..=121).contains(&probes.len()), "{} probes", probes.len());
    assert!(probes.iter().collect::<BTreeSet<_>>().len() >= 20, "not always the same: {probes:?}");
    assert_eq!(rate_limiter::health(&limiter.store).unwrap().waiting_at(3003).0, 100);
}

#[test]
fn when_it_is_back_all_are_sent_word_within_seconds_the_oldest_first() {
    let (mut limiter, jobs) = away(90);
    while limiter.called.is_empty() {
        limiter.until(limiter.now + 100);
    }
    let first = *limiter.called.iter().next().expect("one is sent word");
    let probe = &jobs[usize::try_from(first).unwrap()];
    let Permit::Granted(grant) = limiter.wait(probe) else { panic!("it goes to look") };
    let again = Some(probe.request());
    limiter.report(Report { number: grant.number, answered: true, again, ..Report::default() });
    let back = limiter.now;
    let mut order: Vec<i64> = Vec::new();
    while limiter.now < back + 20_000 {
        for number in std::mem::take(&mut limiter.called) {
            assert!(matches!(limiter.wait(&jobs[usize::try_from(number).unwrap()]), Permit::Granted(_)));
            order.push(number);
        }
        limiter.until(limiter.now + 100);
    }
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.len(), 89, "all but the one that went to look");
    assert!(limiter.rows() == 0 && limiter.alarm.is_none_or(|at| at > limiter.now));
}

#[test]
fn a_sender_takes_the_higher_class_first_and_delays_it_by_one_text_at_most() {
    let name = RateLimiterName::Sender { sender: "+15550100001".to_owned(), per_second: 1 };
    let mut limiter = Limiter::new(name);
    let bulk = (1..200).map(|number| Job { cost: 1, priority: Priority::Bulk, ..text(number) });
    let replies = (200..205).map(|number| Job { cost: 1, since: NOON + 30_500, ..text(number) });
    let jobs: Vec<Job> = bulk.chain(replies).collect();
    let given = live(&mut limiter, &jobs, &[]);
    assert_eq!(given.len(), jobs.len());
    assert!(given.windows(2).all(|pair| pair[1].at - pair[0].at >= 1_000), "one a second");
    let replies: Vec<Millis> = given.iter().filter(|given| given.number >= 200).map(|it| it.at - NOON).collect();
    assert!(replies[0] <= 32_000 && replies[4] <= 36_000, "{replies:?}");
    let bulk: Vec<Millis> = given.iter().filter(|given| given.number < 200).map(|it| it.since).collect();
    assert!(bulk.is_sorted());
    let last = given.iter().map(|given| given.at).max().unwrap();
    assert!(last < NOON + 230_000, "{} ms: nothing is wasted", last - NOON);
}

#[test]
fn what_the_release_before_has_granted_counts_and_its_phones_stay_held() {
    let gate = "INSERT INTO gate VALUES (1, ?, 100, 0, NULL, NULL, 'old', ?, 0)";
    let mut limiter = Limiter::new(RateLimiterName::HelpScout);
    let run = |limiter: &Limiter, grants: String| {
        let until = NOON + 3_600_000;
        hotline::storage::Store::execute(&limiter.store, gate, &[(&grants).into(), until.into()]).unwrap();
    };
    run(&limiter, format!("{}:2:17 {}:60:18 {}:2:19", NOON - 70_000, NOON - 1_000, NOON + 30_000));
    let Permit::Granted(grant) = limiter.wait(&text(1)) else { panic!("there is a token") };
    assert_eq!((grant.token.as_str(), grant.left, grant.limit), ("old", 38, 100));

    let mut phone = Limiter::new(RateLimiterName::Phone { number: "+15550100201".to_owned() });
    // FNV-1a of "one/0", as the release before has kept it.
    let hash = "one/0".bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    run(&phone, format!("{NOON}:90:{hash}"));
    let hold = |phone: &mut Limiter, id: &str| phone.ask(PermitRequest::now_or_never(id.into(), 90, Priority::View));
    assert_eq!(hold(&mut phone, "two/0"), Permit::ReservedAt(NOON + 90_000));
    phone.report(Report { over: Some("one/0".to_owned()), ..Report::default() });
    assert!(matches!(hold(&mut phone, "two/0"), Permit::Granted(_)));
}

fn file(limiter: &mut Limiter, attachment: u64) -> Permit {
    limiter.ask(PermitRequest::file(attachment))
}

/// The reading of a reply, with three files.
fn reading(number: i64) -> PermitRequest {
    let keeps = (1..4).map(|attachment| PermitRequest::file(attachment).id).collect();
    PermitRequest { cost: 1, keeps, ..text(number).request() }
}

#[test]
fn room_that_is_kept_for_files_is_there_whoever_waits_and_for_them_alone() {
    let granted = |permit: Permit| matches!(permit, Permit::Granted(_));
    let mut limiter = Limiter::help_scout();
    assert_eq!((0..98).filter(|number| granted(limiter.wait(&text(*number)))).count(), 98);
    assert!(granted(limiter.ask(reading(200))));
    // Asked for again, as for the reply's next page, the same room is kept; there is none for the page.
    assert!(!granted(limiter.ask(reading(200))));
    for number in 300..320 {
        assert!(!granted(limiter.wait(&text(number))), "{number}");
    }
    assert_eq!(file(&mut limiter, 9), Permit::Refused(Refusal::Busy), "no room is kept for it");
    for attachment in [1, 2] {
        assert!(granted(file(&mut limiter, attachment)), "{attachment}");
        assert!(!granted(file(&mut limiter, attachment)), "{attachment} once");
    }
    // The third never comes, and its room goes to others in the end.
    limiter.until(NOON + 63_000);
    assert!(!limiter.called.is_empty());
    assert!(granted(limiter.wait(&text(300))));

    let mut paused = Limiter::help_scout();
    assert!(granted(paused.ask(reading(1))));
    paused.report(Report { pause: Some(10_000), ..Report::default() });
    assert_eq!(file(&mut paused, 1), Permit::Refused(Refusal::Busy), "a 429 is obeyed");
}

#[test]
fn who_needs_room_for_files_waits_until_all_of_it_is_there() {
    let mut limiter = Limiter::help_scout();
    for number in 0..99 {
        assert!(matches!(limiter.wait(&text(number)), Permit::Granted(_)));
    }
    assert!(matches!(limiter.ask(reading(200)), Permit::ReservedAt(_)));
    let mut calls = 0;
    while limiter.now < NOON + 61_000 {
        calls += std::mem::take(&mut limiter.called).len();
        limiter.until(limiter.now + 100);
    }
    assert_eq!(calls, 0, "two are left, and four are needed");
    limiter.until(NOON + 65_000);
    assert_eq!(limiter.called.iter().collect::<Vec<_>>(), [&200]);
    assert!(matches!(limiter.ask(reading(200)), Permit::Granted(_)));
}

#[test]
fn a_file_is_opened_ten_times_a_minute_and_leaves_the_rest_to_texts() {
    let mut limiter = Limiter::help_scout();
    let opened = (0..1_500).filter(|_| matches!(file(&mut limiter, 1), Permit::Granted(_))).count();
    assert_eq!(opened, 10);
    assert!(matches!(limiter.wait(&text(1)), Permit::Granted(Grant { left: 188, .. })));
}

const HOUR: Millis = 60 * MINUTE;

#[test]
fn a_clock_that_is_set_back_leaves_a_minute_as_full_as_it_was_and_no_fuller() {
    let mut limiter = Limiter::help_scout();
    let jobs: Vec<Job> = (0..150).map(text).collect();
    assert_eq!(jobs.iter().filter(|job| matches!(limiter.wait(job), Permit::Granted(_))).count(), 100);
    limiter.set_back(HOUR);
    let since = limiter.now;
    assert!(matches!(limiter.view("Ada"), Permit::Refused(Refusal::Busy)));
    let given = limiter.serve(&jobs, since + 2 * MINUTE);
    assert_eq!(given.len(), 50, "those who waited");
    assert!(given.iter().all(|(_, at)| *at >= since + MINUTE), "{given:?}");
}

#[test]
fn a_clock_that_is_set_back_prolongs_neither_a_pause_nor_an_outage_nor_a_fetch_of_the_token() {
    let mut paused = Limiter::help_scout();
    paused.report(Report { pause: Some(30_000), ..Report::default() });
    paused.set_back(HOUR);
    let since = paused.now;
    assert!(matches!(paused.wait(&text(1)), Permit::ReservedAt(_)));
    let given = paused.serve(&[text(1)], since + 31_000);
    assert!(matches!(given[..], [(1, at)] if at >= since + 30_000), "{given:?}");

    let (mut down, jobs) = away(10);
    down.set_back(HOUR);
    let since = down.now;
    assert!(matches!(down.wait(&jobs[9]), Permit::ReservedAt(_)));
    assert!(!down.serve(&jobs, since + 6_000).is_empty(), "a probe");

    let mut starting = Limiter::new(RateLimiterName::HelpScout);
    assert!(matches!(starting.wait(&text(1)), Permit::ReservedAt(_)));
    assert!(std::mem::take(&mut starting.fetching), "its answer is lost");
    starting.set_back(HOUR);
    let since = starting.now;
    starting.view("Ada");
    starting.until(since + 13_000);
    assert!(starting.fetching, "it is fetched again");
}

#[test]
fn a_clock_that_is_set_back_holds_a_phone_and_a_sender_no_longer() {
    let mut phone = Limiter::new(RateLimiterName::Phone { number: "+15550100201".to_owned() });
    let hold = |phone: &mut Limiter, id: &str| phone.ask(PermitRequest::now_or_never(id.into(), 90, Priority::View));
    hold(&mut phone, "one/0");
    phone.set_back(HOUR);
    assert_eq!(hold(&mut phone, "two/0"), Permit::ReservedAt(phone.now + 90_000));

    let name = RateLimiterName::Sender { sender: "+15550100001".to_owned(), per_second: 1 };
    let mut sender = Limiter::new(name);
    assert!(matches!(sender.wait(&Job { cost: 5, ..text(1) }), Permit::Granted(_)));
    sender.set_back(HOUR);
    assert_eq!(sender.wait(&text(2)), Permit::ReservedAt(sender.now + 5_000));
}

#[test]
fn who_waits_is_told_though_the_alarm_was_lost() {
    let mut limiter = Limiter::help_scout();
    let receipts: Vec<Job> = (0..150).map(|number| Job { priority: Priority::Receipt, ..text(number) }).collect();
    assert_eq!(receipts.iter().filter(|job| matches!(limiter.wait(job), Permit::ReservedAt(_))).count(), 70);
    limiter.alarm = None;
    // What wakes the object is others, who get their permits at once.
    let mut given = Vec::new();
    for number in 1_000..1_015 {
        given.extend(limiter.serve(&receipts, limiter.now + 10_000));
        assert!(matches!(limiter.wait(&text(number)), Permit::Granted(_)));
    }
    assert_eq!(given.len(), 70, "all within three minutes");
}

#[test]
fn after_a_429_that_others_caused_one_goes_first_and_the_rest_when_it_is_known_what_is_left() {
    let mut limiter = Limiter::help_scout();
    limiter.report(Report { pause: Some(30_000), ..Report::default() });
    let jobs: Vec<Job> = (0..100).map(text).collect();
    for job in &jobs {
        assert!(matches!(limiter.wait(job), Permit::ReservedAt(_)));
    }
    assert!(limiter.serve(&jobs, NOON + 30_000).is_empty());
    let first = limiter.serve(&jobs, NOON + 33_000);
    assert!(matches!(first[..], [(0, _)]), "{first:?}");
    assert_eq!(limiter.view("Ada"), Permit::Refused(Refusal::Busy));
    // Its answer is lost: another one goes.
    let second = limiter.serve(&jobs, NOON + 37_000);
    assert!(matches!(second[..], [(1, _)]), "{second:?}");
    // Others have used most of the minute.
    limiter.report(Report { number: 4, remaining: Some(7), answered: true, ..Report::default() });
    assert_eq!(limiter.serve(&jobs, NOON + 60_000).len(), 3, "seven are left, and each costs two");
    // They have used all of it, and so their minute ends with one again.
    limiter.report(Report { number: 10, remaining: Some(0), answered: true, ..Report::default() });
    assert!(limiter.serve(&jobs, NOON + 119_000).is_empty());
    assert_eq!(limiter.serve(&jobs, NOON + 123_000).len(), 1);
    limiter.report(Report { number: 12, remaining: Some(198), answered: true, ..Report::default() });
    assert_eq!(limiter.serve(&jobs, NOON + 140_000).len(), 94, "nobody else asks any more");
}

#[test]
fn a_service_that_says_wait_a_second_again_and_again_is_asked_ever_more_seldom() {
    let mut limiter = Limiter::help_scout();
    let mut ask = |limiter: &mut Limiter, number: i64, answered: Report| {
        let Permit::Granted(grant) = limiter.wait(&text(number)) else { return false };
        limiter.report(Report { number: grant.number, again: Some(text(number).request()), ..answered });
        true
    };
    let refused = || Report { pause: Some(1_000), ..Report::default() };
    let asked = |limiter: &mut Limiter, ask: &mut dyn FnMut(&mut Limiter, i64, Report) -> bool| {
        let until = limiter.now + 10 * MINUTE;
        let mut asked = 0;
        while limiter.now < until {
            asked += i64::from(ask(limiter, 1, refused()));
            // Reads are answered all the while.
            let read = Some(PermitRequest { cost: 1, ..text(2).request() });
            limiter.report(Report { answered: true, remaining: Some(150), again: read, ..Report::default() });
            limiter.until(limiter.now + 500);
        }
        asked
    };
    assert!((10..=17).contains(&asked(&mut limiter, &mut ask)), "six within the first minute, and then one a minute");
    // It takes one.
    while !ask(&mut limiter, 1, Report { answered: true, remaining: Some(190), ..Report::default() }) {
        limiter.until(limiter.now + 500);
    }
    assert!(ask(&mut limiter, 1, refused()));
    limiter.until(limiter.now + 1_000);
    assert!(ask(&mut limiter, 1, refused()), "it is as good as its word");
}

/// As others' circuit breakers did not: opossum 276, resilience4j 935.
#[test]
fn a_probe_that_is_never_answered_keeps_no_other_from_looking() {
    let (mut limiter, jobs) = away(10);
    let probes = limiter.serve(&jobs, NOON + 2 * MINUTE);
    assert!((20..=25).contains(&probes.len()), "{} probes, one every five seconds", probes.len());
    // One of them is answered at last.
    let answered = Some(jobs[0].request());
    limiter.report(Report { number: 1_000, answered: true, again: answered, ..Report::default() });
    assert!(rate_limiter::health(&limiter.store).unwrap().view().available);
    let now = limiter.now;
    assert!(limiter.serve(&jobs, now + 30_000).len() >= 9 && limiter.rows() == 0, "{} wait", limiter.rows());
}

/// As others' clients did not: all of them asked for a token of their own, or the first token that came was thrown away.
#[test]
fn fifty_requests_with_a_token_that_was_revoked_bring_one_new_token_and_no_outage() {
    let mut limiter = Limiter::help_scout();
    let jobs: Vec<Job> = (0..50).map(text).collect();
    let refuse = |limiter: &mut Limiter, job: &Job, number: i64| {
        let refused_token = Some("token".to_owned());
        limiter.report(Report { number, refused_token, again: Some(job.request()), ..Report::default() });
    };
    for job in &jobs {
        assert!(matches!(limiter.wait(job), Permit::Granted(_)));
    }
    limiter.fetches = 0;
    jobs.iter().take(25).zip(1..).for_each(|(job, number)| refuse(&mut limiter, job, 2 * number));
    assert!(jobs.iter().take(25).all(|job| matches!(limiter.wait(job), Permit::ReservedAt(_))));
    limiter.token(200, r#"{"access_token":"another","expires_in":172800}"#);
    jobs.iter().skip(25).zip(26..).for_each(|(job, number)| refuse(&mut limiter, job, 2 * number));
    assert_eq!(limiter.fetches, 1);
    assert!(rate_limiter::health(&limiter.store).unwrap().view().available);
    assert!(jobs.iter().all(|job| matches!(limiter.wait(job), Permit::Granted(grant) if grant.token == "another")));
}

/// A plan may be changed while requests are under way, and a service may say nonsense.
#[test]
fn a_limit_that_shrinks_below_what_was_used_blocks_nobody_for_ever() {
    for (limit, remaining) in [(50, -10), (1, 0), (0, 0), (-5, -5)] {
        let mut limiter = Limiter::help_scout();
        let jobs: Vec<Job> = (0..60).map(text).collect();
        assert!(jobs.iter().all(|job| matches!(limiter.wait(job), Permit::Granted(_))));
        limiter.report(Report { number: 120, limit: Some(limit), remaining: Some(remaining), ..Report::default() });
        let late = Job { since: limiter.now, ..text(100) };
        assert!(matches!(limiter.wait(&late), Permit::ReservedAt(_)), "{limit}");
        let now = limiter.now;
        assert_eq!(limiter.serve(&[late], now + 2 * MINUTE).len(), 1, "{limit}");
    }
}

#[test]
fn a_token_endpoint_that_says_wait_a_second_is_not_asked_every_second() {
    let mut limiter = Limiter::new(RateLimiterName::HelpScout);
    assert!(matches!(limiter.wait(&text(1)), Permit::ReservedAt(_)));
    let mut fetched = 0;
    while limiter.now < NOON + 10 * MINUTE {
        if std::mem::take(&mut limiter.fetching) {
            fetched += 1;
            let busy = Response { status: 429, retry_after: Some(1), ..Response::default() };
            limiter.step(Input::Completed(Ticket { job: 0, nonce: 0 }, Completion::Response(Outcome::Answered(busy))));
        }
        limiter.until(limiter.now + 500);
    }
    assert!((10..=130).contains(&fetched), "{fetched} times");
}

#[test]
fn a_year_without_a_request_is_like_a_minute() {
    let mut limiter = Limiter::help_scout();
    assert!(matches!(limiter.wait(&text(1)), Permit::Granted(_)));
    limiter.until(NOON + 365 * 24 * HOUR);
    assert!(matches!(limiter.wait(&text(2)), Permit::ReservedAt(_)), "its token has ended");
    limiter.token(200, r#"{"access_token":"token"}"#);
    assert!(matches!(limiter.wait(&text(2)), Permit::Granted(Grant { left: 198, .. })));
}

#[test]
fn a_state_that_cannot_be_read_is_kept_aside_and_stops_nobody() {
    let (mut limiter, jobs) = away(30);
    let unknown = r#"{"name":"HelpScout","budget":{"Bucket":{"of":"a later release"}}}"#;
    let damage = |limiter: &Limiter, state: &str| {
        let sql = "UPDATE rate_limiter SET state = ?";
        hotline::storage::Store::execute(&limiter.store, sql, &[state.into()]).unwrap();
    };
    damage(&limiter, unknown);
    // An alarm alone is enough.
    limiter.until(NOON + 10_000);
    assert!(limiter.fetching && limiter.logged.contains(&"state.quarantined"));
    limiter.token(200, r#"{"access_token":"token"}"#);
    assert_eq!(limiter.store.word("SELECT state FROM quarantined"), Some(unknown.to_owned()));
    let health = rate_limiter::health(&limiter.store).unwrap();
    assert_eq!((health.waiting_at(3003).0, health.quarantined), (30, 1));
    let now = limiter.now;
    let first = limiter.serve(&jobs, now + 3_000);
    assert!(matches!(first[..], [(0, _)]), "it is not known what is left: {first:?}");
    limiter.report(Report { number: 2, remaining: Some(150), answered: true, ..Report::default() });
    let now = limiter.now;
    assert_eq!(limiter.serve(&jobs, now + 20_000).len(), 29);

    // Not even whose it is can be read: the next who asks says so.
    damage(&limiter, "null");
    limiter.step(Input::Wake);
    assert_eq!(limiter.view("Ada"), Permit::Refused(Refusal::Starting));
    assert_eq!(rate_limiter::health(&limiter.store).unwrap().quarantined, 2);
}
