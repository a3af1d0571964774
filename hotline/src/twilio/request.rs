//! The requests that we make of Twilio's Message resource, and what we read of its answers.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value;

use crate::api::{Body, Method, Request, Service};
use crate::domain::template::Content;
use crate::domain::time::Millis;
use crate::form::{encode, percent_encode};
use crate::json::Document;

/// The most characters of one message (Twilio, Message resource: `Body`).
pub const LONGEST_BODY: usize = 1_600;

/// Three retries of a status callback after a 5xx, a failed connection or silence (Twilio, Webhooks connection overrides).
/// Without this Twilio tells a state once, and not again when we could not store it.
pub(crate) const CALLBACK_RETRY_OVERRIDES: &str = "#rc=3&rp=5xx,ct,rt";

/// When Twilio's list is searched after a create whose answer was lost, counted from the create: fresh messages are
/// reported missing there for minutes.
pub(crate) const SEARCH_AT: [Millis; 3] = [10_000, 60_000, 120_000];

/// What a message says.
pub enum Says<'a> {
    /// Words, media, or both.
    Free {
        /// May be empty when there is media.
        body: &'a str,
        /// Addresses from which Twilio fetches.
        media: &'a [String],
    },
    /// A template that Twilio keeps.
    Content(&'a Content),
}

/// A message to send.
pub struct NewMessage<'a> {
    /// E.164, or `whatsapp:` and E.164.
    pub to: &'a str,
    /// `From`, or the Messaging Service when it starts with `MG`.
    pub sender: &'a str,
    /// What it says.
    pub says: Says<'a>,
    /// Where its states are told.
    pub status_callback: &'a str,
}

fn messages(account: &str) -> String {
    format!("/2010-04-01/Accounts/{account}/Messages.json")
}

/// Create message.
pub fn create_message(account: &str, new: &NewMessage) -> Request {
    let sender = if new.sender.starts_with("MG") { "MessagingServiceSid" } else { "From" };
    let mut fields = vec![("To", new.to), (sender, new.sender)];
    let variables;
    match new.says {
        Says::Free { body, media } => {
            fields.extend(Some(("Body", body)).filter(|_| !body.is_empty()));
            fields.extend(media.iter().map(|url| ("MediaUrl", url.as_str())));
        }
        Says::Content(content) => {
            variables = content_variables(content);
            fields.extend([("ContentSid", content.sid.as_str()), ("ContentVariables", &variables)]);
        }
    }
    fields.push(("StatusCallback", new.status_callback));
    Request {
        service: Service::Twilio,
        method: Method::Post,
        path: messages(account),
        body: Body::Form(encode(&fields)),
    }
}

/// The variables as Twilio reads them: a JSON object.
fn content_variables(content: &Content) -> String {
    let variables = content.variables.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    Value::Object(variables.collect()).to_string()
}

/// Fetch message.
pub fn fetch_message(account: &str, sid: &str) -> Request {
    let path = format!("/2010-04-01/Accounts/{account}/Messages/{}.json", percent_encode(sid));
    Request { service: Service::Twilio, method: Method::Get, path, body: Body::Empty }
}

/// Update message: its text is emptied, which is the only change that Twilio allows.
pub fn redact_message(account: &str, sid: &str) -> Request {
    let path = below(account, &format!("Messages/{sid}"));
    Request { service: Service::Twilio, method: Method::Post, path, body: Body::Form(encode(&[("Body", "")])) }
}

/// Reads a resource below the account: `Messages/SM…/Media`, say.
pub fn fetch(account: &str, resource: &str) -> Request {
    Request { service: Service::Twilio, method: Method::Get, path: below(account, resource), body: Body::Empty }
}

/// Deletes one.
pub fn delete(account: &str, resource: &str) -> Request {
    Request { service: Service::Twilio, method: Method::Delete, path: below(account, resource), body: Body::Empty }
}

fn below(account: &str, resource: &str) -> String {
    format!("/2010-04-01/Accounts/{account}/{resource}.json")
}

/// List messages to somebody. By the receiver alone: a filter on date or sender misses fresh messages, which have no date,
/// and with a service no sender, before they leave.
pub fn list_messages(account: &str, to: &str) -> Request {
    /// Twilio's largest page, newest first.
    const PAGE_SIZE: u32 = 1_000;
    let path = format!("{}?To={}&PageSize={PAGE_SIZE}", messages(account), percent_encode(to));
    Request { service: Service::Twilio, method: Method::Get, path, body: Body::Empty }
}

/// A message as Twilio shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `SM…` or `MM…`.
    pub sid: String,
    /// What it says.
    pub body: String,
    /// Its state, as a word.
    pub status: String,
    /// Its error.
    pub code: Option<u32>,
    /// RFC 2822.
    pub created_at: String,
    /// What it cost, negative; `None` until Twilio knows.
    pub price: Option<String>,
    /// The currency of that.
    pub price_unit: String,
    from: String,
    service: String,
}

