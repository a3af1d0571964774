//! A person is erased wherever something of them stands: codes, events that wait, their other keys, Help Scout. What is not in Help
//! Scout yet gets there first, and what comes late brings nothing back.

use emulator::faults::{Kind, Service};
use emulator::helpscout::ConversationState;
use emulator::twilio::{DeliveryOutcome, Script, Transcription};
use ringside_tests::world::World;
use ringside_tests::world::endpoints::Answers;
use ringside_tests::world::object::Name;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{CRM, LISTENER, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const PERSON: &str = "/v1/people/%2B15550100150";
/// WhatsApp's id of the same person.
const ID: &str = "US.13491208655302741918";
/// A word that stands in everything that is to go.
const SECRET: &str = "kumquat";
const URL: &str = "https://crm.example.org/events";
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

fn world() -> World {
    World::new(&Stage::with("region", json!("US")))
}

fn erase_with(world: &mut World, query: &str) -> Answer {
    let erased = world.program(CRM.1, "DELETE", &format!("{PERSON}{query}"), &Value::Null);
    assert_eq!(erased.status, 202, "{:?}", erased.body);
    erased
}

fn erase(world: &mut World) -> Answer {
    erase_with(world, "")
}

fn job(world: &mut World, erased: &Answer) -> Value {
    world.program(CRM.1, "GET", erased.header("location"), &Value::Null).body
}

/// Objects that still hold a word; answers to requests are kept for a day.
fn who_says(world: &World, text: &str) -> Vec<String> {
    world.who_holds(text, |name| !matches!(name, Name::ApiKey(_)))
}

fn verify(world: &mut World, reference: &str) -> (Value, String) {
    let wanted = json!({"hotline": "VOTERS", "to": SAM, "channel": "sms", "purpose": format!("{SECRET} sign-up"),
        "unique_for": format!("{SECRET} discount"), "reference": reference});
    let begun = world.program(CRM.1, "POST", "/v1/verifications", &wanted);
    assert_eq!(begun.status, 201, "{:?}", begun.body);
    world.run_for(2 * SECOND);
    let text = world.phone(SAM).pop().unwrap_or_default();
    (begun.body["id"].clone(), text.split(' ').next().unwrap_or_default().to_owned())
}

fn check(world: &mut World, id: &Value, code: &str) -> Value {
    let path = format!("/v1/verifications/{}/check", id.as_str().expect("an id"));
    world.program(CRM.1, "POST", &path, &json!({ "code": code })).body
}

#[test]
fn codes_say_nothing_any_more_and_a_first_time_stays_the_first() {
    let mut world = world();
    let (first, code) = verify(&mut world, "r-1");
    assert_eq!(check(&mut world, &first, &code)["first_time"], json!(true));
    world.run_for(11 * MINUTE);
    let (second, code) = verify(&mut world, "r-2");
    let erased = erase(&mut world);
    world.settle(1);
    assert_eq!(job(&mut world, &erased)["status"], "done");
    assert_eq!(who_says(&world, SECRET), [""; 0]);
    assert_eq!(check(&mut world, &second, &code)["status"], "canceled", "a code that was good is not any more");
    let path = format!("/v1/verifications/{}", first.as_str().expect("an id"));
    let read = world.program(CRM.1, "GET", &path, &Value::Null).body;
    assert_eq!((&read["status"], &read["to"], &read["purpose"]), (&json!("approved"), &json!(""), &Value::Null));
    let (third, code) = verify(&mut world, "r-2");
    assert!(third != first && third != second, "no id comes again");
    let checked = check(&mut world, &third, &code);
    assert_eq!((&checked["valid"], &checked["first_time"]), (&json!(true), &json!(false)));
    // Erased once more, it is still known.
    erase(&mut world);
    world.settle(1);
    world.run_for(DAY);
    let (fourth, code) = verify(&mut world, "r-4");
    assert_eq!(check(&mut world, &fourth, &code)["first_time"], json!(false));
}

#[test]
fn a_code_that_waits_does_not_leave() {
    let mut world = world();
    world.faults.switch_on(Service::Twilio, Kind::Down { refuse: true });
    verify(&mut world, "r-1");
    erase(&mut world);
    world.faults.clear(Service::Twilio, None);
    world.settle(1);
    assert_eq!(world.phone(SAM), [""; 0]);
}

/// An endpoint that takes nothing, and events of Sam's that wait for it.
fn with_waiting_events(answers: Answers) -> World {
    let mut world = World::new(&Stage { has_listeners: true, ..Stage::with("region", json!("US")) });
    let endpoint = json!({"url": URL, "events": ["message.received"], "hotlines": ["VOTERS"]});
    assert_eq!(world.program(LISTENER.1, "PUT", "/v1/endpoints/crm", &endpoint).status, 200);
    world.receivers.answers.insert(URL.to_owned(), answers);
    world.text(SAM, &format!("{SECRET} one"));
    world.text(SAM, &format!("{SECRET} two"));
    world.run_for(MINUTE);
    world
}

#[test]
fn events_that_wait_at_an_endpoint_are_delivered_without_words() {
    for (answers, is_off) in [(Answers::Status(503), false), (Answers::Away, false), (Answers::Status(410), true)] {
        let mut world = with_waiting_events(answers);
        let endpoint = Name::Endpoint("crm".to_owned());
        assert!(world.objects[&endpoint].store.holds(SECRET), "they wait");
        erase(&mut world);
        world.run_for(2 * MINUTE);
        assert_eq!(who_says(&world, SECRET), [""; 0], "{answers:?}");
        world.receivers.answers.clear();
        world.receivers.received.clear();
        if is_off {
            let endpoint = json!({"url": URL, "events": ["message.received"], "hotlines": ["VOTERS"]});
            world.program(LISTENER.1, "PUT", "/v1/endpoints/crm", &endpoint);
        }
        world.settle(1);
        let texts: Vec<_> = world.receivers.taken(URL).iter().map(|it| it.json()["data"]["text"].clone()).collect();
        assert_eq!(texts, ["", ""], "{answers:?}: that they wrote is still told");
    }
}

#[test]
fn an_endpoint_whose_object_is_killed_forgets_all_the_same() {
    for at in [0, 20, 40, 80, 200, 1_000] {
        let mut world = with_waiting_events(Answers::Away);
        erase(&mut world);
        world.run_for(at);
        world.crash_all();
        world.run_for(2 * MINUTE);
        assert_eq!(who_says(&world, SECRET), [""; 0], "killed after {at} ms");
    }
}

fn writes_with_both(world: &mut World, body: &str) {
    world.twilio.next_text_carries(&[("ExternalUserId", ID)]);
    world.whatsapp(SAM, body);
    world.settle(1);
}

#[test]
fn whoever_is_known_under_several_keys_is_erased_under_all() {
    type Happens = fn(&mut World);
    let stories: [(&str, Happens); 3] = [
        ("by the number first", |world| {
            world.settled_text(SAM, &format!("{SECRET} by SMS"));
            writes_with_both(world, &format!("{SECRET} by both"));
            world.whatsapp(ID, &format!("{SECRET} by id"));
        }),
        ("by the id first", |world| {
            world.whatsapp(ID, &format!("{SECRET} by id"));
            world.settle(1);
            writes_with_both(world, &format!("{SECRET} by both"));
            world.text(SAM, &format!("{SECRET} by SMS"));
        }),
        ("by each for itself", |world| {
            world.whatsapp(ID, &format!("{SECRET} by id"));
            world.text(SAM, &format!("{SECRET} by SMS"));
            world.settle(1);
            writes_with_both(world, &format!("{SECRET} by both"));
        }),
    ];
    for (how, tell) in stories {
        let mut world = world();
        tell(&mut world);
        world.settle(1);
        assert!(!who_says(&world, SECRET).is_empty(), "{how}");
        let erased = erase(&mut world);
        assert!(world.settle(2), "{how}: it comes to rest");
        assert_eq!(job(&mut world, &erased)["status"], "done", "{how}");
        assert_eq!(who_says(&world, SECRET), [""; 0], "{how}");
        let held: Vec<_> = [SAM, ID].iter().flat_map(|of| world.twilio.messages_with(of)).collect();
        assert!(held.iter().all(|message| message.body.is_empty()), "{how}: {held:?}");
        let again = erase(&mut world);
        assert_eq!(again.body["id"], erased.body["id"], "{how}: twice is once");
    }
}

#[test]
fn what_they_said_reaches_help_scout_before_it_goes() {
    let mut world = world();
    let conversation = world.settled_text(SAM, "Hello");
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, &format!("{SECRET} by text"));
    world.run_for(MINUTE);
    let erased = erase(&mut world);
    world.run_for(6 * 60 * MINUTE);
    let waits = job(&mut world, &erased);
    assert_eq!((&waits["status"], &waits["waiting_for"]), (&json!("running"), &json!("help_scout")));
    assert!(!who_says(&world, SECRET).is_empty(), "nobody else has it");
    world.faults.clear(Service::HelpScout, None);
    world.settle(2);
    assert_eq!(world.said(conversation), ["Hello".to_owned(), format!("{SECRET} by text")]);
    let done = job(&mut world, &erased);
    assert_eq!((&done["status"], &done["waiting_for"]), (&json!("done"), &Value::Null), "{done}");
    assert_eq!(done["removed"], json!({"texts": 3, "media": 0, "recordings": 0}), "two of theirs, and the greeting");
    assert_eq!(who_says(&world, SECRET), [""; 0]);
    world.text(SAM, "Hello again");
    world.settle(1);
    assert_ne!(world.conversation(SAM), conversation, "who writes again begins anew");
}

