//! Who gets a permit, and when.

use hotline::effects::{Grant, Millis, Permit, PermitRequest, Priority, RateLimiterName, Report};
use ringside_tests::world::stage::NOON;

use super::harness::{HOUR, Job, Limiter, MINUTE, live, text};

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
fn a_year_without_a_request_is_like_a_minute() {
    let mut limiter = Limiter::help_scout();
    assert!(matches!(limiter.wait(&text(1)), Permit::Granted(_)));
    limiter.until(NOON + 365 * 24 * HOUR);
    assert!(matches!(limiter.wait(&text(2)), Permit::ReservedAt(_)), "its token has ended");
    limiter.token(200, r#"{"access_token":"token"}"#);
    assert!(matches!(limiter.wait(&text(2)), Permit::Granted(Grant { left: 198, .. })));
}
