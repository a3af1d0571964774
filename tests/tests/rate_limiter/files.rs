//! Room in the minute for the files of a reply.

use hotline::effects::{Grant, Permit, PermitRequest, Refusal, Report};
use ringside_tests::world::stage::NOON;

use super::harness::{Limiter, text};

fn file(limiter: &mut Limiter, attachment: u64) -> Permit {
    limiter.ask(PermitRequest::file(attachment))
}

/// The reading of a reply, with three files.
pub fn reading(number: i64) -> PermitRequest {
    let reserves = (1..4).map(|attachment| PermitRequest::file(attachment).id).collect();
    PermitRequest { cost: 1, reserves, ..text(number).request() }
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

/// Many requests are under way at once, and Help Scout counts them in another order than they were permitted in: the answer to
/// an early one tells what is left after later ones.
#[test]
fn a_file_is_read_though_answers_in_any_order_make_less_seem_left_than_there_is() {
    let mut limiter = Limiter::help_scout();
    assert!(matches!(limiter.ask(reading(200)), Permit::Granted(_)));
    let mut grants = Vec::new();
    for number in 0..90 {
        let Permit::Granted(grant) = limiter.wait(&text(number)) else { panic!("{number}") };
        grants.push(grant);
    }
    let left = grants.last().unwrap().left;
    limiter.report(Report { number: grants[0].number, remaining: Some(left), ..Report::default() });
    assert!(matches!(file(&mut limiter, 1), Permit::Granted(_)));
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
