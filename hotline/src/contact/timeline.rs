//! The timeline of a person: texts, calls and voicemails in both directions, a row each.

use super::StepContext;
use super::outgoing_text::{OutgoingText, error_code};
use super::work::{Detail, Job};
use crate::domain::phone::Channel;
use crate::effects::Millis;
use crate::encoding;
pub(crate) use crate::sidebar::entry::Kind;
use crate::storage::{Row, Store, StoreError, Stored, any, first, run};
use crate::twilio::inbound::MediumAt;
use crate::twilio::status::Delivery;

/// One thing on the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are columns, and say nothing about each other")]
pub(crate) struct Entry {
    pub seq: i64,
    /// `MessageSid` of what came in; `hs:` and the thread of a reply; what it is, for our own texts; a call's id, and a
    /// voicemail's `RecordingSid`.
    pub id: String,
    pub kind: Kind,
    pub at: Millis,
    pub inward: bool,
    pub channel: Channel,
    pub text: String,
    pub media: Vec<MediumAt>,
    pub delivery: Delivery,
    pub code: Option<u32>,
    pub agent: String,
    pub conversation: Option<String>,
    /// What the agent must know beside the state: a sentence, may be empty.
    pub remark: String,
    /// Whether what was sent differs from what the agent wrote.
    pub differs: bool,
    /// The thread that is edited as it comes further: a reply's receipt, or a voicemail's own thread.
    pub receipt: Option<String>,
    /// The conversation of that thread, when it found no room in the entry's.
    pub receipt_in: Option<String>,
    /// What that thread last said.
    pub receipt_said: String,
    /// How long a call or a voicemail took.
    pub seconds: Option<i64>,
    /// A voicemail's transcript; empty when there never will be one.
    pub transcript: Option<String>,
    /// When Help Scout says that this reply was published; 0 when it was withdrawn before it left, `None` when a release
    /// that did not ask has read it.
    pub published: Option<Millis>,
    /// Help Scout's id of the agent who wrote this reply.
    pub agent_id: Option<i64>,
    /// Whether its words went with a conversation that the agents deleted.
    pub forgotten: bool,
    /// Whether an agent has sent it again.
    pub sent_again: bool,
    /// When its words were removed, since they were older than the hotline keeps.
    pub text_removed_at: Option<Millis>,
    /// The same of its media, or its recording.
    pub media_removed_at: Option<Millis>,
    /// How much of it Help Scout has taken.
    pub posted_as: Detail,
}

pub(crate) const ENTRIES: &str = "CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, inward INTEGER NOT NULL,
    channel TEXT NOT NULL, text TEXT NOT NULL, media TEXT NOT NULL DEFAULT '', delivery TEXT NOT NULL,
    code INTEGER, agent TEXT NOT NULL DEFAULT '', conversation TEXT, remark TEXT NOT NULL DEFAULT '',
    receipt TEXT, receipt_said TEXT NOT NULL DEFAULT '', differs INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT 'text', seconds INTEGER, transcript TEXT
) STRICT";

/// Adds when a reply was published: one that was taken back and published again has another instant.
pub(crate) const ADD_PUBLISHED: &str = "ALTER TABLE entries ADD COLUMN published INTEGER";

/// Adds the agent's id: agents are told apart by it, not by their name.
pub(crate) const ADD_AGENT_ID: &str = "ALTER TABLE entries ADD COLUMN agent_id INTEGER";
/// Adds whether the words were deleted, which a text without words does not say.
pub(crate) const ADD_FORGOTTEN: &str = "ALTER TABLE entries ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0";

/// Adds whether an agent has sent the text again: it is not offered twice.
pub(crate) const ADD_SENT_AGAIN: &str = "ALTER TABLE entries ADD COLUMN sent_again INTEGER NOT NULL DEFAULT 0";

/// Adds what was removed in time, and how much Help Scout has taken where that is not all.
pub(crate) const ADD_REMOVED: [&str; 3] = [
    "ALTER TABLE entries ADD COLUMN text_removed_at INTEGER",
    "ALTER TABLE entries ADD COLUMN media_removed_at INTEGER",
    "ALTER TABLE entries ADD COLUMN posted_as TEXT",
];

/// What is searched for: a thread that is known as a receipt, a message by its id at Twilio, and whether a number has
/// refused texts as none that receives any.
pub(crate) const INDEXES: &[&str] = &[
    "CREATE INDEX IF NOT EXISTS entries_by_receipt ON entries (receipt) WHERE receipt IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS messages_by_sid ON messages (sid) WHERE sid IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS messages_to_no_mobile ON messages (code) WHERE code IN (21614, 30006)",
];

