//! What others' systems met in texts from supporters, as public reports tell it.

use emulator::helpscout::ThreadKind;
use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage, VOTERS_NUMBERS};
use serde_json::json;

const SAM: &str = "+15550100101";
const KIT: &str = "+447700900123";

fn world() -> World {
    World::new(&Stage::default())
}

/// Kit writes on WhatsApp, with these parameters beside the usual ones; the HTML that agents see of it.
fn kit_writes(world: &mut World, body: &str, more: &[(&str, &str)]) -> String {
    world.twilio.next_text_carries(more);
    world.whatsapp(KIT, body);
    world.settle(1);
    let threads = world.helpscout.threads(world.conversation(KIT));
    threads.iter().filter(|it| it.kind == ThreadKind::Customer).max_by_key(|it| it.id).unwrap().text.clone()
}

#[test]
fn an_agent_sees_which_advertisement_somebody_writes_from() {
    let said = kit_writes(
        &mut world(),
        "I want this one",
        &[
            ("ReferralHeadline", "Ride with us"),
            ("ReferralBody", "Free ride to the polls"),
            ("ReferralSourceType", "ad"),
            ("ReferralSourceUrl", "https://example.org/ad/7"),
            ("ReferralNumMedia", "1"),
            ("ReferralMediaContentType", "image/jpeg"),
            ("ReferralMediaUrl", "https://example.org/ad/7.jpg"),
        ],
    );
    assert!(said.starts_with("I want this one<br>(They write from an advertisement: Ride with us"), "{said}");
    assert!(said.contains("https://example.org/ad/7.jpg"), "{said}");
}

