//! What the cron does every ten minutes.

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage, VOTERS_NUMBERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const MINUTE: i64 = 60_000;

/// What a service answers to a request of which the path holds this.
fn answers(world: &mut World, service: Service, path: &str, status: u16, body: Value) -> u64 {
    let kind = Kind::Status { status, headers: [].into(), body };
    let rule = Rule { id: 0, kind, method: Some("GET".into()), path_contains: Some(path.into()), times: None };
    world.faults.add(service, rule)
}

/// A Twilio account that is active, with so much on it and these numbers.
fn account(world: &mut World, balance: &str, numbers: &[&str]) {
    world.faults.clear(Service::Twilio, None);
    let numbers: Vec<_> = numbers.iter().map(|number| json!({"phone_number": number})).collect();
    let numbers = json!({"incoming_phone_numbers": numbers, "next_page_uri": null});
    answers(world, Service::Twilio, "/IncomingPhoneNumbers.json", 200, numbers);
    answers(world, Service::Twilio, "/Balance.json", 200, json!({"balance": balance, "currency": "USD"}));
    answers(world, Service::Twilio, "/2010-04-01/Accounts/AC", 200, json!({"status": "active"}));
}

fn world() -> World {
    let mut world = World::new(&Stage::default());
    account(&mut world, "12.30", &["+15550100001", "+15550100002", "+15550100003"]);
    world
}

fn codes(health: &Value) -> Vec<String> {
    let reasons = health["reasons"].as_array().into_iter().flatten();
    reasons.map(|reason| reason["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_run_finds_a_sound_deployment_sound_and_says_when_it_looked() {
    let mut world = world();
    world.settled_text(SAM, "hello");
    world.crons(1);
    let health = world.health();
    assert_eq!((&health["status"], codes(&health)), (&json!("ok"), Vec::new()));
    assert_eq!(health["helpscout"]["webhook"]["state"], "enabled");
    assert_eq!(
        (&health["twilio"]["credentials"], &health["twilio"]["balance"]["amount"]),
        (&json!("ok"), &json!("12.30"))
    );
    assert!(health["cron"]["took_ms"].as_i64().is_some_and(|ms| ms < 5 * MINUTE), "{}", health["cron"]);
    let voters = world.voters_health();
    let ours: Vec<_> = voters["senders"].as_array().unwrap().iter().map(|it| it["ours"].clone()).collect();
    assert_eq!(ours, [json!(true), json!(true), Value::Null], "nobody has asked for WhatsApp senders");
}

#[test]
fn a_webhook_that_help_scout_switched_off_is_on_again_and_the_reply_goes_out_once() {
    let mut world = world();
    let conversation = world.settled_text(SAM, "hello");
    world.crons(1);
    world.helpscout.disable_webhooks();
    world.reply(conversation, "<p>Nobody tells of this.</p>");
    world.run_for(5 * MINUTE);
    assert_eq!(world.phone(SAM), [GREETING], "nobody told us of it");
    world.crons(1);
    assert_eq!(world.phone(SAM), [GREETING, "Nobody tells of this."]);
    assert_eq!(world.health()["helpscout"]["webhook"]["state"], "enabled");
    world.reply(conversation, "<p>The webhook tells of this.</p>");
    world.crons(4);
    assert_eq!(
        world.phone(SAM),
        [GREETING, "Nobody tells of this.", "The webhook tells of this."],
        "each went out once"
    );
}

/// UptimeFlare #199: the platform stopped calling the task, without an error and without a word.
#[test]
fn what_the_cron_does_is_done_though_the_cron_stays_away_and_health_says_so() {
    let mut world = world();
    let conversation = world.settled_text(SAM, "hello");
    world.crons(1);
    world.helpscout.disable_webhooks();
    world.reply(conversation, "<p>Nobody tells of this.</p>");
    world.run_for(50 * MINUTE);
    assert_eq!(world.phone(SAM), [GREETING, "Nobody tells of this."]);
    assert_eq!(codes(&world.health()), ["cron_stale"]);
    world.crons(1);
    assert_eq!(codes(&world.health()), [""; 0]);
}

#[test]
fn replies_of_an_hour_are_found_over_several_runs_also_when_runs_are_killed() {
    let mut world = world();
    let people: Vec<String> = (0..30).map(|number| format!("+15550102{number:03}")).collect();
    for person in &people {
        world.text(person, "hello");
        world.run_for(1_000);
    }
    world.run_for(3 * MINUTE);
    world.crons(1);
    world.helpscout.disable_webhooks();
    let talks: Vec<u64> = people.iter().map(|person| world.conversation(person)).collect();
    for (number, talk) in talks.iter().enumerate() {
        world.reply(*talk, &format!("<p>Reply {number}.</p>"));
        world.run_for(30_000);
    }
    world.cron();
    world.run_for(300);
    world.crash_all();
    world.run_for(10 * MINUTE);
    world.crons(3);
    for (number, person) in people.iter().enumerate() {
        assert_eq!(world.phone(person), [GREETING, &format!("Reply {number}.")]);
    }
}

#[test]
fn two_crons_at_once_are_one_run() {
    let mut world = world();
    world.settled_text(SAM, "hello");
    let before = world.ledger.helpscout_requests.len();
    for _ in 0..5 {
        world.cron();
    }
    world.run_for(5 * MINUTE);
    let asked = world.ledger.helpscout_requests.len() - before;
    assert!(asked <= 5, "one list of webhooks, one of each inbox, and one look at Sam's conversation: {asked}");
}

#[test]
fn while_help_scout_is_away_the_rest_of_the_run_goes_on() {
    let mut world = world();
    world.settled_text(SAM, "hello");
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: false });
    world.crons(1);
    let health = world.health();
    assert_eq!(health["twilio"]["credentials"], "ok");
    assert!(health["cron"]["last_run_at"].is_string(), "{}", health["cron"]);
    assert_eq!(health["helpscout"]["webhook"]["state"], "unknown");
}

