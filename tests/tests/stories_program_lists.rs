//! Programs send to many people at once: nobody's reply waits for them, and no object is asked more than it can answer.

use std::collections::BTreeMap;

use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::stage::{CRM, GREETING, Stage};
use serde_json::json;

const SAM: &str = "+15550100150";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn world(rate: u32) -> World {
    World::new(&Stage { hotline: vec![("region", json!("US")), ("sends_per_second", json!(rate))], ..Stage::default() })
}

/// Numbers of so many people, from the one with this number on.
fn people(from: usize, count: usize) -> Vec<String> {
    (from..from + count).map(|at| format!("+1555020{at:04}")).collect()
}

fn consent(world: &mut World, to: &[String]) {
    for to in to {
        let consent = json!({"class": "promotion", "granted": true, "source": "form"});
        world.program(CRM.1, "PUT", &format!("/v1/people/{to}/consent"), &consent);
        // A key may make ten requests a second.
        world.run_for(100);
    }
}

fn post(world: &mut World, class: &str, to: &[String]) {
    let body =
        json!({"hotline": "VOTERS", "to": to, "class": class, "body": "Come on Saturday", "conversation": "none"});
    let sent = world.program(CRM.1, "POST", "/v1/messages", &body);
    assert_eq!(sent.status, 202);
}

fn send(world: &mut World, class: &str, to: &[String]) {
    if class == "promotion" {
        consent(world, to);
    }
    post(world, class, to);
}

/// The most requests in one second to an object of each kind.
fn busiest(world: &World) -> BTreeMap<&'static str, u64> {
    let mut busiest = BTreeMap::new();
    for ((name, _), count) in &world.requests_by_second {
        let kind = match name {
            Name::Contact(..) => "contact",
            Name::Call(..) => "call",
            Name::Directory(_) => "directory",
            Name::RateLimiter(_) => "limiter",
            Name::ApiKey(_) => "key",
            Name::Audience(..) => "audience",
            Name::VerificationLimit(_) => "verification limit",
            Name::Endpoint(_) => "endpoint",
            Name::Participant(..) => "participant",
            Name::Monitor => "monitor",
        };
        let most: &mut u64 = busiest.entry(kind).or_default();
        *most = (*most).max(*count);
    }
    busiest
}

#[test]
fn a_list_leaves_one_by_one_at_the_rate_of_its_sender() {
    let mut world = world(1);
    let to = people(0, 120);
    send(&mut world, "service", &to);
    world.run_for(MINUTE);
    let arrived = to.iter().filter(|to| !world.phone(to).is_empty()).count();
    assert!((55..=62).contains(&arrived), "{arrived} in a minute");
    world.run_for(2 * MINUTE);
    assert!(to.iter().all(|to| world.phone(to) == ["Come on Saturday"]));
}

#[test]
fn an_agents_reply_waits_for_no_more_than_the_one_text_under_way() {
    let mut world = world(1);
    let conversation = world.settled_text(SAM, "Where do I vote?");
    send(&mut world, "promotion", &people(0, 200));
    send(&mut world, "service", &people(200, 200));
    world.run_for(10_000);
    let before = world.now;
    world.reply(conversation, "<p>At the school.</p>");
    while world.phone(SAM).len() < 2 {
        world.run_for(1_000);
    }
    assert_eq!(world.phone(SAM), [GREETING, "At the school."]);
    // Five seconds in which it can be undone, one slot, and the way of the webhook and of the text.
    assert!(world.now - before <= 12_000, "{} ms", world.now - before);
}

#[test]
fn an_alert_goes_before_a_promotion_that_waits() {
    let mut world = world(1);
    send(&mut world, "promotion", &people(0, 300));
    world.run_for(10_000);
    let alert = json!({"hotline": "VOTERS", "to": SAM, "class": "alert", "body": "The polls close in an hour"});
    world.program(CRM.1, "POST", "/v1/messages", &alert);
    world.run_for(4_000);
    assert_eq!(world.phone(SAM), ["The polls close in an hour"]);
}

#[test]
fn a_promotion_to_two_thousand_delays_no_reply_and_makes_no_object_hot() {
    promote_to(world(100), 2_000);
}

/// As many as an organisation may have, run by name (CONTRIBUTING.md). It fails in its last line so far: a list leaves at nine
/// tenths of the rate, and once it is ten seconds behind, each of its people tells the directory that a text waits.
#[test]
#[ignore = "takes more than half an hour, and the directory hears 215 requests a second where ten are wanted"]
fn a_promotion_to_a_hundred_thousand_delays_no_reply_and_makes_no_object_hot() {
    let mut world = world(100);
    world.expect_a_crowd();
    promote_to(world, 100_000);
}

/// A promotion to so many people leaves at a hundred a second, a thousand of them a request, while an agent replies.
fn promote_to(mut world: World, count: usize) {
    world.most_events = u64::MAX;
    let numbers: Vec<String> = (0..count).map(|at| format!("+1415{at:07}")).collect();
    consent(&mut world, &numbers);
    let conversation = world.settled_text(SAM, "Where do I vote?");
    world.requests_by_second.clear();
    let begun = world.now;
    for list in numbers.chunks(1_000) {
        post(&mut world, "promotion", list);
    }
    let last = numbers.last().expect("there are people");
    for reply in 0.. {
        if !world.twilio.messages_with(last).is_empty() {
            break;
        }
        let (words, before) = (format!("At the school, {reply}."), world.now);
        world.reply(conversation, &format!("<p>{words}</p>"));
        while !world.twilio.messages_with(SAM).iter().any(|message| message.body == words) {
            world.run_for(500);
        }
        // Five seconds in which it can be undone, one slot, and the way of the webhook and of the text.
        assert!(world.now - before <= 7_000, "{} ms for {words}", world.now - before);
    }
    let (took, needed) = (world.now - begun, i64::try_from(count).expect("it is a number") * 10);
    assert!(took < needed * 5 / 4 + 15_000, "{took} ms, where a sender needs {needed}");
    world.run_for(30 * MINUTE);
    let sent = world.twilio.sent();
    let mut promoted: Vec<&String> = sent.iter().filter(|it| it.body == "Come on Saturday").map(|it| &it.to).collect();
    promoted.sort();
    assert!(promoted.iter().copied().eq(&numbers), "each has it once");
    let mut busiest = busiest(&world);
    // Each asks for its turn, and mostly a second time when that has come.
    let limiter = busiest.remove("limiter");
    assert!(limiter.is_some_and(|most| most <= 500), "{limiter:?} {busiest:?}");
    assert!(busiest.values().all(|most| *most <= 10), "{busiest:?}");
}

#[test]
fn a_list_that_a_night_has_held_does_not_leave_all_at_once() {
    let quiet = json!({"from": "06:00", "until": "08:00"});
    let hours = json!({"time_zone": "America/New_York", "open": ["Mon-Sun 00:00-24:00"]});
    let hotline = vec![("region", json!("US")), ("quiet", quiet), ("hours", hours), ("sends_per_second", json!(10))];
    let mut world = World::new(&Stage { hotline, ..Stage::default() });
    let to = people(0, 600);
    send(&mut world, "service", &to);
    world.run_for(HOUR - 1_000);
    assert!(to.iter().all(|to| world.phone(to).is_empty()));
    world.requests_by_second.clear();
    world.run_for(10 * MINUTE);
    assert!(to.iter().all(|to| world.phone(to) == ["Come on Saturday"]));
    let busiest = busiest(&world);
    assert!(busiest["limiter"] <= 40, "{busiest:?}");
}
