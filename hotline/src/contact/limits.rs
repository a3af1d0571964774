//! How much is sent before somebody is asked: parts of a reply, texts of an agent, texts that wait for a person.

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::timeline::Entry;
use super::work::Job;
use super::{Contact, PHONE, StepContext};

use crate::domain::html::to_text;
use crate::domain::text::first_words;
use crate::domain::text::split::split;
use crate::effects::{ObjectReply, ToObject};
use crate::helpscout::read::Thread;
use crate::jobs::{self, Next};
use crate::messages::directory;
use crate::sidebar::Refusal;
use crate::storage::Stored;
use crate::twilio::request::LONGEST_BODY;

/// Said of a reply when its agent has sent as much as the hotline allows.
const TOO_MANY: &str =
    "You have sent as many texts as this hotline allows in an hour. Please send it again in a while.";

/// What a reply says on the phone.
pub(super) struct Spoken {
    pub text: String,
    /// Whether the reply shows pictures within its text.
    pub has_images: bool,
    /// A variable that was left over, which is not said on a phone.
    pub left_over: Option<String>,
    /// Why not all of it is sent; may be empty.
    pub too_long: String,
}

/// What a reply says on the phone: its text, as far as a reply may be long.
pub(super) fn text_of(ctx: &StepContext, reply: &Thread) -> Spoken {
    let said = to_text(&reply.body);
    let most = parts_per_reply(ctx);
    let (_, rest) = split(&said.text, most);
    let sent = said.text.trim_end().strip_suffix(rest).unwrap_or(&said.text).trim_end();
    let too_long = if rest.is_empty() { String::new() } else { too_long(sent, rest, most) };
    Spoken { text: sent.to_owned(), has_images: said.has_images, left_over: said.left_over, too_long }
}

pub(super) fn parts_per_reply(ctx: &StepContext) -> usize {
    usize::try_from(ctx.hotline.limits.parts_per_reply).unwrap_or(1)
}

fn too_long(sent: &str, rest: &str, most: usize) -> String {
    format!(
        "Too long, not sent: the last {} characters, from “{} …” on. A reply goes as {most} texts at most, about {} characters. \
         Please shorten it, send the rest as another reply, or attach it as a PDF. They have it up to “… {}”.",
        rest.chars().count(),
        first_words(rest),
        most * LONGEST_BODY,
        last_words(sent)
    )
}

/// As many whole words from the end as fit on half a line of a note.
fn last_words(text: &str) -> &str {
    const HALF_A_LINE: usize = 30;
    let Some((from, _)) = text.char_indices().rev().nth(HALF_A_LINE) else { return text };
    let line = text.get(from..).unwrap_or(text);
    line.split_once(char::is_whitespace).map_or(line, |(_, words)| words)
}

/// Why so many further texts may not be queued for a person: so many wait that something is wrong.
pub(super) fn too_many_waiting(ctx: &StepContext, further: usize) -> Stored<Option<Refusal>> {
    const WORDS: &str = "Too many texts to this person are still waiting to be sent. Please wait until some have left.";
    let most = i64::from(ctx.hotline.limits.waiting_texts_per_person);
    let room = most - i64::try_from(further).unwrap_or(i64::MAX).saturating_sub(1);
    let refusal = Refusal { status: 429, code: "too_many_waiting", words: WORDS };
    Ok((room <= 0 || jobs::count(ctx.store, PHONE)? >= room).then_some(refusal))
}

impl Contact {
    /// Asks the directory, once for each text, whether the agent may send this reply or the hotline this automatic text.
    /// `None` when the directory has allowed it. A text from the sidebar was allowed before it came here.
    pub(super) fn ask_whether_allowed(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        entry: &Entry,
    ) -> Option<Next> {
        if self.allowed == Some(entry.seq) {
            return None;
        }
        let may_text = if entry.is_automatic() {
            let contact = person.number().map_or_else(|| person.party.key(), String::from);
            let channel = entry.channel;
            directory::Message::MaySendAutomatically { id: format!("{contact}/{}", entry.id), contact, channel }
        } else {
            directory::Message::MayText {
                agent: entry.agent_id.filter(|_| entry.thread().is_some())?,
                id: entry.id.clone(),
            }
        };
        Some(self.tell_object(ctx, job, ToObject::Directory(may_text)))
    }

    /// The directory has said whether a text may be sent.
    pub(super) fn on_directory_answer(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        reply: &ObjectReply,
    ) -> Stored<Next> {
        let Some(message) = OutgoingText::load(ctx.store, job.work.message())? else { return Ok(Next::Done) };
        match reply {
            ObjectReply::Done => self.allowed = Some(message.entry),
            ObjectReply::Refused(refused) => {
                let automatic = Entry::load(ctx.store, message.entry)?.is_some_and(|entry| entry.is_automatic());
                let words = if automatic { refused.words.as_str() } else { TOO_MANY };
                return self.give_up(ctx, job, message, None, words);
            }
            _ => job.retry(ctx.now),
        }
        Ok(Next::Wait)
    }
}