#[test]
fn a_voicemail_that_is_told_late_is_posted_and_goes() {
    for late in [5, 15, 25, 45] {
        let mut world = world();
        world.twilio.set_transcription(SAM, Transcription::Comes { after_ms: 120_000, text: SECRET.into() });
        world.call(SAM, Script::new().speaks(10).hangs_up_at(40));
        world.run_for(late * SECOND);
        let erased = erase(&mut world);
        world.run_for(10 * MINUTE);
        world.settle(2);
        assert_eq!(who_says(&world, SECRET), [""; 0], "erased after {late} s");
        assert!(world.said(world.conversation(SAM)).concat().starts_with("Voicemail"), "erased after {late} s");
        assert_eq!(job(&mut world, &erased)["status"], "done", "erased after {late} s");
        let held: Vec<_> = world.twilio.recordings().iter().filter(|it| !it.deleted).map(|it| it.sid.clone()).collect();
        assert_eq!(held, [""; 0], "erased after {late} s");
    }
}

#[test]
fn a_delivery_that_fails_after_the_erasure_sends_nothing_again() {
    let mut world = world();
    let conversation = world.settled_text(SAM, "Hello");
    world.twilio.settings_mut().pace.queued_ms = 5_000;
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Undelivered(30003));
    world.reply(conversation, &format!("<p>{SECRET} from an agent</p>"));
    world.run_for(10 * SECOND);
    let made = world.made_for(SAM).len();
    erase(&mut world);
    world.settle(2);
    assert_eq!(world.made_for(SAM).len(), made);
    assert_eq!(who_says(&world, SECRET), [""; 0]);
}

