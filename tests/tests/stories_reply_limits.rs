//! How much agents can send before somebody is asked.

use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage};

use emulator::faults::{Kind, Service};
use serde_json::json;

const SAM: &str = "+15550100101";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn with_sam(stage: &Stage) -> (World, u64) {
    let mut world = World::new(stage);
    let conversation = world.settled_text(SAM, "hello from Sam");
    (world, conversation)
}

fn limits(limits: &serde_json::Value) -> Stage {
    Stage::with("limits", limits.clone())
}

/// An agent pastes a whole book.
#[test]
fn a_pasted_book_leaves_as_ten_texts_and_the_agent_reads_where_it_ends() {
    let (mut world, conversation) = with_sam(&Stage::default());
    let words: Vec<String> = (0..40_000).map(|number| format!("word{number}")).collect();
    world.reply(conversation, &format!("<p>{}</p>", words.join(" ")));
    world.reply(conversation, "<p>the next</p>");
    world.settle(1);
    let mut shown = world.phone(SAM).split_off(1);
    assert_eq!(shown.pop().unwrap(), "the next");
    assert_eq!(shown.len(), 10);
    let last = shown.last().unwrap().split(' ').next_back().unwrap().to_owned();
    let next = format!("word{}", last.trim_start_matches("word").parse::<u64>().unwrap() + 1);
    let notes = world.notes(conversation);
    let note = notes.iter().find(|note| note.contains("Too long, not sent")).unwrap();
    assert!(note.starts_with("Delivered as a text") && note.contains("It went in 10 messages"), "{note}");
    assert!(note.contains(&format!("from “{next} ")) && note.contains(&format!("{last}”.")), "{note}");
    assert!(note.contains("Please shorten it") && note.len() < 1_000, "{note}");
    assert_eq!(notes.len(), 2);
}

/// The same again is no other text: what was too long is cut alike when the reply is read again.
#[test]
fn a_pasted_book_that_waits_and_is_read_again_is_the_same_book() {
    let (mut world, conversation) = with_sam(&limits(&json!({"parts_per_reply": 2})));
    world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(1_500)));
    world.reply(conversation, &format!("<p>{}</p>", "two ".repeat(1_500)));
    world.settle(1);
    assert_eq!(world.made_for(SAM).len(), 1 + 4);
    assert!(!world.notes(conversation).concat().contains("changed"));
}

/// One endless character, as broken clipboards have it.
#[test]
fn a_reply_without_an_end_takes_no_time() {
    let (mut world, conversation) = with_sam(&Stage::default());
    world.reply(conversation, &format!("<p>e{}</p>", "\u{301}".repeat(500_000)));
    world.settle(1);
    assert_eq!(world.made_for(SAM).len(), 1 + 10);
}

#[test]
fn one_agent_cannot_send_without_end_from_the_sidebar() {
    let (mut world, _) = with_sam(&limits(&json!({"waiting_texts_per_person": 1_000})));
    let answers: Vec<u32> = (0..100).map(|at| world.write(&format!("{at}"), SAM, "again")).collect();
    assert_eq!(answers.iter().filter(|status| **status == 202).count(), 60);
    assert_eq!(answers[60..], [429; 40]);
    assert_eq!(world.write("0", SAM, "again"), 202, "the same id again has the same answer");
    assert_eq!(world.counted("text refused: too_many_texts"), 40);
    let words = "as many texts as this hotline allows in an hour. Please wait a while, and then send it again.";
    assert!(world.answer_to("one more", SAM, "again", None).body.contains(words));
    world.settle(1);
    assert_eq!(world.phone(SAM).len(), 1 + 60);
    world.run_for(HOUR);
    assert_eq!(world.write("later", SAM, "again"), 202);
}

#[test]
fn an_agent_who_replies_too_often_is_told_and_another_one_goes_on() {
    let (mut world, sams) = with_sam(&limits(&json!({"texts_per_agent_per_hour": 5})));
    for person in 0..4 {
        world.text(&format!("+1555010020{person}"), "hello");
    }
    world.settle(1);
    for person in 0..4 {
        let conversation = world.conversation(&format!("+1555010020{person}"));
        world.reply(conversation, "<p>one</p>");
        world.reply(conversation, "<p>two</p>");
    }
    world.run_for(MINUTE);
    let sent = world.twilio.sent().iter().filter(|it| it.body != GREETING).count();
    assert_eq!(sent, 5, "over all people of the hotline");
    world.reply(sams, "<p>one more</p>");
    world.run_for(MINUTE);
    let notes = world.notes(sams);
    assert!(notes[0].starts_with("Not sent to") && notes[0].contains("“one more”"), "{notes:?}");
    assert!(notes[0].contains("as many texts as this hotline allows in an hour"), "{notes:?}");
    world.play("reply", &json!({"conversation": sams, "html": "<p>from another</p>", "user": 4005})).unwrap();
    world.run_for(MINUTE);
    assert_eq!(world.phone(SAM), [GREETING, "from another"]);
    world.run_for(HOUR);
    world.reply(sams, "<p>an hour later</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM).pop().unwrap(), "an hour later");
}

/// A crash between the question and the text, or a lost answer, counts a reply once.
#[test]
fn a_reply_counts_once_whatever_happens_to_the_answer() {
    let (mut world, conversation) = with_sam(&limits(&json!({"texts_per_agent_per_hour": 3})));
    world.random_faults.unheard = 500;
    for _ in 0..3 {
        world.reply(conversation, "<p>again</p>");
    }
    for _ in 0..60 {
        world.run_for(1_000);
        world.crash_all();
    }
    world.random_faults.unheard = 0;
    world.settle(1);
    assert_eq!(world.phone(SAM).len(), 1 + 3, "{:?}", world.notes(conversation));
}

#[test]
fn only_so_many_texts_wait_for_one_person() {
    let (mut world, conversation) = with_sam(&limits(&json!({"waiting_texts_per_person": 5})));
    let outage =
        world.faults.switch_on(Service::Twilio, Kind::Status { status: 401, headers: [].into(), body: json!(null) });
    let answers: Vec<u32> = (0..7).map(|at| world.write(&format!("{at}"), SAM, "hello")).collect();
    assert_eq!(answers, [202, 202, 202, 202, 202, 429, 429]);
    let words = "are still waiting to be sent. Please wait until some have left.";
    assert!(world.answer_to("8", SAM, "hello", None).body.contains(words));
    world.reply(conversation, "<p>one more</p>");
    world.run_for(MINUTE);
    let notes = world.notes(conversation);
    let note = notes.iter().find(|note| note.contains("“one more”")).unwrap();
    assert!(note.starts_with("Not sent to") && note.contains("still waiting to be sent"), "{note}");
    world.faults.clear(Service::Twilio, Some(outage));
    world.settle(1);
    assert_eq!(world.phone(SAM).len(), 1 + 5);
    assert_eq!(world.write("later", SAM, "hello"), 202);
}
