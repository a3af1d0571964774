//! Life cycle of a message: sender queues, states, status callbacks, and delivery outcomes by phone.

use std::collections::BTreeMap;

use super::media_types;
use super::messages::{Message, Status};
use super::webhooks::{OutgoingRequest, Purpose};
use super::whatsapp::is_whatsapp;
use super::{Event, Twilio, codes, json};

/// Delivery outcome of messages to a phone (codes: Twilio, Error and Warning Dictionary).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// They arrive and are reported.
    #[default]
    Delivered,
    /// They arrive, and the person reads them (WhatsApp).
    Read,
    /// They arrive without a delivery receipt: `sent` is the last state.
    NoReceipt,
    /// They leave and do not arrive.
    Undelivered(u32),
    /// They do not leave.
    Failed(u32),
    /// They are told as `undelivered`, and arrive and are told as `delivered` so many milliseconds later.
    Late {
        /// The error of the first word.
        code: u32,
        /// From the first word to the second.
        after_ms: u64,
    },
}

impl DeliveryOutcome {
    /// The phone is off or away.
    pub const UNREACHABLE: Self = Self::Undelivered(30003);
    /// No texts there.
    pub const LANDLINE: Self = Self::Undelivered(30006);
    /// Carriers filter it.
    pub const FILTERED: Self = Self::Undelivered(30007);
    /// The person opted out at the carrier.
    pub const OPTED_OUT: Self = Self::Failed(21610);

    /// The carrier gives them up and brings them a minute later.
    pub const LATE: Self = Self::Late { code: 30003, after_ms: 60_000 };

    /// An outcome by the name that control requests use, or by an error code.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "no_receipt" => Self::NoReceipt,
            "unreachable" => Self::UNREACHABLE,
            "landline" => Self::LANDLINE,
            "filtered" => Self::FILTERED,
            "opted_out" => Self::OPTED_OUT,
            "late" => Self::LATE,
            code => Self::Undelivered(code.parse().ok()?),
        })
    }
}

/// When each sender is free again.
#[derive(Debug, Default)]
pub(super) struct SenderQueues {
    free: BTreeMap<String, u64>,
}

impl Twilio {
    /// The instant at which `from` could send its next message.
    pub(super) fn turn(&self, now: u64, from: &str) -> u64 {
        let ready = now + self.settings.pace.queued_ms;
        self.sender_queues.free.get(from).map_or(ready, |free| ready.max(*free))
    }

    /// Keeps the sender busy for as long as that many segments take.
    pub(super) fn take_turn(&mut self, from: &str, turn: u64, segments: u64) {
        let rate = self.settings.sender(from).map_or(1, |sender| sender.segments_per_second.max(1));
        self.sender_queues.free.insert(from.to_owned(), turn + segments * 1000 / rate);
    }

    /// Sets a new message on its way.
    pub(super) fn begin(&mut self, now: u64, sid: &str) {
        let Some(message) = self.messages.get(sid) else { return };
        let (turn, accepted) = (message.turn, message.status == Status::Accepted);
        if accepted {
            self.events.put(now, Event::State(sid.to_owned(), Status::Queued));
        }
        match message.media_urls.first().cloned() {
            Some(url) => self.fetch(now, sid, &url),
            None => self.events.put(turn, Event::State(sid.to_owned(), Status::Sending)),
        }
    }

    fn fetch(&mut self, now: u64, sid: &str, url: &str) {
        let token = self.sids.uuid();
        let get = OutgoingRequest::get(Purpose::Media(sid.to_owned()), url, token);
        self.send_webhook(now, get);
    }

    /// A medium has been fetched: fetches the next one, or queues the message.
    pub(super) fn fetched(&mut self, now: u64, sid: &str, media_sid: String) {
        let Some(message) = self.messages.get_mut(sid) else { return };
        message.media.push(media_sid);
        let turn = message.turn.max(now);
        match message.media_urls.get(message.media.len()).cloned() {
            Some(url) => self.fetch(now, sid, &url),
            None => self.events.put(turn, Event::State(sid.to_owned(), Status::Sending)),
        }
    }

    /// A message's next state has come.
    pub(super) fn reach(&mut self, now: u64, sid: &str, status: Status) {
        let Some(message) = self.messages.get(sid) else { return };
        let pace = self.settings.pace;
        match status {
            Status::Sending => {
                if let Some(code) = self.refusal(now, message) {
                    return self.fail(now, sid, Status::Failed, code);
                }
                self.set(now, sid, status, None);
                self.events.put(now + pace.sending_ms, Event::State(sid.to_owned(), Status::Sent));
            }
            Status::Sent => {
                self.set(now, sid, status, None);
                self.events.put(now + pace.delivery_ms, Event::State(sid.to_owned(), Status::Delivered));
            }
            Status::Delivered => self.arrive(now, sid),
            _ => self.set(now, sid, status, None),
        }
    }