#[test]
fn a_reply_that_was_not_read_yet_is_not_sent_and_a_later_one_is() {
    let mut world = world();
    let conversation = world.settled_text(SAM, "Hello");
    world.reply(conversation, &format!("<p>{SECRET} from an agent</p>"));
    world.run_for(2 * SECOND);
    erase(&mut world);
    world.settle(1);
    assert!(!world.phone(SAM).concat().contains(SECRET));
    world.text(SAM, "Hello again");
    world.settle(1);
    world.reply(world.conversation(SAM), "<p>Good to hear from you</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM).pop().as_deref(), Some("Good to hear from you"));
}

#[test]
fn in_help_scout_their_record_stays_with_a_note_goes_or_stays_as_it_is() {
    for (query, is_there, notes) in [("", true, 1), ("?helpscout=note", true, 1), ("?helpscout=keep", true, 0)] {
        let mut world = world();
        let conversation = world.settled_text(SAM, "Hello");
        erase_with(&mut world, query);
        world.settle(1);
        let told = world.notes(conversation).iter().filter(|note| note.starts_with("This person was erased")).count();
        assert_eq!((world.is_there(conversation), told), (is_there, notes), "{query}");
    }
    let refused = world().program(CRM.1, "DELETE", &format!("{PERSON}?helpscout=burn"), &Value::Null);
    assert_eq!((refused.status, refused.errors()), (400, vec![("helpscout".to_owned(), "unknown_word".to_owned())]));
}

#[test]
fn their_record_is_deleted_with_its_conversations_when_that_is_wanted() {
    for phone_only in [false, true] {
        let mut world = World::new(&Stage { phone_only, ..Stage::with("region", json!("US")) });
        let conversation = world.settled_text(SAM, "Hello");
        let other = world.settled_text("+15550100151", "I am somebody else");
        let erased = erase_with(&mut world, "?helpscout=delete");
        world.settle(2);
        assert_eq!(job(&mut world, &erased)["status"], "done", "phone_only {phone_only}");
        let state = world.helpscout.conversation(conversation).map(|it| it.state);
        assert_eq!(state, Some(ConversationState::Deleted), "phone_only {phone_only}");
        assert_eq!(world.helpscout.customers().count(), 1, "phone_only {phone_only}");
        assert!(world.is_there(other));
        world.text(SAM, "Hello again");
        world.settle(1);
        assert_eq!(world.said(world.conversation(SAM)), ["Hello again"], "phone_only {phone_only}");
    }
}

#[test]
fn a_record_that_was_left_at_first_can_be_deleted_later() {
    let mut world = world();
    world.settled_text(SAM, "Hello");
    let first = erase(&mut world);
    world.settle(1);
    let second = erase_with(&mut world, "?helpscout=delete");
    world.settle(2);
    assert_ne!(second.body["id"], first.body["id"]);
    assert_eq!((job(&mut world, &second)["status"].clone(), world.helpscout.customers().count()), (json!("done"), 0));
}

#[test]
fn a_text_that_waits_is_posted_and_its_record_deleted_after_an_outage() {
    let mut world = world();
    world.settled_text(SAM, "Hello");
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, &format!("{SECRET} by text"));
    world.run_for(MINUTE);
    let erased = erase_with(&mut world, "?helpscout=delete");
    world.run_for(60 * MINUTE);
    world.faults.clear(Service::HelpScout, None);
    world.settle(2);
    assert_eq!(job(&mut world, &erased)["status"], "done");
    assert_eq!((world.helpscout.customers().count(), who_says(&world, SECRET)), (0, vec![]));
}
