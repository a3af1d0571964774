//! Programs verify numbers by `/v1/verifications`: a code leaves once, is right once, and stands nowhere.

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{FarEnd, Heard, Script};
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{AUDIT, COUNTER, CRM, LISTENER, Stage, VOTERS, VOTERS_NUMBERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ANN: &str = "+15550100151";
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A hotline that may send to its own country.
fn world() -> World {
    World::new(&Stage::with("region", json!("US")))
}

fn wanted(to: &str) -> Value {
    json!({"hotline": "VOTERS", "to": to, "channel": "sms", "purpose": "sign-up", "unique_for": "welcome-discount"})
}

fn start(world: &mut World, body: &Value) -> Answer {
    world.program(CRM.1, "POST", "/v1/verifications", body)
}

/// A verification of Sam's number whose code has arrived: its id, and the code.
fn started(world: &mut World) -> (String, String) {
    let answer = start(world, &wanted(SAM));
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    world.run_for(SECOND);
    (id(&answer), last_code(world, SAM))
}

fn id(answer: &Answer) -> String {
    answer.body["id"].as_str().expect("an id").to_owned()
}

/// The code in the last text on a phone.
fn last_code(world: &World, phone: &str) -> String {
    let text = world.phone(phone).pop().expect("a text");
    text.split(' ').next().expect("a code").to_owned()
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    let first = if code.starts_with('1') { '2' } else { '1' };
    format!("{first}{}", &code[1..])
}

fn post(world: &mut World, id: &str, what: &str, body: &Value) -> Answer {
    world.program(CRM.1, "POST", &format!("/v1/verifications/{id}/{what}"), body)
}

fn check(world: &mut World, id: &str, code: &str) -> Value {
    let answer = post(world, id, "check", &json!({ "code": code }));
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.body
}

fn read(world: &mut World, id: &str) -> Value {
    world.program(CRM.1, "GET", &format!("/v1/verifications/{id}"), &Value::Null).body
}

fn said(check: &Value) -> (&str, bool, bool) {
    (
        check["status"].as_str().expect("a status"),
        check["valid"].as_bool().expect("valid"),
        check["first_time"].as_bool().expect("first_time"),
    )
}

#[test]
fn a_code_arrives_and_shows_that_the_number_is_theirs() {
    let mut world = world();
    let begun = start(&mut world, &wanted(SAM));
    let shown = &begun.body;
    assert_eq!((begun.status, &shown["status"], &shown["to"]), (201, &json!("pending"), &json!(SAM)));
    assert_eq!((&shown["attempts_left"], &shown["sends_left"]), (&json!(5), &json!(4)));
    let lives = |at: &Value| at.as_str().and_then(|at| at.parse::<protocol::Timestamp>().ok()).expect("an instant");
    assert_eq!(lives(&shown["expires_at"]).as_second() - lives(&shown["created_at"]).as_second(), 600);
    let id = id(&begun);
    assert!(id.len() <= 64 && !id.contains(&SAM[1..]), "{id}");
    world.run_for(SECOND);
    let texts = world.phone(SAM);
    let code = last_code(&world, SAM);
    assert_eq!(texts, [format!("{code} is your verification code. Do not share it with anybody.")]);
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(said(&check(&mut world, &id, &code)), ("approved", true, true));
    world.settle(1);
    let shown = read(&mut world, &id);
    assert_eq!((&shown["status"], &shown["delivery"]), (&json!("approved"), &json!("delivered")));
    assert_eq!(world.helpscout.conversations().count(), 0, "nobody in Help Scout has asked for it");
}

#[test]
fn who_listens_hears_once_that_a_number_was_verified_and_never_the_code() {
    let mut world = World::new(&Stage { has_listeners: true, ..Stage::with("region", json!("US")) });
    let (id, code) = started(&mut world);
    check(&mut world, &id, &other_than(&code));
    check(&mut world, &id, &code);
    check(&mut world, &id, &code);
    world.run_for(MINUTE);
    let mut heard = |(_, token): (&str, &str)| world.program(token, "GET", "/v1/events", &Value::Null).body;
    let told = heard(LISTENER);
    let told = told["data"].as_array().expect("a list");
    let data = json!({"id": id, "hotline": "VOTERS", "number": SAM, "purpose": "sign-up", "reference": null});
    assert_eq!((told.len(), &told[0]["type"], &told[0]["data"]), (1, &json!("verification.approved"), &data));
    let without_numbers = heard(COUNTER);
    assert_eq!(without_numbers["data"][0]["data"]["number"], Value::Null, "{without_numbers}");
}

#[test]
fn the_code_stands_in_no_row_no_answer_and_on_no_timeline() {
    let mut world = world();
    world.text(SAM, "Hello");
    world.run_for(MINUTE);
    let mut body = wanted(SAM);
    body["origin"] = json!("https://Example.org");
    let begun = start(&mut world, &body);
    let while_it_waits: Vec<String> = texts_in_rows(&world).collect();
    world.run_for(SECOND);
    let code = last_code(&world, SAM);
    assert!(!while_it_waits.iter().any(|text| stands_in(text, &code)));
    let text = world.phone(SAM).pop().expect("a text");
    assert_eq!(text.lines().last(), Some(format!("@example.org #{code}").as_str()));
    assert!(!text.contains("://"), "no link: {text}");
    post(&mut world, &id(&begun), "check", &json!({ "code": other_than(&code) }));
    world.run_for(30 * SECOND);
    let resent = post(&mut world, &id(&begun), "resend", &Value::Null);
    world.run_for(20 * SECOND);
    assert_eq!(world.phone(SAM).last(), Some(&text), "the same code again");
    let checked = check(&mut world, &id(&begun), &code);
    assert_eq!(said(&checked), ("approved", true, true));
    for answer in [&begun.body, &resent.body, &checked, &read(&mut world, &id(&begun))] {
        assert!(!answer.to_string().contains(&code), "{answer}");
    }
    let timeline = Value::from(world.timeline(SAM)).to_string();
    assert!(timeline.contains("a code") && !timeline.contains(&code), "{timeline}");
    assert_eq!(holds_code(&world, &code), [""; 0]);
    world.settle(1);
    assert_eq!(holds_code(&world, &code), [""; 0]);
    let frames = world.ledger.pushed.concat();
    assert!(frames.contains("a code") && !frames.contains(&code));
}

/// The rows of any object in which these digits stand by themselves.
fn holds_code(world: &World, code: &str) -> Vec<String> {
    texts_in_rows(world).filter(|text| stands_in(text, code)).collect()
}

fn texts_in_rows(world: &World) -> impl Iterator<Item = String> {
    world.objects.values().flat_map(|object| object.store.all_texts())
}

/// Numbers and ids may happen to hold the digits among others.
fn stands_in(text: &str, code: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == code)
}

