//! Events are delivered to the addresses of programs: each at least once and under one id, those of one person in their order,
//! and whatever an address does is nobody's trouble but its own.

use std::collections::BTreeSet;
use std::rc::Rc;

use ringside_tests::world::World;
use ringside_tests::world::endpoints::{Answers, Received};
use ringside_tests::world::object::Name;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{COUNTER, CRM, DRIVERS_NUMBER, LISTENER, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ANN: &str = "+15550100151";
const URL: &str = "https://crm.example.org/events";
const OTHER_URL: &str = "https://shop.example.org/events";
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn world() -> World {
    World::new(&Stage { has_listeners: true, ..Stage::with("region", json!("US")) })
}

fn put_as(world: &mut World, token: &str, name: &str, url: &str, hotlines: &[&str]) -> Answer {
    let endpoint = json!({"url": url, "events": ["message.received", "person.*"], "hotlines": hotlines});
    world.program(token, "PUT", &format!("/v1/endpoints/{name}"), &endpoint)
}

fn put(world: &mut World) -> Answer {
    put_as(world, LISTENER.1, "crm", URL, &["VOTERS"])
}

fn listening() -> World {
    let mut world = world();
    assert_eq!(put(&mut world).status, 200);
    world
}

fn ask(world: &mut World, method: &str, target: &str, body: &Value) -> Answer {
    world.program(LISTENER.1, method, &format!("/v1/endpoints/{target}"), body)
}

fn status(world: &mut World) -> (Value, String) {
    let shown = ask(world, "GET", "crm", &Value::Null).body;
    (shown["status"].clone(), shown["reason"].as_str().unwrap_or_default().to_owned())
}

/// What the texts said that an address took.
fn texts(world: &World, url: &str) -> Vec<String> {
    let taken = world.receivers.taken(url).into_iter().map(Received::json);
    taken.filter_map(|event| event["data"]["text"].as_str().map(str::to_owned)).collect()
}

#[test]
fn an_event_is_delivered_signed_and_the_secret_is_shown_once() {
    let mut world = world();
    let made = put(&mut world);
    assert_eq!(made.status, 200, "{:?}", made.body);
    let secret = made.body["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("whsec_") && secret.len() == 38, "{secret}");
    assert_eq!(
        (&made.body["status"], &made.body["reason"], &made.body["url"]),
        (&json!("on"), &Value::Null, &json!(URL))
    );
    for again in [put(&mut world), ask(&mut world, "GET", "crm", &Value::Null)] {
        assert_eq!((again.status, again.body.get("secret")), (200, None));
    }
    world.text(SAM, "Hello");
    world.run_for(MINUTE);
    let all = world.receivers.received.clone();
    let [received] = all.as_slice() else { panic!("{all:?}") };
    let event = received.json();
    assert_eq!(
        (&event["type"], &event["data"]["text"], &event["data"]["number"]),
        (&json!("message.received"), &json!("Hello"), &json!(SAM))
    );
    assert!(received.id.starts_with("evt_") && received.id.len() <= 64);
    assert_eq!(received.timestamp, received.at / 1_000);
    assert!(received.signatures.starts_with("v1,") && !received.signatures.contains(' '));
    assert_eq!(event.as_object().map(serde_json::Map::len), Some(3));
    // The same event by pull has the same id.
    let pulled = world.program(LISTENER.1, "GET", "/v1/events", &Value::Null);
    assert_eq!(pulled.body["data"][0]["id"], json!(received.id));
    assert!(!world.rows_hold(secret), "the secret rests nowhere");
}

#[test]
fn what_came_before_the_endpoint_or_is_not_wanted_is_not_delivered() {
    let mut world = world();
    world.text(SAM, "Before");
    world.run_for(MINUTE);
    put(&mut world);
    world.text(SAM, "After");
    world.text_to(SAM, DRIVERS_NUMBER, "To others", &[]);
    let message = json!({"hotline": "VOTERS", "to": ANN, "class": "service", "body": "Hello"});
    world.program(CRM.1, "POST", "/v1/messages", &message);
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL), ["After"]);
    assert_eq!(world.receivers.received.len(), 1);
}

#[test]
fn what_cannot_be_delivered_holds_that_person_alone() {
    let mut world = listening();
    world.receivers.next.insert(URL.to_owned(), [Answers::Status(500)].into());
    world.text(SAM, "one");
    world.run_for(SECOND);
    world.text(SAM, "two");
    world.text(ANN, "other");
    world.run_for(2 * SECOND);
    assert_eq!(texts(&world, URL), ["other"]);
    world.run_for(10 * SECOND);
    assert_eq!(texts(&world, URL), ["other", "one", "two"]);
    assert_eq!(status(&mut world), (json!("on"), String::new()));
}

