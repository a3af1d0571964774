//! Answers that do not come back, crashes, and what is too late: nothing is lost and nothing is doubled.

use ringside_tests::world::World;
use ringside_tests::world::stage::{DRIVERS_NUMBER, GREETING, Stage, VOTERS, VOTERS_NUMBERS};

use emulator::faults::{Kind, Rule, Service, Unreadable};
use emulator::twilio::{MessagingService, Script};
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const KIM: &str = "+15550100102";
const MINUTE: i64 = 60_000;

/// Every way in which the answer to a create is lost: by the connection, by silence with the work done half a minute
/// late, by a gateway, by what nobody can read, and without the work.
fn losses() -> [Kind; 9] {
    [
        Kind::LostAnswer,
        Kind::Hold { ms: 30_000 },
        Kind::Down { refuse: true },
        Kind::Status { status: 500, headers: [].into(), body: json!(null) },
        Kind::DoneStatus { status: 504 },
        Kind::Unreadable { body: Unreadable::Html },
        Kind::Unreadable { body: Unreadable::Empty },
        Kind::Unreadable { body: Unreadable::Cut },
        no_list(json!("<html>Back soon</html>")),
    ]
}

/// A 200 without the work, from something in between.
fn no_list(body: Value) -> Kind {
    Kind::Status { status: 200, headers: [].into(), body }
}

fn spoil(world: &mut World, service: Service, kind: &Kind, path_contains: &str, times: u32) {
    spoil_method(world, service, kind, "POST", path_contains, times);
}

fn spoil_method(world: &mut World, service: Service, kind: &Kind, method: &str, path_contains: &str, times: u32) {
    let (method, path_contains) = (Some(method.into()), Some(path_contains.into()));
    world.faults.add(service, Rule { id: 0, kind: kind.clone(), method, path_contains, times: Some(times) });
}

fn with_sam() -> (World, u64) {
    let mut world = World::new(&Stage::default());
    let conversation = world.settled_text(SAM, "hello");
    (world, conversation)
}

#[test]
fn a_conversation_whose_create_was_not_answered_is_found_or_made_once() {
    for kind in losses() {
        for lag in [0, 20_000] {
            let mut world = World::new(&Stage::default());
            world.helpscout.set_list_lag(lag);
            spoil(&mut world, Service::HelpScout, &kind, "/v2/conversations", 1);
            world.text(SAM, "one");
            world.text(SAM, "two");
            world.settle(1);
            assert_eq!(world.conversations(SAM).len(), 1, "{kind:?} {lag}");
            assert_eq!(world.said(world.conversation(SAM)), ["one", "two"], "{kind:?} {lag}");
        }
    }
}

#[test]
fn a_text_whose_create_was_not_answered_is_found_or_made_once() {
    for kind in losses() {
        let (mut world, conversation) = with_sam();
        spoil(&mut world, Service::HelpScout, &kind, "/customer", 1);
        world.text(SAM, "one");
        world.text(SAM, "two");
        world.settle(1);
        assert_eq!(world.said(conversation), ["hello", "one", "two"], "{kind:?}");
    }
}

/// Twilio's list shows such a text to who asks for the receiver alone; it has no date yet, and a service's no sender.
#[test]
fn a_reply_whose_create_was_not_answered_is_found_while_it_waits_at_its_sender() {
    const SERVICE: &str = "MG00000000000000000000000000000001";
    for stage in [Stage::default(), Stage::with("messaging_service", json!(SERVICE))] {
        let mut world = World::new(&stage);
        let service =
            MessagingService { sid: SERVICE.into(), senders: vec![VOTERS_NUMBERS[1].into()], ..Default::default() };
        world.twilio.settings_mut().services.push(service);
        world.text(SAM, "hello");
        world.settle(1);
        let conversation = world.conversation(SAM);
        world.twilio.settings_mut().pace.queued_ms = 10 * MINUTE.unsigned_abs();
        spoil(&mut world, Service::Twilio, &Kind::LostAnswer, "/Messages.json", 1);
        world.reply(conversation, "<p>At 5.</p>");
        world.settle(1);
        assert_eq!(world.phone(SAM), [GREETING, "At 5."], "{:?}", stage.hotline);
    }
}

