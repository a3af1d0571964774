//! A text that comes in (Twilio, Messaging webhook request; SMS, MMS and WhatsApp).

use serde::{Deserialize, Serialize};

use super::inbound_words::{self, filled};
use crate::domain::phone::{Channel, Party};
use crate::form::Form;

/// The most media that a message has (Twilio, Messaging webhook request: `MediaUrl{N}`, N from 0 to 9).
const MOST_MEDIA: usize = 10;

/// A medium of a text, still at Twilio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediumAt {
    /// `MediaContentType{N}`, may be empty.
    pub mime: String,
    /// `MediaUrl{N}`.
    pub url: String,
}

/// A text as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundText {
    /// `MessageSid`: the same message has the same one, however often it comes.
    pub sid: String,
    /// How it came.
    pub channel: Channel,
    /// The sender's address as it came, without `whatsapp:` or `rcs:`: what is sent to. Empty in messages of older releases.
    #[serde(default)]
    pub from: String,
    /// The sender's id on WhatsApp, which comes beside the number or in its place.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Our number that was texted, without `whatsapp:`.
    pub to: String,
    /// The Messaging Service of that number.
    pub service: Option<String>,
    /// What it says; empty when nobody could see anything of it.
    pub body: String,
    /// What came with the words, a line each: a place, the answers of a form, the advertisement that was pressed.
    #[serde(default)]
    pub details: Vec<String>,
    /// The `MessageSid` of the message that it replies to by name (WhatsApp).
    #[serde(default)]
    pub replied_to: Option<String>,
    /// What came with it.
    pub media: Vec<MediumAt>,
    /// The sender's name on WhatsApp.
    pub profile: Option<String>,
    /// `OptOutType`, where Advanced Opt-Out is on.
    pub opt_out_type: Option<String>,
}

impl InboundText {
    /// Reads a webhook; `None` when it does not say which message it is or from whom.
    pub fn read(form: &Form) -> Option<(Party, Self)> {
        let sid = ["MessageSid", "SmsMessageSid", "SmsSid"].iter().find_map(|name| filled(form, name))?;
        let from = form.get("From")?.trim();
        let (channel, party) = Party::parse(from);
        let to = form.get("To").unwrap_or("").trim();
        let (body, media) = (inbound_words::body(form), media(form));
        let text = Self {
            sid: sid.to_owned(),
            channel,
            from: from.split_once(':').map_or(from, |(_, address)| address).to_owned(),
            external_id: filled(form, "ExternalUserId").map(str::to_owned),
            to: to.strip_prefix("whatsapp:").unwrap_or(to).to_owned(),
            service: filled(form, "MessagingServiceSid").map(str::to_owned),
            details: inbound_words::details(form, body.is_empty() && media.is_empty()),
            replied_to: filled(form, "OriginalRepliedMessageSid").map(str::to_owned),
            body,
            media,
            profile: filled(form, "ProfileName").map(str::to_owned),
            opt_out_type: filled(form, "OptOutType").map(str::to_owned),
        };
        Some((party, text))
    }
}

/// The media by their addresses alone: `NumMedia` may be nonsense, an address is there or not.
fn media(form: &Form) -> Vec<MediumAt> {
    let medium = |at: usize| {
        let url = filled(form, &format!("MediaUrl{at}"))?.to_owned();
        let mime = filled(form, &format!("MediaContentType{at}")).unwrap_or("").to_owned();
        Some(MediumAt { mime, url })
    };
    (0..MOST_MEDIA).filter_map(medium).collect()
}
