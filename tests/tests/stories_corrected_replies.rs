//! Replies that agents take back, change and publish again, under the same thread.

use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage};

use emulator::faults::{Kind, Service};
use emulator::twilio::DeliveryOutcome;
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn with_sam() -> (World, u64) {
    let mut world = World::new(&Stage::default());
    let conversation = world.settled_text(SAM, "hello from Sam");
    (world, conversation)
}

fn play(world: &mut World, action: &str, arguments: &Value) {
    world.play(action, arguments).unwrap();
}

/// What an agent does with the Undo button: the reply opens again, is changed and sent.
fn correct(world: &mut World, thread: u64, html: &str) {
    play(world, "undo_reply", &json!({"thread": thread}));
    world.run_for(20_000);
    play(world, "edit_thread", &json!({"thread": thread, "html": html}));
    play(world, "publish_draft", &json!({"thread": thread}));
}

#[test]
fn a_corrected_reply_is_texted_and_the_agent_reads_that_the_first_version_had_left() {
    for delivery_ms in [300, MINUTE.unsigned_abs()] {
        let (mut world, conversation) = with_sam();
        world.twilio.settings_mut().pace.delivery_ms = delivery_ms;
        let thread = world.reply(conversation, "<p>Come at 3.</p>");
        world.run_for(9_000);
        correct(&mut world, thread, "<p>Come at 5.</p>");
        world.settle(1);
        assert_eq!(world.phone(SAM), [GREETING, "Come at 3.", "Come at 5."]);
        let notes = world.notes(conversation);
        assert_eq!(notes.len(), 2, "{notes:?}");
        let first = notes.iter().find(|note| note.contains("“Come at 3.”")).unwrap();
        assert!(first.starts_with("Delivered") && first.contains("It had left before it was taken back"), "{first}");
        let second = notes.iter().find(|note| note.contains("“Come at 5.”")).unwrap();
        assert!(second.starts_with("Delivered as a text"), "{second}");
    }
}

#[test]
fn a_reply_that_is_corrected_in_time_is_texted_once() {
    let (mut world, conversation) = with_sam();
    let thread = world.reply(conversation, "<p>Come at 3.</p>");
    world.run_for(4_000);
    correct(&mut world, thread, "<p>Come at 5.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "Come at 5."]);
    assert_eq!(world.notes(conversation).len(), 1);
}

#[test]
fn a_reply_that_is_corrected_again_and_again_is_texted_each_time() {
    let (mut world, conversation) = with_sam();
    let thread = world.reply(conversation, "<p>one</p>");
    for words in ["two", "three", "four"] {
        world.run_for(MINUTE);
        correct(&mut world, thread, &format!("<p>{words}</p>"));
    }
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "one", "two", "three", "four"]);
    assert_eq!(world.notes(conversation).len(), 4);
}

#[test]
fn a_reply_that_is_taken_back_and_published_unchanged_is_not_texted_twice() {
    let (mut world, conversation) = with_sam();
    let thread = world.reply(conversation, "<p>Come at 3.</p>");
    world.run_for(MINUTE);
    correct(&mut world, thread, "<p>Come at 3.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "Come at 3."]);
}

#[test]
fn a_reply_that_was_withdrawn_while_it_waited_is_texted_when_it_is_published_again() {
    for html in ["<p>Come at 3.</p>", "<p>Come at 5.</p>"] {
        let (mut world, conversation) = with_sam();
        // It stands behind a long one: one segment a second.
        world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(1_500)));
        let thread = world.reply(conversation, "<p>Come at 3.</p>");
        world.run_for(20_000);
        play(&mut world, "undo_reply", &json!({"thread": thread}));
        world.run_for(5 * MINUTE);
        assert!(world.notes(conversation).concat().contains("withdrawn before it was sent"));
        play(&mut world, "edit_thread", &json!({"thread": thread, "html": html}));
        play(&mut world, "publish_draft", &json!({"thread": thread}));
        world.settle(1);
        let words = html.trim_start_matches("<p>").trim_end_matches("</p>");
        assert_eq!(world.phone(SAM).pop().unwrap(), words);
        assert_eq!(world.made_for(SAM).iter().filter(|it| it.body.starts_with("Come")).count(), 1);
    }
}

#[test]
fn a_correction_takes_the_place_of_what_would_be_sent_again() {
    let (mut world, conversation) = with_sam();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::UNREACHABLE);
    let thread = world.reply(conversation, "<p>Come at 3.</p>");
    world.run_for(10 * MINUTE);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
    correct(&mut world, thread, "<p>Come at 5.</p>");
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "Come at 5."]);
    let notes = world.notes(conversation).concat();
    assert!(notes.contains("not sent again; the reply as it stands now follows"), "{notes}");
    assert!(!notes.contains("again by itself"), "{notes}");
}

#[test]
fn a_reply_that_failed_for_good_is_sent_when_it_is_published_again() {
    let (mut world, conversation) = with_sam();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::FILTERED);
    let thread = world.reply(conversation, "<p>Click here.</p>");
    world.run_for(MINUTE);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
    correct(&mut world, thread, "<p>Click here.</p>");
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "Click here."]);
}

#[test]
fn an_edit_of_a_reply_that_has_left_is_not_texted_and_the_agent_is_told() {
    let (mut world, conversation) = with_sam();
    let thread = world.reply(conversation, "<p>Come at 3.</p>");
    world.run_for(MINUTE);
    play(&mut world, "edit_thread", &json!({"thread": thread, "html": "<p>Come at 5.</p>"}));
    world.reply(conversation, "<p>See you.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "Come at 3.", "See you."]);
    let notes = world.notes(conversation);
    assert!(notes[0].contains("changed in Help Scout after it had left"), "{notes:?}");
    assert!(!notes[1].contains("changed"), "{notes:?}");
}

/// Help Scout's clock is ten minutes ahead, or behind: a reply can be undone for as long as ever, and no longer.
#[test]
fn replies_do_not_wait_for_as_long_as_help_scouts_clock_is_ahead() {
    for ahead in [10 * MINUTE, -10 * MINUTE, 3 * DAY] {
        let (mut world, conversation) = with_sam();
        world.helpscout.settings_mut().clock_ahead_ms = ahead;
        world.reply(conversation, "<p>Hi Sam.</p>");
        world.run_for(15_000);
        assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."], "{ahead}");
        let thread = world.reply(conversation, "<p>undone</p>");
        world.run_for(4_000);
        play(&mut world, "undo_reply", &json!({"thread": thread}));
        world.settle(1);
        assert_eq!(world.phone(SAM).len(), 2, "{ahead}");
    }
}

/// A merge or a lost webhook makes us read again: what was read before stays as it is.
#[test]
fn reading_again_changes_nothing() {
    let (mut world, conversation) = with_sam();
    let words = "See <a href=\"https://example.org/map\">the map</a>.<br><br>-- <br>Ada";
    world.reply(conversation, words);
    world.settle(1);
    let (phone, notes) = (world.phone(SAM), world.notes(conversation));
    world.faults.switch_on(Service::HelpScout, Kind::Duplicate { copies: 3 });
    world.reply(conversation, "<p>one more</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM)[..2], phone[..]);
    assert_eq!(world.notes(conversation)[..1], notes[..]);
}
