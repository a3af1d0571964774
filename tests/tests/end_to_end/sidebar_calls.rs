//! Calling back from the sidebar, as far as the call's beginning: who may, how often, and where to.

use emulator::faults::Service;
use emulator::helpscout::ThreadKind;
use emulator::twilio::{FarEnd, Script};
use ringside_tests::runtime::{Answer, GREETING, HttpRequest, Stand};
use serde_json::{Value, json};

use crate::sidebar::{ADA, MAX, asks, json_of, token, user};
use crate::sidebar_live::{connect, frame};
use crate::{ANN, SAM};

/// As it stands in her record at Help Scout.
const ADAS_PHONE: &str = "+15550100104";

/// A UUID.
fn id(number: u32) -> String {
    format!("3f2b8c1e-7a64-4d0b-9a51-{number:012}")
}

fn start(token: &str, id: &str) -> HttpRequest {
    asks("POST", "/sidebar/calls", token).saying(json!({ "id": id }).to_string())
}

async fn refusal(stand: &Stand, token: &str, number: u32) -> (u16, String) {
    let answer = stand.fetch(&start(token, &id(number))).await;
    (answer.status, answer.code())
}

/// The same, once the hotline's object has heard that the agent's last call is over.
async fn when_free(stand: &Stand, token: &str, number: u32) -> (u16, String) {
    for _ in 0..500 {
        let answer = refusal(stand, token, number).await;
        if answer != reply(409, "call_running") {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the last call never ended");
}

fn reply(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Twilio makes no calls, so that one which was started stays where it is.
fn no_calls(stand: &Stand) {
    stand.spoil(Service::Twilio, json!({ "kind": "down", "path_contains": "/Calls" }));
}

async fn named(stand: &Stand, token: &str, phone: &str) -> Answer {
    stand.fetch(&asks("PUT", "/sidebar/agent", token).saying(json!({ "phone": phone }).to_string())).await
}

#[tokio::test]
async fn the_same_id_is_the_same_call_and_another_agents_is_none() {
    let stand = Stand::start(|_| ()).await;
    let (sam, ann) = (stand.first_contact(SAM, "Hello").await, stand.first_contact(ANN, "Hello").await);
    no_calls(&stand);
    let ada = token(&stand, sam, ADA).await;
    let answers = stand.fetch_at_once(vec![start(&ada, &id(1)); 3]).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    let call = json_of(&answers[0]);
    let code = call["code"].as_str().expect("a code to press").to_owned();
    assert!(code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    assert_eq!((&call["id"], &call["outcome"]), (&json!(id(1)), &Value::Null));
    assert!(answers.iter().all(|answer| json_of(answer)["code"] == code.as_str()), "{answers:?}");
    assert_eq!(refusal(&stand, &ada, 2).await, reply(409, "call_running"));

    let target = format!("/sidebar/calls/{}", id(1));
    let seen = stand.fetch(&asks("GET", &target, &ada)).await;
    assert_eq!((seen.status, &json_of(&seen)["id"]), (200, &json!(id(1))));
    let (max, elsewhere) = (token(&stand, sam, MAX).await, token(&stand, ann, ADA).await);
    named(&stand, &max, "+15550100105").await;
    for other in [&max, &elsewhere] {
        assert_eq!(refusal(&stand, other, 1).await, reply(404, "not_found"));
        for method in ["GET", "DELETE"] {
            assert_eq!(stand.fetch(&asks(method, &target, other)).await.status, 404);
        }
    }
    let ended = json_of(&stand.fetch(&asks("DELETE", &target, &ada)).await);
    assert_eq!((&ended["state"], &ended["outcome"]), (&json!("ended"), &json!("cancelled")));
    assert_eq!(when_free(&stand, &ada, 3).await.0, 201);
}

#[tokio::test]
async fn an_agent_calls_only_so_often_and_only_whom_the_hotline_may_call() {
    let stand = Stand::start_in(
        |world| world.helpscout.users.push(user(4006, "")),
        |vars| {
            vars["HOTLINE_VOTERS"]["callback"] = json!({ "countries": ["US"], "per_agent_per_hour": 2 });
            vars["API_KEYS"] = json!("operator-key-1-of-32-random-bytes");
        },
    )
    .await;
    let sam = stand.first_contact(SAM, "Hello").await;
    let abroad = stand.contact_from_abroad("+447700900123", "Hello").await;
    let dear = stand.contact_from_abroad("+19005550100", "Hello").await;
    no_calls(&stand);
    let (ada, eve) = (token(&stand, sam, ADA).await, token(&stand, sam, 4006).await);
    assert_eq!(refusal(&stand, &eve, 1).await, reply(409, "no_phone"));
    let there = token(&stand, abroad, ADA).await;
    assert_eq!(refusal(&stand, &there, 2).await, reply(403, "country_not_allowed"));
    let there = token(&stand, dear, ADA).await;
    assert_eq!(refusal(&stand, &there, 3).await, reply(403, "premium_number"));
    for number in [4, 5] {
        assert_eq!(when_free(&stand, &ada, number).await.0, 201, "{number}");
        stand.fetch(&asks("DELETE", &format!("/sidebar/calls/{}", id(number)), &ada)).await;
    }
    assert_eq!(when_free(&stand, &ada, 6).await, reply(429, "too_many_calls"));
    let health =
        HttpRequest::plain("GET", "/v1/health").with("authorization", "Bearer operator-key-1-of-32-random-bytes");
    let health = stand.fetch(&health).await.text();
    for code in ["no_phone", "country_not_allowed", "premium_number", "too_many_calls"] {
        assert!(health.contains(&format!("call refused: {code}")), "{code} {health}");
    }
    for code in ["country_not_allowed", "premium_number"] {
        assert!(health.contains(&format!("automatic text refused: {code}")), "{code} {health}");
    }
    assert!(stand.received("+447700900123").is_empty() && stand.received("+19005550100").is_empty());
}

#[tokio::test]
async fn where_calling_back_is_not_set_up_nobody_is_called() {
    let stand = Stand::start(|vars| {
        vars["HOTLINE_VOTERS"].as_object_mut().expect("a table").remove("region");
    })
    .await;
    let sam = stand.first_contact(SAM, "Hello").await;
    let ada = token(&stand, sam, ADA).await;
    assert_eq!(refusal(&stand, &ada, 1).await, reply(409, "calls_off"));
    assert!(stand.requests(Service::Twilio, "/Calls").is_empty());
}

#[tokio::test]
async fn a_number_that_cannot_be_looked_up_is_not_called() {
    let stand = Stand::start(|_| ()).await;
    let sam = stand.first_contact(SAM, "Hello").await;
    let ada = token(&stand, sam, ADA).await;
    stand.spoil(Service::Twilio, json!({ "kind": "down", "path_contains": "/PhoneNumbers/" }));
    assert_eq!(refusal(&stand, &ada, 1).await, reply(503, "lookup_unavailable"));
    stand.mend(Service::Twilio);
    no_calls(&stand);
    assert_eq!(refusal(&stand, &ada, 1).await.0, 201);
}

#[tokio::test]
async fn an_agent_shows_the_phone_to_be_theirs_and_talks_to_the_person() {
    let stand = Stand::start(|_| ()).await;
    let sam = stand.first_contact(SAM, "Hello").await;
    let ada = token(&stand, sam, ADA).await;
    let mut socket = connect(&stand, &ada).await.expect("a socket");
    stand.phone(ADAS_PHONE, FarEnd::ByHand);
    stand.phone(SAM, FarEnd::answers_after(1, Script::new().hangs_up_at(3)));
    let call = json_of(&stand.fetch(&start(&ada, &id(1))).await);
    let code = call["code"].as_str().expect("a code");
    let takes = |it: &Stand| {
        it.world(|world| {
            let leg = world.twilio.calls().iter().find(|leg| leg.phone() == ADAS_PHONE)?.sid.clone();
            let now = world.now();
            world.twilio.take_call(now, &leg, Script::new().presses(code, 1)).then_some(())
        })
    };
    stand.until("Ada's phone rings", takes).await;
    let (mut states, mut entry) = (vec![call["state"].clone()], Value::Null);
    while entry.is_null() || states.last() != Some(&json!("ended")) {
        let frame = frame(&mut socket, |it| it["type"] == "call" || it["kind"] == "call").await;
        if frame["type"] == "entry" {
            entry = frame;
            continue;
        }
        assert_eq!((&frame["id"], &frame["code"]), (&json!(id(1)), &Value::Null), "the code is for its agent alone");
        if states.last() != Some(&frame["state"]) {
            states.push(frame["state"].clone());
        }
    }
    assert_eq!(json!(states), json!(["ringing_agent", "confirm", "ringing_contact", "talking", "ended"]));
    assert_eq!((&entry["agent"], &entry["direction"]), (&json!("Ada Byron"), &json!("out")));
    let over = json_of(&stand.fetch(&asks("GET", &format!("/sidebar/calls/{}", id(1)), &ada)).await);
    assert_eq!((&over["state"], &over["outcome"]), (&json!("ended"), &json!("completed")));
    let agent = json_of(&stand.fetch(&asks("GET", "/sidebar/agent", &ada)).await);
    assert_eq!(agent, json!({ "phone": ADAS_PHONE, "confirmed": true }));
    stand.until_told(sam, "Ada Byron called back at").await;
}

#[tokio::test]
async fn an_agent_texts_from_the_sidebar_once_and_it_stands_in_the_conversation() {
    let stand = Stand::start(|_| ()).await;
    let sam = stand.first_contact(SAM, "Hello").await;
    let ada = token(&stand, sam, ADA).await;
    let write = |id: &str, text: &str| {
        asks("POST", "/sidebar/messages", &ada).saying(json!({"id": id, "text": text}).to_string())
    };
    let answers = stand.fetch_at_once(vec![write(&id(1), "On my way & <soon>"); 3]).await;
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    stand.until_received(SAM, &[GREETING, "On my way & <soon>"]).await;
    let replies = |it: &Stand| it.talk(sam).words(ThreadKind::Message).len();
    stand.until("the reply", |it| (replies(it) == 1).then_some(())).await;
    assert_eq!(stand.talk(sam).words(ThreadKind::Message), ["On my way &amp; &lt;soon&gt;"]);
    stand.until_told(sam, "Delivered").await;
    // Whatever comes next is a measure of the time in which a second one would have come.
    stand.reply(sam, "And more");
    stand.until_received(SAM, &[GREETING, "On my way & <soon>", "And more"]).await;
    assert!(stand.world(|world| world.helpscout.outbox().iter().all(|mail| !mail.html.contains("On my way"))));
    for (id, text, expected) in [("x", "Hi", reply(400, "bad_id")), (&id(2), " ", reply(400, "empty"))] {
        let answer = stand.fetch(&write(id, text)).await;
        assert_eq!((answer.status, answer.code()), expected, "{id} {text:?}");
    }
    stand.text(SAM, "STOP");
    stand.until_told(sam, "opted out").await;
    let answer = stand.fetch(&write(&id(3), "Hi")).await;
    assert_eq!((answer.status, answer.code()), reply(409, "opted_out"));
}