#[test]
fn a_lost_answer_of_twilio_leaves_no_code_in_any_row_and_sends_it_once() {
    let mut world = world();
    let method = Some("POST".to_owned());
    let lost = Rule { id: 0, kind: Kind::LostAnswer, method, path_contains: Some("Messages".into()), times: Some(1) };
    world.faults.add(Service::Twilio, lost);
    let begun = start(&mut world, &wanted(SAM));
    world.run_for(5 * SECOND);
    let code = last_code(&world, SAM);
    assert_eq!(holds_code(&world, &code), [""; 0], "while it is searched for");
    world.run_for(5 * MINUTE);
    assert_eq!((world.phone(SAM).len(), world.made_for(SAM).len()), (1, 1));
    assert_eq!(read(&mut world, &id(&begun))["delivery"], "delivered");
    assert_eq!(said(&check(&mut world, &id(&begun), &code)), ("approved", true, true));
    assert_eq!(holds_code(&world, &code), [""; 0]);
}

#[test]
fn a_code_that_waits_does_not_leave_after_its_time_or_its_end() {
    for ends_by in ["its time", "cancel"] {
        let mut world = world();
        let kind = Kind::Status { status: 429, headers: [].into(), body: json!({"code": 20429, "status": 429}) };
        let method = Some("POST".to_owned());
        world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains: None, times: None });
        let begun = start(&mut world, &wanted(SAM));
        world.run_for(MINUTE);
        if ends_by == "cancel" {
            assert_eq!(post(&mut world, &id(&begun), "cancel", &Value::Null).body["status"], "canceled");
        }
        world.run_for(10 * MINUTE);
        world.faults.clear(Service::Twilio, None);
        world.settle(1);
        assert_eq!(world.phone(SAM), [""; 0], "{ends_by}");
    }
}

