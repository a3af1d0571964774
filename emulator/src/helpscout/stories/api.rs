//! Conversations, threads, attachments through the API.

use crate::helpscout::fixture::{Fixture, header, text_body};
use crate::helpscout::{ConversationState, Merged, Person, Status, ThreadKind};
use serde_json::{Value, json};

#[test]
fn a_first_text_makes_customer_conversation_and_thread_in_one_call() {
    let mut fixture = Fixture::new(|_| {});
    let response = fixture.ask("POST", "/v2/conversations", &text_body("Where do I vote?"));
    assert_eq!((response.status, response.body.len()), (201, 0));
    let id: u64 = header(&response, "resource-id").parse().unwrap();
    assert!(id > 1 << 31);
    assert_eq!(header(&response, "location"), format!("https://api.helpscout.net/v2/conversations/{id}"));

    let read = fixture.get(&format!("/v2/conversations/{id}?embed=threads"));
    assert_eq!(read["tags"][0]["tag"], "sms");
    assert_eq!(read["primaryCustomer"]["email"], "15550100100@sms.example.org");
    assert_eq!((&read["source"]["type"], &read["source"]["via"]), (&json!("api"), &json!("customer")));
    assert_eq!(read["_embedded"]["threads"][0]["body"], "Where do I vote?");
    assert!(fixture.hs.outbox().is_empty());
}

#[test]
fn a_malformed_create_names_the_field_and_makes_nothing() {
    let cases: [(&str, Value, &str); 9] = [
        ("/subject", json!(""), "subject"),
        ("/type", json!("sms"), "type"),
        ("/status", json!("open"), "status"),
        ("/mailboxId", json!(9), "mailboxId"),
        ("/mailboxId", Value::Null, "mailboxId"),
        ("/customer", json!({ "phone": "+15550100100" }), "customer"),
        ("/customer/firstName", json!(""), "customer.firstName"),
        ("/threads", json!([]), "threads"),
        ("/threads/0/text", json!(""), "threads.0.text"),
    ];
    for (pointer, value, path) in cases {
        let mut fixture = Fixture::new(|_| {});
        let mut body = text_body("hello");
        *body.pointer_mut(pointer).unwrap() = value;
        let response = fixture.ask("POST", "/v2/conversations", &body);
        let read: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!((response.status, &read["_embedded"]["errors"][0]["path"]), (400, &json!(path)));
        assert_eq!((fixture.hs.conversations().count(), fixture.hs.customers().count()), (0, 0));
    }
}

#[test]
fn every_kind_of_thread_has_its_own_path_and_effect() {
    let customer = json!({ "email": "15550100100@sms.example.org" });
    // path, extra fields, kind as read, status afterwards, e-mails sent
    let cases = [
        ("customer", json!({}), ThreadKind::Customer, Status::Active, 0),
        ("customer", json!({ "imported": true }), ThreadKind::Customer, Status::Closed, 0),
        ("reply", json!({}), ThreadKind::Message, Status::Active, 1),
        ("reply", json!({ "status": "pending" }), ThreadKind::Message, Status::Pending, 1),
        ("reply", json!({ "imported": true }), ThreadKind::Message, Status::Closed, 0),
        ("reply", json!({ "draft": true }), ThreadKind::Message, Status::Closed, 0),
        ("notes", json!({}), ThreadKind::Note, Status::Closed, 0),
        ("notes", json!({ "status": "active" }), ThreadKind::Note, Status::Active, 0),
        ("phones", json!({}), ThreadKind::Phone, Status::Closed, 0),
        ("chats", json!({}), ThreadKind::Chat, Status::Closed, 0),
    ];
    for (path, extra, kind, status, mails) in cases {
        let mut fixture = Fixture::new(|_| {});
        let id = fixture.text_in("hello");
        fixture.act("status", &json!({ "conversation": id, "status": "closed" }));
        let by_id = json!({ "id": fixture.hs.conversation(id).unwrap().customer });
        let mut body = json!({ "text": "x", "customer": if path == "reply" { &by_id } else { &customer } });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let thread = fixture.make(&format!("/v2/conversations/{id}/{path}"), &body);
        assert_eq!(fixture.hs.thread(thread).unwrap().kind, kind, "{path}");
        assert_eq!(fixture.hs.conversation(id).unwrap().status, status, "{path} {extra}");
        assert_eq!(fixture.hs.outbox().len(), mails, "{path} {extra}");
    }
}

