//! Twilio: Messages with their media, opt-outs, WhatsApp's window, calls, webhooks, and Lookup.
//!
//! It is written from Twilio's public pages, which each module names. Scheduled messages are not there; parameters that
//! are not known are ignored.

mod account;
mod api;
mod calls;
mod channel_senders;
mod codes;
mod compliance;
mod content;
mod create;
mod event_queue;
mod inbound;
mod json;
mod lifecycle;
mod lookup;
mod media;
mod media_types;
mod messages;
mod messaging_services;
mod numbers;
pub mod openapi;
mod optout;
mod other_hosts;
mod overrides;
mod phones;
mod segments;
mod settings;
mod sids;
pub mod signing;
#[cfg(test)]
mod stories;
mod twiml;
mod webhooks;
mod whatsapp;
mod xml;

use std::collections::BTreeMap;

pub use account::Account;
pub use calls::{Call, CallDirection, CallStatus, FarEnd, Heard, Press, Recording, RecordingStatus, Script, When};
pub use compliance::Campaign;
pub use lifecycle::DeliveryOutcome;
pub use media::Media;
pub use messages::{Direction, Message, Status};
pub use numbers::Capabilities;
pub use phones::PhoneMessage;
pub use settings::{
    DEVELOPMENT_ACCOUNT_SID, DEVELOPMENT_AUTH_TOKEN, DEVELOPMENT_NUMBER, MessagingService, Pace, Sender, Settings,
    Signing, Transcription, Voice,
};

use crate::http::{Delivery, Model, Outcome, Request, Response};

/// The version in every path and callback.
const API_VERSION: &str = "2010-04-01";
/// A `From` that is always good (Twilio, Test Credentials).
const MAGIC_SENDER: &str = "+15005550006";
/// A service's message that waited this long has overflowed its queue (error 30001; ten hours, message queueing).
const SERVICE_QUEUE_LIMIT_MS: u64 = 10 * 3_600_000;

/// A timed event.
#[derive(Clone, Debug)]
enum Event {
    State(String, Status),
    Attempt(u64),
    Notice { phone: String, with: String, body: &'static str },
    Call(calls::Step),
}

/// Something that Twilio complained about (Twilio, Debugger).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebuggerEntry {
    /// When, in milliseconds.
    pub at: u64,
    /// The error's code.
    pub code: u32,
    /// Its words.
    pub text: String,
    /// The address that misbehaved.
    pub url: String,
    /// The message or the call it was about.
    pub message_sid: String,
}

/// One Twilio account.
#[derive(Debug)]
pub struct Twilio {
    settings: Settings,
    sids: sids::Sids,
    messages: messages::Messages,
    media_store: media::MediaStore,
    phones: phones::Phones,
    delivery_outcomes: BTreeMap<String, DeliveryOutcome>,
    sender_queues: lifecycle::SenderQueues,
    blocks: optout::BlockList,
    windows: whatsapp::Windows,
    profile_names: BTreeMap<String, String>,
    carried: Vec<(String, String)>,
    calls: calls::Calls,
    webhooks: webhooks::Webhooks,
    events: event_queue::EventQueue<Event>,
    debugger: Vec<DebuggerEntry>,
    conformance: openapi::Conformance,
    list_lag_ms: u64,
}