#[test]
fn a_receipt_whose_create_was_not_answered_is_found_or_made_once() {
    for kind in losses() {
        let (mut world, conversation) = with_sam();
        spoil(&mut world, Service::HelpScout, &kind, "/notes", 1);
        world.reply(conversation, "<p>Hi Sam.</p>");
        world.settle(1);
        assert_eq!(world.notes(conversation), ["Delivered as a text to +1 555 010 0101. “Hi Sam.”"], "{kind:?}");
    }
}

/// What says yes and holds no list is no empty list: a maintenance page, an answer whose body was too large to read.
#[test]
fn threads_that_cannot_be_read_are_read_again() {
    for body in ["<html>Back soon</html>", "", "{\"_embedded\":{\"thr", "[]", "{}"] {
        let (mut world, conversation) = with_sam();
        spoil_method(&mut world, Service::HelpScout, &no_list(json!(body)), "GET", "/threads", 2);
        world.reply(conversation, "<p>Hi Sam.</p>");
        world.settle(1);
        assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."], "{body}: {:?}", world.notes(conversation));
    }
}

#[test]
fn a_reply_that_cannot_be_read_again_before_it_leaves_waits_and_is_sent() {
    let (mut world, conversation) = with_sam();
    // The first takes the sender for longer than the second may wait unread.
    world.reply(conversation, &format!("<p>{}</p>", "word ".repeat(600)));
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(7_000);
    spoil_method(&mut world, Service::HelpScout, &no_list(json!("<html>")), "GET", "/threads", 2);
    world.settle(1);
    assert_eq!(world.phone(SAM).last().unwrap(), "Hi Sam.");
}

#[test]
fn an_unreadable_list_is_not_an_empty_list() {
    for body in ["<html>Back soon</html>", "", "{}"] {
        let mut world = World::new(&Stage::default());
        spoil(&mut world, Service::HelpScout, &Kind::LostAnswer, "/v2/conversations", 1);
        spoil_method(&mut world, Service::HelpScout, &no_list(json!(body)), "GET", "/v2/conversations?", 5);
        // The webhook does not tell of it either.
        world.faults.switch_on(Service::HelpScout, Kind::Drop);
        world.text(SAM, "one");
        world.settle(1);
        assert_eq!(world.conversations(SAM).len(), 1, "{body}");
        let conversation = world.conversation(SAM);
        spoil(&mut world, Service::HelpScout, &Kind::LostAnswer, "/customer", 1);
        spoil_method(&mut world, Service::HelpScout, &no_list(json!(body)), "GET", "/threads", 5);
        world.text(SAM, "two");
        world.settle(1);
        assert_eq!(world.said(conversation), ["one", "two"], "{body}");
    }
}

#[test]
fn a_customer_whose_create_was_not_answered_is_found_or_made_once() {
    for kind in losses() {
        let mut world = World::new(&Stage { phone_only: true, ..Stage::default() });
        spoil(&mut world, Service::HelpScout, &kind, "/v2/customers", 1);
        spoil_method(&mut world, Service::HelpScout, &no_list(json!("<html>")), "GET", "/v2/customers?", 6);
        world.text(SAM, "one");
        world.settle(1);
        let customers = world.helpscout.customers().count();
        assert_eq!((customers, world.said(world.conversation(SAM))), (1, vec!["one".to_owned()]), "{kind:?}");
    }
}

#[test]
fn an_event_whose_conversation_cannot_be_read_is_not_forgotten() {
    let (mut world, _) = with_sam();
    let new = json!({"mailbox": VOTERS, "customer": {"email": "kim@example.com"}, "html": "<p>a</p>", "type": "phone"});
    let made = world.play("new_conversation", &new).unwrap()["conversation"].as_u64().unwrap();
    spoil_method(&mut world, Service::HelpScout, &no_list(json!("<html>")), "GET", &format!("{made}?"), 5);
    world.reply(made, "<p>to nobody whom we know</p>");
    world.settle(1);
    assert!(world.notes(made)[0].starts_with("This reply was not sent"), "{:?}", world.notes(made));
}

