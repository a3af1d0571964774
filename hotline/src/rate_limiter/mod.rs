//! Hands out the permits of one scarce outside resource, and for Help Scout also the token.
//!
//! A permit is granted now, or kept for the asker at a later instant. All of it is one row, written once a permit. Help
//! Scout's minute is guarded by a window that slides: whatever fixed minute Help Scout counts by, no minute holds more.
//! A phone of the team is held by one call until that gives it back.

use crate::answer::Answer;
use crate::config::Config;
use crate::effects::{
    Body, Method, Millis, Outcome, Permit, PermitRequest, Priority, RateLimiterName, Report, Request, Service,
};
use crate::form::encode;
use crate::storage::{self, Migration, Store, Stored, first, run};

/// What a minute holds before Help Scout has told (Rate limiting: its smallest plan).
const SMALLEST_PLAN: i64 = 200;

const MINUTE: Millis = 60_000;

/// A token is renewed so long before it ends, or at half its life when that is sooner.
const RENEW_BEFORE: Millis = 60_000;

/// How soon others ask again while one of them fetches the token, and after it could not be had.
const TOKEN_SOON: Millis = 1_000;
const TOKEN_FAILED: Millis = 5_000;

/// How long a fetch of the token may take before another asker tries.
const TOKEN_LEASE: Millis = 12_000;

/// What a rate limiter answers at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A permit.
    Permit(Permit),
    /// First this request for a token; hand its outcome to [`take_token`] and ask again.
    Fetch(Request),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    at: Millis,
    cost: i64,
    id: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    grants: Vec<Grant>,
    limit: i64,
    /// Nobody goes before this.
    paused: Millis,
    /// What the service last said is left, and when.
    remaining: Option<(Millis, i64)>,
    token: String,
    token_until: Millis,
    fetching_until: Millis,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS gate (
    id INTEGER PRIMARY KEY CHECK (id = 1), grants TEXT NOT NULL, \"limit\" INTEGER NOT NULL, paused INTEGER NOT NULL,
    told_at INTEGER, told INTEGER, token TEXT NOT NULL, token_until INTEGER NOT NULL, fetching_until INTEGER NOT NULL
) STRICT";

/// The table, version by version.
const MIGRATIONS: &[Migration] = &[&[TABLE]];

/// Brings the table to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

impl State {
    fn load(store: &dyn Store) -> Stored<Self> {
        let sql = "SELECT grants, \"limit\", paused, told_at, told, token, token_until, fetching_until FROM gate";
        let Some(row) = first(store, sql, &[])? else {
            return Ok(Self { limit: SMALLEST_PLAN, ..Self::default() });
        };
        Ok(Self {
            grants: row.text(0).split_whitespace().filter_map(Grant::read).collect(),
            limit: row.integer(1),
            paused: row.integer(2),
            remaining: row.maybe_integer(3).zip(row.maybe_integer(4)),
            token: row.string(5),
            token_until: row.integer(6),
            fetching_until: row.integer(7),
        })
    }

    fn save(&self, store: &dyn Store) -> Stored<()> {
        let grants = self.grants.iter().map(Grant::write).collect::<Vec<_>>().join(" ");
        let params = [
            (&grants).into(),
            self.limit.into(),
            self.paused.into(),
            self.remaining.map(|remaining| remaining.0).into(),
            self.remaining.map(|remaining| remaining.1).into(),
            (&self.token).into(),
            self.token_until.into(),
            self.fetching_until.into(),
        ];
        let sql = "INSERT OR REPLACE INTO gate (id, grants, \"limit\", paused, told_at, told, token, token_until, \
                   fetching_until) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)";
        run(store, sql, &params)
    }

    /// What was granted in the minute that ends with `end`.
    fn spent(&self, end: Millis) -> i64 {
        self.grants.iter().filter(|grant| grant.at > end - MINUTE && grant.at <= end).map(|grant| grant.cost).sum()
    }

    /// Whether `cost` more at `at` keeps every minute within `budget`, and within what the service said.
    fn fits(&self, at: Millis, cost: i64, budget: i64) -> bool {
        let later = self.grants.iter().map(|grant| grant.at).filter(|end| *end > at && *end < at + MINUTE);
        if std::iter::once(at).chain(later).any(|end| self.spent(end) + cost > budget) {
            return false;
        }
        let Some((told_at, left)) = self.remaining.filter(|remaining| at < remaining.0 + MINUTE) else { return true };
        // Requests of the last ten seconds may not have been counted yet when the service said what is left.
        let since = told_at - crate::effects::REQUEST_TIMEOUT;
        let spent: i64 = self.grants.iter().filter(|grant| grant.at > since).map(|grant| grant.cost).sum();
        spent + cost <= left
    }