impl Twilio {
    /// An account in which nothing has happened yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            sids: sids::Sids::new(settings.seed),
            settings,
            messages: messages::Messages::default(),
            media_store: media::MediaStore::default(),
            phones: phones::Phones::default(),
            delivery_outcomes: BTreeMap::new(),
            sender_queues: lifecycle::SenderQueues::default(),
            blocks: optout::BlockList::default(),
            windows: whatsapp::Windows::default(),
            profile_names: BTreeMap::new(),
            carried: Vec::new(),
            calls: calls::Calls::default(),
            webhooks: webhooks::Webhooks::default(),
            events: event_queue::EventQueue::default(),
            debugger: Vec::new(),
            conformance: openapi::Conformance::default(),
            list_lag_ms: 0,
        }
    }

    /// The account's settings, which may be changed while it runs.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// Numbers of the phones that sent or received something.
    pub fn phones(&self) -> Vec<String> {
        self.phones.numbers().cloned().collect()
    }

    /// What a phone has sent and received, in order, over SMS and WhatsApp.
    pub fn phone(&self, number: &str) -> Vec<PhoneMessage> {
        self.phones.of(number)
    }

    /// Every message that we sent, in the order of creation.
    pub fn sent(&self) -> Vec<Message> {
        self.messages.all().filter(|message| message.direction != Direction::Inbound).cloned().collect()
    }

    /// Every message to or from a person, over SMS and WhatsApp.
    pub fn messages_with(&self, number: &str) -> Vec<Message> {
        let is_theirs = |address: &str| phones::number(address) == number;
        let with = |message: &&Message| is_theirs(&message.to) || message.from.as_deref().is_some_and(is_theirs);
        self.messages.all().filter(with).cloned().collect()
    }

    /// A message by its sid.
    pub fn message(&self, sid: &str) -> Option<&Message> {
        self.messages.get(sid)
    }

    /// A medium by its sid.
    pub fn media(&self, sid: &str) -> Option<&Media> {
        self.media_store.get(sid)
    }

    /// Blocked pairs: a sender or its service, and a person's address.
    pub fn block_list(&self) -> Vec<(String, String)> {
        self.blocks.pairs()
    }

    /// Opts a person out without a text from them, as the console can.
    pub fn block(&mut self, sender: &str, person: &str) {
        let key = self.block_key(sender);
        self.blocks.add(&key, person);
    }

    /// Sets the delivery outcome of messages to a phone.
    pub fn set_delivery_outcome(&mut self, number: &str, outcome: DeliveryOutcome) {
        self.delivery_outcomes.insert(phones::number(number).to_owned(), outcome);
    }

    /// The same on WhatsApp alone, whatever becomes of texts to that phone.
    pub fn set_whatsapp_outcome(&mut self, number: &str, outcome: DeliveryOutcome) {
        self.delivery_outcomes.insert(format!("whatsapp:{number}"), outcome);
    }

    /// What a person calls themselves on WhatsApp, of any length and in any letters (`ProfileName`).
    pub fn set_profile_name(&mut self, number: &str, name: &str) {
        self.profile_names.insert(phones::number(number).to_owned(), name.to_owned());
    }

    /// What the next text's webhook carries beside the usual, in place of parameters of the same names: a pressed button, a
    /// form's answers, the advertisement that it comes from.
    pub fn next_text_carries(&mut self, params: &[(&str, &str)]) {
        self.carried = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    }

    /// Messages younger than this many milliseconds are not in lists yet.
    pub fn set_list_lag(&mut self, ms: u64) {
        self.list_lag_ms = ms;
    }

    /// What Twilio complained about so far.
    pub fn debugger(&self) -> &[DebuggerEntry] {
        &self.debugger
    }

    /// How requests and answers so far differ from Twilio's OpenAPI description, oldest first.
    pub fn violations(&self) -> &[openapi::Violation] {
        &self.conformance.violations
    }

    /// What the media host answers, the one that media links redirect to.
    pub fn media_host(&self, now: u64, request: &Request) -> Response {
        self.media_store.serve(now, &self.settings.auth_token, request)
    }

    fn media_url(&self, media: &Media) -> String {
        let Settings { api_base, account_sid, .. } = &self.settings;
        format!("{api_base}{}/Messages/{}/Media/{}", messages::account_path(account_sid), media.message_sid, media.sid)
    }

    fn blocked(&self, sender: &str, person: &str) -> bool {
        self.blocks.has(&self.block_key(sender), person)
    }

    fn block_key(&self, sender: &str) -> String {
        self.settings.service_of(sender).map_or_else(|| sender.to_owned(), |service| service.sid.clone())
    }
}

impl Model for Twilio {
    fn handle(&mut self, now: u64, request: &Request) -> Response {
        self.serve(now, request)
    }

    fn next_due(&self) -> Option<u64> {
        self.events.next()
    }

    fn take_due(&mut self, now: u64) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while let Some((at, due)) = self.events.take(now) {
            match due {
                Event::State(sid, status) => self.reach(at, &sid, status),
                Event::Attempt(id) => deliveries.extend(self.attempt(now, id)),
                Event::Call(step) => self.step(at, step),
                Event::Notice { phone, with, body } => self.phones.receive_notice(at, &phone, &with, body),
            }
        }
        deliveries
    }

    fn answered(&mut self, now: u64, delivery: u64, outcome: Outcome) {
        self.take_outcome(now, delivery, outcome);
    }
}
