//! The person at the other end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The person at the other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their key: a number in E.164 when it is a phone.
    pub number: String,
    /// The number for the eye.
    pub readable: String,
    /// How they write.
    pub channel: TextChannel,
    /// When they first turned to the hotline.
    pub since: Timestamp,
    /// That they do not want texts.
    pub opted_out: Option<OptOut>,
    /// Whether they are new to everybody who answers.
    pub first_contact: bool,
    /// Whether they are on WhatsApp without showing a number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_whatsapp_user: bool,
}

impl Person {
    /// Whether it is a phone, which can be called.
    pub fn is_phone(&self) -> bool {
        self.number.starts_with('+')
    }

    /// Whether a text can reach them.
    pub fn can_be_texted(&self) -> bool {
        self.is_phone() || self.is_whatsapp_user
    }
}

/// The way a text travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextChannel {
    /// WhatsApp.
    WhatsApp,
    /// SMS and MMS.
    #[default]
    #[serde(other)]
    Sms,
}

/// Since when somebody does not want texts, and how we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOut {
    /// When we heard of it.
    pub since: Timestamp,
    /// Who said so.
    pub by: OptOutSource,
}

/// Who says that somebody opted out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptOutSource {
    /// Twilio, when it refused a text to them (Twilio, error 21610).
    Twilio,
    /// They did, by a text to us.
    #[serde(other)]
    Person,
}
