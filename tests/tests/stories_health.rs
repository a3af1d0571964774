//! How the deployment fares, as operators read it: from what is stored, while nobody outside is asked.

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::Script;
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::stage::{CRM, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ALEX: &str = "+15550100151";
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

fn codes(health: &Value) -> Vec<String> {
    let reasons = health["reasons"].as_array().into_iter().flatten();
    reasons.map(|reason| reason["code"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The jobs of people's objects that wait, counted row by row; and how many people have one.
fn rows(world: &World) -> (u64, u64) {
    // Nobody waits for these: they follow what has left already.
    let sql = "SELECT json_extract(work, '$.kind') FROM queue WHERE json_extract(work, '$.kind') NOT IN \
               ('poll_delivery', 'price', 'tell_facts', 'index', 'hand_over_events')";
    let people = world.objects.iter().filter(|(name, _)| matches!(name, Name::Contact(..)));
    let counts: Vec<u64> = people.map(|(_, person)| person.store.texts(sql).len() as u64).collect();
    (counts.iter().sum(), counts.iter().filter(|count| **count > 0).count() as u64)
}

/// How often people's objects were asked something.
fn asked(world: &World) -> u64 {
    let of_people = |((name, _), _): &(&(Name, i64), &u64)| matches!(name, Name::Contact(..));
    world.requests_by_second.iter().filter(of_people).map(|(_, count)| count).sum()
}

fn waiting(world: &mut World) -> (u64, u64) {
    let waiting = world.voters_health()["waiting"].clone();
    (waiting["jobs"].as_u64().unwrap(), waiting["people"].as_u64().unwrap())
}

#[test]
fn a_sound_deployment_is_ok_and_says_who_it_is() {
    let mut world = World::new(&Stage::default());
    world.settled_text(SAM, "Where do I vote?");
    let health = world.health();
    assert_eq!((&health["status"], codes(&health)), (&json!("ok"), Vec::new()));
    assert_eq!(health["helpscout"]["credentials"], "ok");
    let voters = world.voters_health();
    let senders: Vec<_> = voters["senders"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(senders, ["number", "number", "whatsapp"]);
    assert_eq!(
        (&voters["mailbox"], &voters["name"], &voters["status"]),
        (&json!(3003), &json!("Voter hotline"), &json!("ok"))
    );
    assert!(health["version"]["schema"]["contact"].as_u64().unwrap() > 25, "{health}");
}

#[test]
fn what_waits_in_an_outage_is_counted_as_the_rows_are_and_nobody_is_opened_for_it() {
    let mut world = World::new(&Stage::default());
    world.settled_text(SAM, "hello");
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    for minute in 0..15 {
        world.text(SAM, &format!("text {minute}"));
        world.text(&format!("+15550102{minute:03}"), "help");
        world.run_for(MINUTE);
        let before = asked(&world);
        assert_eq!(waiting(&mut world), rows(&world), "after {minute} minutes");
        assert_eq!(asked(&world), before, "nobody's object was asked");
    }
    let health = world.health();
    assert_eq!(
        (&health["status"], codes(&health)),
        (&json!("degraded"), vec!["helpscout_unreachable".to_owned(), "jobs_waiting".to_owned()])
    );
    assert_eq!(health["reasons"][1]["hotline"], "VOTERS");
    world.faults.clear(Service::HelpScout, Some(outage));
    world.run_for(3 * MINUTE);
    assert_eq!((waiting(&mut world), rows(&world)), ((0, 0), (0, 0)));
    assert_eq!(world.health()["status"], "ok");
}

#[test]
fn three_hundred_texts_of_one_person_are_all_counted_in_an_outage() {
    let mut world = World::new(&Stage::default());
    world.settled_text(SAM, "hello");
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    for number in 0..300 {
        world.text(SAM, &format!("text {number}"));
        world.run_for(SECOND);
    }
    world.run_for(15 * SECOND);
    assert_eq!((waiting(&mut world), rows(&world)), ((300, 1), (300, 1)));
    assert_eq!(world.voters_health()["waiting"]["lanes"], json!({"helpscout": 300, "phone": 0, "calls": 0}));
    let before = world.switch.rows_returned();
    world.text(SAM, "one more");
    world.run_for(15 * SECOND);
    assert!(world.switch.rows_returned() - before < 250, "{}", world.switch.rows_returned() - before);
    world.faults.clear(Service::HelpScout, Some(outage));
    world.run_for(15 * MINUTE);
    assert_eq!((waiting(&mut world), rows(&world)), ((0, 0), (0, 0)));
}

#[test]
fn what_is_left_is_known_within_fifteen_seconds_and_so_is_that_nothing_is() {
    let mut world = World::new(&Stage::default());
    world.settled_text(SAM, "hello");
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, "one");
    world.run_for(15 * SECOND);
    assert_eq!(waiting(&mut world), (1, 1));
    world.text(SAM, "two");
    world.run_for(15 * SECOND);
    assert_eq!(waiting(&mut world), (2, 1));
    world.crash_all();
    world.faults.clear(Service::HelpScout, Some(outage));
    world.run_for(60 * SECOND);
    assert_eq!(world.said(world.conversation(SAM)), ["hello", "one", "two"]);
    assert_eq!(waiting(&mut world), (0, 0), "also after everything was killed");
}

#[test]
fn texts_and_calls_are_counted_once_by_the_day_of_the_hotlines_zone() {
    let hours = json!({"time_zone": "Pacific/Auckland", "open": ["00:00-24:00"]});
    let mut world = World::new(&Stage::with("hours", hours));
    let conversation = world.settled_text(SAM, "hello");
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.call(ALEX, Script::new().hangs_up_at(60));
    world.run_for(5 * MINUTE);
    world.crash_all();
    world.run_for(5 * MINUTE);
    let voters = world.voters_health();
    let days = voters["days"].as_array().unwrap();
    let today = days.last().unwrap();
    // It is noon in UTC, and early the next day there.
    assert_eq!((days.len(), &today["day"]), (14, &json!("2026-11-21")));
    assert_eq!((&today["texts_in"], &today["calls_in"]), (&json!(1), &json!(1)), "{today}");
    assert_eq!(today["texts_out"].as_u64().unwrap(), world.twilio.sent().len() as u64, "{today}");
    assert_eq!(voters["text_to_helpscout"]["count"], 1);
    assert_eq!(voters["reply_to_phone"]["count"], 1);
    let median = voters["reply_to_phone"]["median_ms"].as_i64().unwrap();
    assert!((5_000..9_000).contains(&median), "a reply may be undone for five seconds: {median}");
    world.run_for(2 * DAY);
    let voters = world.voters_health();
    assert_eq!(voters["days"][11]["texts_in"], 1);
    assert_eq!(voters["text_to_helpscout"], json!({"count": 0, "median_ms": null, "worst_ms": null}));
}

#[test]
fn what_is_given_up_is_told_for_a_day() {
    let mut world = World::new(&Stage::default());
    world.settled_text(SAM, "first");
    let refusal = Kind::Status { status: 400, headers: [].into(), body: json!({"message": "Bad request"}) };
    let (method, path_contains) = (Some("POST".into()), Some("/customer".into()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind: refusal, method, path_contains, times: Some(3) });
    world.text(SAM, "refused");
    world.run_for(5 * MINUTE);
    let failed = world.voters_health()["failed"].clone();
    assert_eq!((&failed["last_day"], &failed["reasons"][0]["code"]), (&json!(1), &json!("text")));
    assert_eq!(codes(&world.health()), ["jobs_failed"]);
    world.run_for(DAY + 60 * MINUTE);
    assert_eq!(codes(&world.health()), [""; 0]);
}

#[test]
fn who_does_not_want_to_be_texted_is_counted_until_they_do_again() {
    let mut world = World::new(&Stage::default());
    for (text, opt_outs) in [("STOP", 1), ("STOP", 1), ("START", 0)] {
        world.text(SAM, text);
        world.run_for(2 * MINUTE);
        assert_eq!(world.voters_health()["opt_outs"], opt_outs, "{text}");
    }
}

#[test]
fn a_message_that_is_to_leave_tomorrow_is_nothing_that_waits_too_long() {
    let mut world = World::new(&Stage::default());
    world.settled_text(SAM, "hello");
    let message = json!({"hotline": "VOTERS", "to": SAM, "class": "service", "body": "Tomorrow.", "send_at": "2026-11-21T12:00:00Z"});
    assert_eq!(world.program(CRM.1, "POST", "/v1/messages", &message).status, 202);
    world.run_for(60 * MINUTE);
    assert_eq!((waiting(&mut world), codes(&world.health())), ((0, 0), Vec::new()));
}

#[test]
fn a_key_sees_its_own_hotlines() {
    let mut world = World::new(&Stage::default());
    let names: Vec<_> = world.health()["hotlines"].as_array().unwrap().iter().map(|it| it["hotline"].clone()).collect();
    assert_eq!(names, ["VOTERS", "DRIVERS"]);
    let answer = world.program(CRM.1, "GET", "/v1/health", &Value::Null);
    assert_eq!((answer.status, answer.code()), (403, "scope_missing"));
}
