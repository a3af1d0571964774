//! Messages on people's phones.

use std::collections::BTreeMap;

use super::messages::Message;
use super::whatsapp::is_whatsapp;

/// A message on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneMessage {
    /// Whether this phone sent it.
    pub mine: bool,
    /// The other side, as it was addressed.
    pub with: String,
    /// Over WhatsApp instead of SMS or MMS.
    pub whatsapp: bool,
    /// The text.
    pub body: String,
    /// Sids of its pictures and other files.
    pub media: Vec<String>,
    /// The Message resource behind it; none for Twilio's own keyword replies.
    pub sid: Option<String>,
    /// When it was sent or arrived, in milliseconds.
    pub at: u64,
}

/// All phones that sent or received something, by their bare number.
#[derive(Debug, Default)]
pub(super) struct Phones {
    shown: BTreeMap<String, Vec<PhoneMessage>>,
}

/// The address without its channel.
pub(super) fn number(address: &str) -> &str {
    ["whatsapp:", "rcs:"].iter().find_map(|channel| address.strip_prefix(channel)).unwrap_or(address)
}

impl Phones {
    pub(super) fn numbers(&self) -> impl Iterator<Item = &String> {
        self.shown.keys()
    }

    pub(super) fn of(&self, address: &str) -> Vec<PhoneMessage> {
        self.shown.get(number(address)).cloned().unwrap_or_default()
    }

    pub(super) fn send(&mut self, now: u64, message: &Message) {
        let from = message.from.clone().unwrap_or_default();
        self.show(now, true, &from, &message.to, message);
    }

    pub(super) fn receive(&mut self, now: u64, message: &Message) {
        let from = message.from.clone().unwrap_or_default();
        self.show(now, false, &message.to, &from, message);
    }

    /// A text that is no Message resource.
    pub(super) fn receive_notice(&mut self, at: u64, phone: &str, with: &str, body: &str) {
        self.shown.entry(number(phone).to_owned()).or_default().push(PhoneMessage {
            mine: false,
            with: with.to_owned(),
            whatsapp: is_whatsapp(with),
            body: body.to_owned(),
            media: Vec::new(),
            sid: None,
            at,
        });
    }

    fn show(&mut self, at: u64, mine: bool, phone: &str, with: &str, message: &Message) {
        self.shown.entry(number(phone).to_owned()).or_default().push(PhoneMessage {
            mine,
            with: with.to_owned(),
            whatsapp: is_whatsapp(with),
            body: message.body.clone(),
            media: message.media.clone(),
            sid: Some(message.sid.clone()),
            at,
        });
    }
}