impl Message {
    /// Reads a message; `None` without a sid.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.string(name);
        let sid = text("sid");
        let code = value.at("error_code").number().and_then(|code| u32::try_from(code).ok());
        (!sid.is_empty()).then(|| Self {
            sid,
            body: text("body"),
            status: text("status"),
            code,
            created_at: text("date_created"),
            price: Some(text("price")).filter(|price| !price.is_empty()),
            price_unit: text("price_unit"),
            from: text("from"),
            service: text("messaging_service_sid"),
        })
    }

    /// Whether it leaves by this sender: a number, or the SID of a messaging service.
    pub fn is_sent_by(&self, sender: &str) -> bool {
        if sender.starts_with("MG") { self.service == sender } else { self.from == sender && self.service.is_empty() }
    }
}

/// Whether an answer is a list of messages.
pub fn is_list(value: &Value) -> bool {
    value.at("messages").is_array()
}

/// The messages of a list.
pub fn read_list(value: &Value) -> Vec<Message> {
    value.at("messages").items().iter().filter_map(Message::read).collect()
}

/// The sids of a list of media, or of transcripts; `None` when it is none.
pub fn read_sids(value: &Value, list: &str) -> Option<Vec<String>> {
    let list = value.at(list);
    list.is_array().then(|| list.items().iter().map(|item| item.string("sid")).filter(|sid| !sid.is_empty()).collect())
}

/// The error code of an answer that is a refusal.
pub fn error_code(value: &Value) -> Option<u32> {
    value.at("code").number().and_then(|code| u32::try_from(code).ok())
}

/// RFC 2822 (`Fri, 20 Nov 2026 09:44:47 +0000`) in milliseconds; `None` when it is none.
pub fn instant(text: &str) -> Option<i64> {
    DateTimeParser::new().parse_timestamp(text).ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn twilio_dates_are_read() {
        for text in [
            "Fri, 20 Nov 2026 09:15:00 +0000",
            "Fri, 20 Nov 2026 14:15:00 +0500",
            "Thu, 19 Nov 2026 21:15:00 -1200",
            "Fri, 20 Nov 2026 09:15:00 GMT",
            "20 Nov 2026 09:15 +0000",
        ] {
            assert_eq!(instant(text), Some(1_795_166_100_000), "{text}");
        }
        assert_eq!(instant("Sat, 31 Dec 2016 23:59:60 +0000"), instant("Sat, 31 Dec 2016 23:59:59 +0000"));
        for text in [
            "",
            "soon",
            "Fri, 20 Nov 2026 09:15:00",
            "Fri, 20 Nov 2026 24:15:00 +0000",
            "Fri, 31 Nov 2026 09:15:00 +0000",
            "Fri, 20 Thirteenth 2026 09:15:00 +0000",
            "2026-11-20T09:15:00Z",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_service_sends_is_none_of_the_number_that_it_leaves_by() {
        const NUMBER: &str = "+15550100001";
        let sent = |from: Option<&str>, service: Option<&str>| {
            Message::read(&json!({"sid": "SM1", "from": from, "messaging_service_sid": service})).unwrap()
        };
        for (message, by_number, by_service) in [
            (sent(Some(NUMBER), None), true, false),
            (sent(Some(NUMBER), Some("MG1")), false, true),
            (sent(None, Some("MG1")), false, true),
            (sent(Some("+15550100002"), None), false, false),
            (sent(None, Some("MG2")), false, false),
        ] {
            assert_eq!((message.is_sent_by(NUMBER), message.is_sent_by("MG1")), (by_number, by_service), "{message:?}");
        }
    }

    #[test]
    fn a_service_sends_instead_of_a_number() {
        let new = |sender| {
            let media = ["https://hotline.example.org/media/x".to_owned()];
            let message = NewMessage {
                to: "+15550100100",
                sender,
                says: Says::Free { body: "Yes & no", media: &media },
                status_callback: "https://h.example/s?m=1.0",
            };
            create_message("AC1", &message).body
        };
        let number = "To=%2B15550100100&From=%2B15550100001&Body=Yes+%26+no&MediaUrl=https%3A%2F%2Fhotline.example.org%2Fmedia%2Fx&StatusCallback=https%3A%2F%2Fh.example%2Fs%3Fm%3D1.0";
        assert_eq!(new("+15550100001"), Body::Form(number.to_owned()));
        let service = number.replace("From=%2B15550100001", "MessagingServiceSid=MG1");
        assert_eq!(new("MG1"), Body::Form(service));
    }

    #[test]
    fn an_approved_template_leaves_by_its_id_and_variables() {
        let variables = vec![("1".to_owned(), "Sam \"S\"".to_owned()), ("code".to_owned(), "7".to_owned())];
        let content = Content { sid: "HX1".to_owned(), variables };
        let message = NewMessage {
            to: "whatsapp:+15550100100",
            sender: "whatsapp:+15550100001",
            says: Says::Content(&content),
            status_callback: "",
        };
        let Body::Form(form) = create_message("AC1", &message).body else { panic!("a form") };
        let form = crate::form::Form::parse(form.as_bytes());
        let fields = ["ContentSid", "ContentVariables", "Body"].map(|name| form.get(name));
        assert_eq!(fields, [Some("HX1"), Some(r#"{"1":"Sam \"S\"","code":"7"}"#), None]);
    }
}
