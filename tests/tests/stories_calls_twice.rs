//! A phone of the team is dialled twice, since Twilio's answer to the first call was lost: whoever talks goes on talking.

use emulator::faults::{Kind, Rule, Service};
use emulator::http::Request;
use emulator::twilio::signing::{About, headers};
use emulator::twilio::{Call, CallDirection, DEVELOPMENT_ACCOUNT_SID, FarEnd, Script, Signing};
use hotline::form::encode;
use ringside_tests::world::World;
use ringside_tests::world::stage::{AUTH_TOKEN, Stage, VOTERS_NUMBERS};
use serde_json::json;

const CALLER: &str = "+15550100150";
const ADA: &str = "+15550100101";
const AGENT: i64 = 4004;

/// Twilio begins one call a second, and Ada's is the last of these.
const PHONES: [&str; 6] = ["+15550100102", "+15550100103", "+15550100104", "+15550100105", "+15550100106", ADA];

fn lose_answers(world: &mut World, times: u32) {
    let (method, path_contains) = (Some("POST".into()), Some("/Calls.json".into()));
    let rule = Rule { id: 0, kind: Kind::LostAnswer, method, path_contains, times: Some(times) };
    world.faults.add(Service::Twilio, rule);
}

/// Six phones of which Ada's is dialled twice: its call waits for its turn at Twilio, and the list does not have it yet.
fn dialled_twice(ada: FarEnd) -> World {
    let mut world = World::new(&Stage::with("ring", json!({"phones": PHONES, "seconds": 25})));
    for phone in PHONES {
        world.twilio.set_far_end(phone, FarEnd::NoAnswer);
    }
    world.twilio.set_far_end(ADA, ada);
    world.twilio.set_call_waiting(ADA, true);
    world.twilio.set_list_lag(20_000);
    lose_answers(&mut world, 6);
    world
}

fn calls_to<'a>(world: &'a World, phone: &str) -> Vec<&'a Call> {
    world
        .twilio
        .calls()
        .iter()
        .filter(|call| call.to == phone && call.direction == CallDirection::OutboundApi)
        .collect()
}

fn shown(world: &World) -> Vec<String> {
    let conversation = world.conversation(CALLER);
    [world.said(conversation), world.notes(conversation)].concat()
}

/// Twilio says something of a call to Ada's phone.
fn says_of_leg(world: &mut World, route: &str, call: &str, leg: usize, sid: &str, more: &[(&str, &str)]) {
    let target = format!("/twilio/calls/leg{route}?h=3003&c={call}&l={leg}");
    let url = format!("https://hotline.example.org{target}");
    let all = [("AccountSid", DEVELOPMENT_ACCOUNT_SID), ("CallSid", sid), ("From", VOTERS_NUMBERS[0]), ("To", ADA)];
    let params: Vec<(String, String)> =
        all.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut headers = headers(&Signing::AuthToken, AUTH_TOKEN, About::Calls, &url, &params);
    headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    let pairs: Vec<(&str, &str)> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = encode(&pairs).into_bytes();
    let answer = world.answer(&Request { method: "POST".into(), target, headers, body });
    assert!(answer.status < 300, "{}", answer.status);
}

#[test]
fn a_phone_whose_call_waits_for_its_turn_at_twilio_is_not_dialled_again() {
    let mut world = World::new(&Stage::with("ring", json!({"phones": PHONES, "seconds": 25})));
    lose_answers(&mut world, 6);
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(50_000);
    let dialled: Vec<usize> = PHONES.iter().map(|phone| calls_to(&world, phone).len()).collect();
    assert_eq!(dialled, [1; 6]);
    world.settle(1);
}

#[test]
fn a_phone_is_dialled_again_only_after_a_look_that_has_found_nothing() {
    let mut world = World::new(&Stage::with("ring", json!({"phones": [ADA], "seconds": 25})));
    world.twilio.set_far_end(ADA, FarEnd::answers_after(2, Script::new().presses("1", 1)));
    let kind = Kind::Status { status: 500, headers: [].into(), body: json!({}) };
    let (method, path_contains) = (Some("POST".into()), Some("/Calls.json".into()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times: Some(1) });
    let kind = Kind::Down { refuse: true };
    let (method, path_contains) = (Some("GET".into()), Some("/Calls.json?To=".into()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times: Some(1) });
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(4_500);
    assert_eq!(calls_to(&world, ADA).len(), 0, "the look has failed");
    world.run_for(20_000);
    assert_eq!((calls_to(&world, ADA).len(), world.twilio.bridges().len()), (1, 1));
    world.settle(1);
}

