//! What we read of conversations and threads (Help Scout: Get conversation, List threads).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::html::normalised;
use crate::domain::time::timestamp;
use crate::json::Document;

/// A conversation, as far as the rules need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: u64,
    /// The inbox it is in.
    pub mailbox: Option<u64>,
    /// `email`, `phone`, `chat`; empty when not said.
    pub kind: String,
    /// `active`, `pending`, `closed`, `spam`; empty when not said.
    pub status: String,
    /// `deleted`, `draft` or `published`; empty when not said.
    pub state: String,
    /// Its subject.
    pub subject: String,
    /// How many threads it says it has.
    pub threads: Option<u64>,
    /// The primary customer's id.
    pub customer: Option<u64>,
    /// The primary customer's e-mail address, may be empty.
    pub email: String,
    /// Whether an API made it.
    pub by_api: bool,
    /// Seconds-precise RFC 3339, as given.
    pub created_at: String,
    /// What customers said in it through the API, normalised; empty when its threads are not embedded.
    pub said: Vec<String>,
}

impl Conversation {
    /// Reads a conversation of payload V2, V3 or V1, or of the API; `None` without an id.
    pub fn read(value: &Value) -> Option<Self> {
        let customer = ["primaryCustomer", "customer"].iter().map(|key| value.at(key)).find(|found| found.is_object());
        let customer = customer.unwrap_or(&Value::Null);
        Some(Self {
            id: value.at("id").number()?,
            mailbox: value.at("mailboxId").number().or_else(|| value.at("mailbox/id").number()),
            kind: value.string("type"),
            status: value.string("status"),
            state: value.string("state"),
            subject: value.string("subject"),
            threads: value.at("threads").number().or_else(|| value.at("threadCount").number()),
            customer: customer.at("id").number(),
            email: customer.string("email"),
            by_api: value.at("source/type").text() == "api",
            created_at: value.string("createdAt"),
            said: said(&embedded_threads(value)),
        })
    }
}

fn said(threads: &[Thread]) -> Vec<String> {
    let by_customer = threads.iter().filter(|thread| thread.kind == "customer" && thread.source == "api");
    by_customer.map(|thread| normalised(&thread.body)).collect()
}

/// A file of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id within the conversation.
    pub id: u64,
    /// As the agent named it.
    pub name: String,
    /// Its type.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Whether Help Scout gives it to nobody: it is checked, or was found to be harmful (`state` is there and not `valid`).
    pub is_held_back: bool,
}

/// A thread, as far as the rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its id.
    pub id: u64,
    /// `customer`, `message` (an agent's reply), `note`, `lineitem`, …
    pub kind: String,
    /// `published`, `draft`, `hidden`, …
    pub state: String,
    /// `web`, `api`, `workflows`, …
    pub source: String,
    /// `user` or `customer`.
    pub by: String,
    /// HTML.
    pub body: String,
    /// Who wrote it, for people to read.
    pub author: String,
    /// Help Scout's id of who wrote it.
    pub author_id: Option<u64>,
    /// Seconds-precise RFC 3339, as given.
    pub created_at: String,
    /// Whether it still waits for its time.
    pub scheduled: bool,
    /// The id of the customer to whom the conversation belonged.
    pub customer: Option<u64>,
    /// Their e-mail address, may be empty.
    pub email: String,
    /// What it was merged from, when it is the line item of a merge.
    pub merged_from: Option<u64>,
    /// Its files.
    pub attachments: Vec<Attachment>,
}

impl Thread {
    fn read(value: &Value) -> Option<Self> {
        let by = value.at("createdBy");
        let name = format!("{} {}", by.at("first").text(), by.at("last").text());
        Some(Self {
            id: value.at("id").number()?,
            kind: value.string("type"),
            state: value.string("state"),
            source: value.string("source/type"),
            by: by.string("type"),
            body: value.string("body"),
            author: name.trim().to_owned(),
            author_id: by.at("id").number(),
            created_at: value.string("createdAt"),
            scheduled: value.at("scheduled").is_object() && !is_published(value.at("state").text()),
            customer: value.at("customer/id").number(),
            email: value.string("customer/email"),
            merged_from: merged_from(value.at("action")),
            attachments: attachments(value),
        })
    }

    /// Whether this is a reply that was written and published: the only kind that may become a text (P4).
    pub fn is_reply(&self) -> bool {
        self.kind == "message"
            && is_published(&self.state)
            && !self.scheduled
            && (self.by == "user" || self.by.is_empty() || self.is_by_ai())
            && !matches!(self.source.as_str(), "api" | "workflows")
    }

    /// Whether an AI agent of Help Scout wrote it; only some of Help Scout's answers say so.
    pub fn is_by_ai(&self) -> bool {
        self.by == "system_user"
    }

