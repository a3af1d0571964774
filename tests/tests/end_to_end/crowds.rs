//! The same thing many times, and many things at once (P2, P3, P11).

use std::collections::BTreeSet;

use emulator::faults::Service;
use ringside_tests::runtime::{GREETING, INBOX, Stand, text_params};
use serde_json::json;

use crate::SAM;

const TEXTS: &str = "/twilio/messages";

#[tokio::test]
async fn ten_copies_of_one_webhook_at_once_are_one_text() {
    let stand = Stand::start(|_| ()).await;
    let copy = stand.twilio(TEXTS, &text_params("SM1", SAM, "Only once"));
    let answers = stand.fetch_at_once(vec![copy.clone(); 10]).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    stand.until_received(SAM, &[GREETING]).await;
    assert_eq!(stand.fetch(&copy).await.status, 200, "and one more, much later");
    stand.text(SAM, "The next");
    stand.until_said(talk.id(), &["Only once", "The next"]).await;
    assert_eq!((stand.talks().len(), stand.received(SAM).len()), (1, 1));
}

#[tokio::test]
async fn twenty_first_texts_at_once_are_one_conversation() {
    let stand = Stand::start(|_| ()).await;
    let sids: Vec<String> = (0..20).map(|at| format!("SM{at}")).collect();
    let texts = sids.iter().map(|sid| stand.twilio(TEXTS, &text_params(sid, SAM, sid)));
    let answers = stand.fetch_at_once(texts).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await.id();
    stand.until("all of them", |it| (it.talk(talk).said().len() >= 20).then_some(())).await;
    let shown = stand.talk(talk);
    let said: BTreeSet<&str> = shown.said().into_iter().collect();
    assert_eq!((said.len(), shown.said().len(), stand.talks().len()), (20, 20, 1));
    stand.until_received(SAM, &[GREETING]).await;
}

#[tokio::test]
async fn twenty_people_at_once_have_a_conversation_each() {
    let stand = Stand::start(|_| ()).await;
    let people: Vec<String> = (100..120).map(|at| format!("+15550100{at}")).collect();
    let texts = people.iter().map(|who| stand.twilio(TEXTS, &text_params(&who[1..], who, &format!("From {who}"))));
    let answers = stand.fetch_at_once(texts).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    stand.until("twenty conversations", |it| (it.talks().len() >= 20).then_some(())).await;
    for who in &people {
        stand.until_received(who, &[GREETING]).await;
    }
    let talks = stand.talks();
    let said: BTreeSet<String> = talks.iter().map(|talk| talk.said().join("|")).collect();
    assert_eq!((talks.len(), said), (20, people.iter().map(|who| format!("From {who}")).collect()));
}

#[tokio::test]
async fn webhooks_that_come_twice_late_and_in_any_order_change_nothing() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    for service in Service::ALL {
        stand.spoil(service, json!({ "kind": "duplicate", "copies": 3 }));
        stand.spoil(service, json!({ "kind": "reorder", "window_ms": 1_500 }));
        stand.spoil(service, json!({ "kind": "delay", "ms": 100 }));
    }
    let numbers = 1..=5;
    for at in numbers.clone() {
        stand.text(SAM, &format!("Text {at}"));
        stand.reply(talk, &format!("Reply {at}"));
    }
    let mut receipts = Vec::new();
    let done = |notes: &[String]| notes.iter().filter(|note| note.contains("Delivered")).count() >= 5;
    let all_there = |it: &Stand| it.talk(talk).said().len() >= 6 && it.received(SAM).len() >= 6;
    stand
        .until("all of it", |it| {
            let now: Vec<String> = it.talk(talk).notes().into_iter().map(str::to_owned).collect();
            let went_back = now
                .iter()
                .zip(&receipts)
                .find(|(now, before): &(&String, &String)| before.contains("Delivered") && !now.contains("Delivered"));
            assert_eq!(went_back, None, "a delivered reply is not sending again");
            receipts = now;
            (all_there(it) && done(&receipts)).then_some(())
        })
        .await;
    for service in Service::ALL {
        stand.mend(service);
    }
    stand.text(SAM, "Bye");
    let said = stand.until("the last text", |it| it.talk(talk).said().contains(&"Bye").then(|| it.talk(talk))).await;
    let texts: BTreeSet<String> = numbers.clone().map(|at| format!("Text {at}")).collect();
    assert_eq!(said.said().len(), 7, "{:?}", said.said());
    assert_eq!(said.said()[1..6].iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>(), texts);
    let replies: Vec<String> = numbers.map(|at| format!("Reply {at}")).collect();
    assert_eq!(stand.received(SAM)[1..], replies, "replies leave in the order in which they were written");
    assert_eq!(stand.talk(talk).notes().len(), 5);
}

#[tokio::test]
async fn ten_copies_of_one_event_at_once_are_one_reply() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.spoil(Service::HelpScout, json!({ "kind": "drop" }));
    stand.reply(talk, "Only once");
    let event = json!({ "id": talk, "mailboxId": INBOX, "type": "phone" }).to_string();
    let copy = stand.helpscout("convo.agent.reply.created", event);
    let answers = stand.fetch_at_once(vec![copy.clone(); 10]).await;
    assert!(answers.iter().all(|answer| answer.status == 204), "{answers:?}");
    stand.until_told(talk, "Delivered").await;
    stand.reply(talk, "The next");
    assert_eq!(stand.fetch(&copy).await.status, 204);
    stand.until_received(SAM, &[GREETING, "Only once", "The next"]).await;
}

#[tokio::test]
async fn a_state_that_comes_too_late_does_not_take_the_receipt_back() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.reply(talk, "Hi");
    stand.until_told(talk, "Delivered").await;
    let message = stand.sent().pop().expect("the reply");
    let callback = message.status_callback.expect("its callback");
    let target = callback.strip_prefix(&stand.worker.url).expect("our own address");
    let late = ["queued", "sending", "sent", "failed", "undelivered"].map(|state| {
        let params =
            [("MessageSid", message.sid.as_str()), ("MessageStatus", state), ("ErrorCode", "30007"), ("To", SAM)];
        stand.twilio(target, &params)
    });
    let answers = stand.fetch_at_once(late).await;
    assert!(answers.iter().all(|answer| answer.status == 204), "{answers:?}");
    stand.reply(talk, "Bye");
    stand
        .until("two receipts", |it| (it.talk(talk).notes().len() == 2 && it.received(SAM).len() == 3).then_some(()))
        .await;
    let delivered = |text: &str| format!("Delivered as a text to +1 555 010 0100. “{text}”");
    let both = [delivered("Hi"), delivered("Bye")];
    stand.until("both delivered", |it| (it.talk(talk).notes() == both).then_some(())).await;
}
