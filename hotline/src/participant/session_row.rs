//! A participant's side of a session, a row each.

use protocol::v1;

use super::StepContext;
use super::run::Run;
use super::stand_in::Given;
use crate::domain::phone::E164;
use crate::domain::time::timestamp;
use crate::effects::Millis;
use crate::encoding;
use crate::messages::participant::Hold;
use crate::storage::{self, Row, Store, Stored, first, run};

/// How long a number is held for a session that does not open: a request takes seconds.
const HELD_FOR: Millis = 60_000;

/// How long a session is known after its end: as long as the name that its program gave it is taken.
const KEPT_FOR: Millis = 400 * 86_400_000;

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS sessions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, request TEXT NOT NULL UNIQUE, state TEXT NOT NULL, proxy TEXT NOT NULL,
    other TEXT NOT NULL, other_proxy TEXT, name TEXT NOT NULL, other_name TEXT NOT NULL, ttl INTEGER, reference TEXT,
    created INTEGER NOT NULL, last INTEGER NOT NULL, ended INTEGER, stopped INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT 0, run TEXT NOT NULL DEFAULT '{}'
) STRICT";

pub(super) const INDEXES: [&str; 3] = [
    "CREATE INDEX IF NOT EXISTS sessions_by_reference ON sessions (reference) WHERE reference IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS sessions_by_proxy ON sessions (proxy, ended)",
    "CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (ended)",
];

const COLUMNS: &str = "number, id, request, state, proxy, other, other_proxy, name, other_name, ttl, reference, created, last, ended, \
                       stopped, told, run";

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A number is held until the other side has one.
    Held,
    Open,
    Closed,
    Expired,
}

impl State {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Held, "held"), (Self::Open, "open"), (Self::Closed, "closed"), (Self::Expired, "expired")];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| *word)
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// A side of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub number: i64,
    pub id: String,
    pub state: State,
    /// At which this participant reaches the other.
    pub proxy: String,
    pub other: String,
    /// At which the other reaches this one.
    pub other_proxy: Option<String>,
    pub name: String,
    pub other_name: String,
    pub ttl: Option<Millis>,
    pub reference: Option<String>,
    pub created_at: Millis,
    /// When either said something last.
    pub last_at: Millis,
    pub ended_at: Option<Millis>,
    /// Whether this participant wants no texts from the other side's number.
    pub stopped: bool,
    /// Whether this one was told that something was not delivered.
    pub is_told: bool,
    /// How the two have written to each other of late.
    pub run: Run,
}

