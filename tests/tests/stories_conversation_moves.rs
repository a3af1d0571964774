//! Conversations that fill up, close, move, merge and vanish: one promise for each story.

use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::stage::{DRIVERS, DRIVERS_NUMBER, GREETING, OFFICE, Stage, VOTERS};

use emulator::faults::{Kind, Rule, Service};
use hotline::helpscout::webhook::{Event, Happening};
use hotline::storage::Store;
use serde_json::json;

const SAM: &str = "+15550100101";
const KIM: &str = "+15550100102";
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn with_sam(stage: &Stage) -> (World, u64) {
    let mut world = World::new(stage);
    let conversation = world.settled_text(SAM, "hello from Sam");
    (world, conversation)
}

fn usual() -> (World, u64) {
    with_sam(&Stage::default())
}

fn merge(world: &mut World, from: u64, into: u64) {
    world.agent_acts("merge", &json!({"from": from, "into": into}));
}

fn texts_to(world: &World, person: &str) -> Vec<String> {
    world.phone(person).into_iter().filter(|body| body != GREETING).collect()
}

#[test]
fn a_conversation_with_ninety_threads_is_followed_by_another() {
    let (mut world, first) = usual();
    for number in 2..=95 {
        world.text(SAM, &format!("text {number}"));
        world.run_for(2_000);
    }
    world.settle(1);
    let all = world.conversations(SAM);
    assert_eq!((all.len(), world.said(first).len(), world.said(all[1]).len()), (2, 90, 5));
    world.reply(first, "<p>late</p>");
    world.reply(all[1], "<p>soon</p>");
    world.settle(1);
    let mut shown = texts_to(&world, SAM);
    shown.sort();
    assert_eq!(shown, ["late", "soon"], "replies in both still reach Sam");
}

#[test]
fn a_conversation_that_takes_no_more_is_followed_by_another() {
    for status in [412, 423] {
        let (mut world, first) = usual();
        world.helpscout.settings_mut().full_status = status;
        world.agent_acts("line_items", &json!({"conversation": first, "n": 98}));
        world.text(SAM, "more");
        world.text(SAM, "and more");
        world.settle(1);
        let second = world.conversation(SAM);
        assert_eq!(
            (world.said(first).len(), world.said(second)),
            (1, vec!["more".to_owned(), "and more".into()]),
            "{status}"
        );
    }
}

#[test]
fn a_closed_conversation_goes_on_or_not_as_the_hotline_wishes() {
    for (threading, wait, conversations) in [
        (json!("one"), DAY, 1),
        (json!("new_after_close"), MINUTE, 2),
        (json!({"days": 7}), MINUTE, 1),
        (json!({"days": 7}), 8 * DAY, 2),
    ] {
        for status in ["closed", "spam"] {
            let (mut world, first) = with_sam(&Stage::with("threading", threading.clone()));
            world.agent_acts("status", &json!({"conversation": first, "status": status}));
            world.run_for(wait);
            world.text(SAM, "again");
            world.text(SAM, "and again");
            world.settle(1);
            assert_eq!(world.conversations(SAM).len(), conversations, "{threading} {status}");
            assert_eq!(world.said(world.conversation(SAM)).last().unwrap(), "and again");
            assert!(!world.is_closed(world.conversation(SAM)), "{threading} {status}: agents see it");
        }
    }
}

#[test]
fn a_conversation_that_is_still_open_goes_on_where_closed_ones_do_not() {
    let (mut world, first) = with_sam(&Stage::with("threading", json!("new_after_close")));
    world.text(SAM, "again");
    world.settle(1);
    assert_eq!(world.said(first).len(), 2);
}

#[test]
fn a_deleted_conversation_is_followed_by_another_and_forgotten() {
    let (mut world, first) = usual();
    world.agent_acts("delete", &json!({"conversation": first}));
    let second = world.settled_text(SAM, "still there?");
    assert_eq!((world.conversations(SAM).len(), world.said(second)), (2, vec!["still there?".to_owned()]));
    assert!(!world.rows_hold("hello from Sam"), "our copy of its texts goes too");
}