/// The same of Twilio's list: a text whose answer was lost would be sent twice.
#[test]
fn an_unreadable_list_of_messages_is_not_an_empty_list() {
    for body in ["<html>Back soon</html>", "", "{\"messages\":"] {
        let (mut world, conversation) = with_sam();
        world.faults.switch_on(Service::Twilio, Kind::Drop);
        spoil(&mut world, Service::Twilio, &Kind::LostAnswer, "Messages.json", 1);
        spoil_method(&mut world, Service::Twilio, &no_list(json!(body)), "GET", "Messages.json", 2);
        world.reply(conversation, "<p>Hi Sam.</p>");
        world.settle(2);
        assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."], "{body}");
    }
}

#[test]
fn two_receipts_with_the_same_words_are_not_taken_for_one_another() {
    let (mut world, conversation) = with_sam();
    spoil(&mut world, Service::HelpScout, &Kind::Down { refuse: true }, "/notes", 1);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(1_000);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(4_500);
    // The first receipt is lost; the second is made at once and answered so late that the search for the first finds it.
    spoil(&mut world, Service::HelpScout, &Kind::Slow { ms: 6_000 }, "/notes", 1);
    world.settle(1);
    assert_eq!(world.notes(conversation), ["Delivered as a text to +1 555 010 0101. “Hi Sam.”"; 2]);
}

#[test]
fn an_opening_text_that_is_repeated_is_not_taken_for_its_repetition() {
    let mut world = World::new(&Stage::default());
    let gone = Kind::Status { status: 404, headers: [].into(), body: json!(null) };
    let path_contains = Some("/Media/".into());
    world
        .faults
        .add(Service::Twilio, Rule { id: 0, kind: gone, method: Some("GET".into()), path_contains, times: None });
    for _ in 0..2 {
        world.text_to(SAM, VOTERS_NUMBERS[0], "look", &["image/png"]);
        world.settle(1);
        spoil(&mut world, Service::HelpScout, &Kind::Down { refuse: true }, "/customer", 1);
    }
    world.text(SAM, "?");
    world.settle(1);
    assert_eq!(world.said(world.conversation(SAM)).len(), 3);
}

#[test]
fn a_reply_whose_create_was_not_answered_is_sent_once() {
    for kind in losses() {
        for deaf in [false, true] {
            let (mut world, conversation) = with_sam();
            spoil(&mut world, Service::Twilio, &kind, "Messages.json", 1);
            if deaf {
                world.faults.switch_on(Service::Twilio, Kind::Drop);
            }
            world.reply(conversation, "<p>Hi Sam.</p>");
            world.reply(conversation, "<p>Bye Sam.</p>");
            world.settle(1);
            assert_eq!(world.phone(SAM), [GREETING, "Hi Sam.", "Bye Sam."], "{kind:?}, no callbacks: {deaf}");
            let notes = world.notes(conversation);
            let delivered = notes.iter().filter(|note| note.starts_with("Delivered as a text")).count();
            assert_eq!((delivered, notes.len()), (2, 2), "{kind:?}, no callbacks: {deaf}: {notes:?}");
        }
    }
}

/// Looks at Twilio's list, as their times in seconds after the create that was lost.
fn looks(world: &World, lost: usize) -> Vec<i64> {
    let lost = world.ledger.leaving[lost].at;
    world.ledger.twilio_lists.iter().filter(|at| **at > lost).map(|at| (at - lost) / 1_000).collect()
}

