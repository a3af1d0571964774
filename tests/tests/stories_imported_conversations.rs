//! A hotline moves in where people were texted before: what was begun there goes on.

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::World;
use ringside_tests::world::programs::Answer;
use ringside_tests::world::stage::{AUDIT, CRM, DRIVERS, GREETING, Stage, VOTERS, VOTERS_NUMBERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const KIM: &str = "+15550100102";
const MINUTE: i64 = 60_000;

/// A conversation as Bling makes one: its customer has the number as it is dialled within the country, and an address of it.
fn by_bling(world: &mut World, number: &str) -> u64 {
    let national = &number[2..];
    let phone = format!("{}-{}-{}", &national[..3], &national[3..6], &national[6..]);
    let customer = json!({"email": format!("{national}@sms.example.org"), "phone": phone, "firstName": phone});
    begun(world, VOTERS, &customer)
}

/// A conversation by phone with this customer.
fn begun(world: &mut World, mailbox: u64, customer: &Value) -> u64 {
    let new = json!({"mailbox": mailbox, "customer": customer, "html": "is the office open?", "type": "phone", "by_api": true});
    world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap()
}

fn request(world: &mut World, method: &str, number: &str, conversation: u64) -> Answer {
    let target = format!("/v1/people/%2B{}/conversations/{conversation}?hotline=VOTERS", &number[1..]);
    world.program(CRM.1, method, &target, &Value::Null)
}

fn import(world: &mut World, number: &str, conversation: u64) {
    let answer = request(world, "PUT", number, conversation);
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("checking")), "{:?}", answer.body);
    world.run_for(MINUTE);
}

fn is_theirs(world: &mut World, number: &str, conversation: u64) -> bool {
    let answer = request(world, "GET", number, conversation);
    assert!(matches!(answer.status, 200 | 404), "{:?}", answer.body);
    answer.status == 200
}

fn texts_to(world: &World, person: &str) -> Vec<String> {
    world.phone(person).into_iter().filter(|text| text != GREETING).collect()
}

/// A world in which Sam was texted before.
fn moved_in(stage: &Stage) -> (World, u64) {
    let mut world = World::new(stage);
    let conversation = by_bling(&mut world, SAM);
    world.agent_acts("reply", &json!({"conversation": conversation, "html": "<p>it is, until five</p>"}));
    import(&mut world, SAM, conversation);
    (world, conversation)
}

#[test]
fn a_conversation_that_bling_began_goes_on_both_ways() {
    for phone_only in [false, true] {
        let (mut world, conversation) = moved_in(&Stage { phone_only, ..Stage::default() });
        assert!(is_theirs(&mut world, SAM, conversation));
        assert_eq!(world.phone(SAM), [""; 0], "what was replied before was texted before");
        world.reply(conversation, "<p>until six today</p>");
        world.settle(1);
        assert_eq!(world.phone(SAM), ["until six today"]);
        assert_eq!(world.made_for(SAM)[0].from.as_deref(), Some(VOTERS_NUMBERS[0]));
        world.text(SAM, "thanks!");
        world.settle(1);
        assert_eq!(world.said(conversation).last().unwrap(), "thanks!");
        let customers: Vec<u64> = world.helpscout.threads(conversation).iter().map(|thread| thread.customer).collect();
        assert!(customers.iter().all(|customer| *customer == customers[0]), "one customer: {customers:?}");
        assert!(!world.phone(SAM).contains(&GREETING.to_owned()), "they are no stranger");
        world.reply(conversation, "<p>any time</p>");
        world.settle(1);
        assert_eq!(world.phone(SAM), ["until six today", "any time"]);
    }
}

#[test]
fn a_customer_of_the_inbox_with_an_address_of_their_own_goes_on_too() {
    let mut world = World::new(&Stage::default());
    let customer = json!({"email": "sam@example.com", "phone": "(555) 010-0101", "firstName": "Sam"});
    let conversation = begun(&mut world, VOTERS, &customer);
    import(&mut world, SAM, conversation);
    world.text(SAM, "it is me");
    world.settle(1);
    assert_eq!(world.said(conversation), ["is the office open?", "it is me"]);
    world.reply(conversation, "<p>hello Sam</p>");
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["hello Sam"]);
}