#[test]
fn each_state_answers_a_check_in_its_own_way() {
    // What was done with the code before, what is checked, and what is said.
    type Case = (&'static str, fn(&mut World, &str, &str), bool, (&'static str, bool, bool));
    let cases: [Case; 8] = [
        ("fresh, right", |_, _, _| {}, true, ("approved", true, true)),
        ("fresh, wrong", |_, _, _| {}, false, ("pending", false, false)),
        ("approved, right", |world, id, code| drop(check(world, id, code)), true, ("approved", false, false)),
        ("approved, wrong", |world, id, code| drop(check(world, id, code)), false, ("approved", false, false)),
        ("canceled", |world, id, _| drop(post(world, id, "cancel", &Value::Null)), true, ("canceled", false, false)),
        ("just in time", |world, _, _| world.run_for(10 * MINUTE - SECOND - 1), true, ("approved", true, true)),
        ("too late", |world, _, _| world.run_for(10 * MINUTE - SECOND), true, ("expired", false, false)),
        (
            "locked",
            |world, id, code| {
                for left in (0..5).rev() {
                    let wrong = check(world, id, &other_than(code));
                    let status = if left == 0 { "locked" } else { "pending" };
                    assert_eq!((said(&wrong), &wrong["attempts_left"]), ((status, false, false), &json!(left)));
                }
            },
            true,
            ("locked", false, false),
        ),
    ];
    for (case, before, is_right, expected) in cases {
        let mut world = world();
        let (id, code) = started(&mut world);
        before(&mut world, &id, &code);
        let given = if is_right { code.clone() } else { other_than(&code) };
        assert_eq!(said(&check(&mut world, &id, &given)), expected, "{case}");
        assert_eq!(read(&mut world, &id)["status"], expected.0, "{case}");
    }
}

#[test]
fn what_is_no_code_is_refused_and_not_counted() {
    let mut world = world();
    let (id, code) = started(&mut world);
    for (given, fault) in [
        (json!(code.parse::<u64>().expect("digits")), "wrong_type"),
        (json!("12345"), "not_a_code"),
        (json!("1234567"), "not_a_code"),
        (json!("12345x"), "not_a_code"),
        (json!(""), "empty"),
        (json!(null), "missing"),
        (json!(["123456"]), "wrong_type"),
    ] {
        let refused = post(&mut world, &id, "check", &json!({ "code": given }));
        assert_eq!((refused.status, refused.errors()), (400, vec![("code".to_owned(), fault.to_owned())]), "{given}");
    }
    assert_eq!(read(&mut world, &id)["attempts_left"], 5);
    let typed = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(said(&check(&mut world, &id, &typed)), ("approved", true, true));
}

#[test]
fn a_code_in_the_digits_of_another_script_is_the_same_code() {
    let mut world = world();
    let (id, code) = started(&mut world);
    let zero = u32::from('٠');
    let typed: String = code.bytes().filter_map(|b| char::from_u32(zero + u32::from(b - b'0'))).collect();
    assert_eq!(said(&check(&mut world, &id, &typed)), ("approved", true, true));
}

#[test]
fn asked_again_while_its_code_is_good_it_is_the_same_one_and_nothing_is_sent() {
    let mut world = world();
    let (id, code) = started(&mut world);
    // However the number is spelled, and whatever else the request says.
    let mut again = wanted(SAM);
    again["channel"] = json!("auto");
    let same = start(&mut world, &again);
    assert_eq!((same.status, same.body["id"].as_str()), (200, Some(id.as_str())));
    let mut other = wanted(SAM);
    other["purpose"] = json!("log-in");
    let another = start(&mut world, &other);
    assert_eq!(another.status, 201);
    assert_ne!(another.body["id"], json!(id));
    world.run_for(MINUTE);
    assert_eq!(world.phone(SAM).len(), 2, "one for each purpose");
    check(&mut world, &id, &code);
    let next = start(&mut world, &wanted(SAM));
    assert_eq!((next.status, &next.body["status"]), (201, &json!("pending")), "what was approved opens no other door");
}

#[test]
fn a_number_in_another_spelling_is_the_same_number() {
    let mut world = World::new(&Stage::with("send_countries", json!(["US", "MX"])));
    let begun = start(&mut world, &wanted("+525555010150"));
    let same = start(&mut world, &wanted("+5215555010150"));
    assert_eq!([begun.status, same.status], [201, 200]);
    assert_eq!(begun.body["id"], same.body["id"]);
}

