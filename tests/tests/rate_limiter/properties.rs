//! What holds for every history.

use std::collections::BTreeMap;

use hotline::effects::{Grant, Millis, Permit, PermitRequest, Priority, RateLimiterName, Report, Trouble};
use proptest::prelude::*;
use ringside_tests::world::stage::NOON;

use super::files::reading;
use super::harness::{Job, LIMIT, Limiter, MINUTE, live, text};

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
                2 => PermitRequest { reserves: vec![PermitRequest::file(attachment).id], ..reading(number) },
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