    /// Whether this is a reply of a person.
    pub fn is_reply_by_a_person(&self) -> bool {
        self.is_reply() && !self.is_by_ai()
    }
}

/// A reply whose e-mail bounced was published before.
fn is_published(state: &str) -> bool {
    matches!(state, "published" | "bounced")
}

fn merged_from(action: &Value) -> Option<u64> {
    if action.at("type").text() != "merged" {
        return None;
    }
    let entities = action.at("associatedEntities");
    entities.at("originalConversation").number().or_else(|| entities.at("originalConversation/id").number())
}

fn attachments(thread: &Value) -> Vec<Attachment> {
    let embedded = thread.at("_embedded/attachments").items();
    let list = if embedded.is_empty() { thread.at("attachments").items() } else { embedded };
    let read = |value: &Value| {
        let name = value.at("filename").as_str().or_else(|| value.at("fileName").as_str()).unwrap_or("file");
        Some(Attachment {
            id: value.at("id").number()?,
            name: name.to_owned(),
            mime: value.string("mimeType"),
            size: value.at("size").number().unwrap_or(0),
            is_held_back: !matches!(value.at("state").text(), "" | "valid"),
        })
    };
    list.iter().filter_map(read).collect()
}

/// The bytes of an attachment (Get attachment data). Its text is borrowed from the answer: a file of 10 MB must not stand
/// in memory once more.
pub fn attachment_bytes(body: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        data: Cow<'a, str>,
    }
    let Data { data } = serde_json::from_slice(body).ok()?;
    STANDARD.decode(data.as_bytes()).ok()
}

/// A customer's record, as far as it says who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerRecord {
    /// Its id.
    pub id: u64,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Phones, as somebody wrote them.
    pub phones: Vec<String>,
}

impl CustomerRecord {
    /// Reads a record (Get customer); `None` without an id.
    pub fn read(value: &Value) -> Option<Self> {
        let values = |list: &str| {
            let entries = value.at("_embedded").at(list).items().iter();
            entries.map(|entry| entry.string("value")).filter(|value| !value.is_empty()).collect()
        };
        Some(Self { id: value.at("id").number()?, emails: values("emails"), phones: values("phones") })
    }
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Whether another page follows.
    pub more: bool,
    /// How many there are on all pages.
    pub total: Option<u64>,
}

fn page<T>(value: &Value, relation: &str, read: fn(&Value) -> Option<T>) -> Page<T> {
    let items = value.at("_embedded").at(relation).items();
    let position = value.at("page");
    Page {
        items: items.iter().filter_map(read).collect(),
        more: position.at("number").number().unwrap_or(1) < position.at("totalPages").number().unwrap_or(1),
        total: position.at("totalElements").number(),
    }
}

/// Whether an answer is a page of a list; one without items has no `_embedded`, but it has its `page`.
pub fn is_page(value: &Value) -> bool {
    value.at("page").is_object()
}

/// A page of a conversation's threads, newest first.
pub fn threads(value: &Value) -> Page<Thread> {
    page(value, "threads", Thread::read)
}

/// A page of customers.
pub fn customers(value: &Value) -> Page<CustomerRecord> {
    page(value, "customers", CustomerRecord::read)
}

/// A page of conversations.
pub fn conversations(value: &Value) -> Page<Conversation> {
    page(value, "conversations", Conversation::read)
}

/// The threads embedded in a conversation.
pub fn embedded_threads(conversation: &Value) -> Vec<Thread> {
    threads(conversation).items
}

/// The conversation that `Location` names, when it is another one. What was asked for below a conversation may be named
/// there as well (`/v2/conversations/3141/threads`).
pub fn moved_to(conversation: &str, location: Option<&str>) -> Option<String> {
    let mut parts = location?.split('?').next()?.split('/');
    parts.find(|part| *part == "conversations")?;
    let into = parts.next().filter(|id| id.parse::<u64>().is_ok() && *id != conversation)?;
    Some(into.to_owned())
}

/// RFC 3339 in milliseconds; `None` when it is none, or does not say its offset from UTC.
pub fn instant(text: &str) -> Option<i64> {
    text.parse().ok().map(Timestamp::as_millisecond)
}

