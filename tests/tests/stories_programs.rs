//! Programs send by `/v1`: once, in their turn, by the rules, and on the same timeline as the agents.

use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{AUDIT, CRM, GREETING, Stage, VOTERS_NUMBERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ANN: &str = "+15550100151";
const DAY: i64 = 86_400_000;

/// A hotline that may send to its own country.
fn world() -> World {
    World::new(&Stage::with("region", json!("US")))
}

fn message(to: &Value, body: &str) -> Value {
    json!({"hotline": "VOTERS", "to": to, "class": "service", "body": body})
}

fn send(world: &mut World, to: &str, body: &str) -> Answer {
    world.program(CRM.1, "POST", "/v1/messages", &message(&json!(to), body))
}

fn item(world: &mut World, id: &str) -> Value {
    world.program(CRM.1, "GET", &format!("/v1/messages/{id}"), &Value::Null).body
}

fn id(answer: &Answer) -> String {
    answer.body["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_message_arrives_and_its_program_hears_how_far_it_has_come() {
    let mut world = world();
    let sent = send(&mut world, SAM, "Your ballot was received.");
    assert_eq!((sent.status, &sent.body["status"]), (202, &json!("accepted")));
    assert_eq!(sent.body["decision"]["outcome"], "send");
    let id = id(&sent);
    world.settle(1);
    assert_eq!(world.phone(SAM), ["Your ballot was received."]);
    let item = item(&mut world, &id);
    assert_eq!((&item["status"], &item["to"], &item["program"]), (&json!("delivered"), &json!(SAM), &json!("crm")));
    assert_eq!((&item["segments"], &item["encoding"]), (&json!(1), &json!("GSM-7")));
    assert!(item["parts"][0]["sid"].as_str().is_some_and(|sid| sid.starts_with("SM")));
    let why = world.program(CRM.1, "GET", &format!("/v1/messages/{id}/why"), &Value::Null);
    assert_eq!(why.body["data"][0]["outcome"], "send", "{:?}", why.body);
    assert_eq!(world.helpscout.conversations().count(), 0, "nobody in Help Scout has asked for it");
    let shown = world.timeline(SAM);
    assert_eq!((&shown[0]["text"], &shown[0]["agent"]), (&json!("Your ballot was received."), &json!("crm")));
}

#[test]
fn what_the_person_answers_becomes_a_conversation_that_quotes_the_message() {
    let mut world = world();
    send(&mut world, SAM, "Can you help on Tuesday?");
    world.run_for(60_000);
    world.text(SAM, "Yes!");
    world.settle(1);
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["Yes!"]);
    let quoted = "This answers a message that the program crm has sent: “Can you help on Tuesday?”";
    assert!(world.notes(conversation).iter().any(|note| note == quoted), "{:?}", world.notes(conversation));
    world.text(SAM, "And on Wednesday");
    world.settle(1);
    assert_eq!(world.notes(conversation).iter().filter(|note| *note == quoted).count(), 1, "it is quoted once");
}

#[test]
fn a_text_that_an_agent_wrote_later_is_what_is_answered() {
    let mut world = world();
    world.text(SAM, "Hello");
    world.run_for(60_000);
    send(&mut world, SAM, "Can you help on Tuesday?");
    world.run_for(60_000);
    world.write("one", SAM, "How are you?");
    world.run_for(60_000);
    world.text(SAM, "Fine");
    world.settle(1);
    let notes = world.notes(world.conversation(SAM));
    assert!(!notes.iter().any(|note| note.contains("This answers")), "{notes:?}");
}

#[test]
fn the_same_request_again_has_one_effect_and_one_answer() {
    let mut world = world();
    let body = message(&json!([SAM, ANN]), "Once").to_string().into_bytes();
    let key = [("idempotency-key", "k-1")];
    let post = |world: &mut World, body: &[u8]| world.program_with(CRM.1, "POST", "/v1/messages", &key, body.to_vec());
    let first = post(&mut world, &body);
    assert_eq!((first.status, first.header("idempotency-replayed")), (202, ""));
    for _ in 0..5 {
        let again = post(&mut world, &body);
        assert_eq!((again.status, &again.body), (202, &first.body));
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
    let other = post(&mut world, &message(&json!([SAM, ANN]), "Twice").to_string().into_bytes());
    assert_eq!((other.status, other.code()), (422, "idempotency_conflict"));
    world.settle(1);
    assert_eq!((world.phone(SAM), world.phone(ANN)), (vec!["Once".to_owned()], vec!["Once".to_owned()]));
}

#[test]
fn an_idempotency_key_that_would_mean_nothing_is_refused() {
    let mut world = world();
    for (key, code) in [(String::new(), "empty"), ("k".repeat(256), "too_long")] {
        let body = message(&json!(SAM), "Once").to_string().into_bytes();
        let refused = world.program_with(CRM.1, "POST", "/v1/messages", &[("idempotency-key", &key)], body);
        assert_eq!((refused.status, refused.code()), (400, "invalid_request"));
        assert_eq!(
            (&refused.body["errors"][0]["field"], &refused.body["errors"][0]["code"]),
            (&json!("Idempotency-Key"), &json!(code))
        );
    }
    world.settle(1);
    assert_eq!(world.phone(SAM), [""; 0]);
}

#[test]
fn a_kill_between_the_effect_and_its_answer_sends_nothing_twice() {
    let mut world = world();
    let body = message(&json!(SAM), "Once").to_string().into_bytes();
    let key = [("idempotency-key", "k-1")];
    let first = world.program_with(CRM.1, "POST", "/v1/messages", &key, body.clone());
    // The key's object has forgotten its answer, as if it had been killed before it heard of it.
    world.forget_answers(CRM.0);
    let again = world.program_with(CRM.1, "POST", "/v1/messages", &key, body);
    assert_eq!((again.status, &again.body["id"]), (202, &first.body["id"]));
    world.settle(1);
    assert_eq!(world.phone(SAM), ["Once"]);
}

#[test]
fn the_answer_to_a_thousand_long_messages_is_kept_whole() {
    let mut world = world();
    let to: Vec<String> = (0..1_000).map(|at| format!("+1555020{at:04}")).collect();
    let body = message(&json!(to), &"😀".repeat(1_600)).to_string().into_bytes();
    let key = [("idempotency-key", "k-1")];
    let first = world.program_with(CRM.1, "POST", "/v1/messages", &key, body.clone());
    assert_eq!((first.status, first.body["data"].as_array().map(Vec::len)), (202, Some(1_000)));
    let again = world.program_with(CRM.1, "POST", "/v1/messages", &key, body);
    assert_eq!((again.header("idempotency-replayed"), again.body == first.body), ("true", true));
    let object = &world.objects[&Name::ApiKey(CRM.0.to_owned())];
    let longest = object.store.texts("SELECT CAST(MAX(LENGTH(CAST(text AS BLOB))) AS TEXT) FROM bodies");
    assert!(longest[0].parse::<usize>().expect("a number") <= 2_000_000, "a row holds 2 MB");
    world.run_for(DAY + 60_000);
    let object = &world.objects[&Name::ApiKey(CRM.0.to_owned())];
    assert!(object.store.texts("SELECT id FROM bodies").is_empty(), "after a day it is forgotten");
}

#[test]
fn a_reference_names_one_message_of_a_person() {
    let mut world = world();
    let with = |to: &str, body: &str| json!({"hotline": "VOTERS", "to": to, "class": "service", "body": body, "reference": "ballot-1"});
    let first = world.program(CRM.1, "POST", "/v1/messages", &with(SAM, "One"));
    let again = world.program(CRM.1, "POST", "/v1/messages", &with(SAM, "Another"));
    assert_eq!((first.status, again.status), (202, 200));
    assert_eq!((&again.body["id"], &again.body["body"]), (&first.body["id"], &json!("One")));
    world.settle(1);
    assert_eq!(world.phone(SAM), ["One"]);
}

#[test]
fn each_recipient_has_an_answer_of_their_own() {
    let mut world = world();
    let to = json!([SAM, "hello", "+1 555 010 0151", SAM, ANN]);
    let sent = world.program(CRM.1, "POST", "/v1/messages", &message(&to, "Hi"));
    let items = sent.body["data"].as_array().expect("a list").clone();
    let rules: Vec<&Value> = items.iter().map(|item| &item["decision"]["rule"]).collect();
    assert_eq!(sent.status, 202);
    assert_eq!(
        rules,
        [&Value::Null, &json!("number_invalid"), &json!("number_invalid"), &json!("duplicate"), &Value::Null]
    );
    world.settle(1);
    assert_eq!((world.phone(SAM).len(), world.phone(ANN).len()), (1, 1));
    for refused in [&items[1], &items[3]] {
        let id = refused["id"].as_str().expect("an id");
        assert_eq!(item(&mut world, id), *refused);
        let why = world.program(CRM.1, "GET", &format!("/v1/messages/{id}/why"), &Value::Null).body;
        assert_eq!(why["data"][0]["rule"], refused["decision"]["rule"]);
        let cancel = world.program(CRM.1, "POST", &format!("/v1/messages/{id}/cancel"), &Value::Null);
        assert_eq!(cancel.body, json!({"canceled": false}));
    }
    assert_eq!(list(&mut world, "status=refused").len(), 3);
}

#[test]
fn a_dry_run_says_what_would_happen_and_does_nothing() {
    let mut world = world();
    let mut body = message(&json!(SAM), "Hi");
    body["dry_run"] = json!(true);
    let said = world.program(CRM.1, "POST", "/v1/messages", &body);
    assert_eq!((said.status, &said.body["id"], &said.body["decision"]["outcome"]), (202, &Value::Null, &json!("send")));
    assert_eq!(said.body["sender"], VOTERS_NUMBERS[0]);
    world.settle(1);
    assert!(world.phone(SAM).is_empty() && world.timeline(SAM).is_empty());
}

#[test]
fn a_stop_that_comes_while_a_message_waits_is_the_last_word() {
    let mut world = world();
    world.text(SAM, "Hello");
    world.run_for(60_000);
    let mut later = message(&json!(SAM), "Later");
    later["send_at"] = json!(timestamp(&world, 3_600));
    let held = world.program(CRM.1, "POST", "/v1/messages", &later);
    assert_eq!((&held.body["status"], &held.body["decision"]["rule"]), (&json!("held"), &json!("send_at")));
    world.text(SAM, "STOP");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING]);
    let item = item(&mut world, &id(&held));
    assert_eq!((&item["status"], &item["decision"]["rule"]), (&json!("refused"), &json!("opted_out")));
    let at_once = send(&mut world, SAM, "Hi");
    assert_eq!((at_once.status, &at_once.body["status"]), (202, &json!("refused")));
}

