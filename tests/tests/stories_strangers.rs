//! What strangers can make a hotline do by themselves: automatic texts to numbers that they claim, and ringing phones.

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{CallStatus, FarEnd, Script};
use ringside_tests::world::World;
use ringside_tests::world::dice::Dice;
use ringside_tests::world::random_faults::{Outage, RandomFaults};
use ringside_tests::world::stage::{GREETING, MISSED, Stage, TROUBLE, VOTERS_NUMBERS};
use serde_json::{Value, json};

const CALLER: &str = "+15550100150";
const ADA: &str = "+15550100101";
const BEN: &str = "+15550100102";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn refused(world: &World, code: &str) -> i64 {
    world.counted(&format!("automatic text refused: {code}"))
}

#[test]
fn calls_with_forged_caller_ids_abroad_or_that_cost_extra_bring_no_texts() {
    let mut world = World::new(&Stage::with("region", json!("US")));
    for last in 0..4 {
        for from in ["+88216123450", "+25261234560", "+1900555010"] {
            world.call(&format!("{from}{last}"), Script::new().hangs_up_at(2));
            world.run_for(20_000);
        }
    }
    world.settle(1);
    assert!(world.twilio.sent().is_empty(), "{:?}", world.twilio.sent());
    assert_eq!((refused(&world, "premium_number"), refused(&world, "country_not_allowed")), (8, 4));
    assert_eq!(world.said(world.conversation("+252612345600")).len(), 1, "agents see the call");
}

#[test]
fn texts_from_a_country_that_is_not_listed_are_posted_and_not_greeted() {
    for (auto_reply, greeted) in [(Value::Null, 0), (json!({"countries": ["US", "SN"]}), 10)] {
        let stage = Stage { hotline: vec![("region", json!("US")), ("auto_reply", auto_reply)], ..Stage::default() };
        let mut world = World::new(&stage);
        for last in 0..10 {
            world.text(&format!("+22177123450{last}"), "hello");
        }
        world.text(CALLER, "hello");
        world.settle(1);
        assert_eq!(world.said(world.conversation("+221771234500")), ["hello"]);
        assert_eq!(world.twilio.sent().len(), greeted + 1);
        assert_eq!(world.phone(CALLER), [GREETING]);
        assert_eq!(refused(&world, "country_not_allowed"), 10 - i64::try_from(greeted).unwrap());
    }
}

#[test]
fn whatsapp_greets_wherever_somebody_is() {
    let mut world = World::new(&Stage::with("region", json!("US")));
    world.whatsapp("+447700900123", "hello");
    world.settle(1);
    assert_eq!(world.phone("+447700900123"), [GREETING]);
}

#[test]
fn so_many_automatic_texts_leave_in_an_hour_and_agents_see_which_did_not() {
    let mut world = World::new(&Stage::with("auto_reply", json!({"per_hour": 3})));
    for last in 0..5 {
        world.text(&format!("+1555010015{last}"), "hello");
        world.run_for(MINUTE);
    }
    world.settle(1);
    assert_eq!(world.twilio.sent().len(), 3);
    assert_eq!(refused(&world, "too_many_texts"), 2);
    let shown = world.timeline("+15550100154").iter().map(Value::to_string).collect::<String>();
    assert!(shown.contains("as many automatic texts within an hour as its settings allow"), "{shown}");
    world.run_for(HOUR);
    world.text("+15550100155", "hello");
    world.settle(1);
    assert_eq!(world.phone("+15550100155"), [GREETING]);
}

#[test]
fn the_word_of_trouble_counts_as_an_automatic_text() {
    let mut world = World::new(&Stage::with("auto_reply", json!({"per_hour": 1})));
    world.text(CALLER, "hello");
    world.run_for(10 * MINUTE);
    let (from, until) = (world.now, world.now + 30 * MINUTE);
    world.random_faults.outages.push(Outage { service: Service::HelpScout, from, until, status: Some(503) });
    world.text(CALLER, "are you there?");
    world.settle(1);
    assert_eq!(world.phone(CALLER), [GREETING]);
    assert_eq!(refused(&world, "too_many_texts"), 1);
    let mut world = World::new(&Stage::default());
    world.text(CALLER, "hello");
    world.run_for(10 * MINUTE);
    world.random_faults.outages.push(Outage { service: Service::HelpScout, from, until, status: Some(503) });
    world.text(CALLER, "are you there?");
    world.settle(1);
    assert_eq!(world.phone(CALLER), [GREETING, TROUBLE]);
}

#[test]
fn a_text_that_is_asked_for_twice_is_sent_once_and_counts_once() {
    for seed in 0..20 {
        let faults = RandomFaults { unheard: 500, ..RandomFaults::default() };
        let mut world = World::seeded(&Stage::with("auto_reply", json!({"per_hour": 2})), Dice::new(seed), faults);
        world.text(CALLER, "hello");
        // Before they are told of trouble, which counts as well.
        world.run_for(5 * MINUTE);
        world.random_faults.unheard = 0;
        world.text("+15550100151", "hello");
        world.settle(1);
        let phones = [CALLER, "+15550100151"].map(|person| world.phone(person));
        assert_eq!(phones, [[GREETING], [GREETING]], "{seed}");
    }
}