#[test]
fn an_endpoint_in_trouble_holds_up_no_other_one_and_no_text() {
    let mut world = listening();
    put_as(&mut world, COUNTER.1, "shop", OTHER_URL, &["VOTERS", "DRIVERS"]);
    world.receivers.answers.insert(URL.to_owned(), Answers::Late);
    for at in 0..30 {
        world.text(&format!("+1555020{at:04}"), "Hello");
    }
    world.text_to(SAM, DRIVERS_NUMBER, "Hello", &[]);
    world.run_for(5 * SECOND);
    assert_eq!(texts(&world, OTHER_URL).len(), 31);
    // At most 20 at once.
    assert_eq!(world.receivers.at(URL).len(), 20);
    for received in world.receivers.at(OTHER_URL) {
        assert!(!received.body.contains("+1555"), "a key without people:read hears no number: {}", received.body);
    }
    world.run_for(MINUTE);
    assert_eq!(world.conversations(SAM).len() + world.conversations("+15550200029").len(), 2);
}

#[test]
fn it_is_tried_for_three_days_and_then_the_endpoint_is_off_until_it_is_put_again() {
    let mut world = listening();
    world.receivers.answers.insert(URL.to_owned(), Answers::Status(503));
    world.text(SAM, "one");
    world.run_for(2 * DAY);
    let begun = world.receivers.received[0].at;
    let tries: Vec<i64> = world.receivers.received.iter().map(|it| (it.at - begun) / MINUTE).collect();
    let waits = [5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60];
    let mut expected = vec![0, 0];
    for wait in waits {
        expected.push(expected.last().expect("one") + wait);
    }
    assert_eq!(tries, expected);
    let ids: BTreeSet<&String> = world.receivers.received.iter().map(|it| &it.id).collect();
    assert_eq!(ids.len(), 1, "each try has the same id");
    assert_eq!(status(&mut world).0, json!("on"));
    world.run_for(2 * DAY);
    let (off, reason) = status(&mut world);
    assert!(off == json!("off") && reason.contains("three days"), "{reason}");
    assert!(counted(&world).iter().any(|what| what.starts_with("endpoint crm is off")), "{:?}", counted(&world));
    let so_far = world.receivers.received.len();
    world.text(SAM, "two");
    world.run_for(2 * DAY);
    assert_eq!(world.receivers.received.len(), so_far, "nothing is delivered while it is off");
    world.receivers.answers.clear();
    assert_eq!(put(&mut world).body["status"], "on");
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL), ["one", "two"]);
}

/// What operators read of what belongs to no hotline.
fn counted(world: &World) -> Vec<String> {
    let object = world.objects.get(&Name::Directory(0));
    object.map_or_else(Vec::new, |it| {
        hotline::directory::counts(&it.store).unwrap().into_iter().map(|it| it.what).collect()
    })
}

#[test]
fn an_address_that_is_gone_once_switches_the_endpoint_off_and_nothing_is_lost() {
    let mut world = listening();
    world.receivers.next.insert(URL.to_owned(), [Answers::Status(410)].into());
    world.text(SAM, "one");
    world.run_for(MINUTE);
    world.text(SAM, "two");
    world.run_for(DAY);
    assert_eq!(status(&mut world), (json!("off"), "its address answered 410 Gone".to_owned()));
    assert_eq!(world.receivers.received.len(), 1);
    assert_eq!(ask(&mut world, "POST", "crm/test", &Value::Null).code(), "endpoint_off");
    put(&mut world);
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL), ["one", "two"]);
}

#[test]
fn a_redirect_and_an_address_that_is_away_or_late_are_failures() {
    for (answers, words) in [
        (Answers::Status(302), "302"),
        (Answers::Status(404), "404"),
        (Answers::Late, "within 10 seconds"),
        (Answers::Away, "could not be reached"),
    ] {
        let mut world = listening();
        world.receivers.next.insert(URL.to_owned(), [answers].into());
        world.text(SAM, "one");
        // Before it is tried again.
        world.run_for(if answers == Answers::Late { 12 * SECOND } else { 2 * SECOND });
        let (on, reason) = status(&mut world);
        assert!(on == json!("on") && reason.contains(words), "{answers:?}: {reason}");
        world.run_for(MINUTE);
        assert_eq!((texts(&world, URL), status(&mut world).1), (vec!["one".to_owned()], String::new()), "{answers:?}");
    }
}

