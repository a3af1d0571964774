//! `import-conversations`, against the rules themselves, in an inbox as a Bling leaves it.

use ringside_tests::world::World;
use ringside_tests::world::stage::{OFFICE, VOTERS};
use serde_json::{Value, json};

use crate::hotline::Rules;

/// A conversation by phone that another application made.
fn begun(world: &mut World, mailbox: u64, customer: Value) -> u64 {
    let new = json!({"mailbox": mailbox, "customer": customer, "html": "hello", "type": "phone", "by_api": true});
    world.agent_acts("new_conversation", &new)["conversation"].as_u64().unwrap()
}

fn by_bling(national: &str, phone: &str) -> Value {
    json!({"email": format!("{national}@sms.example.org"), "phone": phone, "firstName": phone})
}

/// Three people that can be told apart, and what is to be left out.
fn an_inbox_of_bling(world: &mut World) {
    begun(world, VOTERS, by_bling("5550100101", "555-010-0101"));
    begun(world, VOTERS, json!({"email": "kim@example.com", "phone": "(555) 010-0102", "firstName": "Kim"}));
    begun(world, VOTERS, json!({"email": "ada@example.com", "phone": "+44 7700 900123", "firstName": "Ada"}));
    begun(world, VOTERS, json!({"email": "nobody@example.com"}));
    begun(world, VOTERS, by_bling("12345", "123-45-"));
    begun(world, VOTERS, by_bling("5550100001", "555-010-0001"));
    begun(world, OFFICE, by_bling("5550100109", "555-010-0109"));
    let mail =
        json!({"mailbox": VOTERS, "customer": {"email": "m@example.com", "phone": "555-010-0108"}, "html": "hi"});
    world.agent_acts("new_conversation", &mail);
}

fn numbers(ran: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = ran["conversations"].as_array().unwrap().iter();
    all.map(|it| (text(&it["number"]), text(&it["status"]))).collect()
}

#[test]
fn the_conversations_of_an_inbox_go_on_once_they_were_agreed_to() {
    let rules = Rules::start(an_inbox_of_bling);
    let planned = rules.json("import-conversations --hotline VOTERS --dry-run");
    assert_eq!(planned.exit, 0, "{}", planned.stderr);
    let of = |status: &str| {
        let numbers = ["+1555…0101", "+1555…0102", "+4477…0123"];
        numbers.map(|number| (number.to_owned(), status.to_owned())).to_vec()
    };
    assert_eq!(numbers(&planned.json()), of("planned"));
    assert_eq!(planned.json()["skipped"].as_array().unwrap().len(), 3, "{}", planned.stdout);

    assert_eq!(rules.json("import-conversations").error(), (3, "not_confirmed".to_owned()));
    let done = rules.json("import-conversations --yes --wait 60");
    assert_eq!((done.exit, numbers(&done.json())), (0, of("imported")), "{}", done.stderr);
    assert!(!format!("{}{}", done.stdout, done.stderr).contains("5550100101"), "numbers are masked");
    let again = rules.json("import-conversations --yes --wait 60");
    assert_eq!((again.exit, numbers(&again.json())), (0, of("imported")), "again is once");
}

#[test]
fn nothing_to_import_is_no_error() {
    let rules = Rules::start(|_| {});
    let ran = rules.json("import-conversations");
    assert_eq!((ran.exit, ran.json()), (0, json!({"format": 1, "conversations": [], "skipped": []})));
}

#[test]
fn a_conversation_that_the_worker_refuses_is_told_as_refused() {
    let rules = Rules::start(|world| {
        let conversation = begun(world, VOTERS, by_bling("5550100101", "555-010-0101"));
        // Somebody else has it already.
        let customer = world.helpscout.conversation(conversation).unwrap().customer;
        let kims = begun(world, OFFICE, json!({"email": "kim@example.com", "phone": "555-010-0102"}));
        let kim = world.helpscout.conversation(kims).unwrap().customer;
        world.agent_acts("merge_customers", &json!({"from": kim, "into": customer}));
        let target = format!("/v1/people/%2B15550100102/conversations/{conversation}?hotline=VOTERS");
        world.program(ringside_tests::world::stage::CRM.1, "PUT", &target, &Value::Null);
        world.run_for(60_000);
        let other = world.agent_acts(
            "new_conversation",
            &json!({"mailbox": OFFICE, "customer": {"email": "sam@example.com", "phone": "555-010-0101"}, "html": "hi"}),
        );
        world.agent_acts("change_customer", &json!({"conversation": conversation, "customer": other["customer"]}));
    });
    let ran = rules.json("import-conversations --yes --wait 60");
    assert_eq!((ran.exit, numbers(&ran.json())), (1, vec![("+1555…0101".to_owned(), "refused".to_owned())]));
    assert!(ran.stderr.contains("cargo xtask jobs list --state failed"), "{}", ran.stderr);
}

#[test]
fn help_scouts_refusal_of_the_app_is_said() {
    let rules = Rules::start(|_| {});
    std::fs::write(rules.file(".dev.vars"), "RINGSIDE_API_KEY=k\nHELPSCOUT_APP_ID=a\nHELPSCOUT_APP_SECRET=b\n")
        .unwrap();
    assert_eq!(rules.json("import-conversations").error(), (4, "helpscout_app_refused".to_owned()));
}