#[test]
fn a_deletion_that_we_did_not_hear_of_is_noticed() {
    let (mut world, first) = usual();
    world.faults.switch_on(emulator::faults::Service::HelpScout, emulator::faults::Kind::Drop);
    world.agent_acts("delete", &json!({"conversation": first}));
    let second = world.settled_text(SAM, "still there?");
    assert_eq!(world.said(second), ["still there?"]);
}

#[test]
fn what_was_said_goes_with_a_deletion_that_nobody_told_of() {
    for readable in [false, true] {
        let (mut world, first) = usual();
        world.helpscout.settings_mut().deleted_is_readable = readable;
        let rule = world.faults.switch_on(Service::HelpScout, Kind::Drop);
        world.agent_acts("delete", &json!({"conversation": first}));
        world.faults.clear(Service::HelpScout, Some(rule));
        world.settled_text(SAM, "still there?");
        world.settle(1);
        assert!(!world.rows_hold("hello from Sam"), "deleted, readable: {readable}");
        assert!(world.rows_hold("still there?"));
    }
}

/// After 60 days Help Scout says of a merged conversation what it says of a deleted one.
#[test]
fn a_merge_of_long_ago_is_no_deletion() {
    let (mut world, sams) = usual();
    let mail = mail(&mut world);
    let rule = world.faults.switch_on(Service::HelpScout, Kind::Drop);
    merge(&mut world, sams, mail);
    world.faults.clear(Service::HelpScout, Some(rule));
    world.run_for(61 * DAY);
    let second = world.settled_text(SAM, "still there?");
    world.settle(1);
    assert_eq!(world.said(second), ["still there?"]);
    assert!(world.rows_hold("hello from Sam"), "it stands in Help Scout, and our timeline of it is empty");
}

/// The name of an event is in a header that nobody signs.
#[test]
fn an_event_that_is_called_a_deletion_deletes_nothing() {
    for happening in [Happening::Deleted, Happening::Moved] {
        let (mut world, first) = usual();
        let mailbox = (happening == Happening::Moved).then_some(OFFICE);
        let (kind, email) = (String::new(), String::new());
        let ai_replies = Vec::new();
        world.hears_event(&Event { happening, conversation: first, mailbox, kind, threads: None, email, ai_replies });
        world.settle(1);
        world.text(SAM, "still there?");
        world.settle(1);
        assert_eq!(world.said(first), ["hello from Sam", "still there?"], "{happening:?}");
        assert!(world.rows_hold("hello from Sam"), "{happening:?}");
    }
}

/// Nor when it is out of sight for the minute in which that is said.
#[test]
fn an_event_that_is_called_a_deletion_deletes_nothing_that_comes_back() {
    let (mut world, first) = usual();
    let kind = Kind::Status { status: 404, headers: [].into(), body: json!(null) };
    let path_contains = Some(format!("/v2/conversations/{first}"));
    let rule = world.faults.add(Service::HelpScout, Rule { id: 0, kind, method: None, path_contains, times: None });
    let (kind, email, ai_replies) = (String::new(), String::new(), Vec::new());
    let (happening, mailbox) = (Happening::Deleted, None);
    world.hears_event(&Event { happening, conversation: first, mailbox, kind, threads: None, email, ai_replies });
    world.run_for(MINUTE);
    world.faults.clear(Service::HelpScout, Some(rule));
    world.settle(1);
    assert!(world.rows_hold("hello from Sam"));
    world.reply(first, "<p>Hi Sam.</p>");
    world.text(SAM, "thanks");
    world.settle(1);
    assert_eq!((texts_to(&world, SAM), world.said(first).len()), (vec!["Hi Sam.".to_owned()], 2));
}

