//! Which media messages may have (Twilio, Accepted content types for media, as of 2026-07-07).

/// Types that no MMS carries.
const WHATSAPP_ONLY: [&str; 7] = [
    "image/webp",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
];

/// Types that go on WhatsApp with words in the same message, beside those above.
const WITH_WORDS_ON_WHATSAPP: [&str; 12] = [
    "image/jpeg",
    "image/jpg",
    "image/png",
    "video/mp4",
    "audio/ogg",
    "audio/mpeg",
    "audio/3gpp",
    "audio/ac3",
    "audio/amr",
    "text/x-vcard",
    "application/pdf",
    "application/vcard",
];

/// All the others.
const OTHERS: [&str; 33] = [
    "image/gif",
    "image/heic",
    "image/heif",
    "image/tiff",
    "image/bmp",
    "video/mpeg4",
    "video/mpeg",
    "video/webm",
    "video/quicktime",
    "video/3gpp",
    "video/3gpp2",
    "video/3gpp-tt",
    "video/h261",
    "video/h263",
    "video/h263-1998",
    "video/h263-2000",
    "video/h264",
    "video/h265",
    "audio/mp4",
    "audio/mp3",
    "audio/3gpp2",
    "audio/basic",
    "audio/l24",
    "audio/vnd.rn-realaudio",
    "audio/vnd.wave",
    "audio/webm",
    "audio/amr-nb",
    "text/vcard",
    "text/directory",
    "text/csv",
    "text/richtext",
    "text/rtf",
    "text/calendar",
];

fn plain(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a medium of this `Content-Type` goes on the channel.
pub(super) fn is_accepted(content_type: &str, whatsapp: bool) -> bool {
    let name = plain(content_type);
    let is_in = |list: &[&str]| list.contains(&name.as_str());
    is_in(&OTHERS) || is_in(&WITH_WORDS_ON_WHATSAPP) || (whatsapp && is_in(&WHATSAPP_ONLY))
}

/// Whether the words of its message arrive too; MMS shows them with all but contact cards of one type.
pub(super) fn goes_with_words(content_type: &str, whatsapp: bool) -> bool {
    let name = plain(content_type);
    if whatsapp {
        return [&WITH_WORDS_ON_WHATSAPP[..], &WHATSAPP_ONLY[..]].concat().contains(&name.as_str());
    }
    name != "application/vcard"
}
