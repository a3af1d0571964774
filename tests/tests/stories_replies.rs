//! Replies from the agents to the phones: one promise for each story.

use ringside_tests::world::World;
use ringside_tests::world::stage::{DRIVERS_NUMBER, GREETING, Stage, VOTERS, VOTERS_NUMBERS};

use emulator::faults::{Kind, Rule, Service};
use emulator::helpscout::EmbedThreads;
use emulator::twilio::DeliveryOutcome;
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const KIT: &str = "+447700900123";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A world in which Sam has texted and was greeted.
fn with_sam(stage: &Stage) -> (World, u64) {
    let mut world = World::new(stage);
    let conversation = world.settled_text(SAM, "Where do I vote?");
    (world, conversation)
}

fn usual() -> (World, u64) {
    with_sam(&Stage::default())
}

/// What Sam's phone shows after the greeting.
fn replies(world: &World) -> Vec<String> {
    let mut shown = world.phone(SAM);
    assert_eq!(shown.remove(0), GREETING);
    shown
}

fn play(world: &mut World, action: &str, arguments: &Value) -> Value {
    world.play(action, arguments).unwrap()
}

fn on_create(kind: Kind, times: u32) -> Rule {
    Rule { id: 0, kind, method: Some("POST".into()), path_contains: Some("Messages.json".into()), times: Some(times) }
}

#[test]
fn a_reply_is_texted_and_its_one_receipt_is_edited() {
    for embed in [EmbedThreads::No, EmbedThreads::Yes, EmbedThreads::V1] {
        let (mut world, conversation) = with_sam(&Stage { embed: Some(embed), ..Stage::default() });
        world.reply(conversation, "<p>At the <b>town hall</b>.</p><p>-- <br>Ada</p>");
        world.run_for(6_000);
        assert_eq!(replies(&world), ["At the town hall."], "{embed:?}");
        world.settle(1);
        let receipt = "Delivered as a text to +1 555 010 0101. What was sent: At the town hall.";
        assert_eq!(world.notes(conversation), [receipt], "{embed:?}");
    }
}

#[test]
fn only_what_a_person_published_is_texted() {
    let (mut world, conversation) = usual();
    let html = json!({"conversation": conversation, "html": "<p>not for Sam</p>"});
    for action in ["note", "workflow_reply", "customer_reply"] {
        play(&mut world, action, &html);
    }
    play(&mut world, "reply", &json!({"conversation": conversation, "html": "<p>draft</p>", "state": "draft"}));
    let hidden = world.reply(conversation, "<p>hidden</p>");
    play(&mut world, "hide_thread", &json!({"thread": hidden}));
    let undone = world.reply(conversation, "<p>undone</p>");
    world.run_for(4_000);
    play(&mut world, "undo_reply", &json!({"thread": undone}));
    world.run_for(MINUTE);
    world.reply(conversation, "<p>for Sam</p>");
    world.settle(1);
    assert_eq!(replies(&world), ["for Sam"]);
}

#[test]
fn a_scheduled_reply_is_texted_when_its_time_has_come() {
    let (mut world, conversation) = usual();
    let later = world.now + HOUR;
    play(&mut world, "reply", &json!({"conversation": conversation, "html": "<p>later</p>", "scheduled_for": later}));
    world.run_until(later - 1);
    assert!(replies(&world).is_empty());
    world.settle(1);
    assert_eq!(replies(&world), ["later"]);
}

#[test]
fn a_reply_that_is_taken_back_while_it_waits_for_its_turn_is_not_texted() {
    let (mut world, conversation) = usual();
    world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(1_500)));
    let undone = world.reply(conversation, "<p>undone</p>");
    world.run_for(20_000);
    play(&mut world, "undo_reply", &json!({"thread": undone}));
    world.settle(1);
    assert!(!replies(&world).contains(&"undone".to_owned()));
    let notes = world.notes(conversation);
    assert!(notes.iter().any(|note| note.contains("withdrawn before it was sent")), "{notes:?}");
}

