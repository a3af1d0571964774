//! Replies out: what is texted, how, and what the agent hears of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emulator::faults::Service;
use emulator::helpscout::{EmbedThreads, PayloadVersion, Status};
use emulator::twilio::{DeliveryOutcome, MessagingService};
use ringside_tests::runtime::{GREETING, HOTLINE, INBOX, Stand};
use serde_json::{Value, json};

use crate::SAM;

/// Another program writes through Help Scout's API.
async fn by_api(stand: &Stand, path: &str, body: Value) {
    let url = format!("{}/helpscout", stand.emulator.url());
    let login = "grant_type=client_credentials&client_id=dev_app&client_secret=dev_app_secret";
    let asked = stand.http.post(format!("{url}/v2/oauth2/token")).body(login);
    let asked = asked.header("content-type", "application/x-www-form-urlencoded");
    let given = asked.send().await.expect("a token");
    let given: Value = given.json().await.expect("a token");
    let token = given["access_token"].as_str().expect("a token");
    let made = stand.http.post(format!("{url}{path}")).bearer_auth(token).json(&body).send().await.expect("an answer");
    assert_eq!(made.status().as_u16(), 201);
}

#[tokio::test]
async fn a_reply_is_texted_as_plain_words_and_its_receipt_is_edited() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Where do I vote?").await;
    let html =
        "<p>At the <b>library</b> &amp; the <a href=\"https://example.org/map\">hall</a>.</p><p>--</p><p>Ada</p>";
    let args = json!({ "conversation": talk, "html": html, "status": "closed" });
    stand.agent("reply", args);
    stand.until_received(SAM, &[GREETING, "At the library & the hall (https://example.org/map)."]).await;
    stand.until_told(talk, "Delivered as a text to +1 555 010 0100.").await;
    let shown = stand.talk(talk);
    assert_eq!(shown.notes().len(), 1, "one receipt, edited: {:?}", shown.notes());
    assert!(shown.tells("What was sent:<br>At the library &amp; the hall"), "{:?}", shown.notes());
    assert_eq!(shown.conversation.status, Status::Closed, "a receipt changes no status");
}

#[tokio::test]
async fn only_what_a_person_published_is_texted() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let at = |html: &str| json!({ "conversation": talk, "html": html });
    let later = |mut args: Value, name: &str, value: Value| {
        args[name] = value;
        args
    };
    stand.agent("note", at("A private note"));
    stand.agent("reply", later(at("A draft"), "state", json!("draft")));
    stand.agent("reply", later(at("For tomorrow"), "scheduled_for", json!("2999-01-01T00:00:00Z")));
    stand.agent("workflow_reply", at("A workflow"));
    stand.agent("customer_reply", at("By mail"));
    let customer = stand.talk(talk).customer.id;
    let body = json!({ "text": "Another program", "customer": { "id": customer } });
    by_api(&stand, &format!("/v2/conversations/{talk}/reply"), body).await;
    stand.reply(talk, "A reply");
    stand.until_received(SAM, &[GREETING, "A reply"]).await;
    stand.until_told(talk, "Delivered").await;
    let bodies: Vec<_> = stand.sent().into_iter().map(|message| message.body).collect();
    assert_eq!(bodies, [GREETING, "A reply"]);
}

#[tokio::test]
async fn what_is_undone_hidden_or_edited_in_time_is_not_texted_as_it_was() {
    let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["reply_delay_seconds"] = json!(2)).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let [undone, hidden, edited] = ["Undone", "Hidden", "Mistyped"].map(|html| stand.reply(talk, html));
    stand.agent("undo_reply", json!({ "thread": undone }));
    stand.agent("hide_thread", json!({ "thread": hidden }));
    stand.agent("edit_thread", json!({ "thread": edited, "html": "Put right" }));
    stand.reply(talk, "And more");
    stand.until_received(SAM, &[GREETING, "Put right", "And more"]).await;
    stand.agent("publish_draft", json!({ "thread": undone }));
    stand.until_received(SAM, &[GREETING, "Put right", "And more", "Undone"]).await;
}

#[tokio::test]
async fn a_long_reply_leaves_in_parts_in_order() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Tell me all").await;
    let words: Vec<String> = (0..700).map(|at| format!("word{at}")).collect();
    let text = words.join(" ");
    stand.reply(talk, &text);
    stand.reply(talk, "The end");
    stand.until("all parts", |it| it.received(SAM).contains(&"The end".to_owned()).then_some(())).await;
    let received = stand.received(SAM);
    let [greeting, parts @ .., end] = received.as_slice() else { panic!("{received:?}") };
    assert_eq!((greeting.as_str(), end.as_str(), parts.len()), (GREETING, "The end", 4));
    assert_eq!(parts.join(" "), text);
    stand.until_told(talk, "It went in 4 messages").await;
}

