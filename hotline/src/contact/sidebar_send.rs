//! An agent texts from the sidebar: it leaves at once, and stands in the conversation under their name.

use super::limits::too_many_waiting;
use super::person::Person;
use super::sender::sender_of;
use super::timeline::Entry;
use super::work::Posted;
use super::{Contact, StepContext};
use crate::effects::ObjectReply;
use crate::messages::contact::{WRITTEN, Written};
use crate::sidebar::Refusal;
use crate::storage::Stored;
use crate::twilio::request::LONGEST_BODY;

impl Entry {
    /// The agent who wrote it in the sidebar, by Help Scout's id.
    pub fn written_by(&self) -> Option<i64> {
        self.id.strip_prefix(WRITTEN)?.split_once(':')?.0.parse().ok()
    }
}

impl Contact {
    /// It is stored, and sent once; or the agent is told why it cannot be.
    pub(super) fn send_from_sidebar(ctx: &StepContext, person: &Person, written: &Written) -> Stored<ObjectReply> {
        let taken = || Ok(ObjectReply::TextTaken);
        let id = written.entry_id();
        if Entry::exists(ctx.store, &id)? {
            return taken();
        }
        let text = written.text.trim();
        if let Some(refusal) = refusal(ctx, person, text) {
            return Ok(refusal.reply());
        }
        if let Some(refusal) = too_many_waiting(ctx, 1)? {
            return Ok(refusal.reply());
        }
        let conversation = person.conversation.clone().unwrap_or_default();
        let entry = Entry {
            agent: written.name.clone(),
            conversation: person.conversation.clone(),
            ..Entry::outward(id, person.channel, text.to_owned(), ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return taken() };
        if let Some(again) = &written.again {
            Entry::mark_sent_again(ctx.store, again)?;
        }
        Self::queue_parts(ctx, person, seq, text, &conversation, &[])?;
        Self::enqueue_post(ctx, seq, Posted::Ours)?;
        taken()
    }
}

fn refusal(ctx: &StepContext, person: &Person, text: &str) -> Option<Refusal> {
    let refused = |status, code, words| Some(Refusal { status, code, words });
    if text.is_empty() {
        return refused(400, "empty", "There is nothing to send yet.");
    }
    if text.chars().count() > LONGEST_BODY {
        return refused(
            400,
            "too_long",
            "This is longer than one text can be. Please shorten it, or reply in Help Scout.",
        );
    }
    if !person.party.can_be_texted() {
        return refused(409, "not_a_phone", "This person cannot be texted.");
    }
    if !person.may_be_texted_by(&sender_of(ctx, person)) {
        return refused(409, "opted_out", "This person has opted out of texts (STOP). They can be texted after START.");
    }
    if person.conversation.is_none() {
        return refused(409, "no_conversation", "Their texts go to another conversation now. Please reply there.");
    }
    None
}