/// Milliseconds as `2026-01-31T09:15:00Z`.
pub fn rfc3339(millis: i64) -> String {
    timestamp(millis).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    type Change = fn(&mut Value);

    #[test]
    fn instants_are_read_and_written_alike() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799_000),
            ("2026-11-20T09:15:00Z", 1_795_166_100_000),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000),
        ] {
            assert_eq!(instant(text), Some(millis), "{text}");
            assert_eq!(rfc3339(millis), text);
        }
        assert_eq!(rfc3339(951_868_799_999), "2000-02-29T23:59:59Z");
    }

    #[test]
    fn an_instant_counts_its_offset_and_its_fraction() {
        for (text, same) in [
            ("2026-01-31T14:15:00+05:00", "2026-01-31T09:15:00Z"),
            ("2026-01-31T04:45:00-04:30", "2026-01-31T09:15:00Z"),
            ("2026-01-31T14:15:00+0500", "2026-01-31T09:15:00Z"),
            ("2026-01-31T09:15:00+00:00", "2026-01-31T09:15:00Z"),
            ("2026-01-01T01:00:00+02:00", "2025-12-31T23:00:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ] {
            assert_eq!(instant(text).map(rfc3339).as_deref(), Some(same), "{text}");
        }
        assert_eq!(instant("2026-11-20T09:15:00.25Z"), Some(1_795_166_100_250));
        assert_eq!(instant("2026-11-20T09:15:00.123456789Z"), Some(1_795_166_100_123));
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-11-20",
            "2026-11-20T09:15:00",
            "2026-11-20T09:15:00[America/New_York]",
            "2026-13-20T09:15:00Z",
            "2026-00-20T09:15:00Z",
            "2026-02-29T09:15:00Z",
            "2026-11-31T09:15:00Z",
            "2026-11-20T24:15:00Z",
            "2026-11-20T09:60:00Z",
            "2026-11-20T09:15:61Z",
            "2026-11-20T09:15:00+99:00",
            "2026-11-20T09:15:00Zulu",
            "99999-11-20T09:15:00Z",
            "1795166100000",
            "２０２６-11-20T09:15:00Z",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn an_attachment_is_read_however_its_slashes_are_written() {
        for (body, bytes) in [
            (&br#"{"data":"/+8="}"#[..], Some(vec![0xff, 0xef])),
            (br#"{"id":1,"data":"\/+8="}"#, Some(vec![0xff, 0xef])),
            (br#"{"data":""}"#, Some(Vec::new())),
            (br#"{"data":"no base64!"}"#, None),
            (br#"{"data":7}"#, None),
            (b"{}", None),
            (b"", None),
        ] {
            assert_eq!(attachment_bytes(body), bytes, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn only_a_published_reply_of_a_person_may_become_a_text() {
        let thread = |change: &dyn Fn(&mut Value)| {
            let mut value = json!({"id": 7, "type": "message", "state": "published", "body": "Hi",
                "source": {"type": "web", "via": "user"}, "createdBy": {"type": "user", "first": "Ada", "last": "Byron"}});
            change(&mut value);
            Thread::read(&value).unwrap()
        };
        assert!(thread(&|_| ()).is_reply_by_a_person());
        assert_eq!(thread(&|_| ()).author, "Ada Byron");
        // Its e-mail bounced, so it had been published; the phone is another way.
        assert!(thread(&|thread| thread["state"] = "bounced".into()).is_reply_by_a_person());
        let never: [(&str, Change); 7] = [
            ("note", |thread| thread["type"] = "note".into()),
            ("customer", |thread| thread["type"] = "customer".into()),
            ("line item", |thread| thread["type"] = "lineitem".into()),
            ("draft", |thread| thread["state"] = "draft".into()),
            ("hidden", |thread| thread["state"] = "hidden".into()),
            ("api", |thread| thread["source"]["type"] = "api".into()),
            ("workflow", |thread| thread["source"]["type"] = "workflows".into()),
        ];
        for (name, change) in never {
            assert!(!thread(&change).is_reply_by_a_person(), "{name}");
        }
    }

    #[test]
    fn a_file_that_help_scout_checks_or_refuses_is_held_back() {
        let attachment = |state: Value| {
            let attachment =
                json!({"id": 31, "filename": "map.png", "mimeType": "image/png", "size": 3, "state": state});
            attachments(&json!({"_embedded": {"attachments": [attachment]}})).remove(0).is_held_back
        };
        for (state, held_back) in
            [(json!("valid"), false), (json!(null), false), (json!("pending"), true), (json!("virus"), true)]
        {
            assert_eq!(attachment(state.clone()), held_back, "{state}");
        }
    }

    #[test]
    fn payloads_of_all_versions_name_their_inbox_and_customer() {
        let v2 = json!({"id": 1001, "mailboxId": 3003, "threads": 2, "type": "phone",
            "primaryCustomer": {"id": 2002, "email": "15550100100@sms.example.org"}});
        let v1 = json!({"id": "1001", "mailbox": {"id": 3003}, "threads": [{"id": 1}],
            "customer": {"id": 2002, "phone": "555-010-0100"}});
        for payload in [v2, v1] {
            let read = Conversation::read(&payload).unwrap();
            assert_eq!((read.id, read.mailbox, read.customer), (1001, Some(3003), Some(2002)));
        }
        assert_eq!(Conversation::read(&json!({"type": "phone"})), None);
    }
}