#[test]
fn secrets_that_follow_each_other_sign_together_for_a_day() {
    let mut world = listening();
    let signatures = |world: &mut World| {
        world.text(SAM, "Hello");
        world.run_for(MINUTE);
        world.receivers.received.last().expect("one").signatures.split(' ').count()
    };
    assert_eq!(signatures(&mut world), 1);
    let body = Value::Null.to_string().into_bytes();
    let rotate = |world: &mut World, key: &str| {
        world.program_with(LISTENER.1, "POST", "/v1/endpoints/crm/rotate", &[("idempotency-key", key)], body.clone())
    };
    let first = rotate(&mut world, "k-1");
    assert_eq!((first.status, &rotate(&mut world, "k-1").body), (200, &first.body));
    assert_eq!(signatures(&mut world), 2);
    world.run_for(12 * HOUR);
    let second = rotate(&mut world, "k-2");
    assert_ne!(first.body["secret"], second.body["secret"]);
    assert_eq!(signatures(&mut world), 3);
    world.run_for(12 * HOUR);
    assert_eq!(signatures(&mut world), 2, "the first one's day is over");
    world.run_for(12 * HOUR);
    assert_eq!(signatures(&mut world), 1);
}

#[test]
fn a_replay_delivers_again_under_the_same_ids_and_in_order() {
    let mut world = world();
    world.text(SAM, "zero");
    world.run_for(MINUTE);
    let since = world.now;
    put(&mut world);
    for (from, text) in [(SAM, "one"), (ANN, "other"), (SAM, "two")] {
        world.text(from, text);
        world.run_for(MINUTE);
    }
    let ids = |world: &World| world.receivers.taken(URL).iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    let first = ids(&world);
    world.receivers.received.clear();
    let at = |millis: i64| protocol::Timestamp::from_millisecond(millis).expect("an instant").to_string();
    let replayed = ask(&mut world, "POST", "crm/replay", &json!({"since": at(since)}));
    assert_eq!(replayed.status, 202, "{:?}", replayed.body);
    world.run_for(MINUTE);
    assert_eq!(ids(&world).into_iter().collect::<BTreeSet<_>>(), first.iter().cloned().collect());
    let of_sam: Vec<String> = texts(&world, URL).into_iter().filter(|text| text != "other").collect();
    assert_eq!(of_sam, ["one", "two"]);
    // From before there was an endpoint, too.
    world.receivers.received.clear();
    ask(&mut world, "POST", "crm/replay", &json!({"since": at(since - HOUR)}));
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL).len(), 4);
    let tomorrow = at(world.now + DAY);
    let wrong = ask(&mut world, "POST", "crm/replay", &json!({"since": tomorrow}));
    assert_eq!(wrong.errors(), [("since".to_owned(), "in_the_future".to_owned())]);
}

#[test]
fn an_endpoint_that_is_deleted_while_it_gets_events_gets_no_more() {
    let mut world = listening();
    world.receivers.answers.insert(URL.to_owned(), Answers::Late);
    world.text(SAM, "one");
    world.text(SAM, "two");
    world.run_for(5 * SECOND);
    let gone = ask(&mut world, "DELETE", "crm", &Value::Null);
    assert_eq!((gone.status, &gone.body), (200, &json!({"deleted": true})));
    let so_far = world.receivers.received.len();
    world.text(SAM, "three");
    assert!(world.settle(4));
    assert_eq!(world.receivers.received.len(), so_far);
    assert_eq!(ask(&mut world, "GET", "crm", &Value::Null).status, 404);
    // One of the same name is another one, with a secret of its own.
    world.receivers.answers.clear();
    assert!(put(&mut world).body["secret"].is_string());
    world.text(SAM, "four");
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL), ["four"]);
}

#[test]
fn a_kill_while_events_are_delivered_loses_none() {
    let mut world = listening();
    world.receivers.answers.insert(URL.to_owned(), Answers::Late);
    world.text(SAM, "one");
    world.run_for(SECOND);
    world.text(SAM, "two");
    world.run_for(3 * SECOND);
    world.receivers.answers.clear();
    world.crash_all();
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL), ["one", "two"]);
    let ids: Vec<&String> = world.receivers.received.iter().map(|it| &it.id).collect();
    assert_eq!((ids.len(), ids[0]), (3, ids[1]), "what nobody knows of is sent again under its id");
}

