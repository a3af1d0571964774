//! A text on its way through Twilio, a row of the table `messages`. One entry of the timeline becomes several of them: a
//! long reply has parts, and a part that failed in a way that may pass is sent again as another text.

use super::work::Work;
use crate::effects::Millis;
use crate::jobs;
use crate::storage::{Row, Store, Stored, any, first, run};
use crate::twilio::status::Delivery;

/// A text on its way through Twilio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutgoingText {
    /// Our own id, which stands in the status callback's address.
    pub id: String,
    pub entry: i64,
    pub part: i64,
    pub sender: String,
    pub body: String,
    pub media: Vec<String>,
    pub sid: Option<String>,
    pub delivery: Delivery,
    pub code: Option<u32>,
    /// How many attempts before it failed in a way that may pass.
    pub failed_attempts: i64,
    /// When the create that Twilio took left.
    pub left_at: Option<Millis>,
    /// What it cost, and in which currency, as Twilio says; without an amount when it has no price. `None` until that is known.
    pub price: Option<(String, String)>,
}

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY, entry INTEGER NOT NULL, part INTEGER NOT NULL, sender TEXT NOT NULL, body TEXT NOT NULL,
    media TEXT NOT NULL, sid TEXT, delivery TEXT NOT NULL, code INTEGER, tries INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID";

/// Adds when the text left: a refusal of a text that left before a START says nothing.
pub(crate) const ADD_LEFT_AT: &str = "ALTER TABLE messages ADD COLUMN left_at INTEGER";

/// Adds what it cost.
pub(crate) const ADD_PRICE: [&str; 2] =
    ["ALTER TABLE messages ADD COLUMN price TEXT", "ALTER TABLE messages ADD COLUMN price_unit TEXT"];

const COLUMNS: &str = "id, entry, part, sender, body, media, sid, delivery, code, tries, left_at, price, price_unit";

pub(super) fn error_code(row: &Row, at: usize) -> Option<u32> {
    row.maybe_integer(at).and_then(|code| u32::try_from(code).ok())
}

/// Files, as they stand in a row.
fn tokens(column: &str) -> Vec<String> {
    column.split_whitespace().map(str::to_owned).collect()
}

