//! Many histories with faults, in which programs listen: what is recorded is delivered to every endpoint, that of one person in
//! its order, whatever crashes and whatever an address answers.

use std::collections::BTreeMap;

use ringside_tests::world::World;
use ringside_tests::world::dice::Dice;
use ringside_tests::world::endpoints::Answers;
use ringside_tests::world::random_faults::RandomFaults;
use ringside_tests::world::stage::{LISTENER, NOON, Stage};
use serde_json::{Value, json};

const PEOPLE: [&str; 3] = ["+15550100150", "+15550100151", "+15550100152"];
const URLS: [(&str, &str); 2] =
    [("crm", "https://crm.example.org/events"), ("shop", "https://shop.example.org/events")];
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Until it is answered.
fn ask(world: &mut World, method: &str, target: &str, body: &Value) -> Value {
    for _ in 0..100 {
        let answer = world.program(LISTENER.1, method, target, body);
        if answer.status < 300 {
            return answer.body;
        }
        assert_eq!(answer.status, 503, "{:?}", answer.body);
        world.run_for(MINUTE);
    }
    panic!("never answered: {method} {target}");
}

fn pulled(world: &mut World) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = ask(world, "GET", &format!("/v1/events?limit=100{after}"), &Value::Null);
        all.extend(page["data"].as_array().expect("a list").iter().cloned());
        let Some(next) = page["next"].as_str() else { return all };
        after = format!("&after={next}");
    }
}

/// Ids of events by person, in order, each once.
fn by_person(events: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (person, id) in events {
        let ids = found.entry(person).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    found
}

fn live(seed: u64) {
    let mut dice = Dice::new(seed ^ 0x6576_656e_7473);
    let end = NOON + 3 * HOUR;
    let faults = RandomFaults { outages: Vec::new(), ..RandomFaults::draw(&mut dice, NOON, end) };
    let stage = Stage { has_listeners: true, ..Stage::with("region", json!("US")) };
    let mut world = World::seeded(&stage, Dice::new(seed), faults);
    for (name, url) in URLS {
        let endpoint = json!({"url": url, "events": ["*"], "hotlines": ["VOTERS"]});
        ask(&mut world, "PUT", &format!("/v1/endpoints/{name}"), &endpoint);
    }
    for at in 0..30 {
        let person = dice.pick(&PEOPLE).copied().unwrap_or_default();
        world.text(person, dice.pick(&["Hello", "STOP", "START", "Where?"]).copied().unwrap_or_default());
        for (_, url) in URLS {
            let answers =
                [Answers::Status(200), Answers::Status(500), Answers::Away, Answers::Late, Answers::Status(302)];
            let answer = dice.pick(&answers).copied().unwrap_or(Answers::Away);
            if dice.happens(300) {
                world.receivers.answers.insert(url.to_owned(), answer);
            }
        }
        if at == 15 {
            world.crash_all();
        }
        let wait = dice.span(0, 8 * MINUTE);
        world.run_for(wait);
    }
    world.receivers.answers.clear();
    world.random_faults = RandomFaults::default();
    assert!(world.settle(5), "seed {seed}: it does not come to rest");
    world.run_for(MINUTE);
    let recorded = pulled(&mut world);
    assert!(recorded.len() >= 20, "seed {seed}: {} events", recorded.len());
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let of_person = |event: &Value, id: String| (text(&event["data"]["number"]), id);
    let known = by_person(recorded.iter().map(|event| of_person(event, text(&event["id"]))));
    for (name, url) in URLS {
        let taken = by_person(world.receivers.taken(url).iter().map(|it| of_person(&it.json(), it.id.clone())));
        assert_eq!(taken, known, "seed {seed}: {name}");
    }
}

#[test]
fn whatever_fails_each_event_is_delivered_in_its_order() {
    for seed in 0..60 {
        live(seed);
    }
}
