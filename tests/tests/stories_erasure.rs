//! A program asks that a person is erased: here, at Twilio, and nothing of it is forgotten on the way.

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{Direction, Script};
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{AUDIT, CRM, GREETING, LISTENER, Stage, VOTERS, VOTERS_NUMBERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const PERSON: &str = "/v1/people/%2B15550100150";
/// A word that stands in everything that they say and are told.
const SECRET: &str = "kumquat";
const MINUTE: i64 = 60_000;

fn world() -> World {
    World::new(&Stage::with("region", json!("US")))
}

fn erase(world: &mut World) -> Answer {
    let erased = world.program(CRM.1, "DELETE", PERSON, &Value::Null);
    assert_eq!(erased.status, 202, "{:?}", erased.body);
    assert_eq!(erased.header("location"), format!("/v1/jobs/{}", erased.body["id"].as_str().expect("an id")));
    erased
}

fn job(world: &mut World, erased: &Answer) -> Value {
    world.program(CRM.1, "GET", erased.header("location"), &Value::Null).body
}

fn send(world: &mut World, more: &Value) -> Answer {
    let mut message =
        json!({"hotline": "VOTERS", "to": SAM, "class": "service", "body": format!("{SECRET} from a program")});
    for (name, value) in more.as_object().expect("an object") {
        message[name] = value.clone();
    }
    world.program(CRM.1, "POST", "/v1/messages", &message)
}

/// They wrote, with a picture, were answered by an agent and by a program, left a voicemail, and a program knows them.
fn a_history(world: &mut World) -> u64 {
    world.text_to(SAM, VOTERS_NUMBERS[0], &format!("{SECRET} from them"), &["image/png"]);
    world.settle(1);
    let conversation = world.conversation(SAM);
    world.reply_with(conversation, &format!("<p>{SECRET} from an agent</p>"), SECRET, &[("map.png", "image/png")]);
    world.settle(1);
    world.call(SAM, Script::new().speaks(10).hangs_up_at(40));
    world.settle(1);
    send(world, &json!({"tags": ["a"], "reference": "r-1", "media": ["https://shop.example/kumquat.png"]}));
    let body = json!({"zone": "America/New_York", "language": "en", "fields": {"fruit": SECRET}});
    assert_eq!(world.program(CRM.1, "PUT", PERSON, &body).status, 200);
    let consent = json!({"class": "promotion", "granted": true, "source": "form", "evidence": SECRET});
    assert_eq!(world.program(CRM.1, "PUT", &format!("{PERSON}/consent"), &consent).status, 200);
    world.settle(1);
    conversation
}

/// The hotline's objects of people and of their messages that still say the word.
fn who_says_it(world: &World) -> Vec<String> {
    let holds = |(name, object): (&Name, &ringside_tests::world::object::Object)| {
        let is_asked = matches!(name, Name::Contact(..) | Name::Audience(..) | Name::Directory(_) | Name::Call(..));
        (is_asked && (object.store.holds(SECRET) || object.store.holds("where do I vote?"))).then(|| name.to_string())
    };
    world.objects.iter().filter_map(holds).collect()
}

#[test]
fn what_programs_were_told_of_them_says_nothing_any_more() {
    let mut world = World::new(&Stage { has_listeners: true, ..Stage::with("region", json!("US")) });
    a_history(&mut world);
    let heard = |world: &mut World| {
        let page = world.program(LISTENER.1, "GET", "/v1/events?limit=100", &Value::Null).body;
        page["data"].as_array().expect("a list").clone()
    };
    let before = heard(&mut world);
    assert!(before.iter().any(|event| event.to_string().contains(SECRET)));
    erase(&mut world);
    world.settle(1);
    let after = heard(&mut world);
    let ids = |events: &[Value]| events.iter().map(|event| event["id"].clone()).collect::<Vec<_>>();
    assert!(ids(&after).starts_with(&ids(&before)), "they stay, without words");
    assert!(
        !after.iter().any(|event| event.to_string().contains(SECRET) || event["type"] == "person.erased"),
        "{after:?}"
    );
    assert_eq!(who_says_it(&world), Vec::<String>::new());
}

/// What Twilio still holds of them.
fn at_twilio(world: &World) -> Vec<String> {
    let messages = world.twilio.messages_with(SAM);
    let mut held: Vec<String> =
        messages.iter().filter(|message| !message.body.is_empty()).map(|message| message.body.clone()).collect();
    held.extend(
        messages.iter().flat_map(|message| &message.media).filter(|sid| world.twilio.media(sid).is_some()).cloned(),
    );
    held.extend(world.twilio.recordings().iter().filter(|it| !it.deleted).map(|it| it.sid.clone()));
    held.extend(world.twilio.recordings().iter().filter_map(|it| it.transcript_sid.clone()));
    held
}

fn refuse(world: &mut World, kind: Kind, method: &str, path: &str, times: Option<u32>) {
    let (method, path_contains) = (Some(method.to_owned()), Some(path.to_owned()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times });
}

#[test]
fn what_was_said_is_erased_here_and_at_twilio() {
    let mut world = world();
    let conversation = a_history(&mut world);
    assert!(!at_twilio(&world).is_empty() && !who_says_it(&world).is_empty());
    let erased = erase(&mut world);
    assert_eq!((&erased.body["kind"], &erased.body["status"]), (&json!("erasure"), &json!("running")));
    assert!(world.settle(1), "it comes to rest");
    let job = job(&mut world, &erased);
    assert_eq!((&job["status"], &job["progress"]["failed"]), (&json!("done"), &json!(0)), "{job}");
    assert_eq!(job["progress"]["done"], job["progress"]["total"]);
    assert_eq!(at_twilio(&world), [""; 0]);
    assert_eq!(who_says_it(&world), [""; 0]);
    let told = "This person was erased from the hotline, as the program crm has asked.";
    let notes = world.notes(conversation);
    assert_eq!(notes.iter().filter(|note| note.starts_with(told)).count(), 1, "{notes:?}");
    assert_eq!(world.program(CRM.1, "GET", PERSON, &Value::Null).status, 404);
    let items = world.program(CRM.1, "GET", "/v1/messages?reference=r-1", &Value::Null).body;
    let item = &items["data"][0];
    assert_eq!((&item["body"], &item["media"], &item["to"]), (&json!(""), &json!([]), &json!("")));
    assert_eq!(&item["status"], "failed", "its picture could not be fetched");
}

#[test]
fn twice_is_once_and_who_writes_again_begins_anew() {
    let mut world = world();
    a_history(&mut world);
    let first = erase(&mut world);
    let again = erase(&mut world);
    assert_eq!(again.body["id"], first.body["id"]);
    world.settle(1);
    let requests = world.ledger.twilio_requests;
    let again = erase(&mut world);
    assert_eq!((&again.body["id"], &again.body["status"]), (&first.body["id"], &json!("done")));
    world.settle(1);
    assert_eq!(world.ledger.twilio_requests, requests, "nothing is asked again");
    let before = world.conversations(SAM).len();
    world.text(SAM, "Hello again");
    world.settle(1);
    assert_eq!(world.said(world.conversation(SAM)), ["Hello again"]);
    assert_eq!(
        (world.conversations(SAM).len(), world.phone(SAM).last().map(String::as_str)),
        (before + 1, Some(GREETING))
    );
    let second = erase(&mut world);
    assert_ne!(second.body["id"], first.body["id"]);
    world.settle(1);
    assert_eq!((job(&mut world, &second)["status"].clone(), at_twilio(&world)), (json!("done"), vec![]));
}

#[test]
fn a_webhook_that_comes_again_is_known_after_the_erasure() {
    let mut world = world();
    world.faults.switch_on(Service::Twilio, Kind::Duplicate { copies: 3 });
    world.faults.switch_on(Service::Twilio, Kind::Reorder { window_ms: 60_000 });
    world.text(SAM, &format!("{SECRET} from them"));
    world.run_for(30_000);
    erase(&mut world);
    world.settle(1);
    assert_eq!(who_says_it(&world), [""; 0]);
    assert!(world.conversations(SAM).len() <= 1);
}

#[test]
fn somebody_of_whom_nothing_is_known_is_erased_at_once() {
    let mut world = world();
    let erased = erase(&mut world);
    world.settle(1);
    assert_eq!(job(&mut world, &erased)["status"], "done");
    assert_eq!(world.ledger.twilio_requests, 0);
}

#[test]
fn an_opt_out_and_a_withdrawn_consent_stay() {
    let mut world = world();
    let consent =
        |granted: bool, class: &str| json!({"class": class, "granted": granted, "source": "form", "evidence": SECRET});
    for (granted, class) in [(true, "promotion"), (false, "service")] {
        world.program(CRM.1, "PUT", &format!("{PERSON}/consent"), &consent(granted, class));
    }
    erase(&mut world);
    world.settle(1);
    assert_eq!(send(&mut world, &json!({})).body["decision"]["rule"], "consent_withdrawn");
    assert_eq!(send(&mut world, &json!({"class": "promotion"})).body["decision"]["rule"], "consent_missing");
    world.text(SAM, "STOP");
    world.settle(1);
    erase(&mut world);
    world.settle(1);
    assert_eq!(who_says_it(&world), [""; 0]);
    assert_eq!(send(&mut world, &json!({"class": "alert"})).body["decision"]["rule"], "opted_out");
}

#[test]
fn what_waits_is_not_sent() {
    let mut world = world();
    world.text(SAM, "where do I vote?");
    world.settle(1);
    let conversation = world.conversation(SAM);
    // The sender is taken for an hour.
    refuse(&mut world, Kind::Down { refuse: false }, "POST", "/Messages.json", None);
    world.reply(conversation, &format!("<p>{SECRET} from an agent</p>"));
    world.run_for(MINUTE);
    let waits = send(&mut world, &json!({}));
    let at = protocol::Timestamp::from_millisecond(world.now + 60 * MINUTE).expect("an instant");
    let held = send(&mut world, &json!({"send_at": at.to_string()}));
    world.run_for(MINUTE);
    let erased = erase(&mut world);
    world.faults.clear(Service::Twilio, None);
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING]);
    for message in [waits, held] {
        let path = format!("/v1/messages/{}", message.body["id"].as_str().expect("an id"));
        let item = world.program(CRM.1, "GET", &path, &Value::Null).body;
        assert!(["canceled", "failed", "unknown"].iter().any(|status| item["status"] == *status), "{item}");
    }
    assert_eq!((job(&mut world, &erased)["status"].clone(), who_says_it(&world)), (json!("done"), vec![]));
}

