//! Which webhooks go where, and what is in them.

use crate::helpscout::fixture::{Fixture, NOON, event, payload, seed};
use crate::helpscout::{EmbedThreads, PayloadVersion};
use crate::http::{Model, Outcome};
use serde_json::{Value, json};

#[test]
fn each_action_fires_its_event() {
    let cases: [(&str, Value, &[&str]); 9] = [
        ("reply", json!({ "html": "x" }), &["convo.agent.reply.created"]),
        ("reply", json!({ "html": "x", "status": "closed" }), &["convo.agent.reply.created", "convo.status"]),
        ("note", json!({ "html": "x" }), &["convo.note.created"]),
        ("status", json!({ "status": "closed" }), &["convo.status"]),
        ("status", json!({ "status": "active" }), &[]),
        ("assign", json!({ "to": 4005 }), &["convo.assigned"]),
        ("tags", json!({ "tags": ["urgent"] }), &["convo.tags"]),
        ("move", json!({ "mailbox": 3004 }), &["convo.moved"]),
        ("delete", json!({}), &["convo.deleted"]),
    ];
    for (action, mut args, events) in cases {
        let mut fixture = Fixture::new(|_| {});
        args["conversation"] = fixture.text_in("hello").into();
        assert_eq!(fixture.events(), ["convo.created"]);
        fixture.act(action, &args);
        assert_eq!(fixture.events(), events, "{action} {args}");
    }
}

#[test]
fn a_reply_made_through_the_api_fires_too() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    fixture.webhooks();
    let customer = fixture.hs.conversation(id).unwrap().customer;
    let reply = json!({ "text": "x", "imported": true, "customer": { "id": customer } });
    fixture.make(&format!("/v2/conversations/{id}/reply"), &reply);
    assert_eq!(fixture.events(), ["convo.agent.reply.created"]);
}

#[test]
fn other_inboxes_are_not_heard_of() {
    let mut fixture = Fixture::new(|_| {});
    let args = json!({ "mailbox": 3004, "customer": { "email": "kim@example.org" }, "html": "Hi" });
    fixture.act("new_conversation", &args);
    assert!(fixture.events().is_empty());
}

#[test]
fn a_body_carries_threads_only_when_the_account_embeds_them() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    for (embed, count, embedded, phone) in [
        (EmbedThreads::No, "/threads", Value::Null, Value::Null),
        (EmbedThreads::Yes, "/threads", json!("hello"), Value::Null),
        (EmbedThreads::V1, "/threadCount", Value::Null, json!("+15550100100")),
    ] {
        fixture.webhooks();
        fixture.hs.settings_mut().embed_threads = embed;
        fixture.hs.emit(fixture.now, "convo.status", id);
        let body = payload(&fixture.webhooks()[0]);
        assert_eq!(body.pointer(count), Some(&json!(1)), "{embed:?}");
        assert_eq!(body.pointer("/_embedded/threads/0/body").cloned().unwrap_or_default(), embedded);
        assert_eq!(body.pointer("/customer/phone").cloned().unwrap_or_default(), phone);
    }
}

#[test]
fn only_v3_knows_system_users() {
    for (version, kind) in [(PayloadVersion::V2, "user"), (PayloadVersion::V3, "system_user")] {
        let mut fixture = Fixture::new(|settings| {
            settings.embed_threads = EmbedThreads::Yes;
            settings.webhook = Some(crate::helpscout::WebhookSeed { version, ..seed(vec![]) });
        });
        let id = fixture.text_in("hello");
        fixture.webhooks();
        for action in ["workflow_reply", "ai_reply"] {
            fixture.act(action, &json!({ "conversation": id, "html": "closed" }));
            let body = payload(&fixture.webhooks()[0]);
            assert_eq!(body["_embedded"]["threads"][0]["createdBy"]["type"], kind, "{action}");
        }
    }
}

#[test]
fn the_ai_agent_is_no_user_and_the_api_may_take_it_for_one() {
    for (marks, kind) in [(true, "system_user"), (false, "user")] {
        let mut fixture = Fixture::new(|settings| settings.ai_agent.marked_in_api = marks);
        let id = fixture.text_in("hello");
        fixture.act("ai_reply", &json!({ "conversation": id, "html": "At school 7." }));
        let newest = &fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
        assert_eq!((&newest["type"], &newest["source"]["type"]), (&json!("message"), &json!("web")));
        assert_eq!(newest["createdBy"]["type"], kind);
        let user = format!("/v2/users/{}", newest["createdBy"]["id"]);
        assert_eq!(fixture.ask("GET", &user, &Value::Null).status, 404);
    }
}

