//! What goes with a text on each channel (Twilio, Accepted content types for media, as of 2026-07-07). WhatsApp takes all of
//! them.

use crate::domain::phone::Channel;

/// A type that Twilio takes.
struct MediaType {
    name: &'static str,
    /// Whether MMS carries it, and whether with words in the same message.
    mms: Goes,
    /// Whether words may be in the same message on WhatsApp.
    whatsapp: Goes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    Not,
    Alone,
    WithWords,
}

use Goes::{Alone, Not, WithWords};

const fn media(name: &'static str, mms: Goes, whatsapp: Goes) -> MediaType {
    MediaType { name, mms, whatsapp }
}

const TYPES: [MediaType; 52] = [
    media("image/jpeg", WithWords, WithWords),
    media("image/jpg", WithWords, WithWords),
    media("image/gif", WithWords, Alone),
    media("image/png", WithWords, WithWords),
    media("image/heic", WithWords, Alone),
    media("image/heif", WithWords, Alone),
    media("image/tiff", WithWords, Alone),
    media("image/bmp", WithWords, Alone),
    media("image/webp", Not, WithWords),
    media("video/mpeg4", WithWords, Alone),
    media("video/mp4", WithWords, WithWords),
    media("video/mpeg", WithWords, Alone),
    media("video/webm", WithWords, Alone),
    media("video/quicktime", WithWords, Alone),
    media("video/3gpp", WithWords, Alone),
    media("video/3gpp2", WithWords, Alone),
    media("video/3gpp-tt", WithWords, Alone),
    media("video/h261", WithWords, Alone),
    media("video/h263", WithWords, Alone),
    media("video/h263-1998", WithWords, Alone),
    media("video/h263-2000", WithWords, Alone),
    media("video/h264", WithWords, Alone),
    media("video/h265", WithWords, Alone),
    media("audio/ogg", WithWords, WithWords),
    media("audio/mpeg", WithWords, WithWords),
    media("audio/mp4", WithWords, Alone),
    media("audio/mp3", WithWords, Alone),
    media("audio/3gpp", WithWords, WithWords),
    media("audio/3gpp2", WithWords, Alone),
    media("audio/basic", WithWords, Alone),
    media("audio/l24", WithWords, Alone),
    media("audio/vnd.rn-realaudio", WithWords, Alone),
    media("audio/vnd.wave", WithWords, Alone),
    media("audio/ac3", WithWords, WithWords),
    media("audio/webm", WithWords, Alone),
    media("audio/amr-nb", WithWords, Alone),
    media("audio/amr", WithWords, WithWords),
    media("text/vcard", WithWords, Alone),
    media("text/x-vcard", WithWords, WithWords),
    media("text/directory", WithWords, Alone),
    media("text/csv", WithWords, Alone),
    media("text/richtext", WithWords, Alone),
    media("text/rtf", WithWords, Alone),
    media("text/calendar", WithWords, Alone),
    media("application/pdf", WithWords, WithWords),
    media("application/vcard", Alone, WithWords),
    media("application/msword", Not, WithWords),
    media("application/vnd.ms-excel", Not, WithWords),
    media("application/vnd.ms-powerpoint", Not, WithWords),
    media("application/vnd.openxmlformats-officedocument.presentationml.presentation", Not, WithWords),
    media("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Not, WithWords),
    media("application/vnd.openxmlformats-officedocument.wordprocessingml.document", Not, WithWords),
];

/// Other names by which mail programs and systems give types of the table.
const ALIASES: [(&str, &str); 6] = [
    ("audio/wav", "audio/vnd.wave"),
    ("audio/wave", "audio/vnd.wave"),
    ("audio/x-m4a", "audio/mp4"),
    ("audio/x-wav", "audio/vnd.wave"),
    ("application/rtf", "text/rtf"),
    ("image/pjpeg", "image/jpeg"),
];

fn find(mime: &str) -> Option<&'static MediaType> {
    let name = mime.split([';', ' ']).next().unwrap_or_default().to_ascii_lowercase();
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name.as_str(), |(_, known)| known);
    TYPES.iter().find(|known| known.name == name)
}

/// The name under which Twilio knows a type; `None` for one that it takes nowhere.
pub fn known(mime: &str) -> Option<&'static str> {
    find(mime).map(|known| known.name)
}

/// Whether a file of a type goes on a channel at all.
pub fn goes(mime: &str, channel: Channel) -> bool {
    way(mime, channel) != Not
}

/// Whether it goes in one message with words.
pub fn goes_with_words(mime: &str, channel: Channel) -> bool {
    way(mime, channel) == WithWords
}

fn way(mime: &str, channel: Channel) -> Goes {
    find(mime).map_or(Not, |known| match channel {
        Channel::Sms => known.mms,
        Channel::WhatsApp => known.whatsapp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_where_is_as_twilios_page_has_it() {
        use Channel::{Sms, WhatsApp};
        for (mime, channel, alone, with_words) in [
            ("image/png", Sms, true, true),
            ("image/gif", WhatsApp, true, false),
            ("image/webp", Sms, false, false),
            ("IMAGE/JPEG; name=x.jpg", WhatsApp, true, true),
            ("image/svg+xml", WhatsApp, false, false),
            ("application/pdf", Sms, true, true),
            ("application/msword", Sms, false, false),
            ("application/msword", WhatsApp, true, true),
            ("application/vcard", Sms, true, false),
            ("text/calendar", WhatsApp, true, false),
            ("text/html", Sms, false, false),
            ("application/zip", WhatsApp, false, false),
            ("audio/x-m4a", Sms, true, true),
            ("video/H264", Sms, true, true),
            ("", Sms, false, false),
        ] {
            assert_eq!(
                (goes(mime, channel), goes_with_words(mime, channel)),
                (alone, with_words),
                "{mime} {channel:?}"
            );
        }
        assert_eq!(known("audio/x-wav"), Some("audio/vnd.wave"));
    }

    #[test]
    fn aliases_name_types_of_the_table() {
        for (alias, name) in ALIASES {
            assert!(TYPES.iter().any(|known| known.name == name), "{alias}");
            assert!(TYPES.iter().all(|known| known.name != alias), "{alias}");
        }
    }
}
