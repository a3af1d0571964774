//! How the networks spell a person, and under which other keys they are known.

use serde::{Deserialize, Serialize};

use crate::domain::phone::{Channel, E164};
use crate::twilio::inbound::InboundText;

/// Another key of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alias {
    /// The key.
    pub key: String,
    /// Whether its object has conversations of its own beside this one's.
    #[serde(default)]
    pub has_history: bool,
}

/// The networks' own addresses of the person, as they came: what is sent to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Addresses {
    /// The number from which they text.
    #[serde(default)]
    pub sms: Option<String>,
    /// Their number or id on WhatsApp.
    #[serde(default)]
    pub whatsapp: Option<String>,
    /// The number from which they call.
    #[serde(default)]
    pub voice: Option<String>,
    /// The number of somebody who came without one first.
    #[serde(default)]
    pub number: Option<String>,
}

impl Addresses {
    /// They texted. An id of WhatsApp does not replace a number.
    pub fn learn(&mut self, text: &InboundText) {
        let address = match text.channel {
            Channel::Sms => &mut self.sms,
            Channel::WhatsApp => &mut self.whatsapp,
        };
        let is_number = E164::parse(&text.from).is_some();
        if is_number || (text.channel == Channel::WhatsApp && address.is_none() && !text.from.is_empty()) {
            *address = Some(text.from.clone());
        }
    }

    /// The number under which they were met that only callers from abroad dial, if there is one.
    pub fn dialled_from_abroad(&self) -> Option<E164> {
        let met = [&self.voice, &self.sms, &self.whatsapp].into_iter().flatten();
        met.filter_map(|address| E164::parse(address)).find(E164::is_dialled_from_abroad)
    }
}
