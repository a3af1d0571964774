//! The files of a reply: which of them a text can carry, in which messages they leave, and the addresses from which Twilio
//! fetches them.

use super::StepContext;
use crate::domain::phone::Channel;
use crate::helpscout::read::Attachment;
use crate::media::{self, MediaLink};
use crate::messages::rate_limiter::PermitRequest;
use crate::twilio::media_types::{goes, goes_with_words};

/// The most that Twilio takes with one message by MMS (Twilio, Accepted content types for media: 5 MB with all media;
/// Message resource: ten media).
const MOST_MMS_BYTES: u64 = 5_000_000;
const MOST_MMS_MEDIA: usize = 10;

/// The largest file on WhatsApp: a picture of 5 MB (Twilio, Guidance on WhatsApp media messages), anything else as large as
/// Help Scout's attachments may be, which is less than the 16 MB of WhatsApp.
const LARGEST_WHATSAPP_PICTURE: u64 = 5_000_000;
const LARGEST_WHATSAPP_FILE: u64 = 10_000_000;

/// The longest words that stand under a file on WhatsApp, in characters (Meta, Document messages: caption).
const LONGEST_CAPTION: usize = 1_024;

/// The files that can go with a text on a channel, and those that cannot.
pub(super) fn sort_files(attachments: &[Attachment], channel: Channel) -> (Vec<&Attachment>, Vec<&Attachment>) {
    let mut room = MOST_MMS_BYTES;
    let mut count = 0;
    attachments.iter().partition(|file| {
        if file.is_held_back || !goes(&file.mime, channel) {
            return false;
        }
        if channel == Channel::WhatsApp {
            let is_picture = file.mime.starts_with("image/");
            return file.size <= if is_picture { LARGEST_WHATSAPP_PICTURE } else { LARGEST_WHATSAPP_FILE };
        }
        let fits = file.size <= room && count < MOST_MMS_MEDIA;
        if fits {
            room -= file.size;
            count += 1;
        }
        fits
    })
}

/// One message of a reply: its words, which may be none, and its files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub words: &'a str,
    pub files: Vec<&'a Attachment>,
}

