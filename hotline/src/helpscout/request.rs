//! The requests that we make of Help Scout's Inbox API.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

use super::people::Customer;
use crate::api::{Body, Method, Request, Service};
use crate::domain::time::{Millis, timestamp};
use crate::json::written;

/// A file to attach: Help Scout wants it inline, in base64 (Attachments, Upload).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// With an ending that fits its type.
    pub name: String,
    /// Its type.
    pub mime: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Help Scout's limit for one attachment (Attachments: 10 MB).
pub const LARGEST_FILE: usize = 10_000_000;

/// What becomes a thread.
pub struct NewThread<'a> {
    /// From whom, or to whom.
    pub customer: &'a Customer,
    /// The user who said it, 0 for the app's own; without one the customer did.
    pub agent: Option<i64>,
    /// HTML, escaped.
    pub html: &'a str,
    /// Files.
    pub files: &'a [File],
}

/// Help Scout's webhook, as it is to be (Create and update webhook).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook<'a> {
    /// Our address.
    pub url: &'a str,
    /// Of what it tells us.
    pub events: &'a [&'a str],
    /// Of which inboxes.
    pub mailbox_ids: &'a [u64],
    /// V3 alone says what an AI agent wrote.
    pub payload_version: &'a str,
    /// Whether it holds no more than an address.
    pub notification: bool,
    /// What Help Scout's page shows.
    pub label: &'a str,
    /// Signs it.
    pub secret: &'a str,
}

/// What becomes a conversation.
pub struct NewConversation<'a> {
    /// The inbox.
    pub mailbox: u64,
    /// Its subject, plain text.
    pub subject: &'a str,
    /// Its tag.
    pub tag: &'a str,
    /// Its first thread.
    pub thread: NewThread<'a>,
}

/// What becomes a closed conversation that nobody is told of, with a note in it.
pub struct ClosedConversation<'a> {
    /// The inbox.
    pub mailbox: u64,
    /// Its subject, plain text.
    pub subject: &'a str,
    /// Its tag.
    pub tag: &'a str,
    /// Help Scout wants one for each conversation.
    pub customer: &'a Customer,
    /// The note, HTML, escaped.
    pub html: &'a str,
}

/// Create conversation and its kin, as they are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConversationBody<'a> {
    subject: &'a str,
    r#type: &'static str,
    mailbox_id: u64,
    status: &'static str,
    auto_reply: bool,
    tags: [&'a str; 1],
    customer: CustomerBody<'a>,
    threads: [FirstThread<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClosedBody<'a> {
    subject: &'a str,
    r#type: &'static str,
    mailbox_id: u64,
    status: &'static str,
    imported: bool,
    auto_reply: bool,
    tags: [&'a str; 1],
    customer: CustomerBody<'a>,
    threads: [FirstNote<'a>; 1],
}

#[derive(Serialize)]
struct FirstNote<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    note: NoteBody<'a>,
}

#[derive(Serialize)]
struct FirstThread<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    thread: ThreadBody<'a>,
}

#[derive(Serialize)]
struct ThreadBody<'a> {
    customer: CustomerBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imported: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<i64>,
    text: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentBody<'a>>,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum CustomerBody<'a> {
    Known {
        id: u64,
    },
    ByEmail {
        email: &'a str,
        first_name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        phone: Option<&'a str>,
    },
    ByPhone {
        first_name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        phone: Option<&'a str>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentBody<'a> {
    file_name: &'a str,
    mime_type: &'a str,
    #[serde(serialize_with = "base64")]
    data: &'a [u8],
}

#[derive(Serialize)]
struct NoteBody<'a> {
    text: &'a str,
    imported: bool,
}

/// Update thread and update conversation: one operation of JSON Patch.
#[derive(Serialize)]
struct Replace<'a> {
    op: &'static str,
    path: &'static str,
    value: &'a str,
}

/// Written piece by piece: a voicemail or ten pictures must not stand in memory three times.
fn base64<S: Serializer>(data: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Base64Display::new(data, &STANDARD))
}

fn customer(customer: &Customer) -> CustomerBody<'_> {
    match customer {
        Customer::Id(id) => CustomerBody::Known { id: *id },
        Customer::Email { email, first_name, phone } => {
            CustomerBody::ByEmail { email, first_name, phone: phone.as_deref() }
        }
    }
}

/// What every new thread has.
fn thread<'a>(new: &NewThread<'a>) -> ThreadBody<'a> {
    let attachment =
        |file: &'a File| AttachmentBody { file_name: &file.name, mime_type: &file.mime, data: &file.bytes };
    ThreadBody {
        customer: customer(new.customer),
        // It is not e-mailed as well.
        imported: new.agent.map(|_| true),
        user: new.agent.filter(|&agent| agent > 0),
        text: new.html,
        attachments: new.files.iter().map(attachment).collect(),
    }
}

