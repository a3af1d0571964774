//! Messages that programs send by `/v1`, a row each: what was asked for, what was decided, and the entry of the timeline that it
//! became once it was allowed to leave.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::encoding;
use crate::messages::program::ProgramMessage;
use crate::storage::{Row, Store, Stored, first, run};

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS program_messages (
    number INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, class TEXT NOT NULL, reference TEXT,
    state TEXT NOT NULL, entry INTEGER, left_at INTEGER, message TEXT NOT NULL, decisions TEXT NOT NULL
) STRICT";

/// What is searched for: a program's own name, the message of an entry, and what left of a class.
pub(crate) const INDEXES: [&str; 3] = [
    "CREATE INDEX IF NOT EXISTS program_messages_by_reference ON program_messages (reference, at) \
     WHERE reference IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS program_messages_by_entry ON program_messages (entry) WHERE entry IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS program_messages_that_left ON program_messages (class, left_at) WHERE left_at IS NOT NULL",
];

const COLUMNS: &str = "number, at, state, entry, left_at, message, decisions";

/// How many decisions about one message are kept: one a day for as far ahead as a message may be sent, and room.
const MOST_DECISIONS: usize = 50;

/// How long a program's own name for a message is taken: 400 days.
const REFERENCE_TAKEN_FOR: Millis = 400 * 86_400_000;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A rule holds it.
    Held,
    /// It may leave, or has left: its entry says how far it has come.
    Accepted,
    /// A rule has refused it.
    Refused,
    /// Its time was over before it left.
    Expired,
    /// Its program has taken it back before it left.
    Canceled,
}

impl State {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Held, "held"),
        (Self::Accepted, "accepted"),
        (Self::Refused, "refused"),
        (Self::Expired, "expired"),
        (Self::Canceled, "canceled"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| *word)
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// A decision about a message, for whoever asks why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Decided {
    pub at: Millis,
    /// The rule that decided; `None` when all allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// `send`, `hold`, `refuse`, or the status that followed.
    pub outcome: String,
    pub detail: String,
    /// Until when it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

/// A message of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProgramRow {
    pub number: i64,
    pub at: Millis,
    pub state: State,
    pub entry: Option<i64>,
    pub left_at: Option<Millis>,
    pub message: ProgramMessage,
    pub decisions: Vec<Decided>,
}

impl ProgramRow {
    /// One that is not stored yet.
    pub fn new(message: ProgramMessage, now: Millis) -> Self {
        Self { number: 0, at: now, state: State::Held, entry: None, left_at: None, message, decisions: Vec::new() }
    }

    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            number: row.integer(0),
            at: row.integer(1),
            state: row.word(2, "program_messages.state", State::read)?,
            entry: row.maybe_integer(3),
            left_at: row.maybe_integer(4),
            message: row.json(5, "program_messages.message")?,
            decisions: row.json(6, "program_messages.decisions")?,
        })
    }

    fn find(store: &dyn Store, condition: &str, params: &[crate::storage::Param]) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM program_messages WHERE {condition}");
        first(store, &sql, params)?.as_ref().map(Self::read).transpose()
    }

    pub fn load(store: &dyn Store, number: i64) -> Stored<Option<Self>> {
        Self::find(store, "number = ?", &[number.into()])
    }

    pub fn of_request(store: &dyn Store, request: &str) -> Stored<Option<Self>> {
        Self::find(store, "request = ?", &[request.into()])
    }

    /// The one that a program has given this name.
    pub fn of_reference(store: &dyn Store, reference: &str, now: Millis) -> Stored<Option<Self>> {
        let since = now - REFERENCE_TAKEN_FOR;
        Self::find(store, "reference = ? AND at > ? ORDER BY at LIMIT 1", &[reference.into(), since.into()])
    }

    pub fn of_entry(store: &dyn Store, entry: i64) -> Stored<Option<Self>> {
        Self::find(store, "entry = ?", &[entry.into()])
    }

    /// When messages of a class left, since an instant.
    pub fn departures(store: &dyn Store, class: &str, since: Millis) -> Stored<Vec<Millis>> {
        let sql = "SELECT left_at FROM program_messages WHERE class = ? AND left_at > ? ORDER BY left_at";
        Ok(store.execute(sql, &[class.into(), since.into()])?.iter().map(|row| row.integer(0)).collect())
    }

    /// Writes down what was decided. The same as before is not written again.
    pub fn decided(&mut self, decided: Decided) {
        let same = |last: &Decided| {
            (&last.rule, &last.outcome, last.until) == (&decided.rule, &decided.outcome, decided.until)
        };
        if !self.decisions.last().is_some_and(same) && self.decisions.len() < MOST_DECISIONS {
            self.decisions.push(decided);
        }
    }

    /// Stores it for the first time; `number` is then its own.
    pub fn insert(&mut self, store: &dyn Store) -> Stored<()> {
        let (message, decisions) = (encoding::encode(&self.message), encoding::encode(&self.decisions));
        let params = [
            (&self.message.request).into(),
            self.at.into(),
            self.message.class.as_str().into(),
            (&self.message.reference).into(),
            self.state.as_str().into(),
            (&message).into(),
            (&decisions).into(),
        ];
        let sql = "INSERT INTO program_messages (request, at, class, reference, state, message, decisions) \
                   VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING number";
        self.number = first(store, sql, &params)?.map_or(0, |row| row.integer(0));
        Ok(())
    }

    /// Writes back what may change.
    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let decisions = encoding::encode(&self.decisions);
        let params = [
            self.state.as_str().into(),
            self.entry.into(),
            self.left_at.into(),
            (&decisions).into(),
            self.number.into(),
        ];
        let sql = "UPDATE program_messages SET state = ?, entry = ?, left_at = ?, decisions = ? WHERE number = ?";
        run(store, sql, &params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn messages_and_decisions_in_rows_stay_readable() {
        let message = concat!(
            r#"{"request":"crm/1","program":"crm","to":"+15550100123","class":"service","channel":"Sms","body":"Hi","#,
            r#""media":["https://a.example/b"],"send_at":1,"expires_at":2,"turn_at":3,"reference":"r","tags":["t"],"conversation":"note"}"#
        );
        let template = r#","template":{"name":"hello","language":"en","version":2,"content":{"sid":"HX1","variables":[["1","Sam"]]}}}"#;
        let from_template = [message.trim_end_matches('}'), template].concat();
        stays::<ProgramMessage>(&[message, &from_template]);
        needs::<ProgramMessage>(message, &["/request", "/program", "/to", "/class", "/channel", "/body"]);
        lacks::<ProgramMessage>(&[
            r#"{"request":"crm/1","program":"crm","to":"+15550100123","class":"alert","channel":"WhatsApp","body":""}"#,
        ]);
        let decisions = r#"[{"at":1,"rule":"quiet_hours","outcome":"hold","detail":"Later.","until":2}]"#;
        stays::<Vec<Decided>>(&[decisions]);
        needs::<Vec<Decided>>(decisions, &["/0/at", "/0/outcome", "/0/detail"]);
        lacks::<Vec<Decided>>(&[r#"[{"at":1,"outcome":"send","detail":"All rules allow it."}]"#]);
    }
}