#[test]
fn a_reply_without_user_is_by_the_owner_of_the_application() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let note = |user: Value| json!({ "text": "n", "user": user });
    let by_bot = fixture.make(&format!("/v2/conversations/{id}/notes"), &note(Value::Null));
    let by_ada = fixture.make(&format!("/v2/conversations/{id}/notes"), &note(json!(4004)));
    assert_eq!(fixture.hs.thread(by_bot).unwrap().created_by, Person::User(4001));
    assert_eq!(fixture.hs.thread(by_ada).unwrap().created_by, Person::User(4004));
    assert_eq!(fixture.ask("POST", &format!("/v2/conversations/{id}/notes"), &note(json!(9))).status, 400);
}

#[test]
fn the_hundredth_thread_is_refused() {
    for (full_status, line_items_count, room) in [(412, true, 0), (423, true, 0), (412, false, 8)] {
        let mut fixture = Fixture::new(|settings| {
            (settings.full_status, settings.line_items_count) = (full_status, line_items_count);
        });
        let id = fixture.text_in("hello");
        fixture.act("line_items", &json!({ "conversation": id, "n": 8 }));
        let target = format!("/v2/conversations/{id}/notes");
        for _ in 0..90 + room {
            fixture.make(&target, &json!({ "text": "n" }));
        }
        assert_eq!(fixture.ask("POST", &target, &json!({ "text": "n" })).status, full_status);
        assert!(fixture.hs.agent_action(fixture.now, "reply", &json!({ "conversation": id, "html": "x" })).is_err());
    }
}

#[test]
fn a_conversation_beyond_the_reopen_policy_takes_nothing_more() {
    let mut fixture = Fixture::new(|settings| settings.too_old_ms = Some(86_400_000));
    let id = fixture.text_in("hello");
    fixture.now += 86_400_001;
    assert_eq!(fixture.ask("POST", &format!("/v2/conversations/{id}/notes"), &json!({ "text": "n" })).status, 412);
}

#[test]
fn a_picture_goes_in_as_file_name_and_comes_out_as_filename() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let picture = json!({ "fileName": "photo.jpg", "mimeType": "image/jpeg", "data": "/9j/4AAQ" });
    let mut note = json!({ "text": "n", "attachments": [picture] });
    fixture.make(&format!("/v2/conversations/{id}/notes"), &note);
    let thread = &fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    let read = &thread["_embedded"]["attachments"][0];
    assert_eq!((&read["filename"], &read["size"]), (&json!("photo.jpg"), &json!(6)));
    let href =
        read["_links"]["data"]["href"].as_str().unwrap().strip_prefix("https://api.helpscout.net").unwrap().to_owned();
    assert_eq!(fixture.get(&href)["data"], "/9j/4AAQ");

    for (name, value) in [("data", "no base64!"), ("fileName", ""), ("mimeType", "")] {
        note["attachments"][0] = json!({ "fileName": "a", "mimeType": "b", "data": "YQ==" });
        note["attachments"][0][name] = value.into();
        assert_eq!(fixture.ask("POST", &format!("/v2/conversations/{id}/notes"), &note).status, 400, "{name}");
    }
}

#[test]
fn a_file_can_be_added_to_a_thread_and_taken_away() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let thread = fixture.hs.threads(id)[0].id;
    let file = json!({ "fileName": "a.txt", "mimeType": "text/plain", "data": "YQ==" });
    let attachment = fixture.make(&format!("/v2/conversations/{id}/threads/{thread}/attachments"), &file);
    assert_eq!(fixture.hs.attachment(attachment), Some(("text/plain".into(), b"a".to_vec())));
    let target = format!("/v2/conversations/{id}/attachments/{attachment}");
    assert_eq!(fixture.ask("DELETE", &target, &Value::Null).status, 204);
    assert!(fixture.hs.threads(id)[0].attachments.is_empty());
    assert_eq!(fixture.ask("DELETE", &target, &Value::Null).status, 404);
}

