//! The route `/media/{token}`: what a token opens, and how what strangers sent is shown (P13).

use crate::config::{Config, is_loopback};
use crate::domain::file_ending::file_ending;
use crate::domain::link::{self, LinkError, Purpose};
use crate::domain::time::Millis;
use crate::twilio::media_types;

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
    /// An attachment of an agent's reply, in Help Scout, as browsers open it.
    HelpScout {
        /// The conversation.
        conversation: u64,
        /// The attachment.
        attachment: u64,
        /// Its type.
        mime: String,
    },
    /// The same as Twilio fetches it, which compares types and shows names.
    ForTwilio {
        /// The conversation.
        conversation: u64,
        /// The attachment.
        attachment: u64,
        /// Its type.
        mime: String,
        /// What the agent called it; may be empty.
        name: String,
    },
}

impl MediaLink {
    /// The whole address, good until an instant.
    pub fn address(&self, config: &Config, until: Millis) -> String {
        let payload = match self {
            Self::Twilio { url } => format!("t {url}"),
            Self::HelpScout { conversation, attachment, mime } => format!("h {conversation} {attachment} {mime}"),
            Self::ForTwilio { conversation, attachment, mime, name } => {
                format!("m {conversation} {attachment} {mime} {name}")
            }
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
        let mut words = rest.splitn(4, ' ');
        let (conversation, attachment) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let (mime, name) = (words.next()?.to_owned(), words.next().unwrap_or_default().to_owned());
        Some(match kind {
            "m" => Self::ForTwilio { conversation, attachment, mime, name },
            _ => Self::HelpScout { conversation, attachment, mime },
        })
    }
}

/// With which headers a file is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `Content-Type`.
    pub content_type: String,
    /// `Content-Disposition`.
    pub disposition: String,
}

/// What strangers sent: a picture, sound or film as that, by the type that was given with the bytes, else a download. SVG is
/// a picture that can carry scripts, so it is a download.
pub fn shown(content_type: &str) -> Shown {
    let mime = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let picture = mime.starts_with("image/") && !mime.contains("svg") && !mime.contains("xml");
    let inline = picture || mime.starts_with("audio/") || mime.starts_with("video/");
    let clean = mime.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+.-".contains(&byte));
    if inline && clean {
        Shown { content_type: mime, disposition: "inline".to_owned() }
    } else {
        Shown { content_type: "application/octet-stream".to_owned(), disposition: "attachment".to_owned() }
    }
}

/// What Twilio fetches: under its own type, which Twilio compares with the bytes, and with a name that phones show. None of
/// these types carries scripts; any other is answered as what strangers sent.
pub fn shown_to_twilio(mime: &str, name: &str) -> Shown {
    let Some(known) = media_types::known(mime) else { return shown(mime) };
    Shown { content_type: known.to_owned(), disposition: format!("inline; filename=\"{}\"", short_name(name, known)) }
}

/// A name of at most twenty characters, without blanks and signs (Twilio, Accepted content types for media: file-name
/// guidelines), that ends as its type usually does.
fn short_name(name: &str, mime: &str) -> String {
    const LONGEST: usize = 20;
    let usual = file_ending(mime, "");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words: Vec<&str> = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut stem = words.join("-");
    stem.truncate(LONGEST.saturating_sub(1 + usual.len()));
    let stem = stem.trim_end_matches('-');
    format!("{}.{usual}", if stem.is_empty() { "file" } else { stem })
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
            let disposition = if inline { "inline" } else { "attachment" }.to_owned();
            assert_eq!(shown(given), Shown { content_type: content_type.to_owned(), disposition }, "{given}");
        }
    }

    #[test]
    fn twilio_gets_a_file_under_its_own_type_and_a_name_that_phones_show() {
        for (mime, name, content_type, disposition) in [
            ("application/pdf", "map.pdf", "application/pdf", "inline; filename=\"map.pdf\""),
            ("text/vcard", "Ada Byron.vcf", "text/vcard", "inline; filename=\"Ada-Byron.vcf\""),
            ("text/calendar", "", "text/calendar", "inline; filename=\"file.ics\""),
            (
                "application/pdf",
                "How to vote (2026), Springfield & others.PDF",
                "application/pdf",
                "inline; filename=\"How-to-vote-2026.pdf\"",
            ),
            ("image/png", "地図.png", "image/png", "inline; filename=\"file.png\""),
            ("image/png", "a\"\r\nx: y.png", "image/png", "inline; filename=\"a-x-y.png\""),
            ("image/png", "no ending at all here", "image/png", "inline; filename=\"no-ending-at-all.png\""),
            ("audio/x-wav", "a.wav", "audio/vnd.wave", "inline; filename=\"a.wav\""),
            ("text/html", "a.html", "application/octet-stream", "attachment"),
            ("image/svg+xml", "a.svg", "application/octet-stream", "attachment"),
        ] {
            let to_twilio = shown_to_twilio(mime, name);
            assert_eq!((to_twilio.content_type.as_str(), to_twilio.disposition.as_str()), (content_type, disposition));
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