    /// Why the message may not leave, by what is known when its turn has come.
    fn refusal(&self, now: u64, message: &Message) -> Option<u32> {
        let from = message.from.as_deref().unwrap_or_default();
        match self.delivery_outcome(&message.to) {
            DeliveryOutcome::Failed(code) => Some(code),
            _ if self.blocked(from, &message.to) => Some(21610),
            _ if message.turn > message.created + super::SERVICE_QUEUE_LIMIT_MS => Some(30001),
            _ if is_whatsapp(from) && message.content_sid.is_none() && !self.windows.open(now, from, &message.to) => {
                Some(63016)
            }
            _ => None,
        }
    }

    fn arrive(&mut self, now: u64, sid: &str) {
        let Some(message) = self.messages.get(sid) else { return };
        let outcome = self.delivery_outcome(&message.to);
        match outcome {
            DeliveryOutcome::Undelivered(code) => return self.fail(now, sid, Status::Undelivered, code),
            DeliveryOutcome::Late { code, after_ms } if message.status != Status::Undelivered => {
                self.events.put(now + after_ms, Event::State(sid.to_owned(), Status::Delivered));
                return self.fail(now, sid, Status::Undelivered, code);
            }
            _ => {}
        }
        let mut shown = message.clone();
        let mut media = message.media.iter().filter_map(|sid| self.media_store.get(sid));
        if !media.all(|it| media_types::goes_with_words(&it.content_type, is_whatsapp(&message.to))) {
            shown.body.clear();
        }
        self.phones.receive(now, &shown);
        if outcome != DeliveryOutcome::NoReceipt {
            self.set(now, sid, Status::Delivered, None);
        }
        if outcome == DeliveryOutcome::Read {
            self.events.put(now + self.settings.pace.delivery_ms, Event::State(sid.to_owned(), Status::Read));
        }
    }

    /// What a message cost, once that is known: nothing that did not leave is charged (Twilio, Message resource: `price`).
    pub(super) fn price(&self, now: u64, message: &Message) -> Option<String> {
        let known = message.sent? + self.settings.priced_after_ms?;
        let thousandths = if is_whatsapp(&message.to) { 500 } else { 790 * message.segments };
        (known <= now).then(|| format!("-{}.{:05}", thousandths / 100_000, thousandths % 100_000))
    }

    fn delivery_outcome(&self, to: &str) -> DeliveryOutcome {
        let of_channel = self.delivery_outcomes.get(to);
        of_channel.or_else(|| self.delivery_outcomes.get(super::phones::number(to))).copied().unwrap_or_default()
    }

    pub(super) fn fail(&mut self, now: u64, sid: &str, status: Status, code: u32) {
        self.set(now, sid, status, Some(code));
    }

    fn set(&mut self, now: u64, sid: &str, status: Status, error: Option<u32>) {
        let Some(message) = self.messages.get_mut(sid) else { return };
        message.status = status;
        message.error = error;
        message.updated = now;
        if status == Status::Sent {
            message.sent = Some(now);
        }
        let message = message.clone();
        if status != Status::Sending || self.settings.sending_callbacks {
            self.call_back(now, &message);
        }
    }

    /// Sends the status callback to the message's own URL, else to its service's.
    fn call_back(&mut self, now: u64, message: &Message) {
        let service = message.messaging_service_sid.as_deref().and_then(|sid| self.settings.service(sid));
        let url = message.status_callback.clone().or_else(|| service.map(|service| service.status_callback.clone()));
        let Some(url) = url.filter(|url| !url.is_empty()) else { return };
        let params = callback_params(now, &self.settings.account_sid, message);
        let token = self.sids.uuid();
        self.send_webhook(now, OutgoingRequest::post(Purpose::State(message.sid.clone()), &url, "", params, token));
    }
}

/// Twilio, "Outbound Message Status in Status Callbacks".
fn callback_params(now: u64, account: &str, message: &Message) -> Vec<(String, String)> {
    let status = message.status.name();
    let mut params: Vec<(&str, String)> = vec![
        ("AccountSid", account.into()),
        ("ApiVersion", super::API_VERSION.into()),
        ("From", message.from.clone().unwrap_or_default()),
        ("To", message.to.clone()),
        ("MessageSid", message.sid.clone()),
        ("SmsSid", message.sid.clone()),
        ("MessageStatus", status.into()),
        ("SmsStatus", status.into()),
    ];
    if let Some(service) = &message.messaging_service_sid {
        params.push(("MessagingServiceSid", service.clone()));
    }
    if let Some(code) = message.error {
        params.push(("ErrorCode", code.to_string()));
        params.push(("ErrorMessage", codes::meaning(code).into()));
    }
    match (is_whatsapp(&message.to), message.status) {
        (false, Status::Delivered | Status::Undelivered) => params.push(("RawDlrDoneDate", json::dlr_date(now))),
        (true, Status::Read) => params.extend([("ChannelPrefix", "whatsapp".into()), ("EventType", "READ".into())]),
        (true, _) => params.push(("ChannelPrefix", "whatsapp".into())),
        (false, _) => {}
    }
    params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
