//! The requests that we make of Help Scout's Inbox API.

use super::people::Customer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::api::{Body, Method, Request, Service};
use crate::json::quoted;

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

fn customer(customer: &Customer) -> String {
    match customer {
        Customer::Id(id) => format!("{{\"id\":{id}}}"),
        Customer::Email { email, first_name, phone } => {
            let phone = phone.as_ref().map(|phone| format!(",\"phone\":{}", quoted(phone))).unwrap_or_default();
            format!("{{\"email\":{},\"firstName\":{}{phone}}}", quoted(email), quoted(first_name))
        }
    }
}

/// The members that every new thread has. Files are encoded straight into one string of the right size: a voicemail
/// or ten pictures must not stand in memory three times.
fn thread(new: &NewThread) -> String {
    let size: usize = new.files.iter().map(|file| file.bytes.len() / 3 * 4 + 200).sum();
    let mut json = String::with_capacity(size + new.html.len() + 300);
    json.push_str("\"customer\":");
    json.push_str(&customer(new.customer));
    if let Some(agent) = new.agent {
        // `imported`: it is not e-mailed as well.
        json.push_str(",\"imported\":true");
        if agent > 0 {
            json.push_str(&[",\"user\":", &agent.to_string()].concat());
        }
    }
    json.push_str(",\"text\":");
    json.push_str(&quoted(new.html));
    for (at, file) in new.files.iter().enumerate() {
        json.push_str(if at == 0 { ",\"attachments\":[{\"fileName\":" } else { ",{\"fileName\":" });
        json.push_str(&quoted(&file.name));
        json.push_str(",\"mimeType\":");
        json.push_str(&quoted(&file.mime));
        json.push_str(",\"data\":\"");
        STANDARD.encode_string(&file.bytes, &mut json);
        json.push_str("\"}");
    }
    if !new.files.is_empty() {
        json.push(']');
    }
    json
}

fn request(method: Method, path: String, body: Body) -> Request {
    Request { service: Service::HelpScout, method, path, body }
}

fn get(path: String) -> Request {
    request(Method::Get, path, Body::Empty)
}

/// Create conversation: one thread, type `phone`, no automatic reply.
pub fn create_conversation(new: &NewConversation) -> Request {
    let body = format!(
        "{{\"subject\":{},\"type\":\"phone\",\"mailboxId\":{},\"status\":\"active\",\"autoReply\":false,\"tags\":[{}],\"customer\":{},\"threads\":[{{\"type\":\"{}\",{}}}]}}",
        quoted(new.subject),
        new.mailbox,
        quoted(new.tag),
        customer(new.thread.customer),
        if new.thread.agent.is_some() { "reply" } else { "customer" },
        thread(&new.thread)
    );
    request(Method::Post, "/v2/conversations".to_owned(), Body::Json(body))
}

/// Create customer thread: it re-opens the conversation.
pub fn create_customer_thread(conversation: &str, new: &NewThread) -> Request {
    let body = format!("{{{}}}", thread(new));
    request(Method::Post, format!("/v2/conversations/{conversation}/customer"), Body::Json(body))
}

/// Create reply: an agent's, which is not sent by Help Scout.
pub fn create_reply(conversation: &str, new: &NewThread) -> Request {
    let body = format!("{{{}}}", thread(new));
    request(Method::Post, format!("/v2/conversations/{conversation}/reply"), Body::Json(body))
}

/// Create note; `imported`, so that nobody is notified and no status changes.
pub fn create_note(conversation: &str, html: &str) -> Request {
    let body = format!("{{\"text\":{},\"imported\":true}}", quoted(html));
    request(Method::Post, format!("/v2/conversations/{conversation}/notes"), Body::Json(body))
}

/// Update thread: replaces its text.
pub fn edit_thread(conversation: &str, thread: &str, html: &str) -> Request {
    let body = format!("{{\"op\":\"replace\",\"path\":\"/text\",\"value\":{}}}", quoted(html));
    request(Method::Patch, format!("/v2/conversations/{conversation}/threads/{thread}"), Body::Json(body))
}

/// Update conversation: closes it.
pub fn close_conversation(conversation: &str) -> Request {
    let body = "{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"closed\"}".to_owned();
    request(Method::Patch, format!("/v2/conversations/{conversation}"), Body::Json(body))
}

/// Create customer: for people who are known by phone alone.
pub fn create_customer(first_name: &str, phone: Option<&str>) -> Request {
    let phone = phone.map(|phone| format!(",\"phone\":{}", quoted(phone))).unwrap_or_default();
    let body = format!("{{\"firstName\":{}{phone}}}", quoted(first_name));
    request(Method::Post, "/v2/customers".to_owned(), Body::Json(body))
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
/// closed ones.
pub fn list_conversations(mailbox: u64, customer: &Customer) -> Request {
    let query = match customer {
        Customer::Id(id) => format!("(customerIds:{id})"),
        Customer::Email { email, .. } => format!("(email:\"{email}\")"),
    };
    get(format!(
        "/v2/conversations?mailbox={mailbox}&status=all&embed=threads&sortField=createdAt&sortOrder=desc&query={}",
        crate::form::percent_encode(&query)
    ))
}

/// List customers changed since an instant.
pub fn list_customers_since(since: i64, page: u32) -> Request {
    let since = crate::form::percent_encode(&super::read::rfc3339(since));
    get(format!("/v2/customers?modifiedSince={since}&sortField=modifiedAt&sortOrder=desc&page={page}"))
}
