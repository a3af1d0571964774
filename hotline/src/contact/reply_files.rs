//! The files of a reply: which of them a text can carry, and the addresses from which Twilio fetches them.

use super::StepContext;
use crate::helpscout::read::Attachment;
use crate::media::{self, MediaLink};
use crate::messages::rate_limiter::PermitRequest;

/// The most that Twilio takes with one message (Twilio, Message resource: 5 MB with all media, ten media).
const MOST_MEDIA_BYTES: u64 = 5_000_000;
const MOST_MEDIA: usize = 10;

/// The files that can go with a text, and those that cannot.
pub(super) fn sort_files(attachments: &[Attachment]) -> (Vec<&Attachment>, Vec<&Attachment>) {
    let mut room = MOST_MEDIA_BYTES;
    let mut files = Vec::new();
    let mut left_out = Vec::new();
    for file in attachments {
        if media::can_be_texted(plain_type(&file.mime)) && file.size <= room && files.len() < MOST_MEDIA {
            room -= file.size;
            files.push(file);
        } else {
            left_out.push(file);
        }
    }
    (files, left_out)
}

/// What an agent is told of files that do not leave with the text.
pub(super) fn left_out_words(files: &[&Attachment], has_images: bool) -> String {
    if !files.is_empty() {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        return format!("Not sent with it, since texts cannot carry it: {}.", names.join(", "));
    }
    if has_images {
        return "The picture inside the reply was not sent; attach it as a file.".to_owned();
    }
    String::new()
}

/// A type without its parameters.
pub(super) fn plain_type(mime: &str) -> &str {
    mime.split([';', ' ']).next().unwrap_or("")
}

/// The id of the permit to read a message's medium.
pub(super) fn file_read(token: &str) -> Option<String> {
    Some(PermitRequest::file(token.split(':').nth(1)?.parse().ok()?).id)
}

/// The address of a message's medium, good for as long as Twilio may need to fetch it.
pub(super) fn media_address(ctx: &StepContext, token: &str) -> Option<String> {
    let mut words = token.splitn(3, ':');
    let (conversation, attachment) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let mime = words.next()?.to_owned();
    let link = MediaLink::HelpScout { conversation, attachment, mime };
    Some(link.address(ctx.config, ctx.now + media::TOWARDS_TWILIO))
}