/// So many seconds from now.
fn timestamp(world: &World, seconds: i64) -> String {
    protocol::Timestamp::from_millisecond(world.now + seconds * 1_000).expect("an instant").to_string()
}

#[test]
fn a_held_message_leaves_at_its_time_unless_it_is_canceled_or_over() {
    let mut world = world();
    let mut later = message(&json!(SAM), "Later");
    later["send_at"] = json!(timestamp(&world, 3_600));
    let sent = world.program(CRM.1, "POST", "/v1/messages", &later);
    later["body"] = json!("Never");
    let canceled = world.program(CRM.1, "POST", "/v1/messages", &later);
    let cancel = format!("/v1/messages/{}/cancel", id(&canceled));
    for _ in 0..2 {
        assert_eq!(world.program(CRM.1, "POST", &cancel, &Value::Null).body, json!({"canceled": true}));
    }
    world.run_for(3_590_000);
    assert!(world.phone(SAM).is_empty());
    world.run_for(60_000);
    assert_eq!(world.phone(SAM), ["Later"]);
    let cancel = format!("/v1/messages/{}/cancel", id(&sent));
    assert_eq!(world.program(CRM.1, "POST", &cancel, &Value::Null).body, json!({"canceled": false}));
    assert_eq!(item(&mut world, &id(&canceled))["status"], "canceled");
}

