//! Help Scout says to whom a reply was written: agents change the customer of a conversation, and merge customers. No
//! event tells of it.

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, Stage, VOTERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const KIM: &str = "+15550100102";
const LEE: &str = "+15550100103";
const MINUTE: i64 = 60_000;

/// Sam and Kim, each with a conversation.
fn sam_and_kim(stage: &Stage) -> (World, u64, u64) {
    let mut world = World::new(stage);
    let sams = world.settled_text(SAM, "hello from Sam");
    let kims = world.settled_text(KIM, "hello from Kim");
    (world, sams, kims)
}

/// Customers by address and by id alone.
fn stages() -> [Stage; 2] {
    [Stage::default(), Stage { phone_only: true, ..Stage::default() }]
}

fn customer(world: &World, conversation: u64) -> u64 {
    world.helpscout.conversation(conversation).unwrap().customer
}

fn change_customer(world: &mut World, conversation: u64, customer: &Value) {
    world.agent_acts("change_customer", &json!({"conversation": conversation, "customer": customer}));
}

fn texts_to(world: &World, person: &str) -> Vec<String> {
    world.phone(person).into_iter().filter(|body| body != GREETING).collect()
}

const NOBODY: [String; 0] = [];

#[test]
fn a_reply_to_the_new_customer_is_not_texted_to_the_old_one() {
    for stage in stages() {
        let (mut world, sams, kims) = sam_and_kim(&stage);
        world.reply(sams, "<p>for Sam</p>");
        world.settle(1);
        let kim = customer(&world, kims);
        change_customer(&mut world, sams, &json!(kim));
        world.reply(sams, "<p>Your test was positive.</p>");
        world.run_for(MINUTE);
        world.reply(sams, "<p>Please call us.</p>");
        world.settle(1);
        let mode = stage.phone_only;
        assert_eq!(texts_to(&world, SAM), ["for Sam"], "{mode}");
        assert_eq!(texts_to(&world, KIM), ["Your test was positive.", "Please call us."], "{mode}");
        let notes = world.notes(sams);
        let to_kim = notes.iter().filter(|note| note.starts_with("Delivered as a text to +1 555 010 0102")).count();
        let told = notes.iter().filter(|note| note.starts_with("This conversation has another customer now.")).count();
        assert_eq!((to_kim, told), (2, 1), "{mode}: {notes:?}");
        // What Sam says next is not answered to Kim.
        world.text(SAM, "thanks");
        world.text(KIM, "oh");
        world.settle(1);
        assert_eq!(world.said(kims), ["hello from Kim", "oh"], "{mode}");
        assert_eq!(world.said(sams), ["hello from Sam"], "{mode}");
        let again = world.conversation(SAM);
        assert!(again != sams && world.said(again) == ["thanks"], "{mode}");
        world.reply(again, "<p>for Sam again</p>");
        world.settle(1);
        assert_eq!(texts_to(&world, SAM).last().unwrap(), "for Sam again", "{mode}");
    }
}

#[test]
fn a_reply_to_somebody_whom_the_hotline_does_not_know_is_texted_to_nobody_and_told_of() {
    for stage in stages() {
        for other in [
            json!({"email": "lee@example.com", "firstName": "Lee"}),
            json!({"email": "15550100103@sms.example.org", "phone": LEE}),
            json!({"email": "", "phone": ""}),
        ] {
            let (mut world, sams, _) = sam_and_kim(&stage);
            if other["email"] == "" {
                // A customer who is deleted before anybody looks.
                let gone = json!({"email": "gone@example.com"});
                change_customer(&mut world, sams, &gone);
                let kind = Kind::Status { status: 404, headers: [].into(), body: json!(null) };
                let (method, path_contains) = (Some("GET".into()), Some("/v2/customers/".into()));
                world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times: None });
            } else {
                change_customer(&mut world, sams, &other);
            }
            for words in ["<p>a secret</p>", "<p>another</p>"] {
                world.reply(sams, words);
                world.run_for(MINUTE);
            }
            world.settle(1);
            for person in [SAM, KIM, LEE] {
                assert_eq!(texts_to(&world, person), NOBODY, "{other}");
            }
            let notes = world.notes(sams);
            let told = notes.iter().filter(|note| note.starts_with("This reply was not sent as a text")).count();
            assert_eq!(told, 2, "{other}: {notes:?}");
            assert!(notes.iter().any(|note| note.contains("+1 555 010 0101")), "{notes:?}");
        }
    }
}