#[tokio::test]
async fn an_attached_picture_leaves_as_a_picture() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Show me").await;
    let file =
        |name: &str, kind: &str, bytes: &[u8]| json!({ "name": name, "type": kind, "base64": STANDARD.encode(bytes) });
    let attachments =
        json!([file("map.png", "image/png", b"a map"), file("list.xlsx", "application/vnd.ms-excel", b"cells")]);
    stand.agent("reply", json!({ "conversation": talk, "html": "", "attachments": attachments }));
    stand.until("a picture", |it| (it.received(SAM).len() == 2).then_some(())).await;
    let picture = stand.world(|world| {
        let message = world.twilio.phone(SAM).pop().expect("a message");
        assert_eq!((message.body.as_str(), message.media.len()), ("", 1));
        world.twilio.media(&message.media[0]).map(|it| (it.content_type.clone(), it.bytes.clone()))
    });
    assert_eq!(picture, Some(("image/png".to_owned(), b"a map".to_vec())));
    stand.until_told(talk, "texts cannot carry it: list.xlsx").await;

    let attachments = json!([file("list.xlsx", "application/vnd.ms-excel", b"cells")]);
    stand.agent("reply", json!({ "conversation": talk, "html": "", "attachments": attachments }));
    stand.until_told(talk, "cannot be sent as a text").await;
    assert_eq!(stand.received(SAM).len(), 2);
}

#[tokio::test]
async fn a_failure_is_told_in_words_and_with_its_code() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.world(|world| world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::FILTERED));
    stand.reply(talk, "Click here");
    stand.until_told(talk, "Not sent to +1 555 010 0100.").await;
    assert!(stand.talk(talk).tells("took this for spam"), "{:?}", stand.talk(talk).notes());
    assert!(stand.talk(talk).tells("(Twilio 30007)"));
}

#[tokio::test]
async fn a_team_that_wants_failures_only_reads_failures_only() {
    let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["receipts"] = json!("failures")).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.reply(talk, "Hi");
    stand.until_received(SAM, &[GREETING, "Hi"]).await;
    stand.world(|world| world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::LANDLINE));
    stand.reply(talk, "Still there?");
    stand.until_told(talk, "(Twilio 30006)").await;
    assert_eq!(stand.talk(talk).notes().len(), 1);
}

#[tokio::test]
async fn whatsapp_after_a_day_of_silence_is_told() {
    let stand = Stand::start(|_| ()).await;
    let day_and_an_hour = 25 * 3_600_000;
    let (from, to) = (format!("whatsapp:{SAM}"), format!("whatsapp:{HOTLINE}"));
    stand.world(|world| {
        let yesterday = world.now() - day_and_an_hour;
        world.twilio.text_in(yesterday, &from, &to, "Hola", vec![])
    });
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    stand.reply(talk.id(), "Good morning");
    stand.until_told(talk.id(), "(Twilio 63016)").await;
    assert!(stand.talk(talk.id()).tells("Ask them to write first"));
}

#[tokio::test]
async fn a_reply_where_nobody_can_be_texted_is_told_and_mail_is_left_alone() {
    let stand = Stand::start(|_| ()).await;
    let begin = |kind: &str, html: &str| {
        let customer = json!({ "email": "zoe@example.net", "firstName": "Zoe" });
        let args = json!({ "mailbox": INBOX, "type": kind, "customer": customer, "html": html });
        stand.agent("new_conversation", args)["conversation"].as_u64().expect("a conversation")
    };
    let mail = begin("email", "About your mail");
    let phone = begin("phone", "About your call");
    stand.until_told(phone, "was not sent as a text").await;
    stand.reply(phone, "Once more");
    stand.until("a second note", |it| (it.talk(phone).notes().len() == 2).then_some(())).await;
    assert_eq!(stand.talk(mail).notes().len(), 0);
    assert_eq!(stand.requests(Service::Twilio, "").len(), 0);
}

#[tokio::test]
async fn a_messaging_service_sends_for_the_hotline() {
    const SERVICE: &str = "MG00000000000000000000000000000001";
    let pool = |world: &mut emulator::server::Settings| {
        let service =
            MessagingService { sid: SERVICE.into(), senders: vec![HOTLINE.into()], ..MessagingService::default() };
        world.twilio.services.push(service);
    };
    let stand = Stand::start_in(pool, |vars| vars["HOTLINE_VOTERS"]["messaging_service"] = json!(SERVICE)).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.reply(talk, "Hi");
    stand.until_told(talk, "Delivered").await;
    assert!(stand.sent().iter().all(|message| message.messaging_service_sid.as_deref() == Some(SERVICE)));
}

#[tokio::test]
async fn a_reply_nested_beyond_reason_is_read_and_the_next_one_too() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    for (open, close) in [("<div>", "</div>"), ("<ul><li>", "</li></ul>"), ("<blockquote>", ""), ("<b", "")] {
        stand.reply(talk, &format!("{}deep{}", open.repeat(20_000), close.repeat(20_000)));
    }
    stand.reply(talk, "And plain");
    stand.until("the last", |it| it.received(SAM).contains(&"And plain".to_owned()).then_some(())).await;
}

#[tokio::test]
async fn whatever_an_event_carries_the_threads_come_from_the_api() {
    for (embed, version) in [
        (EmbedThreads::No, PayloadVersion::V3),
        (EmbedThreads::Yes, PayloadVersion::V2),
        (EmbedThreads::V1, PayloadVersion::V2),
    ] {
        let shape = |world: &mut emulator::server::Settings| {
            world.helpscout.embed_threads = embed;
            world.helpscout.webhook.as_mut().expect("a webhook").version = version;
        };
        let stand = Stand::start_in(shape, |_| ()).await;
        let talk = stand.first_contact(SAM, "Hello").await;
        stand.reply(talk, "Hi");
        stand.until_received(SAM, &[GREETING, "Hi"]).await;
    }
}
