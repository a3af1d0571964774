//! What is known of a call: one row, and a row for each phone that rings for it.

use crate::effects::Millis;
use crate::storage::{Row as Columns, Store, Stored, any, first, run};

/// How far a call has come. The order is the rank: a call never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// A caller waits while the team's phones ring.
    Ringing,
    /// A caller has been taken by a phone.
    Taken,
    /// A caller is at, or on the way to, voicemail.
    Voicemail,
    /// The phone of the agent who calls back rings.
    RingingAgent,
    /// The agent hears whom they are about to call.
    Confirm,
    /// The contact's phone rings.
    RingingContact,
    /// Agent and contact talk.
    Talking,
    /// It is over.
    Ended,
}

const STATES: [(State, &str); 8] = [
    (State::Ringing, "ringing"),
    (State::Taken, "taken"),
    (State::Voicemail, "voicemail"),
    (State::RingingAgent, "ringing_agent"),
    (State::Confirm, "confirm"),
    (State::RingingContact, "ringing_contact"),
    (State::Talking, "talking"),
    (State::Ended, "ended"),
];

impl State {
    /// For a row, and for the sidebar.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn read(word: &str) -> Self {
        STATES.iter().find(|(_, known)| *known == word).map_or(Self::Ended, |(state, _)| *state)
    }
}

/// The call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub state: State,
    /// The person's key; empty until Twilio has said who it is.
    pub party: String,
    /// Our number: called, or shown.
    pub number: String,
    /// When it began.
    pub since: Millis,
    /// When this state has lasted too long.
    pub deadline: Option<Millis>,
    /// The leg that has the caller. It is set once.
    pub claimed: Option<i64>,
    /// When that was, or when agent and contact began to talk.
    pub talks_since: Option<Millis>,
    /// How long they talked, as Twilio says.
    pub seconds: Option<i64>,
    /// What it came to, once it is over.
    pub outcome: String,
    /// Whether the caller has hung up.
    pub caller_gone: bool,
    /// `RecordingSid` of the message.
    pub recording: String,
    /// Its transcript; empty when Twilio could not make one.
    pub transcript: Option<String>,
    /// `QueueSid` of the queue that was made for it.
    pub queue: String,
    /// Who answered or calls back, in words.
    pub agent_name: String,
    /// Help Scout's id of the agent who calls back; 0 for a call that came in.
    pub agent: i64,
    /// What that agent must press once to show that the phone is theirs; empty when they have.
    pub code: String,
}

pub(crate) const CALL: &str = "CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL, party TEXT NOT NULL, number TEXT NOT NULL,
    since INTEGER NOT NULL, deadline INTEGER, claimed INTEGER, talks_since INTEGER, seconds INTEGER,
    outcome TEXT NOT NULL, caller_gone INTEGER NOT NULL, recording TEXT NOT NULL, transcript TEXT,
    queue TEXT NOT NULL, agent_name TEXT NOT NULL, agent INTEGER NOT NULL, code TEXT NOT NULL
) STRICT";

pub(crate) const LEGS: &str = "CREATE TABLE IF NOT EXISTS legs (
    leg INTEGER PRIMARY KEY, phone TEXT NOT NULL, sid TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL
) STRICT";

impl Row {
    /// A call of which nothing more is known yet.
    pub fn new(state: State, party: String, number: String, now: Millis) -> Self {
        Self {
            state,
            party,
            number,
            since: now,
            deadline: None,
            claimed: None,
            talks_since: None,
            seconds: None,
            outcome: String::new(),
            caller_gone: false,
            recording: String::new(),
            transcript: None,
            queue: String::new(),
            agent_name: String::new(),
            agent: 0,
            code: String::new(),
        }
    }