#[test]
fn the_same_request_again_has_one_code_and_one_answer_also_after_a_kill() {
    let mut world = world();
    let key = [("idempotency-key", "k-1")];
    let post = |world: &mut World, path: &str, body: &Value| {
        let first = world.program_with(CRM.1, "POST", path, &key, body.to_string().into_bytes());
        let kept = world.program_with(CRM.1, "POST", path, &key, body.to_string().into_bytes());
        assert_eq!((kept.status, &kept.body, kept.header("idempotency-replayed")), (first.status, &first.body, "true"));
        // The key's object has forgotten its answer, as if it had been killed before it heard of it.
        world.forget_answers(CRM.0);
        let again = world.program_with(CRM.1, "POST", path, &key, body.to_string().into_bytes());
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
        first
    };
    let begun = post(&mut world, "/v1/verifications", &wanted(SAM));
    assert_eq!(begun.status, 201);
    world.run_for(SECOND);
    let code = last_code(&world, SAM);
    let path = |what: &str| format!("/v1/verifications/{}/{what}", id(&begun));
    let wrong = post(&mut world, &path("check"), &json!({ "code": other_than(&code) }));
    assert_eq!((said(&wrong.body), &wrong.body["attempts_left"]), (("pending", false, false), &json!(4)));
    world.run_for(30 * SECOND);
    assert_eq!(post(&mut world, &path("resend"), &Value::Null).body["sends_left"], 3);
    world.run_for(30 * SECOND);
    assert_eq!(world.phone(SAM).len(), 2);
    let right = world.program_with(
        CRM.1,
        "POST",
        &path("check"),
        &[("idempotency-key", "k-2")],
        json!({ "code": code }).to_string().into_bytes(),
    );
    world.forget_answers(CRM.0);
    let again = world.program_with(
        CRM.1,
        "POST",
        &path("check"),
        &[("idempotency-key", "k-2")],
        json!({ "code": code }).to_string().into_bytes(),
    );
    assert_eq!((said(&right.body), again.body == right.body), (("approved", true, true), true));
}

#[test]
fn what_the_rules_decide_against_is_kept_and_told_again() {
    let mut world = world();
    let post = |world: &mut World| {
        let body = wanted("+33612345678").to_string().into_bytes();
        world.program_with(CRM.1, "POST", "/v1/verifications", &[("idempotency-key", "k-1")], body)
    };
    let (first, again) = (post(&mut world), post(&mut world));
    assert_eq!((first.status, first.code()), (422, "country_not_allowed"));
    assert_eq!((again.status, &again.body, again.header("idempotency-replayed")), (422, &first.body, "true"));
    assert_eq!(again.header("content-type"), "application/problem+json");
}

#[test]
fn a_reference_names_one_verification_of_the_hotline_and_none_of_its_messages() {
    let mut world = world();
    let message = json!({"hotline": "VOTERS", "to": ANN, "class": "service", "body": "Hi", "reference": "r-1"});
    assert_eq!(world.program(CRM.1, "POST", "/v1/messages", &message).status, 202);
    let mut body = wanted(SAM);
    body["reference"] = json!("r-1");
    let first = start(&mut world, &body);
    world.run_for(20 * MINUTE);
    let again = start(&mut world, &body);
    body["to"] = json!(ANN);
    let other = start(&mut world, &body);
    assert_eq!([first.status, again.status, other.status], [201, 200, 200]);
    assert_eq!((&again.body["id"], &other.body["id"]), (&first.body["id"], &first.body["id"]));
    assert_eq!((&again.body["status"], &other.body["to"]), (&json!("expired"), &json!(SAM)));
    world.settle(1);
    assert_eq!((world.phone(SAM).len(), world.phone(ANN).len()), (1, 1));
}

#[test]
fn a_code_is_sent_again_in_ever_longer_pauses_and_five_times_at_most() {
    let mut world = world();
    let (id, code) = started(&mut world);
    world.run_for(-world.now % SECOND);
    let mut since = 1;
    for (pause, sends_left) in [(30, 3), (60, 2), (120, 1), (240, 0)] {
        world.run_for((pause - since - 1) * SECOND);
        let soon = post(&mut world, &id, "resend", &Value::Null);
        assert_eq!((soon.status, soon.code(), soon.header("retry-after")), (429, "resend_too_soon", "1"));
        world.run_for(SECOND);
        let sent = post(&mut world, &id, "resend", &Value::Null);
        assert_eq!((sent.status, &sent.body["sends_left"]), (200, &json!(sends_left)), "{:?}", sent.body);
        assert_eq!(sent.body["resend_at"].is_null(), sends_left == 0);
        since = 0;
    }
    world.run_for(20 * SECOND);
    let more = post(&mut world, &id, "resend", &Value::Null);
    assert_eq!((more.status, more.code()), (429, "sends_used_up"));
    let texts = world.phone(SAM);
    assert!(texts.len() == 5 && texts.iter().all(|text| text.starts_with(&code)), "{texts:?}");
    check(&mut world, &id, &code);
    let over = post(&mut world, &id, "resend", &Value::Null);
    assert_eq!((over.status, over.code()), (409, "verification_over"));
}

#[test]
fn a_number_has_five_verifications_an_hour() {
    let mut world = world();
    for _ in 0..5 {
        let begun = start(&mut world, &wanted(SAM));
        assert_eq!(begun.status, 201);
        post(&mut world, &id(&begun), "cancel", &Value::Null);
        world.run_for(10 * MINUTE);
    }
    let refused = start(&mut world, &wanted(SAM));
    assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (429, "number_limit", "600"));
    assert_eq!(start(&mut world, &wanted(ANN)).status, 201, "another number has its own");
    world.run_for(10 * MINUTE);
    assert_eq!(start(&mut world, &wanted(SAM)).status, 201);
}

