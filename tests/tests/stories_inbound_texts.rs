//! Texts from supporters to the agents: one promise for each story.

use ringside_tests::world::World;
use ringside_tests::world::stage::{DRIVERS_NUMBER, GREETING, Stage, TROUBLE, VOTERS_NUMBERS};

use emulator::faults::{Kind, Rule, Service};
use serde_json::json;

const SAM: &str = "+15550100101";
const KIT: &str = "+447700900123";
const MINUTE: i64 = 60_000;

fn world() -> World {
    World::new(&Stage::default())
}

/// The next so many requests that a part of the path names meet a fault.
fn spoil(world: &mut World, kind: Kind, path_contains: &str, times: u32) {
    let rule = Rule {
        id: 0,
        kind,
        method: Some("POST".into()),
        path_contains: Some(path_contains.into()),
        times: Some(times),
    };
    world.faults.add(Service::HelpScout, rule);
}

fn refusal() -> Kind {
    Kind::Status { status: 400, headers: [].into(), body: json!({"message": "Bad request"}) }
}

#[test]
fn sams_first_text_makes_a_conversation_and_is_greeted_once() {
    let mut world = world();
    world.text(SAM, "Where do I vote?\nIs <b>it</b> \"open\" & free?");
    world.settle(1);
    let conversation = world.conversation(SAM);
    let it = world.helpscout.conversation(conversation).unwrap();
    assert_eq!((it.kind.as_str(), it.tags.as_slice()), ("phone", &["sms".to_owned()][..]));
    assert_eq!(it.subject, "SMS from +1 555 010 0101");
    let html = &world.helpscout.threads(conversation)[0].text;
    assert_eq!(html, "Where do I vote?<br>Is &lt;b&gt;it&lt;/b&gt; &quot;open&quot; &amp; free?");
    world.text(SAM, "Hello?");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING]);
    assert_eq!(world.said(conversation).len(), 2);
}

#[test]
fn a_person_has_one_customer_in_help_scout_whichever_way_customers_are_known() {
    for phone_only in [false, true] {
        let mut world = World::new(&Stage { phone_only, ..Stage::default() });
        for text in ["one", "two"] {
            world.text(SAM, text);
            world.settle(1);
        }
        world.reply(world.conversation(SAM), "<p>Yes.</p>");
        world.settle(1);
        assert_eq!(world.helpscout.customers().count(), 1, "phone only: {phone_only}");
        assert_eq!(world.said(world.conversation(SAM)), ["one", "two"]);
        assert_eq!(world.phone(SAM), [GREETING, "Yes."], "phone only: {phone_only}");
    }
}

#[test]
fn a_lost_answer_to_a_create_of_the_customer_makes_no_second_customer() {
    let mut world = World::new(&Stage { phone_only: true, ..Stage::default() });
    spoil(&mut world, Kind::LostAnswer, "/v2/customers", 1);
    world.text(SAM, "hello");
    world.settle(1);
    assert_eq!((world.helpscout.customers().count(), world.conversations(SAM).len()), (1, 1));
}

#[test]
fn twenty_texts_in_an_outage_keep_their_order_and_sam_is_told_once() {
    let mut world = world();
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    let texts: Vec<String> = (1..=20).map(|number| format!("text {number}")).collect();
    for text in &texts {
        world.text(SAM, text);
        world.run_for(MINUTE);
    }
    assert_eq!(world.phone(SAM), [GREETING, TROUBLE]);
    world.faults.clear(Service::HelpScout, Some(outage));
    world.settle(1);
    assert_eq!(world.said(world.conversation(SAM)), texts);
    assert_eq!((world.conversations(SAM).len(), world.phone(SAM).len()), (1, 2));

    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: false });
    world.text(SAM, "again");
    world.run_for(30 * MINUTE);
    assert_eq!(world.phone(SAM), [GREETING, TROUBLE, TROUBLE], "another outage is told of again");
}

#[test]
fn twenty_first_texts_at_once_make_one_conversation() {
    let mut world = world();
    let texts: Vec<String> = (1..=20).map(|number| format!("text {number}")).collect();
    for text in &texts {
        world.text(SAM, text);
    }
    world.settle(1);
    assert_eq!((world.conversations(SAM).len(), world.phone(SAM)), (1, vec![GREETING.to_owned()]));
    assert_eq!(world.said(world.conversation(SAM)), texts);
}