/// Help Scout says 404 of one conversation for a minute, in an inbox that is there.
#[test]
fn a_404_of_a_minute_wipes_nothing() {
    let (mut world, first) = usual();
    let kind = Kind::Status { status: 404, headers: [].into(), body: json!(null) };
    let path_contains = Some(format!("/v2/conversations/{first}"));
    let rule = world.faults.add(Service::HelpScout, Rule { id: 0, kind, method: None, path_contains, times: None });
    world.reply(first, "<p>Hi Sam.</p>");
    world.run_for(MINUTE);
    world.faults.clear(Service::HelpScout, Some(rule));
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["Hi Sam."]);
    assert!(world.rows_hold("hello from Sam"));
    world.text(SAM, "thanks");
    world.settle(1);
    assert_eq!(world.said(first).last().unwrap(), "thanks");
}

/// The user whose application we are loses the inbox for a while, whatever is under way.
#[test]
fn an_inbox_that_is_out_of_sight_for_a_while_costs_nothing() {
    for wait in [MINUTE, 3 * 60 * MINUTE] {
        let (mut world, sams) = usual();
        let kims = world.settled_text(KIM, "hello from Kim");
        // One reply waits for the sender, one is still to be read; a text's answer is lost; somebody new texts.
        world.reply(kims, &format!("<p>{}</p>", "word ".repeat(900)));
        world.reply(kims, "<p>to Kim, who waits</p>");
        world.run_for(6_000);
        spoil(&mut world, Kind::LostAnswer, "/customer");
        world.text(SAM, "whose answer is lost");
        world.run_for(100);
        spoil(&mut world, Kind::LostAnswer, "/v2/conversations");
        world.text("+15550100103", "hello from Lee");
        world.run_for(100);
        world.helpscout.settings_mut().hidden_inboxes = vec![VOTERS];
        world.text(SAM, "meanwhile");
        world.text(SAM, "STOP");
        world.text(SAM, "START");
        world.reply(sams, "<p>to Sam</p>");
        world.run_for(wait);
        world.helpscout.settings_mut().hidden_inboxes.clear();
        world.settle(1);
        assert_eq!(
            world.said(sams),
            ["hello from Sam", "whose answer is lost", "meanwhile", "STOP", "START"],
            "{wait}"
        );
        let opted = world.notes(sams).iter().filter(|note| note.starts_with("This person has opted")).count();
        let texts = texts_to(&world, SAM);
        assert_eq!((opted, texts.last().unwrap().as_str()), (2, "to Sam"), "{wait}: {:?}", world.notes(sams));
        assert_eq!(texts_to(&world, KIM).last().unwrap(), "to Kim, who waits", "{wait}: {:?}", world.notes(kims));
        for person in [SAM, KIM, "+15550100103"] {
            assert_eq!(world.conversations(person).len(), 1, "{wait} {person}");
        }
        assert!(world.rows_hold("hello from Sam"), "{wait}");
        assert!(world.counted("failed: account: refused by the service (403, or its inbox is gone)") > 0);
    }
}

#[test]
fn a_reply_that_waits_in_a_deleted_conversation_is_told_of_and_holds_up_no_other() {
    let (mut world, first) = usual();
    world.reply(first, &format!("<p>{}</p>", "word ".repeat(900)));
    world.reply(first, "<p>never mind</p>");
    world.run_for(7_000);
    world.agent_acts("delete", &json!({"conversation": first}));
    let second = world.settled_text(SAM, "hello?");
    world.reply(second, "<p>here</p>");
    world.run_for(5 * MINUTE);
    let texts = texts_to(&world, SAM);
    assert!(texts.last().unwrap() == "here" && !texts.contains(&"never mind".to_owned()), "{texts:?}");
    world.settle(1);
    let told = world
        .notes(second)
        .iter()
        .any(|note| note.contains("“never mind” Its conversation could not be found any more"));
    assert!(told, "{:?}", world.notes(second));
    assert!(!world.rows_hold("never mind"));
}