#[test]
fn of_a_thousand_sign_ups_of_one_number_one_is_the_first_time() {
    let mut world = world();
    let mut first_times = 0;
    let mut wanted = wanted(SAM);
    for number in 0..1_000 {
        // Many at once, with codes for several purposes: all of them ask for the same discount.
        wanted["purpose"] = json!(format!("form {}", number % 4));
        let begun = start(&mut world, &wanted);
        assert!(matches!(begun.status, 200 | 201 | 429), "{:?}", begun.body);
        world.run_for(MINUTE);
        if begun.status == 429 {
            continue;
        }
        let (id, code) = (id(&begun), last_code(&world, SAM));
        for _ in 0..3 {
            first_times += usize::from(check(&mut world, &id, &code)["first_time"] == true);
        }
        if number % 100 == 50 {
            world.crash_all();
        }
    }
    assert_eq!(first_times, 1);
    world.run_for(HOUR);
    wanted["unique_for"] = json!("another-discount");
    let begun = start(&mut world, &wanted);
    world.run_for(SECOND);
    let code = last_code(&world, SAM);
    assert_eq!(said(&check(&mut world, &id(&begun), &code)), ("approved", true, true), "each name is for itself");
}

#[test]
fn who_may_not_be_sent_a_code_is_told_by_the_code_of_the_rule() {
    let mut world = World::new(&Stage {
        hotline: vec![
            ("region", json!("US")),
            ("blocked", json!([ANN])),
            ("quiet", json!({"from": "00:00", "until": "23:59"})),
        ],
        ..Stage::default()
    });
    world.text(SAM, "STOP");
    world.run_for(MINUTE);
    for (to, code) in [
        (SAM, "opted_out"),
        (ANN, "blocked"),
        ("+33612345678", "country_not_allowed"),
        ("+19005550100", "number_premium"),
        ("+1555010015", "number_invalid"),
        ("5550100150", "number_invalid"),
        ("hello", "number_invalid"),
        (VOTERS_NUMBERS[0], "number_invalid"),
    ] {
        let refused = start(&mut world, &wanted(to));
        assert_eq!((refused.status, refused.code()), (422, code), "{to}");
    }
    world.text(SAM, "START");
    world.run_for(MINUTE);
    assert_eq!(start(&mut world, &wanted(SAM)).status, 201, "the night does not hold it");
    world.run_for(MINUTE);
    assert!(world.phone(SAM).pop().is_some_and(|text| text.contains("verification code")));
}

#[test]
fn on_whatsapp_a_code_leaves_as_the_approved_template_or_within_a_day_of_their_words() {
    let sid = "HX0123456789abcdef0123456789abcdef";
    let with_template =
        Stage { hotline: vec![("region", json!("US")), ("verify", json!({ "content_sid": sid }))], ..Stage::default() };
    let mut body = wanted(SAM);
    body["channel"] = json!("whatsapp");
    let mut world = World::new(&with_template);
    world.twilio.settings_mut().templates.insert(sid.into(), "{{1}} is your code.".into());
    let begun = start(&mut world, &body);
    assert_eq!((begun.status, &begun.body["channel"]), (201, &json!("whatsapp")));
    world.run_for(SECOND);
    let text = world.phone(SAM).pop().expect("a text");
    let code = text.strip_suffix(" is your code.").expect("the template").to_owned();
    assert_eq!(holds_code(&world, &code), [""; 0]);
    assert_eq!(said(&check(&mut world, &id(&begun), &code)), ("approved", true, true));
    let mut world = self::world();
    let closed = start(&mut world, &body);
    assert_eq!((closed.status, closed.code()), (422, "whatsapp_window"));
    world.whatsapp(SAM, "Hello");
    world.run_for(MINUTE);
    assert_eq!(start(&mut world, &body).status, 201);
    world.run_for(MINUTE);
    assert!(world.phone(SAM).pop().is_some_and(|text| text.contains("verification code")));
    let mut world =
        World::new(&Stage { hotline: vec![("region", json!("US")), ("whatsapp", json!(""))], ..Stage::default() });
    world.text(SAM, "Hello");
    let without = start(&mut world, &body);
    assert_eq!(without.status, 422, "{:?}", without.body);
}