#[test]
fn a_message_waits_through_the_night_and_one_whose_time_is_over_by_then_expires() {
    let night = json!({"from": "06:00", "until": "08:00", "classes": ["service"]});
    let region = ("region", json!("US"));
    // Noon in UTC is seven in New York.
    let hours = json!({"time_zone": "America/New_York", "open": ["Mon-Sun 00:00-24:00"]});
    let mut world =
        World::new(&Stage { hotline: vec![region, ("quiet", night), ("hours", hours)], ..Stage::default() });
    let waits = send(&mut world, SAM, "Good morning");
    let decision = &waits.body["decision"];
    assert_eq!((&waits.body["status"], &decision["rule"]), (&json!("held"), &json!("quiet_hours")), "{decision}");
    assert_eq!(decision["until"], json!(timestamp(&world, 3_600)));
    let mut body = message(&json!(SAM), "The polls close at half past seven");
    body["expires_at"] = json!(timestamp(&world, 1_800));
    let over = world.program(CRM.1, "POST", "/v1/messages", &body);
    body["class"] = json!("alert");
    world.program(CRM.1, "POST", "/v1/messages", &body);
    world.run_for(1_800_000);
    assert_eq!(item(&mut world, &id(&over))["status"], "expired");
    world.settle(1);
    assert_eq!(world.phone(SAM), ["The polls close at half past seven", "Good morning"]);
}

