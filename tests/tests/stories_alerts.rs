//! Operators are told that something is wrong: once, after two runs, and once that it is over.

use emulator::faults::{Kind, Service};
use hotline::domain::webhook_secret::WebhookSecret;
use ringside_tests::world::World;
use ringside_tests::world::endpoints::Answers;
use ringside_tests::world::stage::{ALERT_SECRET, ALERTS_URL, Stage};

const SAM: &str = "+15550100150";
const MINUTE: i64 = 60_000;

fn world() -> World {
    let mut world = World::new(&Stage { has_alerts: true, ..Stage::default() });
    // Twilio's account is not looked at here.
    world.faults.add(
        Service::Twilio,
        emulator::faults::Rule {
            id: 0,
            kind: Kind::Status { status: 404, headers: [].into(), body: serde_json::Value::Null },
            method: Some("GET".into()),
            path_contains: Some("/2010-04-01/".into()),
            times: None,
        },
    );
    world.settled_text(SAM, "hello");
    world
}

/// The types of the alerts that were taken, with their codes.
fn taken(world: &World) -> Vec<(String, String)> {
    let told = |it: &ringside_tests::world::endpoints::Received| {
        (it.kind(), it.json()["data"]["code"].as_str().unwrap_or_default().to_owned())
    };
    world.receivers.taken(ALERTS_URL).into_iter().map(told).collect()
}

fn alert(kind: &str, code: &str) -> (String, String) {
    (format!("alert.{kind}"), code.to_owned())
}

fn outage(world: &mut World) -> u64 {
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, "one");
    world.run_for(MINUTE);
    outage
}

#[test]
fn an_outage_is_told_of_once_after_two_runs_and_once_when_it_is_over() {
    let mut world = world();
    let outage = outage(&mut world);
    world.crons(1);
    assert_eq!(taken(&world), []);
    world.crons(4);
    // That texts wait follows from it, and is no alert of its own.
    assert_eq!(taken(&world), [alert("raised", "helpscout_unreachable")]);
    world.faults.clear(Service::HelpScout, Some(outage));
    world.run_for(5 * MINUTE);
    world.crons(3);
    assert_eq!(taken(&world), [alert("raised", "helpscout_unreachable"), alert("cleared", "helpscout_unreachable")]);
    let told = world.receivers.taken(ALERTS_URL);
    let (raised, cleared) = (told[0].json(), told[1].json());
    assert_eq!(raised["data"]["id"], cleared["data"]["id"]);
    assert!(raised["data"]["cleared_at"].is_null() && cleared["data"]["cleared_at"].is_string());
    assert_eq!(raised["data"]["status"], "degraded");
    assert!(raised["data"]["repair"].as_str().is_some_and(|words| !words.is_empty()));
    let secret = WebhookSecret::parse(ALERT_SECRET).unwrap();
    assert_eq!(told[0].signatures, secret.sign(&told[0].id, told[0].timestamp, &told[0].body));
}

#[test]
fn a_cron_that_stays_away_cannot_say_so_and_is_told_of_all_the_same() {
    let mut world = world();
    world.crons(2);
    world.run_for(90 * MINUTE);
    assert_eq!(taken(&world), [alert("raised", "cron_stale")]);
    world.crons(1);
    assert_eq!(taken(&world), [alert("raised", "cron_stale"), alert("cleared", "cron_stale")]);
}

#[test]
fn what_comes_and_goes_between_runs_wakes_nobody() {
    let mut world = world();
    for _ in 0..4 {
        let outage = outage(&mut world);
        world.crons(1);
        world.faults.clear(Service::HelpScout, Some(outage));
        world.run_for(2 * MINUTE);
        world.crons(1);
    }
    assert_eq!(taken(&world), []);
}

#[test]
fn a_receiver_that_is_away_is_told_later_and_never_that_it_is_over_before_that_it_began() {
    for answers in [Answers::Away, Answers::Late, Answers::Status(500), Answers::Status(410)] {
        let mut world = world();
        world.receivers.answers.insert(ALERTS_URL.to_owned(), answers);
        let outage = outage(&mut world);
        world.crons(3);
        world.faults.clear(Service::HelpScout, Some(outage));
        world.run_for(5 * MINUTE);
        world.crons(2);
        assert_eq!(taken(&world), [], "{answers:?}");
        world.receivers.answers.clear();
        world.crons(24);
        let told = [alert("raised", "helpscout_unreachable"), alert("cleared", "helpscout_unreachable")];
        assert_eq!(taken(&world), told, "{answers:?}");
        let ids: Vec<_> = world.receivers.at(ALERTS_URL).iter().map(|it| it.id.clone()).collect();
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 2, "the same id at every try: {ids:?}");
    }
}

#[test]
fn whatever_is_killed_an_alert_is_one_alert() {
    for kill_after in [5, 20, 60, 150, 400, 1_500] {
        let mut world = world();
        let outage = outage(&mut world);
        for _ in 0..4 {
            world.cron();
            world.run_for(kill_after);
            world.crash_all();
            world.run_for(10 * MINUTE);
        }
        world.crons(2);
        world.faults.clear(Service::HelpScout, Some(outage));
        world.run_for(5 * MINUTE);
        world.cron();
        world.run_for(kill_after);
        world.crash_all();
        world.run_for(10 * MINUTE);
        world.crons(2);
        let told = taken(&world);
        let mut once = told.clone();
        once.dedup();
        let both = [alert("raised", "helpscout_unreachable"), alert("cleared", "helpscout_unreachable")];
        assert_eq!(once, both, "killed after {kill_after} ms");
    }
}