#[test]
fn a_person_is_asked_in_their_own_language() {
    let mut world = world();
    let profile = json!({"language": "es-MX", "fields": {}});
    world.program(CRM.1, "PUT", &format!("/v1/people/{SAM}"), &profile);
    started(&mut world);
    assert!(world.phone(SAM)[0].ends_with("es su clave. No la comparta con nadie."), "{:?}", world.phone(SAM));
}

#[test]
fn a_key_verifies_with_its_scope_and_its_hotlines_alone() {
    let mut world = world();
    let (id, _) = started(&mut world);
    let path = format!("/v1/verifications/{id}");
    let message = world.program(
        CRM.1,
        "POST",
        "/v1/messages",
        &json!({"hotline": "VOTERS", "to": SAM, "class": "service", "body": "Hi"}),
    );
    let of_message = format!("/v1/verifications/{}", id_of(&message).replace("msg_", "ver_"));
    let drivers = json!({"hotline": "DRIVERS", "to": SAM});
    for (token, method, target, body, status, code) in [
        (AUDIT.1, "GET", path.as_str(), Value::Null, 403, "scope_missing"),
        (CRM.1, "POST", "/v1/verifications", drivers, 403, "hotline_forbidden"),
        (CRM.1, "GET", &of_message, Value::Null, 404, "not_found"),
        (CRM.1, "GET", "/v1/verifications/ver_000000000001AAAA", Value::Null, 404, "not_found"),
        (CRM.1, "POST", "/v1/verifications/nothing/check", json!({"code": "123456"}), 404, "not_found"),
        (CRM.1, "DELETE", &path, Value::Null, 405, "method_not_allowed"),
        (CRM.1, "GET", &path, Value::Null, 200, ""),
    ] {
        let answer = world.program(token, method, target, &body);
        assert_eq!((answer.status, answer.code()), (status, code), "{method} {target}");
    }
}

fn id_of(answer: &Answer) -> String {
    answer.body["id"].as_str().expect("an id").to_owned()
}

#[test]
fn every_fault_of_a_request_is_named() {
    let mut world = world();
    for (change, errors) in [
        (json!({"hotline": null, "to": null}), vec![("hotline", "missing"), ("to", "missing")]),
        (json!({"to": [SAM]}), vec![("to", "wrong_type")]),
        (json!({"channel": "pigeon"}), vec![("channel", "unknown_word")]),
        (json!({"purpose": "", "unique_for": "x".repeat(65)}), vec![("purpose", "empty"), ("unique_for", "too_long")]),
        (json!({"origin": "http://example.org"}), vec![("origin", "not_an_origin")]),
        (json!({"origin": "https://example.org/sign-up"}), vec![("origin", "not_an_origin")]),
        (
            json!({"limits": {"ip": "here", "device": "", "mac": "x"}}),
            vec![("limits.ip", "not_an_address"), ("limits.device", "empty"), ("limits.mac", "unknown_field")],
        ),
        (json!({"code": "123456"}), vec![("code", "unknown_field")]),
    ] {
        let mut body = wanted(SAM);
        for (name, value) in change.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let refused = start(&mut world, &body);
        let expected: Vec<_> = errors.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
        assert_eq!((refused.status, refused.errors()), (400, expected), "{change}");
    }
    assert!(!world.objects.contains_key(&Name::Contact(VOTERS, SAM.to_owned())));
}

#[test]
fn a_code_overtakes_what_waits_for_the_same_phone() {
    let mut world = world();
    for number in 0..5 {
        let message = json!({"hotline": "VOTERS", "to": SAM, "class": "service", "body": format!("News {number}: {}", "x".repeat(600))});
        world.program(CRM.1, "POST", "/v1/messages", &message);
    }
    start(&mut world, &wanted(SAM));
    world.settle(1);
    let at = world.phone(SAM).iter().position(|text| text.contains("verification code"));
    assert!(at.is_some_and(|at| at <= 1), "{at:?}");
}

#[test]
fn an_address_and_a_device_have_ten_an_hour_and_a_refused_request_uses_nothing_of_the_other_limits() {
    let mut world = world();
    let asked = |number: usize, ip: &str, device: &str| {
        let mut body = wanted(&format!("+1555{:03}0160", 100 + number));
        body["limits"] = json!({"ip": ip, "device": device});
        body
    };
    for number in 0..10 {
        let begun = start(&mut world, &asked(number, "2001:db8:1:2::7", &format!("phone {number}")));
        assert_eq!(begun.status, 201, "{:?}", begun.body);
        world.run_for(SECOND);
    }
    // From the same network, with a device that has asked once.
    for _ in 0..20 {
        let refused = start(&mut world, &asked(10, "2001:db8:1:2::8", "phone 0"));
        assert_eq!((refused.status, refused.code()), (429, "ip_limit"));
    }
    for number in 10..19 {
        let begun = start(&mut world, &asked(number, &format!("203.0.113.{number}"), "phone 0"));
        assert_eq!(begun.status, 201, "what was refused was not counted: {:?}", begun.body);
    }
    let refused = start(&mut world, &asked(20, "203.0.113.99", "phone 0"));
    assert_eq!((refused.status, refused.code()), (429, "device_limit"));
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    world.run_for(wait * SECOND);
    assert_eq!(start(&mut world, &asked(20, "203.0.113.99", "phone 0")).status, 201);
    assert!(!world.rows_hold("2001:db8") && !world.rows_hold("phone 0"), "who asked stands in no row");
}