#[test]
fn one_promotion_a_week_leaves_and_the_next_one_waits() {
    let cap = json!({"service": {"count": 1, "days": 7}});
    let mut world = World::new(&Stage { hotline: vec![("region", json!("US")), ("cap", cap)], ..Stage::default() });
    send(&mut world, SAM, "One");
    let second = send(&mut world, SAM, "Two");
    world.run_for(60_000);
    let item = item(&mut world, &id(&second));
    assert_eq!((&item["status"], &item["decision"]["rule"]), (&json!("held"), &json!("frequency_cap")));
    world.run_for(6 * DAY);
    assert_eq!(world.phone(SAM), ["One"]);
    world.run_for(DAY);
    assert_eq!(world.phone(SAM), ["One", "Two"]);
}

#[test]
fn a_key_opens_its_scopes_and_its_hotlines_alone() {
    let mut world = world();
    let sent = send(&mut world, SAM, "Hi");
    let path = format!("/v1/messages/{}", id(&sent));
    for (token, method, target, body, status, code) in [
        ("rk_crm_wrong", "GET", path.as_str(), Value::Null, 401, "key_unknown"),
        ("", "GET", &path, Value::Null, 401, "key_missing"),
        (AUDIT.1, "POST", "/v1/messages", message(&json!(SAM), "Hi"), 403, "scope_missing"),
        (
            CRM.1,
            "POST",
            "/v1/messages",
            json!({"hotline": "DRIVERS", "to": SAM, "class": "service", "body": "Hi"}),
            403,
            "hotline_forbidden",
        ),
        (CRM.1, "POST", "/v1/messages", json!({"hotline": "NOBODY"}), 403, "hotline_forbidden"),
        (CRM.1, "GET", "/v1/messages/msg_000000000001AAAA", Value::Null, 404, "not_found"),
        (CRM.1, "GET", "/v1/nothing", Value::Null, 404, "not_found"),
        (CRM.1, "PUT", "/v1/messages", Value::Null, 405, "method_not_allowed"),
        (AUDIT.1, "GET", &path, Value::Null, 200, ""),
    ] {
        let answer = world.program(token, method, target, &body);
        assert_eq!((answer.status, answer.code()), (status, code), "{method} {target} {body}");
        assert_eq!(answer.header("content-type") == "application/problem+json", status != 200);
    }
}

#[test]
fn six_hundred_requests_are_answered_and_then_ten_a_second() {
    let mut world = world();
    for left in (0..600).rev() {
        let answer = world.program(AUDIT.1, "GET", "/v1/nothing", &Value::Null);
        assert_eq!((answer.status, answer.header("ratelimit-remaining")), (404, left.to_string().as_str()));
    }
    let answer = world.program(AUDIT.1, "GET", "/v1/nothing", &Value::Null);
    assert_eq!((answer.status, answer.code(), answer.header("retry-after")), (429, "too_many_requests", "1"));
    assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-reset")), ("600", "60"));
    assert_eq!(world.program(CRM.1, "GET", "/v1/nothing", &Value::Null).status, 404, "another key has its own");
    world.run_for(1_000);
    let again = (0..12).filter(|_| world.program(AUDIT.1, "GET", "/v1/nothing", &Value::Null).status == 404).count();
    assert_eq!(again, 10);
}