#[test]
fn a_reply_that_is_edited_while_it_waits_is_texted_as_it_stands_and_in_its_place() {
    let (mut world, conversation) = usual();
    world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(1_500)));
    let edited = world.reply(conversation, "<p>teh town hall</p>");
    world.reply(conversation, "<p>last</p>");
    world.run_for(20_000);
    play(&mut world, "edit_thread", &json!({"thread": edited, "html": "<p>the town hall</p>"}));
    world.settle(1);
    let shown = replies(&world);
    assert_eq!(shown[shown.len() - 2..], ["the town hall", "last"]);
}

#[test]
fn a_reply_of_which_nothing_is_left_while_it_waits_is_said_not_to_be_sent() {
    let (mut world, conversation) = usual();
    world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(1_500)));
    let edited = world.reply(conversation, "<p>teh town hall</p>");
    world.run_for(20_000);
    play(&mut world, "edit_thread", &json!({"thread": edited, "html": "<div class=\"gmail_quote\">town hall</div>"}));
    world.settle(1);
    assert!(!replies(&world).concat().contains("town hall"));
    let notes = world.notes(conversation).concat();
    assert!(notes.contains("There is nothing to send"), "{notes}");
}

#[test]
fn a_long_reply_leaves_in_parts_in_order() {
    let (mut world, conversation) = usual();
    let words: Vec<String> = (0..700).map(|number| format!("word{number}")).collect();
    world.reply(conversation, &format!("<p>{}</p>", words.join(" ")));
    world.reply(conversation, "<p>the end</p>");
    world.settle(1);
    let shown = replies(&world);
    assert!(shown.iter().all(|part| part.len() <= 1_600));
    assert_eq!(shown.join(" "), words.join(" ") + " the end");
    assert!(world.notes(conversation)[0].contains("It went in 4 messages"), "{:?}", world.notes(conversation));
}

#[test]
fn a_reply_of_a_picture_alone_goes_as_mms() {
    let (mut world, conversation) = usual();
    world.reply_with(conversation, "<p><br></p>", "picture", &[("map.png", "image/png")]);
    world.settle(1);
    let sent = world.made_for(SAM).pop().unwrap();
    assert_eq!((sent.body.as_str(), sent.media.len()), ("", 1));
    assert_eq!(world.twilio.media(&sent.media[0]).unwrap().bytes, b"a file");
}

#[test]
fn a_reply_whose_file_cannot_be_texted_is_not_silently_dropped() {
    for (html, sent, reply) in [
        ("<p><br></p>", 0, "cannot be sent as a text"),
        ("<p>see this</p>", 1, "Not sent with it, since texts cannot carry it: plan.docx"),
    ] {
        let (mut world, conversation) = usual();
        world.reply_with(conversation, html, "file", &[("plan.docx", "application/msword")]);
        world.settle(1);
        assert_eq!(replies(&world).len(), sent, "{html}");
        assert!(world.notes(conversation)[0].contains(reply), "{:?}", world.notes(conversation));
    }
}

#[test]
fn stop_wins_over_a_reply_that_waits() {
    let (mut world, conversation) = usual();
    world.reply(conversation, "<p>too late</p>");
    world.run_for(4_500);
    world.text(SAM, "Stop");
    world.settle(1);
    assert!(replies(&world).is_empty());
    assert_eq!(world.ledger.leaving.len(), 1, "nothing but the greeting left");
    let notes = world.notes(conversation);
    assert!(notes[0].contains("opted out of texts") && notes[1].contains("(Twilio 21610)"), "{notes:?}");
}

