//! Programs hear what happens to a hotline's people: each thing once, in its order, and no number where none is allowed.

use std::collections::BTreeSet;

use emulator::twilio::Script;
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::stage::{COUNTER, CRM, DRIVERS_NUMBER, LISTENER, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ANN: &str = "+15550100151";
const DAY: i64 = 86_400_000;

fn world() -> World {
    World::new(&Stage { has_listeners: true, ..Stage::with("region", json!("US")) })
}

/// A page of events.
fn events(world: &mut World, token: &str, query: &str) -> Vec<Value> {
    let page = world.program(token, "GET", &format!("/v1/events?{query}"), &Value::Null);
    assert_eq!(page.status, 200, "{:?}", page.body);
    page.body["data"].as_array().expect("a list").clone()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

fn send(world: &mut World, to: &str, body: &str) -> String {
    let message = json!({"hotline": "VOTERS", "to": to, "class": "service", "body": body});
    let sent = world.program(CRM.1, "POST", "/v1/messages", &message);
    sent.body["id"].as_str().expect("an id").to_owned()
}

#[test]
fn what_happens_to_a_person_is_told_in_its_order() {
    let mut world = world();
    world.text(SAM, "Where do I vote?");
    world.run_for(60_000);
    world.text(SAM, "STOP");
    world.run_for(60_000);
    world.text(SAM, "START");
    world.run_for(60_000);
    let told = events(&mut world, LISTENER.1, "");
    let expected = ["message.received", "message.received", "person.opted_out", "message.received", "person.opted_in"];
    assert_eq!(kinds(&told), expected);
    let data = &told[0]["data"];
    assert_eq!(
        (&data["text"], &data["number"], &data["hotline"]),
        (&json!("Where do I vote?"), &json!(SAM), &json!("VOTERS"))
    );
    assert_eq!(
        (&data["direction"], &data["channel"], &data["in_reply_to"]),
        (&json!("in"), &json!("sms"), &Value::Null)
    );
    assert_eq!(told[2]["data"], json!({"hotline": "VOTERS", "number": SAM}));
    let ids: Vec<&str> = told.iter().map(|event| event["id"].as_str().expect("an id")).collect();
    assert!(ids.is_sorted() && ids.iter().all(|id| id.len() <= 64), "{ids:?}");
}

#[test]
fn a_message_of_a_program_is_told_until_it_has_arrived_and_what_answers_it_says_so() {
    let mut world = world();
    let id = send(&mut world, SAM, "Can you help on Tuesday?");
    world.run_for(60_000);
    world.text(SAM, "Yes!");
    world.run_for(60_000);
    world.text(SAM, "All day");
    world.run_for(60_000);
    let told = events(&mut world, LISTENER.1, "types=message.*");
    let sent: Vec<&Value> =
        told.iter().filter(|event| event["type"] == "message.updated").map(|it| &it["data"]).collect();
    assert!(sent.iter().all(|data| data["id"] == json!(id) && data["number"] == json!(SAM)), "{sent:?}");
    assert_eq!(sent.last().map(|data| &data["status"]), Some(&json!("delivered")));
    let states: BTreeSet<&str> = sent.iter().filter_map(|data| data["status"].as_str()).collect();
    assert_eq!(states.len(), sent.len(), "each state is told once: {sent:?}");
    let last = sent.last().expect("told");
    assert_eq!(
        (&last["text"], &last["direction"], &last["hotline"]),
        (&json!("Can you help on Tuesday?"), &json!("out"), &json!("VOTERS"))
    );
    let answers: Vec<&Value> =
        told.iter().filter(|event| event["type"] == "message.received").map(|it| &it["data"]).collect();
    assert_eq!(answers[0]["in_reply_to"], json!(id));
    // The greeting has left since.
    assert_eq!(answers[1]["in_reply_to"], Value::Null);
}

#[test]
fn an_answer_after_a_week_answers_nothing() {
    let mut world = world();
    send(&mut world, SAM, "Can you help on Tuesday?");
    world.run_for(7 * DAY + 60_000);
    world.text(SAM, "Yes!");
    world.run_for(60_000);
    let told = events(&mut world, LISTENER.1, "types=message.received");
    assert_eq!((told.len(), &told[0]["data"]["in_reply_to"]), (1, &Value::Null));
}

#[test]
fn a_refused_message_is_told_as_such() {
    let mut world = world();
    world.text(SAM, "STOP");
    world.run_for(60_000);
    let id = send(&mut world, SAM, "Hello");
    world.run_for(60_000);
    let told = events(&mut world, LISTENER.1, "types=message.refused,message.updated");
    assert_eq!(kinds(&told), ["message.refused"]);
    assert_eq!((&told[0]["data"]["id"], &told[0]["data"]["decision"]["rule"]), (&json!(id), &json!("opted_out")));
}

#[test]
fn a_call_and_a_voicemail_are_told_without_a_recording() {
    let mut world = world();
    world.call(SAM, Script::new().speaks(12));
    world.settle(1);
    let told = events(&mut world, LISTENER.1, "types=call.*,voicemail.*");
    assert_eq!(kinds(&told)[..2], ["call.ended", "voicemail.received"]);
    assert_eq!((&told[0]["data"]["result"], &told[0]["data"]["direction"]), (&json!("voicemail"), &json!("in")));
    assert!(!told[1].to_string().contains("http"), "{}", told[1]);
    let transcribed: Vec<&Value> = told.iter().filter(|event| event["type"] == "voicemail.transcribed").collect();
    assert!(transcribed.iter().all(|event| event["data"]["transcript"].is_string()));
}

#[test]
fn who_may_not_see_numbers_is_told_without_them() {
    let mut world = world();
    world.text(SAM, "Hello");
    send(&mut world, ANN, "Hello");
    world.run_for(60_000);
    let told = events(&mut world, COUNTER.1, "");
    assert!(kinds(&told).contains(&"message.updated") && kinds(&told).contains(&"message.received"));
    for event in &told {
        assert!(!event.to_string().contains(SAM) && !event.to_string().contains(ANN), "{event}");
        assert_eq!((event["data"].get("number"), event["data"].get("to")), (None, None));
    }
    assert!(events(&mut world, LISTENER.1, "").iter().all(|event| event["data"]["number"].is_string()));
}

#[test]
fn pages_of_many_people_follow_each_other_and_miss_nobody() {
    let mut world = world();
    let people: Vec<String> = (0..40).map(|at| format!("+1555020{at:04}")).collect();
    for person in &people {
        world.text(person, "Hello");
        world.run_for(200);
    }
    world.text_to(SAM, DRIVERS_NUMBER, "Hello", &[]);
    // What is younger than two seconds is shown later.
    assert!(events(&mut world, LISTENER.1, "limit=100").len() < 40);
    world.run_for(3_000);
    let (mut read, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.program(
            LISTENER.1,
            "GET",
            &format!("/v1/events?types=message.received&limit=7&{after}"),
            &Value::Null,
        );
        let data = page.body["data"].as_array().expect("a list").clone();
        let last = data.last().map(|event| event["id"].clone());
        read.extend(data);
        let Some(next) = page.body["next"].as_str() else { break };
        assert_eq!(Some(json!(next)), last);
        after = format!("after={next}");
    }
    let from: Vec<&str> = read.iter().map(|event| event["data"]["number"].as_str().expect("a number")).collect();
    assert_eq!(from, people);
    // The other hotline's are for whom the key opens it.
    assert_eq!(events(&mut world, COUNTER.1, "hotline=DRIVERS&types=message.received").len(), 1);
    assert_eq!(events(&mut world, COUNTER.1, "types=message.received&limit=100").len(), 41);
    // Whichever event's id it is, the page goes on after it.
    let last = read.last().expect("one")["id"].as_str().expect("an id").to_owned();
    world.text(SAM, "One more");
    world.run_for(60_000);
    assert_eq!(events(&mut world, LISTENER.1, &format!("types=message.received&after={last}")).len(), 1);
}

#[test]
fn a_wrong_request_names_all_that_is_wrong() {
    let mut world = world();
    let get = |world: &mut World, token: &str, query: &str| {
        world.program(token, "GET", &format!("/v1/events?{query}"), &Value::Null)
    };
    let refused = get(&mut world, LISTENER.1, "after=msg_1&types=message.*,mess*,endpoint.test&limit=101");
    let named: Vec<_> = refused.errors().into_iter().map(|(field, code)| format!("{field} {code}")).collect();
    assert_eq!(refused.status, 400);
    assert_eq!(named, ["after invalid", "types unknown_word", "types unknown_word", "limit out_of_range"]);
    assert_eq!(get(&mut world, LISTENER.1, "hotline=DRIVERS").code(), "hotline_forbidden");
    assert_eq!(get(&mut world, CRM.1, "").code(), "scope_missing");
    assert_eq!(get(&mut world, LISTENER.1, "types=session.*").status, 200);
}

#[test]
fn an_event_whose_answer_was_lost_is_recorded_once() {
    let mut world = world();
    world.text(SAM, "Hello");
    world.run_for(60_000);
    // The person's object never heard that it was recorded, and tells it again with what comes next.
    let person = world.objects.get(&Name::Contact(ringside_tests::world::stage::VOTERS, SAM.to_owned())).expect("Sam");
    person.store.alter("UPDATE event_outbox SET data = '{}'");
    world.text(SAM, "Hello again");
    world.run_for(60_000);
    let told = events(&mut world, LISTENER.1, "types=message.received");
    let texts: Vec<&Value> = told.iter().map(|event| &event["data"]["text"]).collect();
    assert_eq!(texts, ["Hello", "Hello again"]);
}

#[test]
fn events_are_forgotten_after_thirty_days() {
    let mut world = world();
    world.text(SAM, "Hello");
    world.run_for(60_000);
    assert_eq!(events(&mut world, LISTENER.1, "").len(), 1);
    world.run_for(30 * DAY);
    world.text(SAM, "Hello again");
    world.run_for(60_000);
    let told = events(&mut world, LISTENER.1, "types=message.received");
    assert_eq!((told.len(), &told[0]["data"]["text"]), (1, &json!("Hello again")));
}

#[test]
fn a_hotline_to_which_nobody_listens_writes_nothing_down() {
    let mut world = World::new(&Stage::with("region", json!("US")));
    world.text(SAM, "Hello");
    world.settle(1);
    assert!(!world.objects.keys().any(|name| matches!(name, Name::Audience(..))));
}