impl Session {
    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            number: row.integer(0),
            id: row.string(1),
            state: row.word(3, "sessions.state", State::read)?,
            proxy: row.string(4),
            other: row.string(5),
            other_proxy: row.maybe_text(6),
            name: row.string(7),
            other_name: row.string(8),
            ttl: row.maybe_integer(9),
            reference: row.maybe_text(10),
            created_at: row.integer(11),
            last_at: row.integer(12),
            ended_at: row.maybe_integer(13),
            stopped: row.integer(14) != 0,
            is_told: row.integer(15) != 0,
            run: row.json(16, "sessions.run")?,
        })
    }

    fn one(store: &dyn Store, condition: &str, value: crate::storage::Param) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE {condition}");
        first(store, &sql, &[value])?.as_ref().map(Self::read).transpose()
    }

    pub fn of_number(store: &dyn Store, number: i64) -> Stored<Option<Self>> {
        Self::one(store, "number = ?", number.into())
    }

    pub fn of_id(store: &dyn Store, id: &str) -> Stored<Option<Self>> {
        Self::one(store, "id = ?", id.into())
    }

    pub fn of_request(store: &dyn Store, request: &str) -> Stored<Option<Self>> {
        Self::one(store, "request = ?", request.into())
    }

    pub fn of_reference(store: &dyn Store, reference: &str) -> Stored<Option<Self>> {
        Self::one(store, "reference = ?", reference.into())
    }

    /// The one in which a text to this number is a word to the other side.
    pub fn at_proxy(store: &dyn Store, proxy: &str) -> Stored<Option<Self>> {
        Self::one(store, "proxy = ? AND ended IS NULL", proxy.into())
    }

    /// The last one that this number stood in.
    pub fn last_at_proxy(store: &dyn Store, proxy: &str) -> Stored<Option<Self>> {
        Self::one(store, "proxy = ? ORDER BY ended DESC LIMIT 1", proxy.into())
    }

    /// A number is held for a session. The side that gives the id gives its own number in it.
    pub fn hold(ctx: &StepContext, hold: &Hold, proxy: &E164) -> Stored<Option<Self>> {
        let params = [
            (&hold.request).into(),
            State::Held.as_str().into(),
            proxy.as_str().into(),
            (&hold.other).into(),
            (&hold.other_proxy).into(),
            (&hold.name).into(),
            (&hold.other_name).into(),
            hold.ttl.into(),
            (&hold.reference).into(),
            ctx.now.into(),
            ctx.now.into(),
            (&hold.session).into(),
        ];
        let sql = "INSERT INTO sessions (request, state, proxy, other, other_proxy, name, other_name, ttl, reference, created, last, id) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number";
        let Some(number) = first(ctx.store, sql, &params)?.map(|row| row.integer(0)) else { return Ok(None) };
        if hold.session.is_none() {
            let id = ctx.session_id(number).unwrap_or_default();
            run(ctx.store, "UPDATE sessions SET id = ? WHERE number = ?", &[(&id).into(), number.into()])?;
        }
        Self::of_number(ctx.store, number)
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let run = encoding::encode(&self.run);
        let params = [
            self.state.as_str().into(),
            (&self.other_proxy).into(),
            self.last_at.into(),
            self.ended_at.into(),
            i64::from(self.stopped).into(),
            i64::from(self.is_told).into(),
            (&run).into(),
            self.number.into(),
        ];
        let sql = "UPDATE sessions SET state = ?, other_proxy = ?, last = ?, ended = ?, stopped = ?, told = ?, run = ? WHERE number = ?";
        storage::run(store, sql, &params)
    }

    pub fn delete(&self, store: &dyn Store) -> Stored<()> {
        run(store, "DELETE FROM sessions WHERE number = ?", &[self.number.into()])
    }

    /// What did not open in time is gone, what nobody has said anything in for its time has ended, and what ended long ago is
    /// forgotten.
    pub fn end_what_is_over(store: &dyn Store, now: Millis) -> Stored<()> {
        let held = [State::Held.as_str().into(), (now - HELD_FOR).into()];
        run(store, "DELETE FROM sessions WHERE ended IS NULL AND state = ? AND created <= ?", &held)?;
        let sql =
            "UPDATE sessions SET state = ?, ended = last + ttl WHERE ended IS NULL AND state = ? AND last + ttl <= ?";
        run(store, sql, &[State::Expired.as_str().into(), State::Open.as_str().into(), now.into()])?;
        run(store, "DELETE FROM sessions WHERE ended <= ?", &[(now - KEPT_FOR).into()])
    }

    /// The numbers that this participant has, and those that rest.
    pub fn given(store: &dyn Store, rested_since: Millis) -> Stored<Vec<Given>> {
        let open = store.execute("SELECT proxy, other, ended FROM sessions WHERE ended IS NULL", &[])?;
        let sql = "SELECT proxy, other, ended FROM sessions WHERE ended > ?";
        let rest = store.execute(sql, &[rested_since.into()])?;
        let read = |row: &Row| Given { proxy: row.string(0), other: row.string(1), ended_at: row.maybe_integer(2) };
        Ok(open.iter().chain(&rest).map(read).collect())
    }

    /// As programs see it.
    pub fn shown(&self, ctx: &StepContext) -> v1::Session {
        let name = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        let first = v1::Participant {
            number: ctx.number.as_str().to_owned(),
            proxy: self.proxy.clone(),
            name: name(&self.name),
        };
        let second = v1::Participant {
            number: self.other.clone(),
            proxy: self.other_proxy.clone().unwrap_or_default(),
            name: name(&self.other_name),
        };
        let status = match self.state {
            State::Held | State::Open => v1::SessionStatus::Open,
            State::Closed => v1::SessionStatus::Closed,
            State::Expired => v1::SessionStatus::Expired,
        };
        let expires_at = self.ttl.filter(|_| self.ended_at.is_none()).map(|ttl| timestamp(self.last_at + ttl));
        v1::Session {
            id: self.id.clone(),
            pool: ctx.pool.api_name().to_owned(),
            status,
            participants: vec![first, second],
            mode: vec![v1::SessionMode::Text],
            reference: self.reference.clone(),
            created_at: timestamp(self.created_at),
            expires_at,
            ended_at: self.ended_at.map(timestamp),
        }
    }
}