#[test]
fn stop_wins_at_every_instant_of_a_replys_way() {
    // From the reading of the reply to its way to Twilio it takes a fifth of a second here; the webhook of the STOP twenty
    // milliseconds.
    for late in 0..250 {
        let (mut world, conversation) = usual();
        world.reply(conversation, "<p>R00001 too late or not</p>");
        world.run_for(5_150 + late);
        world.text(SAM, "STOP");
        world.settle(1);
        assert_eq!(world.broken_promises(), [""; 0], "{late} ms");
    }
}

#[test]
fn stop_at_one_number_closes_all_and_start_opens_the_one_it_was_sent_to() {
    let (mut world, conversation) = usual();
    world.text_to(SAM, VOTERS_NUMBERS[1], "STOP", &[]);
    world.settle(1);
    world.reply(conversation, "<p>one</p>");
    world.settle(1);
    world.text_to(SAM, VOTERS_NUMBERS[0], "hello?", &[]);
    world.settle(1);
    world.reply(conversation, "<p>two</p>");
    world.settle(1);
    assert!(replies(&world).is_empty());
    world.text_to(SAM, VOTERS_NUMBERS[1], "yes", &[]);
    world.settle(1);
    world.reply(conversation, "<p>three</p>");
    world.settle(1);
    assert_eq!(replies(&world), ["three"], "what was refused is not sent later by itself");
    world.text_to(SAM, VOTERS_NUMBERS[0], "hm", &[]);
    world.settle(1);
    world.reply(conversation, "<p>four</p>");
    world.settle(1);
    assert_eq!(replies(&world), ["three"], "the other number is still closed");
    world.text_to(SAM, VOTERS_NUMBERS[1], "STOP", &[]);
    world.settle(1);
    let left = world.ledger.leaving.len();
    world.reply(conversation, "<p>five</p>");
    world.settle(1);
    assert_eq!(world.ledger.leaving.len(), left, "a second STOP closes what START had opened");
}

