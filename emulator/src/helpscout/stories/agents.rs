//! Tests of the actions on Help Scout's own screen.

use crate::helpscout::fixture::Fixture;
use crate::helpscout::{Person, Status, ThreadState};
use serde_json::{Value, json};

#[test]
fn an_agents_reply_is_from_the_web_and_is_mailed() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let made = fixture.act("reply", &json!({ "conversation": id, "html": "At school 7.", "status": "closed" }));
    let thread = fixture.hs.thread(made["thread"].as_u64().unwrap()).unwrap();
    assert_eq!((thread.source.kind.as_str(), thread.created_by), ("web", Person::User(4004)));
    assert_eq!(fixture.hs.outbox()[0].to, "15550100100@sms.example.org");
    assert_eq!(fixture.hs.conversation(id).unwrap().status, Status::Closed);
}

#[test]
fn a_workflow_is_nobody_in_person() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    fixture.act("workflow_reply", &json!({ "conversation": id, "html": "We are closed." }));
    let newest = &fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    assert_eq!((&newest["source"]["type"], &newest["type"]), (&json!("workflows"), &json!("message")));
}

#[test]
fn a_draft_goes_out_only_when_it_is_published_and_keeps_its_id() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let draft = fixture.act("reply", &json!({ "conversation": id, "html": "d", "state": "draft" }))["thread"].clone();
    fixture.webhooks();
    let later = fixture.make(&format!("/v2/conversations/{id}/notes"), &json!({ "text": "n" }));
    fixture.events();
    assert_eq!(fixture.hs.outbox().len(), 0);
    fixture.act("publish_draft", &json!({ "thread": draft }));
    assert_eq!(fixture.events(), ["convo.agent.reply.created"]);
    assert_eq!(fixture.hs.outbox().len(), 1);
    assert!(draft.as_u64().unwrap() < later);
    assert_eq!(json!(fixture.hs.threads(id).last().unwrap().id), draft, "newest by time, not by id");
    assert!(fixture.hs.agent_action(fixture.now, "publish_draft", &json!({ "thread": draft })).is_err());
}

#[test]
fn a_scheduled_reply_is_published_at_its_time() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    fixture.webhooks();
    let at = fixture.now + 3_600_000;
    fixture.act("reply", &json!({ "conversation": id, "html": "later", "scheduled_for": at }));
    assert_eq!(crate::http::Model::next_due(&fixture.hs), Some(at));
    let read = &fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    assert_eq!((&read["state"], read["scheduled"].is_object()), (&json!("draft"), true));
    assert!(fixture.events().is_empty());
    fixture.now = at;
    fixture.get("/v2/users/me");
    assert_eq!(fixture.events(), ["convo.agent.reply.created"]);
}

#[test]
fn an_undone_reply_is_a_draft_again_and_was_never_mailed() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let thread = fixture.act("reply", &json!({ "conversation": id, "html": "oops" }))["thread"].clone();
    fixture.act("undo_reply", &json!({ "thread": thread }));
    assert_eq!(fixture.hs.threads(id)[1].state, ThreadState::Draft);
    assert!(fixture.hs.outbox().is_empty());
}

#[test]
fn replies_can_be_edited_and_hidden() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let thread = fixture.act("reply", &json!({ "conversation": id, "html": "a" }))["thread"].clone();
    fixture.act("edit_thread", &json!({ "thread": thread, "html": "b" }));
    fixture.act("hide_thread", &json!({ "thread": thread }));
    assert_eq!((fixture.hs.threads(id)[1].text.as_str(), fixture.hs.threads(id)[1].state), ("b", ThreadState::Hidden));
}

#[test]
fn an_agent_can_begin_a_conversation_with_someone_new() {
    let mut fixture = Fixture::new(|_| {});
    let args =
        json!({ "mailbox": 3003, "customer": { "email": "kim@example.org" }, "type": "email", "html": "Hi Kim" });
    let made = fixture.act("new_conversation", &args);
    assert_eq!(fixture.hs.outbox()[0].to, "kim@example.org");
    assert_eq!(fixture.events(), ["convo.created", "convo.agent.reply.created"]);
    let it = fixture.hs.conversation(made["conversation"].as_u64().unwrap()).unwrap();
    assert_eq!((it.kind.as_str(), it.created_by), ("email", Person::User(4004)));
}

#[test]
fn a_customer_who_writes_an_email_opens_a_closed_conversation() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    fixture.act("status", &json!({ "conversation": id, "status": "closed" }));
    fixture.webhooks();
    fixture.act("customer_reply", &json!({ "conversation": id, "html": "By e-mail." }));
    assert_eq!(fixture.events(), ["convo.customer.reply.created", "convo.status"]);
    assert_eq!(fixture.hs.threads(id).last().unwrap().source.kind, "email");
}

