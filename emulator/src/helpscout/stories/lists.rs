//! Lists and searches of conversations, threads and customers.

use crate::helpscout::fixture::Fixture;
use serde_json::{Value, json};

fn ids(list: &Value, rel: &str) -> Vec<u64> {
    list["_embedded"][rel].as_array().into_iter().flatten().map(|it| it["id"].as_u64().unwrap()).collect()
}

#[test]
fn a_list_without_status_shows_active_ones_only() {
    let mut fixture = Fixture::new(|_| {});
    let (active, closed, spam) = (fixture.text_in("a"), fixture.text_in("b"), fixture.text_in("c"));
    fixture.act("status", &json!({ "conversation": closed, "status": "closed" }));
    fixture.act("status", &json!({ "conversation": spam, "status": "spam" }));
    let customer = fixture.hs.conversation(active).unwrap().customer;
    for (query, found) in [
        (String::new(), vec![active]),
        ("?status=all".into(), vec![spam, closed, active]),
        ("?status=all&sortOrder=asc".into(), vec![active, closed, spam]),
        ("?status=closed".into(), vec![closed]),
        (format!("?query=(customerIds:{customer})"), vec![active]),
        (format!("?status=all&query=(customerIds:{customer}%20AND%20number:2)"), vec![closed]),
        (
            "?status=all&query=(email:%2215550100100@sms.example.org%22)&mailbox=3003&tag=sms".into(),
            vec![spam, closed, active],
        ),
        ("?status=all&mailbox=3004".into(), vec![]),
        ("?status=all&modifiedSince=2030-01-01T00:00:00Z".into(), vec![]),
    ] {
        assert_eq!(ids(&fixture.get(&format!("/v2/conversations{query}")), "conversations"), found, "{query}");
    }
    for query in [
        "?status=gone",
        "?query=((",
        "?modifiedSince=2026-11-20T12:00:00.000Z",
        "?modifiedSince=2026-11-20T12:00:00%2B00:00",
        "?modifiedSince=today",
    ] {
        assert_eq!(fixture.ask("GET", &format!("/v2/conversations{query}"), &Value::Null).status, 400, "{query}");
    }
    assert_eq!(fixture.ask("GET", "/v2/customers?modifiedSince=2026-11-20T12:00:00.5Z", &Value::Null).status, 400);
}

#[test]
fn a_lagging_list_does_not_show_what_was_just_made_but_its_own_address_does() {
    let mut fixture = Fixture::new(|_| {});
    fixture.hs.set_list_lag(30_000);
    let id = fixture.text_in("hello");
    assert!(ids(&fixture.get("/v2/conversations"), "conversations").is_empty());
    assert!(ids(&fixture.get("/v2/customers"), "customers").is_empty());
    assert_eq!(ids(&fixture.get(&format!("/v2/conversations/{id}/threads")), "threads").len(), 1);
    fixture.now += 30_000;
    assert_eq!(ids(&fixture.get("/v2/conversations"), "conversations"), [id]);
    assert_eq!(ids(&fixture.get("/v2/customers?query=(email:%22sms.example%22)"), "customers").len(), 1);
}

#[test]
fn threads_come_newest_first_25_a_page() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let opening = fixture.hs.threads(id)[0].id;
    let mut last = 0;
    for _ in 0..25 {
        last = fixture.make(&format!("/v2/conversations/{id}/notes"), &json!({ "text": "n" }));
    }
    let first_page = fixture.get(&format!("/v2/conversations/{id}/threads"));
    assert_eq!((ids(&first_page, "threads").len(), ids(&first_page, "threads")[0]), (25, last));
    assert_eq!(ids(&fixture.get(&format!("/v2/conversations/{id}/threads?page=2")), "threads"), [opening]);
}