#[test]
fn stop_at_one_hotline_is_not_stop_at_another() {
    let (mut world, _) = usual();
    world.text(SAM, "STOP");
    world.text_to(SAM, DRIVERS_NUMBER, "a ride, please", &[]);
    world.settle(1);
    world.reply(world.conversation(SAM), "<p>coming</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, GREETING, "coming"]);
}

#[test]
fn an_opt_out_that_only_twilio_knows_is_learnt() {
    let (mut world, conversation) = usual();
    world.twilio.block(VOTERS_NUMBERS[0], SAM);
    world.reply(conversation, "<p>one</p>");
    world.settle(1);
    world.reply(conversation, "<p>two</p>");
    world.settle(1);
    let notes = world.notes(conversation);
    assert_eq!(notes.iter().filter(|note| note.contains("(Twilio 21610)")).count(), 2, "{notes:?}");
    assert!(notes.iter().any(|note| note.contains("opted out of texts (STOP)")));
    assert_eq!(world.ledger.leaving.len(), 2, "the greeting and the first reply");
}

/// A refusal that was on its way when they came back does not opt them out again.
#[test]
fn a_late_21610_does_not_undo_a_start() {
    let (mut world, conversation) = usual();
    world.twilio.settings_mut().pace.queued_ms = 3_000;
    let (method, path_contains) = (Some("POST".into()), Some("/messages/status".into()));
    let late = Rule { id: 0, kind: Kind::Delay { ms: MINUTE.unsigned_abs() }, method, path_contains, times: None };
    let rule = world.faults.add(Service::Twilio, late);
    world.reply(conversation, "<p>one</p>");
    world.run_for(6_000);
    assert_eq!(world.made_for(SAM).len(), 2);
    world.text(SAM, "STOP");
    world.run_for(4_000);
    assert_eq!(world.made_for(SAM).pop().unwrap().error, Some(21610));
    world.text(SAM, "START");
    world.run_for(2 * MINUTE);
    world.faults.clear(Service::Twilio, Some(rule));
    let notes = world.notes(conversation);
    assert!(notes.iter().any(|note| note.contains("(Twilio 21610) They have texted START since")), "{notes:?}");
    assert_eq!(notes.iter().filter(|note| note.contains("opted out of texts")).count(), 1, "{notes:?}");
    world.reply(conversation, "<p>two</p>");
    world.settle(1);
    assert_eq!(replies(&world), ["two"], "{:?}", world.notes(conversation));
}

#[test]
fn replies_leave_from_the_number_that_was_texted_last() {
    let (mut world, conversation) = usual();
    world.text_to(SAM, VOTERS_NUMBERS[1], "here too", &[]);
    world.settle(1);
    world.reply(conversation, "<p>fine</p>");
    world.settle(1);
    assert_eq!(world.made_for(SAM).pop().unwrap().from.as_deref(), Some(VOTERS_NUMBERS[1]));
}

#[test]
fn on_whatsapp_replies_leave_on_whatsapp_until_the_window_closes() {
    let mut world = World::new(&Stage::default());
    world.whatsapp(KIT, "hello");
    world.settle(1);
    let conversation = world.conversation(KIT);
    world.reply(conversation, "<p>in time</p>");
    world.settle(1);
    assert_eq!(world.phone(KIT), [GREETING, "in time"]);
    assert_eq!(world.made_for(KIT).pop().unwrap().to, format!("whatsapp:{KIT}"));
    world.run_for(25 * HOUR);
    world.reply(conversation, "<p>too late</p>");
    world.settle(1);
    assert_eq!(world.phone(KIT).len(), 2);
    let reply = world.notes(conversation).pop().unwrap();
    assert!(reply.contains("Ask them to write first") && reply.contains("(Twilio 63016)"), "{reply}");
}

#[test]
fn failures_are_told_in_plain_words_with_twilios_code() {
    for (fate, tries, reply) in [
        (DeliveryOutcome::LANDLINE, 1, "it may be a landline. Please call instead. (Twilio 30006)"),
        (DeliveryOutcome::FILTERED, 1, "A phone company took this for spam."),
        (DeliveryOutcome::UNREACHABLE, 4, "Their phone is off or out of reach."),
    ] {
        let (mut world, conversation) = usual();
        world.twilio.set_delivery_outcome(SAM, fate);
        world.reply(conversation, "<p>hello</p>");
        world.settle(2);
        assert_eq!(world.made_for(SAM).len(), 1 + tries, "{fate:?}");
        let notes = world.notes(conversation);
        assert!(notes.len() == 1 && notes[0].contains(reply), "{fate:?}: {notes:?}");
    }
}

#[test]
fn a_phone_that_is_on_again_gets_its_reply_once() {
    let (mut world, conversation) = usual();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::UNREACHABLE);
    world.reply(conversation, "<p>hello</p>");
    world.run_for(30 * MINUTE);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
    world.settle(2);
    assert_eq!(replies(&world), ["hello"]);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Delivered as a text"), "{notes:?}");
}

#[test]
fn a_carrier_that_confirms_nothing_is_told_of() {
    let (mut world, conversation) = usual();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::NoReceipt);
    world.reply(conversation, "<p>hello</p>");
    world.settle(1);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].contains("has not confirmed"), "{notes:?}");
}

#[test]
fn where_only_failures_are_wanted_only_failures_are_told() {
    let (mut world, conversation) = with_sam(&Stage::with("receipts", json!("failures")));
    world.reply(conversation, "<p>one</p>");
    world.settle(1);
    assert!(world.notes(conversation).is_empty());
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::LANDLINE);
    world.reply(conversation, "<p>two</p>");
    world.settle(1);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Not sent to"), "{notes:?}");
}