/// The messages in which a reply leaves, in order. By MMS the files go with the first words; on WhatsApp a message has one
/// file (a second one would be dropped in silence). What does not go together with words follows them.
pub(super) fn parts<'a>(words: &[&'a str], files: &[&'a Attachment], channel: Channel) -> Vec<Part<'a>> {
    let caption = words.first().copied().unwrap_or_default();
    let fits = channel == Channel::Sms || caption.chars().count() <= LONGEST_CAPTION;
    let with_words = |file: &&Attachment| !caption.is_empty() && fits && goes_with_words(&file.mime, channel);
    let (mut beside, mut alone) = match channel {
        Channel::Sms => files.iter().copied().partition(with_words),
        Channel::WhatsApp => (Vec::new(), files.to_vec()),
    };
    if channel == Channel::WhatsApp && alone.first().is_some_and(with_words) {
        beside.push(alone.remove(0));
    }
    let mut parts: Vec<Part> = words.iter().map(|words| Part { words, files: Vec::new() }).collect();
    match parts.first_mut() {
        Some(first) => first.files = beside,
        None => alone.splice(0..0, beside).for_each(drop),
    }
    match channel {
        Channel::Sms if alone.is_empty() => {}
        Channel::Sms => parts.push(Part { words: "", files: alone }),
        Channel::WhatsApp => parts.extend(alone.into_iter().map(|file| Part { words: "", files: vec![file] })),
    }
    parts
}

/// What an agent is told of files that do not leave with the text.
pub(super) fn left_out_words(files: &[&Attachment], has_images: bool) -> String {
    if !files.is_empty() {
        let named = |held_back| {
            let names = files.iter().filter(|file| file.is_held_back == held_back).map(|file| file.name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let sentences = [
            ("Not sent with it, since texts cannot carry it: ", named(false)),
            ("Not sent with it, since Help Scout holds it back: ", named(true)),
        ];
        let said = sentences.iter().filter(|(_, names)| !names.is_empty());
        return said.map(|(why, names)| format!("{why}{names}.")).collect::<Vec<_>>().join(" ");
    }
    if has_images {
        return "The picture inside the reply was not sent; attach it as a file.".to_owned();
    }
    String::new()
}

/// A message's medium as its row keeps it: conversation, attachment, type and name, without blanks.
pub(super) fn token(conversation: &str, file: &Attachment) -> String {
    let name: String = file.name.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect();
    format!("{conversation}:{}:{}:{name}", file.id, plain_type(&file.mime))
}

/// A type without its parameters.
fn plain_type(mime: &str) -> &str {
    mime.split([';', ' ']).next().unwrap_or("")
}

/// The id of the permit to read a message's medium.
pub(super) fn file_read(token: &str) -> Option<String> {
    Some(PermitRequest::file(token.split(':').nth(1)?.parse().ok()?).id)
}

/// The type of a file of which nobody has said one (RFC 2046, section 4.5.1): it shows as a link.
const OF_ANY_TYPE: &str = "application/octet-stream";

/// Whether a medium is a program's: those stand there by their addresses.
fn is_address(token: &str) -> bool {
    token.starts_with("https://")
}

/// Where Twilio fetches a message's medium, good for as long as it may need to.
pub(super) fn address_for_twilio(ctx: &StepContext, token: &str) -> Option<String> {
    if is_address(token) {
        return Some(token.to_owned());
    }
    let (conversation, attachment, mime, name) = read_token(token)?;
    let link = MediaLink::ForTwilio { conversation, attachment, mime, name };
    Some(link.address(ctx.config, ctx.now + media::TOWARDS_TWILIO))
}

/// Where agents see it again, and its type.
pub(super) fn address_for_agents(ctx: &StepContext, token: &str) -> Option<(String, String)> {
    if is_address(token) {
        return Some((token.to_owned(), OF_ANY_TYPE.to_owned()));
    }
    let (conversation, attachment, mime, _) = read_token(token)?;
    let link = MediaLink::HelpScout { conversation, attachment, mime: mime.clone() };
    Some((link.address(ctx.config, ctx.now + media::IN_THE_SIDEBAR), mime))
}

/// Conversation, attachment, type and name; releases before kept no name.
fn read_token(token: &str) -> Option<(u64, u64, String, String)> {
    let mut words = token.splitn(4, ':');
    let (conversation, attachment) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some((conversation, attachment, words.next()?.to_owned(), words.next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Channel::{Sms, WhatsApp};

    const MB: u64 = 1_000_000;

    fn file(id: u64, mime: &str, size: u64) -> Attachment {
        Attachment { id, name: format!("{id}"), mime: mime.to_owned(), size, is_held_back: false }
    }

    #[test]
    fn what_goes_is_not_left_out_and_what_does_not_go_is() {
        let ids = |files: Vec<&Attachment>| files.iter().map(|it| it.id).collect::<Vec<_>>();
        let files = [
            file(1, "image/png", 3 * MB),
            file(2, "application/msword", MB),
            file(3, "video/mp4", 9 * MB),
            file(4, "application/zip", 1),
            file(5, "image/png", 6 * MB),
            file(6, "application/pdf", 2 * MB),
            Attachment { is_held_back: true, ..file(7, "image/png", 1) },
        ];
        let (go, left) = sort_files(&files, Sms);
        assert_eq!((ids(go), ids(left)), (vec![1, 6], vec![2, 3, 4, 5, 7]));
        let (go, left) = sort_files(&files, WhatsApp);
        assert_eq!((ids(go), ids(left)), (vec![1, 2, 3, 6], vec![4, 5, 7]));
    }

    #[test]
    fn a_reply_leaves_in_as_many_messages_as_its_channel_needs() {
        let [png, jpeg, gif, vcard] = [
            file(1, "image/png", 1),
            file(2, "image/jpeg", 1),
            file(3, "image/gif", 1),
            file(4, "application/vcard", 1),
        ];
        let long = "x".repeat(LONGEST_CAPTION + 1);
        for (words, files, channel, messages) in [
            (vec!["Both sides"], vec![&png, &jpeg], Sms, vec![("Both sides", vec![1, 2])]),
            (vec!["Both sides"], vec![&png, &jpeg], WhatsApp, vec![("Both sides", vec![1]), ("", vec![2])]),
            (vec!["Look"], vec![&gif], WhatsApp, vec![("Look", vec![]), ("", vec![3])]),
            (vec!["Look"], vec![&gif, &png], WhatsApp, vec![("Look", vec![]), ("", vec![3]), ("", vec![1])]),
            (vec!["Call him"], vec![&png, &vcard], Sms, vec![("Call him", vec![1]), ("", vec![4])]),
            (vec![], vec![&png, &gif], WhatsApp, vec![("", vec![1]), ("", vec![3])]),
            (vec![], vec![&png, &gif], Sms, vec![("", vec![1, 3])]),
            (vec!["one", "two"], vec![&png, &jpeg], WhatsApp, vec![("one", vec![1]), ("two", vec![]), ("", vec![2])]),
            (vec![&long], vec![&png], WhatsApp, vec![(&long, vec![]), ("", vec![1])]),
            (vec!["Hi"], vec![], Sms, vec![("Hi", vec![])]),
        ] {
            let found = parts(&words, &files, channel);
            let found: Vec<(&str, Vec<u64>)> =
                found.iter().map(|part| (part.words, part.files.iter().map(|file| file.id).collect())).collect();
            assert_eq!(found, messages, "{words:?} {channel:?}");
        }
    }
}