#[test]
fn twilio_is_asked_until_a_delivery_has_ended() {
    let mut world = world();
    world.twilio.settings_mut().pace.queued_ms = 3 * 60 * MINUTE.unsigned_abs();
    send(&mut world, &json!({}));
    world.run_for(MINUTE);
    let erased = erase(&mut world);
    world.run_for(60 * MINUTE);
    assert_eq!(job(&mut world, &erased)["status"], "running");
    world.settle(2);
    assert_eq!((job(&mut world, &erased)["status"].clone(), at_twilio(&world)), (json!("done"), vec![]));
    assert!(world.ledger.twilio_requests < 20, "it is asked ever more seldom: {}", world.ledger.twilio_requests);
}

#[test]
fn a_text_that_was_under_way_is_emptied_when_it_is_known() {
    for kind in [Kind::LostAnswer, Kind::Hold { ms: 8_000 }, Kind::Hold { ms: 30_000 }, Kind::Down { refuse: true }] {
        for callbacks_are_lost in [false, true] {
            let mut world = world();
            if callbacks_are_lost {
                world.faults.switch_on(Service::Twilio, Kind::Drop);
            }
            refuse(&mut world, kind.clone(), "POST", "/Messages.json", Some(1));
            send(&mut world, &json!({}));
            world.run_for(3_000);
            let erased = erase(&mut world);
            world.settle(3);
            let case = format!("{kind:?}, callbacks lost {callbacks_are_lost}");
            assert_eq!(job(&mut world, &erased)["status"], "done", "{case}");
            assert_eq!((at_twilio(&world), who_says_it(&world)), (vec![], vec![]), "{case}");
            assert!(world.phone(SAM).len() <= 1, "{case}");
        }
    }
}