#[test]
fn a_receipt_that_can_no_longer_be_edited_is_followed_by_a_second_one_for_failures_only() {
    for (fate, notes) in [(DeliveryOutcome::LANDLINE, 2), (DeliveryOutcome::Delivered, 1)] {
        let (mut world, conversation) = usual();
        world.twilio.set_delivery_outcome(SAM, fate);
        let kind = Kind::Status { status: 400, headers: [].into(), body: json!(null) };
        let method = Some("PATCH".into());
        world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains: None, times: None });
        world.twilio.settings_mut().pace.delivery_ms = 5_000;
        world.reply(conversation, "<p>hello</p>");
        world.settle(1);
        assert_eq!(world.notes(conversation).len(), notes, "{fate:?}: {:?}", world.notes(conversation));
    }
}

#[test]
fn states_that_come_in_any_order_never_go_back() {
    let (mut world, conversation) = usual();
    world.faults.switch_on(Service::Twilio, Kind::Reorder { window_ms: 60_000 });
    for number in 0..10 {
        world.reply(conversation, &format!("<p>reply {number}</p>"));
        world.run_for(2 * MINUTE);
    }
    world.settle(1);
    assert_eq!(world.ledger.went_back, [""; 0]);
    assert!(
        world.notes(conversation).iter().all(|note| note.starts_with("Delivered")),
        "{:?}",
        world.notes(conversation)
    );
}

#[test]
fn a_state_that_we_could_not_store_is_told_again() {
    let (mut world, conversation) = usual();
    world.reply(conversation, "<p>hello</p>");
    while replies(&world).is_empty() {
        world.run_for(1);
    }
    // It has arrived, and the next that we hear is just that.
    world.switch.fail_after(1);
    world.settle(1);
    assert!(world.notes(conversation)[0].starts_with("Delivered"), "{:?}", world.notes(conversation));
}

#[test]
fn an_edit_of_a_receipt_that_comes_late_does_not_write_over_a_newer_one() {
    let (mut world, conversation) = usual();
    world.twilio.settings_mut().pace.delivery_ms = 40_000;
    let method = Some("PATCH".into());
    let held = Rule { id: 0, kind: Kind::Hold { ms: 30_000 }, method, path_contains: None, times: Some(1) };
    world.faults.add(Service::HelpScout, held);
    world.reply(conversation, "<p>hello</p>");
    world.settle(1);
    assert_eq!(world.ledger.went_back, [""; 0]);
    assert!(world.notes(conversation)[0].starts_with("Delivered"), "{:?}", world.notes(conversation));
}

#[test]
fn a_reply_in_a_conversation_that_an_agent_began_by_hand_is_answered_by_a_note() {
    let mut world = World::new(&Stage::default());
    let new = |kind: &str| json!({"mailbox": VOTERS, "customer": {"email": "kim@example.com"}, "html": "<p>hello</p>", "type": kind});
    let by_hand = play(&mut world, "new_conversation", &new("phone"))["conversation"].as_u64().unwrap();
    let mail = play(&mut world, "new_conversation", &new("email"))["conversation"].as_u64().unwrap();
    world.settle(1);
    let notes = world.notes(by_hand);
    assert!(notes.len() == 1 && notes[0].starts_with("This reply was not sent as a text"), "{notes:?}");
    assert!(world.notes(mail).is_empty(), "ordinary mail is left alone");
    world.faults.switch_on(Service::HelpScout, Kind::Duplicate { copies: 5 });
    world.reply(by_hand, "<p>hello again</p>");
    world.reply(mail, "<p>hello again</p>");
    world.settle(1);
    assert_eq!((world.notes(by_hand).len(), world.notes(mail).len()), (2, 0));
    assert_eq!(world.twilio.sent(), []);
}

