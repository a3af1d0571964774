//! Templates: a program stores what is said in several languages, and each message fills it.

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::World;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{AUDIT, CRM, MAILER, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ANN: &str = "+15550100151";
const BALLOT: &str = "/v1/templates/ballot_received";
const CONTENT_SID: &str = "HX0123456789abcdef0123456789abcdef";

/// A hotline that may send to its own country.
fn world() -> World {
    World::new(&Stage::with("region", json!("US")))
}

fn ballot() -> Value {
    json!({
        "versions": {
            "es": {"sms": "Hola {{first}}, su boleta fue recibida."},
            "en": {"sms": "Hi {{first}}, your ballot was received."},
        },
        "fields": {"first": {"required": true, "max": 10}},
    })
}

fn put(world: &mut World, template: &Value) -> Answer {
    world.program(CRM.1, "PUT", BALLOT, template)
}

fn get(world: &mut World) -> Answer {
    world.program(CRM.1, "GET", BALLOT, &Value::Null)
}

/// A message from the template.
fn message(to: &str, language: &str, data: &Value) -> Value {
    let template = json!({"name": "ballot_received", "language": language, "data": data});
    json!({"hotline": "VOTERS", "to": to, "class": "service", "template": template})
}

fn send(world: &mut World, message: &Value) -> Answer {
    world.program(CRM.1, "POST", "/v1/messages", message)
}

fn item(world: &mut World, id: &Value) -> Value {
    let id = id.as_str().expect("an id");
    world.program(CRM.1, "GET", &format!("/v1/messages/{id}"), &Value::Null).body
}

fn errors(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!((answer.status, answer.code()), (400, "invalid_request"), "{answer:?}");
    answer.errors()
}

fn error(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[test]
fn a_template_is_stored_read_and_changed_and_a_version_never_changes() {
    let mut world = world();
    assert_eq!(get(&mut world).status, 404);
    let first = put(&mut world, &ballot());
    assert_eq!((first.status, &first.body["version"]), (200, &json!(1)));
    assert_eq!((&first.body["name"], &first.body["hotline"]), (&json!("ballot_received"), &json!("VOTERS")));
    assert_eq!(first.body["versions"], ballot()["versions"]);
    assert_eq!(first.body["fields"], ballot()["fields"]);
    world.run_for(60_000);
    assert_eq!(put(&mut world, &ballot()).body, first.body, "nothing has changed");
    assert_eq!(get(&mut world).body, first.body);
    let mut changed = ballot();
    changed["versions"]["en"]["sms"] = json!("Hello {{first}}!");
    let second = put(&mut world, &changed);
    assert_eq!((&second.body["version"], &second.body["versions"]), (&json!(2), &changed["versions"]));
    assert_eq!(get(&mut world).body, second.body);
}

#[test]
fn a_deleted_template_is_unknown_and_a_later_one_of_its_name_goes_on_with_the_next_number() {
    let mut world = world();
    put(&mut world, &ballot());
    let gone = world.program(CRM.1, "DELETE", BALLOT, &Value::Null);
    assert_eq!((gone.status, gone.body), (200, json!({"deleted": true})));
    assert_eq!(world.program(CRM.1, "DELETE", BALLOT, &Value::Null).status, 404);
    assert_eq!(get(&mut world).status, 404);
    let sent = send(&mut world, &message(SAM, "en", &json!({"first": "Sam"})));
    assert_eq!(errors(&sent), error("template.name", "template_unknown"));
    assert_eq!(put(&mut world, &ballot()).body["version"], 2);
}

#[test]
fn a_message_says_the_version_that_it_was_accepted_with() {
    let mut world = world();
    put(&mut world, &ballot());
    let mut later = message(SAM, "en", &json!({"first": "{{last}}"}));
    let in_an_hour = protocol::Timestamp::from_millisecond(world.now + 3_600_000).expect("an instant");
    later["send_at"] = json!(in_an_hour.to_string());
    let held = send(&mut world, &later);
    assert_eq!((held.status, &held.body["status"]), (202, &json!("held")));
    let mut changed = ballot();
    changed["versions"]["en"]["sms"] = json!("Hello {{first}}!");
    put(&mut world, &changed);
    let now = send(&mut world, &message(SAM, "en", &json!({"first": "Sam"})));
    world.program(CRM.1, "DELETE", BALLOT, &Value::Null);
    world.run_for(7_200_000);
    assert_eq!(world.phone(SAM), ["Hello Sam!", "Hi {{last}}, your ballot was received."]);
    for (sent, version, body) in [(held, 1, "Hi {{last}}, your ballot was received."), (now, 2, "Hello Sam!")] {
        let item = item(&mut world, &sent.body["id"]);
        let used = json!({"name": "ballot_received", "language": "en", "version": version});
        assert_eq!((&item["template"], &item["body"]), (&used, &json!(body)));
        assert_eq!(item["status"], "delivered");
    }
}

#[test]
fn who_has_no_language_gets_the_one_that_stands_first() {
    let mut world = world();
    // As text: whether a value of serde_json keeps the order of its members is one of its settings.
    let body = r#"{"versions": {"es": {"sms": "Hola"}, "en": {"sms": "Hi"}}}"#;
    world.program_with(CRM.1, "PUT", BALLOT, &[], body.into());
    for (language, expected) in [(json!("en"), "en"), (json!("en-US"), "en"), (json!("de"), "es"), (Value::Null, "es")]
    {
        let mut message = message(SAM, "", &json!({}));
        message["template"]["language"] = language;
        message["dry_run"] = json!(true);
        assert_eq!(send(&mut world, &message).body["template"]["language"], expected, "{message}");
    }
}

#[test]
fn who_has_a_language_gets_the_text_in_it_unless_the_program_asks_for_another() {
    let mut world = world();
    put(&mut world, &ballot());
    world.program(CRM.1, "PUT", "/v1/people/%2B15550100150", &json!({"language": "es-MX"}));
    for language in ["de", "en"] {
        send(&mut world, &message(SAM, language, &json!({"first": "Sam"})));
    }
    world.settle(1);
    assert_eq!(world.phone(SAM), ["Hola Sam, su boleta fue recibida.", "Hi Sam, your ballot was received."]);
}

#[test]
fn what_does_not_fit_the_template_is_refused_on_arrival_and_nothing_is_sent() {
    let mut world = world();
    put(&mut world, &ballot());
    let with = |change: &dyn Fn(&mut Value)| {
        let mut message = message(SAM, "en", &json!({"first": "Sam"}));
        change(&mut message);
        message
    };
    for (message, field, code) in [
        (message(SAM, "en", &json!({})), "template.data.first", "missing"),
        (message(SAM, "en", &json!({"first": ""})), "template.data.first", "empty"),
        (message(SAM, "en", &json!({"first": "Bartholomew"})), "template.data.first", "too_long"),
        (message(SAM, "en", &json!({"first": 7})), "template.data.first", "wrong_type"),
        (message(SAM, "en", &json!({"first": "Sam", "last": "Bell"})), "template.data.last", "unknown_field"),
        (message(SAM, "English", &json!({"first": "Sam"})), "template.language", "unknown_language"),
        (with(&|it| it["template"]["name"] = json!("nothing")), "template.name", "template_unknown"),
        (with(&|it| it["template"]["version"] = json!(1)), "template.version", "unknown_field"),
        (with(&|it| it["template"] = json!("ballot_received")), "template", "wrong_type"),
        (with(&|it| it["template"] = Value::Null), "body", "missing"),
        (with(&|it| it["body"] = json!("Hi")), "body", "not_with_template"),
    ] {
        assert_eq!(errors(&send(&mut world, &message)), error(field, code), "{message}");
    }
    world.settle(1);
    assert!(world.phone(SAM).is_empty() && world.timeline(SAM).is_empty());
}

#[test]
fn each_recipient_of_a_list_gets_the_text() {
    let mut world = world();
    put(&mut world, &ballot());
    let mut many = message(SAM, "en", &json!({"first": "all"}));
    many["to"] = json!([SAM, "nobody", ANN]);
    let sent = send(&mut world, &many);
    let bodies: Vec<&Value> = sent.body["data"].as_array().expect("a list").iter().map(|item| &item["body"]).collect();
    assert_eq!(bodies, [&json!("Hi all, your ballot was received."); 3]);
    world.settle(1);
    assert_eq!(
        (world.phone(SAM), world.phone(ANN)),
        (world.phone(ANN), vec!["Hi all, your ballot was received.".into()])
    );
}

#[test]
fn the_same_request_again_has_the_first_ones_answer_though_the_template_has_changed() {
    let mut world = world();
    put(&mut world, &ballot());
    let body = message(SAM, "en", &json!({"first": "Sam"})).to_string().into_bytes();
    let key = [("idempotency-key", "k-1")];
    let first = world.program_with(CRM.1, "POST", "/v1/messages", &key, body.clone());
    put(&mut world, &json!({"versions": {"en": {"sms": "Hello {{first}}!"}}, "fields": {"first": {}}}));
    // The key's object has forgotten its answer, as if it had been killed before it heard of it.
    world.forget_answers(CRM.0);
    let again = world.program_with(CRM.1, "POST", "/v1/messages", &key, body);
    assert_eq!((&again.body["id"], &again.body["template"]), (&first.body["id"], &first.body["template"]));
    world.settle(1);
    assert_eq!(world.phone(SAM), ["Hi Sam, your ballot was received."]);
}

#[test]
fn a_preview_says_what_costs() {
    let mut world = world();
    put(&mut world, &ballot());
    let preview = |world: &mut World, body: &Value| world.program(CRM.1, "POST", &format!("{BALLOT}/preview"), body);
    let plain = preview(&mut world, &json!({"language": "en", "channel": "sms", "data": {"first": "Sam"}}));
    assert_eq!(plain.status, 200);
    assert_eq!(plain.body["text"], "Hi Sam, your ballot was received.");
    assert_eq!((&plain.body["segments"], &plain.body["encoding"]), (&json!(1), &json!("GSM-7")));
    assert_eq!(plain.body["costly"], json!([]));
    let costly = preview(&mut world, &json!({"language": "en", "data": {"first": "Zoë’s ’[€"}}));
    assert_eq!((&costly.body["encoding"], &costly.body["costly"]), (&json!("UCS-2"), &json!(["ë", "’", "[", "€"])));
    let double = preview(&mut world, &json!({"language": "en", "data": {"first": "€"}}));
    assert_eq!((&double.body["encoding"], &double.body["costly"]), (&json!("GSM-7"), &json!(["€"])));
    for (body, field, code) in [
        (json!({"language": "en", "data": {}}), "data.first", "missing"),
        (json!({"data": {"first": "a", "last": "b"}}), "data.last", "unknown_field"),
        (json!({"channel": "pigeon", "data": {"first": "a"}}), "channel", "unknown_word"),
        (json!({"data": {"first": "a"}, "to": SAM}), "to", "unknown_field"),
    ] {
        assert_eq!(errors(&preview(&mut world, &body)), error(field, code), "{body}");
    }
}

#[test]
fn a_template_belongs_to_a_hotline_and_a_key_sees_its_own() {
    let mut world = world();
    put(&mut world, &ballot());
    let of = |hotline: &str| format!("{BALLOT}?hotline={hotline}");
    for (token, target, status, code) in [
        (CRM.1, of("VOTERS"), 200, ""),
        (CRM.1, of("DRIVERS"), 403, "hotline_forbidden"),
        (CRM.1, of("NOBODY"), 403, "hotline_forbidden"),
        (CRM.1, "/v1/templates/nothing".to_owned(), 404, "not_found"),
        (CRM.1, "/v1/templates/No%20name".to_owned(), 404, "not_found"),
        (MAILER.1, of("VOTERS"), 200, ""),
        (MAILER.1, of("DRIVERS"), 404, "not_found"),
        (MAILER.1, BALLOT.to_owned(), 400, "invalid_request"),
        (AUDIT.1, of("VOTERS"), 403, "scope_missing"),
    ] {
        let answer = world.program(token, "GET", &target, &Value::Null);
        assert_eq!((answer.status, answer.code()), (status, code), "{target}");
    }
    for (target, field, code) in
        [(BALLOT, "hotline", "missing"), ("/v1/templates/a?hotline=VOTERS&x=1", "x", "unknown_field")]
    {
        assert_eq!(errors(&world.program(MAILER.1, "GET", target, &Value::Null)), error(field, code));
    }
    let bad_name = world.program(CRM.1, "PUT", "/v1/templates/Ballot", &json!({"versions": {"en": {}}}));
    assert_eq!(errors(&bad_name), [error("name", "not_a_name"), error("versions.en.sms", "missing")].concat());
    let foreign = json!({"hotline": "DRIVERS", "to": SAM, "class": "service",
        "template": {"name": "ballot_received", "data": {"first": "Sam"}}});
    assert_eq!(
        world.program(MAILER.1, "POST", "/v1/messages", &foreign).errors(),
        error("template.name", "template_unknown")
    );
}

#[test]
fn outside_of_the_window_of_whatsapp_an_approved_template_leaves_by_its_content_sid() {
    let mut world = world();
    let settings = world.twilio.settings_mut();
    settings.templates.insert(CONTENT_SID.into(), "Dear {{1}}, we have your ballot.".into());
    let mut template = ballot();
    template["versions"]["en"]["whatsapp"] = json!({"content_sid": CONTENT_SID, "variables": {"1": "first"}});
    put(&mut world, &template);
    let by_whatsapp = |language: &str| {
        let mut message = message(SAM, language, &json!({"first": "Sam"}));
        message["via"] = json!([{"channel": "whatsapp"}]);
        message
    };
    let refused = send(&mut world, &by_whatsapp("es"));
    assert_eq!(refused.body["decision"]["rule"], "whatsapp_window", "no approved template in Spanish");
    let sent = send(&mut world, &by_whatsapp("en"));
    assert_eq!((sent.status, &sent.body["status"]), (202, &json!("accepted")), "{:?}", sent.body);
    world.settle(1);
    assert_eq!(world.phone(SAM), ["Dear Sam, we have your ballot."]);
    assert_eq!(item(&mut world, &sent.body["id"])["body"], "Hi Sam, your ballot was received.");
    let mut with_media = by_whatsapp("en");
    with_media["media"] = json!(["https://shop.example/a.png"]);
    assert_eq!(errors(&send(&mut world, &with_media)), error("media", "not_with_content"));
}

#[test]
fn the_lost_answer_of_an_approved_template_does_not_send_it_twice() {
    let mut world = world();
    let settings = world.twilio.settings_mut();
    settings.templates.insert(CONTENT_SID.into(), "Dear {{1}}, we have your ballot.".into());
    let mut template = ballot();
    template["versions"]["en"]["whatsapp"] = json!({"content_sid": CONTENT_SID, "variables": {"1": "first"}});
    put(&mut world, &template);
    let mut message = message(SAM, "en", &json!({"first": "Sam"}));
    message["via"] = json!([{"channel": "whatsapp"}]);
    // Neither the answer to the create nor a state is heard.
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    let (method, path_contains) = (Some("POST".into()), Some("Messages.json".into()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind: Kind::LostAnswer, method, path_contains, times: Some(1) });
    send(&mut world, &message);
    world.settle(1);
    assert_eq!(world.phone(SAM), ["Dear Sam, we have your ballot."]);
}