/// A miss proves nothing: what nobody wrote by hand is not made anew, and holds up nothing.
#[test]
fn an_automatic_text_whose_answer_was_lost_is_never_resent() {
    for kind in losses() {
        let mut world = World::new(&Stage::default());
        spoil(&mut world, Service::Twilio, &kind, "Messages.json", 1);
        world.twilio.set_list_lag(u64::MAX / 2);
        world.text(SAM, "hello");
        world.run_for(25);
        world.faults.switch_on(Service::Twilio, Kind::Drop);
        world.run_for(MINUTE);
        let conversation = world.conversation(SAM);
        world.reply(conversation, "<p>Hi Sam.</p>");
        world.run_for(15_000);
        assert!(world.phone(SAM).contains(&"Hi Sam.".to_owned()), "{kind:?}: held up by the greeting");
        world.settle(1);
        let greetings = world.ledger.leaving.iter().filter(|leaving| leaving.body == GREETING).count();
        assert_eq!(greetings, 1, "{kind:?}");
        let timeline = world.timeline(SAM);
        let greeting = timeline.iter().find(|entry| entry["text"] == GREETING).unwrap();
        assert_eq!(greeting["state"], "unknown", "{kind:?}: {greeting}");
        assert!(greeting["error"]["reason"].as_str().unwrap().contains("do not know whether this text left"));
    }
}

#[test]
fn an_automatic_text_is_unknown_after_a_quarter_of_an_hour_and_known_when_twilio_tells_of_it() {
    let mut world = World::new(&Stage::default());
    spoil(&mut world, Service::Twilio, &Kind::LostAnswer, "Messages.json", 1);
    world.twilio.set_list_lag(u64::MAX / 2);
    world.twilio.settings_mut().pace.queued_ms = 20 * MINUTE.unsigned_abs();
    world.text(SAM, "hello");
    world.run_for(14 * MINUTE);
    let state = |world: &mut World| {
        let timeline = world.timeline(SAM);
        timeline.iter().find(|entry| entry["text"] == GREETING).unwrap()["state"].clone()
    };
    assert_eq!(state(&mut world), "waiting");
    world.run_for(2 * MINUTE);
    assert_eq!(state(&mut world), "unknown");
    assert_eq!(looks(&world, 0), [10, 60, 120, 300, 900]);
    world.settle(1);
    assert_eq!(state(&mut world), "delivered");
    assert_eq!(world.phone(SAM), [GREETING]);
}

#[test]
fn a_reply_is_resent_once_after_three_searches_that_found_nothing_and_the_agent_is_told() {
    let (mut world, conversation) = with_sam();
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    spoil(&mut world, Service::Twilio, &Kind::Down { refuse: true }, "Messages.json", 1);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(1);
    assert_eq!(looks(&world, 1), [10, 60, 120]);
    assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."]);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Delivered as a text"), "{notes:?}");
    assert!(notes[0].contains("it was sent a second time; it may have arrived twice"), "{notes:?}");
}

#[test]
fn a_reply_that_is_lost_twice_is_not_made_a_third_time() {
    let (mut world, conversation) = with_sam();
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    spoil(&mut world, Service::Twilio, &Kind::Down { refuse: true }, "Messages.json", 2);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(1);
    assert_eq!(world.ledger.leaving.len(), 3, "the greeting and two tries");
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Not sure whether it was sent as a text"), "{notes:?}");
    assert!(notes[0].contains("we do not know whether this text left"), "{notes:?}");
}

#[test]
fn a_reply_that_is_listed_late_is_not_resent() {
    let (mut world, conversation) = with_sam();
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    world.twilio.set_list_lag(90_000);
    spoil(&mut world, Service::Twilio, &Kind::LostAnswer, "Messages.json", 1);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."]);
    assert!(!world.notes(conversation).concat().contains("twice"));
}

#[test]
fn while_twilio_refuses_the_account_a_lost_text_is_neither_resent_nor_dropped() {
    let (mut world, conversation) = with_sam();
    spoil(&mut world, Service::Twilio, &Kind::LostAnswer, "Messages.json", 1);
    let refused = Kind::Status { status: 401, headers: [].into(), body: json!(null) };
    let (method, path_contains) = (Some("GET".into()), None);
    let rule = world.faults.add(Service::Twilio, Rule { id: 0, kind: refused, method, path_contains, times: None });
    let deaf = world.faults.switch_on(Service::Twilio, Kind::Drop);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(3 * 60 * MINUTE);
    world.faults.clear(Service::Twilio, Some(rule));
    world.faults.clear(Service::Twilio, Some(deaf));
    world.settle(1);
    assert_eq!(world.made_for(SAM).len(), 2);
    assert!(world.notes(conversation)[0].starts_with("Delivered as a text"), "{:?}", world.notes(conversation));
}