#[test]
fn what_was_begun_after_the_move_stays_where_the_talk_is() {
    let mut world = World::new(&Stage::default());
    let old = by_bling(&mut world, SAM);
    let new = world.settled_text(SAM, "hello?");
    import(&mut world, SAM, old);
    world.text(SAM, "anybody there?");
    world.settle(1);
    assert_eq!(world.said(new), ["hello?", "anybody there?"]);
    world.reply(old, "<p>from the old one</p>");
    world.reply(new, "<p>from the new one</p>");
    world.settle(1);
    let mut texts = texts_to(&world, SAM);
    texts.sort();
    assert_eq!(texts, ["from the new one", "from the old one"], "agents may reply in either");
}

#[test]
fn the_old_conversation_and_the_new_one_are_merged_by_an_agent() {
    for into_old in [true, false] {
        let mut world = World::new(&Stage::default());
        let old = by_bling(&mut world, SAM);
        let new = world.settled_text(SAM, "hello?");
        import(&mut world, SAM, old);
        let (from, into) = if into_old { (new, old) } else { (old, new) };
        world.agent_acts("merge", &json!({"from": from, "into": into}));
        world.text(SAM, "still me");
        world.settle(1);
        assert_eq!(world.said(into).last().unwrap(), "still me");
        world.reply(into, "<p>still us</p>");
        world.settle(1);
        assert_eq!(texts_to(&world, SAM), ["still us"], "into the old one: {into_old}");
    }
}

/// Makes a conversation, of a customer of Sam's number or of Kim's.
type Prepare = fn(&mut World, &Value, &Value) -> u64;

#[test]
fn a_conversation_that_is_not_theirs_is_refused_with_its_reason() {
    let kims = json!({"email": "5550100102@sms.example.org", "phone": "555-010-0102"});
    let sams = json!({"email": "5550100101@sms.example.org", "phone": "555-010-0101"});
    let cases: [(&str, Prepare); 6] = [
        ("other_customer", |world, _, kims| begun(world, VOTERS, kims)),
        ("other_inbox", |world, sams, _| begun(world, DRIVERS, sams)),
        ("not_found", |_, _, _| 3_999_999_999),
        ("not_found", |world, sams, _| {
            let conversation = begun(world, VOTERS, sams);
            world.agent_acts("delete", &json!({"conversation": conversation}));
            conversation
        }),
        ("not_by_phone", |world, sams, _| {
            let new = json!({"mailbox": VOTERS, "customer": sams, "html": "<p>hi</p>"});
            world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap()
        }),
        ("merged", |world, sams, _| {
            let (from, into) = (begun(world, VOTERS, sams), begun(world, VOTERS, sams));
            world.agent_acts("merge", &json!({"from": from, "into": into}));
            from
        }),
    ];
    for (code, prepare) in cases {
        let mut world = World::new(&Stage::default());
        let conversation = prepare(&mut world, &sams, &kims);
        import(&mut world, SAM, conversation);
        assert!(!is_theirs(&mut world, SAM, conversation), "{code}");
        let failed = world.program(AUDIT.1, "GET", "/v1/jobs?hotline=VOTERS&state=failed", &Value::Null);
        assert_eq!(failed.body["data"][0]["error"]["code"], code, "{:?}", failed.body);
        let before = world.phone(SAM).len();
        world.text(SAM, "hello");
        world.settle(1);
        assert_eq!(world.phone(SAM).len() - before, 1, "{code}: they are greeted as anybody");
    }
}

