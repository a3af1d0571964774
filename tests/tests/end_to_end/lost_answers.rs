//! Something was done and the answer was lost: it is not done twice (P1, P2).

use emulator::faults::Service;
use ringside_tests::runtime::{GREETING, Stand};
use serde_json::{Value, json};

use crate::SAM;

fn lost(path: &str) -> Value {
    json!({ "kind": "lost_answer", "method": "POST", "path_contains": path, "times": 1 })
}

#[tokio::test]
async fn twilio_loses_the_answer_and_the_phone_rings_once() {
    let story = async |reply: bool| {
        let stand = Stand::start(|_| ()).await;
        if !reply {
            stand.spoil(Service::Twilio, json!({ "kind": "drop", "path_contains": "/twilio/messages/status" }));
        }
        stand.spoil(Service::Twilio, lost("/Messages.json"));
        let talk = stand.first_contact(SAM, "Hello").await;
        stand.reply(talk, "Hi");
        stand.until_received(SAM, &[GREETING, "Hi"]).await;
        assert_eq!(stand.requests(Service::Twilio, "POST").len(), 2, "each was made once");
    };
    tokio::join!(story(true), story(false));
}

#[tokio::test]
async fn help_scout_loses_the_answer_of_a_conversation() {
    let story = async |reply: bool| {
        let stand = Stand::start(|_| ()).await;
        if !reply {
            stand.spoil(Service::HelpScout, json!({ "kind": "drop" }));
        }
        stand.spoil(Service::HelpScout, lost("/v2/conversations"));
        stand.text(SAM, "Hello");
        stand.text(SAM, "Anybody?");
        let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await.id();
        stand.until("both texts", |it| (it.talk(talk).said().len() >= 2).then_some(())).await;
        stand.mend(Service::HelpScout);
        stand.reply(talk, "Hi");
        stand.until_received(SAM, &[GREETING, "Hi"]).await;
        assert_eq!((stand.talks().len(), stand.talk(talk).said().len()), (1, 2));
    };
    tokio::join!(story(true), story(false));
}

#[tokio::test]
async fn help_scout_loses_the_answers_of_a_text_and_of_a_receipt() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.spoil(Service::HelpScout, lost("/customer"));
    // The same words twice: only the ledger can tell the lost one from the one before.
    for words in ["Yes", "Yes", "No"] {
        stand.text(SAM, words);
        let count = stand.talk(talk).said().len();
        stand.until("the text", |it| (it.talk(talk).said().len() > count).then_some(())).await;
    }
    stand.text(SAM, "Bye");
    stand.until_said(talk, &["Hello", "Yes", "Yes", "No", "Bye"]).await;

    stand.spoil(Service::HelpScout, lost("/notes"));
    stand.reply(talk, "Hi");
    stand.until_told(talk, "Delivered").await;
    assert_eq!(stand.talk(talk).notes().len(), 1);
}

#[tokio::test]
async fn a_lost_conversation_is_found_although_lists_lag() {
    let stand = Stand::start(|_| ()).await;
    // The first look comes after five seconds, the second after thirty.
    stand.spoil(Service::HelpScout, json!({ "kind": "list_lag", "ms": 8_000 }));
    stand.spoil(Service::HelpScout, json!({ "kind": "drop" }));
    stand.spoil(Service::HelpScout, lost("/v2/conversations"));
    stand.text(SAM, "Hello");
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await.id();
    stand.text(SAM, "Anybody?");
    stand.until_said(talk, &["Hello", "Anybody?"]).await;
    assert_eq!(stand.talks().len(), 1);
}