/// Two hotlines greet the same person with the same words, one by a number and one by a service: each looks for its own,
/// also when the service sends by the other hotline's number.
#[test]
fn two_hotlines_do_not_take_each_others_texts_for_theirs() {
    const SERVICE: &str = "MG00000000000000000000000000000001";
    for (first, number) in [(0, VOTERS_NUMBERS[1]), (1, VOTERS_NUMBERS[1]), (0, DRIVERS_NUMBER), (1, DRIVERS_NUMBER)] {
        let mut world = World::new(&Stage::with("messaging_service", json!(SERVICE)));
        let service = MessagingService { sid: SERVICE.into(), senders: vec![number.into()], ..Default::default() };
        world.twilio.settings_mut().services.push(service);
        world.text_to(SAM, VOTERS_NUMBERS[0], "hello", &[]);
        world.text_to(SAM, DRIVERS_NUMBER, "hello", &[]);
        world.settle(1);
        let talks = world.conversations(SAM);
        // Both agents answer alike at once; the create of the first is lost without the work.
        spoil(&mut world, Service::Twilio, &Kind::Down { refuse: true }, "Messages.json", 1);
        world.faults.switch_on(Service::Twilio, Kind::Drop);
        for talk in [talks[first], talks[1 - first]] {
            world.reply(talk, "<p>Hi Sam.</p>");
        }
        world.settle(1);
        assert_eq!(world.phone(SAM), [GREETING, GREETING, "Hi Sam.", "Hi Sam."], "{first} {number}");
    }
}

#[test]
fn a_reply_without_status_callbacks_is_polled() {
    let (mut world, conversation) = with_sam();
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    world.reply(conversation, "At the library.");
    world.run_for(5 * MINUTE);
    assert!(world.notes(conversation)[0].starts_with("Delivered as a text"), "{:?}", world.notes(conversation));
    world.settle(2);
    assert_eq!(world.notes(conversation).len(), 1);
}

#[test]
fn the_same_reply_twice_is_sent_twice_though_an_answer_was_lost() {
    let (mut world, conversation) = with_sam();
    world.reply(conversation, "<p>Yes.</p>");
    world.settle(1);
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    spoil(&mut world, Service::Twilio, &Kind::Down { refuse: true }, "Messages.json", 1);
    world.reply(conversation, "<p>Yes.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "Yes.", "Yes."]);
}

#[test]
fn a_twilio_that_stays_away_is_told_of_and_the_text_is_not_sent_later() {
    let (mut world, conversation) = with_sam();
    let outage = world.faults.switch_on(Service::Twilio, Kind::Down { refuse: true });
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(30 * MINUTE);
    world.faults.clear(Service::Twilio, Some(outage));
    world.settle(1);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].contains("we do not know whether this text left"), "{notes:?}");
    assert_eq!(world.phone(SAM), [GREETING]);
}

#[test]
fn a_duplicate_that_turns_up_late_is_closed_and_its_replies_reach_sam() {
    let mut world = World::new(&Stage::default());
    // The lists lag so far behind, and the webhook comes so late, that every look finds nothing.
    world.helpscout.set_list_lag(600_000);
    world.faults.switch_on(Service::HelpScout, Kind::Delay { ms: 300_000 });
    spoil(&mut world, Service::HelpScout, &Kind::LostAnswer, "/v2/conversations", 1);
    world.text(SAM, "one");
    world.settle(1);
    world.text(SAM, "two");
    world.settle(1);
    let all = world.conversations(SAM);
    assert_eq!(
        (all.len(), world.said(all[0]), world.said(all[1])),
        (2, vec!["one".into()], vec!["one".into(), "two".into()])
    );
    assert!(world.is_closed(all[0]) && !world.is_closed(all[1]));
    assert!(world.notes(all[0])[0].contains("made twice"), "{:?}", world.notes(all[0]));
    world.reply(all[0], "<p>Hi Sam.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."]);
}

