//! An alarm that never comes: the hotline's directory wakes whoever has work left.

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::World;
use ringside_tests::world::stage::{Stage, VOTERS};
use serde_json::json;

const SAM: &str = "+15550100150";
const ALEX: &str = "+15550100151";
const MINUTE: i64 = 60_000;

/// Sam texts, Help Scout answers once that it cannot, and no alarm of Sam's object comes any more.
fn lost() -> World {
    let mut world = World::new(&Stage::default());
    let kind = Kind::Status { status: 503, headers: [].into(), body: json!({}) };
    let (method, path) = (Some("POST".into()), Some("/conversations".into()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains: path, times: Some(1) });
    world.random_faults.lost_alarm = 1_000;
    world.text(SAM, "Where do I vote?");
    world
}

#[test]
fn a_text_whose_alarm_never_comes_arrives_all_the_same_and_an_operator_sees_it() {
    let mut world = lost();
    world.run_for(4 * MINUTE);
    assert_eq!(world.helpscout.conversations().count(), 0, "it waits for an alarm");
    world.run_for(2 * MINUTE);
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["Where do I vote?"]);
    assert_eq!(world.counted("alarm lost"), 1);
}

#[test]
fn the_directorys_own_lost_alarm_is_made_good_by_the_next_word_to_it() {
    let mut world = lost();
    world.run_for(MINUTE);
    world.lose_directory_alarm(VOTERS);
    world.run_for(60 * MINUTE);
    assert_eq!(world.helpscout.conversations().count(), 0, "nobody has looked");
    world.text(ALEX, "Hello");
    world.run_for(MINUTE);
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["Where do I vote?"]);
}

#[test]
fn who_waits_for_a_permit_is_woken_by_the_rate_limiter_and_the_directory_need_not_know() {
    let mut world = World::new(&Stage::default());
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, "one");
    world.run_for(120 * MINUTE);
    assert_eq!(world.directory_jobs(VOTERS), [""; 0]);
    world.faults.clear(Service::HelpScout, None);
    assert!(world.settle(1));
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["one"]);
    assert_eq!((world.counted("alarm lost"), world.directory_jobs(VOTERS)), (0, Vec::new()));
}

#[test]
fn a_text_that_is_posted_at_once_is_not_told_to_the_directory() {
    let mut world = World::new(&Stage::default());
    world.settled_text(SAM, "one");
    world.text(SAM, "two");
    for _ in 0..50 {
        world.run_for(100);
        assert_eq!(world.directory_jobs(VOTERS), [""; 0]);
    }
}
