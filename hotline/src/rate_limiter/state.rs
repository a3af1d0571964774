//! What a rate limiter knows, in one row that does not grow. Who waits has rows of its own ([`super::queue`]).

use serde::{Deserialize, Serialize};

use super::breaker::Breaker;
use super::budget::Budget;
use super::phone::Phone;
use super::queue;
use super::reserved::Reserved;
use super::spread::SpreadUntil;
use super::token::Token;
use crate::effects::{Millis, RateLimiterName};
use crate::encoding;
use crate::storage::{Store, Stored, first, number, run};

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
    #[serde(default, rename = "number")]
    pub permit_sequence: i64,
    /// Rows of the queue.
    #[serde(default)]
    pub waiting: i64,
    /// When the next batch of waiting jobs may be woken.
    #[serde(default)]
    pub batch_at: Millis,
    /// When the rate limiter looks again for those who wait, whether its alarm comes or is lost.
    #[serde(default)]
    pub look_at: Option<Millis>,
    /// When this was stored: all instants are of the same clock.
    #[serde(default)]
    pub at: Millis,
    /// Requests that could not wait, permitted within the last minute: id and instant.
    #[serde(default)]
    pub viewed: Vec<(String, Millis)>,
    /// How often in a row a request was refused that came after the pause before, and what the last of them cost.
    #[serde(default)]
    pub refusals: u32,
    #[serde(default)]
    pub refused_cost: i64,
    /// For which reads room is reserved.
    #[serde(default)]
    pub reserved: Reserved,
    /// Until when messages of lists are spread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spread: Vec<SpreadUntil>,
}

/// The table of the release before.
pub(super) const GATE: &str = "CREATE TABLE IF NOT EXISTS gate (
    id INTEGER PRIMARY KEY CHECK (id = 1), grants TEXT NOT NULL, \"limit\" INTEGER NOT NULL, paused INTEGER NOT NULL,
    told_at INTEGER, told INTEGER, token TEXT NOT NULL, token_until INTEGER NOT NULL, fetching_until INTEGER NOT NULL
) STRICT";

pub(super) const STATE: &str =
    "CREATE TABLE IF NOT EXISTS rate_limiter (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL) STRICT";

/// States that a release could not read, for people.
pub(super) const QUARANTINED: &str =
    "CREATE TABLE IF NOT EXISTS quarantined (at INTEGER NOT NULL, state TEXT NOT NULL) STRICT";

/// The state, and whether it begins afresh because the stored one cannot be read.
pub(super) struct Loaded {
    pub state: State,
    pub afresh: bool,
}

/// What can still be read of a state that cannot be read.
#[derive(Deserialize)]
struct Named {
    name: RateLimiterName,
}

