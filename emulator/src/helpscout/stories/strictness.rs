//! What Help Scout refuses, and a look-alike easily forgives: one line a rule, with the page it is from.

use crate::helpscout::fixture::{Fixture, text_body};
use serde_json::{Value, json};

#[test]
fn a_create_is_refused_for_what_the_pages_say() {
    const CONVERSATION: &str = "Create conversation";
    let local = |length: usize| json!(format!("{}@sms.example.org", "1".repeat(length)));
    #[rustfmt::skip]
    let rules: [(&str, &str, &str, Value, u16); 8] = [
        (CONVERSATION, "an address of 64 letters before the @ is one",     "/customer/email",     local(64),            201),
        ("helpscout-api-php 247", "a longer one is refused",               "/customer/email",     local(65),            400),
        (CONVERSATION, "a text of blanks is none",                         "/threads/0/text",     json!(" \n"),         400),
        (CONVERSATION, "no text is none",                                  "/threads/0/text",     Value::Null,          400),
        ("Create customer", "a first name has at most 40 letters",         "/customer/firstName", json!("x".repeat(41)), 400),
        (CONVERSATION, "a customer needs an address or an id",             "/customer",           json!({ "phone": "+15550100100" }), 400),
        (CONVERSATION, "a conversation has a subject",                     "/subject",            json!(""),            400),
        (CONVERSATION, "and an inbox that exists",                         "/mailboxId",          json!(9),             400),
    ];
    for (page, rule, pointer, value, status) in rules {
        let mut fixture = Fixture::new(|_| {});
        let mut body = text_body("hello");
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(fixture.ask("POST", "/v2/conversations", &body).status, status, "{rule} ({page})");
    }
}