#[test]
fn a_patch_is_one_object() {
    let replace = |path: &str, value: Value| json!({ "op": "replace", "path": path, "value": value });
    let cases = [
        (replace("/status", json!("closed")), 204),
        (replace("/subject", json!("Text from Sam")), 204),
        (replace("/mailboxId", json!(3004)), 204),
        (replace("/assignTo", json!(4004)), 204),
        (json!({ "op": "remove", "path": "/assignTo" }), 204),
        (json!([replace("/status", json!("closed"))]), 400),
        (replace("/status", json!("gone")), 400),
        (replace("/mailboxId", json!(9)), 400),
        (replace("/primaryCustomer.id", json!(9)), 400),
        (replace("/number", json!(1)), 400),
        (json!({ "op": "replace" }), 400),
    ];
    for (body, status) in cases {
        let mut fixture = Fixture::new(|_| {});
        let id = fixture.text_in("hello");
        assert_eq!(fixture.ask("PATCH", &format!("/v2/conversations/{id}"), &body).status, status, "{body}");
    }
}

#[test]
fn a_note_can_be_edited_and_hidden_later() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let note = fixture.make(&format!("/v2/conversations/{id}/notes"), &json!({ "text": "sending" }));
    let target = format!("/v2/conversations/{id}/threads/{note}");
    let patch = |path: &str, value: Value| json!({ "op": "replace", "path": path, "value": value });
    assert_eq!(fixture.ask("PATCH", &target, &patch("/text", json!("delivered"))).status, 204);
    assert_eq!(fixture.ask("PATCH", &target, &patch("/hidden", json!(true))).status, 204);
    let read = &fixture.get(&format!("/v2/conversations/{id}/threads"))["_embedded"]["threads"][0];
    assert_eq!((&read["body"], &read["state"]), (&json!("delivered"), &json!("hidden")));
    assert_eq!(fixture.ask("PATCH", &target, &patch("/text", json!(7))).status, 400);
    assert_eq!(fixture.ask("PATCH", &target, &json!([patch("/text", json!("x"))])).status, 400, "one object");
    assert_eq!(fixture.ask("PATCH", &format!("{target}0"), &patch("/text", json!("x"))).status, 404);
}

#[test]
fn tags_and_fields_are_replaced_as_a_whole() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    assert_eq!(fixture.ask("PUT", &format!("/v2/conversations/{id}/tags"), &json!({ "tags": ["mms"] })).status, 204);
    let fields = json!({ "fields": [{ "id": 55, "value": "1" }] });
    assert_eq!(fixture.ask("PUT", &format!("/v2/conversations/{id}/fields"), &fields).status, 204);
    let read = fixture.get(&format!("/v2/conversations/{id}"));
    assert_eq!(read["tags"].as_array().unwrap().len(), 1);
    assert_eq!((&read["tags"][0]["tag"], &read["customFields"][0]["id"]), (&json!("mms"), &json!(55)));
}

#[test]
fn a_merged_conversation_redirects_readers_for_60_days_and_refuses_writers() {
    let mut fixture = Fixture::new(|_| {});
    let (from, into) = (fixture.text_in("one"), fixture.text_in("two"));
    fixture.act("merge", &json!({ "from": from, "into": into }));
    let get = fixture.ask("GET", &format!("/v2/conversations/{from}"), &Value::Null);
    assert_eq!(
        (get.status, header(&get, "location")),
        (301, &*format!("https://api.helpscout.net/v2/conversations/{into}"))
    );
    assert_eq!(fixture.ask("POST", &format!("/v2/conversations/{from}/notes"), &json!({ "text": "n" })).status, 404);

    let threads = fixture.get(&format!("/v2/conversations/{into}/threads"));
    let item = &threads["_embedded"]["threads"][0];
    assert_eq!((&item["type"], &item["action"]["type"]), (&json!("lineitem"), &json!("merged")));
    assert_eq!(item["action"]["associatedEntities"]["originalConversation"], from);
    assert_eq!(threads["page"]["totalElements"], 3);

    fixture.now += 60 * 86_400_000;
    fixture.renew_token();
    assert_eq!(fixture.ask("GET", &format!("/v2/conversations/{from}"), &Value::Null).status, 404);
}

#[test]
fn a_deleted_conversation_is_gone_unless_the_account_still_shows_it() {
    for (readable, status) in [(false, 404), (true, 200)] {
        let mut fixture = Fixture::new(|settings| settings.deleted_is_readable = readable);
        let id = fixture.text_in("hello");
        assert_eq!(fixture.ask("DELETE", &format!("/v2/conversations/{id}"), &Value::Null).status, 204);
        assert_eq!(fixture.hs.conversation(id).unwrap().state, ConversationState::Deleted);
        assert_eq!(fixture.ask("GET", &format!("/v2/conversations/{id}"), &Value::Null).status, status);
        assert_eq!(fixture.ask("POST", &format!("/v2/conversations/{id}/notes"), &json!({ "text": "n" })).status, 404);
    }
}