fn consent(world: &mut World, granted: bool) -> Answer {
    let body = json!({"class": "promotion", "granted": granted, "source": "web form", "evidence": "form 7"});
    world.program(CRM.1, "PUT", &format!("/v1/people/{}/consent", SAM.replace('+', "%2B")), &body)
}

fn person(world: &mut World) -> Answer {
    world.program(CRM.1, "GET", &format!("/v1/people/{SAM}"), &Value::Null)
}

fn promote(world: &mut World) -> Value {
    let promotion = json!({"hotline": "VOTERS", "to": SAM, "class": "promotion", "body": "Come on Saturday"});
    world.program(CRM.1, "POST", "/v1/messages", &promotion).body["decision"]["rule"].clone()
}

#[test]
fn a_promotion_needs_a_consent_and_a_stop_takes_it_away_for_good() {
    let mut world = world();
    assert_eq!(promote(&mut world), "consent_missing");
    assert_eq!(consent(&mut world, true).status, 200);
    assert_eq!(promote(&mut world), Value::Null);
    world.text(SAM, "STOP");
    world.run_for(60_000);
    assert_eq!(promote(&mut world), "opted_out");
    let stopped = person(&mut world).body;
    assert_eq!(stopped["opted_out"]["sender"], "+15550100001");
    assert_eq!(
        (&stopped["consent"]["promotion"]["granted"], &stopped["consent"]["promotion"]["source"]),
        (&json!(false), &json!("STOP"))
    );
    world.text(SAM, "START");
    world.run_for(60_000);
    assert_eq!(person(&mut world).body["opted_out"], Value::Null);
    assert_eq!(promote(&mut world), "consent_withdrawn");
    assert_eq!(send(&mut world, SAM, "Your ballot was received.").body["status"], "accepted");
    consent(&mut world, true);
    assert_eq!(promote(&mut world), Value::Null);
    let history = world.program(CRM.1, "GET", &format!("/v1/people/{SAM}/consent?limit=2"), &Value::Null).body;
    let granted: Vec<&Value> = history["data"].as_array().expect("a list").iter().map(|it| &it["granted"]).collect();
    assert_eq!(granted, [true, false]);
    let next = format!("/v1/people/{SAM}/consent?after={}", history["next"].as_str().expect("a cursor"));
    let rest = world.program(CRM.1, "GET", &next, &Value::Null).body;
    assert_eq!((rest["data"].as_array().map(Vec::len), &rest["next"]), (Some(1), &Value::Null));
}

#[test]
fn a_stop_where_nothing_was_granted_is_no_withdrawal() {
    let mut world = world();
    world.text(SAM, "STOP");
    world.run_for(60_000);
    world.text(SAM, "START");
    world.run_for(60_000);
    assert_eq!(person(&mut world).body["consent"], json!({}));
    assert_eq!(promote(&mut world), "consent_missing");
}

#[test]
fn what_programs_keep_of_a_person_is_replaced_and_their_zone_counts() {
    let mut world = World::new(&Stage {
        hotline: vec![("region", json!("US")), ("quiet", json!({"from": "11:00", "until": "13:00"}))],
        ..Stage::default()
    });
    assert_eq!(person(&mut world).status, 404);
    let path = format!("/v1/people/{SAM}");
    let put = |world: &mut World, body: Value| world.program(CRM.1, "PUT", &path, &body);
    // Noon in UTC is quiet in London alone.
    put(&mut world, json!({"zone": "Europe/London", "language": "en", "fields": {"first": "Sam"}}));
    assert_eq!(send(&mut world, SAM, "Hi").body["decision"]["rule"], "quiet_hours");
    let replaced = put(&mut world, json!({"zone": "America/New_York", "fields": {}}));
    assert_eq!(
        (replaced.status, &replaced.body["language"], &replaced.body["fields"]),
        (200, &Value::Null, &json!({}))
    );
    assert_eq!(person(&mut world).body, replaced.body);
    assert_eq!(send(&mut world, SAM, "Hi").body["decision"]["rule"], Value::Null);
    for (body, errors) in [
        (json!({"zone": "EST"}), vec![("zone", "unknown_zone")]),
        (json!({"zone": 5, "language": "English"}), vec![("zone", "wrong_type"), ("language", "unknown_language")]),
        (json!({"fields": {"a": 1, "b": "x".repeat(501)}}), vec![("fields.a", "wrong_type"), ("fields.b", "too_long")]),
        (json!({"fields": []}), vec![("fields", "wrong_type")]),
        (json!({"consent": {}, "name": "Sam"}), vec![("consent", "read_only"), ("name", "unknown_field")]),
        (json!([]), vec![("", "wrong_type")]),
    ] {
        let refused = put(&mut world, body.clone());
        let expected: Vec<_> = errors.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
        assert_eq!((refused.status, refused.errors()), (400, expected), "{body}");
    }
}

