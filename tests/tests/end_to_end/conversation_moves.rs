//! Full, merged, deleted, moved and closed conversations (P11).

use emulator::faults::Service;
use emulator::helpscout::{Merged, Status};
use ringside_tests::runtime::{GREETING, INBOX, Stand, Talk};
use serde_json::json;

use crate::{ANN, SAM};

/// Another inbox of the account, which no hotline has.
const OFFICE: u64 = 3004;

/// The conversation in which the supporter said exactly this.
async fn begun_with(stand: &Stand, words: &str) -> Talk {
    stand.until("a new conversation", |it| it.talks().into_iter().find(|talk| talk.said() == [words])).await
}

/// Help Scout's webhooks do not reach us, so that only its answers tell.
fn deaf(stand: &Stand) {
    stand.spoil(Service::HelpScout, json!({ "kind": "drop" }));
}

#[tokio::test]
async fn at_ninety_threads_a_new_conversation_begins_and_the_old_one_still_replies() {
    let stand = Stand::start(|_| ()).await;
    let old = stand.first_contact(SAM, "One").await;
    stand.agent("line_items", json!({ "conversation": old, "n": 88 }));
    stand.reply(old, "Much happened");
    stand.until_told(old, "Delivered").await;
    stand.text(SAM, "Two");
    begun_with(&stand, "Two").await;
    stand.reply(old, "An afterthought");
    stand.until_received(SAM, &[GREETING, "Much happened", "An afterthought"]).await;
}

#[tokio::test]
async fn a_conversation_that_takes_no_more_is_replaced() {
    for status in [412, 423] {
        let stand = Stand::start_in(|world| world.helpscout.full_status = status, |_| ()).await;
        let old = stand.first_contact(SAM, "One").await;
        stand.agent("line_items", json!({ "conversation": old, "n": 98 }));
        stand.text(SAM, "Two");
        let new = begun_with(&stand, "Two").await;
        stand.text(SAM, "Three");
        stand.until_said(new.id(), &["Two", "Three"]).await;
        assert_eq!(stand.talk(old).said(), ["One"]);
    }
}

#[tokio::test]
async fn merged_into_somebody_elses_the_talk_goes_on_in_a_new_one() {
    let story = async |reply: bool| {
        let stand = Stand::start(|_| ()).await;
        let sams = stand.first_contact(SAM, "Sam here").await;
        let anns = stand.first_contact(ANN, "Ann here").await;
        if !reply {
            deaf(&stand);
        }
        stand.agent("merge", json!({ "from": sams, "into": anns }));
        if reply {
            stand.until_told(anns, "was merged into this one").await;
        }
        stand.text(SAM, "Sam again");
        let anew = begun_with(&stand, "Sam again").await;
        stand.until_told(anns, "The conversation with +1 555 010 0100 was merged into this one").await;
        stand.mend(Service::HelpScout);
        stand.reply(anns, "For Ann");
        stand.reply(anew.id(), "For Sam");
        stand.until_received(ANN, &[GREETING, "For Ann"]).await;
        stand.until_received(SAM, &[GREETING, "For Sam"]).await;
    };
    tokio::join!(story(true), story(false));
}

#[tokio::test]
async fn merged_into_nobodys_the_talk_goes_on_there() {
    let story = async |reply: bool| {
        let stand = Stand::start(|_| ()).await;
        let sams = stand.first_contact(SAM, "Sam here").await;
        let customer = json!({ "email": "sam@example.net", "firstName": "Sam" });
        let args = json!({ "mailbox": INBOX, "type": "email", "customer": customer, "html": "By mail" });
        let mail = stand.agent("new_conversation", args)["conversation"].as_u64().expect("a conversation");
        if !reply {
            deaf(&stand);
        }
        stand.agent("merge", json!({ "from": sams, "into": mail }));
        stand.reply(mail, "Soon after");
        stand.text(SAM, "Sam again");
        stand.until_said(mail, &["Sam here", "Sam again"]).await;
        stand.mend(Service::HelpScout);
        stand.reply(mail, "For Sam");
        stand.until_received(SAM, &[GREETING, "Soon after", "For Sam"]).await;
    };
    tokio::join!(story(true), story(false));
}

/// Help Scout may answer a write to a merged conversation with its new address: the platform must not go there with a GET,
/// whose 200 would say nothing of the text.
#[tokio::test]
async fn a_write_that_is_answered_with_another_address_is_not_followed_there() {
    let merged = Merged { write_status: 301, location_keeps_path: true };
    let stand = Stand::start_in(|world| world.helpscout.merged = merged, |_| ()).await;
    let sams = stand.first_contact(SAM, "Sam here").await;
    let new =
        json!({ "mailbox": INBOX, "type": "email", "customer": { "email": "sam@example.net" }, "html": "By mail" });
    let mail = stand.agent("new_conversation", new)["conversation"].as_u64().expect("a conversation");
    deaf(&stand);
    stand.agent("merge", json!({ "from": sams, "into": mail }));
    stand.text(SAM, "Sam again");
    stand.until_said(mail, &["Sam here", "Sam again"]).await;
    let asked = stand.requests(Service::HelpScout, "/v2/conversations/");
    let moved =
        asked.iter().position(|it| it.method == "POST" && it.status == Some(301)).expect("a write to the old one");
    assert_eq!(asked[moved + 1].target, format!("/v2/conversations/{sams}"), "{}", stand.story());
}

#[tokio::test]
async fn deleted_the_talk_begins_anew() {
    let story = async |reply: bool| {
        let stand = Stand::start(|_| ()).await;
        let old = stand.first_contact(SAM, "One").await;
        if !reply {
            deaf(&stand);
        }
        stand.agent("delete", json!({ "conversation": old }));
        stand.text(SAM, "Two");
        begun_with(&stand, "Two").await;
        assert_eq!(stand.received(SAM), [GREETING]);
    };
    tokio::join!(story(true), story(false));
}

#[tokio::test]
async fn moved_away_the_agents_there_are_told_and_the_talk_begins_anew() {
    let stand = Stand::start(|_| ()).await;
    let old = stand.first_contact(SAM, "One").await;
    stand.agent("move", json!({ "conversation": old, "mailbox": OFFICE }));
    stand.until_told(old, "Replies here are no longer sent as texts").await;
    stand.text(SAM, "Two");
    let anew = begun_with(&stand, "Two").await;
    assert_eq!(anew.conversation.mailbox, INBOX);
    stand.reply(old, "Not for the phone");
    stand.reply(anew.id(), "For the phone");
    stand.until_received(SAM, &[GREETING, "For the phone"]).await;
}

#[tokio::test]
async fn a_closed_conversation_is_opened_again_or_followed_by_a_new_one() {
    for (threading, same) in [(json!("one"), true), (json!({ "days": 7 }), true), (json!("new_after_close"), false)] {
        let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["threading"] = threading.clone()).await;
        let old = stand.first_contact(SAM, "One").await;
        stand.text(SAM, "Two");
        stand.until_said(old, &["One", "Two"]).await;
        stand.agent("status", json!({ "conversation": old, "status": "closed" }));
        stand.text(SAM, "Three");
        if same {
            stand.until_said(old, &["One", "Two", "Three"]).await;
            assert_eq!(stand.talk(old).conversation.status, Status::Active, "{threading}");
        } else {
            begun_with(&stand, "Three").await;
            assert_eq!(stand.talk(old).conversation.status, Status::Closed, "{threading}");
        }
    }
}