#[test]
fn one_number_has_a_conversation_and_another_person_cannot_have_it() {
    let (mut world, conversation) = moved_in(&Stage::default());
    // An agent merges Kim's record into Sam's, which has both numbers then.
    let kims = begun(&mut world, DRIVERS, &json!({"email": "kim@example.com", "phone": "555-010-0102"}));
    let of = |world: &World, conversation| world.helpscout.conversation(conversation).unwrap().customer;
    let (from, into) = (of(&world, kims), of(&world, conversation));
    world.agent_acts("merge_customers", &json!({"from": from, "into": into}));
    import(&mut world, KIM, conversation);
    assert!(!is_theirs(&mut world, KIM, conversation) && is_theirs(&mut world, SAM, conversation));
    world.reply(conversation, "<p>for Sam</p>");
    world.settle(1);
    assert_eq!((texts_to(&world, SAM), texts_to(&world, KIM)), (vec!["for Sam".to_owned()], vec![]));
}

#[test]
fn help_scout_is_down_while_conversations_are_imported() {
    let mut world = World::new(&Stage::default());
    let conversation = by_bling(&mut world, SAM);
    let down = Kind::Status { status: 503, headers: [].into(), body: json!({}) };
    let all = Rule { id: 0, kind: down, method: None, path_contains: None, times: Some(5) };
    world.faults.add(Service::HelpScout, all);
    assert_eq!(request(&mut world, "PUT", SAM, conversation).body["status"], "checking");
    world.text(SAM, "hello");
    world.settle(1);
    assert!(is_theirs(&mut world, SAM, conversation));
    assert_eq!(request(&mut world, "PUT", SAM, conversation).body["status"], "theirs", "again is once");
    world.reply(conversation, "<p>we are back</p>");
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["we are back"]);
}

#[test]
fn a_customer_that_is_merged_into_another_after_the_move_is_found_again() {
    let (mut world, conversation) = moved_in(&Stage::default());
    let from = world.helpscout.conversation(conversation).unwrap().customer;
    let new = json!({"mailbox": VOTERS, "customer": {"email": "sam@example.com"}, "html": "<p>hi</p>"});
    let into = world.agent_acts("new_conversation", &new)["customer"].as_u64().unwrap();
    world.agent_acts("merge_customers", &json!({"from": from, "into": into}));
    world.text(SAM, "me again");
    world.settle(1);
    assert_eq!(world.said(conversation).last().unwrap(), "me again");
    world.reply(conversation, "<p>hi again</p>");
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), ["hi again"]);
}

#[test]
fn a_conversation_that_another_customer_got_meanwhile_is_left_to_them() {
    let (mut world, conversation) = moved_in(&Stage::default());
    let kim = json!({"email": "kim@example.com", "phone": "555-010-0102"});
    world.agent_acts("change_customer", &json!({"conversation": conversation, "customer": kim}));
    world.reply(conversation, "<p>for Kim</p>");
    world.settle(1);
    assert_eq!(texts_to(&world, SAM), [""; 0], "it was written to Kim");
    world.text(SAM, "me again");
    assert!(world.settle(1));
    assert!(!world.said(conversation).contains(&"me again".to_owned()));
    let customers: Vec<u64> = world.helpscout.conversations().map(|it| it.customer).collect();
    assert_eq!(customers.len(), 2, "a conversation of Sam's own");
    assert_ne!(customers[0], customers[1]);
}

#[test]
fn a_bad_request_is_refused_with_its_field() {
    let mut world = World::new(&Stage::default());
    for (target, status, code) in [
        ("/v1/people/%2B15550100101/conversations/x?hotline=VOTERS", 400, "invalid_request"),
        ("/v1/people/%2B15550100101/conversations/0?hotline=VOTERS", 400, "invalid_request"),
        ("/v1/people/%2B15550100101/conversations/9007199254740992?hotline=VOTERS", 400, "invalid_request"),
        ("/v1/people/5550100101/conversations/7?hotline=VOTERS", 400, "invalid_request"),
        ("/v1/people/%2B15550100101/conversations/7?hotline=DRIVERS", 403, "hotline_forbidden"),
        ("/v1/people/%2B15550100101/conversations/7?hotline=VOTERS&force=1", 400, "invalid_request"),
    ] {
        for method in ["PUT", "GET"] {
            let answer = world.program(CRM.1, method, target, &Value::Null);
            assert_eq!((answer.status, answer.code()), (status, code), "{method} {target}");
        }
    }
}