#[test]
fn a_record_that_was_merged_with_another_one_of_the_same_person_goes_on_being_texted() {
    for stage in stages() {
        let (mut world, sams, _) = sam_and_kim(&stage);
        let new = json!({"mailbox": VOTERS, "customer": {"email": "sam@example.com"}, "html": "<p>hi</p>"});
        let real = world.agent_acts("new_conversation", &new)["customer"].as_u64().unwrap();
        let from = customer(&world, sams);
        world.agent_acts("merge_customers", &json!({"from": from, "into": real}));
        assert_eq!(customer(&world, sams), real);
        world.reply(sams, "<p>for Sam</p>");
        world.run_for(MINUTE);
        let asked = world.ledger.helpscout_requests.len();
        world.reply(sams, "<p>for Sam again</p>");
        world.text(SAM, "thanks");
        world.settle(1);
        assert_eq!(texts_to(&world, SAM), ["for Sam", "for Sam again"], "{}", stage.phone_only);
        assert!(!world.notes(sams).iter().any(|note| note.contains("another customer")), "{:?}", world.notes(sams));
        // The record is read once: then a read, two writes for the receipt, and the text.
        assert!(world.ledger.helpscout_requests.len() - asked <= 5, "{}", stage.phone_only);
        assert_eq!(world.conversations(SAM).len(), 1, "{}", stage.phone_only);
        assert_eq!(world.said(sams).last().unwrap(), "thanks", "{}", stage.phone_only);
    }
}

#[test]
fn a_record_in_whose_place_another_one_of_the_same_person_was_put_goes_on_being_texted() {
    for stage in stages() {
        for phone in [SAM, "(555) 010-0101", "+1 555 010 0101"] {
            let (mut world, sams, _) = sam_and_kim(&stage);
            change_customer(&mut world, sams, &json!({"email": "sam@example.com", "phone": phone}));
            world.reply(sams, "<p>for Sam</p>");
            world.settle(1);
            world.text(SAM, "thanks");
            world.settle(1);
            assert_eq!(texts_to(&world, SAM), ["for Sam"], "{phone}: {:?}", world.notes(sams));
            assert_eq!(world.said(sams).last().unwrap(), "thanks", "{phone}");
        }
    }
}

/// Agents know better than we who is one person: replies stay with the phone whose conversation it is.
#[test]
fn two_phones_in_one_record_get_each_the_replies_of_its_own_conversation() {
    for stage in stages() {
        let (mut world, sams, kims) = sam_and_kim(&stage);
        let (sam, kim) = (customer(&world, sams), customer(&world, kims));
        world.agent_acts("merge_customers", &json!({"from": sam, "into": kim}));
        world.reply(sams, "<p>to the first phone</p>");
        world.reply(kims, "<p>to the second phone</p>");
        world.settle(1);
        assert_eq!(texts_to(&world, SAM), ["to the first phone"], "{}", stage.phone_only);
        assert_eq!(texts_to(&world, KIM), ["to the second phone"], "{}", stage.phone_only);
    }
}

#[test]
fn what_was_written_before_the_change_goes_to_whom_it_was_written() {
    for stage in stages() {
        let (mut world, sams, kims) = sam_and_kim(&stage);
        world.reply(sams, "<p>for Sam</p>");
        let kim = customer(&world, kims);
        world.play("change_customer", &json!({"conversation": sams, "customer": kim})).unwrap();
        world.reply(sams, "<p>for Kim</p>");
        world.settle(1);
        assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec!["for Sam".into()], vec!["for Kim".into()]));
    }
}

#[test]
fn an_undone_customer_change_is_obeyed() {
    let (mut world, sams, kims) = sam_and_kim(&Stage::default());
    let (sam, kim) = (customer(&world, sams), customer(&world, kims));
    change_customer(&mut world, sams, &json!(kim));
    world.reply(sams, "<p>for Kim</p>");
    world.run_for(MINUTE);
    change_customer(&mut world, sams, &json!(sam));
    world.reply(sams, "<p>for Sam</p>");
    world.settle(1);
    assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec!["for Sam".into()], vec!["for Kim".into()]));
}

#[test]
fn a_draft_goes_to_whom_the_conversation_belongs_when_it_is_published() {
    let (mut world, sams, kims) = sam_and_kim(&Stage::default());
    let draft = json!({"conversation": sams, "html": "<p>a secret</p>", "state": "draft"});
    let thread = world.agent_acts("reply", &draft)["thread"].as_u64().unwrap();
    let kim = customer(&world, kims);
    change_customer(&mut world, sams, &json!(kim));
    world.agent_acts("publish_draft", &json!({"thread": thread}));
    world.settle(1);
    assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec![], vec!["a secret".to_owned()]));
}