#[test]
fn what_twilio_has_no_more_counts_as_done_and_what_it_refuses_is_told() {
    for (status, ends) in [(404, "done"), (400, "failed")] {
        let mut world = world();
        a_history(&mut world);
        let body = json!({"code": 20_000 + status, "message": "", "more_info": "", "status": status});
        let status = u16::try_from(status).expect("a status");
        refuse(&mut world, Kind::Status { status, headers: [].into(), body }, "DELETE", "/Media/", None);
        let erased = erase(&mut world);
        world.settle(3);
        let job = job(&mut world, &erased);
        assert_eq!(job["status"], ends, "{job}");
    }
}

#[test]
fn an_outage_of_twilio_is_waited_out() {
    let mut world = world();
    a_history(&mut world);
    refuse(&mut world, Kind::Down { refuse: true }, "POST", "/Messages/", None);
    let erased = erase(&mut world);
    world.run_for(3 * 60 * MINUTE);
    assert_eq!(job(&mut world, &erased)["status"], "running");
    world.faults.clear(Service::Twilio, None);
    world.settle(1);
    assert_eq!((job(&mut world, &erased)["status"].clone(), at_twilio(&world)), (json!("done"), vec![]));
}

#[test]
fn a_kill_at_any_instant_holds_up_nothing() {
    for at in (0..30).map(|step| step * 200) {
        let mut world = world();
        a_history(&mut world);
        let erased = erase(&mut world);
        world.run_for(at);
        let name = Name::Contact(VOTERS, SAM.to_owned());
        world.objects.get_mut(&name).expect("an object").crash(&name);
        world.settle(1);
        let ended = (job(&mut world, &erased)["status"].clone(), at_twilio(&world), who_says_it(&world));
        assert_eq!(ended, (json!("done"), vec![], vec![]), "killed after {at} ms");
    }
}

