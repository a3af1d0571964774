//! npm's `standardwebhooks`, by which programs verify what they get, believes what is delivered, with every secret that holds.

use ringside_tests::oracle;
use ringside_tests::world::World;
use ringside_tests::world::endpoints::Received;
use ringside_tests::world::stage::{LISTENER, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const MINUTE: i64 = 60_000;

fn deliver(world: &mut World, words: &str) -> Received {
    world.text(SAM, words);
    world.run_for(MINUTE);
    world.receivers.received.last().expect("a delivery").clone()
}

fn judged(received: &Received, secret: &str) -> Value {
    json!({
        "secret": secret, "id": received.id, "timestamp": received.timestamp, "signature": received.signatures,
        "body": received.body, "now": received.at,
    })
}

#[test]
fn a_program_believes_what_it_gets_and_nothing_else() {
    let mut world = World::new(&Stage { has_listeners: true, ..Stage::with("region", json!("US")) });
    let endpoint = json!({"url": "https://crm.example.org/in", "events": ["*"], "hotlines": ["VOTERS"]});
    let made = world.program(LISTENER.1, "PUT", "/v1/endpoints/crm", &endpoint);
    let first = made.body["secret"].as_str().expect("a secret").to_owned();
    let before = deliver(&mut world, "Grüße 👋 \"quoted\"");
    let rotated = world.program(LISTENER.1, "POST", "/v1/endpoints/crm/rotate", &Value::Null);
    let second = rotated.body["secret"].as_str().expect("a secret").to_owned();
    let during = deliver(&mut world, "two secrets");
    world.run_for(24 * 60 * MINUTE);
    let after = deliver(&mut world, "one secret");
    let changed = Received { body: before.body.replace("quoted", "changed"), ..before.clone() };
    let late = json!({"now": before.at + 10 * MINUTE});
    let mut too_late = judged(&before, &first);
    too_late["now"] = late["now"].clone();
    let verdicts: Vec<String> = oracle::ask(
        "webhooks.mjs",
        &[
            judged(&before, &first),
            judged(&during, &first),
            judged(&during, &second),
            judged(&after, &second),
            judged(&after, &first),
            judged(&before, &second),
            judged(&changed, &first),
            too_late,
        ],
    );
    let none = "No matching signature found";
    assert_eq!(verdicts, ["good", "good", "good", "good", none, none, none, "Message timestamp too old"]);
}