#[test]
fn every_answer_tells_the_budget_and_an_ended_token_is_401() {
    let mut fixture = Fixture::new(|settings| settings.limit_per_minute = 3);
    let left = |response: &crate::http::Response| header(response, "x-ratelimit-remaining-minute").to_owned();
    let first = fixture.ask("POST", "/v2/conversations", &text_body("hello"));
    assert_eq!((first.status, left(&first).as_str()), (201, "1"));
    assert_eq!(fixture.ask("POST", "/v2/conversations", &text_body("hello")).status, 429);
    assert_eq!(fixture.ask("GET", "/v2/users/me", &Value::Null).status, 200);
    fixture.now += 172_800_000;
    assert_eq!(fixture.ask("GET", "/v2/users/me", &Value::Null).status, 401);
}

#[test]
fn users_and_inboxes_are_read() {
    let mut fixture = Fixture::new(|_| {});
    assert_eq!(fixture.get("/v2/users?email=ADA@example.org")["_embedded"]["users"][0]["phone"], "+1 555 010 0104");
    assert_eq!(fixture.get("/v2/users/me")["companyId"], 1);
    assert_eq!(fixture.get("/v2/mailboxes")["page"]["totalElements"], 2);
    assert_eq!(fixture.get("/v2/mailboxes/3003")["name"], "Voter hotline");
    fixture.act("remove_user", &json!({ "user": 4004 }));
    assert_eq!(fixture.ask("GET", "/v2/users/4004", &Value::Null).status, 404);
}

#[test]
fn a_conversation_that_begins_with_a_reply_is_mailed_unless_imported() {
    for (imported, auto_reply, kind, mails) in [
        (false, false, "reply", 1),
        (true, false, "reply", 0),
        (false, true, "customer", 1),
        (true, true, "customer", 0),
    ] {
        let mut fixture = Fixture::new(|_| {});
        let mut body = text_body("hello");
        body["threads"][0]["type"] = kind.into();
        body["imported"] = imported.into();
        body["autoReply"] = auto_reply.into();
        fixture.make("/v2/conversations", &body);
        assert_eq!(fixture.hs.outbox().len(), mails, "{imported} {kind}");
    }
}

#[test]
fn only_imported_threads_may_carry_their_own_time() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let mut note = json!({ "text": "n", "imported": true, "createdAt": "2026-01-31T09:15:00Z" });
    let target = format!("/v2/conversations/{id}/notes");
    let thread = fixture.make(&target, &note);
    assert_eq!(fixture.hs.thread(thread).unwrap().created_at, 1_769_850_900_000);
    let customer = json!({ "id": fixture.hs.conversation(id).unwrap().customer });
    note["customer"] = customer;
    for kind in ["customer", "reply", "notes", "phones", "chats"] {
        for (imported, status) in [(true, 201), (false, 400)] {
            note["imported"] = imported.into();
            let made = fixture.ask("POST", &format!("/v2/conversations/{id}/{kind}"), &note);
            assert_eq!(made.status, status, "{kind}, imported: {imported}");
        }
    }

    let mut body = text_body("hello");
    body["threads"][0]["createdAt"] = "2026-01-31T09:15:00Z".into();
    assert_eq!(fixture.ask("POST", "/v2/conversations", &body).status, 400);
    body["imported"] = true.into();
    fixture.make("/v2/conversations", &body);
    body["imported"] = false.into();
    body["threads"][0]["createdAt"] = Value::Null;
    body["closedAt"] = "2026-01-31T09:15:00Z".into();
    assert_eq!(fixture.ask("POST", "/v2/conversations", &body).status, 400);
}

#[test]
fn a_reply_names_its_customer_by_id() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let customer = fixture.hs.conversation(id).unwrap().customer;
    let target = format!("/v2/conversations/{id}/reply");
    let reply = |customer: Value| json!({ "text": "x", "imported": true, "customer": customer });
    for refused in [json!({ "email": "15550100100@sms.example.org" }), json!({}), Value::Null] {
        assert_eq!(fixture.ask("POST", &target, &reply(refused)).status, 400);
    }
    fixture.make(&target, &reply(json!({ "id": customer })));
}