#[test]
fn a_webhook_that_comes_ten_times_in_any_order_is_one_text() {
    let mut world = world();
    world.faults.switch_on(Service::Twilio, Kind::Duplicate { copies: 10 });
    world.faults.switch_on(Service::Twilio, Kind::Reorder { window_ms: 20_000 });
    world.faults.switch_on(Service::HelpScout, Kind::Duplicate { copies: 10 });
    world.text(SAM, "hello");
    world.run_for(5 * MINUTE);
    let conversation = world.conversation(SAM);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(1);
    assert_eq!(world.said(conversation), ["hello"]);
    assert_eq!(world.phone(SAM), [GREETING, "Hi Sam."]);
    assert_eq!(world.notes(conversation), ["Delivered as a text to +1 555 010 0101. “Hi Sam.”"]);
}

#[test]
fn the_same_words_twice_are_two_texts() {
    let mut world = world();
    spoil(&mut world, Kind::LostAnswer, "/customer", 2);
    for _ in 0..3 {
        world.text(SAM, "hello?");
        world.run_for(MINUTE);
    }
    world.settle(1);
    assert_eq!(world.said(world.conversation(SAM)), ["hello?"; 3]);
}

#[test]
fn stop_from_a_stranger_is_not_greeted_and_is_posted() {
    let mut world = world();
    world.text(SAM, "STOP");
    world.settle(1);
    assert_eq!(world.made_for(SAM), []);
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["STOP"]);
    assert!(world.notes(conversation)[0].contains("opted out"), "{:?}", world.notes(conversation));
}

#[test]
fn senders_who_cannot_be_texted_are_posted_and_not_greeted() {
    for from in ["12345", "ACME", "anonymous"] {
        let mut world = world();
        world.text(from, "Your code is 1");
        world.settle(1);
        let conversation = world.helpscout.conversations().next().map(|it| it.id).unwrap();
        assert_eq!(world.said(conversation), ["Your code is 1"], "{from}");
        world.reply(conversation, "<p>Who are you?</p>");
        world.settle(1);
        assert_eq!(world.twilio.sent(), [], "{from}");
        assert!(world.notes(conversation)[0].contains("cannot be texted"), "{from}: {:?}", world.notes(conversation));
    }
}

#[test]
fn pictures_are_attached_and_one_that_cannot_be_had_is_named() {
    let mut world = world();
    world.text_to(SAM, VOTERS_NUMBERS[0], "look", &["image/png", "audio/ogg"]);
    world.settle(1);
    let conversation = world.conversation(SAM);
    let files = |world: &World, at: usize| world.helpscout.threads(conversation)[at].attachments.len();
    assert_eq!((files(&world, 0), world.said(conversation)), (2, vec!["look".to_owned()]));
    assert_eq!(world.helpscout.conversation(conversation).unwrap().tags, ["mms"]);

    let gone = Rule {
        id: 0,
        kind: Kind::Status { status: 404, headers: [].into(), body: json!(null) },
        method: Some("GET".into()),
        path_contains: Some("/Media/".into()),
        times: None,
    };
    world.faults.add(Service::Twilio, gone);
    world.text_to(SAM, VOTERS_NUMBERS[0], "and this", &["image/gif"]);
    world.settle(1);
    let said = world.said(conversation);
    assert_eq!((files(&world, 1), said.len()), (0, 2));
    assert_eq!(said[1], "and this [Attachment 1 (image/gif) could not be fetched from Twilio. Open it]");
}

#[test]
fn media_that_are_late_are_waited_for() {
    let mut world = world();
    world.twilio.settings_mut().media_ready_after_ms = 6_000;
    world.text_to(SAM, VOTERS_NUMBERS[0], "", &["image/png"]);
    world.settle(1);
    let thread = world.helpscout.threads(world.conversation(SAM))[0].clone();
    assert_eq!((thread.attachments.len(), thread.text.as_str()), (1, "(no text)"));
}

