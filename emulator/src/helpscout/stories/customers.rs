//! Customers through the API.

use crate::helpscout::fixture::{Fixture, text_body};
use serde_json::{Value, json};

#[test]
fn the_same_address_is_the_same_customer_and_its_other_fields_are_ignored() {
    let mut fixture = Fixture::new(|_| {});
    fixture.text_in("one");
    let mut body = text_body("two");
    body["customer"]["firstName"] = "Other".into();
    fixture.make("/v2/conversations", &body);
    assert_eq!(fixture.hs.customers().map(|it| it.first.as_str()).collect::<Vec<_>>(), ["Sam"]);
}

#[test]
fn two_customers_may_share_a_phone_but_not_an_address() {
    let mut fixture = Fixture::new(|_| {});
    let by_phone = json!({ "firstName": "Sam", "phones": [{ "type": "mobile", "value": "+15550100100" }] });
    let first = fixture.make("/v2/customers", &by_phone);
    let second = fixture.make("/v2/customers", &by_phone);
    assert_ne!(first, second);
    let by_email = json!({ "emails": [{ "type": "work", "value": "sam@example.org" }] });
    fixture.make("/v2/customers", &by_email);
    assert_eq!(fixture.ask("POST", "/v2/customers", &by_email).status, 409);
}

#[test]
fn a_customer_known_by_id_can_have_a_conversation_without_any_address() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.make("/v2/customers", &json!({ "phone": "+15550100100" }));
    let mut body = text_body("hello");
    body["customer"] = json!({ "id": id });
    body["threads"][0]["customer"] = json!({ "id": id });
    let conversation = fixture.make("/v2/conversations", &body);
    fixture.make(&format!("/v2/conversations/{conversation}/reply"), &json!({ "text": "x", "customer": { "id": id } }));
    assert!(fixture.hs.outbox().is_empty(), "nowhere to mail to");
    assert_eq!(fixture.get(&format!("/v2/customers/{id}"))["conversationCount"], 1);
    body["customer"] = json!({ "id": id + 1000 });
    assert_eq!(fixture.ask("POST", "/v2/conversations", &body).status, 400);
}

#[test]
fn names_and_numbers_are_changed_later() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.make("/v2/customers", &json!({ "firstName": "Sam", "age": 40 }));
    let target = format!("/v2/customers/{id}");
    let patch = json!({ "op": "replace", "path": "/lastName", "value": "Poe" });
    assert_eq!(fixture.ask("PATCH", &target, &patch).status, 400, "an array, other than for conversations");
    assert_eq!(fixture.ask("PATCH", &target, &json!([patch])).status, 204);
    let read = fixture.get(&target);
    assert_eq!((&read["firstName"], &read["lastName"], &read["age"]), (&json!("Sam"), &json!("Poe"), &json!("40")));
    assert_eq!(fixture.ask("PUT", &target, &json!({ "firstName": "Samira" })).status, 204);
    assert_eq!(fixture.get(&target)["lastName"], "", "PUT overwrites");

    let phone = fixture.make(&format!("{target}/phones"), &json!({ "type": "mobile", "value": "+15550100100" }));
    let entry = format!("{target}/phones/{phone}");
    assert_eq!(fixture.ask("PUT", &entry, &json!({ "type": "home", "value": "+15550100111" })).status, 204);
    assert_eq!(fixture.get(&format!("{target}/phones"))["_embedded"]["phones"][0]["value"], "+15550100111");
    assert_eq!(fixture.ask("DELETE", &entry, &Value::Null).status, 204);
    assert!(fixture.get(&format!("{target}/phones")).get("_embedded").is_none());
}

#[test]
fn what_is_wrong_with_a_customer_is_refused() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.make("/v2/customers", &json!({ "email": "sam@example.org" }));
    let target = format!("/v2/customers/{id}");
    let cases = [
        ("POST", "/v2/customers".to_owned(), json!({ "firstName": "x".repeat(41) }), 400),
        ("POST", "/v2/customers".to_owned(), json!({ "firstName": "🦄".repeat(21) }), 400),
        ("POST", "/v2/customers".to_owned(), json!({ "firstName": "🦄".repeat(20) }), 201),
        ("POST", "/v2/customers".to_owned(), json!({ "lastName": "" }), 400),
        ("POST", format!("{target}/phones"), json!({ "type": "satellite", "value": "1" }), 400),
        ("POST", format!("{target}/phones"), json!({ "type": "mobile", "value": "" }), 400),
        ("POST", format!("{target}/emails"), json!({ "type": "work", "value": "nobody" }), 400),
        ("POST", format!("{target}/pets"), json!({}), 404),
        ("PATCH", target.clone(), json!([{ "op": "replace", "path": "/emails", "value": "x" }]), 400),
        ("GET", format!("/v2/customers/{}", id + 1000), Value::Null, 404),
    ];
    for (method, target, body, status) in cases {
        assert_eq!(fixture.ask(method, &target, &body).status, status, "{method} {target} {body}");
    }
}