/// Whether WhatsApp's window is open is asked by the last message there.
pub(crate) const BY_WHATSAPP: &str =
    "CREATE INDEX IF NOT EXISTS entries_from_whatsapp ON entries (at) WHERE inward = 1 AND channel = 'whatsapp'";

/// Adds the conversation of a receipt that stands in another one than its entry.
pub(crate) const ADD_RECEIPT_IN: &str = "ALTER TABLE entries ADD COLUMN receipt_in TEXT";

pub(crate) const NOTES: &str = "CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY, conversation TEXT, html TEXT NOT NULL
) STRICT";

const COLUMNS: &str = "seq, id, at, inward, channel, text, media, delivery, code, agent, conversation, remark, receipt, \
                     receipt_said, differs, kind, seconds, transcript, published, agent_id, forgotten, sent_again, \
                     receipt_in, text_removed_at, media_removed_at, posted_as";

/// Stands in place of the thread of a receipt that can no longer be edited.
pub(super) const NOT_EDITABLE: &str = "-";

/// The entry that a job is about.
pub(super) fn entry_of(ctx: &StepContext, job: &Job) -> Stored<Option<Entry>> {
    Entry::load(ctx.store, job.work.entry())
}

impl Entry {
    /// Fails when the row holds what this release does not know.
    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            channel: row.word(4, "entries.channel", Channel::read)?,
            media: read_media(row.text(6))?,
            delivery: row.word(7, "entries.delivery", Delivery::from_row)?,
            kind: row.word(15, "entries.kind", Kind::read)?,
            ..Self::read_known(row)
        })
    }

    /// For the sidebar: what cannot be shown of an entry is said, and the rest is shown.
    fn read_for_display(row: &Row) -> Self {
        Self::read(row).unwrap_or_else(|_| {
            let mut entry = Self {
                channel: Channel::read(row.text(4)).unwrap_or(Channel::Sms),
                media: read_media(row.text(6)).unwrap_or_default(),
                delivery: Delivery::from_row(row.text(7)).unwrap_or(Delivery::Unknown),
                kind: Kind::read(row.text(15)).unwrap_or_default(),
                ..Self::read_known(row)
            };
            entry.text.push_str("\n(Some of this cannot be shown at the moment.)");
            entry
        })
    }

    /// The columns in which every value is a known one.
    fn read_known(row: &Row) -> Self {
        Self {
            seq: row.integer(0),
            inward: row.integer(3) != 0,
            code: error_code(row, 8),
            agent: row.string(9),
            conversation: row.maybe_text(10),
            remark: row.string(11),
            receipt: row.maybe_text(12),
            receipt_said: row.string(13),
            differs: row.integer(14) != 0,
            seconds: row.maybe_integer(16),
            transcript: row.maybe_text(17),
            published: row.maybe_integer(18),
            agent_id: row.maybe_integer(19),
            forgotten: row.integer(20) != 0,
            sent_again: row.integer(21) != 0,
            receipt_in: row.maybe_text(22),
            text_removed_at: row.maybe_integer(23),
            media_removed_at: row.maybe_integer(24),
            posted_as: Detail::read(row.text(25)),
            ..Self::outward(row.string(1), Channel::Sms, row.string(5), row.integer(2))
        }
    }

    /// Whether there is a thread that follows it: a reply's receipt, or a voicemail's own.
    pub fn has_receipt(&self) -> bool {
        self.thread().is_some() || self.kind == Kind::Voicemail || self.written_by().is_some()
    }

    /// A further sentence that the agent must know.
    pub fn add_remark(&mut self, remark: &str) {
        if !self.remark.contains(remark) {
            let space = if self.remark.is_empty() { "" } else { " " };
            self.remark = [&self.remark, space, remark].concat();
        }
    }

    /// Whether it is a text of ours that no agent wrote.
    pub fn is_automatic(&self) -> bool {
        let nobody_wrote_it = self.thread().is_none() && self.written_by().is_none() && !self.is_of_program();
        !self.inward && self.kind == Kind::Text && nobody_wrote_it
    }

    /// Whether it is the agents' side of the talk, which stays where that is: a note of a call, or a text from the sidebar.
    pub fn is_ours(&self) -> bool {
        self.kind == Kind::Call || self.written_by().is_some()
    }

    /// A sentence that no longer holds.
    pub fn drop_remark(&mut self, remark: &str) {
        if self.remark.contains(remark) {
            let rest = self.remark.replace(remark, "");
            rest.trim().clone_into(&mut self.remark);
        }
    }

    /// As what kind of thread Help Scout shows it (List threads: `type`).
    pub fn thread_kind(&self) -> &'static str {
        match self.kind {
            Kind::Call => "note",
            _ if self.written_by().is_some() => "message",
            _ => "customer",
        }
    }

    /// An entry that goes out, not yet numbered.
    pub fn outward(id: String, channel: Channel, text: String, now: Millis) -> Self {
        Self {
            seq: 0,
            id,
            at: now,
            inward: false,
            channel,
            text,
            media: Vec::new(),
            delivery: Delivery::Waiting,
            code: None,
            agent: String::new(),
            conversation: None,
            remark: String::new(),
            receipt: None,
            receipt_in: None,
            receipt_said: String::new(),
            differs: false,
            kind: Kind::Text,
            seconds: None,
            transcript: None,
            published: None,
            agent_id: None,
            forgotten: false,
            sent_again: false,
            text_removed_at: None,
            media_removed_at: None,
            posted_as: Detail::Full,
        }
    }

    /// Whether anything of it was removed in time: what comes late of it is not taken.
    pub fn is_removed(&self) -> bool {
        self.text_removed_at.is_some() || self.media_removed_at.is_some()
    }

    /// Help Scout has taken less than all of it.
    pub fn mark_posted_as(store: &dyn Store, seq: i64, detail: Detail) -> Stored<()> {
        run(store, "UPDATE entries SET posted_as = ? WHERE seq = ?", &[detail.as_str().into(), seq.into()])
    }

    /// Its words are older than the hotline keeps; what its thread last said quotes them.
    pub fn remove_words(store: &dyn Store, seq: i64, now: Millis) -> Stored<()> {
        let sql =
            "UPDATE entries SET text = '', transcript = NULL, receipt_said = '', text_removed_at = ? WHERE seq = ?";
        run(store, sql, &[now.into(), seq.into()])?;
        store.changed(seq);
        Self::of_its_texts(store, seq, "UPDATE messages SET body = '' WHERE id = ?")
    }

    /// Its media are.
    pub fn remove_media(store: &dyn Store, seq: i64, now: Millis) -> Stored<()> {
        let sql = "UPDATE entries SET media = '', media_removed_at = ? WHERE seq = ?";
        run(store, sql, &[now.into(), seq.into()])?;
        store.changed(seq);
        Self::of_its_texts(store, seq, "UPDATE messages SET media = '' WHERE id = ?")
    }

    fn of_its_texts(store: &dyn Store, seq: i64, sql: &str) -> Stored<()> {
        for text in OutgoingText::of_entry(store, seq)? {
            run(store, sql, &[(&text.id).into()])?;
        }
        Ok(())
    }

    /// Puts it on the timeline and returns its number; `None` when it is there already.
    pub fn insert(&self, store: &dyn Store) -> Stored<Option<i64>> {
        let media = self.media_column();
        let params = [
            (&self.id).into(),
            self.at.into(),
            i64::from(self.inward).into(),
            self.channel.as_str().into(),
            (&self.text).into(),
            (&media).into(),
            self.delivery.as_str().into(),
            (&self.agent).into(),
            (&self.conversation).into(),
            (&self.remark).into(),
            i64::from(self.differs).into(),
            self.kind.as_str().into(),
            self.seconds.into(),
            (&self.transcript).into(),
            self.published.into(),
            self.agent_id.into(),
        ];
        let sql = "INSERT OR IGNORE INTO entries (id, at, inward, channel, text, media, delivery, agent, conversation, \
                   remark, differs, kind, seconds, transcript, published, agent_id) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq";
        let seq = first(store, sql, &params)?.map(|row| row.integer(0));
        if let Some(seq) = seq {
            store.changed(seq);
        }
        Ok(seq)
    }

    /// The last of those before an entry, or of all: newest first.
    pub fn before(store: &dyn Store, before: Option<i64>, most: usize) -> Stored<Vec<Self>> {
        // The platform's numbers are doubles; this is the largest that they all reach.
        const END: i64 = 1 << 53;
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT {most}");
        Ok(store.execute(&sql, &[before.unwrap_or(END).into()])?.iter().map(Self::read_for_display).collect())
    }

    /// The next ones after an entry, oldest first.
    pub fn after(store: &dyn Store, seq: i64, most: usize) -> Stored<Vec<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT {most}");
        Ok(store.execute(&sql, &[seq.into()])?.iter().map(Self::read_for_display).collect())
    }

    pub fn load(store: &dyn Store, seq: i64) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq = ?");
        first(store, &sql, &[seq.into()])?.as_ref().map(Self::read).transpose()
    }

    /// The same for the sidebar.
    pub fn load_for_display(store: &dyn Store, seq: i64) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq = ?");
        Ok(first(store, &sql, &[seq.into()])?.as_ref().map(Self::read_for_display))
    }

    /// The entry with this id.
    pub fn find(store: &dyn Store, id: &str) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE id = ?");
        first(store, &sql, &[id.into()])?.as_ref().map(Self::read).transpose()
    }

    /// The latest version of the reply in a thread.
    pub fn of_thread(store: &dyn Store, thread: u64) -> Stored<Option<Self>> {
        // Between these stand the ids of all later versions: `0` follows `/`.
        let (id, from, to) = (format!("hs:{thread}"), format!("hs:{thread}/"), format!("hs:{thread}0"));
        let sql =
            format!("SELECT {COLUMNS} FROM entries WHERE id = ? OR (id > ? AND id < ?) ORDER BY seq DESC LIMIT 1");
        first(store, &sql, &[(&id).into(), (&from).into(), (&to).into()])?.as_ref().map(Self::read).transpose()
    }

    pub fn exists(store: &dyn Store, id: &str) -> Stored<bool> {
        any(store, "SELECT 1 FROM entries WHERE id = ?", &[id.into()])
    }

    /// Whether a thread is known as the receipt of an entry.
    pub fn is_receipt(store: &dyn Store, thread: &str) -> Stored<bool> {
        any(store, "SELECT 1 FROM entries WHERE receipt = ?", &[thread.into()])
    }

    /// When the last thing before this one happened.
    pub fn previous_at(store: &dyn Store, seq: i64) -> Stored<Option<Millis>> {
        let sql = "SELECT at FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT 1";
        Ok(first(store, sql, &[seq.into()])?.map(|row| row.integer(0)))
    }

    /// When they last said something on WhatsApp.
    pub fn last_whatsapp(store: &dyn Store) -> Stored<Option<Millis>> {
        let sql = "SELECT at FROM entries WHERE inward = 1 AND channel = 'whatsapp' ORDER BY at DESC LIMIT 1";
        Ok(first(store, sql, &[])?.map(|row| row.integer(0)))
    }

    /// Writes back what may change.
    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        store.changed(self.seq);
        self.save_receipt(store)
    }

    /// Writes back what nobody sees on the timeline.
    pub fn save_receipt(&self, store: &dyn Store) -> Stored<()> {
        let params = [
            (&self.text).into(),
            self.delivery.as_str().into(),
            self.code.map(i64::from).into(),
            (&self.conversation).into(),
            (&self.remark).into(),
            (&self.receipt).into(),
            (&self.receipt_in).into(),
            (&self.receipt_said).into(),
            (&self.transcript).into(),
            self.published.into(),
            self.seq.into(),
        ];
        let sql = "UPDATE entries SET text = ?, delivery = ?, code = ?, conversation = ?, remark = ?, receipt = ?, \
                   receipt_in = ?, receipt_said = ?, transcript = ?, published = ? WHERE seq = ?";
        run(store, sql, &params)
    }

    /// Writes back what it is and says, when a recording comes after it was called lost.
    pub fn save_recording(&self, store: &dyn Store) -> Stored<()> {
        run(store, "UPDATE entries SET media = ? WHERE seq = ?", &[(&self.media_column()).into(), self.seq.into()])?;
        self.save(store)
    }

    fn media_column(&self) -> String {
        if self.media.is_empty() { String::new() } else { encoding::encode(&self.media) }
    }

    /// An agent sends an entry again.
    pub fn mark_sent_again(store: &dyn Store, id: &str) -> Stored<()> {
        let sql = "UPDATE entries SET sent_again = 1 WHERE id = ? RETURNING seq";
        for row in store.execute(sql, &[id.into()])? {
            store.changed(row.integer(0));
        }
        Ok(())
    }

    /// The entries after this one that agents wrote, newest first.
    pub fn by_agents_after(store: &dyn Store, seq: i64) -> Stored<Vec<i64>> {
        let sql = "SELECT seq FROM entries WHERE seq > ? AND (id LIKE 'hs:%' OR id LIKE 'sidebar:%') ORDER BY seq DESC";
        Ok(store.execute(sql, &[seq.into()])?.iter().map(|row| row.integer(0)).collect())
    }
}

fn read_media(column: &str) -> Stored<Vec<MediumAt>> {
    if column.is_empty() {
        return Ok(Vec::new());
    }
    encoding::decode(column).map_err(|error| StoreError::Undecodable { column: "entries.media", error })
}

#[cfg(test)]
mod tests {
    use crate::encoding::golden::{needs, stays};
    use crate::twilio::inbound::MediumAt;

    #[test]
    fn media_in_rows_stay_readable() {
        let media = r#"[{"mime":"image/png","url":"https://api.twilio.com/media"}]"#;
        stays::<Vec<MediumAt>>(&[media]);
        needs::<Vec<MediumAt>>(media, &["/0/mime", "/0/url"]);
    }
}