/// JSON with room for a thread's files from the start.
fn with_files(body: &impl Serialize, files: &[File]) -> Body {
    let size: usize = files.iter().map(|file| file.bytes.len() / 3 * 4 + 200).sum();
    let mut json = Vec::with_capacity(size + 2_000);
    // Writing our own types into memory cannot fail, and what is written is UTF-8.
    let _ = serde_json::to_writer(&mut json, body);
    Body::Json(String::from_utf8(json).unwrap_or_default())
}

fn json(body: &impl Serialize) -> Body {
    Body::Json(written(body))
}

fn request(method: Method, path: String, body: Body) -> Request {
    Request { service: Service::HelpScout, method, path, body }
}

fn get(path: String) -> Request {
    request(Method::Get, path, Body::Empty)
}

/// Create conversation: one thread, type `phone`, no automatic reply.
pub fn create_conversation(new: &NewConversation) -> Request {
    let by = if new.thread.agent.is_some() { "reply" } else { "customer" };
    let body = ConversationBody {
        subject: new.subject,
        r#type: "phone",
        mailbox_id: new.mailbox,
        status: "active",
        auto_reply: false,
        tags: [new.tag],
        customer: customer(new.thread.customer),
        threads: [FirstThread { r#type: by, thread: thread(&new.thread) }],
    };
    request(Method::Post, "/v2/conversations".to_owned(), with_files(&body, new.thread.files))
}

/// Create conversation, closed and `imported`, so that nobody is notified or mailed; type `email`, which none of a supporter's
/// conversations has.
pub fn create_closed_conversation(new: &ClosedConversation) -> Request {
    let body = ClosedBody {
        subject: new.subject,
        r#type: "email",
        mailbox_id: new.mailbox,
        status: "closed",
        imported: true,
        auto_reply: false,
        tags: [new.tag],
        customer: customer(new.customer),
        threads: [FirstNote { r#type: "note", note: NoteBody { text: new.html, imported: true } }],
    };
    request(Method::Post, "/v2/conversations".to_owned(), json(&body))
}

/// Create customer thread: it re-opens the conversation.
pub fn create_customer_thread(conversation: &str, new: &NewThread) -> Request {
    request(Method::Post, format!("/v2/conversations/{conversation}/customer"), with_files(&thread(new), new.files))
}

/// Create reply: an agent's, which is not sent by Help Scout.
pub fn create_reply(conversation: &str, new: &NewThread) -> Request {
    request(Method::Post, format!("/v2/conversations/{conversation}/reply"), with_files(&thread(new), new.files))
}

/// List webhooks; pages count from 1.
pub fn list_webhooks(page: u32) -> Request {
    get(format!("/v2/webhooks?page={page}"))
}

/// Update webhook: replaces all of it, which also switches it on.
pub fn replace_webhook(id: u64, webhook: &Webhook) -> Request {
    request(Method::Put, format!("/v2/webhooks/{id}"), json(webhook))
}

/// List the conversations of an inbox that were modified since an instant, newest first; pages count from 1. `modifiedSince` is
/// refused with milliseconds.
pub fn list_modified(mailbox: u64, since: Millis, page: u32) -> Request {
    let since = timestamp(since);
    get(format!(
        "/v2/conversations?mailbox={mailbox}&status=all&modifiedSince={since}&sortField=modifiedAt&sortOrder=desc&page={page}"
    ))
}

/// Create note; `imported`, so that nobody is notified and no status changes.
pub fn create_note(conversation: &str, html: &str) -> Request {
    let body = json(&NoteBody { text: html, imported: true });
    request(Method::Post, format!("/v2/conversations/{conversation}/notes"), body)
}

/// Update thread: replaces its text.
pub fn edit_thread(conversation: &str, thread: &str, html: &str) -> Request {
    let body = json(&Replace { op: "replace", path: "/text", value: html });
    request(Method::Patch, format!("/v2/conversations/{conversation}/threads/{thread}"), body)
}

/// Update conversation: closes it.
pub fn close_conversation(conversation: &str) -> Request {
    let body = json(&Replace { op: "replace", path: "/status", value: "closed" });
    request(Method::Patch, format!("/v2/conversations/{conversation}"), body)
}

/// Create customer: for people who are known by phone alone.
pub fn create_customer(first_name: &str, phone: Option<&str>) -> Request {
    request(Method::Post, "/v2/customers".to_owned(), json(&CustomerBody::ByPhone { first_name, phone }))
}

/// Reads an attachment: base64 in `data` (Get attachment data).
pub fn get_attachment(conversation: u64, attachment: u64) -> Request {
    get(format!("/v2/conversations/{conversation}/attachments/{attachment}/data"))
}

/// Get conversation.
pub fn get_conversation(conversation: &str) -> Request {
    get(format!("/v2/conversations/{conversation}"))
}

/// Get customer.
pub fn get_customer(customer: u64) -> Request {
    get(format!("/v2/customers/{customer}"))
}

/// Delete customer, with their conversations.
pub fn delete_customer(customer: u64) -> Request {
    request(Method::Delete, format!("/v2/customers/{customer}"), Body::Empty)
}

/// List customers with this address.
pub fn list_customers_by_email(email: &str) -> Request {
    let query = crate::form::percent_encode(&format!("(email:\"{email}\")"));
    get(format!("/v2/customers?query={query}"))
}

/// Get inbox.
pub fn get_inbox(mailbox: u64) -> Request {
    get(format!("/v2/mailboxes/{mailbox}"))
}

/// Get conversation with its newest threads in it.
pub fn get_conversation_with_threads(conversation: &str) -> Request {
    get(format!("/v2/conversations/{conversation}?embed=threads"))
}

/// List threads, newest first; pages count from 1.
pub fn list_threads(conversation: &str, page: u32) -> Request {
    get(format!("/v2/conversations/{conversation}/threads?page={page}"))
}

/// List conversations of a customer in an inbox with their threads, newest first. `status=all`, since the default hides
/// closed ones; pages count from 1.
pub fn list_conversations(mailbox: u64, customer: &Customer, page: u32) -> Request {
    let query = match customer {
        Customer::Id(id) => format!("(customerIds:{id})"),
        Customer::Email { email, .. } => format!("(email:\"{email}\")"),
    };
    get(format!(
        "/v2/conversations?mailbox={mailbox}&status=all&embed=threads&sortField=createdAt&sortOrder=desc&page={page}&query={}",
        crate::form::percent_encode(&query)
    ))
}

/// List customers changed since an instant.
pub fn list_customers_since(since: i64, page: u32) -> Request {
    let since = crate::form::percent_encode(&super::read::rfc3339(since));
    get(format!("/v2/customers?modifiedSince={since}&sortField=modifiedAt&sortOrder=desc&page={page}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(request: &Request) -> Value {
        let Body::Json(json) = &request.body else { panic!("{request:?}") };
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn requests_are_written_as_help_scout_reads_them() {
        let email = Customer::Email {
            email: "15550100100@sms.example.org".to_owned(),
            first_name: "Sam \"\u{1}\u{2028}\"".to_owned(),
            phone: None,
        };
        let picture = File { name: "a.png".to_owned(), mime: "image/png".to_owned(), bytes: vec![0xff, 0xef, 0] };
        let said = NewThread { customer: &email, agent: None, html: "a<br>\"b\"", files: &[picture.clone(), picture] };
        let file = json!({"fileName": "a.png", "mimeType": "image/png", "data": "/+8A"});
        let person = json!({"email": "15550100100@sms.example.org", "firstName": "Sam \"\u{1}\u{2028}\""});
        let thread = json!({"customer": person, "text": "a<br>\"b\"", "attachments": [file, file]});
        assert_eq!(body(&create_customer_thread("1001", &said)), thread);
        let conversation =
            create_conversation(&NewConversation { mailbox: 3003, subject: "S", tag: "t", thread: said });
        let mut first = thread.clone();
        first["type"] = json!("customer");
        let expected = json!({"subject": "S", "type": "phone", "mailboxId": 3003, "status": "active", "autoReply": false,
            "tags": ["t"], "customer": person, "threads": [first]});
        assert_eq!(body(&conversation), expected);

        let known = Customer::Id(2002);
        let of = |agent| NewThread { customer: &known, agent, html: "c", files: &[] };
        let reply = json!({"customer": {"id": 2002}, "imported": true, "user": 7, "text": "c"});
        assert_eq!(body(&create_reply("1001", &of(Some(7)))), reply);
        let by_app = json!({"customer": {"id": 2002}, "imported": true, "text": "c"});
        assert_eq!(body(&create_reply("1001", &of(Some(0)))), by_app);
        let begun = NewConversation { mailbox: 3003, subject: "S", tag: "t", thread: of(Some(7)) };
        assert_eq!(body(&create_conversation(&begun))["threads"][0]["type"], "reply");
        let closed = ClosedConversation { mailbox: 3099, subject: "S", tag: "t", customer: &known, html: "d" };
        let expected = json!({"subject": "S", "type": "email", "mailboxId": 3099, "status": "closed", "imported": true,
            "autoReply": false, "tags": ["t"], "customer": {"id": 2002},
            "threads": [{"type": "note", "text": "d", "imported": true}]});
        assert_eq!(body(&create_closed_conversation(&closed)), expected);

        assert_eq!(body(&create_note("1001", "d")), json!({"text": "d", "imported": true}));
        assert_eq!(body(&edit_thread("1", "2", "e")), json!({"op": "replace", "path": "/text", "value": "e"}));
        assert_eq!(body(&close_conversation("1")), json!({"op": "replace", "path": "/status", "value": "closed"}));
        assert_eq!(body(&create_customer("Sam", None)), json!({"firstName": "Sam"}));
        let phone = Some("+15550100100");
        assert_eq!(body(&create_customer("Sam", phone)), json!({"firstName": "Sam", "phone": "+15550100100"}));
    }
}
