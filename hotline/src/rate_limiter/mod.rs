//! Hands out the permits of one scarce outside resource, and is its circuit breaker: a service that is away or busy is
//! known here once, and not once for each who waits.
//!
//! The answer to a `PermitRequest` is a permit, or the instant at which it is to be had; a request that cannot wait is
//! refused instead. A job that must wait longer, or for an unknown time, has a row in the queue and is woken
//! ([`Effect::PermitReady`]) when its permit is there: by class, and of one class the oldest first. Nobody polls.
//!
//! | Module | Holds |
//! | --- | --- |
//! | `budget` | what the service still takes |
//! | `breaker` | whether it is there |
//! | `token` | Help Scout's token |
//! | `queue` | who waits |
//! | `permits` | who gets one now |
//! | `reserved` | room for what follows from a request and cannot wait |
//! | `reports` | what the service said |
//! | `too_many_requests` | how long nobody goes after a 429 |
//! | `wakeups` | which waiting jobs are woken, and when |
//! | `phone` | a phone of the team, which is held and not used up |
//! | `spread` | when the messages of a list ask, one after the other |
//! | `state` | all but the queue as one row |
//! | `health` | what operators see |

mod breaker;
mod budget;
mod health;
mod permits;
mod phone;
mod queue;
mod reports;
mod reserved;
mod spread;
mod state;
mod token;
mod too_many_requests;
mod wakeups;

use crate::config::Config;
use crate::effects::{Completion, Effect, Input, Millis, ObjectReply, RateLimiterName, Ticket};
use crate::log::{Level, LogLine};
pub use crate::messages::rate_limiter::{Health, Message};
use crate::storage::{self, Migration, Store, Stored, any};
pub use health::health;
use queue::Kind;
use state::{Loaded, State};

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The whole configuration.
    pub config: &'a Config,
    /// The instant.
    pub now: Millis,
}

/// Between two batches of wake-ups: the first seconds after an outage are for the service to recover.
const BATCH_EVERY: Millis = 500;

/// The tables, version by version.
const MIGRATIONS: &[Migration] =
    &[&[state::GATE], &[state::STATE, queue::TABLE, queue::BY_TURN], &[state::QUARANTINED], &[queue::ADD_KEEPS]];

/// The version of the tables.
pub const SCHEMA: usize = MIGRATIONS.len();

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

/// Whether an alarm has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    any(store, "SELECT 1 FROM waiting LIMIT 1", &[])
}

/// The part of the object that lives in memory: a copy of its row.
#[derive(Debug, Default)]
pub struct RateLimiter {
    /// The state as the last step left it; `None` when it is to be read.
    state: Option<Box<State>>,
}

impl RateLimiter {
    /// One step, whole or not at all. What it returns is to be done after the step is stored.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        if let Input::Message(Message::Health(_)) = input {
            let health = health(ctx.store, ctx.now)?;
            return Ok((ObjectReply::LimiterHealth(Box::new(health)), Vec::new()));
        }
        let mut input = Some(input);
        let mut done = (ObjectReply::Done, Vec::new());
        // A step that fails leaves none: the next one reads the row.
        let mut kept = self.state.take();
        ctx.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let name = match &input {
                Input::Message(Message::Permit(name, _) | Message::Report(name, _) | Message::Spread(name, _)) => {
                    Some(name)
                }
                _ => None,
            };
            let known = kept.take().map(|state| Loaded { state: state.named(name), afresh: false });
            let Some(Loaded { state, afresh }) =
                known.map_or_else(|| State::load(ctx.store, name, ctx.now), |it| Ok(Some(it)))?
            else {
                return Ok(());
            };
            let mut step = Step { ctx: *ctx, state: state.clone(), effects: Vec::new() };
            if afresh {
                step.log("state.quarantined", String::new());
            }
            step.state.follow_clock(ctx.store, ctx.now)?;
            let reply = step.take(input)?;
            if afresh || step.state != state {
                step.state.at = ctx.now;
                step.state.save(ctx.store)?;
            }
            kept = Some(Box::new(step.state));
            done = (reply, step.effects);
            Ok(())
        })?;
        self.state = kept;
        Ok(done)
    }
}

/// A step under way.
struct Step<'a> {
    ctx: StepContext<'a>,
    state: State,
    effects: Vec<Effect>,
}

impl Step<'_> {
    fn take(&mut self, input: Input<Message>) -> Stored<ObjectReply> {
        match input {
            Input::Message(Message::Permit(name, request)) => {
                if let RateLimiterName::Phone { .. } = name {
                    return Ok(ObjectReply::Permit(self.state.phone.hold(&request, self.ctx.now)));
                }
                let permit = self.permit(&request)?;
                self.wake_due(self.is_alarm_overdue())?;
                return Ok(ObjectReply::Permit(permit));
            }
            Input::Message(Message::Spread(_, asked)) => return Ok(ObjectReply::SpreadFrom(self.spread(&asked))),
            Input::Message(Message::Report(_, report)) => self.report(&report)?,
            Input::Completed(_, Completion::Response(outcome)) => self.on_token_response(outcome),
            // Answered before a step begins.
            Input::Message(Message::Health(_)) | Input::Completed(..) | Input::Wake => {}
        }
        self.wake_due(true)?;
        Ok(ObjectReply::Done)
    }

    /// Help Scout counts a write as 2 (Rate limiting). Of a sender nothing is read, so there is nothing to tell apart.
    fn breaker_request<'r>(&self, id: &'r str, cost: i64) -> breaker::Request<'r> {
        breaker::Request { id, write: self.state.name == RateLimiterName::HelpScout && cost > 1 }
    }

    /// Help Scout's token, when there is one; another one is fetched when it is time. Else when to ask again.
    fn token(&mut self) -> Result<String, Millis> {
        let (state, now) = (&mut self.state, self.ctx.now);
        if state.name != RateLimiterName::HelpScout {
            return Ok(String::new());
        }
        if let Some(request) = state.token.fetch(self.ctx.config, now) {
            self.effects.push(Effect::Send(Ticket { job: 0, nonce: 0 }, request, String::new()));
        }
        state.token.get(now).map(str::to_owned).ok_or(state.token.fetch_at())
    }

    /// Whether only writes fail. Then reads go on, and only a write can probe whether the service is back.
    fn is_readable(&self) -> bool {
        self.state.breaker.open().is_some() && self.state.breaker.is_readable()
    }

    /// Which requests may go.
    fn permitted_kind(&self) -> Kind {
        if self.is_readable() { Kind::Reads } else { Kind::Any }
    }

    /// Which requests may probe whether the service is back.
    fn probe_kind(&self) -> Kind {
        if self.is_readable() { Kind::Writes } else { Kind::Any }
    }

    fn log(&mut self, event: &'static str, subject: String) {
        let level = if event == "service.back" { Level::Info } else { Level::Error };
        self.effects.push(Effect::Log(LogLine::new(level, event).about(subject)));
    }
}