#[test]
fn a_hotline_has_as_many_an_hour_as_its_table_says() {
    let mut world = World::new(&Stage {
        hotline: vec![("region", json!("US")), ("verify", json!({"per_hour": 3}))],
        ..Stage::default()
    });
    let at = |number: usize| wanted(&format!("+1555{:03}0160", 100 + number));
    for number in 0..3 {
        assert_eq!(start(&mut world, &at(number)).status, 201);
        assert_eq!(start(&mut world, &at(number)).status, 200, "the same one is not counted");
    }
    let refused = start(&mut world, &at(3));
    assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (429, "hotline_limit", "3600"));
    world.run_for(HOUR);
    assert_eq!(start(&mut world, &at(3)).status, 201);
}

/// The nth number of one prefix; the first ones are the hotlines'.
fn nth(number: usize) -> String {
    format!("+1555010{:04}", 1_000 + number)
}

#[test]
fn a_script_that_pumps_codes_to_a_prefix_gets_twenty_and_then_one_a_minute() {
    let mut world = world();
    let begun = world.now;
    let mut answers = std::collections::BTreeMap::new();
    for number in 0..5_000 {
        let answer = start(&mut world, &wanted(&nth(number)));
        *answers.entry((answer.status, answer.code().to_owned())).or_insert(0) += 1;
        world.run_for(100);
    }
    let minutes = usize::try_from((world.now - begun) / MINUTE).expect("a while");
    world.settle(1);
    let left = world.twilio.sent().iter().filter(|message| message.to.starts_with("+1555010")).count();
    assert!(minutes >= 8 && (20..=20 + minutes).contains(&left), "{left} codes in {minutes} minutes: {answers:?}");
    assert_eq!(answers.keys().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), ["", "prefix_paused"]);
    let told = "verification: codes to +1555010… are paused, too few are given back";
    assert!(world.counted(told) >= 1, "operators are told");
    let other = start(&mut world, &wanted("+15550110150"));
    assert_eq!(other.status, 201, "another prefix is not paused");
}

#[test]
fn codes_that_are_sent_again_count_for_the_prefix_too() {
    let mut world = world();
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(id(&start(&mut world, &wanted(&nth(number)))));
    }
    let mut sent = 0;
    for pause in [30, 60, 120, 240] {
        world.run_for(pause * SECOND);
        for id in &ids {
            let again = post(&mut world, id, "resend", &Value::Null);
            sent += usize::from(again.status == 200);
            assert!(again.status == 200 || again.code() == "prefix_paused", "{:?}", again.body);
        }
    }
    assert!((10..=16).contains(&sent), "ten, and one a minute: {sent}");
}

#[test]
fn a_rush_of_people_who_give_their_codes_back_is_not_slowed_down() {
    let mut world = world();
    for number in 0..60 {
        let to = nth(number);
        let begun = start(&mut world, &wanted(&to));
        assert_eq!(begun.status, 201, "{number}: {:?}", begun.body);
        world.run_for(4 * SECOND);
        // Every fifth types it in.
        if number % 5 == 0 {
            let code = last_code(&world, &to);
            assert_eq!(said(&check(&mut world, &id(&begun), &code)), ("approved", true, true));
        }
    }
}

#[test]
fn after_twenty_slow_codes_that_nobody_gives_back_the_prefix_is_paused_for_an_hour() {
    let mut world = world();
    for number in 0..20 {
        assert_eq!(start(&mut world, &wanted(&nth(number))).status, 201);
        world.run_for(30 * SECOND);
    }
    let refused = start(&mut world, &wanted(&nth(20)));
    assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (429, "prefix_paused", "3570"));
    world.run_for(50 * MINUTE);
    assert_eq!(start(&mut world, &wanted(&nth(20))).status, 429);
    world.run_for(10 * MINUTE);
    assert_eq!(start(&mut world, &wanted(&nth(20))).status, 201);
}