#[test]
fn a_record_that_cannot_be_read_for_a_while_holds_the_reply_back_and_loses_nothing() {
    for kind in [
        Kind::Down { refuse: true },
        Kind::Status { status: 200, headers: [].into(), body: json!("<html>") },
        Kind::Status { status: 403, headers: [].into(), body: json!(null) },
    ] {
        let (mut world, sams, kims) = sam_and_kim(&Stage::default());
        let kim = customer(&world, kims);
        change_customer(&mut world, sams, &json!(kim));
        let (method, path_contains) = (Some("GET".into()), Some("/v2/customers/".into()));
        let rule = Rule { id: 0, kind: kind.clone(), method, path_contains, times: None };
        let rule = world.faults.add(Service::HelpScout, rule);
        world.reply(sams, "<p>for Kim</p>");
        world.run_for(10 * MINUTE);
        assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec![], vec![]), "{kind:?}");
        world.faults.clear(Service::HelpScout, Some(rule));
        world.settle(1);
        assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec![], vec!["for Kim".to_owned()]), "{kind:?}");
    }
}

#[test]
fn somebody_who_opted_out_is_not_texted_in_another_ones_conversation_either() {
    let (mut world, sams, kims) = sam_and_kim(&Stage::default());
    world.text(KIM, "STOP");
    world.settle(1);
    let kim = customer(&world, kims);
    change_customer(&mut world, sams, &json!(kim));
    world.reply(sams, "<p>for Kim</p>");
    world.settle(1);
    assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec![], vec![]));
    let notes = world.notes(sams);
    assert!(notes.iter().any(|note| note.starts_with("Not sent to +1 555 010 0102")), "{notes:?}");
}

#[test]
fn what_the_other_person_was_written_goes_with_the_conversation_when_that_is_deleted() {
    let (mut world, sams, kims) = sam_and_kim(&Stage::default());
    let kim = customer(&world, kims);
    change_customer(&mut world, sams, &json!(kim));
    world.reply(sams, "<p>a secret</p>");
    world.settle(1);
    world.agent_acts("delete", &json!({"conversation": sams}));
    world.settle(1);
    assert!(!world.rows_hold("a secret") && !world.rows_hold("hello from Sam") && world.rows_hold("hello from Kim"));
}

#[test]
fn a_crash_at_any_instant_of_a_change_changes_nothing() {
    for crash_at in 0..40 {
        let (mut world, sams, kims) = sam_and_kim(&Stage::default());
        let kim = customer(&world, kims);
        change_customer(&mut world, sams, &json!(kim));
        world.reply(sams, "<p>for Kim</p>");
        world.run_for(4_900 + crash_at * 25);
        world.crash_all();
        world.settle(1);
        assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec![], vec!["for Kim".to_owned()]), "{crash_at}");
    }
}

/// The answer to a create is lost and the inbox is hidden; an agent moves the conversation to Kim before anybody of ours has
/// seen it.
#[test]
fn a_conversation_that_was_made_twice_says_so_though_it_has_another_customer_by_then() {
    let mut world = World::new(&Stage::default());
    let kims = world.settled_text(KIM, "hello from Kim");
    let rule = |kind, method: &str| Rule {
        id: 0,
        kind,
        method: Some(method.to_owned()),
        path_contains: Some("/conversations".to_owned()),
        times: None,
    };
    world.faults.add(Service::HelpScout, Rule { times: Some(1), ..rule(Kind::LostAnswer, "POST") });
    world
        .faults
        .add(Service::HelpScout, rule(Kind::Status { status: 404, headers: [].into(), body: json!(null) }, "GET"));
    world.text(SAM, "hello from Sam");
    while world.helpscout.conversations().count() < 2 {
        world.run_for(1);
    }
    let first = world.helpscout.conversations().map(|it| it.id).max().unwrap();
    let kim = customer(&world, kims);
    change_customer(&mut world, first, &json!(kim));
    world.run_for(10 * MINUTE);
    world.faults.clear(Service::HelpScout, None);
    world.settle(1);
    assert_eq!(world.said(world.conversation(SAM)), ["hello from Sam"]);
    assert!(world.notes(first).concat().contains("made twice"), "{:?}", world.notes(first));
}
