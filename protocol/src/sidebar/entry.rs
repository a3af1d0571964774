//! An entry of the timeline.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// When it was.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
    /// What it is.
    pub kind: Kind,
    /// Which way it went.
    pub direction: Direction,
    /// How it travelled.
    pub channel: Channel,
    /// What was written; of a call, how it ended. Null when it was removed, since it was older than the hotline keeps.
    pub text: Option<String>,
    /// How far a text to the person has come; null for everything else.
    pub state: Option<DeliveryState>,
    /// Why it did not arrive, or still waits.
    pub error: Option<Failure>,
    /// What came along.
    pub media: Vec<Media>,
    /// Who answered or wrote; may be empty.
    pub agent: String,
    /// The Help Scout conversation that it stands in.
    pub conversation: Option<u64>,
    /// How long a call or a voicemail took.
    pub seconds: Option<i64>,
    /// What was said in a voicemail; empty when that will never be known.
    pub transcript: Option<String>,
    /// Whether what was said went with a conversation that the agents deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Whether an agent has sent this text again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sent_again: bool,
    /// When what was said was removed, since it was older than the hotline keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub removed_at: Option<Timestamp>,
    /// The same of what came along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::Instant>"))]
    pub media_removed_at: Option<Timestamp>,
}

impl Entry {
    /// What was written, as far as it is still there.
    pub fn words(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Whether it came from the person.
    pub fn is_inbound(&self) -> bool {
        self.direction == Direction::In
    }

    /// Whether it will not arrive. A text that still waits may have an error too: why it waits.
    pub fn has_failed(&self) -> bool {
        self.state.map_or(self.error.is_some(), |state| state == DeliveryState::Failed)
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A text, with or without pictures.
    Text,
    /// A call that somebody answered, or that an agent made.
    Call,
    /// A call that nobody answered.
    MissedCall,
    /// A message left by voice.
    Voicemail,
    /// A sentence of ours; also what a later release may add.
    #[serde(other)]
    Notice,
}

/// Which way an entry went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the person.
    In,
    /// To the person.
    Out,
}

/// How an entry travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A text without pictures.
    Sms,
    /// A text with pictures.
    Mms,
    /// WhatsApp.
    WhatsApp,
    /// A call or a voicemail.
    Voice,
    /// A channel of a later release.
    #[serde(other)]
    Unknown,
}

/// How far a text has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// With us.
    Waiting,
    /// With Twilio.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// With the carrier.
    Sent,
    /// It will not arrive.
    Failed,
    /// It arrived.
    Delivered,
    /// It was opened.
    Read,
    /// Nobody knows whether it was sent; also a state of a later release.
    #[serde(other)]
    Unknown,
}

/// Why something did not arrive, or still waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Failure {
    /// Twilio's code, when it gave one.
    pub code: Option<u32>,
    /// In plain words.
    pub reason: String,
}

/// A picture, a recording, a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Media {
    /// Our signed link, which ends.
    pub url: String,
    /// Its MIME type.
    #[serde(rename = "type")]
    pub mime: String,
}

impl Media {
    /// Only what every browser shows as a picture; everything else that strangers send is a link (P13).
    pub fn is_picture(&self) -> bool {
        const SHOWN: [&str; 6] = ["image/bmp", "image/gif", "image/jpeg", "image/jpg", "image/png", "image/webp"];
        SHOWN.contains(&self.kind().as_str())
    }

    /// Whether a browser can play it. Phones also record in formats that none plays: those are links.
    pub fn is_audio(&self) -> bool {
        const NOT_PLAYED: [&str; 7] = [
            "audio/3gpp",
            "audio/3gpp2",
            "audio/ac3",
            "audio/amr",
            "audio/amr-nb",
            "audio/amr-wb",
            "audio/vnd.rn-realaudio",
        ];
        let kind = self.kind();
        kind.starts_with("audio/") && !NOT_PLAYED.contains(&kind.as_str())
    }

    /// Its type without parameters.
    fn kind(&self) -> String {
        self.mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::Media;

    #[test]
    fn what_no_browser_plays_or_shows_is_a_link() {
        for (mime, audio, picture) in [
            ("audio/mpeg", true, false),
            ("audio/ogg; codecs=opus", true, false),
            ("audio/amr", false, false),
            ("audio/AMR-NB", false, false),
            ("audio/3gpp", false, false),
            ("image/jpeg", false, true),
            ("image/heic", false, false),
            ("image/svg+xml", false, false),
            ("application/pdf", false, false),
        ] {
            let media = Media { url: "https://hotline.example.org/media/x".to_owned(), mime: mime.to_owned() };
            assert_eq!((media.is_audio(), media.is_picture()), (audio, picture), "{mime}");
        }
    }
}
