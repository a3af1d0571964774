//! A service that is away, busy, or refuses the token.

use std::collections::BTreeSet;

use hotline::effects::{
    Completion, Input, Outcome, Permit, PermitRequest, RateLimiterName, Refusal, Report, Response, Ticket, Trouble,
};
use hotline::rate_limiter;
use ringside_tests::world::stage::NOON;

use super::harness::{Job, Limiter, MINUTE, away, text};

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
    let health = rate_limiter::health(&limiter.store, limiter.now).unwrap();
    assert_eq!(health.waiting_at(3003), (50, Some(NOON)));
    assert_eq!(health.trouble, Some(Trouble::NoToken(401)));
    let reason = health.away.map(|(_, words)| words).unwrap_or_default();
    assert!(reason.contains("HELPSCOUT_APP_SECRET"), "{reason}");
    limiter.until(limiter.now + MINUTE);
    limiter.token(200, r#"{"access_token":"token"}"#);
    let back = limiter.now;
    limiter.until(back + 10_000);
    assert_eq!(limiter.called.len(), 50);
    let health = rate_limiter::health(&limiter.store, limiter.now).unwrap();
    assert_eq!((health.away, health.has_token, health.token_at), (None, true, Some(back)));
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
    assert_eq!(rate_limiter::health(&limiter.store, limiter.now).unwrap().waiting_at(3003).0, 100);
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

/// As others' circuit breakers did not: opossum 276, resilience4j 935.
#[test]
fn a_probe_that_is_never_answered_keeps_no_other_from_looking() {
    let (mut limiter, jobs) = away(10);
    let probes = limiter.serve(&jobs, NOON + 2 * MINUTE);
    assert!((20..=25).contains(&probes.len()), "{} probes, one every five seconds", probes.len());
    // One of them is answered at last.
    let answered = Some(jobs[0].request());
    limiter.report(Report { number: 1_000, answered: true, again: answered, ..Report::default() });
    assert_eq!(rate_limiter::health(&limiter.store, limiter.now).unwrap().away, None);
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
    assert_eq!(rate_limiter::health(&limiter.store, limiter.now).unwrap().away, None);
    assert!(jobs.iter().all(|job| matches!(limiter.wait(job), Permit::Granted(grant) if grant.token == "another")));
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
