//! Files of replies: what goes where, in how many messages, and what agents hear of the rest.

use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage};

const SAM: &str = "+15550100101";
const KIT: &str = "+447700900123";

/// Sam texts, Kit writes on WhatsApp, and an agent replies with files; what the phone shows of it, with how many files.
fn replied(person: &str, words: &str, files: &[(&str, &str)]) -> (World, Vec<(String, usize)>) {
    let mut world = World::new(&Stage::default());
    if person == KIT {
        world.whatsapp(KIT, "hello")
    } else {
        world.text(SAM, "hello")
    };
    world.settle(1);
    let conversation = world.conversation(person);
    world.reply_with(conversation, &format!("<p>{words}</p>"), words, files);
    world.settle(1);
    let shown = world.twilio.phone(person).into_iter().filter(|it| !it.mine && it.body != GREETING);
    let shown = shown.map(|it| (it.body, it.media.len())).collect();
    (world, shown)
}

fn shows(messages: &[(&str, usize)]) -> Vec<(String, usize)> {
    messages.iter().map(|(words, files)| ((*words).to_owned(), *files)).collect()
}

/// chatwoot #6120: WhatsApp drops the second picture, and the receipt says delivered.
#[test]
fn both_pictures_of_a_reply_arrive_on_whatsapp_and_by_mms() {
    let pictures = [("front.png", "image/png"), ("back.png", "image/png")];
    let (world, shown) = replied(KIT, "Both sides", &pictures);
    assert_eq!(shown, shows(&[("Both sides", 1), ("", 1)]));
    let notes = world.notes(world.conversation(KIT));
    assert!(notes.iter().any(|note| note.starts_with("Delivered")), "{notes:?}");
    assert_eq!(replied(SAM, "Both sides", &pictures).1, shows(&[("Both sides", 2)]));
}

/// chatwoot #12260: what does not go together leaves as two messages.
#[test]
fn words_are_not_lost_beside_a_file_that_takes_none_on_whatsapp() {
    for (name, mime) in [("a.gif", "image/gif"), ("talk.m4a", "audio/mp4"), ("ada.vcf", "text/vcard")] {
        assert_eq!(replied(KIT, "Look", &[(name, mime)]).1, shows(&[("Look", 0), ("", 1)]), "{mime}");
        assert_eq!(replied(SAM, "Look", &[(name, mime)]).1, shows(&[("Look", 1)]), "{mime}");
    }
}

#[test]
fn an_office_document_goes_on_whatsapp_and_is_named_to_the_agent_where_it_does_not_go() {
    let letter = [("letter.doc", "application/msword")];
    assert_eq!(replied(KIT, "Read this", &letter).1, shows(&[("Read this", 1)]));
    let (world, shown) = replied(SAM, "Read this", &letter);
    assert_eq!(shown, shows(&[("Read this", 0)]));
    let notes = world.notes(world.conversation(SAM)).concat();
    assert!(notes.contains("texts cannot carry it: letter.doc"), "{notes}");
}

/// twilio-firebase-extensions #44: Twilio compares the type with which a file is answered.
#[test]
fn a_pdf_arrives_as_a_pdf() {
    for person in [SAM, KIT] {
        let (world, shown) = replied(person, "The form", &[("form.pdf", "application/pdf")]);
        assert_eq!(shown, shows(&[("The form", 1)]), "{person}");
        let message = world.made_for(person).pop().unwrap();
        let medium = world.twilio.media(&message.media[0]).unwrap();
        assert_eq!(medium.content_type, "application/pdf", "{person}");
    }
}

#[test]
fn many_files_arrive_on_whatsapp_in_their_order() {
    let files = [("1.png", "image/png"), ("2.pdf", "application/pdf"), ("3.mp4", "video/mp4")];
    let (world, shown) = replied(KIT, "All of it", &files);
    assert_eq!(shown, shows(&[("All of it", 1), ("", 1), ("", 1)]));
    let made = world.made_for(KIT);
    let types: Vec<&str> = made
        .iter()
        .flat_map(|it| &it.media)
        .map(|sid| world.twilio.media(sid).unwrap().content_type.as_str())
        .collect();
    assert_eq!(types, ["image/png", "application/pdf", "video/mp4"]);
}

#[test]
fn a_receipt_counts_the_files_of_all_messages() {
    let files = [("front.png", "image/png"), ("back.png", "image/png")];
    for person in [SAM, KIT] {
        let (world, shown) = replied(person, "", &files);
        assert_eq!(shown.iter().map(|(_, files)| files).sum::<usize>(), 2, "{person}");
        let notes = world.notes(world.conversation(person)).concat();
        assert!(notes.contains("(2 files.)"), "{person}: {notes}");
    }
}
