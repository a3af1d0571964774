//! Texts in: SMS, MMS, WhatsApp, and those whom nobody can text back.

use emulator::faults::Service;
use ringside_tests::runtime::{GREETING, INBOX, Stand};
use serde_json::json;

use crate::{ANN, SAM};

#[tokio::test]
async fn a_text_becomes_a_conversation_and_the_next_one_costs_one_call() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Where do I vote? <b>\nAnd when & how?").await;
    let first = "Where do I vote? &lt;b&gt;<br>And when &amp; how?";
    let shown = stand.talk(talk);
    assert_eq!(shown.said(), [first]);
    let conversation = &shown.conversation;
    assert_eq!(
        (conversation.mailbox, conversation.kind.as_str(), conversation.tags[0].as_str()),
        (INBOX, "phone", "sms")
    );
    assert_eq!(conversation.subject, "SMS from +1 555 010 0100");
    assert_eq!((shown.customer.email(), shown.customer.phones[0].value.as_str()), ("15550100100@sms.example.org", SAM));

    // Should Help Scout tell of the new conversation before the directory knows whose it is, it is looked at once: a part of the
    // first contact's cost, whenever it comes.
    let asked = |it: &Stand| {
        let looks = it.requests(Service::HelpScout, "?embed=threads").len();
        it.requests(Service::HelpScout, "").len() - looks
    };
    let before = asked(&stand);
    stand.text(SAM, "Hello?");
    stand.until_said(talk, &[first, "Hello?"]).await;
    stand.text(SAM, "Anybody?");
    stand.until_said(talk, &[first, "Hello?", "Anybody?"]).await;
    assert_eq!(asked(&stand) - before, 2, "{}", stand.story());
    assert_eq!(stand.received(SAM), [GREETING]);
    assert!(stand.worker.log().contains(r#""event":"request""#), "the log is read where it is written");
}

#[tokio::test]
async fn a_customer_without_an_address_is_made_once_and_remembered() {
    let stand = Stand::start(|vars| {
        vars["HELPSCOUT_CUSTOMER_EMAIL_DOMAIN"] = json!("");
        vars["HELPSCOUT_CUSTOMERS"] = json!("phone_only");
    })
    .await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.text(SAM, "Again");
    stand.until_said(talk, &["Hello", "Again"]).await;
    let customer = stand.talk(talk).customer;
    assert_eq!((customer.email(), customer.phones[0].value.as_str()), ("", SAM));
    assert_eq!(stand.requests(Service::HelpScout, "POST /v2/customers").len(), 1);
    let by_id = format!("\"customer\":{{\"id\":{}}}", customer.id);
    assert!(stand.requests(Service::HelpScout, "/customer").iter().skip(1).all(|it| it.body.contains(&by_id)));
    stand.reply(talk, "Hi Sam");
    stand.until_received(SAM, &[GREETING, "Hi Sam"]).await;

    stand.agent("delete", json!({ "conversation": talk }));
    stand.text(SAM, "Anew");
    let anew = stand.until("a new conversation", |it| it.talks().into_iter().next()).await;
    assert_eq!((anew.said(), anew.customer.id), (vec!["Anew"], customer.id));
}

#[tokio::test]
async fn pictures_and_sounds_are_attached() {
    let stand = Stand::start_in(|world| world.twilio.media_ready_after_ms = 1_000, |_| ()).await;
    let files = [
        ("image/jpeg", "jpg", b"picture".as_slice()),
        ("audio/ogg", "ogg", b"sound"),
        ("text/x-vcard", "vcf", b"card"),
    ];
    let media = files.map(|(kind, _, bytes)| (kind.to_owned(), bytes.to_vec()));
    stand.text_with(SAM, "Look", media.to_vec());
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    assert_eq!((talk.said(), talk.conversation.tags[0].as_str()), (vec!["Look"], "mms"));
    let attached: Vec<_> = stand.world(|world| {
        let files = talk.threads[0].attachments.iter().filter_map(|id| world.helpscout.file(*id));
        files.map(|file| (file.filename.clone(), file.mime_type.clone(), file.bytes.clone())).collect()
    });
    let expected = files
        .iter()
        .zip(1..)
        .map(|((kind, ending, bytes), at)| (format!("attachment-{at}.{ending}"), (*kind).to_owned(), bytes.to_vec()));
    assert_eq!(attached, expected.collect::<Vec<_>>(), "the media host refuses credentials, so none were sent to it");

    stand.text_with(SAM, "", vec![("image/png".to_owned(), b"alone".to_vec())]);
    stand.until_said(talk.id(), &["Look", "(no text)"]).await;
}

#[tokio::test]
async fn a_picture_that_cannot_be_had_is_named() {
    let stand = Stand::start(|_| ()).await;
    let large = ("video/mp4".to_owned(), vec![0; 10_000_001]);
    stand.text_with(SAM, "A film", vec![large, ("image/png".to_owned(), b"png".to_vec())]);
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    let said = talk.said()[0].to_owned();
    assert!(said.starts_with("A film<br>[Attachment 1 (video/mp4) is too large to attach. <a href=\""), "{said}");
    assert_eq!(talk.threads[0].attachments.len(), 1);

    stand.spoil(Service::Twilio, json!({ "kind": "status", "status": 404, "path_contains": "/Media/" }));
    stand.text_with(SAM, "A picture", vec![("image/png".to_owned(), b"png".to_vec())]);
    stand.text(SAM, "Did you get it?");
    let said = stand.until("both texts", |it| it.talk(talk.id()).said().get(1..3).map(|it| it.join("|"))).await;
    assert!(said.starts_with("A picture<br>[Attachment 1 (image/png) could not be fetched from Twilio. "), "{said}");
    assert!(said.ends_with("|Did you get it?"), "{said}");
}

#[tokio::test]
async fn whatsapp_comes_in_and_goes_out_as_whatsapp() {
    let stand = Stand::start(|_| ()).await;
    let whatsapp = format!("whatsapp:{SAM}");
    let talk = stand.first_contact(&whatsapp, "Hola").await;
    let conversation = stand.talk(talk).conversation;
    assert_eq!(
        (conversation.tags[0].as_str(), conversation.subject.as_str()),
        ("whatsapp", "WhatsApp from +1 555 010 0100")
    );
    stand.reply(talk, "Hi");
    stand.until_received(SAM, &[GREETING, "Hi"]).await;
    assert!(stand.sent().iter().all(|message| message.to == whatsapp));
    stand.until_told(talk, "Delivered as a WhatsApp message to +1 555 010 0100").await;

    stand.text(SAM, "Now by text");
    stand.until_said(talk, &["Hola", "Now by text"]).await;
    stand.reply(talk, "So do we");
    stand.until_received(SAM, &[GREETING, "Hi", "So do we"]).await;
    assert_eq!(stand.sent().last().map(|message| message.to.clone()).as_deref(), Some(SAM));
}

#[tokio::test]
async fn who_cannot_be_texted_is_heard_and_not_texted() {
    let stand = Stand::start(|_| ()).await;
    for (before, from) in ["55501", "anonymous", "ACME", "client:bob"].into_iter().enumerate() {
        stand.text(from, "Hello from afar");
        let talk = stand.until("a conversation", |it| it.talks().into_iter().nth(before)).await;
        assert_eq!((talk.said(), talk.customer.phones.len()), (vec!["Hello from afar"], 0), "{from}");
        stand.reply(talk.id(), "Who are you?");
        stand.until_told(talk.id(), "This sender cannot be texted.").await;
    }
    assert_eq!(stand.requests(Service::Twilio, "").len(), 0);
    stand.first_contact(ANN, "Hello from here").await;
}

#[tokio::test]
async fn one_person_at_two_hotlines_is_heard_at_both() {
    const OTHER: &str = "+15550100002";
    const OTHER_INBOX: u64 = 3004;
    let two = |world: &mut emulator::server::Settings| {
        let other = emulator::twilio::Sender { address: OTHER.into(), ..world.twilio.senders[0].clone() };
        world.twilio.senders.push(other);
        world.helpscout.webhook.as_mut().expect("a webhook").mailbox_ids.push(OTHER_INBOX);
    };
    let configured = |vars: &mut serde_json::Value| {
        let greeting = "You reached the donors' line.";
        vars["HOTLINE_DONORS"] =
            json!({ "name": "Donors", "mailbox": OTHER_INBOX, "numbers": [OTHER], "greeting": greeting });
    };
    let stand = Stand::start_in(two, configured).await;
    let voters = stand.first_contact(SAM, "To the voters").await;
    stand.world(|world| {
        let now = world.now();
        world.twilio.text_in(now, SAM, OTHER, "STOP", vec![]);
    });
    let donors = stand.until("another", |it| it.talks().into_iter().find(|talk| talk.said() == ["STOP"])).await;
    assert_eq!(donors.conversation.mailbox, OTHER_INBOX);
    stand.until_told(donors.id(), "has opted out").await;
    stand.reply(donors.id(), "For the donor");
    stand.until_told(donors.id(), "(Twilio 21610)").await;
    stand.reply(voters, "For the voter");
    stand.until_told(voters, "Delivered").await;
    let left: Vec<_> =
        stand.sent().into_iter().map(|message| (message.from.unwrap_or_default(), message.body)).collect();
    let voters_line = |body: &str| (ringside_tests::runtime::HOTLINE.to_owned(), body.to_owned());
    assert_eq!(left, [voters_line(GREETING), voters_line("For the voter")]);
}
