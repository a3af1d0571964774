//! Texts to the participant, a row each, and which of theirs were heard.

use crate::effects::Millis;
use crate::storage::{Row, Store, Stored, any, first, run};
use crate::twilio::inbound::MediumAt;
use crate::twilio::status::Delivery;
use crate::{encoding, storage};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS texts (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, session TEXT NOT NULL, sender TEXT NOT NULL, body TEXT NOT NULL,
    media TEXT NOT NULL, sid TEXT, delivery TEXT NOT NULL, code INTEGER, tries INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL
) STRICT";

pub(super) const BY_SID: &str = "CREATE INDEX IF NOT EXISTS texts_by_sid ON texts (sid) WHERE sid IS NOT NULL";

pub(super) const BY_AGE: &str = "CREATE INDEX IF NOT EXISTS texts_by_age ON texts (at)";

pub(super) const HEARD: &str =
    "CREATE TABLE IF NOT EXISTS heard (sid TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID";

pub(super) const HEARD_BY_AGE: &str = "CREATE INDEX IF NOT EXISTS heard_by_age ON heard (at)";

/// How long a text is remembered that came: Twilio tries for a day at most (Webhooks, connection overrides), and people repeat theirs.
const HEARD_FOR: Millis = 7 * 86_400_000;

/// How long it is known what became of a text: a state comes within days (Twilio, Message resource: 36 hours in a queue).
const KEPT_FOR: Millis = 30 * 86_400_000;

const COLUMNS: &str = "number, name, session, sender, body, media, sid, delivery, code, tries";

/// A text to the participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub number: i64,
    /// The `MessageSid` of what is passed on, or what it is.
    pub name: String,
    pub session: String,
    pub sender: String,
    pub body: String,
    pub media: Vec<MediumAt>,
    pub sid: Option<String>,
    pub delivery: Delivery,
    pub code: Option<u32>,
    /// How often it failed in a way that may pass.
    pub tries: i64,
}

impl Text {
    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            number: row.integer(0),
            name: row.string(1),
            session: row.string(2),
            sender: row.string(3),
            body: row.string(4),
            media: row.json(5, "texts.media")?,
            sid: row.maybe_text(6),
            delivery: row.word(7, "texts.delivery", Delivery::from_row)?,
            code: row.maybe_integer(8).and_then(|code| u32::try_from(code).ok()),
            tries: row.integer(9),
        })
    }

    pub fn load(store: &dyn Store, number: i64) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM texts WHERE number = ?");
        first(store, &sql, &[number.into()])?.as_ref().map(Self::read).transpose()
    }

    /// Whether a message at Twilio is known to be one of these.
    pub fn is_claimed(store: &dyn Store, sid: &str) -> Stored<bool> {
        any(store, "SELECT 1 FROM texts WHERE sid = ?", &[sid.into()])
    }

    /// Adds one; `None` when there is one of this name already.
    pub fn add(
        store: &dyn Store,
        now: Millis,
        name: &str,
        session: &str,
        sender: &str,
        body: &str,
        media: &[MediumAt],
    ) -> Stored<Option<i64>> {
        run(store, "DELETE FROM texts WHERE at < ?", &[(now - KEPT_FOR).into()])?;
        let media = encoding::encode(&media);
        let params: [storage::Param; 7] = [
            name.into(),
            session.into(),
            sender.into(),
            body.into(),
            (&media).into(),
            Delivery::Waiting.as_str().into(),
            now.into(),
        ];
        let sql = "INSERT OR IGNORE INTO texts (name, session, sender, body, media, delivery, at) VALUES (?, ?, ?, ?, ?, ?, ?) \
                   RETURNING number";
        Ok(first(store, sql, &params)?.map(|row| row.integer(0)))
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let params = [
            (&self.sid).into(),
            self.delivery.as_str().into(),
            self.code.map(i64::from).into(),
            self.tries.into(),
            self.number.into(),
        ];
        run(store, "UPDATE texts SET sid = ?, delivery = ?, code = ?, tries = ? WHERE number = ?", &params)
    }

    /// Nobody needs its words any more.
    pub fn forget_words(&self, store: &dyn Store) -> Stored<()> {
        run(store, "UPDATE texts SET body = '', media = '[]' WHERE number = ?", &[self.number.into()])
    }
}

/// Remembers that a text came. Returns whether that is news.
pub(super) fn is_new(store: &dyn Store, sid: &str, now: Millis) -> Stored<bool> {
    run(store, "DELETE FROM heard WHERE at < ?", &[(now - HEARD_FOR).into()])?;
    let sql = "INSERT OR IGNORE INTO heard (sid, at) VALUES (?, ?) RETURNING sid";
    Ok(first(store, sql, &[sid.into(), now.into()])?.is_some())
}
