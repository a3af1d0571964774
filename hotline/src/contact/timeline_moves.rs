//! Where the entries of a conversation stand when agents merge it, or it has begun with one of them, and what is left of them
//! when agents delete it.

use std::collections::BTreeSet;

use super::outgoing_text::OutgoingText;
use super::timeline::Entry;
use crate::storage::{Store, Stored, run};

impl Entry {
    /// A conversation was merged into another: what was said in it now stands there, files of replies too.
    pub fn conversation_moved(store: &dyn Store, from: &str, into: &str) -> Stored<()> {
        let sql = "SELECT messages.id, messages.media FROM messages JOIN entries ON entries.seq = messages.entry \
                   WHERE entries.conversation = ? AND messages.media <> ''";
        for row in store.execute(sql, &[from.into()])? {
            let moved = |token: &str| match token.split_once(':') {
                Some((conversation, file)) if conversation == from => format!("{into}:{file}"),
                _ => token.to_owned(),
            };
            let media = row.text(1).split_whitespace().map(moved).collect::<Vec<_>>().join(" ");
            run(store, "UPDATE messages SET media = ? WHERE id = ?", &[(&media).into(), row.text(0).into()])?;
        }
        run(store, "UPDATE entries SET conversation = ? WHERE conversation = ?", &[into.into(), from.into()])
    }

    /// A conversation has begun with this entry: what we have said by ourselves since stands in it too.
    pub fn stands_in(store: &dyn Store, first: i64, conversation: &str) -> Stored<()> {
        let sql = "UPDATE entries SET conversation = ? WHERE seq >= ? AND conversation IS NULL AND inward = 0 \
                   AND kind = 'text' RETURNING seq";
        for row in store.execute(sql, &[conversation.into(), first.into()])? {
            store.changed(row.integer(0));
        }
        Ok(())
    }

    /// The agents deleted a conversation: our copy of what was said in it goes too. What still waits, entries to be posted
    /// and messages to be sent, stays.
    pub fn forget_conversation(
        store: &dyn Store,
        conversation: &str,
        waiting: &BTreeSet<i64>,
        messages: &BTreeSet<String>,
    ) -> Stored<()> {
        let sql = "SELECT seq FROM entries WHERE conversation = ?";
        for row in store.execute(sql, &[conversation.into()])? {
            let seq = row.integer(0);
            if !waiting.contains(&seq) {
                let sql = "UPDATE entries SET text = '', media = '', remark = '', receipt = NULL, receipt_in = NULL, receipt_said = '', \
                           transcript = NULL, forgotten = 1 WHERE seq = ?";
                run(store, sql, &[seq.into()])?;
            }
            for message in OutgoingText::of_entry(store, seq)? {
                if !messages.contains(&message.id) {
                    run(store, "UPDATE messages SET body = '', media = '' WHERE id = ?", &[(&message.id).into()])?;
                }
            }
        }
        Ok(())
    }
}