#[test]
fn a_key_of_several_hotlines_names_the_one_it_means() {
    let mut world = world();
    let ask = |world: &mut World, target: &str| {
        let answer = world.program(AUDIT.1, "GET", target, &Value::Null);
        (answer.status, answer.code().to_owned())
    };
    assert_eq!(ask(&mut world, "/v1/people/+15550100150"), (403, "scope_missing".to_owned()));
    let named = |status, code: &str| (status, code.to_owned());
    world.text(SAM, "Hello");
    world.run_for(60_000);
    let path = "/v1/people/%2B15550100150";
    let crm = |world: &mut World, query: &str| {
        let answer = world.program(CRM.1, "GET", &format!("{path}{query}"), &Value::Null);
        (answer.status, answer.code().to_owned())
    };
    assert_eq!(crm(&mut world, ""), named(200, ""));
    assert_eq!(crm(&mut world, "?hotline=VOTERS"), named(200, ""));
    assert_eq!(crm(&mut world, "?hotline=DRIVERS"), named(403, "hotline_forbidden"));
    assert_eq!(crm(&mut world, "?hotlines=VOTERS"), named(400, "invalid_request"));
    assert_eq!(
        world.program(CRM.1, "GET", "/v1/people/5550100150", &Value::Null).errors(),
        [("number".to_owned(), "number_invalid".to_owned())]
    );
}