#[test]
fn who_calls_under_a_number_that_its_network_calls_false_brings_nobody_a_text() {
    for (verdict, texts) in [
        ("TN-Validation-Failed-C", 0),
        ("TN-Validation-Failed", 0),
        ("No-TN-Validation", 1),
        ("TN-Validation-Passed-C", 1),
        ("", 1),
    ] {
        for script in [Script::new().hangs_up_at(2), Script::new().speaks(9)] {
            let mut world = World::new(&Stage::default());
            world.twilio.set_stir_verdict(CALLER, verdict);
            world.call(CALLER, script.clone());
            world.settle(1);
            assert_eq!(world.said(world.conversation(CALLER)).len(), 1, "agents see the call");
            assert_eq!(world.phone(CALLER).len(), texts, "{verdict} {script:?}");
            assert_eq!(refused(&world, "caller_id_failed"), i64::from(texts == 0));
            if texts == 0 {
                // Who texts is at that number.
                world.text(CALLER, "it is really me");
                world.settle(1);
                assert_eq!(world.phone(CALLER), [GREETING]);
            }
        }
    }
}

/// The voters' hotline with two phones that nobody answers.
fn ringing(more: &[(&'static str, Value)]) -> World {
    let ring = ("ring", json!({"phones": [ADA, BEN], "seconds": 10}));
    let mut world = World::new(&Stage { hotline: [&[ring], more].concat(), ..Stage::default() });
    for phone in [ADA, BEN] {
        world.twilio.set_far_end(phone, FarEnd::NoAnswer);
        world.twilio.set_call_waiting(phone, true);
    }
    world
}

fn status(world: &World, call: &str) -> CallStatus {
    world.twilio.call(call).unwrap().status
}

fn beeped(world: &World, call: &str) -> bool {
    world.heard(call).contains(&"beep".to_owned())
}

#[test]
fn thirty_calls_of_one_number_ring_the_team_for_the_first_five() {
    let mut world = ringing(&[]);
    let calls: Vec<String> = (0..30)
        .map(|_| {
            let call = world.call(CALLER, Script::new().speaks(2).hangs_up_at(20));
            world.run_for(25_000);
            call
        })
        .collect();
    world.settle(1);
    assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (5, 5));
    assert!(calls[5..10].iter().all(|call| beeped(&world, call)));
    assert!(calls[10..].iter().all(|call| status(&world, call) == CallStatus::Busy));
    let conversation = world.conversation(CALLER);
    assert_eq!(world.said(conversation).len(), 10, "{:?}", world.said(conversation));
    let told = "They have called more than 10 times within 15 minutes. Their calls are rejected for a while; texts still arrive. \
                If they need help, please call them back.";
    assert_eq!(world.notes(conversation), [told]);
    assert_eq!(world.counted("call to voicemail: too many from one number"), 5);
    assert_eq!(world.counted("call rejected: too many from one number"), 20);
}

#[test]
fn after_a_while_their_calls_ring_again() {
    let mut world = ringing(&[("repeated_calls", json!({"minutes": 5, "voicemail_after": 2, "reject_after": 3}))]);
    let mut calls = Vec::new();
    for _ in 0..4 {
        calls.push(world.call(CALLER, Script::new().hangs_up_at(20)));
        world.run_for(25_000);
    }
    assert_eq!(world.twilio.rings(ADA), 2);
    assert_eq!(status(&world, &calls[3]), CallStatus::Busy);
    world.run_for(6 * MINUTE);
    world.call(CALLER, Script::new().hangs_up_at(20));
    world.settle(1);
    assert_eq!(world.twilio.rings(ADA), 3);
}

#[test]
fn calls_of_others_and_of_who_withhold_their_number_are_not_counted_together() {
    let mut world = ringing(&[]);
    for last in 0..12 {
        world.call(&format!("+155501001{:02}", 50 + last), Script::new().hangs_up_at(8));
        world.run_for(15_000);
    }
    for _ in 0..12 {
        world.twilio.call_in(world.now.cast_unsigned(), "anonymous", VOTERS_NUMBERS[0], Script::new().hangs_up_at(8));
        world.run_for(15_000);
    }
    world.settle(1);
    assert_eq!(world.twilio.rings(ADA), 24);
}

#[test]
fn a_call_that_is_announced_twice_counts_once() {
    let mut world = ringing(&[]);
    let kind = Kind::Duplicate { copies: 2 };
    let path = Some("/twilio/calls".into());
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method: None, path_contains: path, times: None });
    for _ in 0..5 {
        world.call(CALLER, Script::new().hangs_up_at(8));
        world.run_for(15_000);
    }
    assert_eq!(world.twilio.rings(ADA), 5);
    world.settle(1);
    assert_eq!(world.phone(CALLER), [MISSED]);
}

/// Help Scout refuses a person's name or address; what they said reaches the agents all the same, under a customer of ours.
#[test]
fn nothing_is_lost_over_a_name_or_an_address_that_help_scout_refuses() {
    const SIP: &str = "sip:front.desk@pbx.example.org";
    for named in [true, false] {
        let mut world = World::new(&Stage::default());
        let errors = if named { json!([{ "path": "customer.email", "message": "no" }]) } else { json!([]) };
        let body = json!({ "message": "Bad request", "_embedded": { "errors": errors } });
        let kind = Kind::Status { status: 400, headers: [].into(), body };
        let (method, path_contains) = (Some("POST".into()), Some("/v2/conversations".into()));
        let times = Some(1);
        world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times });
        world.call(SIP, Script::new().speaks(5).hangs_up_at(90));
        world.settle(1);
        let customer = world.helpscout.customers().next().expect("a customer").clone();
        assert!(customer.email().starts_with("supporter-"), "{}", customer.email());
        let talk = world.helpscout.conversations().next().unwrap().id;
        let said = world.said(talk).concat();
        assert!(said.contains("voicemail") || said.contains("Voicemail"), "{said}");
    }
}
