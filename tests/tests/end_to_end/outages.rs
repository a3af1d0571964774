//! A service is slow, away, busy, or wants to see the password again.

use emulator::faults::Service;
use ringside_tests::runtime::{GREETING, Stand};
use serde_json::json;

use crate::{ANN, BOB, SAM};

#[tokio::test]
async fn while_help_scout_takes_half_a_minute_greetings_go_on_and_a_begun_reply_is_finished_after_it() {
    // A part of sixteen hundred characters keeps the sender busy for two seconds.
    let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["sends_per_second"] = json!(5)).await;
    let anns = stand.first_contact(ANN, "Tell me all").await;
    let parts = ["one ", "two ", "six "].map(|word| word.repeat(400).trim().to_owned());
    stand.reply(anns, &parts.join(" "));
    stand.until("the first part leaves", |it| (it.sent().len() == 2).then_some(())).await;

    stand.spoil(Service::HelpScout, json!({ "kind": "slow", "ms": 30_000 }));
    stand.text(SAM, "Hello");
    let created = |it: &Stand| {
        let posts = it.requests(Service::HelpScout, "POST /v2/conversations");
        posts.iter().filter(|post| post.target == "/v2/conversations").count()
    };
    stand.until("Sam's text leaves for Help Scout", |it| (created(it) == 2).then_some(())).await;
    stand.until_received(SAM, &[GREETING]).await;
    assert!(stand.requests(Service::HelpScout, "").iter().any(|it| it.status.is_none()), "Help Scout is still slow");

    stand.mend(Service::HelpScout);
    // Each part is looked at in Help Scout before it leaves, since the reply may have been taken back by then.
    stand.until("the other parts", |it| (it.received(ANN).len() == 4).then_some(())).await;
    stand.text(SAM, "Still there?");
    let sams = stand
        .until("both texts", |it| it.talks().into_iter().find(|talk| talk.said() == ["Hello", "Still there?"]))
        .await;
    assert_eq!((stand.talks().len(), sams.customer.phones[0].value.as_str()), (2, SAM));
    stand.until_told(anns, "Delivered").await;
    assert_eq!((stand.received(SAM).len(), stand.talk(anns).notes().len()), (1, 1));
}

#[tokio::test]
async fn help_scout_is_down_and_comes_back() {
    let stand = Stand::start(|_| ()).await;
    let sams = stand.first_contact(SAM, "Hello").await;
    stand.spoil(Service::HelpScout, json!({ "kind": "down" }));
    stand.text(SAM, "One");
    stand.text(SAM, "Two");
    stand.text(BOB, "And me");
    stand.reply(sams, "Hi Sam");
    stand.until_received(BOB, &[GREETING]).await;
    let refused = |it: &Stand| it.requests(Service::HelpScout, "").iter().filter(|it| it.status == Some(503)).count();
    stand.until("all of them were refused", |it| (refused(it) >= 6).then_some(())).await;
    stand.mend(Service::HelpScout);
    stand.until_said(sams, &["Hello", "One", "Two"]).await;
    stand.until("Bob's conversation", |it| it.talks().into_iter().find(|talk| talk.said() == ["And me"])).await;
    stand.until_received(SAM, &[GREETING, "Hi Sam"]).await;
    assert_eq!(stand.talks().len(), 2);
}

#[tokio::test]
async fn help_scout_cannot_be_reached_and_can_again() {
    let stand = Stand::start(|_| ()).await;
    let refuse = || json!({ "kind": "down", "refuse": true });
    stand.spoil(Service::HelpScout, refuse());
    stand.text(SAM, "Hello");
    stand.until_received(SAM, &[GREETING]).await;
    stand.until("it was tried", |it| (!it.requests(Service::HelpScout, "").is_empty()).then_some(())).await;
    stand.mend(Service::HelpScout);
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await.id();
    assert_eq!(stand.talk(talk).said(), ["Hello"]);

    stand.spoil(Service::HelpScout, refuse());
    stand.text(SAM, "More");
    stand.until("it was tried", |it| (it.requests(Service::HelpScout, "/customer").len() == 1).then_some(())).await;
    stand.mend(Service::HelpScout);
    stand.until_said(talk, &["Hello", "More"]).await;
}

#[tokio::test]
async fn twilio_is_busy_and_the_reply_waits_a_little() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.spoil(Service::Twilio, json!({ "kind": "status", "status": 429, "times": 2 }));
    stand.reply(talk, "Hi");
    stand.until_received(SAM, &[GREETING, "Hi"]).await;
    stand.until_told(talk, "Delivered").await;
}

#[tokio::test]
async fn help_scout_says_wait_and_nobody_asks_before() {
    let stand = Stand::start(|_| ()).await;
    let sams = stand.first_contact(SAM, "Hello").await;
    let anns = stand.first_contact(ANN, "Hello").await;
    let wait = json!({ "X-RateLimit-Retry-After": "3" });
    stand.spoil(Service::HelpScout, json!({ "kind": "status", "status": 429, "headers": wait, "times": 1 }));
    stand.text(SAM, "More");
    let limited = |it: &Stand| it.requests(Service::HelpScout, "").into_iter().find(|it| it.status == Some(429));
    let limited = stand.until("it is limited", limited).await;
    // The answer has a way to go: what Ann says a moment later must wait as well.
    stand.until("it is heard", |it| it.world(|world| world.now() > limited.at + 500).then_some(())).await;
    stand.text(ANN, "More");
    stand.until_said(sams, &["Hello", "More"]).await;
    stand.until_said(anns, &["Hello", "More"]).await;
    let too_soon = |at: u64| at > limited.at && at < limited.at + 3_000;
    let early: Vec<_> = stand.requests(Service::HelpScout, "").into_iter().filter(|it| too_soon(it.at)).collect();
    assert!(early.is_empty(), "{early:?}");
}

#[tokio::test]
async fn a_token_that_is_revoked_or_ends_is_renewed() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.agent("revoke_tokens", json!({}));
    stand.text(SAM, "More");
    stand.until_said(talk, &["Hello", "More"]).await;
    assert_eq!(stand.world(|world| world.helpscout.tokens_given()), 2);

    let stand = Stand::start_in(|world| world.helpscout.token_seconds = 2, |_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let given = stand.requests(Service::HelpScout, "oauth2")[0].at;
    stand.until("it has ended", |it| it.world(|world| world.now() > given + 2_000).then_some(())).await;
    stand.text(SAM, "More");
    stand.until_said(talk, &["Hello", "More"]).await;
    assert!(
        stand.requests(Service::HelpScout, "").iter().all(|it| it.status != Some(401)),
        "it was renewed before it ended"
    );
}