    pub fn load(store: &dyn Store) -> Stored<Option<Self>> {
        let sql = "SELECT state, party, number, since, deadline, claimed, talks_since, seconds, outcome, caller_gone, \
                   recording, transcript, queue, agent_name, agent, code FROM call";
        let Some(row) = first(store, sql, &[])? else { return Ok(None) };
        Ok(Some(Self {
            state: State::read(row.text(0)),
            party: row.string(1),
            number: row.string(2),
            since: row.integer(3),
            deadline: row.maybe_integer(4),
            claimed: row.maybe_integer(5),
            talks_since: row.maybe_integer(6),
            seconds: row.maybe_integer(7),
            outcome: row.string(8),
            caller_gone: row.integer(9) != 0,
            recording: row.string(10),
            transcript: row.maybe_text(11),
            queue: row.string(12),
            agent_name: row.string(13),
            agent: row.integer(14),
            code: row.string(15),
        }))
    }

    pub fn has_deadline(store: &dyn Store) -> Stored<bool> {
        any(store, "SELECT 1 FROM call WHERE deadline IS NOT NULL", &[])
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO call (id, state, party, number, since, deadline, claimed, talks_since, seconds, \
                   outcome, caller_gone, recording, transcript, queue, agent_name, agent, code) \
                   VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let params = [
            self.state.as_str().into(),
            (&self.party).into(),
            (&self.number).into(),
            self.since.into(),
            self.deadline.into(),
            self.claimed.into(),
            self.talks_since.into(),
            self.seconds.into(),
            (&self.outcome).into(),
            i64::from(self.caller_gone).into(),
            (&self.recording).into(),
            (&self.transcript).into(),
            (&self.queue).into(),
            (&self.agent_name).into(),
            self.agent.into(),
            (&self.code).into(),
        ];
        run(store, sql, &params)
    }

    /// Whether an agent asked for it.
    pub fn is_callback(&self) -> bool {
        self.agent != 0
    }

    /// Goes on to a later state; an earlier one is old news.
    pub fn advance(&mut self, state: State, deadline: Option<Millis>) {
        if state > self.state {
            (self.state, self.deadline) = (state, deadline);
        }
    }

    /// It is over, if it was not; the first outcome stays.
    pub fn end(&mut self, outcome: &str) {
        if self.state < State::Ended {
            outcome.clone_into(&mut self.outcome);
        }
        self.advance(State::Ended, None);
    }
}

/// A phone of the team that rings, or is to ring, for the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    /// Its number, from 0.
    pub place: i64,
    /// E.164.
    pub phone: String,
    /// `CallSid`, once Twilio has said it.
    pub sid: String,
    pub state: LegState,
    /// Wrong keys pressed.
    pub tries: i64,
}

/// How far a leg has come; the order is the rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LegState {
    /// Its permit comes, or it rings.
    Rings,
    /// Somebody or something has answered and is asked to press a key.
    Asked,
    /// It is over.
    Ended,
}

const LEG_STATES: [(LegState, &str); 3] =
    [(LegState::Rings, "rings"), (LegState::Asked, "asked"), (LegState::Ended, "ended")];

impl Leg {
    pub fn new(place: i64, phone: &str) -> Self {
        Self { place, phone: phone.to_owned(), sid: String::new(), state: LegState::Rings, tries: 0 }
    }

    fn read(row: &Columns) -> Self {
        let state = LEG_STATES.iter().find(|(_, word)| *word == row.text(3));
        Self {
            place: row.integer(0),
            phone: row.string(1),
            sid: row.string(2),
            state: state.map_or(LegState::Ended, |(state, _)| *state),
            tries: row.integer(4),
        }
    }

    pub fn load(store: &dyn Store, leg: i64) -> Stored<Option<Self>> {
        let sql = "SELECT leg, phone, sid, state, tries FROM legs WHERE leg = ?";
        Ok(first(store, sql, &[leg.into()])?.as_ref().map(Self::read))
    }

    pub fn all(store: &dyn Store) -> Stored<Vec<Self>> {
        let rows = store.execute("SELECT leg, phone, sid, state, tries FROM legs ORDER BY leg", &[])?;
        Ok(rows.iter().map(Self::read).collect())
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let state = LEG_STATES.iter().find(|(state, _)| *state == self.state).map_or("", |(_, word)| word);
        let sql = "INSERT OR REPLACE INTO legs (leg, phone, sid, state, tries) VALUES (?, ?, ?, ?, ?)";
        run(store, sql, &[self.place.into(), (&self.phone).into(), (&self.sid).into(), state.into(), self.tries.into()])
    }
}
