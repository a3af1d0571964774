//! Codes that show that somebody has a number.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MessageError, MessageStatus};

/// A code for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartVerification {
    /// The hotline that sends: what follows `HOTLINE_` in its configuration.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"VOTERS"))]
    pub hotline: String,
    /// The number that is to be verified, with its country.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"+15550100123"))]
    pub to: String,
    /// How the code goes to them; `auto` where it is left out.
    pub channel: Option<VerificationChannel>,
    /// What it is for. While a code for the same number and purpose is good, there is no other one.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"sign-up"))]
    pub purpose: Option<String>,
    /// Of what each number has one: `first_time` of a check is true once for it, for ever.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"welcome-discount"))]
    pub unique_for: Option<String>,
    /// Where the code is typed in: `https://` and a name. The text says it such that phones offer the code there alone.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 88), example = &"https://example.org"))]
    pub origin: Option<String>,
    /// For whom it is asked, to limit who asks for many.
    pub limits: Option<VerificationLimits>,
    /// Your own name for it, unique within the hotline. The verification that has it already is answered instead.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 255)))]
    pub reference: Option<String>,
}

/// For whom a code is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerificationLimits {
    /// The address that the request came from, as your program sees it.
    #[cfg_attr(feature = "openapi", schemars(example = &"203.0.113.7"))]
    pub ip: Option<String>,
    /// What your program knows the device by.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 255)))]
    pub device: Option<String>,
}

/// How a code goes to somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum VerificationChannel {
    /// The way that is open.
    #[default]
    Auto,
    /// A text.
    Sms,
    /// WhatsApp.
    WhatsApp,
    /// A call in which the code is said, digit by digit.
    Call,
}

impl VerificationChannel {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Sms, Self::WhatsApp, Self::Call];

    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Sms => "sms",
            Self::WhatsApp => "whatsapp",
            Self::Call => "call",
        }
    }
}

/// How far a verification has come. One that is not pending any more stays what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum VerificationStatus {
    /// The code is good.
    Pending,
    /// The code was given: the number is theirs. It is good no more.
    Approved,
    /// Its program has taken it back.
    Canceled,
    /// The code was not given in time.
    Expired,
    /// Too many wrong codes were given.
    Locked,
}

/// A verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Verification {
    /// Its id.
    pub id: String,
    /// How far it has come.
    pub status: VerificationStatus,
    /// The hotline.
    pub hotline: String,
    /// The number, as the request has it.
    pub to: String,
    /// How the code went last.
    pub channel: VerificationChannel,
    /// What it is for.
    pub purpose: Option<String>,
    /// The program's own name for it.
    pub reference: Option<String>,
    /// When it came.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub created_at: Timestamp,
    /// Until when the code is good.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub expires_at: Timestamp,
    /// How many wrong codes may still be given.
    pub attempts_left: u32,
    /// How often the code may still be sent.
    pub sends_left: u32,
    /// When it may be sent again; null when it may not.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub resend_at: Option<Timestamp>,
    /// How far the code has come that was sent last.
    pub delivery: MessageStatus,
    /// Why that did not arrive.
    pub error: Option<MessageError>,
    /// The id of the key that asked for it.
    pub program: String,
}

/// A code that somebody has given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckVerification {
    /// The code, as a text: six digits, of which the first may be 0. Blanks and hyphens between them do no harm.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 64), example = &"012345"))]
    pub code: String,
}

/// Whether it was the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct VerificationCheck {
    /// How far the verification has come with it.
    pub status: VerificationStatus,
    /// Whether this code has shown that the number is theirs. A code does so once: given again, it is not valid.
    pub valid: bool,
    /// Whether it is the first time for this number at this hotline, by `unique_for`. It is true once, for ever.
    pub first_time: bool,
    /// How many wrong codes may still be given.
    pub attempts_left: u32,
}
