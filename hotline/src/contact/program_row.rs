//! Messages that programs send by `/v1`, a row each: what was asked for, what was decided, and the entry of the timeline that it
//! became once it was allowed to leave.

use serde::{Deserialize, Serialize};

use super::program_chain::{Chain, Past};
use crate::effects::Millis;
use crate::encoding;
use crate::messages::program::{ProgramMessage, ViaStep};
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

const COLUMNS: &str = "number, at, state, entry, left_at, message, decisions, chain";

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
    pub chain: Chain,
}

impl ProgramRow {
    /// One that is not stored yet.
    pub fn new(message: ProgramMessage, now: Millis) -> Self {
        let (decisions, chain) = (Vec::new(), Chain::default());
        Self { number: 0, at: now, state: State::Held, entry: None, left_at: None, message, decisions, chain }
    }

    fn read(row: &Row) -> Stored<Self> {
        let mut read = Self {
            number: row.integer(0),
            at: row.integer(1),
            state: row.word(2, "program_messages.state", State::read)?,
            entry: row.maybe_integer(3),
            left_at: row.maybe_integer(4),
            message: row.json(5, "program_messages.message")?,
            decisions: row.json(6, "program_messages.decisions")?,
            chain: Chain::read(row, 7)?,
        };
        read.know_channel();
        Ok(read)
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

    /// When messages of its class left, other than itself, since an instant.
    pub fn departures(&self, store: &dyn Store, since: Millis) -> Stored<Vec<Millis>> {
        let sql =
            "SELECT left_at FROM program_messages WHERE class = ? AND left_at > ? AND number <> ? ORDER BY left_at";
        let params = [self.message.class.as_str().into(), since.into(), self.number.into()];
        Ok(store.execute(sql, &params)?.iter().map(|row| row.integer(0)).collect())
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
        let chain = self.chain.written();
        let params = [
            (&self.message.request).into(),
            self.at.into(),
            self.message.class.as_str().into(),
            (&self.message.reference).into(),
            self.state.as_str().into(),
            (&message).into(),
            (&decisions).into(),
            (&chain).into(),
        ];
        let sql = "INSERT INTO program_messages (request, at, class, reference, state, message, decisions, chain) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number";
        self.number = first(store, sql, &params)?.map_or(0, |row| row.integer(0));
        Ok(())
    }

    /// It says nothing any more, and not to whom. Its names stay, so that what comes twice is known.
    pub fn forget(&mut self, store: &dyn Store) -> Stored<()> {
        self.message.to.clear();
        self.forget_words(store)
    }

    /// It says nothing any more.
    pub fn forget_words(&mut self, store: &dyn Store) -> Stored<()> {
        self.message.body.clear();
        self.message.media.clear();
        if let Some(template) = &mut self.message.template {
            template.content = None;
        }
        let message = encoding::encode(&self.message);
        run(store, "UPDATE program_messages SET message = ? WHERE number = ?", &[(&message).into(), self.number.into()])
    }

    /// Writes back what may change.
    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let (decisions, chain) = (encoding::encode(&self.decisions), self.chain.written());
        let params = [
            self.state.as_str().into(),
            self.entry.into(),
            self.left_at.into(),
            (&decisions).into(),
            (&chain).into(),
            self.number.into(),
        ];
        let sql =
            "UPDATE program_messages SET state = ?, entry = ?, left_at = ?, decisions = ?, chain = ? WHERE number = ?";
        run(store, sql, &params)
    }
}

/// The channels that it is tried by, where there are several.
impl ProgramRow {
    /// Whether it may go by several channels.
    pub fn is_chain(&self) -> bool {
        self.message.via.len() > 1
    }

    /// The place of the present channel among them, from 0.
    pub fn step_number(&self) -> usize {
        self.chain.past.len()
    }

    /// The present channel and how long it is waited for; `None` where there is one alone.
    pub fn step(&self) -> Option<ViaStep> {
        self.message.via.get(self.step_number()).copied()
    }

    /// The channel that may be tried after the present one.
    pub fn next_step(&self) -> Option<ViaStep> {
        self.message.via.get(self.step_number() + 1).copied().filter(|_| !self.chain.is_over)
    }

    /// The channels before the present one by which it became an entry.
    pub fn past(&self) -> impl Iterator<Item = (ViaStep, i64)> {
        let steps = self.message.via.iter().zip(&self.chain.past);
        steps.filter_map(|(step, past)| Some((*step, past.entry?)))
    }

    /// The entries that it became, by channel after channel.
    pub fn entries(&self) -> Vec<i64> {
        self.past().map(|(_, entry)| entry).chain(self.entry).collect()
    }

    /// From now on it is tried by the next channel.
    pub fn take_next_step(&mut self) {
        self.chain.past.push(Past { entry: self.entry.take() });
        self.chain.since = None;
        self.know_channel();
    }

    /// The last channel by which it became an entry is the one that it stays with.
    pub fn stay_with_last_entry(&mut self) {
        while self.entry.is_none()
            && let Some(Past { entry }) = self.chain.past.pop()
        {
            self.entry = entry;
        }
        self.chain.is_over = true;
        self.know_channel();
    }

    /// The name of the present channel, before what is said of it; nothing where there is one alone.
    pub fn channel_words(&self) -> String {
        if self.is_chain() { format!("{}: ", self.message.channel.name()) } else { String::new() }
    }

    /// Whoever looks at the message finds the present channel there.
    pub fn know_channel(&mut self) {
        if let Some(step) = self.step() {
            self.message.channel = step.channel;
        }
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
        let via = r#","channel":"WhatsApp","via":[{"channel":"WhatsApp","until":"delivered","within":120000},{"channel":"Sms"}],"#;
        let by_two = message.replace(r#","channel":"Sms","#, via);
        stays::<ProgramMessage>(&[message, &from_template, &by_two]);
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
