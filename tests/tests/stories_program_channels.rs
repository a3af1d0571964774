//! Messages of programs that are tried by one channel after another (`via`): by the next one when the one before has failed or
//! takes too long, and never because an answer was lost.

use emulator::faults::{Kind, Rule, Service, Unreadable};
use emulator::twilio::DeliveryOutcome;
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{CRM, Stage, VOTERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ANN: &str = "+15550100151";
const CONTENT_SID: &str = "HX0123456789abcdef0123456789abcdef";
const MINUTE: i64 = 60_000;
/// Twilio's word that a number is not on WhatsApp.
const NOT_THERE: DeliveryOutcome = DeliveryOutcome::Undelivered(63024);

/// A hotline with a template that WhatsApp has approved, so that its window does not matter.
fn world_with(more: &[(&'static str, Value)]) -> World {
    let mut hotline = vec![("region", json!("US")), ("hours", hours())];
    hotline.extend(more.iter().cloned());
    let mut world = World::new(&Stage { hotline, ..Stage::default() });
    world.twilio.settings_mut().templates.insert(CONTENT_SID.to_owned(), "Your {{1}} was received.".to_owned());
    let whatsapp = json!({"content_sid": CONTENT_SID, "variables": {"1": "what"}});
    let wording = json!({"sms": "Your {{what}} was received.", "whatsapp": whatsapp});
    let template = json!({"versions": {"en": wording}, "fields": {"what": {"required": true}}});
    assert_eq!(world.program(CRM.1, "PUT", "/v1/templates/received", &template).status, 200);
    world
}

/// It is seven in the morning at noon UTC.
fn hours() -> Value {
    json!({"time_zone": "America/New_York", "open": ["Mon-Sun 00:00-24:00"]})
}

fn world() -> World {
    world_with(&[])
}

/// WhatsApp first, and a text when it has not come so far within so long.
fn message(until: &str, within: &str) -> Value {
    let via = json!([{"channel": "whatsapp", "until": until, "within": within}, {"channel": "sms"}]);
    let template = json!({"name": "received", "data": {"what": "ballot"}});
    json!({"hotline": "VOTERS", "to": SAM, "class": "service", "template": template, "via": via})
}

fn post(world: &mut World, message: &Value) -> Answer {
    world.program(CRM.1, "POST", "/v1/messages", message)
}

/// Sends it; its address.
fn send(world: &mut World, message: &Value) -> String {
    let sent = post(world, message);
    assert_eq!(sent.status, 202, "{:?}", sent.body);
    format!("/v1/messages/{}", sent.body["id"].as_str().expect("an id"))
}

fn item(world: &mut World, path: &str) -> Value {
    world.program(CRM.1, "GET", path, &Value::Null).body
}

/// What was decided, in words.
fn why(world: &mut World, path: &str) -> Vec<String> {
    let why = world.program(CRM.1, "GET", &format!("{path}/why"), &Value::Null).body;
    let steps = why["data"].as_array().expect("a list").iter();
    steps.map(|step| step["detail"].as_str().unwrap_or_default().to_owned()).collect()
}

fn says(why: &[String], words: &str) -> bool {
    why.iter().any(|step| step.contains(words))
}

/// Channel and status of each part.
fn parts(item: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    item["parts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|part| (text(&part["channel"]), text(&part["status"])))
        .collect()
}

fn owned(parts: &[(&str, &str)]) -> Vec<(String, String)> {
    parts.iter().map(|(channel, status)| ((*channel).to_owned(), (*status).to_owned())).collect()
}

/// The channels by which something has arrived.
fn arrived(world: &World) -> Vec<&'static str> {
    let shown = world.twilio.phone(SAM);
    let ours = shown.into_iter().filter(|message| !message.mine && message.sid.is_some());
    ours.map(|message| if message.whatsapp { "whatsapp" } else { "sms" }).collect()
}

fn spoil(world: &mut World, kind: &Kind, method: &str, path: &str, times: Option<u32>) {
    let (method, path_contains) = (Some(method.to_owned()), Some(path.to_owned()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind: kind.clone(), method, path_contains, times });
}

#[test]
fn what_arrives_in_time_is_tried_by_no_other_channel() {
    for (until, outcome) in [
        ("sent", DeliveryOutcome::NoReceipt),
        ("delivered", DeliveryOutcome::Delivered),
        ("delivered", DeliveryOutcome::Read),
        ("read", DeliveryOutcome::Read),
    ] {
        let mut world = world();
        world.twilio.set_whatsapp_outcome(SAM, outcome);
        let path = send(&mut world, &message(until, "PT2M"));
        world.settle(1);
        let item = item(&mut world, &path);
        assert_eq!((arrived(&world), &item["channel"]), (vec!["whatsapp"], &json!("whatsapp")), "{until}");
        let via = json!([{"channel": "whatsapp", "until": until, "within": "PT2M"}, {"channel": "sms"}]);
        assert_eq!((&item["via"], item["sender"].as_str()), (&via, Some("whatsapp:+15550100001")));
    }
}

#[test]
fn what_takes_too_long_is_tried_by_the_next_channel_and_both_are_told() {
    for (until, outcome, status) in
        [("delivered", DeliveryOutcome::NoReceipt, "sent"), ("read", DeliveryOutcome::Delivered, "delivered")]
    {
        let mut world = world();
        world.twilio.set_whatsapp_outcome(SAM, outcome);
        let path = send(&mut world, &message(until, "PT2M"));
        world.run_for(2 * MINUTE - 1_000);
        assert_eq!(arrived(&world), ["whatsapp"]);
        assert_eq!(item(&mut world, &path)["status"], status);
        world.settle(1);
        assert_eq!(arrived(&world), ["whatsapp", "sms"]);
        let item = item(&mut world, &path);
        assert_eq!((&item["status"], &item["channel"]), (&json!("delivered"), &json!("sms")));
        assert_eq!(parts(&item), owned(&[("whatsapp", status), ("sms", "delivered")]));
        assert_eq!(item["price"], json!({"amount": "-0.01290", "currency": "USD"}), "for both");
        let why = why(&mut world, &path);
        assert!(says(&why, &format!("WhatsApp: not {until} within PT2M. SMS is tried.")), "{why:?}");
    }
}

#[test]
fn a_status_does_not_go_back_while_the_next_channel_is_tried() {
    let order = ["accepted", "queued", "sending", "sent", "delivered"];
    let mut world = world();
    world.twilio.set_whatsapp_outcome(SAM, NOT_THERE);
    world.twilio.settings_mut().pace.queued_ms = 4_000;
    let path = send(&mut world, &message("delivered", "PT2M"));
    let mut known = 0;
    for _ in 0..120 {
        world.run_for(250);
        let status = item(&mut world, &path)["status"].clone();
        let rank = order.iter().position(|word| status == *word).unwrap_or_else(|| panic!("{status}"));
        assert!(rank >= known, "{status} after {}", order[known]);
        known = rank;
    }
    assert_eq!((order[known], arrived(&world)), ("delivered", vec!["sms"]));
}

#[test]
fn a_failure_that_is_final_is_followed_by_the_next_channel_at_once() {
    let patient = message("delivered", "PT24H");
    let mut after_failure = patient.clone();
    after_failure["via"] = json!([{"channel": "whatsapp"}, {"channel": "sms"}]);
    for message in [patient, after_failure] {
        for outcome in [NOT_THERE, DeliveryOutcome::Failed(63003)] {
            let mut world = world();
            world.twilio.set_whatsapp_outcome(SAM, outcome);
            let path = send(&mut world, &message);
            world.run_for(10_000);
            assert_eq!(arrived(&world), ["sms"]);
            let item = item(&mut world, &path);
            assert_eq!(parts(&item), owned(&[("whatsapp", "failed"), ("sms", "delivered")]));
            assert_eq!((&item["status"], &item["error"]), (&json!("delivered"), &Value::Null));
            assert!(says(&why(&mut world, &path), "not on WhatsApp"));
            world.settle(1);
            assert_eq!(world.made_for(SAM).len(), 2);
        }
    }
}

#[test]
fn what_fails_by_every_channel_has_failed() {
    let mut world = world();
    world.twilio.set_whatsapp_outcome(SAM, NOT_THERE);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::LANDLINE);
    let path = send(&mut world, &message("delivered", "PT2M"));
    world.settle(1);
    let item = item(&mut world, &path);
    assert_eq!((&item["status"], &item["error"]["code"]), (&json!("failed"), &json!(30006)));
}

#[test]
fn outside_of_the_window_the_next_channel_is_tried_at_once() {
    let mut world = world();
    let mut message = message("delivered", "PT2M");
    message["template"] = Value::Null;
    message["body"] = json!("Hi");
    let mut dry = message.clone();
    dry["dry_run"] = json!(true);
    let dry = post(&mut world, &dry).body;
    assert_eq!((&dry["channel"], &dry["decision"]["outcome"]), (&json!("sms"), &json!("send")));
    let path = send(&mut world, &message);
    world.run_for(10_000);
    assert_eq!((arrived(&world), world.made_for(SAM).len()), (vec!["sms"], 1));
    let why = why(&mut world, &path);
    assert!(says(&why, "WhatsApp: The person has not written on WhatsApp") && says(&why, "SMS: No rule"), "{why:?}");
    // Without another channel it is refused.
    message["via"] = json!([{"channel": "whatsapp"}]);
    assert_eq!(post(&mut world, &message).body["decision"]["rule"], "whatsapp_window");
    // Somebody who has written gets it there.
    world.whatsapp(ANN, "Hello");
    world.run_for(MINUTE);
    (message["to"], message["via"]) = (json!(ANN), json!([{"channel": "whatsapp"}, {"channel": "sms"}]));
    assert_eq!(post(&mut world, &message).body["channel"], "whatsapp");
}

#[test]
fn a_hotline_without_whatsapp_uses_the_next_channel() {
    let mut world = world_with(&[("whatsapp", Value::Null)]);
    send(&mut world, &message("delivered", "PT2M"));
    world.run_for(10_000);
    assert_eq!(arrived(&world), ["sms"]);
}

/// Every way in which the answer to a create is lost.
fn losses() -> [Kind; 8] {
    [
        Kind::LostAnswer,
        Kind::Hold { ms: 30_000 },
        Kind::Down { refuse: true },
        Kind::Status { status: 500, headers: [].into(), body: json!(null) },
        Kind::DoneStatus { status: 504 },
        Kind::Unreadable { body: Unreadable::Html },
        Kind::Unreadable { body: Unreadable::Empty },
        Kind::Unreadable { body: Unreadable::Cut },
    ]
}

#[test]
fn a_lost_answer_is_settled_before_the_next_channel_is_tried() {
    for kind in losses() {
        for (lag, callbacks_are_lost) in [(0, false), (45_000, true), (0, true)] {
            let mut world = world();
            world.twilio.set_list_lag(lag);
            if callbacks_are_lost {
                world.faults.switch_on(Service::Twilio, Kind::Drop);
            }
            spoil(&mut world, &kind, "POST", "/Messages.json", Some(1));
            let path = send(&mut world, &message("delivered", "PT5S"));
            world.settle(1);
            let case =
                format!("{kind:?}, lag {lag}, callbacks lost {callbacks_are_lost}: {:?}", why(&mut world, &path));
            assert_eq!(world.made_for(SAM).len(), 1, "{case}");
            assert_eq!(item(&mut world, &path)["status"], "delivered", "{case}");
        }
    }
}

#[test]
fn an_answer_that_cannot_be_settled_ends_the_channels() {
    for is_made in [true, false] {
        let mut world = world();
        world.faults.switch_on(Service::Twilio, Kind::Drop);
        let lost = if is_made { Kind::LostAnswer } else { Kind::Down { refuse: true } };
        spoil(&mut world, &lost, "POST", "/Messages.json", Some(1));
        spoil(&mut world, &Kind::Down { refuse: false }, "GET", "/Messages.json?", None);
        let path = send(&mut world, &message("delivered", "PT5S"));
        world.settle(1);
        assert_eq!(world.made_for(SAM).len(), usize::from(is_made));
        assert_eq!(item(&mut world, &path)["status"], "unknown");
        let why = why(&mut world, &path);
        assert!(says(&why, "No other channel is tried, so that it does not come twice."), "{why:?}");
    }
}

#[test]
fn what_twilio_knows_counts_before_the_next_channel_is_tried() {
    let mut world = world();
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    let path = send(&mut world, &message("delivered", "PT30S"));
    // Nothing is told, and at first nothing is answered either.
    spoil(&mut world, &Kind::Down { refuse: true }, "GET", "/Messages/", Some(3));
    world.settle(1);
    assert_eq!(arrived(&world), ["whatsapp"]);
    assert_eq!(item(&mut world, &path)["status"], "delivered");
}

#[test]
fn states_that_come_late_twice_and_in_any_order_change_nothing() {
    let faults = [Kind::Duplicate { copies: 3 }, Kind::Reorder { window_ms: 20_000 }, Kind::Delay { ms: 60_000 }];
    for (kind, channels) in faults.iter().flat_map(|kind| [(kind, ["whatsapp"]), (kind, ["sms"])]) {
        let mut world = world();
        if channels == ["sms"] {
            world.twilio.set_whatsapp_outcome(SAM, NOT_THERE);
        }
        world.faults.switch_on(Service::Twilio, kind.clone());
        let path = send(&mut world, &message("delivered", "PT30S"));
        world.settle(1);
        assert_eq!(arrived(&world), channels, "{kind:?}: {:?}", why(&mut world, &path));
        assert_eq!(item(&mut world, &path)["status"], "delivered");
    }
}

#[test]
fn an_arrival_after_the_next_channel_was_tried_is_told() {
    let mut world = world();
    world.twilio.set_whatsapp_outcome(SAM, DeliveryOutcome::LATE);
    let path = send(&mut world, &message("delivered", "PT2M"));
    world.settle(1);
    assert_eq!(arrived(&world), ["sms", "whatsapp"]);
    let item = item(&mut world, &path);
    assert_eq!(parts(&item), owned(&[("whatsapp", "delivered"), ("sms", "delivered")]));
    let why = why(&mut world, &path);
    let told = "WhatsApp: it came there after all, when SMS had been used.";
    assert_eq!(why.iter().filter(|step| *step == told).count(), 1, "{why:?}");
}

/// The night begins three minutes from now.
fn night() -> (&'static str, Value) {
    ("quiet", json!({"from": "07:03", "until": "09:00", "classes": ["service"]}))
}

#[test]
fn the_next_channel_waits_through_the_night_and_is_not_used_when_the_first_has_arrived_by_then() {
    for is_late in [false, true] {
        let mut world = world_with(&[night()]);
        let late = DeliveryOutcome::Late { code: 30003, after_ms: 10 * MINUTE.unsigned_abs() };
        world.twilio.set_whatsapp_outcome(SAM, if is_late { late } else { NOT_THERE });
        world.twilio.settings_mut().pace.delivery_ms = 4 * MINUTE.unsigned_abs();
        let path = send(&mut world, &message("delivered", "PT1H"));
        world.run_for(5 * MINUTE);
        let held = item(&mut world, &path);
        assert_eq!((&held["status"], &held["decision"]["rule"]), (&json!("sent"), &json!("quiet_hours")));
        world.settle(1);
        assert_eq!(arrived(&world), if is_late { ["whatsapp"] } else { ["sms"] });
        assert_eq!(item(&mut world, &path)["status"], "delivered");
        assert_eq!(says(&why(&mut world, &path), "before SMS was used"), is_late);
    }
}

#[test]
fn a_night_does_not_count_for_how_long_a_channel_is_waited_for() {
    let mut world = world_with(&[("quiet", json!({"from": "07:00", "until": "09:00"}))]);
    send(&mut world, &message("delivered", "PT1M"));
    world.settle(1);
    assert_eq!(arrived(&world), ["whatsapp"]);
}

#[test]
fn each_channel_is_judged_anew() {
    let mut world = world_with(&[night()]);
    world.twilio.set_whatsapp_outcome(SAM, NOT_THERE);
    world.twilio.settings_mut().pace.delivery_ms = 4 * MINUTE.unsigned_abs();
    let path = send(&mut world, &message("delivered", "PT1H"));
    world.run_for(5 * MINUTE);
    world.text(SAM, "STOP");
    world.settle(1);
    assert_eq!(arrived(&world), [""; 0]);
    let item = item(&mut world, &path);
    assert_eq!((&item["status"], &item["decision"]["rule"]), (&json!("failed"), &json!("opted_out")));
    assert_eq!(item["error"]["code"], 63024);
}

#[test]
fn the_limit_of_a_class_counts_a_message_once() {
    let mut world = world_with(&[("cap", json!({"service": {"count": 1, "days": 7}}))]);
    world.twilio.set_whatsapp_outcome(SAM, NOT_THERE);
    send(&mut world, &message("delivered", "PT2M"));
    let second = send(&mut world, &message("delivered", "PT2M"));
    world.run_for(MINUTE);
    assert_eq!(arrived(&world), ["sms"]);
    assert_eq!(item(&mut world, &second)["decision"]["rule"], "frequency_cap");
}

#[test]
fn what_is_canceled_is_tried_by_no_other_channel() {
    let cancel = |world: &mut World, path: &str| {
        world.program(CRM.1, "POST", &format!("{path}/cancel"), &Value::Null).body["canceled"].clone()
    };
    // It has left by the first.
    let mut world = world();
    world.twilio.set_whatsapp_outcome(SAM, DeliveryOutcome::NoReceipt);
    let path = send(&mut world, &message("delivered", "PT2M"));
    world.run_for(MINUTE);
    for _ in 0..2 {
        assert_eq!(cancel(&mut world, &path), false);
    }
    world.settle(1);
    assert_eq!((arrived(&world), item(&mut world, &path)["status"].clone()), (vec!["whatsapp"], json!("sent")));
    assert!(says(&why(&mut world, &path), "No other channel is tried."));
    // The next one waits for the morning: the first has failed, or may still arrive.
    for (outcome, canceled, status) in [(NOT_THERE, true, "canceled"), (DeliveryOutcome::NoReceipt, false, "sent")] {
        let mut world = world_with(&[night()]);
        world.twilio.set_whatsapp_outcome(SAM, outcome);
        world.twilio.settings_mut().pace.delivery_ms = 4 * MINUTE.unsigned_abs();
        let path = send(&mut world, &message("delivered", "PT4M"));
        world.run_for(5 * MINUTE);
        assert_eq!(cancel(&mut world, &path), canceled, "{outcome:?}");
        world.settle(1);
        assert!(!arrived(&world).contains(&"sms"));
        assert_eq!(item(&mut world, &path)["status"], status);
    }
}

#[test]
fn what_has_expired_is_tried_by_no_other_channel() {
    let mut world = world();
    world.twilio.set_whatsapp_outcome(SAM, DeliveryOutcome::NoReceipt);
    let mut message = message("delivered", "PT2M");
    let at = protocol::Timestamp::from_millisecond(world.now + MINUTE).expect("an instant");
    message["expires_at"] = json!(at.to_string());
    let path = send(&mut world, &message);
    world.settle(1);
    assert_eq!((arrived(&world), item(&mut world, &path)["status"].clone()), (vec!["whatsapp"], json!("sent")));
    assert!(says(&why(&mut world, &path), "The message expired, so no other channel is tried."));
}

#[test]
fn a_kill_at_any_instant_neither_loses_nor_doubles_it() {
    for at in (0..40).map(|step| step * 250).chain([119_000, 119_900, 120_000, 120_100, 120_500, 121_000]) {
        for (outcome, channels) in [(NOT_THERE, vec!["sms"]), (DeliveryOutcome::NoReceipt, vec!["whatsapp", "sms"])] {
            let mut world = world();
            world.twilio.set_whatsapp_outcome(SAM, outcome);
            send(&mut world, &message("delivered", "PT2M"));
            world.run_for(at);
            let name = Name::Contact(VOTERS, SAM.to_owned());
            world.objects.get_mut(&name).expect("an object").crash(&name);
            world.settle(1);
            assert_eq!(arrived(&world), channels, "killed after {at} ms");
        }
    }
}

#[test]
fn a_list_goes_by_the_next_channel_each_for_themselves_also_when_alarms_are_lost() {
    let mut world = world();
    let to: Vec<String> = (0..30).map(|at| format!("+1555020{at:04}")).collect();
    for person in &to {
        world.twilio.set_whatsapp_outcome(person, DeliveryOutcome::NoReceipt);
    }
    let mut message = message("delivered", "PT2M");
    message["to"] = json!(to);
    assert_eq!(post(&mut world, &message).status, 202);
    world.run_for(100_000);
    world.lose_alarms();
    world.settle(1);
    for person in &to {
        assert_eq!(world.phone(person).len(), 2, "{person}");
    }
}

#[test]
fn each_fault_of_via_is_named() {
    let mut world = world();
    for (via, named, code) in [
        (json!("sms"), "via", "wrong_type"),
        (json!([]), "via", "empty"),
        (json!(["sms"]), "via.0", "wrong_type"),
        (json!([{"channel": "sms"}, {"channel": "whatsapp"}, {"channel": "sms"}]), "via", "too_many"),
        (json!([{}]), "via.0.channel", "missing"),
        (json!([{"channel": "pigeon"}]), "via.0.channel", "unknown_word"),
        (json!([{"channel": "sms"}, {"channel": "sms"}]), "via.1.channel", "duplicate"),
        (json!([{"channel": "sms", "until": "sent"}, {"channel": "whatsapp"}]), "via.0.within", "missing"),
        (json!([{"channel": "sms", "within": "PT1M"}, {"channel": "whatsapp"}]), "via.0.until", "missing"),
        (json!([{"channel": "sms", "until": "sent"}]), "via.0.until", "no_next_channel"),
        (json!([{"channel": "sms"}, {"channel": "whatsapp", "within": "PT1M"}]), "via.1.within", "no_next_channel"),
        (
            json!([{"channel": "sms", "until": "seen", "within": "PT1M"}, {"channel": "whatsapp"}]),
            "via.0.until",
            "unknown_word",
        ),
        (
            json!([{"channel": "sms", "until": "sent", "within": "2 minutes"}, {"channel": "whatsapp"}]),
            "via.0.within",
            "not_a_duration",
        ),
        (
            json!([{"channel": "sms", "until": "sent", "within": "P1M"}, {"channel": "whatsapp"}]),
            "via.0.within",
            "not_a_duration",
        ),
        (
            json!([{"channel": "sms", "until": "sent", "within": "PT4S"}, {"channel": "whatsapp"}]),
            "via.0.within",
            "out_of_range",
        ),
        (
            json!([{"channel": "sms", "until": "sent", "within": "PT24H1S"}, {"channel": "whatsapp"}]),
            "via.0.within",
            "out_of_range",
        ),
        (
            json!([{"channel": "sms", "until": "sent", "within": 120}, {"channel": "whatsapp"}]),
            "via.0.within",
            "wrong_type",
        ),
        (json!([{"channel": "sms", "after": "PT1M"}, {"channel": "whatsapp"}]), "via.0.after", "unknown_field"),
    ] {
        let mut body = message("sent", "PT1M");
        body["via"] = via.clone();
        let refused = post(&mut world, &body);
        assert_eq!((refused.status, refused.errors()), (400, vec![(named.to_owned(), code.to_owned())]), "{via}");
    }
    for within in ["PT5S", "P1D", "PT24H", "PT1440M", "pt5s", "PT0.5H"] {
        let mut body = message("sent", within);
        body["dry_run"] = json!(true);
        assert_eq!(post(&mut world, &body).status, 202, "{within}");
    }
}
