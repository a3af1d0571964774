//! A text that comes in (Twilio, Messaging webhook request; SMS, MMS and WhatsApp).

use serde::{Deserialize, Serialize};

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
    /// Our number that was texted, without `whatsapp:`.
    pub to: String,
    /// The Messaging Service of that number.
    pub service: Option<String>,
    /// What it says.
    pub body: String,
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
        let (channel, party) = Party::parse(form.get("From")?);
        let to = form.get("To").unwrap_or("").trim();
        let text = Self {
            sid: sid.to_owned(),
            channel,
            to: to.strip_prefix("whatsapp:").unwrap_or(to).to_owned(),
            service: filled(form, "MessagingServiceSid").map(str::to_owned),
            body: said(form),
            media: media(form),
            profile: filled(form, "ProfileName").map(str::to_owned),
            opt_out_type: filled(form, "OptOutType").map(str::to_owned),
        };
        Some((party, text))
    }
}

fn filled<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(str::trim).filter(|value| !value.is_empty())
}

/// The words of a message: its body, else the button that was pressed, and a shared location in words and as a link.
fn said(form: &Form) -> String {
    let body = form.get("Body").unwrap_or("");
    let mut words = if body.is_empty() { form.get("ButtonText").unwrap_or("").to_owned() } else { body.to_owned() };
    if let (Some(latitude), Some(longitude)) = (filled(form, "Latitude"), filled(form, "Longitude")) {
        if !words.is_empty() {
            words.push('\n');
        }
        words.push_str("Location:");
        for part in ["Label", "Address"].iter().filter_map(|name| filled(form, name)) {
            words.push(' ');
            words.push_str(part);
            words.push(',');
        }
        let map = ["https://www.openstreetmap.org/?mlat=", latitude, "&mlon=", longitude].concat();
        words.push_str(&[" ", &map, " (", latitude, ",", longitude, ")"].concat());
    }
    words
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
