//! The route `/media/{token}`: what a token opens, and how what strangers sent is shown (P13).

use crate::config::{Config, is_loopback};
use crate::domain::link::{self, LinkError, Purpose};
use crate::domain::time::Millis;

const MEDIA: Purpose = Purpose { name: "media", longest: IN_THREADS };

/// How long a link that stands in a thread is good (P13: 90 days).
pub const IN_THREADS: Millis = 90 * 86_400_000;

/// How long a link that the sidebar shows is good (P13: 15 minutes).
pub const IN_THE_SIDEBAR: Millis = 15 * 60_000;

/// How long a link that Twilio is given is good (P13: 15 minutes).
pub const TOWARDS_TWILIO: Millis = 15 * 60_000;

/// What a link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaLink {
    /// A medium that a supporter sent, at Twilio.
    Twilio {
        /// `MediaUrl{N}`.
        url: String,
    },
    /// An attachment of an agent's reply, in Help Scout.
    HelpScout {
        /// The conversation.
        conversation: u64,
        /// The attachment.
        attachment: u64,
        /// Its type.
        mime: String,
    },
}

impl MediaLink {
    /// The whole address, good until an instant.
    pub fn address(&self, config: &Config, until: Millis) -> String {
        let payload = match self {
            Self::Twilio { url } => format!("t {url}"),
            Self::HelpScout { conversation, attachment, mime } => format!("h {conversation} {attachment} {mime}"),
        };
        let token = link::mint(MEDIA, config.secrets.session_secret.expose(), until, &payload);
        format!("{}/media/{token}", config.public_url)
    }

    /// What a token opens now.
    pub fn open(config: &Config, now: Millis, token: &str) -> Result<Self, LinkError> {
        let secrets = [config.secrets.session_secret.expose().to_owned()];
        let payload = link::open(MEDIA, &secrets, now, token)?;
        Self::read(&payload).ok_or(LinkError::Forged)
    }

    fn read(payload: &str) -> Option<Self> {
        let (kind, rest) = payload.split_once(' ')?;
        if kind == "t" {
            return Some(Self::Twilio { url: rest.to_owned() });
        }
        let mut words = rest.splitn(3, ' ');
        let (conversation, attachment) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self::HelpScout { conversation, attachment, mime: words.next()?.to_owned() })
    }
}

/// How bytes from strangers are shown: as the picture, sound or film that they say they are, else as a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `Content-Type` to answer with.
    pub content_type: String,
    /// Whether the browser may show it in place.
    pub inline: bool,
}

/// Decides by the type that was given with the bytes. SVG is a picture that can carry scripts, so it is a download.
pub fn shown(content_type: &str) -> Shown {
    let mime = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let picture = mime.starts_with("image/") && !mime.contains("svg") && !mime.contains("xml");
    let inline = picture || mime.starts_with("audio/") || mime.starts_with("video/");
    let clean = mime.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+.-".contains(&byte));
    if inline && clean {
        Shown { content_type: mime, inline: true }
    } else {
        Shown { content_type: "application/octet-stream".to_owned(), inline: false }
    }
}

/// Whether Twilio sends an attachment of this type on (Twilio, Accepted content types for media: pictures, sound,
/// films, contacts, calendars and PDF).
pub fn can_be_texted(mime: &str) -> bool {
    let mime = mime.to_ascii_lowercase();
    let picture = matches!(mime.as_str(), "image/jpeg" | "image/jpg" | "image/png" | "image/gif" | "image/webp");
    let other = matches!(mime.as_str(), "text/vcard" | "text/x-vcard" | "text/calendar" | "application/pdf");
    picture || other || mime.starts_with("audio/") || mime.starts_with("video/")
}

/// Whether an address is below the base: `https://api.twilio.com.example.org` is not below `https://api.twilio.com`, nor
/// is what leaves it by `..` (WHATWG URL Standard, double-dot path segment).
pub fn is_below(url: &str, base: &str) -> bool {
    let Some(rest) = url.strip_prefix(base).filter(|rest| rest.starts_with('/')) else { return false };
    let rest = rest.to_ascii_lowercase().replace("%2e", ".");
    !rest.split(['/', '\\', '?', '#']).any(|segment| segment == "..")
}

/// Where a redirect leads; `None` when it leads out of encryption, or nowhere.
pub fn redirected(from: &str, location: &str) -> Option<String> {
    if location.starts_with("https://") || (location.starts_with("http://") && is_loopback(location)) {
        return Some(location.to_owned());
    }
    let host = from.find("://")? + "://".len();
    let end = from.get(host..)?.find('/').map_or(from.len(), |at| host + at);
    let path = location.starts_with('/') && !location.starts_with("//");
    path.then(|| Some([from.get(..end)?, location].concat()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_send_is_shown_only_as_picture_sound_or_film() {
        for (given, content_type, inline) in [
            ("image/jpeg", "image/jpeg", true),
            ("IMAGE/PNG; name=x", "image/png", true),
            ("audio/ogg", "audio/ogg", true),
            ("video/mp4", "video/mp4", true),
            ("image/svg+xml", "application/octet-stream", false),
            ("text/html", "application/octet-stream", false),
            ("image/\r\nx", "application/octet-stream", false),
            ("", "application/octet-stream", false),
        ] {
            assert_eq!(shown(given), Shown { content_type: content_type.to_owned(), inline }, "{given}");
        }
    }

    #[test]
    fn a_medium_is_below_the_api_or_nowhere() {
        const API: &str = "https://api.twilio.com";
        for (url, base, below) in [
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", API, true),
            ("https://api.twilio.com/a?b=../c", API, true),
            ("http://127.0.0.1:4000/twilio/a", "http://127.0.0.1:4000/twilio", true),
            ("https://api.twilio.com", API, false),
            ("https://api.twilio.com.example.org/a", API, false),
            ("https://api.twilio.com:444/a", API, false),
            ("https://api.twilio.com@example.org/a", API, false),
            ("http://api.twilio.com/a", API, false),
            ("https://example.org/https://api.twilio.com/a", API, false),
            ("http://127.0.0.1:4000/twilio/../helpscout", "http://127.0.0.1:4000/twilio", false),
            ("http://127.0.0.1:4000/twilio/%2E./helpscout", "http://127.0.0.1:4000/twilio", false),
            ("http://127.0.0.1:4000/twilio/..\\helpscout", "http://127.0.0.1:4000/twilio", false),
            ("", API, false),
        ] {
            assert_eq!(is_below(url, base), below, "{url}");
        }
    }

    #[test]
    fn a_redirect_stays_encrypted() {
        let from = "https://api.twilio.com/a/b";
        for (location, leads) in [
            ("https://mms.example.org/x", Some("https://mms.example.org/x")),
            ("/c?d", Some("https://api.twilio.com/c?d")),
            ("http://127.0.0.1:4000/x?y", Some("http://127.0.0.1:4000/x?y")),
            ("http://localhost:80@example.org/x", None),
            ("http://mms.example.org/x", None),
            ("//example.org/x", None),
            ("ftp://example.org/x", None),
            ("c", None),
            ("", None),
        ] {
            assert_eq!(redirected(from, location).as_deref(), leads, "{location}");
        }
        assert_eq!(redirected("nowhere", "/a"), None);
        assert_eq!(redirected("https://h", "/a").as_deref(), Some("https://h/a"));
    }
}
