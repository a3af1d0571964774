//! A program exports all that is kept of a person: at each hotline, under each key, and nothing of anybody else.

use emulator::faults::{Kind, Service};
use emulator::twilio::Script;
use ringside_tests::world::World;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{AUDIT, CRM, Stage, VOTERS_NUMBERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ANN: &str = "+15550100151";
const PERSON: &str = "/v1/people/%2B15550100150";
/// WhatsApp's id of the same person.
const ID: &str = "US.13491208655302741918";
const MINUTE: i64 = 60_000;

fn world() -> World {
    World::new(&Stage::with("region", json!("US")))
}

fn export(world: &mut World) -> Value {
    let answer: Answer = world.program(CRM.1, "GET", &format!("{PERSON}/export"), &Value::Null);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.body
}

fn texts(hotline: &Value) -> Vec<String> {
    let entries = hotline["entries"].as_array().expect("a list").iter();
    entries.map(|entry| entry["text"].as_str().unwrap_or("(none)").to_owned()).collect()
}

#[test]
fn all_that_is_kept_of_somebody_and_nothing_of_anybody_else() {
    let mut world = world();
    world.text_to(SAM, VOTERS_NUMBERS[0], "Where do I vote?", &["image/png"]);
    world.text(ANN, "I am Ann");
    world.settle(1);
    let conversation = world.conversation(SAM);
    world.reply(conversation, "<p>At the town hall</p>");
    world.settle(1);
    world.call(SAM, Script::new().speaks(10).hangs_up_at(40));
    world.settle(1);
    let profile = json!({"zone": "America/New_York", "language": "en", "fields": {"ward": "7"}});
    world.program(CRM.1, "PUT", PERSON, &profile);
    let consent = json!({"class": "promotion", "granted": true, "source": "form"});
    world.program(CRM.1, "PUT", &format!("{PERSON}/consent"), &consent);
    let wanted = json!({"hotline": "VOTERS", "to": SAM, "channel": "sms", "purpose": "sign-up"});
    world.program(CRM.1, "POST", "/v1/verifications", &wanted);
    world.settle(1);
    let export = export(&mut world);
    assert_eq!((&export["format"], &export["number"], &export["opt_out_hashes"]), (&json!(1), &json!(SAM), &json!(0)));
    let [hotline] = export["hotlines"].as_array().expect("a list").as_slice() else { panic!("{export}") };
    let said = texts(hotline);
    assert!(said.contains(&"Where do I vote?".to_owned()) && said.contains(&"At the town hall".to_owned()), "{said:?}");
    assert!(said.iter().any(|text| text.starts_with("Voicemail")), "{said:?}");
    assert!(!export.to_string().contains("Ann"));
    assert_eq!((&hotline["fields"], &hotline["zone"]), (&json!({"ward": "7"}), &json!("America/New_York")));
    assert_eq!(hotline["consent"]["promotion"]["granted"], json!(true));
    assert_eq!(hotline["helpscout"]["conversations"], json!([conversation]));
    assert_eq!((&hotline["waiting"], &hotline["opted_out"]), (&json!([]), &Value::Null));
    assert_eq!(hotline["verifications"][0]["purpose"], "sign-up");
    for entry in hotline["entries"].as_array().expect("a list") {
        let at_twilio = entry["sid"].as_str().unwrap_or_default();
        assert!(["SM", "MM", "CA", "RE"].iter().any(|kind| at_twilio.starts_with(kind)), "{entry}");
    }
}

#[test]
fn what_waits_is_told_with_since_when() {
    let mut world = world();
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, "Hello");
    world.run_for(MINUTE);
    let export = export(&mut world);
    let waiting = export["hotlines"][0]["waiting"].as_array().expect("a list");
    assert!(waiting.iter().any(|job| job["kind"] == "post" && job["since"].is_string()), "{waiting:?}");
}

#[test]
fn many_entries_come_in_one_answer_in_their_order() {
    let mut world = world();
    for number in 0..450 {
        world.text(SAM, &format!("text {number:03}"));
        world.run_for(20_000);
    }
    world.settle(2);
    let said = texts(&export(&mut world)["hotlines"][0]);
    let theirs: Vec<_> = said.iter().filter(|text| text.starts_with("text ")).collect();
    assert_eq!(theirs.len(), 450);
    assert!(theirs.is_sorted());
}

#[test]
fn both_keys_of_somebody_are_read() {
    let mut world = world();
    world.whatsapp(ID, "by id");
    world.text(SAM, "by SMS");
    world.settle(1);
    world.twilio.next_text_carries(&[("ExternalUserId", ID)]);
    world.whatsapp(SAM, "by both");
    world.settle(1);
    let export = export(&mut world);
    let hotlines = export["hotlines"].as_array().expect("a list");
    assert_eq!(hotlines.len(), 1);
    for text in ["by id", "by SMS", "by both"] {
        assert!(texts(&hotlines[0]).contains(&text.to_owned()), "{text}: {export}");
    }
}

#[test]
fn of_a_stranger_the_list_is_empty_and_of_the_erased_that_they_opted_out() {
    let mut world = world();
    assert_eq!(export(&mut world)["hotlines"], json!([]));
    world.text(SAM, "STOP");
    world.settle(1);
    assert!(export(&mut world)["hotlines"][0]["opted_out"]["at"].is_string());
    world.program(CRM.1, "DELETE", PERSON, &Value::Null);
    world.settle(1);
    let export = export(&mut world);
    assert_eq!((&export["hotlines"], &export["opt_out_hashes"]), (&json!([]), &json!(1)));
}

#[test]
fn only_a_key_that_may_read_people_reads_them() {
    let mut world = world();
    for (token, target, status, code) in [
        (AUDIT.1, format!("{PERSON}/export"), 403, "scope_missing"),
        (CRM.1, format!("{PERSON}/export?hotline=DRIVERS"), 403, "hotline_forbidden"),
        (CRM.1, format!("{PERSON}/export?limit=1"), 400, "invalid_request"),
        (CRM.1, "/v1/people/5550100150/export".to_owned(), 400, "invalid_request"),
    ] {
        let answer = world.program(token, "GET", &target, &Value::Null);
        assert_eq!((answer.status, answer.code()), (status, code), "{target}");
    }
}