#[test]
fn what_help_scout_refuses_for_good_does_not_hold_up_later_texts() {
    for (refusals, shown, files) in [
        (1, "[Attachment 1 (image/png) could not be attached. Open it]", 0),
        (2, "could not be shown here: Help Scout refused its content", 0),
    ] {
        let mut world = world();
        world.text(SAM, "first");
        world.settle(1);
        spoil(&mut world, refusal(), "/customer", refusals);
        world.text_to(SAM, VOTERS_NUMBERS[0], "refused", &["image/png"]);
        world.text(SAM, "later");
        world.settle(1);
        let conversation = world.conversation(SAM);
        let said = world.said(conversation);
        assert!(said[1].contains(shown), "{refusals} refusals: {said:?}");
        assert_eq!((said.len(), said[2].as_str()), (3, "later"));
        assert_eq!(world.helpscout.threads(conversation)[1].attachments.len(), files);
    }
}

#[test]
fn a_text_that_is_refused_even_as_a_placeholder_is_counted() {
    let mut world = world();
    world.text(SAM, "first");
    world.settle(1);
    spoil(&mut world, refusal(), "/customer", 3);
    world.text(SAM, "refused");
    world.text(SAM, "later");
    world.settle(1);
    assert_eq!(world.said(world.conversation(SAM)), ["first", "later"]);
    assert_eq!(world.counted("failed: text"), 1);
}

#[test]
fn a_person_who_texts_two_hotlines_has_a_conversation_at_each() {
    let mut world = world();
    world.text(SAM, "to the voters");
    world.text_to(SAM, DRIVERS_NUMBER, "to the drivers", &[]);
    world.settle(1);
    assert_eq!((world.conversations(SAM).len(), world.phone(SAM).len()), (2, 2));
}

#[test]
fn whatsapp_comes_in_with_its_tag() {
    let mut world = world();
    world.whatsapp(KIT, "hello");
    world.settle(1);
    let it = world.helpscout.conversation(world.conversation(KIT)).unwrap();
    assert_eq!(
        (it.subject.as_str(), it.tags.as_slice()),
        ("WhatsApp from +44 7700 900123", &["whatsapp".to_owned()][..])
    );
    assert_eq!(world.phone(KIT), [GREETING]);
}

/// WhatsApp's names are longer than Help Scout's, and made of what counts twice there.
#[test]
fn whoever_has_a_long_name_on_whatsapp_is_heard_and_known_by_its_beginning() {
    for phone_only in [false, true] {
        for (name, known_as) in [
            ("🦄".repeat(40), "🦄".repeat(20)),
            ("👨‍👩‍👧‍👦".repeat(7), "👨‍👩‍👧‍👦".repeat(3)),
            ("Wilhelmina ".repeat(7), "Wilhelmina ".repeat(3) + "Wilhelm"),
            (" \u{7} ".to_owned(), "+44 7700 900123".to_owned()),
        ] {
            let mut world = World::new(&Stage { phone_only, ..Stage::default() });
            world.twilio.set_profile_name(KIT, &name);
            world.whatsapp(KIT, "hello");
            world.settle(1);
            let conversation = world.conversation(KIT);
            assert_eq!(world.said(conversation), ["hello"], "{name}");
            let customer = world.helpscout.conversation(conversation).unwrap().customer;
            let known = world.helpscout.customers().find(|it| it.id == customer).unwrap();
            assert_eq!(
                (known.first.as_str(), world.phone(KIT).len()),
                (known_as.as_str(), 1),
                "phone only: {phone_only}"
            );
        }
    }
}

#[test]
fn a_further_text_costs_what_the_budget_says() {
    let mut world = world();
    world.text(SAM, "first");
    world.settle(1);
    let rows = |world: &World| world.objects.values().map(|object| object.store.rows_written()).sum::<u64>();
    let before = (world.ledger.helpscout_requests.len(), rows(&world), world.object_requests);
    world.text(SAM, "second");
    world.run_for(MINUTE);
    assert_eq!(world.ledger.helpscout_requests.len() - before.0, 1, "requests to Help Scout");
    let (rows, objects) = (rows(&world) - before.1, world.object_requests - before.2);
    assert!(rows <= 9, "{rows} rows");
    assert!(objects <= 3, "{objects} requests to objects");
}
