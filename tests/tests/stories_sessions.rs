//! Two people text each other through a pool, and neither sees the other's number.

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{DeliveryOutcome, Message};
use ringside_tests::world::World;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{CRM, GREETING, LISTENER, MAILER, Stage, VOTERS_NUMBERS};
use serde_json::{Value, json};

const COURIER: &str = "+15550100101";
const SHOP: &str = "+15550100102";
const OTHER_SHOP: &str = "+15550100103";
const STRANGER: &str = "+15550100104";
const POOL: [&str; 3] = ["+15550100011", "+15550100012", "+15550100013"];
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn world() -> World {
    World::new(&Stage { pool: POOL.into(), ..Stage::default() })
}

fn wanted(one: &str, other: &str) -> Value {
    json!({"pool": "COURIERS", "participants": [{"number": one, "name": "Carl"}, {"number": other, "name": "Corner shop"}]})
}

fn create(world: &mut World, body: &Value) -> Answer {
    world.program(CRM.1, "POST", "/v1/sessions", body)
}

/// A session of a courier and a shop: its id, and at which number each reaches the other.
fn open_with(world: &mut World, body: &Value) -> (String, String, String) {
    let made = create(world, body);
    assert_eq!(made.status, 201, "{:?}", made.body);
    let proxy = |at: usize| made.body["participants"][at]["proxy"].as_str().unwrap().to_owned();
    (made.body["id"].as_str().unwrap().to_owned(), proxy(0), proxy(1))
}

fn open(world: &mut World) -> (String, String, String) {
    open_with(world, &wanted(COURIER, SHOP))
}

fn read(world: &mut World, id: &str) -> Value {
    world.program(CRM.1, "GET", &format!("/v1/sessions/{id}"), &Value::Null).body
}

fn close(world: &mut World, id: &str) -> Answer {
    world.program(CRM.1, "POST", &format!("/v1/sessions/{id}/close"), &Value::Null)
}

/// What a phone shows: from which number, and what.
fn shown(world: &World, phone: &str) -> Vec<(String, String)> {
    let to = |message: &Message| message.to == phone;
    let all = world.twilio.messages_with(phone).into_iter().filter(to);
    all.map(|message| (message.from.unwrap_or_default(), message.body)).collect()
}

fn text(world: &mut World, from: &str, to: &str, words: &str) {
    world.text_to(from, to, words, &[]);
    world.run_for(10_000);
}

fn from(number: &str, words: &str) -> (String, String) {
    (number.to_owned(), words.to_owned())
}

#[test]
fn a_courier_and_a_shop_text_each_other_and_see_no_number_but_the_pools() {
    let mut world = world();
    let (id, to_shop, to_courier) = open(&mut world);
    let session = read(&mut world, &id);
    assert_eq!(
        (&session["status"], &session["pool"], &session["expires_at"]),
        (&json!("open"), &json!("COURIERS"), &Value::Null)
    );
    assert_eq!(session["participants"][1], json!({"number": SHOP, "proxy": to_courier, "name": "Corner shop"}));
    text(&mut world, COURIER, &to_shop, "I am at the door");
    text(&mut world, SHOP, &to_courier, "coming");
    text(&mut world, COURIER, &to_shop, "thanks");
    assert_eq!(shown(&world, SHOP), [from(&to_courier, "I am at the door"), from(&to_courier, "thanks")]);
    assert_eq!(shown(&world, COURIER), [from(&to_shop, "coming")]);
    world.settle(1);
    assert_eq!(world.helpscout.conversations().count(), 0, "what is passed on does not appear in Help Scout");
}

#[test]
fn a_picture_is_passed_on_by_a_link_of_our_own() {
    let mut world = world();
    let (_, to_shop, _) = open(&mut world);
    world.text_to(COURIER, &to_shop, "this one?", &["image/jpeg"]);
    world.run_for(10_000);
    world.settle(1);
    let got = world.twilio.messages_with(SHOP);

    assert_eq!((got[0].body.as_str(), got[0].media.len()), ("this one?", 1));
    assert!(got[0].media_urls[0].starts_with("https://hotline.example.org/media/"), "{:?}", got[0].media_urls);
    // What Twilio takes under no type of its own is a link.
    world.text_to(COURIER, &to_shop, "and this", &["text/vcard"]);
    world.settle(1);
    let got = world.twilio.messages_with(SHOP);
    assert_eq!(got[1].media_urls.len(), 0);
    assert!(got[1].body.starts_with("and this\nhttps://hotline.example.org/media/"), "{:?}", got[1].body);
}