#[test]
fn a_job_is_read_by_keys_of_its_hotline_alone() {
    let mut world = world();
    let erased = erase(&mut world);
    let location = erased.header("location").to_owned();
    for (token, method, target, status, code) in [
        (AUDIT.1, "GET", location.as_str(), 403, "scope_missing"),
        (AUDIT.1, "DELETE", PERSON, 403, "scope_missing"),
        (CRM.1, "GET", "/v1/jobs/job_000000000001AAAA", 404, "not_found"),
        (CRM.1, "GET", &location.replace("job_", "msg_"), 404, "not_found"),
        (CRM.1, "DELETE", "/v1/people/5550100150", 400, "invalid_request"),
        (CRM.1, "DELETE", "/v1/people/%2B15550100150?hotline=DRIVERS", 403, "hotline_forbidden"),
        (CRM.1, "POST", &location, 405, "method_not_allowed"),
    ] {
        let answer = world.program(token, method, target, &Value::Null);
        assert_eq!((answer.status, answer.code()), (status, code), "{method} {target}");
    }
}

#[test]
fn inbound_texts_are_emptied_too() {
    let mut world = world();
    world.text(SAM, &format!("{SECRET} from them"));
    world.settle(1);
    erase(&mut world);
    world.settle(1);
    let theirs = world.twilio.messages_with(SAM);
    assert!(theirs.iter().any(|message| message.direction == Direction::Inbound && message.body.is_empty()));
    // What agents read stays theirs.
    assert_eq!(world.said(world.conversation(SAM)), [format!("{SECRET} from them")]);
}
