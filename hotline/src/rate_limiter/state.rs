//! What a rate limiter knows, in one row that does not grow. Who waits has rows of its own ([`super::queue`]).

use serde::{Deserialize, Serialize};

use super::breaker::Breaker;
use super::budget::Budget;
use super::phone::Phone;
use super::queue;
use super::token::Token;
use crate::effects::{Millis, RateLimiterName};
use crate::encoding;
use crate::storage::{self, Migration, Store, StoreError, Stored, first, run};

/// Everything but the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// What it limits, as it was last named.
    pub name: RateLimiterName,
    pub budget: Budget,
    #[serde(default)]
    pub breaker: Breaker,
    #[serde(default)]
    pub token: Token,
    #[serde(default)]
    pub phone: Phone,
    /// What all permits so far have cost together: the number of the last one.
    #[serde(default)]
    pub number: i64,
    /// Rows of the queue.
    #[serde(default)]
    pub waiting: i64,
    /// When the next of those who wait may be sent word.
    #[serde(default)]
    pub batch_at: Millis,
    /// Who was permitted something now or never within the last minute, and when.
    #[serde(default)]
    pub viewed: Vec<(String, Millis)>,
}

/// The table of the release before.
const GATE: &str = "CREATE TABLE IF NOT EXISTS gate (
    id INTEGER PRIMARY KEY CHECK (id = 1), grants TEXT NOT NULL, \"limit\" INTEGER NOT NULL, paused INTEGER NOT NULL,
    told_at INTEGER, told INTEGER, token TEXT NOT NULL, token_until INTEGER NOT NULL, fetching_until INTEGER NOT NULL
) STRICT";

const STATE: &str =
    "CREATE TABLE IF NOT EXISTS rate_limiter (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL) STRICT";

/// The tables, version by version.
const MIGRATIONS: &[Migration] = &[&[GATE], &[STATE, queue::TABLE, queue::BY_TURN]];

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

impl State {
    /// What a rate limiter knows of which nobody has asked anything yet.
    fn new(name: &RateLimiterName) -> Self {
        Self {
            name: name.clone(),
            budget: Budget::of(name),
            breaker: Breaker::default(),
            token: Token::default(),
            phone: Phone::default(),
            number: 0,
            waiting: 0,
            batch_at: 0,
            viewed: Vec::new(),
        }
    }

    /// The state as it is stored. An alarm names nothing; `None` when there was never anything.
    pub fn load(store: &dyn Store, name: Option<&RateLimiterName>, now: Millis) -> Stored<Option<Self>> {
        let stored = first(store, "SELECT state FROM rate_limiter", &[])?;
        let Some(row) = stored else {
            return name.map(|name| Self::released(store, name, now)).transpose();
        };
        let mut state: Self = encoding::decode(row.text(0))
            .map_err(|error| StoreError::Undecodable { column: "rate_limiter.state", error })?;
        if let Some(name) = name {
            name.clone_into(&mut state.name);
            state.budget.configure(name);
        }
        Ok(Some(state))
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let state = encoding::encode(self);
        run(store, "INSERT OR REPLACE INTO rate_limiter (id, state) VALUES (1, ?)", &[(&state).into()])
    }

    /// What the release before has left. Its permits for later instants are not taken over: who has one asks again.
    fn released(store: &dyn Store, name: &RateLimiterName, now: Millis) -> Stored<Self> {
        let mut state = Self::new(name);
        state.budget.configure(name);
        let sql = "SELECT grants, \"limit\", paused, token, token_until FROM gate";
        let Some(row) = first(store, sql, &[])? else { return Ok(state) };
        state.budget.set_limit(row.integer(1));
        state.budget.pause(row.integer(2));
        state.token = Token::released(row.string(3), row.integer(4));
        for grant in row.text(0).split_whitespace() {
            let numbers: Vec<i64> = grant.split(':').filter_map(|number| number.parse().ok()).collect();
            let [at, cost, hash] = numbers.as_slice() else { continue };
            if let RateLimiterName::Phone { .. } = name {
                state.phone = Phone::released(u32::try_from(*hash).unwrap_or(0), at + cost * 1_000);
            } else if *at <= now {
                state.budget.spend(*at, *cost);
            }
        }
        Ok(state)
    }
}