#[test]
fn the_same_text_comes_twice_and_arrives_once() {
    let mut world = world();
    let (_, to_shop, _) = open(&mut world);
    let rule = Rule {
        id: 0,
        kind: Kind::Status { status: 500, headers: [].into(), body: json!({}) },
        method: Some("POST".into()),
        path_contains: Some("Messages.json".into()),
        times: Some(1),
    };
    world.faults.add(Service::Twilio, rule);
    world.text_to(COURIER, &to_shop, "hello", &[]);
    world.settle(1);
    assert_eq!(shown(&world, SHOP).len(), 1);
}

#[test]
fn an_answer_of_twilio_is_lost_and_the_text_arrives_once() {
    for is_done in [true, false] {
        let mut world = world();
        let (_, to_shop, to_courier) = open(&mut world);
        let kind = if is_done { Kind::LostAnswer } else { Kind::Down { refuse: true } };
        let rule = Rule {
            id: 0,
            kind,
            method: Some("POST".into()),
            path_contains: Some("Messages.json".into()),
            times: Some(1),
        };
        world.faults.add(Service::Twilio, rule);
        text(&mut world, COURIER, &to_shop, "one");
        text(&mut world, COURIER, &to_shop, "two");
        world.settle(1);
        assert_eq!(shown(&world, SHOP), [from(&to_courier, "one"), from(&to_courier, "two")], "done: {is_done}");
    }
}

#[test]
fn the_process_is_killed_and_each_text_arrives_once() {
    let mut world = world();
    let (_, to_shop, to_courier) = open(&mut world);
    for words in ["one", "two", "three"] {
        world.text_to(COURIER, &to_shop, words, &[]);
        for _ in 0..6 {
            world.run_for(20);
            world.crash_all();
        }
    }
    world.settle(1);
    assert_eq!(shown(&world, SHOP), ["one", "two", "three"].map(|words| from(&to_courier, words)));
}

#[test]
fn a_stop_is_never_passed_on_and_holds_for_that_number_alone() {
    let mut world = world();
    let (_, to_shop, to_courier) = open(&mut world);
    let (_, to_other, from_other) = open_with(&mut world, &wanted(COURIER, OTHER_SHOP));
    assert_ne!(to_shop, to_other, "one courier, two shops, two numbers");
    text(&mut world, COURIER, &to_shop, "STOP");
    text(&mut world, SHOP, &to_courier, "are you there?");
    text(&mut world, SHOP, &to_courier, "hello?");
    text(&mut world, OTHER_SHOP, &from_other, "please hurry");
    let refusal = "Your message was not delivered: the other person cannot receive texts from this number.";
    assert_eq!(shown(&world, SHOP), [from(&to_courier, refusal)], "told once");
    assert_eq!(shown(&world, COURIER), [from(&to_other, "please hurry")]);
    text(&mut world, COURIER, &to_shop, "START");
    text(&mut world, SHOP, &to_courier, "back?");
    assert_eq!(shown(&world, COURIER)[1..], [from(&to_shop, "back?")]);
    assert_eq!(shown(&world, SHOP).len(), 1, "neither word is passed on");
    world.settle(1);
    assert_eq!(world.helpscout.conversations().count(), 0);
}

#[test]
fn yes_is_a_word_to_the_other_unless_it_follows_a_stop() {
    let mut world = world();
    let (_, to_shop, to_courier) = open(&mut world);
    text(&mut world, COURIER, &to_shop, "YES");
    text(&mut world, COURIER, &to_shop, "HELP");
    assert_eq!(shown(&world, SHOP), [from(&to_courier, "YES"), from(&to_courier, "HELP")]);
}

#[test]
fn what_does_not_arrive_is_told_to_who_wrote_it_once_a_session() {
    let mut world = world();
    let (_, to_shop, _) = open(&mut world);
    world.twilio.set_delivery_outcome(SHOP, DeliveryOutcome::LANDLINE);
    text(&mut world, COURIER, &to_shop, "one");
    text(&mut world, COURIER, &to_shop, "two");
    world.settle(1);
    assert_eq!(shown(&world, COURIER), [from(&to_shop, "Your message could not be delivered.")]);
}