#[test]
fn a_deleted_conversation_takes_our_copy_of_what_was_merged_into_it() {
    for chain in [false, true] {
        let (mut world, sams) = usual();
        let place = if chain {
            let kims = world.settled_text(KIM, "hello from Kim");
            merge(&mut world, sams, kims);
            let mail = mail(&mut world);
            merge(&mut world, kims, mail);
            mail
        } else {
            let mail = mail(&mut world);
            merge(&mut world, sams, mail);
            mail
        };
        world.settle(1);
        assert!(world.rows_hold("hello from Sam"));
        world.agent_acts("delete", &json!({"conversation": place}));
        world.settle(1);
        assert!(!world.rows_hold("hello from"), "our copy stays for ever: {chain}");
    }
}

#[test]
fn a_deleted_conversation_of_somebody_else_takes_our_copy_of_what_was_merged_into_it() {
    for deaf in [false, true] {
        let (mut world, sams) = usual();
        let kims = world.settled_text(KIM, "hello from Kim");
        let rule = deaf.then(|| world.faults.switch_on(Service::HelpScout, Kind::Drop));
        merge(&mut world, sams, kims);
        if let Some(rule) = rule {
            world.faults.clear(Service::HelpScout, Some(rule));
        }
        world.settled_text(SAM, "again from Sam");
        world.agent_acts("delete", &json!({"conversation": kims}));
        world.settle(1);
        assert!(!world.rows_hold("hello from"), "our copy stays for ever: {deaf}");
        assert!(world.rows_hold("again from Sam"));
    }
}

#[test]
fn a_deleted_conversation_takes_our_copy_of_a_create_that_was_repeated() {
    let mut world = World::new(&Stage::default());
    spoil_create(&mut world);
    let conversation = world.settled_text(SAM, "a very private thing");
    world.agent_acts("delete", &json!({"conversation": conversation}));
    world.settle(1);
    assert!(!world.rows_hold("private"), "our copy stays for ever");
}

#[test]
fn what_agents_wrote_in_the_sidebar_goes_with_its_conversation() {
    let (mut world, first) = usual();
    world.twilio.set_delivery_outcome(SAM, emulator::twilio::DeliveryOutcome::UNREACHABLE);
    assert_eq!(world.write("3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21", SAM, "from the sidebar"), 202);
    world.run_for(MINUTE);
    world.agent_acts("delete", &json!({"conversation": first}));
    world.settle(1);
    assert!(!world.rows_hold("from the sidebar"));
}

#[test]
fn a_conversation_moved_to_another_inbox_says_so_and_is_left() {
    let (mut world, first) = usual();
    world.agent_acts("move", &json!({"conversation": first, "mailbox": OFFICE}));
    assert!(world.notes(first)[0].contains("left the inbox of Voter hotline"), "{:?}", world.notes(first));
    world.reply(first, "<p>from the office</p>");
    let second = world.settled_text(SAM, "hm?");
    assert_ne!(first, second);
    assert!(texts_to(&world, SAM).is_empty());
}

#[test]
fn a_conversation_moved_to_another_hotline_is_not_taken_for_one_of_its_own() {
    let (mut world, first) = usual();
    world.reply(first, "<p>before</p>");
    world.settle(1);
    world.settled_text(SAM, "more");
    world.text_to(SAM, DRIVERS_NUMBER, "a ride?", &[]);
    world.settle(1);
    world.agent_acts("move", &json!({"conversation": first, "mailbox": DRIVERS}));
    world.reply(first, "<p>after</p>");
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["before"]);
    let notes = world.notes(first);
    assert!(!world.is_closed(first) && notes.last().unwrap().starts_with("This reply was not sent"), "{notes:?}");
}