#[test]
fn whoever_presses_1_on_both_calls_of_their_phone_keeps_the_caller() {
    let mut world = dialled_twice(FarEnd::answers_after(3, Script::new().presses("1", 2)));
    let call = world.call(CALLER, Script::new().hangs_up_at(100));
    world.run_for(25_000);
    assert_eq!(calls_to(&world, ADA).len(), 2, "the harness: it is dialled twice");
    let live = calls_to(&world, ADA).into_iter().filter(|call| !call.status.is_final()).count();
    assert_eq!((live, world.twilio.bridges().len()), (1, 1), "the other call of the phone is ended");
    // Before a key is pressed on it.
    let other = calls_to(&world, ADA).into_iter().find(|call| call.status.is_final()).unwrap();
    assert!(other.ended.unwrap() - other.answered.unwrap() < 2_000, "{other:?}");
    world.settle(1);
    let heard = world.heard(&call);
    assert!(!heard.contains(&"beep".to_owned()), "{heard:?}");
    assert_eq!(heard.iter().filter(|what| *what == "bridged").count(), 1);
    assert_eq!(shown(&world).len(), 1);
    assert!(shown(&world)[0].contains("answered by +1 555 010 0101: 1 min 2"), "{:?}", shown(&world));
}

#[test]
fn what_is_said_of_another_call_of_the_phone_changes_nothing_about_the_talk() {
    let stage = Stage::with("ring", json!({"phones": [ADA], "seconds": 25}));
    let over = [("CallStatus", "completed"), ("CallDuration", "4")];
    let gave_up = [("CallStatus", "in-progress"), ("DialCallStatus", "no-answer")];
    let pressed = [("CallStatus", "in-progress"), ("Digits", "1")];
    let answered = [("CallStatus", "in-progress")];
    let foreign = "CA22222222222222222222222222222222";
    for told in [
        &[("", &answered[..]), ("/pressed", &pressed[..]), ("/over", &gave_up[..]), ("/status", &over[..])][..],
        &[("/status", &over[..])],
        &[("/over", &gave_up[..])],
        &[("/status", &[("CallStatus", "busy")][..])],
    ] {
        let mut world = World::new(&stage);
        world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new().presses("1", 2)));
        world.twilio.set_call_waiting(ADA, true);
        let call = world.call(CALLER, Script::new().hangs_up_at(100));
        world.run_for(20_000);
        for (route, more) in told {
            says_of_leg(&mut world, route, &call, 0, foreign, more);
        }
        world.run_for(20_000);
        assert_eq!(world.twilio.bridges().len(), 1, "{told:?}");
        world.call("+15550100151", Script::new().speaks(5));
        world.run_for(30_000);
        assert_eq!(world.twilio.rings(ADA), 1, "a phone that talks is not rung: {told:?}");
        world.settle(1);
        assert!(shown(&world)[0].contains("answered by +1 555 010 0101: 1 min 3"), "{told:?}: {:?}", shown(&world));
    }
}

#[test]
fn a_phone_of_which_one_call_rings_on_is_not_rung_for_another_caller() {
    for declined in [0, 1] {
        let mut world = dialled_twice(FarEnd::NoAnswer);
        let call = world.call(CALLER, Script::new().hangs_up_at(60));
        world.run_for(15_000);
        assert_eq!(calls_to(&world, ADA).len(), 2, "the harness: it is dialled twice");
        let (sid, now) = (calls_to(&world, ADA)[declined].sid.clone(), world.now.cast_unsigned());
        world.twilio.hang_up(now, &sid);
        world.run_for(2_000);
        world.call("+15550100151", Script::new().hangs_up_at(5));
        world.run_for(3_000);
        assert_eq!(calls_to(&world, ADA).len(), 2, "its other call rings");
        world.run_for(60_000);
        assert!(world.twilio.call(&call).unwrap().status.is_final());
        assert_eq!(world.twilio.ringing().count(), 0);
        world.call("+15550100152", Script::new().hangs_up_at(20));
        world.run_for(15_000);
        assert_eq!(calls_to(&world, ADA).len(), 3, "it is given back afterwards");
        world.settle(1);
    }
}

#[test]
fn an_agents_phone_that_is_dialled_twice_calls_the_contact_once() {
    let mut world = World::new(&Stage::default());
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    world.twilio.set_far_end(ADA, FarEnd::answers_after(4, Script::new().presses("1", 2)));
    world.twilio.set_far_end(CALLER, FarEnd::answers_after(3, Script::new().hangs_up_at(40)));
    world.twilio.set_call_waiting(ADA, true);
    world.twilio.set_list_lag(20_000);
    // Others are before it: their calls keep Twilio busy for some seconds.
    for number in 0..5 {
        world.call_back(&format!("other{number}"), 7, &format!("+1555010020{number}"), "", "+15550100199");
    }
    lose_answers(&mut world, 6);
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.run_for(25_000);
    assert_eq!(calls_to(&world, ADA).len(), 2, "the harness: it is dialled twice");
    assert!(world.look("one", AGENT).contains("\"state\":\"talking\""), "{}", world.look("one", AGENT));
    assert_eq!(world.twilio.rings(CALLER), 1);
    let live = calls_to(&world, ADA).into_iter().filter(|call| !call.status.is_final()).count();
    assert_eq!(live, 1);
    world.settle(1);
    assert!(world.notes(world.conversation(CALLER)).concat().contains("they talked for 40 s."));
}