#[test]
fn an_agents_reply_before_we_know_the_conversation_reaches_sam() {
    let mut world = World::new(&Stage::default());
    world.helpscout.set_list_lag(100_000);
    spoil(&mut world, Service::HelpScout, &Kind::LostAnswer, "/v2/conversations", 1);
    world.faults.switch_on(Service::HelpScout, Kind::Delay { ms: 20_000 });
    world.text(SAM, "one");
    world.run_for(3_000);
    world.reply(world.conversation(SAM), "<p>Hi Sam.</p>");
    world.settle(1);
    assert_eq!((world.conversations(SAM).len(), world.phone(SAM)), (1, vec![GREETING.to_owned(), "Hi Sam.".into()]));
}

#[test]
fn a_help_scout_that_takes_half_a_minute_for_every_call_holds_up_no_greeting() {
    let mut world = World::new(&Stage::default());
    world.faults.switch_on(Service::HelpScout, Kind::Hold { ms: 30_000 });
    for person in [SAM, KIM] {
        world.text(person, "hello");
    }
    world.run_for(3_000);
    assert_eq!((world.phone(SAM), world.phone(KIM)), (vec![GREETING.to_owned()], vec![GREETING.to_owned()]));
}

#[test]
fn a_crash_at_any_instant_changes_nothing() {
    let story = |crash_at: Option<i64>| {
        let mut world = World::new(&Stage::default());
        world.text(SAM, "T00001 hello");
        let begun = world.now;
        for step in 0..60 {
            if crash_at == Some(step) {
                world.crash_all();
            }
            if step == 30 {
                world.reply_with(world.conversation(SAM), "<p>R00001 Hi Sam.</p>", "R00001", &[]);
            }
            world.run_until(begun + 1_000 + step * 200);
        }
        assert!(world.settle(1));
        assert_eq!(world.broken_promises(), [""; 0], "crash at {crash_at:?}");
        assert_eq!(world.phone(SAM).len(), 2, "crash at {crash_at:?}");
    };
    (0..60).for_each(|step| story(Some(step)));
}

/// How long after it left a create is settled that Help Scout shows.
const SETTLED: i64 = 30_000;

/// The answer is lost, by silence or with the process, and the work is done at once or some seconds late.
#[test]
fn what_help_scout_shows_is_settled_within_half_a_minute() {
    for (path, first) in [("/v2/conversations", true), ("/customer", false)] {
        for kind in
            [Kind::LostAnswer, Kind::Hold { ms: 12_000 }, Kind::Hold { ms: 22_000 }, Kind::DoneStatus { status: 504 }]
        {
            for lag in [0, 7_000] {
                for crash in [false, true] {
                    let mut world = World::new(&Stage::default());
                    world.helpscout.set_list_lag(lag);
                    world.faults.switch_on(Service::HelpScout, Kind::Drop);
                    if !first {
                        world.text(SAM, "zero");
                        world.run_for(MINUTE);
                    }
                    spoil(&mut world, Service::HelpScout, &kind, path, 1);
                    world.text(SAM, "one");
                    world.text(SAM, "two");
                    world.run_for(400);
                    if crash {
                        world.crash_all();
                    }
                    world.run_for(SETTLED);
                    let said = world.said(world.conversation(SAM));
                    assert_eq!(said.last().unwrap(), "two", "{path} {kind:?} {lag} {crash}: {said:?}");
                    world.settle(1);
                    assert_eq!(world.conversations(SAM).len(), 1);
                    let said = world.said(world.conversation(SAM));
                    assert_eq!(said, &["zero", "one", "two"][usize::from(first)..], "{path} {kind:?} {lag} {crash}");
                }
            }
        }
    }
}