#[test]
fn a_merge_into_a_conversation_of_the_same_person_is_followed() {
    let (mut world, first) = usual();
    world.helpscout.settings_mut().too_old_ms = Some(DAY.cast_unsigned());
    world.run_for(2 * DAY);
    let second = world.settled_text(SAM, "two days later");
    world.helpscout.settings_mut().too_old_ms = None;
    merge(&mut world, second, first);
    world.settled_text(SAM, "and now");
    world.reply(first, "<p>here</p>");
    world.settle(1);
    assert_eq!(world.said(first), ["hello from Sam", "two days later", "and now"]);
    assert_eq!((world.conversations(SAM).len(), texts_to(&world, SAM)), (2, vec!["here".to_owned()]));
}

#[test]
fn after_a_merge_into_somebody_elses_conversation_replies_go_to_that_one_only() {
    let (mut world, sams) = usual();
    let kims = world.settled_text(KIM, "hello from Kim");
    world.reply(sams, "<p>for Sam alone</p>");
    world.run_for(MINUTE);
    merge(&mut world, sams, kims);
    let note = "The conversation with +1 555 010 0101 was merged into this one, which belongs to somebody else.";
    assert!(world.notes(kims).iter().any(|words| words.starts_with(note)), "{:?}", world.notes(kims));
    world.reply(kims, "<p>for Kim alone</p>");
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["for Sam alone"]);
    assert_eq!(texts_to(&world, KIM), ["for Kim alone"]);
    let again = world.settled_text(SAM, "hello again");
    assert!(again != sams && again != kims);
}

#[test]
fn a_reply_that_waits_while_a_strangers_conversation_is_merged_in_is_not_sent_to_the_wrong_one() {
    let (mut world, sams) = usual();
    let kims = world.settled_text(KIM, "hello from Kim");
    world.reply(sams, "<p>for Sam alone</p>");
    world.reply(kims, "<p>for Kim alone</p>");
    world.run_for(1_000);
    merge(&mut world, sams, kims);
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["for Sam alone"], "Help Scout says that it was written to Sam");
    assert!(!texts_to(&world, KIM).contains(&"for Sam alone".to_owned()));
    let reply = world.notes(kims).iter().filter(|note| note.contains("send it again if it was meant for them")).count();
    assert_eq!((texts_to(&world, KIM).len(), reply), (0, 1), "{:?}", world.notes(kims));
}

#[test]
fn a_merge_into_ordinary_mail_is_followed_but_what_was_mailed_before_is_not_texted() {
    let (mut world, sams) = usual();
    let new = json!({"mailbox": VOTERS, "customer": {"email": "kim@example.com"}, "html": "<p>for Kim</p>"});
    let mail = world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap();
    world.reply(mail, "<p>for Kim too</p>");
    world.run_for(1_000);
    merge(&mut world, sams, mail);
    world.reply(mail, "<p>for Sam</p>");
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["for Sam"]);
    world.text(SAM, "thanks");
    world.settle(1);
    assert_eq!(world.said(mail).last().unwrap(), "thanks");
}

#[test]
fn a_merge_that_we_did_not_hear_of_is_noticed_by_the_next_text() {
    let (mut world, sams) = usual();
    let kims = world.settled_text(KIM, "hello from Kim");
    world.faults.switch_on(emulator::faults::Service::HelpScout, emulator::faults::Kind::Drop);
    merge(&mut world, sams, kims);
    let again = world.settled_text(SAM, "hello again");
    assert_eq!(world.said(again), ["hello again"]);
    assert_ne!(again, kims);
}

#[test]
fn a_second_merge_is_followed_from_the_first() {
    let (mut world, first) = usual();
    let new = json!({"mailbox": VOTERS, "customer": {"email": "kim@example.com"}, "html": "<p>for Kim</p>"});
    let mail = world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap();
    let other = world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap();
    merge(&mut world, first, mail);
    merge(&mut world, mail, other);
    world.text(SAM, "thanks");
    world.reply(other, "<p>for Sam</p>");
    world.settle(1);
    assert_eq!(
        (world.said(other).last().unwrap().as_str(), texts_to(&world, SAM)),
        ("thanks", vec!["for Sam".to_owned()])
    );
}