#[test]
fn a_test_arrives_for_whoever_asked() {
    let mut world = listening();
    let sent = ask(&mut world, "POST", "crm/test", &Value::Null);
    assert_eq!(sent.status, 202);
    world.run_for(MINUTE);
    let [received] = world.receivers.received.as_slice() else { panic!("{:?}", world.receivers.received) };
    assert_eq!((json!(received.id), received.kind()), (sent.body["id"].clone(), "endpoint.test".to_owned()));
    assert_eq!(received.json()["data"], json!({"endpoint": "crm"}));
}

#[test]
fn a_wrong_endpoint_is_refused_with_all_that_is_wrong() {
    let mut world = world();
    let endpoint = json!({"url": "http://localhost", "events": ["message.*", "mess"], "hotlines": [], "colour": "red"});
    let refused = ask(&mut world, "PUT", "crm", &endpoint);
    let named: Vec<_> = refused.errors().into_iter().map(|(field, code)| format!("{field} {code}")).collect();
    assert_eq!((refused.status, refused.code()), (400, "invalid_request"));
    assert_eq!(named, ["url not_allowed", "events.1 unknown_word", "hotlines empty", "colour unknown_field"]);
    let foreign = put_as(&mut world, LISTENER.1, "crm", URL, &["VOTERS", "DRIVERS"]);
    assert_eq!((foreign.status, foreign.code()), (403, "hotline_forbidden"));
    assert_eq!(put_as(&mut world, CRM.1, "crm", URL, &["VOTERS"]).code(), "scope_missing");
    assert_eq!(ask(&mut world, "GET", "crm", &Value::Null).code(), "not_found");
    // Whose hotlines a key does not open is not for it to see or to change.
    put_as(&mut world, COUNTER.1, "both", URL, &["VOTERS", "DRIVERS"]);
    for (method, target) in [("GET", "both"), ("DELETE", "both"), ("POST", "both/rotate"), ("POST", "both/test")] {
        assert_eq!(ask(&mut world, method, target, &Value::Null).code(), "hotline_forbidden", "{method} {target}");
    }
    assert_eq!(put_as(&mut world, LISTENER.1, "both", URL, &["VOTERS"]).code(), "hotline_forbidden");
}

#[test]
fn a_hotline_that_is_left_out_is_no_longer_told_of() {
    let mut world = world();
    put_as(&mut world, COUNTER.1, "both", URL, &["VOTERS", "DRIVERS"]);
    put_as(&mut world, COUNTER.1, "both", OTHER_URL, &["DRIVERS"]);
    world.text(SAM, "one");
    world.text_to(SAM, DRIVERS_NUMBER, "two", &[]);
    world.run_for(MINUTE);
    assert_eq!((texts(&world, URL), texts(&world, OTHER_URL)), (vec![], vec!["two".to_owned()]));
}

#[test]
fn no_more_wait_at_an_endpoint_than_it_holds_and_the_others_come_later() {
    let mut world = listening();
    world.most_events = 10_000_000;
    world.receivers.answers.insert(URL.to_owned(), Answers::Away);
    // One person alone may have a thousand.
    for at in 0..1_010 {
        world.text(SAM, &at.to_string());
        world.run_for(100);
    }
    world.run_for(MINUTE);
    world.receivers.answers.clear();
    world.run_for(7 * HOUR);
    let texts = texts(&world, URL);
    let numbers: Vec<i64> = texts.iter().map(|text| text.parse().expect("a number")).collect();
    assert!(numbers.is_sorted(), "in order");
    assert!((1_000..1_010).contains(&numbers.len()), "{}", numbers.len());
}

#[test]
fn an_endpoint_whose_secret_is_gone_says_so_and_goes_on_with_another_one() {
    let mut world = listening();
    Rc::make_mut(&mut world.config).secrets.session_secret = "another-session-secret-of-32-bytes".into();
    world.text(SAM, "one");
    world.run_for(MINUTE);
    let (off, reason) = status(&mut world);
    assert!(off == json!("off") && reason.contains("SESSION_SECRET") && reason.contains("rotate"), "{reason}");
    assert!(world.receivers.received.is_empty(), "nothing leaves that nobody can verify");
    assert!(ask(&mut world, "POST", "crm/rotate", &Value::Null).body["secret"].is_string());
    put(&mut world);
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL), ["one"]);
}

#[test]
fn a_key_that_is_taken_away_hears_nothing_more() {
    let mut world = listening();
    world.text(SAM, "one");
    world.run_for(MINUTE);
    world.config = Rc::new(Stage { has_listeners: false, ..Stage::with("region", json!("US")) }.config());
    world.text(SAM, "two");
    world.run_for(MINUTE);
    assert_eq!(texts(&world, URL), ["one"]);
}