#[test]
fn a_thread_cannot_be_deleted() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let thread = fixture.hs.threads(id)[0].id;
    assert_eq!(fixture.ask("DELETE", &format!("/v2/conversations/{id}/threads/{thread}"), &Value::Null).status, 400);
    assert_eq!(fixture.ask("DELETE", &format!("/v2/conversations/{id}/threads/1"), &Value::Null).status, 404);
    assert_eq!(fixture.hs.threads(id).len(), 1);
}

#[test]
fn what_is_not_json_is_refused() {
    let mut fixture = Fixture::new(|_| {});
    let kinds =
        [("application/json; charset=utf-8", 201), ("text/plain", 415), ("application/x-www-form-urlencoded", 415)];
    for (kind, status) in kinds {
        assert_eq!(fixture.ask_as(kind, "POST", "/v2/conversations", &text_body("hello")).status, status, "{kind}");
    }
}

#[test]
fn a_write_to_a_merged_conversation_may_be_answered_with_its_new_address_and_writes_nothing() {
    let merged = Merged { write_status: 301, location_keeps_path: true };
    let mut fixture = Fixture::new(|settings| settings.merged = merged);
    let (from, into) = (fixture.text_in("one"), fixture.text_in("two"));
    fixture.act("merge", &json!({ "from": from, "into": into }));
    let before = fixture.hs.threads(into).len();
    let note = fixture.ask("POST", &format!("/v2/conversations/{from}/notes"), &json!({ "text": "n" }));
    let address = format!("https://api.helpscout.net/v2/conversations/{into}");
    assert_eq!((note.status, header(&note, "location")), (301, address.as_str()));
    assert_eq!(fixture.hs.threads(into).len(), before);
    let threads = fixture.ask("GET", &format!("/v2/conversations/{from}/threads"), &Value::Null);
    assert_eq!((threads.status, header(&threads, "location")), (301, format!("{address}/threads").as_str()));
}

#[test]
fn an_inbox_that_the_application_cannot_see_has_no_conversations() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let address = format!("/v2/conversations/{id}");
    fixture.act("settings", &json!({ "hidden_inboxes": [3003] }));
    let get = fixture.ask("GET", &address, &Value::Null);
    assert_eq!((get.status, header(&get, "location")), (404, ""));
    assert_eq!(fixture.ask("POST", &format!("{address}/notes"), &json!({ "text": "n" })).status, 404);
    assert_eq!(fixture.ask("POST", "/v2/conversations", &text_body("hello")).status, 400);
    assert_eq!(fixture.get("/v2/conversations?status=all")["page"]["totalElements"], 0);
    assert_eq!(fixture.get("/v2/mailboxes")["page"]["totalElements"], 1);
    assert_eq!(fixture.ask("GET", "/v2/mailboxes/3003", &Value::Null).status, 404);
    fixture.act("settings", &json!({ "hidden_inboxes": [] }));
    assert_eq!(fixture.get(&address)["state"], "published");
}

#[test]
fn help_scouts_clock_may_be_ahead() {
    let mut fixture = Fixture::new(|settings| settings.clock_ahead_ms = 300_000);
    let id = fixture.text_in("hello");
    assert_eq!(fixture.get(&format!("/v2/conversations/{id}"))["createdAt"], "2026-11-20T12:05:00Z");
    let at = fixture.now + 3_600_000;
    assert_eq!(fixture.events(), ["convo.created"], "webhooks come at their own time");
    fixture.act("reply", &json!({ "conversation": id, "html": "later", "scheduled_for": at + 300_000 }));
    assert_eq!(crate::http::Model::next_due(&fixture.hs), Some(at));
}

#[test]
fn attachments_count_as_requests() {
    let mut fixture = Fixture::new(|_| {});
    let id = fixture.text_in("hello");
    let note = json!({ "text": "n", "attachments": [{ "fileName": "a", "mimeType": "image/png", "data": "YQ==" }] });
    fixture.make(&format!("/v2/conversations/{id}/notes"), &note);
    let file = fixture.hs.threads(id)[1].attachments[0];
    let target = format!("/v2/conversations/{id}/attachments/{file}/data");
    assert_eq!(fixture.get(&target)["data"], "YQ==");
    fixture.act("spend_budget", &json!({ "requests": 400 }));
    assert_eq!(fixture.ask("GET", &target, &Value::Null).status, 429);
}
