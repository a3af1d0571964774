//! The Message resource: its fields, states, and the list with its filters (Twilio, Message resource).

use std::cmp::Reverse;
use std::collections::HashMap;

use super::json::moment;

/// Direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A person wrote to us.
    Inbound,
    /// Made through the REST API.
    OutboundApi,
    /// Made by TwiML that answered a webhook.
    OutboundReply,
}

impl Direction {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundReply => "outbound-reply",
        }
    }
}

/// A message's state; on Twilio's side it never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Inbound message.
    Received,
    /// Given to a Messaging Service, which has not picked a sender yet.
    Accepted,
    /// Waits for its turn to leave its sender.
    Queued,
    /// Is being handed to the carrier.
    Sending,
    /// The carrier has it.
    Sent,
    /// Did not leave.
    Failed,
    /// Left, and did not arrive.
    Undelivered,
    /// Arrived.
    Delivered,
    /// WhatsApp: was read.
    Read,
}

impl Status {
    /// As Twilio writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// Whether nothing is still to be done for it; only then it can be deleted (error 20009).
    pub(super) fn complete(self) -> bool {
        !matches!(self, Self::Accepted | Self::Queued | Self::Sending)
    }
}

/// A message in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `SM…` or, with media, `MM…`.
    pub sid: String,
    /// Direction.
    pub direction: Direction,
    /// The sender's address; for a service's message the one that its pool chose.
    pub from: Option<String>,
    /// The receiver's address.
    pub to: String,
    /// The text; empty after a redaction.
    pub body: String,
    /// Sids of its media, as far as they were fetched.
    pub media: Vec<String>,
    /// `MediaUrl`s that it was made with.
    pub media_urls: Vec<String>,
    /// `MG…` if a service sends it.
    pub messaging_service_sid: Option<String>,
    /// `HX…` if it is a template.
    pub content_sid: Option<String>,
    /// Its status callback.
    pub status_callback: Option<String>,
    /// Its state now.
    pub status: Status,
    /// Why it failed.
    pub error: Option<u32>,
    /// Segments of its body.
    pub segments: u64,
    /// When it was made, in milliseconds.
    pub created: u64,
    /// When it last changed.
    pub updated: u64,
    /// When the carrier accepted it, or when it was received.
    pub sent: Option<u64>,
    /// When its sender is free for it.
    pub(super) turn: u64,
}

impl Message {
    /// Sender in the resource. A Messaging Service's message has none until it is sent.
    pub(super) fn known_sender(&self) -> Option<&str> {
        let waits = matches!(self.status, Status::Accepted | Status::Queued | Status::Sending);
        self.from.as_deref().filter(|_| self.messaging_service_sid.is_none() || !waits)
    }

    pub(super) fn media_count(&self) -> usize {
        self.media.len().max(self.media_urls.len())
    }
}

/// All messages of the account, oldest first.
#[derive(Debug, Default)]
pub(super) struct Messages {
    rows: Vec<Message>,
    places: HashMap<String, usize>,
}

impl Messages {
    pub(super) fn add(&mut self, message: Message) {
        self.places.insert(message.sid.clone(), self.rows.len());
        self.rows.push(message);
    }

    pub(super) fn get(&self, sid: &str) -> Option<&Message> {
        self.rows.get(*self.places.get(sid)?)
    }

    pub(super) fn get_mut(&mut self, sid: &str) -> Option<&mut Message> {
        self.rows.get_mut(*self.places.get(sid)?)
    }

    pub(super) fn delete(&mut self, sid: &str) {
        self.rows.retain(|message| message.sid != sid);
        self.places = self.rows.iter().enumerate().map(|(place, row)| (row.sid.clone(), place)).collect();
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Message> {
        self.rows.iter()
    }

    /// What a list request sees, newest first. Messages younger than `lag_ms` are not listed yet.
    pub(super) fn list(&self, now: u64, lag_ms: u64, query: &[(String, String)]) -> Vec<&Message> {
        let listed = |message: &&Message| message.created + lag_ms <= now && matches(message, query);
        let mut rows: Vec<_> = self.rows.iter().filter(listed).collect();
        rows.sort_by_key(|message| Reverse(date(message)));
        rows
    }
}

/// A message that is not sent yet is sorted by the date it was made.
fn date(message: &Message) -> u64 {
    message.sent.unwrap_or(message.created)
}

/// Before a message leaves it has no date, and a service's no sender: filters on them miss it, as fresh rows were
/// reported missing (twilio-node issues 223 and 647).
fn matches(message: &Message, query: &[(String, String)]) -> bool {
    let compared =
        |value: &str, holds: fn(std::cmp::Ordering) -> bool| message.sent.is_some_and(|at| holds(compare(at, value)));
    query.iter().all(|(name, value)| match name.as_str() {
        "To" => message.to == *value,
        "From" => message.known_sender() == Some(value),
        "DateSent" => compared(value, std::cmp::Ordering::is_eq),
        "DateSent<" => compared(value, std::cmp::Ordering::is_le),
        "DateSent>" => compared(value, std::cmp::Ordering::is_ge),
        _ => true,
    })
}

/// Compares a time with `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`, as exactly as the text is.
pub(super) fn compare(ms: u64, value: &str) -> std::cmp::Ordering {
    let at = moment(ms);
    let (date, time) = (at.date(), at.time());
    let text = format!("{date}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second());
    let precision = value.len().min(text.len());
    text[..precision].cmp(&value[..precision.min(value.len())])
}

/// The path of an account's resources.
pub(super) fn account_path(account: &str) -> String {
    format!("/{}/Accounts/{account}", super::API_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    fn message(sid: &str, to: &str, sent: Option<u64>) -> Message {
        Message {
            sid: sid.into(),
            direction: Direction::OutboundApi,
            from: Some("+15550100001".into()),
            to: to.into(),
            body: String::new(),
            media: vec![],
            media_urls: vec![],
            messaging_service_sid: None,
            content_sid: None,
            status_callback: None,
            status: Status::Sent,
            error: None,
            segments: 1,
            created: 1_692_853_305_000,
            updated: 0,
            sent,
            turn: 0,
        }
    }

    #[test]
    fn lists_are_filtered_and_newest_first() {
        let mut messages = Messages::default();
        messages.add(message("a", "+15550100100", Some(1_692_853_306_000)));
        messages.add(message("b", "+15550100100", Some(1_692_939_706_000)));
        messages.add(message("c", "+15550100101", None));
        let cases: [(Pairs, &[&str]); 8] = [
            (&[], &["b", "a", "c"]),
            (&[("To", "+15550100100")], &["b", "a"]),
            (&[("From", "+15550100009")], &[]),
            (&[("DateSent", "2023-08-24")], &["a"]),
            (&[("DateSent>", "2023-08-25")], &["b"]),
            (&[("DateSent<", "2023-08-24")], &["a"]),
            (&[("DateSent>", "2023-08-24T05:01:46Z")], &["b", "a"]),
            (&[("DateSent>", "2023-08-24T05:01:46Z"), ("DateSent<", "2023-08-24T05:01:46Z")], &["a"]),
        ];
        for (query, sids) in cases {
            let query: Vec<_> = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let found: Vec<_> = messages.list(u64::MAX, 0, &query).iter().map(|message| message.sid.clone()).collect();
            assert_eq!(found, sids, "{query:?}");
        }
        assert_eq!(messages.list(1_692_853_305_000, 1, &[]).len(), 0, "too young to be listed");
    }
}