    /// The first instant at which a permit is free: now, or when something ends that stands in the way.
    fn first_fit(&self, now: Millis, cost: i64, budget: i64) -> Millis {
        let from = now.max(self.paused);
        let mut at = from;
        while !self.fits(at, cost, budget) {
            let ends = self.grants.iter().map(|grant| grant.at).chain(self.remaining.map(|remaining| remaining.0));
            match ends.map(|since| since + MINUTE).filter(|end| *end > at).min() {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// A phone has one holder; who holds it already may hold it longer.
    fn hold(&mut self, store: &dyn Store, grant: Grant, now: Millis) -> Stored<Permit> {
        let ends = |held: &Grant| held.at + held.cost * 1_000;
        self.grants.retain(|held| held.id != grant.id && ends(held) > now);
        if let Some(held) = self.grants.first() {
            return Ok(Permit::ReservedAt(ends(held)));
        }
        self.grants.push(grant);
        self.save(store)?;
        Ok(go(self, now))
    }
}

impl Grant {
    fn read(word: &str) -> Option<Self> {
        let mut parts = word.splitn(3, ':');
        Some(Self {
            at: parts.next()?.parse().ok()?,
            cost: parts.next()?.parse().ok()?,
            id: parts.next()?.parse().ok()?,
        })
    }

    fn write(&self) -> String {
        format!("{}:{}:{}", self.at, self.cost, self.id)
    }
}

/// FNV-1a: rows need not hold long texts to know them again.
pub(crate) fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The part of the minute that each may use up, in hundredths: what is kept back is there for those before it.
fn share(priority: Priority) -> i64 {
    match priority {
        Priority::Conversation => 100,
        Priority::Receipt => 80,
        Priority::Bulk => 50,
    }
}

/// Answers a request for a permit.
pub fn ask(
    store: &dyn Store,
    config: &Config,
    gate: &RateLimiterName,
    ask: &PermitRequest,
    now: Millis,
) -> Stored<Reply> {
    let mut state = State::load(store)?;
    if *gate == RateLimiterName::HelpScout && state.token_until <= now {
        if state.fetching_until > now {
            return Ok(Reply::Permit(Permit::ReservedAt(now + TOKEN_SOON)));
        }
        state.fetching_until = now + TOKEN_LEASE;
        state.save(store)?;
        return Ok(Reply::Fetch(token_request(config)));
    }
    let id = fnv1a(&ask.id);
    if let RateLimiterName::Phone { .. } = gate {
        return state.hold(store, Grant { at: now, cost: ask.cost, id }, now).map(Reply::Permit);
    }
    state.grants.retain(|grant| grant.at > now - MINUTE);
    if let Some(grant) = state.grants.iter().find(|grant| grant.id == id) {
        // What was kept for the asker waits too when the service has said that all must wait.
        let at = grant.at.max(state.paused);
        return Ok(Reply::Permit(if at <= now { go(&state, now) } else { Permit::ReservedAt(at) }));
    }
    let at = if let RateLimiterName::Sender { per_second, .. } = gate {
        let took = |grant: &Grant| grant.at + grant.cost * 1_000 / i64::from(*per_second).max(1);
        state.grants.iter().map(took).max().unwrap_or(now).max(now).max(state.paused)
    } else {
        state.first_fit(now, ask.cost, (state.limit * share(ask.priority) / 100).max(ask.cost))
    };
    state.grants.push(Grant { at, cost: ask.cost, id });
    state.save(store)?;
    Ok(Reply::Permit(if at <= now { go(&state, now) } else { Permit::ReservedAt(at) }))
}

fn go(state: &State, now: Millis) -> Permit {
    Permit::Granted { token: state.token.clone(), left: state.limit - state.spent(now), limit: state.limit }
}

fn token_request(config: &Config) -> Request {
    let body = encode(&[
        ("grant_type", "client_credentials"),
        ("client_id", &config.secrets.helpscout_app_id),
        ("client_secret", config.secrets.helpscout_app_secret.expose()),
    ]);
    let path = "/v2/oauth2/token".to_owned();
    Request { service: Service::HelpScout, method: Method::Post, path, body: Body::Form(body) }
}

/// Takes what became of the request for a token. Returns whether there is one now; if not, when to ask again.
pub fn take_token(store: &dyn Store, outcome: &Outcome, now: Millis) -> Stored<Option<Permit>> {
    /// What a token lives when Help Scout does not say (Authentication: two days).
    const TWO_DAYS_S: i64 = 172_800;
    let mut state = State::load(store)?;
    let given = match outcome {
        Outcome::Answered(response) if response.is_success() => Some(response.json()),
        _ => None,
    };
    let token = given.as_ref().map_or("", |given| given.get("access_token").text());
    if token.is_empty() {
        let wait = if let Answer::Later(wait) = Answer::of(outcome.clone()) { wait } else { TOKEN_FAILED };
        state.fetching_until = now + wait;
        state.save(store)?;
        return Ok(Some(Permit::ReservedAt(now + wait)));
    }
    let lives = given.as_ref().and_then(|given| given.get("expires_in").as_u64()).map_or(TWO_DAYS_S, u64::cast_signed);
    token.clone_into(&mut state.token);
    state.token_until = now + lives * 1_000 - RENEW_BEFORE.min(lives * 500);
    state.fetching_until = 0;
    state.save(store)?;
    Ok(None)
}

/// Takes what a service said.
pub fn report(store: &dyn Store, report: &Report, now: Millis) -> Stored<()> {
    let mut state = State::load(store)?;
    let before = state.clone();
    if let Some(remaining) = report.remaining {
        state.remaining = Some((now, remaining));
    }
    state.limit = report.limit.filter(|limit| *limit > 0).unwrap_or(state.limit);
    state.paused = state.paused.max(report.pause.map_or(0, |pause| now + pause));
    if report.refused_token.as_ref().is_some_and(|token| *token == state.token) {
        state.token_until = 0;
    }
    if let Some(over) = &report.over {
        let id = fnv1a(over);
        state.grants.retain(|grant| grant.id != id);
    }
    if state != before {
        state.save(store)?;
    }
    Ok(())
}