impl OutgoingText {
    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            id: row.string(0),
            entry: row.integer(1),
            part: row.integer(2),
            sender: row.string(3),
            body: row.string(4),
            media: tokens(row.text(5)),
            sid: row.maybe_text(6),
            delivery: row.word(7, "messages.delivery", Delivery::from_row)?,
            code: error_code(row, 8),
            failed_attempts: row.integer(9),
            left_at: row.maybe_integer(10),
            price: row.maybe_text(11).map(|price| (price, row.maybe_text(12).unwrap_or_default())),
        })
    }

    /// Inserts it, and the job that sends it.
    pub fn queue(&self, store: &dyn Store, lane: &str, due: Millis, now: Millis) -> Stored<()> {
        let media = self.media.join(" ");
        let params = [
            (&self.id).into(),
            self.entry.into(),
            self.part.into(),
            (&self.sender).into(),
            (&self.body).into(),
            (&media).into(),
            Delivery::Waiting.as_str().into(),
            self.failed_attempts.into(),
        ];
        let sql = "INSERT OR IGNORE INTO messages (id, entry, part, sender, body, media, delivery, tries) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        run(store, sql, &params)?;
        jobs::add(store, lane, &Work::send(&self.id), due, now)
    }

    pub fn new(entry: i64, part: i64, sender: &str, body: String) -> Self {
        Self {
            id: Self::first_id(entry, part),
            entry,
            part,
            sender: sender.to_owned(),
            body,
            media: Vec::new(),
            sid: None,
            delivery: Delivery::Waiting,
            code: None,
            failed_attempts: 0,
            left_at: None,
            price: None,
        }
    }

    pub fn load(store: &dyn Store, id: &str) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE id = ?");
        first(store, &sql, &[id.into()])?.as_ref().map(Self::read).transpose()
    }

    /// The message that has this id at Twilio.
    pub fn of_sid(store: &dyn Store, sid: &str) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE sid = ?");
        first(store, &sql, &[sid.into()])?.as_ref().map(Self::read).transpose()
    }

    /// The texts of every part of an entry, the latest attempt of a part last.
    pub fn of_entry(store: &dyn Store, entry: i64) -> Stored<Vec<Self>> {
        // Between these stand the ids of all its messages: `/` follows `.`.
        let (from, to) = (format!("{entry}."), format!("{entry}/"));
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE id > ? AND id < ? ORDER BY part, tries");
        store.execute(&sql, &[(&from).into(), (&to).into()])?.iter().map(Self::read).collect()
    }

    /// The files that an entry leaves with, as tokens, in whichever of its messages. Resends have the same ones.
    pub fn media_of(store: &dyn Store, entry: i64) -> Stored<Vec<String>> {
        let (from, to) = (format!("{entry}."), format!("{entry}/"));
        let sql = "SELECT media FROM messages WHERE id > ? AND id < ? AND id NOT LIKE '%.%.%' ORDER BY part";
        let rows = store.execute(sql, &[(&from).into(), (&to).into()])?;
        Ok(rows.iter().flat_map(|row| tokens(row.text(0))).collect())
    }

    /// Whether a message at Twilio is known to be one of ours.
    pub fn is_claimed(store: &dyn Store, sid: &str) -> Stored<bool> {
        any(store, "SELECT 1 FROM messages WHERE sid = ?", &[sid.into()])
    }

    /// Applies a report of a delivery; a state never moves down. Returns whether anything changed.
    pub fn advance(&mut self, sid: &str, delivery: Delivery, code: Option<u32>) -> bool {
        let before = (self.sid.clone(), self.delivery, self.code);
        if self.sid.is_none() && !sid.is_empty() {
            self.sid = Some(sid.to_owned());
        }
        if delivery > self.delivery {
            self.delivery = delivery;
            self.code = code;
        } else if delivery == self.delivery {
            self.code = self.code.or(code);
        }
        before != (self.sid.clone(), self.delivery, self.code)
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let params = [
            (&self.sid).into(),
            self.delivery.as_str().into(),
            self.code.map(i64::from).into(),
            self.failed_attempts.into(),
            self.left_at.into(),
            (&self.id).into(),
        ];
        let sql = "UPDATE messages SET sid = ?, delivery = ?, code = ?, tries = ?, left_at = ? WHERE id = ?";
        run(store, sql, &params)
    }

    /// What it cost is known.
    pub fn save_price(&mut self, store: &dyn Store, price: &str, unit: &str) -> Stored<()> {
        self.price = Some((price.to_owned(), unit.to_owned()));
        let sql = "UPDATE messages SET price = ?, price_unit = ? WHERE id = ?";
        run(store, sql, &[price.into(), unit.into(), (&self.id).into()])
    }

    /// It leaves from this sender.
    pub fn leave_from(&mut self, store: &dyn Store, sender: &str) -> Stored<()> {
        if self.sender == sender {
            return Ok(());
        }
        sender.clone_into(&mut self.sender);
        run(store, "UPDATE messages SET sender = ? WHERE id = ?", &[sender.into(), (&self.id).into()])
    }

    /// From now on it is sent without its files.
    pub fn drop_files(&mut self, store: &dyn Store) -> Stored<()> {
        self.media.clear();
        run(store, "UPDATE messages SET media = '' WHERE id = ?", &[(&self.id).into()])
    }

    pub fn delete(&self, store: &dyn Store) -> Stored<()> {
        run(store, "DELETE FROM messages WHERE id = ?", &[(&self.id).into()])
    }

    /// Whether there is nothing to send.
    pub fn says_nothing(&self) -> bool {
        self.body.is_empty() && self.media.is_empty()
    }

    /// Whether it is sent in place of one that had failed.
    pub fn is_resend(&self) -> bool {
        self.failed_attempts > 0 && self.id != Self::first_id(self.entry, self.part)
    }

    fn first_id(entry: i64, part: i64) -> String {
        format!("{entry}.{part}")
    }
}
