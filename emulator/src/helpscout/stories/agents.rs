//! What agents, customers and workflows do in Help Scout's own screen.

use crate::helpscout::stage::Stage;
use crate::helpscout::{Person, Status, ThreadState};
use serde_json::{Value, json};

#[test]
fn an_agents_reply_is_from_the_web_and_is_mailed() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    let made = stage.play("reply", &json!({ "conversation": id, "html": "At school 7.", "status": "closed" }));
    let thread = stage.hs.thread(made["thread"].as_u64().unwrap()).unwrap();
    assert_eq!((thread.source.kind.as_str(), thread.created_by), ("web", Person::User(4004)));
    assert_eq!(stage.hs.outbox()[0].to, "15550100100@sms.example.org");
    assert_eq!(stage.hs.conversation(id).unwrap().status, Status::Closed);
}

#[test]
fn a_workflow_is_nobody_in_person() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    stage.play("workflow_reply", &json!({ "conversation": id, "html": "We are closed." }));
    let newest = &stage.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    assert_eq!((&newest["source"]["type"], &newest["type"]), (&json!("workflows"), &json!("message")));
}

#[test]
fn a_draft_goes_out_only_when_it_is_published_and_keeps_its_id() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    let draft = stage.play("reply", &json!({ "conversation": id, "html": "d", "state": "draft" }))["thread"].clone();
    stage.webhooks();
    let later = stage.make(&format!("/v2/conversations/{id}/notes"), &json!({ "text": "n" }));
    stage.events();
    assert_eq!(stage.hs.outbox().len(), 0);
    stage.play("publish_draft", &json!({ "thread": draft }));
    assert_eq!(stage.events(), ["convo.agent.reply.created"]);
    assert_eq!(stage.hs.outbox().len(), 1);
    assert!(draft.as_u64().unwrap() < later);
    assert_eq!(json!(stage.hs.threads(id).last().unwrap().id), draft, "newest by time, not by id");
    assert!(stage.hs.play(stage.now, "publish_draft", &json!({ "thread": draft })).is_err());
}

#[test]
fn a_scheduled_reply_is_published_at_its_time() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    stage.webhooks();
    let at = stage.now + 3_600_000;
    stage.play("reply", &json!({ "conversation": id, "html": "later", "scheduled_for": at }));
    assert_eq!(crate::http::Model::next_due(&stage.hs), Some(at));
    let read = &stage.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    assert_eq!((&read["state"], read["scheduled"].is_object()), (&json!("draft"), true));
    assert!(stage.events().is_empty());
    stage.now = at;
    stage.get("/v2/users/me");
    assert_eq!(stage.events(), ["convo.agent.reply.created"]);
}

#[test]
fn an_undone_reply_is_a_draft_again_and_was_never_mailed() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    let thread = stage.play("reply", &json!({ "conversation": id, "html": "oops" }))["thread"].clone();
    stage.play("undo_reply", &json!({ "thread": thread }));
    assert_eq!(stage.hs.threads(id)[1].state, ThreadState::Draft);
    assert!(stage.hs.outbox().is_empty());
}

#[test]
fn replies_can_be_edited_and_hidden() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    let thread = stage.play("reply", &json!({ "conversation": id, "html": "a" }))["thread"].clone();
    stage.play("edit_thread", &json!({ "thread": thread, "html": "b" }));
    stage.play("hide_thread", &json!({ "thread": thread }));
    assert_eq!((stage.hs.threads(id)[1].text.as_str(), stage.hs.threads(id)[1].state), ("b", ThreadState::Hidden));
}

#[test]
fn an_agent_can_begin_a_conversation_with_someone_new() {
    let mut stage = Stage::new(|_| {});
    let args =
        json!({ "mailbox": 3003, "customer": { "email": "kim@example.org" }, "type": "email", "html": "Hi Kim" });
    let made = stage.play("new_conversation", &args);
    assert_eq!(stage.hs.outbox()[0].to, "kim@example.org");
    assert_eq!(stage.events(), ["convo.created", "convo.agent.reply.created"]);
    let it = stage.hs.conversation(made["conversation"].as_u64().unwrap()).unwrap();
    assert_eq!((it.kind.as_str(), it.created_by), ("email", Person::User(4004)));
}

#[test]
fn a_customer_who_writes_an_email_opens_a_closed_conversation() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    stage.play("status", &json!({ "conversation": id, "status": "closed" }));
    stage.webhooks();
    stage.play("customer_reply", &json!({ "conversation": id, "html": "By e-mail." }));
    assert_eq!(stage.events(), ["convo.customer.reply.created", "convo.status"]);
    assert_eq!(stage.hs.threads(id).last().unwrap().source.kind, "email");
}

