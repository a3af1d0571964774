//! Where Help Scout wants a customer's id: in an agent's reply, and everywhere when customers have no address.

use emulator::helpscout::{Person, Thread, ThreadKind};
use ringside_tests::world::World;
use ringside_tests::world::stage::{Stage, VOTERS};
use serde_json::json;

const SAM: &str = "+15550100101";
const KIM: &str = "+15550100102";
const ADA: u64 = 4004;

/// Customers by address and by id alone.
fn stages() -> [Stage; 2] {
    [Stage::default(), Stage { phone_only: true, ..Stage::default() }]
}

fn with_sam(stage: &Stage) -> (World, u64) {
    let mut world = World::new(stage);
    let conversation = world.settled_text(SAM, "hello from Sam");
    (world, conversation)
}

/// An agent texts from the sidebar.
fn write(world: &mut World, number: u8, text: &str) {
    assert_eq!(world.write(&format!("3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a{number:02}"), SAM, text), 202);
    world.settle(1);
}

fn replies(world: &World, conversation: u64) -> Vec<&Thread> {
    let mut threads = world.helpscout.threads(conversation);
    threads.retain(|thread| thread.kind == ThreadKind::Message && thread.source.kind == "api");
    threads
}

fn is_adas(thread: &Thread, words: &str) -> bool {
    thread.created_by == Person::User(ADA) && thread.text == words
}

/// A record that agents made, and into which they merge Sam's.
fn merged_record(world: &mut World, conversation: u64) -> u64 {
    let new = json!({"mailbox": VOTERS, "customer": {"email": "sam@example.com"}, "html": "<p>hi</p>"});
    let real = world.agent_acts("new_conversation", &new)["customer"].as_u64().unwrap();
    let from = world.helpscout.conversation(conversation).unwrap().customer;
    world.agent_acts("merge_customers", &json!({"from": from, "into": real}));
    real
}

#[test]
fn an_agents_text_names_its_customer_by_an_id_that_is_read_once() {
    for stage in stages() {
        let (mut world, conversation) = with_sam(&stage);
        let mut requests = vec![world.ledger.helpscout_requests.len()];
        for (number, text) in [(1, "one"), (2, "two")] {
            write(&mut world, number, text);
            requests.push(world.ledger.helpscout_requests.len());
        }
        let shown = replies(&world, conversation);
        assert!(shown.len() == 2 && is_adas(shown[0], "one") && is_adas(shown[1], "two"), "{shown:?}");
        let more_at_first = (requests[1] - requests[0]) - (requests[2] - requests[1]);
        assert_eq!(more_at_first, usize::from(!stage.phone_only), "{requests:?}");
    }
}

#[test]
fn an_agents_text_finds_the_record_into_which_the_customer_was_merged() {
    for stage in stages() {
        for known in [false, true] {
            let (mut world, conversation) = with_sam(&stage);
            if known {
                write(&mut world, 1, "one");
            }
            let real = merged_record(&mut world, conversation);
            write(&mut world, 2, "two");
            let shown = replies(&world, conversation);
            let shown = shown.last().unwrap();
            assert!(is_adas(shown, "two") && shown.customer == real, "{known} {}: {shown:?} {real}", stage.phone_only);
            assert_eq!(world.conversations(SAM).len(), 1, "{known} {}", stage.phone_only);
        }
    }
}

#[test]
fn an_agents_text_to_somebody_whose_conversation_is_anothers_now_begins_a_new_one() {
    for stage in stages() {
        let (mut world, sams) = with_sam(&stage);
        let kims = world.settled_text(KIM, "hello from Kim");
        let kim = world.helpscout.conversation(kims).unwrap().customer;
        if !stage.phone_only {
            world.agent_acts("change_customer", &json!({"conversation": sams, "customer": kim}));
            write(&mut world, 1, "for Sam");
            let again = world.conversation(SAM);
            assert!(again != sams && is_adas(replies(&world, again)[0], "for Sam"));
            assert!(replies(&world, sams).is_empty());
        }
        assert_eq!(world.phone(SAM).last().unwrap() == "for Sam", !stage.phone_only);
    }
}

/// Agents merge customers; the person texts before anybody has replied.
#[test]
fn a_text_after_its_customer_was_merged_is_whole_and_in_its_place() {
    for stage in stages() {
        let (mut world, conversation) = with_sam(&stage);
        let real = merged_record(&mut world, conversation);
        let customers = world.helpscout.customers().count();
        world.text_to(SAM, ringside_tests::world::stage::VOTERS_NUMBERS[0], "look", &["image/png"]);
        world.settle(1);
        assert_eq!(world.said(conversation), ["hello from Sam", "look"], "{}", stage.phone_only);
        assert_eq!((world.files(conversation).len(), world.conversations(SAM).len()), (1, 1), "{}", stage.phone_only);
        assert_eq!(world.helpscout.customers().count(), customers, "{}", stage.phone_only);
        assert!(
            world.helpscout.threads(conversation).iter().all(|thread| thread.customer == real || thread.customer == 0)
        );
    }
}

#[test]
fn a_new_conversation_after_its_customer_was_merged_is_the_merged_customers() {
    for stage in stages() {
        let (mut world, first) = with_sam(&stage);
        let real = merged_record(&mut world, first);
        world.agent_acts("line_items", &json!({"conversation": first, "n": 98}));
        let customers = world.helpscout.customers().count();
        let second = world.settled_text(SAM, "more");
        assert_eq!(world.said(second), ["more"], "{}", stage.phone_only);
        let customer = world.helpscout.conversation(second).unwrap().customer;
        assert_eq!((customer, world.helpscout.customers().count()), (real, customers), "{}", stage.phone_only);
    }
}

/// No conversation is left from which the id could be read.
#[test]
fn a_customer_who_is_gone_with_the_conversation_is_made_anew() {
    let (mut world, first) = with_sam(&Stage { phone_only: true, ..Stage::default() });
    merged_record(&mut world, first);
    world.agent_acts("delete", &json!({"conversation": first}));
    let customers = world.helpscout.customers().count();
    let second = world.settled_text(SAM, "still there?");
    assert_eq!(world.said(second), ["still there?"]);
    assert_eq!(world.helpscout.customers().count(), customers + 1);
}