/// How many states could not be read.
pub(super) fn quarantined(store: &dyn Store) -> Stored<i64> {
    number(store, "SELECT COUNT(*) FROM quarantined", &[])
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
            permit_sequence: 0,
            waiting: 0,
            batch_at: 0,
            look_at: None,
            at: 0,
            viewed: Vec::new(),
            refusals: 0,
            refused_cost: 0,
            reserved: Reserved::default(),
            spread: Vec::new(),
        }
    }

    fn stored(store: &dyn Store) -> Stored<Option<String>> {
        Ok(first(store, "SELECT state FROM rate_limiter", &[])?.map(|row| row.string(0)))
    }

    /// The state as it is stored, where it can be read.
    pub fn read(store: &dyn Store) -> Stored<Option<Self>> {
        Ok(Self::stored(store)?.and_then(|text| encoding::decode(&text).ok()))
    }

    /// The state. An alarm names nothing; `None` when there was never anything.
    pub fn load(store: &dyn Store, name: Option<&RateLimiterName>, now: Millis) -> Stored<Option<Loaded>> {
        let Some(text) = Self::stored(store)? else {
            let released = name.map(|name| Self::from_previous_release(store, name, now)).transpose()?;
            return Ok(released.map(|state| Loaded { state, afresh: false }));
        };
        let Ok(state) = encoding::decode::<Self>(&text) else {
            let named = encoding::decode::<Named>(&text).ok().map(|named| named.name);
            let state = name.cloned().or(named).map(|name| Self::afresh(store, &name, &text, now)).transpose()?;
            return Ok(state.map(|state| Loaded { state, afresh: true }));
        };
        Ok(Some(Loaded { state: state.named(name), afresh: false }))
    }

    /// The state under the name by which it is asked, which says how much there is.
    pub fn named(mut self, name: Option<&RateLimiterName>) -> Self {
        if let Some(name) = name {
            name.clone_into(&mut self.name);
            self.budget.configure(name);
        }
        self
    }

    /// A state in place of one that cannot be read. Those who wait still do, and what was used of the minute the service
    /// will say.
    fn afresh(store: &dyn Store, name: &RateLimiterName, unreadable: &str, now: Millis) -> Stored<Self> {
        run(store, "INSERT INTO quarantined (at, state) VALUES (?, ?)", &[now.into(), unreadable.into()])?;
        let mut state = Self::new(name);
        state.budget.configure(name);
        state.budget.pause(now);
        state.waiting = queue::count(store)?;
        Ok(state)
    }

    /// Moves all instants along when the clock was set back since they were stored: none of them is to come later for
    /// that. Clocks of two machines, to which an object moves, may differ by a little, and nothing is done about that.
    pub fn follow_clock(&mut self, store: &dyn Store, now: Millis) -> Stored<()> {
        const DIFFER: Millis = 1_000;
        let by = self.at - now;
        if by <= DIFFER {
            return Ok(());
        }
        self.budget.set_back(by);
        self.breaker.set_back(by);
        self.token.set_back(by);
        self.phone.set_back(by);
        self.batch_at -= by;
        self.look_at = None;
        self.reserved.set_back(by);
        self.viewed.iter_mut().for_each(|(_, at)| *at -= by);
        if self.waiting > 0 { queue::set_back(store, by) } else { Ok(()) }
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let state = encoding::encode(self);
        run(store, "INSERT OR REPLACE INTO rate_limiter (id, state) VALUES (1, ?)", &[(&state).into()])
    }

    /// What the release before has left. Its permits for later instants are not taken over: who has one asks again.
    fn from_previous_release(store: &dyn Store, name: &RateLimiterName, now: Millis) -> Stored<Self> {
        let mut state = Self::new(name);
        state.budget.configure(name);
        let sql = "SELECT grants, \"limit\", paused, token, token_until FROM gate";
        let Some(row) = first(store, sql, &[])? else { return Ok(state) };
        state.budget.set_limit(row.integer(1));
        state.budget.pause(row.integer(2));
        state.token = Token::from_previous_release(row.string(3), row.integer(4));
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

#[cfg(test)]
mod tests {
    use super::State;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn states_in_rows_stay_readable() {
        let help_scout = concat!(
            r#"{"name":"HelpScout","budget":{"Minute":{"limit":400,"used":[[1,2]],"left":[3,4],"trial_at":5,"paused":6}},"#,
            r#""breaker":{"reads":1,"writes":2,"by":"3","several":true,"answered_read":4,"answered_write":5,"#,
            r#""open":{"since":6,"trouble":"Unreachable","probe_at":7}},"#,
            r#""token":{"text":"t","until":1,"renew_at":2,"fetch_at":3},"#,
            r#""phone":{"holder":"h","until":1,"talks":true,"waiting":[{"id":"w","since":2,"asked_at":3}]},"number":1,"#,
            r#""waiting":2,"batch_at":3,"look_at":4,"at":5,"viewed":[["v",6]],"refusals":7,"refused_cost":8,"#,
            r#""reserved":[["r",9]],"spread":[{"priority":"Bulk","not_before":10,"until":11}]}"#
        );
        stays::<State>(&[help_scout]);
        needs::<State>(
            help_scout,
            &[
                "/budget",
                "/name",
                "/breaker/open/probe_at",
                "/breaker/open/since",
                "/breaker/open/trouble",
                "/phone/waiting/0/asked_at",
                "/phone/waiting/0/id",
                "/phone/waiting/0/since",
                "/spread/0/priority",
                "/spread/0/until",
            ],
        );
        lacks::<State>(&[
            r#"{"name":{"Sender":{"sender":"+15550100001","per_second":1}},"budget":{"Pace":{"free_at":1}}}"#,
            r#"{"name":{"Phone":{"number":"+15550100101"}},"budget":{"Minute":{}},"phone":{"holder":"h","until":1}}"#,
        ]);
    }
}