#[test]
fn a_webhook_changes_its_payload_version() {
    let mut fixture = Fixture::new(|settings| settings.embed_threads = EmbedThreads::Yes);
    let id = fixture.text_in("hello");
    fixture.webhooks();
    for (version, kind) in [("V3", "system_user"), ("V2", "user")] {
        fixture.act("settings", &json!({ "payload_version": version }));
        fixture.act("ai_reply", &json!({ "conversation": id, "html": "x" }));
        let body = payload(&fixture.webhooks()[0]);
        assert_eq!(body["_embedded"]["threads"][0]["createdBy"]["type"], kind);
    }
}

#[test]
fn a_merge_tells_the_survivor_and_not_who_was_merged() {
    let mut fixture = Fixture::new(|settings| settings.embed_threads = EmbedThreads::Yes);
    let (from, into) = (fixture.text_in("one"), fixture.text_in("two"));
    fixture.webhooks();
    fixture.act("merge", &json!({ "from": from, "into": into }));
    let sent = fixture.webhooks();
    assert_eq!((event(&sent[0]).as_str(), &payload(&sent[0])["id"]), ("convo.merged", &json!(into)));
    assert!(!String::from_utf8_lossy(&sent[0].request.body).contains(&from.to_string()));
}

#[test]
fn a_deletion_tells_the_id_only() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    fixture.webhooks();
    fixture.act("delete", &json!({ "conversation": id }));
    assert_eq!(payload(&fixture.webhooks()[0]), json!({ "id": id }));
}

#[test]
fn webhooks_are_made_shown_replaced_and_removed() {
    let mut fixture = Fixture::new(|settings| settings.webhook = None);
    let body = json!({ "url": "https://hotline.example.org/h", "events": ["convo.created"], "secret": "s", "mailboxIds": [3003], "payloadVersion": "V3" });
    let id = fixture.make("/v2/webhooks", &body);
    let shown = fixture.get(&format!("/v2/webhooks/{id}"));
    assert_eq!(
        (&shown["state"], &shown["payloadVersion"], shown.get("secret")),
        (&json!("enabled"), &json!("V3"), None)
    );
    fixture.text_in("hello");
    assert_eq!(fixture.events(), ["convo.created"]);

    let mut other = body.clone();
    other["events"] = json!(["convo.status"]);
    assert_eq!(fixture.ask("PUT", &format!("/v2/webhooks/{id}"), &other).status, 204);
    fixture.text_in("hello");
    assert!(fixture.events().is_empty());
    assert_eq!(fixture.ask("DELETE", &format!("/v2/webhooks/{id}"), &Value::Null).status, 204);
    assert!(fixture.get("/v2/webhooks").get("_embedded").is_none());

    for (field, value) in
        [("url", json!("")), ("events", json!([])), ("secret", json!("x".repeat(41))), ("payloadVersion", json!("V1"))]
    {
        let mut wrong = body.clone();
        wrong[field] = value;
        assert_eq!(fixture.ask("POST", "/v2/webhooks", &wrong).status, 400, "{field}");
    }
}

#[test]
fn a_disabled_webhook_is_put_back_by_the_same_put() {
    let mut fixture = Fixture::new(|settings| settings.webhook = None);
    let body = json!({ "url": "https://hotline.example.org/h", "events": ["convo.created"], "secret": "s" });
    let id = fixture.make("/v2/webhooks", &body);
    fixture.text_in("hello");
    fixture.now = NOON + 1000;
    let sent = fixture.hs.take_due(fixture.now);
    let gone = crate::http::Response { status: 410, headers: vec![], body: vec![] };
    fixture.hs.answered(fixture.now, sent[0].id, Outcome::Answered(gone));
    assert_eq!(fixture.get(&format!("/v2/webhooks/{id}"))["state"], "disabled");
    assert_eq!(fixture.ask("PUT", &format!("/v2/webhooks/{id}"), &body).status, 204);
    assert_eq!(fixture.get(&format!("/v2/webhooks/{id}"))["state"], "enabled");
}

#[test]
fn renaming_and_testing_reach_every_webhook() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let customer = fixture.hs.conversation(id).unwrap().customer;
    fixture.webhooks();
    fixture.act("rename_customer", &json!({ "customer": customer, "first": "Samira", "last": "Poe" }));
    fixture.act("test_webhook", &json!({}));
    assert_eq!(fixture.events(), ["customer.updated", "helpscout.test"]);
}
