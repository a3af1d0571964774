//! A reply has one thread in Help Scout and as many versions as it was published: an agent who takes it back, changes it
//! and publishes it again has written another version.

use super::limits::text_of;
use super::outgoing_text::OutgoingText;
use super::timeline::Entry;
use super::{Contact, StepContext};
use crate::effects::Millis;
use crate::helpscout::read::{self, Thread};
use crate::storage::{Stored, number, run};
use crate::twilio::status::Delivery;

/// Replies that could still be undone when they were first read.
pub(super) const UNDOABLE: &str = "CREATE TABLE IF NOT EXISTS undoable_replies (
    thread TEXT PRIMARY KEY, published INTEGER NOT NULL, since INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

/// Stands for when a reply was published that was withdrawn before it left.
pub(super) const WITHDRAWN: Millis = 0;

/// The end of each of the following four remarks.
pub(super) const FOLLOWS: &str = "the reply as it stands now follows";

// Remarks on a version of a reply when the agent has published another one: what became of this version.
const CHANGED_BEFORE: &str = "It was changed before it was sent; the reply as it stands now follows.";
const HAD_LEFT: &str = "It had left before it was taken back; the reply as it stands now follows.";
const NOT_REPEATED: &str = "It was changed meanwhile, so it is not sent again; the reply as it stands now follows.";
const PUBLISHED_AGAIN: &str = "It was published again; the reply as it stands now follows.";

/// Said of a reply that an agent edits after it has left.
pub(super) const CHANGED: &str = "It was changed in Help Scout after it had left; they have it as it was.";

/// Until when an edit of a reply is told: agents look back at what they have just written. Later a difference may also
/// be one between releases in how a reply becomes a text.
const EDIT_REPORTED_WITHIN: Millis = 86_400_000;

/// How a published reply stands to what is on the timeline.
pub(super) enum KnownVersion {
    /// It is not there.
    Unknown,
    /// It is there.
    Current,
    /// It is there as it was published before.
    Republished(Box<Entry>),
}

impl Entry {
    /// The thread of the agent's reply that it was read from.
    pub fn thread(&self) -> Option<u64> {
        self.id.strip_prefix(REPLY)?.split('/').next()?.parse().ok()
    }
}

/// Marks the id of an entry that was an agent's reply; after it the thread, and for a later version a slash and the
/// number of the entry before it.
const REPLY: &str = "hs:";

/// The id of a reply's entry.
pub(super) fn entry_id(thread: u64, before: Option<&Entry>) -> String {
    match before {
        Some(before) => format!("{REPLY}{thread}/{}", before.seq),
        None => format!("{REPLY}{thread}"),
    }
}

impl Contact {
    pub(super) fn compare_with_timeline(ctx: &StepContext, reply: &Thread) -> Stored<KnownVersion> {
        let Some(mut known) = Entry::of_thread(ctx.store, reply.id)? else { return Ok(KnownVersion::Unknown) };
        let published = read::instant(&reply.created_at);
        let again = is_republished(&known, reply);
        let same = text_of(ctx, reply).text == known.text;
        let has_left = known.delivery > Delivery::Waiting && known.delivery != Delivery::Failed;
        match (again, same) {
            (true, true) if known.delivery != Delivery::Failed => {
                known.published = published;
                known.save_receipt(ctx.store)?;
            }
            (true, _) => return Ok(KnownVersion::Republished(Box::new(known))),
            (false, false) if has_left && may_be_edited(ctx, &known) => {
                known.add_remark(CHANGED);
                known.save(ctx.store)?;
                Self::enqueue_receipt(ctx, known.seq, ctx.now)?;
            }
            (false, _) => {}
        }
        Ok(KnownVersion::Current)
    }

    /// Another version of it is about to be sent: what waits of this one is not, and the agent reads what became of it.
    pub(super) fn supersede(ctx: &StepContext, former: &mut Entry) -> Stored<()> {
        let messages = OutgoingText::of_entry(ctx.store, former.seq)?;
        let has_left = messages.iter().any(|message| message.sid.is_some());
        let waits = messages.iter().any(|message| message.sid.is_none() && message.delivery == Delivery::Waiting);
        let remark = match (waits, has_left) {
            _ if former.published == Some(WITHDRAWN) => "",
            (true, true) => NOT_REPEATED,
            (true, false) => CHANGED_BEFORE,
            (false, _) if former.delivery == Delivery::Failed => PUBLISHED_AGAIN,
            (false, _) => HAD_LEFT,
        };
        Self::stop_unsent(ctx, former, remark)
    }
}

/// Whether a reply was taken back and published again since it was read.
pub(super) fn is_republished(known: &Entry, reply: &Thread) -> bool {
    match known.published {
        Some(WITHDRAWN) => true,
        Some(before) => read::instant(&reply.created_at).is_some_and(|published| published > before),
        None => false,
    }
}

/// Whether a difference to what stands in Help Scout is an agent's edit. What the agents deleted is empty here.
fn may_be_edited(ctx: &StepContext, known: &Entry) -> bool {
    known.published.is_some() && !known.text.is_empty() && ctx.now - known.at < EDIT_REPORTED_WITHIN
}

/// When a reply that can still be undone was first read: Help Scout's clock may be ahead of ours, and must not make it
/// wait for as long as it is.
pub(super) fn first_read(ctx: &StepContext, thread: u64, published: Millis) -> Stored<Millis> {
    run(ctx.store, "DELETE FROM undoable_replies WHERE since < ?", &[(ctx.now - EDIT_REPORTED_WITHIN).into()])?;
    let sql = "INSERT INTO undoable_replies (thread, published, since) VALUES (?, ?, ?) \
               ON CONFLICT (thread) DO UPDATE SET published = excluded.published, since = excluded.since \
               WHERE published <> excluded.published";
    run(ctx.store, sql, &[(&thread.to_string()).into(), published.into(), ctx.now.into()])?;
    number(ctx.store, "SELECT since FROM undoable_replies WHERE thread = ?", &[(&thread.to_string()).into()])
}