/// Help Scout offers the address that we made for a supporter wherever agents write to somebody.
#[test]
fn an_agent_who_mails_to_a_supporters_number_is_told_that_nobody_reads_it() {
    for embed in [EmbedThreads::No, EmbedThreads::Yes, EmbedThreads::V1] {
        let (mut world, sams) = with_sam(&Stage { embed: Some(embed), ..Stage::default() });
        world.faults.switch_on(Service::HelpScout, Kind::Duplicate { copies: 2 });
        let customer = json!({"email": "15550100101@sms.example.org"});
        let new = json!({"mailbox": VOTERS, "customer": customer, "html": "<p>Your appointment is at noon.</p>"});
        let mail = play(&mut world, "new_conversation", &new)["conversation"].as_u64().unwrap();
        world.settle(1);
        let notes = world.notes(mail);
        assert_eq!(notes.len(), 1, "{embed:?}: {notes:?}");
        assert!(notes[0].starts_with("This was not sent as a text"), "{notes:?}");
        assert!(notes[0].contains("15550100101@sms.example.org"), "{notes:?}");
        world.reply(mail, "<p>Did you get this?</p>");
        world.settle(1);
        assert_eq!(world.notes(mail).len(), 2, "{embed:?}");
        assert!(replies(&world).is_empty() && world.notes(sams).is_empty());
        let office = json!({"mailbox": VOTERS, "customer": {"email": "kim@example.com"}, "html": "<p>Hello.</p>"});
        let office = play(&mut world, "new_conversation", &office)["conversation"].as_u64().unwrap();
        world.settle(1);
        assert!(world.notes(office).is_empty(), "{embed:?}: ordinary mail is left alone");
    }
}

#[test]
fn an_account_that_twilio_refuses_is_paused_and_no_text_fails_one_by_one() {
    let refusals = [(401, 20003), (403, 20003), (400, 10001), (404, 20404)];
    for (status, code) in refusals {
        let (mut world, conversation) = usual();
        let body = json!({"code": code, "message": "", "status": status});
        let kind = Kind::Status { status, headers: [].into(), body };
        let rule = world.faults.add(Service::Twilio, on_create(kind, u32::MAX));
        for number in 0..10 {
            world.text(&format!("+15550102{number:03}"), "hello");
        }
        world.reply(conversation, "<p>hello</p>");
        world.reply(conversation, "<p>and good bye</p>");
        world.run_for(HOUR);
        let waiting = world.notes(conversation)[0].clone();
        assert!(waiting.starts_with("Waiting to be sent as a text") && waiting.contains("admin"), "{waiting}");
        assert!(waiting.contains("sent by itself as soon as that is mended"), "{waiting}");
        let timeline = world.timeline(SAM);
        let shown = timeline.iter().find(|entry| entry["text"] == "hello").unwrap();
        assert_eq!(shown["state"], "waiting", "{shown}");
        assert!(shown["error"]["reason"].as_str().unwrap().starts_with("Waiting to be sent. "), "{shown}");
        let tries = world.ledger.leaving.len();
        assert!(tries < 11 * 61, "{status}: {tries} requests in an hour");
        world.faults.clear(Service::Twilio, Some(rule));
        world.settle(1);
        assert_eq!(replies(&world), ["hello", "and good bye"], "{status}");
        assert!(world.notes(conversation).iter().all(|note| note.starts_with("Delivered")), "{status}");
        assert_eq!(world.phone("+15550102009"), [GREETING], "{status}");
    }
}

#[test]
fn an_operator_is_told_once_that_twilio_refuses_the_account() {
    let (mut world, conversation) = usual();
    let kind = Kind::Status { status: 401, headers: [].into(), body: json!({"code": 20003}) };
    world.faults.add(Service::Twilio, on_create(kind, 5));
    world.reply(conversation, "<p>hello</p>");
    world.settle(1);
    assert_eq!(replies(&world), ["hello"]);
    assert_eq!(world.counted("failed: account: Twilio error 20003"), 1);
}

#[test]
fn a_refusal_of_one_message_is_none_of_the_account() {
    let (mut world, conversation) = usual();
    let kind = Kind::Status { status: 403, headers: [].into(), body: json!({"code": 21408, "status": 403}) };
    world.faults.add(Service::Twilio, on_create(kind, 1));
    world.reply(conversation, "<p>hello</p>");
    world.settle(1);
    assert!(replies(&world).is_empty());
    assert!(world.notes(conversation)[0].contains("(Twilio 21408)"), "{:?}", world.notes(conversation));
}