#[test]
fn two_answering_machines_are_stopped_and_the_hotline_is_told() {
    let mut world = world();
    let (_, to_shop, to_courier) = open(&mut world);
    for _ in 0..14 {
        world.text_to(COURIER, &to_shop, "I am on holiday", &[]);
        world.run_for(5_000);
        world.text_to(SHOP, &to_courier, "We are closed", &[]);
        world.run_for(5_000);
    }
    let (shop, courier) = (shown(&world, SHOP).len(), shown(&world, COURIER).len());
    assert!((10..=11).contains(&shop) && (10..=11).contains(&courier), "{shop} {courier}");
    world.settle(1);
    assert!(world.said(world.conversation(COURIER))[0].contains("Two machines"));
    world.run_for(HOUR);
    text(&mut world, COURIER, &to_shop, "I am back");
    assert_eq!(shown(&world, SHOP).last(), Some(&from(&to_courier, "I am back")));
}

#[test]
fn a_text_after_the_end_is_the_hotlines_with_a_word_about_the_pool() {
    let mut world = world();
    let (id, to_shop, to_courier) = open(&mut world);
    let closed = close(&mut world, &id);
    assert_eq!((closed.status, &closed.body["status"]), (200, &json!("closed")));
    assert_eq!(close(&mut world, &id).body, closed.body, "again is once");
    for (person, number) in [(COURIER, &to_shop), (SHOP, &to_courier)] {
        text(&mut world, person, number, "one more thing");
        world.settle(1);
        let said = world.said(world.conversation(person));
        assert!(said[0].starts_with("one more thing") && said[0].contains("pool COURIERS"), "{said:?}");
        assert!(said[0].contains("has ended"), "{said:?}");
    }
    text(&mut world, STRANGER, POOL[0], "who is this?");
    world.settle(1);
    assert!(world.said(world.conversation(STRANGER))[0].contains("no session there"));
    // The answer leaves from the hotline's own number.
    let conversation = world.conversation(STRANGER);
    world.reply(conversation, "<p>The voters' hotline</p>");
    world.settle(1);
    assert_eq!(shown(&world, STRANGER).last(), Some(&from(VOTERS_NUMBERS[0], "The voters' hotline")));
    assert!(shown(&world, SHOP).iter().all(|(_, words)| words == GREETING), "nothing was passed on");
}

#[test]
fn a_session_expires_when_nothing_was_said_for_its_time() {
    let mut world = world();
    let mut body = wanted(COURIER, SHOP);
    body["ttl"] = json!("PT2H");
    let (id, to_shop, to_courier) = open_with(&mut world, &body);
    for words in ["one", "two"] {
        world.run_for(90 * MINUTE);
        text(&mut world, SHOP, &to_courier, words);
    }
    assert_eq!(read(&mut world, &id)["status"], "open", "either way counts");
    world.run_for(2 * HOUR);
    let expired = read(&mut world, &id);
    assert_eq!((&expired["status"], &expired["expires_at"]), (&json!("expired"), &Value::Null));
    text(&mut world, COURIER, &to_shop, "too late");
    world.settle(1);
    assert_eq!(world.said(world.conversation(COURIER)).len(), 1);
    assert_eq!(shown(&world, SHOP), Vec::new());
}

#[test]
fn each_session_of_a_person_has_a_number_of_its_own_until_there_is_none() {
    let mut world = world();
    let shops = [SHOP, OTHER_SHOP, "+15550100105"];
    let proxies: Vec<_> = shops.map(|shop| open_with(&mut world, &wanted(COURIER, shop))).into();
    let mut of_courier: Vec<_> = proxies.iter().map(|(_, proxy, _)| proxy.clone()).collect();
    of_courier.sort();
    assert_eq!(of_courier, POOL);
    assert!(proxies.iter().all(|(_, _, proxy)| proxy == POOL[0]), "for each shop the lowest is free");
    for body in [wanted(COURIER, STRANGER), wanted(STRANGER, COURIER)] {
        let refused = create(&mut world, &body);
        assert_eq!((refused.status, refused.code()), (409, "pool_exhausted"));
    }
    // A session that did not come about holds nothing.
    let (_, proxy, _) = open_with(&mut world, &wanted(STRANGER, SHOP));
    assert_eq!(proxy, POOL[0]);
    // One that was closed an hour ago makes room.
    close(&mut world, &proxies[1].0);
    assert_eq!(create(&mut world, &wanted(COURIER, "+15550100106")).code(), "pool_exhausted");
    world.run_for(HOUR + MINUTE);
    let (_, proxy, _) = open_with(&mut world, &wanted(COURIER, "+15550100106"));
    assert_eq!(proxy, proxies[1].1);
}

#[test]
fn the_same_two_have_their_numbers_again_while_they_rest() {
    let mut world = world();
    open_with(&mut world, &wanted(COURIER, OTHER_SHOP));
    let (id, to_shop, to_courier) = open(&mut world);
    close(&mut world, &id);
    world.run_for(DAY);
    let (_, again, courier_again) = open(&mut world);
    assert_eq!((again, courier_again), (to_shop, to_courier));
}

