//! A clock that is set back, an alarm that is lost, a state that cannot be read.

use hotline::effects::{Input, Permit, PermitRequest, Priority, RateLimiterName, Refusal, Report};
use hotline::rate_limiter;
use ringside_tests::world::stage::NOON;

use super::harness::{HOUR, Job, Limiter, MINUTE, away, text};

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
    let health = rate_limiter::health(&limiter.store, limiter.now).unwrap();
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
    assert_eq!(rate_limiter::health(&limiter.store, limiter.now).unwrap().quarantined, 2);
}