#[test]
fn ordinary_mail_into_which_two_people_were_merged_is_the_first_ones() {
    let (mut world, sams) = usual();
    let kims = world.settled_text(KIM, "hello from Kim");
    let new = json!({"mailbox": VOTERS, "customer": {"email": "lee@example.com"}, "html": "<p>for Lee</p>"});
    let mail = world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap();
    merge(&mut world, sams, mail);
    merge(&mut world, kims, mail);
    world.reply(mail, "<p>for Sam</p>");
    world.settle(1);
    assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec!["for Sam".to_owned()], vec![]));
}

#[test]
fn a_merge_across_two_hotlines_sends_nothing_twice() {
    for deaf in [false, true] {
        let (mut world, voters) = usual();
        world.text_to(SAM, DRIVERS_NUMBER, "a ride?", &[]);
        world.settle(1);
        let drivers = world.conversation(SAM);
        world.reply(drivers, "<p>coming</p>");
        world.run_for(MINUTE);
        let unheard = emulator::faults::Service::HelpScout;
        let rule = deaf.then(|| world.faults.switch_on(unheard, emulator::faults::Kind::Drop));
        merge(&mut world, drivers, voters);
        if let Some(rule) = rule {
            world.faults.clear(unheard, Some(rule));
        }
        world.text_to(SAM, DRIVERS_NUMBER, "when?", &[]);
        world.run_for(MINUTE);
        let again = world.conversation(SAM);
        let inbox = world.helpscout.conversation(again).map(|it| it.mailbox);
        assert_eq!((world.said(again), inbox), (vec!["when?".to_owned()], Some(DRIVERS)), "not heard of: {deaf}");
        world.reply(voters, "<p>at noon</p>");
        world.settle(1);
        assert_eq!(texts_to(&world, SAM), ["coming", "at noon"], "the merge was not heard of: {deaf}");
    }
}

#[test]
fn a_moved_conversation_of_another_hotline_is_not_found_in_place_of_a_lost_one() {
    let (mut world, voters) = usual();
    spoil_create(&mut world);
    world.text_to(SAM, DRIVERS_NUMBER, "a ride?", &[]);
    world.run_for(1_000);
    world.play("move", &json!({"conversation": voters, "mailbox": DRIVERS})).unwrap();
    world.settle(1);
    let drivers = world.conversation(SAM);
    assert_ne!(drivers, voters);
    assert_eq!(world.said(drivers), ["a ride?"]);
}

/// The next create of a conversation does not come to Help Scout.
fn spoil_create(world: &mut World) {
    spoil(world, Kind::Down { refuse: true }, "/v2/conversations");
}

/// What becomes of the next request that makes something there.
fn spoil(world: &mut World, kind: Kind, path_contains: &str) {
    let (method, path_contains) = (Some("POST".into()), Some(path_contains.into()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times: Some(1) });
}

/// Mail with somebody who has nothing to do with the hotline.
fn mail(world: &mut World) -> u64 {
    let new = json!({"mailbox": VOTERS, "customer": {"email": "kim@example.com"}, "html": "<p>for Kim</p>"});
    world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap()
}

/// The ways in which Help Scout may say that a conversation was merged.
fn merged_says(world: &mut World, write_status: u16, location_keeps_path: bool) {
    world.helpscout.settings_mut().merged = emulator::helpscout::Merged { write_status, location_keeps_path };
}

#[test]
fn after_a_merge_the_same_words_again_are_not_taken_for_those_of_before() {
    for kind in [Kind::Down { refuse: true }, Kind::Status { status: 500, headers: [].into(), body: json!(null) }] {
        let (mut world, sams) = usual();
        let mail = mail(&mut world);
        world.text(SAM, "hello?");
        world.run_for(MINUTE);
        merge(&mut world, sams, mail);
        for _ in 0..2 {
            spoil(&mut world, kind.clone(), "/customer");
            world.text(SAM, "hello?");
            world.run_for(10_000);
        }
        world.settle(1);
        assert_eq!(world.said(mail)[1..], ["hello?", "hello?", "hello?"], "{kind:?}");
    }
}

