//! Texts that did not arrive and are sent again: what is promised is done, and nothing leaves that is no longer meant.

use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage};

use emulator::twilio::DeliveryOutcome;
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn with_sam() -> (World, u64) {
    let mut world = World::new(&Stage::default());
    let conversation = world.settled_text(SAM, "hello from Sam");
    (world, conversation)
}

fn play(world: &mut World, action: &str, arguments: &Value) {
    world.play(action, arguments).unwrap();
}

/// An agent replies while Sam's phone is off; the reply's thread.
fn reply_to_a_phone_that_is_off(world: &mut World, conversation: u64, html: &str) -> u64 {
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::UNREACHABLE);
    let thread = world.reply(conversation, html);
    world.run_for(10 * MINUTE);
    thread
}

fn phone_on(world: &mut World) {
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
}

#[test]
fn a_reply_taken_back_while_the_phone_is_off_is_not_sent_when_it_is_on() {
    for action in ["undo_reply", "hide_thread"] {
        let (mut world, conversation) = with_sam();
        let thread = reply_to_a_phone_that_is_off(&mut world, conversation, "<p>wrong person's secret</p>");
        play(&mut world, action, &json!({"thread": thread}));
        phone_on(&mut world);
        world.settle(2);
        assert_eq!(world.phone(SAM), [GREETING], "{action}");
        let notes = world.notes(conversation).concat();
        assert!(notes.contains("It was withdrawn, so it is not sent again."), "{action}: {notes}");
        assert!(!notes.contains("again by itself"), "{action}: {notes}");
    }
}

#[test]
fn a_reply_whose_conversation_is_deleted_while_the_phone_is_off_is_not_sent() {
    let (mut world, conversation) = with_sam();
    reply_to_a_phone_that_is_off(&mut world, conversation, "<p>something</p>");
    play(&mut world, "delete", &json!({"conversation": conversation}));
    phone_on(&mut world);
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING]);
    assert_eq!(world.made_for(SAM).len(), 2, "nothing left after the deletion");
}

#[test]
fn a_text_from_the_sidebar_whose_conversation_is_deleted_while_the_phone_is_off_is_not_sent() {
    let (mut world, conversation) = with_sam();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::UNREACHABLE);
    assert_eq!(world.write("one", SAM, "something"), 202);
    world.run_for(10 * MINUTE);
    play(&mut world, "delete", &json!({"conversation": conversation}));
    phone_on(&mut world);
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING]);
}

#[test]
fn a_reply_edited_while_the_phone_is_off_is_sent_as_it_stands() {
    let (mut world, conversation) = with_sam();
    let thread = reply_to_a_phone_that_is_off(&mut world, conversation, "<p>Come at 3.</p>");
    play(&mut world, "edit_thread", &json!({"thread": thread, "html": "<p>Come at 5.</p>"}));
    phone_on(&mut world);
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "Come at 5."]);
    assert!(world.notes(conversation).iter().any(|note| note.starts_with("Delivered as a text")));
}

#[test]
fn the_rest_of_a_long_reply_is_not_sent_after_it_is_taken_back() {
    let (mut world, conversation) = with_sam();
    // Eleven segments a part, one segment a second: the first part leaves at once, the others a while later.
    let thread = world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(1_500)));
    world.run_for(8_000);
    assert_eq!(world.made_for(SAM).len(), 2);
    play(&mut world, "undo_reply", &json!({"thread": thread}));
    world.settle(2);
    assert_eq!(world.made_for(SAM).len(), 2, "only the first part");
    let notes = world.notes(conversation).concat();
    assert!(notes.contains("Not all of it was sent") && notes.contains("withdrawn before it was sent"), "{notes}");
}

#[test]
fn an_old_text_is_not_sent_after_its_correction() {
    for from_sidebar in [false, true] {
        let (mut world, conversation) = with_sam();
        reply_to_a_phone_that_is_off(&mut world, conversation, "<p>Come at 3.</p>");
        phone_on(&mut world);
        if from_sidebar {
            world.write("one", SAM, "No, come at 5.");
        } else {
            world.reply(conversation, "<p>No, come at 5.</p>");
        }
        world.settle(2);
        assert_eq!(world.phone(SAM), [GREETING, "No, come at 5."]);
        let notes = world.notes(conversation);
        assert!(notes[0].contains("A later text to them has left, so this one is not sent again."), "{notes:?}");
        assert!(!notes.concat().contains("again by itself"), "{notes:?}");
    }
}

#[test]
fn texts_to_a_phone_that_was_off_arrive_in_their_order() {
    let (mut world, conversation) = with_sam();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::UNREACHABLE);
    for number in 1..=3 {
        world.reply(conversation, &format!("<p>reply {number}</p>"));
        world.run_for(5 * MINUTE);
    }
    phone_on(&mut world);
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "reply 1", "reply 2", "reply 3"]);
}