#[test]
fn a_changed_customer_is_seen_in_the_next_thread_and_told_by_no_event() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    fixture.webhooks();
    let kim = json!({ "email": "kim@example.org", "firstName": "Kim" });
    fixture.act("change_customer", &json!({ "conversation": id, "customer": kim }));
    assert!(fixture.events().is_empty());
    fixture.act("reply", &json!({ "conversation": id, "html": "for Kim" }));
    let threads = fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"].clone();
    assert_eq!(threads[0]["customer"]["email"], "kim@example.org");
    assert_eq!(threads[2]["customer"]["email"], "15550100100@sms.example.org");
    assert_eq!(fixture.get(&format!("/v2/conversations/{id}"))["primaryCustomer"]["first"], "Kim");
    assert_eq!(fixture.hs.outbox()[0].to, "kim@example.org");
}

#[test]
fn merged_customers_are_one_who_has_everything() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let from = fixture.hs.conversation(id).unwrap().customer;
    let into = fixture.make("/v2/customers", &json!({ "email": "sam@example.org" }));
    fixture.webhooks();
    fixture.act("merge_customers", &json!({ "from": from, "into": into }));
    assert_eq!(fixture.events(), ["customer.updated"]);
    assert_eq!(fixture.ask("GET", &format!("/v2/customers/{from}"), &Value::Null).status, 404);
    assert_eq!(fixture.hs.conversation(id).unwrap().customer, into);
    assert_eq!(fixture.hs.threads(id)[0].created_by, Person::Customer(into));
    assert_eq!(fixture.get(&format!("/v2/customers/{into}"))["_embedded"]["phones"][0]["value"], "+15550100100");
}

#[test]
fn a_reply_that_is_undone_edited_and_sent_again_keeps_its_id() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let thread = fixture.act("reply", &json!({ "conversation": id, "html": "at 3" }))["thread"].clone();
    fixture.webhooks();
    fixture.act("undo_reply", &json!({ "thread": thread }));
    fixture.act("edit_thread", &json!({ "thread": thread, "html": "at 5" }));
    fixture.act("publish_draft", &json!({ "thread": thread }));
    assert_eq!(fixture.events(), ["convo.agent.reply.created"]);
    let newest = &fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    assert_eq!((&newest["id"], &newest["body"], &newest["state"]), (&thread, &json!("at 5"), &json!("published")));
}

#[test]
fn what_cannot_be_done_is_said() {
    let mut fixture = Fixture::new(|_| {});
    let (id, other) = (fixture.text_in("one"), fixture.text_in("two"));
    fixture.act("delete", &json!({ "conversation": other }));
    let cases: [(&str, Value); 9] = [
        ("reply", json!({ "conversation": id })),
        ("reply", json!({ "conversation": 1, "html": "x" })),
        ("reply", json!({ "conversation": other, "html": "x" })),
        ("reply", json!({ "conversation": id, "html": "x", "user": 9 })),
        ("status", json!({ "conversation": id, "status": "open" })),
        ("merge", json!({ "from": id, "into": id })),
        ("move", json!({ "conversation": id, "mailbox": 9 })),
        ("settings", json!({ "gravity": 1 })),
        ("dance", json!({})),
    ];
    for (action, args) in cases {
        assert!(fixture.hs.agent_action(fixture.now, action, &args).is_err(), "{action} {args}");
    }
}

#[test]
fn the_page_sees_conversations_newest_activity_first() {
    let mut fixture = Fixture::new(|_| {});
    let first = fixture.text_in("one");
    fixture.now += 1000;
    fixture.text_in("two");
    fixture.now += 1000;
    let picture = json!([{ "name": "map.png", "type": "image/png", "base64": "iVBORw==" }]);
    fixture.act("note", &json!({ "conversation": first, "html": "see map", "attachments": picture }));
    let seen = fixture.hs.state(fixture.now);
    let shown = &seen["conversations"][0];
    assert_eq!((&shown["id"], &shown["customer"]["name"]), (&json!(first), &json!("Sam")));
    let note = &shown["threads"][1];
    assert_eq!((&note["kind"], &note["author"]), (&json!("note"), &json!("Ada Byron")));
    let url = note["attachments"][0]["url"].as_str().unwrap();
    let id = url.strip_prefix("/_play/attachment/").unwrap().parse().unwrap();
    assert_eq!(fixture.hs.attachment(id).unwrap().0, "image/png");
}

#[test]
fn the_accounts_switches_turn_while_it_runs() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let note = json!({ "text": "it&#39;s" });
    let target = format!("/v2/conversations/{id}/notes");
    fixture.now += 1;
    fixture.act("settings", &json!({ "too_old_ms": 0, "full_status": 423 }));
    assert_eq!(fixture.ask("POST", &target, &note).status, 423);
    fixture.act("settings", &json!({ "too_old_ms": null, "rewrite_html": false }));
    fixture.make(&target, &note);
    let body = |fixture: &mut Fixture| {
        fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0]["body"].clone()
    };
    assert_eq!(body(&mut fixture), "it&#39;s");
    fixture.act("settings", &json!({ "rewrite_html": true }));
    assert_eq!(body(&mut fixture), "it's");
    fixture.act("settings", &json!({ "limit_per_minute": 1 }));
    assert_eq!(fixture.ask("GET", "/v2/users/me", &Value::Null).status, 429);
    fixture.act("revoke_tokens", &json!({}));
    assert_eq!(fixture.ask("GET", "/v2/users/me", &Value::Null).status, 401);
}