#[test]
fn a_limit_that_cannot_be_reached_lets_nothing_through_and_takes_nothing() {
    let mut world = world();
    world.text(SAM, "Hello");
    world.run_for(MINUTE);
    let key = [("idempotency-key", "k-1")];
    let body = wanted(SAM).to_string().into_bytes();
    world.switch.fail_all();
    let failed = world.program_with(CRM.1, "POST", "/v1/verifications", &key, body.clone());
    assert_eq!(failed.status, 503);
    world.switch.mend();
    let begun = world.program_with(CRM.1, "POST", "/v1/verifications", &key, body);
    assert_eq!(begun.status, 201, "{:?}", begun.body);
}

/// Sam's phone, which they answer after a while.
fn answers(world: &mut World) {
    world.twilio.set_far_end(SAM, FarEnd::answers_after(4, Script::new()));
}

/// What was said in calls to Sam.
fn said_to_sam(world: &World) -> Vec<String> {
    let calls = world.twilio.calls().iter().filter(|call| call.to == SAM);
    let said = |(_, heard): &(u64, Heard)| if let Heard::Said(words) = heard { Some(words.clone()) } else { None };
    calls.flat_map(|call| call.heard.iter().filter_map(said)).collect()
}

fn by_call() -> Value {
    let mut body = wanted(SAM);
    body["channel"] = json!("call");
    body
}

#[test]
fn a_code_is_said_digit_by_digit_and_twice_also_to_who_wants_no_texts() {
    let mut world = world();
    answers(&mut world);
    world.text(SAM, "STOP");
    world.run_for(MINUTE);
    let begun = start(&mut world, &by_call());
    assert_eq!((begun.status, &begun.body["channel"]), (201, &json!("call")), "{:?}", begun.body);
    world.run_for(MINUTE);
    let said_words = said_to_sam(&world);
    assert_eq!(said_words.len(), 2, "{said_words:?}");
    assert_eq!(said_words[0], said_words[1]);
    let digits = said_words[0].strip_prefix("Your verification code is ").and_then(|digits| digits.strip_suffix('.'));
    let code = digits.expect("digits").replace(", ", "");
    assert_eq!((code.len(), holds_code(&world, &code)), (6, vec![]));
    let timeline = Value::from(world.timeline(SAM)).to_string();
    assert!(timeline.contains("says a code") && !timeline.contains(&code), "{timeline}");
    assert_eq!(read(&mut world, &id(&begun))["delivery"], "delivered");
    let again = post(&mut world, &id(&begun), "resend", &Value::Null);
    assert_eq!((again.status, &again.body["channel"]), (200, &json!("call")));
    world.run_for(MINUTE);
    assert_eq!(said_to_sam(&world).len(), 4);
    assert_eq!(said(&check(&mut world, &id(&begun), &code)), ("approved", true, true));
    world.settle(1);
    assert_eq!(holds_code(&world, &code), [""; 0]);
}

#[test]
fn a_call_that_nobody_answers_says_so_and_one_that_is_canceled_is_not_made() {
    let mut world = world();
    world.twilio.set_far_end(SAM, FarEnd::Busy);
    let begun = start(&mut world, &by_call());
    world.run_for(MINUTE);
    let shown = read(&mut world, &id(&begun));
    assert_eq!((&shown["status"], &shown["delivery"]), (&json!("pending"), &json!("failed")));
    assert_eq!(shown["error"]["reason"], "Nobody answered the call.");
    let mut blocked =
        World::new(&Stage { hotline: vec![("region", json!("US")), ("blocked", json!([SAM]))], ..Stage::default() });
    assert_eq!(start(&mut blocked, &by_call()).code(), "blocked");
}

#[test]
fn a_lost_answer_of_twilio_does_not_call_twice() {
    let mut world = world();
    answers(&mut world);
    let method = Some("POST".to_owned());
    let lost = Rule { id: 0, kind: Kind::LostAnswer, method, path_contains: Some("Calls".into()), times: Some(1) };
    world.faults.add(Service::Twilio, lost);
    let begun = start(&mut world, &by_call());
    world.run_for(5 * MINUTE);
    assert_eq!(said_to_sam(&world).len(), 2);
    assert_eq!(read(&mut world, &id(&begun))["delivery"], "delivered", "its callbacks tell");
}

#[test]
fn what_a_call_says_is_for_twilio_alone() {
    let mut world = world();
    for target in ["/twilio/codes?h=3003&n=nonce", "/twilio/codes/status?h=3003&v=1&s=0"] {
        let forged =
            world.program_with("", "POST", target, &[("x-twilio-signature", "forged")], b"To=%2B15550100150".to_vec());
        assert_eq!(forged.status, 403, "{target}");
    }
}