#[test]
fn a_changed_customer_is_seen_in_the_next_thread_and_told_by_no_event() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    stage.webhooks();
    let kim = json!({ "email": "kim@example.org", "firstName": "Kim" });
    stage.play("change_customer", &json!({ "conversation": id, "customer": kim }));
    assert!(stage.events().is_empty());
    stage.play("reply", &json!({ "conversation": id, "html": "for Kim" }));
    let threads = stage.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"].clone();
    assert_eq!(threads[0]["customer"]["email"], "kim@example.org");
    assert_eq!(threads[2]["customer"]["email"], "15550100100@sms.example.org");
    assert_eq!(stage.get(&format!("/v2/conversations/{id}"))["primaryCustomer"]["first"], "Kim");
    assert_eq!(stage.hs.outbox()[0].to, "kim@example.org");
}

#[test]
fn merged_customers_are_one_who_has_everything() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    let from = stage.hs.conversation(id).unwrap().customer;
    let into = stage.make("/v2/customers", &json!({ "email": "sam@example.org" }));
    stage.webhooks();
    stage.play("merge_customers", &json!({ "from": from, "into": into }));
    assert_eq!(stage.events(), ["customer.updated"]);
    assert_eq!(stage.ask("GET", &format!("/v2/customers/{from}"), &Value::Null).status, 404);
    assert_eq!(stage.hs.conversation(id).unwrap().customer, into);
    assert_eq!(stage.hs.threads(id)[0].created_by, Person::Customer(into));
    assert_eq!(stage.get(&format!("/v2/customers/{into}"))["_embedded"]["phones"][0]["value"], "+15550100100");
}

#[test]
fn a_reply_that_is_undone_edited_and_sent_again_keeps_its_id() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    let thread = stage.play("reply", &json!({ "conversation": id, "html": "at 3" }))["thread"].clone();
    stage.webhooks();
    stage.play("undo_reply", &json!({ "thread": thread }));
    stage.play("edit_thread", &json!({ "thread": thread, "html": "at 5" }));
    stage.play("publish_draft", &json!({ "thread": thread }));
    assert_eq!(stage.events(), ["convo.agent.reply.created"]);
    let newest = &stage.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    assert_eq!((&newest["id"], &newest["body"], &newest["state"]), (&thread, &json!("at 5"), &json!("published")));
}

#[test]
fn what_cannot_be_done_is_said() {
    let mut stage = Stage::new(|_| {});
    let (id, other) = (stage.text_in("one"), stage.text_in("two"));
    stage.play("delete", &json!({ "conversation": other }));
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
        assert!(stage.hs.play(stage.now, action, &args).is_err(), "{action} {args}");
    }
}

#[test]
fn the_page_sees_conversations_newest_activity_first() {
    let mut stage = Stage::new(|_| {});
    let first = stage.text_in("one");
    stage.now += 1000;
    stage.text_in("two");
    stage.now += 1000;
    let picture = json!([{ "name": "map.png", "type": "image/png", "base64": "iVBORw==" }]);
    stage.play("note", &json!({ "conversation": first, "html": "see map", "attachments": picture }));
    let seen = stage.hs.state(stage.now);
    let shown = &seen["conversations"][0];
    assert_eq!((&shown["id"], &shown["customer"]["name"]), (&json!(first), &json!("Sam")));
    let note = &shown["threads"][1];
    assert_eq!((&note["kind"], &note["author"]), (&json!("note"), &json!("Ada Byron")));
    let url = note["attachments"][0]["url"].as_str().unwrap();
    let id = url.strip_prefix("/_play/attachment/").unwrap().parse().unwrap();
    assert_eq!(stage.hs.attachment(id).unwrap().0, "image/png");
}

#[test]
fn the_accounts_switches_turn_while_it_runs() {
    let mut stage = Stage::new(|_| {});
    let id = stage.text_in("hello");
    let note = json!({ "text": "it&#39;s" });
    let target = format!("/v2/conversations/{id}/notes");
    stage.now += 1;
    stage.play("settings", &json!({ "too_old_ms": 0, "full_status": 423 }));
    assert_eq!(stage.ask("POST", &target, &note).status, 423);
    stage.play("settings", &json!({ "too_old_ms": null, "rewrite_html": false }));
    stage.make(&target, &note);
    let body = |stage: &mut Stage| {
        stage.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0]["body"].clone()
    };
    assert_eq!(body(&mut stage), "it&#39;s");
    stage.play("settings", &json!({ "rewrite_html": true }));
    assert_eq!(body(&mut stage), "it's");
    stage.play("settings", &json!({ "limit_per_minute": 1 }));
    assert_eq!(stage.ask("GET", "/v2/users/me", &Value::Null).status, 429);
    stage.play("revoke_tokens", &json!({}));
    assert_eq!(stage.ask("GET", "/v2/users/me", &Value::Null).status, 401);
}