fn list(world: &mut World, query: &str) -> Vec<String> {
    let page = world.program(CRM.1, "GET", &format!("/v1/messages?{query}"), &Value::Null);
    assert_eq!(page.status, 200, "{query}: {:?}", page.body);
    let items = page.body["data"].as_array().expect("a list").iter();
    items.map(|item| item["body"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn messages_are_found_by_what_programs_know_of_them() {
    let mut world = world();
    for (to, body, tag) in [(SAM, "one", "a"), (ANN, "two", "b"), (SAM, "three", "b")] {
        let mut message = message(&json!(to), body);
        message["tags"] = json!([tag]);
        message["reference"] = json!(body);
        world.program(CRM.1, "POST", "/v1/messages", &message);
        world.run_for(1_000);
    }
    let noon = timestamp(&world, -1).replace(':', "%3A");
    assert_eq!(list(&mut world, ""), ["three", "two", "one"]);
    world.run_for(60_000);
    for (query, found) in [
        ("hotline=VOTERS", vec!["three", "two", "one"]),
        ("to=%2B15550100150", vec!["three", "one"]),
        ("to=+15550100150", vec!["three", "one"]),
        ("tag=b", vec!["three", "two"]),
        ("reference=two", vec!["two"]),
        ("status=delivered&tag=a", vec!["one"]),
        ("status=failed", vec![]),
        (&format!("since={noon}"), vec!["three"]),
        ("limit=2", vec!["three", "two"]),
    ] {
        assert_eq!(list(&mut world, query), found, "{query}");
    }
    let first = world.program(CRM.1, "GET", "/v1/messages?limit=2", &Value::Null).body;
    let next = first["next"].as_str().expect("a cursor").to_owned();
    assert_eq!(list(&mut world, &format!("limit=2&after={next}")), ["one"]);
    for (query, field) in [
        ("limit=101", "limit"),
        ("status=gone", "status"),
        ("since=noon", "since"),
        ("to=5", "to"),
        ("after=x", "after"),
    ] {
        let refused = world.program(CRM.1, "GET", &format!("/v1/messages?{query}"), &Value::Null);
        assert_eq!(refused.errors().first().map(|(field, _)| field.as_str()), Some(field), "{query}");
    }
    let others = world.program(AUDIT.1, "GET", "/v1/messages?hotline=DRIVERS", &Value::Null).body;
    assert_eq!(others, json!({"data": [], "next": null}));
}

#[test]
fn a_reference_of_a_message_to_one_person_is_nobody_elses() {
    let mut world = world();
    let with = |to: Value| json!({"hotline": "VOTERS", "to": to, "class": "service", "body": "Hi", "reference": "r-1"});
    let first = world.program(CRM.1, "POST", "/v1/messages", &with(json!(SAM)));
    let other = world.program(CRM.1, "POST", "/v1/messages", &with(json!(ANN)));
    assert_eq!((first.status, other.status, &other.body["id"]), (202, 200, &first.body["id"]));
    // In a list the pair of reference and number is unique.
    let many = world.program(CRM.1, "POST", "/v1/messages", &with(json!([SAM, ANN])));
    assert_eq!((many.status, &many.body["data"][0]["id"]), (202, &first.body["id"]));
    let again = world.program(CRM.1, "POST", "/v1/messages", &with(json!([SAM, ANN])));
    assert_eq!((again.status, again.body), (200, many.body));
    world.settle(1);
    assert_eq!((world.phone(SAM), world.phone(ANN)), (vec!["Hi".to_owned()], vec!["Hi".to_owned()]));
}

#[test]
fn a_message_of_a_list_whose_alarm_is_lost_leaves_a_little_later() {
    let mut world = world();
    let to: Vec<String> = (0..30).map(|at| format!("+1555020{at:04}")).collect();
    world.program(CRM.1, "POST", "/v1/messages", &message(&json!(to), "Hi"));
    world.lose_alarms();
    world.run_for(3 * 60_000);
    let arrived = |world: &World| to.iter().filter(|to| !world.phone(to).is_empty()).count();
    assert!(arrived(&world) < 5);
    world.run_for(10 * 60_000);
    assert_eq!(arrived(&world), 30);
}

#[test]
fn whom_twilio_knows_as_opted_out_gets_no_promotion_and_their_consent_ends() {
    let mut world = world();
    consent(&mut world, true);
    world.twilio.block("+15550100001", SAM);
    let promotion = json!({"hotline": "VOTERS", "to": SAM, "class": "promotion", "body": "Come on Saturday"});
    let sent = world.program(CRM.1, "POST", "/v1/messages", &promotion);
    world.settle(1);
    let item = item(&mut world, &id(&sent));
    assert_eq!((&item["status"], &item["error"]["code"]), (&json!("failed"), &json!(21610)));
    let known = person(&mut world).body;
    assert_eq!(known["consent"]["promotion"]["granted"], false);
    assert!(known["opted_out"]["at"].is_string());
    assert_eq!(promote(&mut world), "opted_out");
}

#[test]
fn a_message_to_a_phone_that_is_off_fails_once_and_its_program_decides() {
    let mut world = world();
    world.twilio.set_delivery_outcome(SAM, emulator::twilio::DeliveryOutcome::UNREACHABLE);
    let sent = send(&mut world, SAM, "Hi");
    world.settle(2);
    let item = item(&mut world, &id(&sent));
    assert_eq!((&item["status"], &item["error"]["retry"]), (&json!("failed"), &json!("later")));
    assert_eq!(world.made_for(SAM).len(), 1, "it is not sent again by itself");
}

#[test]
fn each_field_of_a_request_to_send_may_be_wrong_and_all_are_named() {
    let mut world = world();
    let long = |count: usize| "x".repeat(count);
    let soon = timestamp(&world, 60);
    let tags: Vec<String> = (0..11).map(|at| at.to_string()).collect();
    for (field, value, named, code) in [
        ("hotline", Value::Null, "hotline", "missing"),
        ("hotline", json!(7), "hotline", "wrong_type"),
        ("to", Value::Null, "to", "missing"),
        ("to", json!(7), "to", "wrong_type"),
        ("to", json!([]), "to", "empty"),
        ("to", json!([SAM, 7]), "to.1", "wrong_type"),
        ("to", json!(vec![SAM; 1_001]), "to", "too_many"),
        ("class", Value::Null, "class", "missing"),
        ("class", json!("reply"), "class", "unknown_word"),
        ("body", Value::Null, "body", "missing"),
        ("body", json!(""), "body", "empty"),
        ("body", json!("  "), "body", "empty"),
        ("body", json!(long(1_601)), "body", "too_long"),
        ("body", json!("a\u{0}b"), "body", "control_character"),
        ("media", json!("https://a.example"), "media", "wrong_type"),
        ("media", json!(["http://a.example/b"]), "media.0", "not_an_address"),
        ("media", json!(vec!["https://a.example/b"; 11]), "media", "too_many"),
        ("via", json!("sms"), "via", "wrong_type"),
        ("send_at", json!("tomorrow"), "send_at", "not_an_instant"),
        ("send_at", json!("2026-11-20T13:00:00"), "send_at", "not_an_instant"),
        ("send_at", json!("2036-11-20T13:00:00Z"), "send_at", "too_far"),
        ("expires_at", json!(7), "expires_at", "wrong_type"),
        ("reference", json!(""), "reference", "empty"),
        ("reference", json!(long(256)), "reference", "too_long"),
        ("tags", json!(tags), "tags", "too_many"),
        ("tags", json!([long(65)]), "tags.0", "too_long"),
        ("dry_run", json!("yes"), "dry_run", "wrong_type"),
        ("conversation", json!("always"), "conversation", "unknown_word"),
        ("sendAt", json!(soon), "sendAt", "unknown_field"),
    ] {
        let mut body = message(&json!(SAM), "Hi");
        body[field] = value;
        let refused = world.program(CRM.1, "POST", "/v1/messages", &body);
        let expected = vec![(named.to_owned(), code.to_owned())];
        assert_eq!((refused.status, refused.errors()), (400, expected), "{body}");
    }
    let mut body =
        json!({"hotline": "VOTERS", "to": vec![SAM; 11], "conversation": "note", "send_at": soon, "expires_at": soon});
    body["text"] = json!("Hi");
    let refused = world.program(CRM.1, "POST", "/v1/messages", &body);
    let fields: Vec<String> = refused.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["class", "body", "expires_at", "conversation", "text"]);
    world.settle(1);
    assert!(world.made_for(SAM).is_empty());
}

#[test]
fn what_a_message_cost_is_asked_once_it_is_known_and_not_for_ever() {
    const HOUR: u64 = 3_600_000;
    for (priced_after_ms, questions, price) in [
        (Some(5 * 60_000), 1, json!({"amount": "-0.01580", "currency": "USD"})),
        (Some(HOUR), 2, json!({"amount": "-0.01580", "currency": "USD"})),
        (Some(20 * HOUR), 4, json!({"amount": "-0.01580", "currency": "USD"})),
        (None, 4, Value::Null),
    ] {
        let mut world = world();
        world.twilio.settings_mut().priced_after_ms = priced_after_ms;
        let sent = send(&mut world, SAM, &"x".repeat(161));
        world.run_for(9 * 60_000);
        assert_eq!(item(&mut world, &id(&sent))["price"], Value::Null);
        assert_eq!(world.ledger.twilio_requests, 1, "nothing is asked before");
        assert!(world.settle(3), "it comes to rest");
        assert_eq!(item(&mut world, &id(&sent))["price"], price, "priced after {priced_after_ms:?}");
        assert_eq!(world.ledger.twilio_requests, 1 + questions, "priced after {priced_after_ms:?}");
        let listed = world.program(CRM.1, "GET", "/v1/messages", &Value::Null).body;
        assert_eq!(listed["data"][0]["price"], price);
    }
}

#[test]
fn what_agents_write_is_asked_no_price() {
    let mut world = world();
    world.text(SAM, "Hello");
    world.settle(1);
    world.write("one", SAM, "Hi");
    let asked = world.ledger.twilio_requests;
    world.settle(3);
    assert_eq!(world.ledger.twilio_requests, asked + 1, "the create alone");
}
