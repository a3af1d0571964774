//! STOP and START (P5).

use emulator::faults::Service;
use emulator::twilio::MessagingService;
use ringside_tests::runtime::{GREETING, HOTLINE, Stand};
use serde_json::json;

use crate::SAM;

#[tokio::test]
async fn stop_from_a_stranger_is_not_greeted() {
    let stand = Stand::start(|_| ()).await;
    stand.text(SAM, "STOP");
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    assert_eq!(talk.said(), ["STOP"]);
    stand.until_told(talk.id(), "has opted out of texts (STOP)").await;
    stand.text(SAM, "Wrong number");
    stand.until_said(talk.id(), &["STOP", "Wrong number"]).await;
    assert!(stand.sent().is_empty());
}

#[tokio::test]
async fn stop_refuses_replies_until_start() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.text(SAM, " stop ");
    stand.until_told(talk, "has opted out of texts (STOP)").await;
    stand.reply(talk, "Are you sure?");
    stand.until_told(talk, "(Twilio 21610)").await;
    assert!(stand.talk(talk).tells("They can text START"), "{:?}", stand.talk(talk).notes());

    stand.text(SAM, "START");
    stand.until_told(talk, "has opted in to texts again").await;
    stand.reply(talk, "Welcome back");
    stand.until_told(talk, "Delivered").await;
    let bodies: Vec<_> = stand.sent().into_iter().map(|message| message.body).collect();
    assert_eq!(bodies, [GREETING, "Welcome back"], "what was refused is not sent later by itself");
    assert_eq!(stand.talk(talk).said(), ["Hello", " stop ", "START"], "keywords are shown like any text");
}

#[tokio::test]
async fn an_opt_out_that_only_twilio_knows_is_learnt() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.world(|world| world.twilio.block(HOTLINE, SAM));
    stand.reply(talk, "One");
    stand.until_told(talk, "(Twilio 21610)").await;
    stand.until_told(talk, "has opted out of texts (STOP)").await;
    let tries = stand.requests(Service::Twilio, "POST").len();
    stand.reply(talk, "Two");
    let refused = |it: &Stand| it.talk(talk).notes().iter().filter(|note| note.contains("21610")).count() == 2;
    stand.until("a second receipt", |it| refused(it).then_some(())).await;
    assert_eq!(stand.requests(Service::Twilio, "POST").len(), tries, "the second was not even tried");
}

#[tokio::test]
async fn a_stop_that_comes_while_a_reply_waits_for_its_turn_wins() {
    // A reply of eleven segments keeps the sender busy for eleven seconds.
    let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["sends_per_second"] = json!(1)).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let long = "All there is to say. ".repeat(75);
    stand.reply(talk, &long);
    stand.until("the first reply leaves", |it| (it.sent().len() == 2).then_some(())).await;
    stand.reply(talk, "And more");
    stand.until_told(talk, "Sending").await;
    stand.text(SAM, "STOP");
    stand.until_told(talk, "(Twilio 21610)").await;
    assert_eq!(stand.sent().len(), 2);
}

#[tokio::test]
async fn a_keyword_of_the_teams_own_is_a_stop_when_twilio_says_so() {
    const SERVICE: &str = "MG00000000000000000000000000000001";
    let advanced = |world: &mut emulator::server::Settings| {
        let senders = vec![HOTLINE.to_owned()];
        let service =
            MessagingService { sid: SERVICE.into(), senders, advanced_opt_out: true, ..MessagingService::default() };
        world.twilio.services.push(service);
    };
    let stand = Stand::start_in(advanced, |vars| vars["HOTLINE_VOTERS"]["messaging_service"] = json!(SERVICE)).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.text(SAM, "REVOKE");
    stand.until_told(talk, "has opted out of texts (STOP)").await;
    stand.text(SAM, "HELP");
    stand.until_said(talk, &["Hello", "REVOKE", "HELP"]).await;
    stand.reply(talk, "Bye");
    stand.until_told(talk, "(Twilio 21610)").await;
}