#[test]
fn a_text_whose_failure_passes_is_sent_again_by_itself() {
    for code in [30001, 30003, 30008, 30017, 30022, 30023, 30027, 30035, 30047, 30610, 63010, 63018, 63038] {
        for fate in [DeliveryOutcome::Failed(code), DeliveryOutcome::Undelivered(code)] {
            let (mut world, conversation) = with_sam();
            world.twilio.set_delivery_outcome(SAM, fate);
            world.reply(conversation, "<p>Hi Sam.</p>");
            world.run_for(20_000);
            let notes = world.notes(conversation).concat();
            assert!(notes.contains("sent again by itself"), "{code}: {notes}");
            phone_on(&mut world);
            world.run_for(2 * DAY);
            assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."], "{code}: {:?}", world.notes(conversation));
            let notes = world.notes(conversation);
            assert!(notes.len() == 1 && notes[0].starts_with("Delivered as a text"), "{code}: {notes:?}");
        }
    }
}

#[test]
fn a_refusal_that_passes_keeps_the_text_waiting_and_says_so() {
    use emulator::faults::{Kind, Rule, Service};
    let (mut world, conversation) = with_sam();
    let kind =
        Kind::Status { status: 400, headers: [].into(), body: json!({"code": 21611, "message": "", "status": 400}) };
    let (method, path_contains) = (Some("POST".into()), Some("Messages.json".into()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times: Some(3) });
    world.reply(conversation, "<p>one</p>");
    world.reply(conversation, "<p>two</p>");
    world.run_for(10_000);
    let waiting = world.notes(conversation)[0].clone();
    assert!(waiting.contains("sent again by itself") && waiting.contains("(Twilio 21611)"), "{waiting}");
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "one", "two"]);
    assert!(
        world.notes(conversation).iter().all(|note| note.starts_with("Delivered")),
        "{:?}",
        world.notes(conversation)
    );
}

#[test]
fn after_the_last_try_nothing_more_is_promised() {
    for code in [30003, 30008, 30023] {
        let (mut world, conversation) = with_sam();
        world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Undelivered(code));
        world.reply(conversation, "<p>Hi Sam.</p>");
        world.run_for(4 * DAY);
        let made = world.made_for(SAM).len();
        let notes = world.notes(conversation);
        world.run_for(4 * DAY);
        assert_eq!(world.made_for(SAM).len(), made, "{code}");
        assert_eq!(notes.len(), 1, "{code}: {notes:?}");
        assert!(
            !notes[0].contains("again by itself") && notes[0].contains("It is not sent again."),
            "{code}: {notes:?}"
        );
    }
}

#[test]
fn a_text_that_arrived_after_all_is_not_sent_again() {
    let (mut world, conversation) = with_sam();
    world
        .twilio
        .set_delivery_outcome(SAM, DeliveryOutcome::Late { code: 30003, after_ms: 10 * MINUTE.cast_unsigned() });
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."]);
    assert_eq!(world.made_for(SAM).len(), 2, "sent again though it had arrived");
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Delivered as a text"), "{notes:?}");
}

#[test]
fn a_text_that_arrived_while_its_resend_waited_for_a_later_release_is_not_sent_again() {
    let (mut world, conversation) = with_sam();
    let late = DeliveryOutcome::Late { code: 30003, after_ms: (10 * MINUTE).cast_unsigned() };
    world.twilio.set_delivery_outcome(SAM, late);
    world.reply(conversation, "<p>Come at 3.</p>");
    world.run_for(5 * MINUTE);
    world.roll_back(1_000);
    phone_on(&mut world);
    world.run_for(2 * HOUR);
    world.upgrade();
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "Come at 3."]);
}

#[test]
fn a_text_that_arrives_while_it_is_sent_again_stays_delivered() {
    let (mut world, conversation) = with_sam();
    // The second try has left, and fails for good, before the first one arrives.
    let late = DeliveryOutcome::Late { code: 30003, after_ms: (HOUR + 3_000).cast_unsigned() };
    world.twilio.set_delivery_outcome(SAM, late);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(HOUR + 5_950);
    assert_eq!(world.made_for(SAM).len(), 3);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::LANDLINE);
    world.run_for(1_000);
    world.twilio.set_delivery_outcome(SAM, late);
    world.settle(2);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Delivered as a text"), "{notes:?}");
    assert!(world.made_for(SAM).len() <= 3);
}

#[test]
fn an_opt_out_ends_what_would_be_sent_again() {
    let (mut world, conversation) = with_sam();
    reply_to_a_phone_that_is_off(&mut world, conversation, "<p>Hi Sam.</p>");
    world.text(SAM, "STOP");
    phone_on(&mut world);
    let left = world.ledger.leaving.len();
    world.settle(2);
    assert_eq!(world.ledger.leaving.len(), left);
    assert!(!world.notes(conversation).concat().contains("again by itself"));
}