#[test]
fn twilios_429_is_obeyed_to_the_second() {
    let (mut world, conversation) = usual();
    let headers = [("retry-after".to_owned(), "37".to_owned())].into();
    world
        .faults
        .add(Service::Twilio, on_create(Kind::Status { status: 429, headers, body: json!({"code": 20429}) }, 1));
    world.reply(conversation, "<p>hello</p>");
    world.settle(1);
    let left: Vec<i64> = world.ledger.leaving.iter().skip(1).map(|leaving| leaving.at).collect();
    assert!(left.len() == 2 && (37_000..38_500).contains(&(left[1] - left[0])), "{left:?}");
    assert_eq!(replies(&world), ["hello"]);
}

#[test]
fn twilios_429_is_obeyed_for_a_look_too() {
    let (mut world, conversation) = usual();
    world.faults.add(Service::Twilio, on_create(Kind::Down { refuse: true }, 1));
    let headers = [("retry-after".to_owned(), "300".to_owned())].into();
    let kind = Kind::Status { status: 429, headers, body: json!(null) };
    let (method, path_contains) = (Some("GET".into()), Some("Messages.json".into()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times: Some(1) });
    world.reply(conversation, "<p>hello</p>");
    world.settle(1);
    let left: Vec<i64> = world.ledger.leaving.iter().skip(1).map(|leaving| leaving.at).collect();
    assert!(left.len() == 2 && left[1] - left[0] > 300_000, "{left:?}");
    assert_eq!(replies(&world), ["hello"]);
}

#[test]
fn a_variable_that_was_left_over_is_not_texted_and_the_agent_is_told_why() {
    let (mut world, conversation) = usual();
    world.reply(conversation, "<p>Hi {%customer.firstName,fallback=there%}, come at 9.</p>");
    world.reply(conversation, "<p>Hi {%customer.lastName%}, come at 10.</p>");
    world.settle(1);
    assert_eq!(replies(&world), ["Hi there, come at 9."]);
    let notes = world.notes(conversation);
    assert!(notes.iter().any(|note| note.contains("What was sent: Hi there, come at 9.")), "{notes:?}");
    let told = |note: &String| note.starts_with("Not sent") && note.contains("{%customer.lastName%} was left over");
    assert!(notes.iter().any(told), "{notes:?}");
}

#[test]
fn a_variable_that_comes_with_an_edit_is_not_texted_either() {
    let (mut world, conversation) = usual();
    world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(1_500)));
    let edited = world.reply(conversation, "<p>Hi Sam</p>");
    world.run_for(20_000);
    play(&mut world, "edit_thread", &json!({"thread": edited, "html": "<p>Hi {%customer.firstName%}</p>"}));
    world.settle(1);
    let shown = replies(&world);
    assert!(!shown.iter().any(|text| text.contains("Hi")), "{shown:?}");
    let notes = world.notes(conversation);
    assert!(notes.iter().any(|note| note.contains("{%customer.firstName%} was left over")), "{notes:?}");
}

#[test]
fn agents_read_what_was_sent_where_words_were_struck_out_or_hidden() {
    for html in [
        "<p>Come at <del>8</del> 9.</p>",
        "<p>Come at <span style=\"text-decoration: line-through\">8</span> 9.</p>",
        "<p>Come at <span style=\"display:none\">8</span> 9.</p>",
        "<p>Come at <noscript>8</noscript> 9.</p>",
    ] {
        let (mut world, conversation) = usual();
        world.reply(conversation, html);
        world.settle(1);
        assert_eq!(replies(&world), ["Come at 9."], "{html}");
        let notes = world.notes(conversation);
        assert!(notes[0].ends_with("What was sent: Come at 9."), "{html}: {notes:?}");
    }
}