#[test]
fn tokens_that_end_are_renewed_and_nothing_is_lost() {
    let (mut world, conversation) = with_sam();
    world.helpscout.revoke_tokens();
    world.text(SAM, "one");
    world.settle(1);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(1);
    assert_eq!((world.said(conversation).len(), world.phone(SAM).len()), (2, 2));
}

#[test]
fn an_account_that_is_refused_waits_until_it_is_mended() {
    let (mut world, conversation) = with_sam();
    let refused = Kind::Status { status: 403, headers: [].into(), body: json!(null) };
    let rule = world.faults.switch_on(Service::HelpScout, refused);
    world.text(SAM, "one");
    world.text(SAM, "two");
    world.run_for(200 * MINUTE);
    world.faults.clear(Service::HelpScout, Some(rule));
    world.settle(1);
    assert_eq!(world.said(conversation), ["hello", "one", "two"]);
    assert_eq!(world.counted("failed: account: refused by the service (403, or its inbox is gone)"), 1);
}

#[test]
fn texts_to_an_inbox_that_is_gone_wait_until_it_is_back() {
    let mut world = World::new(&Stage::default());
    let inboxes = std::mem::take(&mut world.helpscout.settings_mut().inboxes);
    world.text(SAM, "one");
    world.text(SAM, "two");
    world.run_for(200 * MINUTE);
    assert!(world.conversations(SAM).is_empty());
    world.helpscout.settings_mut().inboxes = inboxes;
    world.settle(1);
    assert_eq!(world.said(world.conversation(SAM)), ["one", "two"]);
    assert_eq!(world.counted("failed: account: refused by the service (403, or its inbox is gone)"), 1);
}

#[test]
fn help_scouts_minute_is_never_overdrawn_and_its_429_is_obeyed() {
    let mut world = World::new(&Stage::default());
    world.helpscout.settings_mut().limit_per_minute = 200;
    for person in 0..150 {
        world.text(&format!("+15550102{person:03}"), "hello");
    }
    world.settle(1);
    assert_eq!((world.ledger.limited, world.helpscout.conversations().count()), (0, 150));

    let headers = [("retry-after".to_owned(), "30".to_owned())].into();
    spoil(&mut world, Service::HelpScout, &Kind::Status { status: 429, headers, body: json!(null) }, "/customer", 1);
    world.text("+15550102000", "again");
    world.run_for(2_000);
    let before = world.ledger.helpscout_requests.len();
    world.text("+15550102001", "again");
    world.run_for(27_000);
    assert_eq!(world.ledger.helpscout_requests.len(), before, "everybody waits");
    world.run_for(3_000);
    assert_eq!(world.ledger.helpscout_requests.len(), before + 2);
}

#[test]
fn what_other_programs_use_of_help_scouts_minute_is_left_to_them() {
    let mut world = World::new(&Stage::default());
    world.text(SAM, "hello");
    world.run_for(MINUTE);
    world.helpscout.settings_mut().limit_per_minute = 200;
    world.helpscout.spend_budget(world.now.cast_unsigned(), 150);
    world.text(SAM, "and?");
    world.run_for(2_000);
    for person in 0..60 {
        world.text(&format!("+15550102{person:03}"), "hello");
    }
    world.settle(1);
    assert_eq!((world.ledger.limited, world.helpscout.conversations().count()), (0, 61));
}

/// The transcript is edited into the first voicemail's thread, so that the second one's is the only one which says that.
#[test]
fn two_voicemails_of_one_minute_that_say_the_same_are_there_twice_and_not_thrice() {
    let mut world = World::new(&Stage::default());
    let script = Script::new().speaks(5);
    world.call(SAM, script.clone());
    world.run_for(30_000);
    world.call(SAM, script);
    spoil(&mut world, Service::HelpScout, &Kind::LostAnswer, "/customer", 1);
    world.settle(1);
    let conversation = world.conversation(SAM);
    let said = world.said(conversation);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|it| it.starts_with("Voicemail at 2026-11-20 12:00 UTC, 5 s.")), "{said:?}");
}
