//! What an AI agent of Help Scout writes is no reply of a person.

use emulator::helpscout::EmbedThreads;
use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const MINUTE: i64 = 60_000;

/// Where Help Scout may say that an AI agent wrote a reply: in the API's threads, or in those that a webhook carries.
fn marks() -> [(bool, EmbedThreads); 3] {
    [(true, EmbedThreads::No), (false, EmbedThreads::Yes), (true, EmbedThreads::Yes)]
}

fn with_sam(field: &'static str, value: Value, embed: EmbedThreads, in_api: bool) -> (World, u64) {
    let mut world = World::new(&Stage { embed: Some(embed), ..Stage::with(field, value) });
    world.play("settings", &json!({"payload_version": "V3", "api_marks_ai": in_api})).unwrap();
    let conversation = world.settled_text(SAM, "hello");
    (world, conversation)
}

fn ai_replies(world: &mut World, conversation: u64, words: &str) {
    world.play("ai_reply", &json!({"conversation": conversation, "html": format!("<p>{words}</p>")})).unwrap();
    world.run_for(MINUTE);
}

fn told(world: &World, conversation: u64) -> usize {
    world.notes(conversation).iter().filter(|note| note.starts_with("An AI agent of Help Scout replied here.")).count()
}

#[test]
fn an_ai_agents_reply_is_not_texted_and_the_conversation_says_so_once() {
    for (in_api, embed) in marks() {
        let (mut world, conversation) = with_sam("receipts", json!("all"), embed, in_api);
        ai_replies(&mut world, conversation, "I am a machine.");
        world.reply(conversation, "<p>I am Ada.</p>");
        world.run_for(MINUTE);
        ai_replies(&mut world, conversation, "Me again.");
        world.settle(1);
        assert_eq!(world.phone(SAM), [GREETING, "I am Ada."], "{in_api} {embed:?}");
        assert_eq!(told(&world, conversation), 1, "{:?}", world.notes(conversation));
    }
}

#[test]
fn ai_replies_true_texts_them() {
    for (in_api, embed) in marks() {
        let (mut world, conversation) = with_sam("ai_replies", json!(true), embed, in_api);
        ai_replies(&mut world, conversation, "I am a machine.");
        world.settle(1);
        assert_eq!(world.phone(SAM), [GREETING, "I am a machine."], "{in_api} {embed:?}");
        assert_eq!(told(&world, conversation), 0);
    }
}

/// It waits for its turn, and is looked at again before it leaves.
#[test]
fn an_ai_agents_reply_that_waited_is_sent_where_the_hotline_wishes_it() {
    let (mut world, conversation) = with_sam("ai_replies", json!(true), EmbedThreads::No, true);
    world.reply(conversation, &format!("<p>{}</p>", "word ".repeat(900)));
    ai_replies(&mut world, conversation, "I am a machine.");
    world.settle(1);
    assert_eq!(world.phone(SAM).last().unwrap(), "I am a machine.");
}

/// Payload V2 marks nothing; what a person writes is texted all the same.
#[test]
fn a_webhook_of_the_older_payload_is_still_read() {
    for embed in [EmbedThreads::No, EmbedThreads::Yes, EmbedThreads::V1] {
        let (mut world, conversation) = with_sam("receipts", json!("all"), embed, true);
        world.play("settings", &json!({"payload_version": "V2"})).unwrap();
        world.reply(conversation, "<p>I am Ada.</p>");
        world.run_for(MINUTE);
        ai_replies(&mut world, conversation, "I am a machine.");
        world.settle(1);
        assert_eq!(world.phone(SAM), [GREETING, "I am Ada."], "{embed:?}");
    }
}
