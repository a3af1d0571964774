//! What is known of a call: one row.

use protocol::sidebar::CallState;

use crate::effects::Millis;
use crate::storage::{Store, Stored, any, first, run};

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

impl From<State> for CallState {
    fn from(state: State) -> Self {
        match state {
            State::RingingAgent => Self::RingingAgent,
            State::Confirm => Self::Confirm,
            State::RingingContact => Self::RingingContact,
            State::Talking => Self::Talking,
            State::Ended => Self::Ended,
            // Calls that came in; a sidebar is not told of them.
            State::Ringing | State::Taken | State::Voicemail => Self::Unknown,
        }
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
    /// `CallSid` of the call to that phone which has them.
    pub claimed_sid: String,
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
    /// The caller's network says that the caller id is false (Twilio, SHAKEN/STIR).
    pub caller_id_failed: bool,
    /// What that agent must press once to show that the phone is theirs; empty when they have.
    pub code: String,
}

pub(crate) const CALL: &str = "CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL, party TEXT NOT NULL, number TEXT NOT NULL,
    since INTEGER NOT NULL, deadline INTEGER, claimed INTEGER, talks_since INTEGER, seconds INTEGER,
    outcome TEXT NOT NULL, caller_gone INTEGER NOT NULL, recording TEXT NOT NULL, transcript TEXT,
    queue TEXT NOT NULL, agent_name TEXT NOT NULL, agent INTEGER NOT NULL, code TEXT NOT NULL
) STRICT";

pub(crate) const CLAIMED_SID: &str = "ALTER TABLE call ADD COLUMN claimed_sid TEXT NOT NULL DEFAULT ''";

pub(crate) const CALLER_ID_FAILED: &str = "ALTER TABLE call ADD COLUMN caller_id_failed INTEGER NOT NULL DEFAULT 0";

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
            claimed_sid: String::new(),
            talks_since: None,
            seconds: None,
            outcome: String::new(),
            caller_gone: false,
            recording: String::new(),
            transcript: None,
            queue: String::new(),
            agent_name: String::new(),
            agent: 0,
            caller_id_failed: false,
            code: String::new(),
        }
    }

    pub fn load(store: &dyn Store) -> Stored<Option<Self>> {
        let sql = "SELECT state, party, number, since, deadline, claimed, talks_since, seconds, outcome, caller_gone, \
                   recording, transcript, queue, agent_name, agent, code, claimed_sid, caller_id_failed FROM call";
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
            claimed_sid: row.string(16),
            caller_id_failed: row.integer(17) != 0,
        }))
    }

    pub fn has_deadline(store: &dyn Store) -> Stored<bool> {
        any(store, "SELECT 1 FROM call WHERE deadline IS NOT NULL", &[])
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO call (id, state, party, number, since, deadline, claimed, talks_since, seconds, \
                   outcome, caller_gone, recording, transcript, queue, agent_name, agent, code, claimed_sid, \
                   caller_id_failed) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
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
            (&self.claimed_sid).into(),
            i64::from(self.caller_id_failed).into(),
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