#[test]
fn the_answers_of_a_form_are_read_and_not_an_empty_message() {
    let form = ("FlowData", r#"{"rating":"Excellent","words":"Very kind","flow_token":"unused"}"#);
    let said = kit_writes(&mut world(), "", &[("MessageType", "interactive"), form]);
    assert_eq!(said, "rating: Excellent<br>words: Very kind");
}

#[test]
fn what_cannot_be_shown_is_named() {
    let said = kit_writes(&mut world(), "", &[("MessageType", "order")]);
    assert_eq!(said, "(They sent something of the kind “order”, which cannot be shown here.)");
}

#[test]
fn an_answer_that_names_its_question_shows_it() {
    let mut world = world();
    world.whatsapp(KIT, "Where do I vote?");
    world.settle(1);
    world.reply(world.conversation(KIT), "<p>Is it Elm Street?</p>");
    world.settle(1);
    let question = world.made_for(KIT).pop().unwrap().sid;
    let said = kit_writes(&mut world, "Yes", &[("OriginalRepliedMessageSid", &question)]);
    assert_eq!(said, "(In reply to “Is it Elm Street?”:)<br>Yes");
    let said = kit_writes(&mut world, "No", &[("OriginalRepliedMessageSid", "SM00000000000000000000000000000009")]);
    assert_eq!(said, "(In reply to an earlier message:)<br>No");
}

#[test]
fn a_stop_that_replies_to_a_message_is_a_stop() {
    let mut world = world();
    kit_writes(&mut world, "Hello", &[]);
    kit_writes(
        &mut world,
        "STOP",
        &[("OriginalRepliedMessageSid", "SM00000000000000000000000000000009"), ("Forwarded", "true")],
    );
    let notes = world.notes(world.conversation(KIT));
    assert!(notes.iter().any(|note| note.contains("opted out")), "{notes:?}");
}

#[test]
fn a_text_in_which_nobody_sees_anything_is_no_empty_thread() {
    for body in [" ", "\n", "\u{200b}", "\u{2800}", "\u{feff}", "\u{fffc}"] {
        let mut world = world();
        for first in [true, false] {
            world.text(SAM, body);
            world.settle(1);
            let said = world.said(world.conversation(SAM));
            assert_eq!(said.last().unwrap(), "(empty message)", "{body:?} {first}");
        }
        world.text_to(SAM, VOTERS_NUMBERS[0], body, &["image/png"]);
        world.settle(1);
        assert_eq!(world.said(world.conversation(SAM)).last().unwrap(), "(no text)", "{body:?}");
    }
}

#[test]
fn files_from_an_office_keep_their_kind() {
    let mut world = world();
    for (at, (mime, ending)) in [
        ("application/msword", ".doc"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
        ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
        ("application/pdf", ".pdf"),
        ("audio/amr", ".amr"),
        ("text/x-vcard", ".vcf"),
    ]
    .into_iter()
    .enumerate()
    {
        let (from, to) = (format!("whatsapp:{KIT}"), format!("whatsapp:{}", VOTERS_NUMBERS[0]));
        world.text_to(&from, &to, &format!("file {at}"), &[mime]);
        world.settle(1);
        let (name, _) = world.files(world.conversation(KIT)).pop().unwrap();
        assert!(name.ends_with(ending), "{mime}: {name}");
    }
}

/// Twilio answers HELP and INFO itself.
#[test]
fn who_asks_for_help_gets_one_answer_and_is_greeted_at_the_next_text() {
    for word in ["HELP", "info"] {
        let mut world = world();
        world.text(SAM, word);
        world.settle(1);
        let shown = world.twilio.phone(SAM).into_iter().filter(|it| !it.mine).count();
        assert_eq!((shown, world.made_for(SAM).len()), (1, 0), "{word}");
        assert_eq!(world.said(world.conversation(SAM)), [word]);
        world.text(SAM, "Where do I vote?");
        world.settle(1);
        assert_eq!(world.made_for(SAM).into_iter().map(|it| it.body).collect::<Vec<_>>(), [GREETING], "{word}");
    }
}

#[test]
fn who_asks_for_help_on_whatsapp_is_greeted_since_twilio_is_silent_there() {
    let mut world = world();
    kit_writes(&mut world, "HELP", &[]);
    assert_eq!(world.phone(KIT), [GREETING]);
}

/// qksms 1330: an iPhone tells of a tapback in a text that quotes what it is about.
#[test]
fn a_tapback_on_a_text_that_names_stop_is_no_stop() {
    let mut world = world();
    for body in ["Liked “Text STOP to get no more texts.”", "Removed a like from “STOP”", "Emphasized “STOP”"]
    {
        world.settled_text(SAM, body);
    }
    let notes = world.notes(world.conversation(SAM));
    assert!(notes.is_empty(), "{notes:?}");
}

/// Rock 6399 (the words of 2025), learning-circles 593 (a polite one is for a person to read), and marks that nobody sees.
#[test]
fn which_words_stop_texts() {
    for (body, stops) in [
        ("REVOKE", true),
        ("OptOut", true),
        ("STOP\u{200e}", true),
        ("\u{feff}stop\u{200b}", true),
        ("Stop. Thank you", false),
        ("STOP 12345", false),
        ("Count me in! We have got to STOP this", false),
    ] {
        let mut world = world();
        let talk = world.settled_text(SAM, body);
        assert_eq!(world.notes(talk).iter().any(|note| note.contains("opted out")), stops, "{body:?}");
    }
}

/// chatwoot 7901, gammu 8, n8n 4447: signs that other systems' storage does not take.
#[test]
fn no_sign_keeps_a_text_from_the_agents() {
    let mut world = world();
    for (body, said) in [
        ("yy\u{0}live.com", "yylive.com"),
        ("a\u{200b}b", "ab"),
        ("\u{1f44d}\u{1f3fd}", "\u{1f44d}\u{1f3fd}"),
        ("\u{fffd}", "\u{fffd}"),
        ("'; DROP TABLE entries; --", "'; DROP TABLE entries; --"),
    ] {
        let talk = world.settled_text(SAM, body);
        assert_eq!(world.said(talk).pop().as_deref(), Some(said), "{body:?}");
    }
}

/// chatwoot 15283: a short code is no number that a customer could have.
#[test]
fn a_text_from_a_short_code_reaches_the_agents() {
    let mut world = world();
    world.text("68849", "Your code is 1234");
    world.settle(1);
    let customer = world.helpscout.customers().next().unwrap();
    assert_eq!((customer.email(), customer.phones.len()), ("short-68849@sms.example.org", 0));
}

/// chatwoot 11295: only the first of several pictures was seen.
#[test]
fn every_file_of_a_text_reaches_the_agents() {
    let mut world = world();
    world.text_to(SAM, VOTERS_NUMBERS[0], "Look", &["image/jpeg", "image/png", "text/vcard", "application/pdf"]);
    world.settle(1);
    let files: Vec<String> = world.files(world.conversation(SAM)).into_iter().map(|(_, mime)| mime).collect();
    assert_eq!(files, ["image/jpeg", "image/png", "text/vcard", "application/pdf"]);
}

/// chatwoot 2137: the number stood in the record of somebody who had written by e-mail.
#[test]
fn a_number_that_another_record_has_keeps_nobody_from_texting() {
    let mut world = world();
    let customer = json!({ "email": "benson@example.org", "phone": SAM, "firstName": "Benson" });
    let mail = json!({ "mailbox": 3003, "type": "email", "customer": customer, "html": "<p>By e-mail</p>" });
    world.agent_acts("new_conversation", &mail);
    let talk = world.settled_text(SAM, "It is Benson");
    assert_eq!(world.said(talk), ["It is Benson"]);
}