/// They were said so short a time before the merge that their instant tells nothing.
#[test]
fn right_after_a_merge_the_same_words_again_are_not_taken_for_those_of_before() {
    let (mut world, sams) = usual();
    let mail = mail(&mut world);
    world.text(SAM, "hello?");
    world.run_for(2_000);
    world.play("merge", &json!({"from": sams, "into": mail})).unwrap();
    world.run_for(6_000);
    spoil(&mut world, Kind::Down { refuse: true }, "/customer");
    world.text(SAM, "hello?");
    world.settle(1);
    assert_eq!(world.said(mail), ["hello from Sam", "hello?", "hello?"]);
}

/// Nobody knows their thread any more: so many others were made since, or a release before forgot it in a merge.
#[test]
fn words_of_an_hour_ago_are_not_taken_for_those_that_were_lost() {
    let (mut world, sams) = usual();
    world.text(SAM, "hello?");
    world.run_for(60 * MINUTE);
    world.crash_all();
    let store = &world.objects[&Name::Contact(VOTERS, SAM.into())].store;
    store.execute("UPDATE person SET ledger = '' WHERE id = 1", &[]).unwrap();
    spoil(&mut world, Kind::Down { refuse: true }, "/customer");
    world.text(SAM, "hello?");
    world.settle(1);
    assert_eq!(world.said(sams), ["hello from Sam", "hello?", "hello?"]);
}

/// The thread that came with each conversation is known by nobody's id.
#[test]
fn after_a_merge_opening_words_again_are_not_taken_for_those_of_before() {
    for hasty in [false, true] {
        let mut world = World::new(&Stage::with("threading", json!("new_after_close")));
        let wait = if hasty { 1_000 } else { DAY };
        let mut all = Vec::new();
        for _ in 0..2 {
            world.text(SAM, "call me");
            world.run_for(wait);
            all.push(world.conversation(SAM));
            world.play("status", &json!({"conversation": world.conversation(SAM), "status": "closed"})).unwrap();
        }
        let (first, second) = (all[0], all[1]);
        // An instant tells nothing of what was made within two minutes.
        world.play("merge", &json!({"from": second, "into": first})).unwrap();
        world.run_for(6_000);
        world.play("status", &json!({"conversation": first, "status": "active"})).unwrap();
        spoil(&mut world, Kind::Status { status: 500, headers: [].into(), body: json!(null) }, "/customer");
        world.text(SAM, "call me");
        world.settle(1);
        spoil(&mut world, Kind::LostAnswer, "/customer");
        world.text(SAM, "call me");
        world.settle(1);
        assert_eq!(world.said(first), ["call me"; 4], "{hasty}");
    }
}

#[test]
fn the_agents_opening_words_are_not_taken_for_the_persons() {
    let mut world = World::new(&Stage::with("threading", json!("new_after_close")));
    let before = world.settled_text(SAM, "hello");
    world.agent_acts("status", &json!({"conversation": before, "status": "closed"}));
    let first = world.settled_text(SAM, "ok");
    spoil(&mut world, Kind::LostAnswer, "/reply");
    assert_eq!(world.write("3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21", SAM, "ok"), 202);
    world.settle(1);
    let threads = world.helpscout.threads(first);
    assert_eq!(threads.iter().filter(|thread| thread.text == "ok").count(), 2);
}

#[test]
fn a_text_whose_answer_was_lost_before_a_merge_is_there_once() {
    for (write_status, keeps_path) in [(404, false), (404, true), (301, false), (301, true)] {
        for far in [1, 2] {
            let (mut world, sams) = usual();
            merged_says(&mut world, write_status, keeps_path);
            let places = [mail(&mut world), mail(&mut world)];
            spoil(&mut world, Kind::LostAnswer, "/customer");
            world.text(SAM, "and another thing");
            world.run_for(1_000);
            world.play("merge", &json!({"from": sams, "into": places[0]})).unwrap();
            if far == 2 {
                world.play("merge", &json!({"from": places[0], "into": places[1]})).unwrap();
            }
            world.text(SAM, "thanks");
            world.settle(1);
            let place = places[far - 1];
            assert_eq!(world.said(place), ["hello from Sam", "and another thing", "thanks"], "{write_status} {far}");
            assert_eq!(world.conversations(SAM), [sams], "{write_status} {far}");
        }
    }
}