#[test]
fn a_missing_webhook_is_said_and_not_made() {
    let mut world = world();
    world.settled_text(SAM, "hello");
    answers(&mut world, Service::HelpScout, "/v2/webhooks", 200, json!({"page": {"number": 1, "totalPages": 0}}));
    world.crons(1);
    assert_eq!(codes(&world.health()), ["webhook_missing"]);
    assert_eq!(world.helpscout.webhook_count(), 1);
}

#[test]
fn what_is_wrong_with_twilios_account_is_said() {
    for (status, code) in [("suspended", "twilio_refused"), ("closed", "twilio_refused")] {
        let mut world = world();
        world.faults.clear(Service::Twilio, None);
        answers(&mut world, Service::Twilio, "/2010-04-01/Accounts/AC", 200, json!({"status": status}));
        world.crons(1);
        let health = world.health();
        assert_eq!((codes(&health), &health["status"]), (vec![code.to_owned()], &json!("down")), "{status}");
    }
    let mut world = world();
    world.faults.clear(Service::Twilio, None);
    answers(&mut world, Service::Twilio, "/2010-04-01/", 401, json!({"code": 20003}));
    world.crons(1);
    let health = world.health();
    assert_eq!(
        (codes(&health), &health["twilio"]["credentials"]),
        (vec!["twilio_refused".to_owned()], &json!("refused"))
    );
}

#[test]
fn numbers_that_are_not_the_accounts_are_named_and_a_hotline_without_any_is_down() {
    let mut world = world();
    account(&mut world, "0.00", &["+15550100001"]);
    world.crons(1);
    let health = world.health();
    assert_eq!(codes(&health), ["no_sender", "sender_not_ours", "balance_low"], "{}", health["reasons"]);
    assert_eq!((&health["reasons"][0]["hotline"], &health["status"]), (&json!("DRIVERS"), &json!("down")));
    assert!(health["reasons"][1]["detail"].as_str().unwrap().contains(VOTERS_NUMBERS[1]));
}

#[test]
fn a_cron_that_does_not_come_any_more_is_noticed() {
    let mut world = world();
    world.crons(2);
    assert_eq!(codes(&world.health()), [""; 0]);
    world.run_for(31 * MINUTE);
    assert_eq!(codes(&world.health()), ["cron_stale"]);
    world.crons(1);
    assert_eq!(codes(&world.health()), [""; 0]);
}