#[test]
fn the_same_request_is_one_session() {
    let mut world = world();
    let mut body = wanted(COURIER, SHOP);
    body["reference"] = json!("order-7");
    let first = create(&mut world, &body);
    let again = create(&mut world, &body);
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.body["id"], again.body["id"]);
    let mut other = wanted(OTHER_SHOP, COURIER);
    other["reference"] = json!("order-7");
    let other = create(&mut world, &other);
    assert_eq!((other.status, &other.body["id"]), (200, &first.body["id"]), "what exists");
    let keyed = |world: &mut World| {
        let body = wanted(COURIER, OTHER_SHOP).to_string().into_bytes();
        world.program_with(CRM.1, "POST", "/v1/sessions", &[("idempotency-key", "k1")], body)
    };
    let (one, two) = (keyed(&mut world), keyed(&mut world));
    assert_eq!((one.status, two.status, &one.body), (201, 201, &two.body));
    assert_eq!(two.header("idempotency-replayed"), "true");
}

#[test]
fn a_key_sees_the_sessions_of_its_hotlines_alone() {
    let mut world = world();
    let (id, ..) = open(&mut world);
    let target = format!("/v1/sessions/{id}");
    for (token, status, code) in [(MAILER.1, 403, "scope_missing"), (LISTENER.1, 401, "key_unknown")] {
        let answer = world.program(token, "GET", &target, &Value::Null);
        assert_eq!((answer.status, answer.code()), (status, code));
    }
    let unknown = world.program(CRM.1, "GET", "/v1/sessions/ses_0000000000010123456789", &Value::Null);
    assert_eq!((unknown.status, unknown.code()), (404, "not_found"));
}

#[test]
fn a_bad_request_is_refused_with_each_field() {
    let mut world = world();
    let with = |field: &str, value: Value| {
        let mut body = wanted(COURIER, SHOP);
        body[field] = value;
        body
    };
    let of = |one: &str, other: &str| wanted(one, other);
    for (body, status, code, fields) in [
        (with("pool", json!("SHOPS")), 400, "invalid_request", vec!["pool"]),
        (with("pool", Value::Null), 400, "invalid_request", vec!["pool"]),
        (with("pool", json!(7)), 400, "invalid_request", vec!["pool"]),
        (with("participants", Value::Null), 400, "invalid_request", vec!["participants"]),
        (with("participants", json!([])), 400, "invalid_request", vec!["participants"]),
        (with("participants", json!([{"number": SHOP}])), 400, "invalid_request", vec!["participants"]),
        (with("participants", json!(["a", "b"])), 400, "invalid_request", vec!["participants.0", "participants.1"]),
        (
            with("participants", json!([{"number": SHOP, "age": 7}, {}])),
            400,
            "invalid_request",
            vec!["participants.0.age", "participants.1.number"],
        ),
        (with("ttl", json!("PT59S")), 400, "invalid_request", vec!["ttl"]),
        (with("ttl", json!("-PT2H")), 400, "invalid_request", vec!["ttl"]),
        (with("ttl", json!("P10Y")), 400, "invalid_request", vec!["ttl"]),
        (with("ttl", json!("soon")), 400, "invalid_request", vec!["ttl"]),
        (with("ttl", json!(3600)), 400, "invalid_request", vec!["ttl"]),
        (with("mode", json!(["fax"])), 400, "invalid_request", vec!["mode.0"]),
        (with("reference", json!("")), 400, "invalid_request", vec!["reference"]),
        (with("reference", json!("x".repeat(256))), 400, "invalid_request", vec!["reference"]),
        (with("colour", json!("red")), 400, "invalid_request", vec!["colour"]),
        (of(COURIER, COURIER), 422, "participant_same", vec!["participants.1.number"]),
        (of(COURIER, POOL[1]), 422, "participant_ours", vec!["participants.1.number"]),
        (of(VOTERS_NUMBERS[0], SHOP), 422, "participant_ours", vec!["participants.0.number"]),
        (of("12345", "5550100101"), 422, "number_invalid", vec!["participants.0.number", "participants.1.number"]),
    ] {
        let answer = create(&mut world, &body);
        assert_eq!((answer.status, answer.code()), (status, code), "{body}");
        let named: Vec<String> = answer.errors().into_iter().map(|(field, _)| field).collect();
        assert_eq!(named, fields, "{body}");
    }
}