#[test]
fn a_conversation_whose_answer_was_lost_before_a_merge_is_there_once() {
    for told in [false, true] {
        let (mut world, first) = with_sam(&Stage::with("threading", json!("new_after_close")));
        world.agent_acts("status", &json!({"conversation": first, "status": "closed"}));
        if !told {
            world.faults.switch_on(Service::HelpScout, Kind::Drop);
        }
        spoil(&mut world, Kind::LostAnswer, "/v2/conversations");
        world.text(SAM, "and another thing");
        world.run_for(300);
        let second = world.conversation(SAM);
        world.play("merge", &json!({"from": second, "into": first})).unwrap();
        world.settle(1);
        assert_eq!(world.said(first), ["hello from Sam", "and another thing"], "{told}");
        assert_eq!(world.conversations(SAM).len(), 2, "{told}");
    }
}

/// Writes say 404, reads say 200.
#[test]
fn a_conversation_that_takes_nothing_though_it_is_there_is_left_and_not_hammered() {
    for threading in [json!("one"), json!("new_after_close")] {
        let (mut world, first) = with_sam(&Stage::with("threading", threading.clone()));
        let kind = Kind::Status { status: 404, headers: [].into(), body: json!(null) };
        let (method, path_contains) = (Some("POST".into()), Some(format!("{first}/customer")));
        world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times: None });
        let before = world.ledger.helpscout_requests.len();
        world.text(SAM, "again");
        world.run_for(MINUTE);
        assert!(world.ledger.helpscout_requests.len() - before < 8, "{threading}");
        assert_eq!(world.said(world.conversation(SAM)), ["again"], "{threading}");
    }
}

#[test]
fn a_note_whose_answer_was_lost_before_a_merge_is_there_once() {
    let (mut world, sams) = usual();
    let mail = mail(&mut world);
    world.reply(sams, "<p>Hi Sam.</p>");
    spoil(&mut world, Kind::LostAnswer, "/notes");
    world.run_for(6_000);
    world.play("merge", &json!({"from": sams, "into": mail})).unwrap();
    world.settle(1);
    assert_eq!(world.notes(mail), ["Delivered as a text to +1 555 010 0101. “Hi Sam.”"]);
}

#[test]
fn a_reply_that_waits_for_the_sender_while_its_conversation_is_merged_is_sent() {
    for deaf in [false, true] {
        for keeps_path in [false, true] {
            let (mut world, sams) = usual();
            merged_says(&mut world, 404, keeps_path);
            let mail = mail(&mut world);
            // A long one goes before it: one segment a second.
            world.reply(sams, &format!("<p>{}</p>", "one ".repeat(1_500)));
            world.reply_with(sams, "<p>at noon</p>", "at noon", &[("map.png", "image/png")]);
            world.run_for(20_000);
            let rule = deaf.then(|| world.faults.switch_on(Service::HelpScout, Kind::Drop));
            merge(&mut world, sams, mail);
            if let Some(rule) = rule {
                world.faults.clear(Service::HelpScout, Some(rule));
            }
            world.settle(1);
            let notes = world.notes(mail);
            let sent = world.made_for(SAM).pop().unwrap();
            // The picture is fetched from where its conversation went.
            assert_eq!((sent.body.as_str(), sent.media.len()), ("at noon", 1), "{deaf} {keeps_path} {notes:?}");
            assert!(notes.last().unwrap().starts_with("Delivered as a text"), "{notes:?}");
        }
    }
}
