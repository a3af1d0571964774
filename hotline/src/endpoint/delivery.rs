//! One try to deliver an event, and what its answer means.

use protocol::v1::{EndpointTest, EventType};
use serde_json::json;

use super::row::{Endpoint as Row, Failing};
use super::{Endpoint, StepContext};
use crate::config::ApiScope;
use crate::deliveries;
use crate::domain::time::timestamp;
use crate::effects::{Effect, LEASE, Millis, Outcome};
use crate::json;
use crate::log::{Level, LogLine};
use crate::messages::endpoint::Delivery;
use crate::messages::event::StoredEvent;
use crate::storage::Stored;

/// Deliveries at once, of different people.
const AT_ONCE: usize = 20;

/// An address to which nothing could be delivered for so long is switched off.
const OFF_AFTER: Millis = 72 * 3_600_000;

/// An address that says so wants no more (Standard Webhooks 1.0).
const GONE: u16 = 410;

impl Endpoint {
    /// Whether another delivery may begin.
    pub(super) fn has_room(&mut self, ctx: &StepContext) -> bool {
        self.in_flight.count(ctx.now) < AT_ONCE
    }

    /// Begins whatever is due and has room.
    pub(super) fn deliver(&mut self, ctx: &StepContext, endpoint: &mut Row, effects: &mut Vec<Effect>) -> Stored<()> {
        if endpoint.off.is_some() || !self.has_room(ctx) {
            return Ok(());
        }
        for waiting in deliveries::due(ctx.store, ctx.now, AT_ONCE - self.in_flight.count(ctx.now))? {
            let event = &waiting.event;
            let body = body(ctx, endpoint, event);
            let Some(signatures) = endpoint.secrets.sign(ctx, &event.id, &body) else {
                endpoint.switch_off(
                    ctx,
                    "SESSION_SECRET was changed, so its secret is gone: POST …/rotate makes another one",
                );
                return Ok(());
            };
            // By then an answer that is lost does not come any more.
            deliveries::put_off(ctx.store, waiting.number, ctx.now + LEASE, waiting.attempts)?;
            let (url, id, timestamp) = (endpoint.settings.url.clone(), event.id.clone(), ctx.now / 1_000);
            let ticket = self.in_flight.begin(waiting.number, ctx.now, ());
            effects.push(Effect::Deliver(ticket, Delivery { url, id, timestamp, signatures, body }));
        }
        Ok(())
    }
}

/// What is sent: the same at every try, as long as its program may see the same.
fn body(ctx: &StepContext, endpoint: &Row, event: &StoredEvent) -> String {
    let with_numbers = endpoint.key(ctx).is_some_and(|key| key.has(ApiScope::PeopleRead));
    json!({ "type": event.kind, "timestamp": timestamp(event.at), "data": event.data(with_numbers) }).to_string()
}

/// The address has answered, or has not.
pub(super) fn on_answer(
    ctx: &StepContext,
    endpoint: &mut Row,
    delivery: i64,
    outcome: &Outcome,
    effects: &mut Vec<Effect>,
) -> Stored<()> {
    let Some(attempts) = deliveries::attempts(ctx.store, delivery)? else { return Ok(()) };
    let reason = match outcome {
        Outcome::Answered(response) if response.is_success() => {
            endpoint.failing = None;
            return deliveries::remove(ctx.store, delivery);
        }
        Outcome::Answered(response) if response.status == GONE => {
            endpoint.switch_off(ctx, "its address answered 410 Gone");
            return deliveries::put_off(ctx.store, delivery, ctx.now, attempts);
        }
        Outcome::Answered(response) if (300..400).contains(&response.status) => {
            format!("its address answered {}: nobody follows it elsewhere", response.status)
        }
        Outcome::Answered(response) => format!("its address answered {}", response.status),
        Outcome::TimedOut => "its address did not answer within 10 seconds".to_owned(),
        Outcome::Lost => "its address could not be reached".to_owned(),
    };
    let since = endpoint.failing.as_ref().map_or(ctx.now, |failing| failing.since);
    if ctx.now - since >= OFF_AFTER {
        endpoint.switch_off(ctx, &format!("nothing could be delivered for three days; {reason}"));
        return deliveries::put_off(ctx.store, delivery, ctx.now, attempts);
    }
    endpoint.failing = Some(Failing { since, reason });
    let Some(wait) = deliveries::wait(attempts) else {
        effects.push(Effect::Log(LogLine::new(Level::Warning, "endpoint.passed_over").about(ctx.name)));
        return deliveries::remove(ctx.store, delivery);
    };
    deliveries::put_off(ctx.store, delivery, ctx.now + wait, attempts + 1)
}

/// What an endpoint is tested with. No part of people gives such an id.
pub(super) fn test_event(ctx: &StepContext) -> StoredEvent {
    StoredEvent {
        id: format!("evt_{:011x}test", ctx.now.max(0)),
        at: ctx.now,
        person: String::new(),
        kind: EventType::EndpointTest.as_str().to_owned(),
        data: json::written(&EndpointTest { endpoint: ctx.name.to_owned() }),
    }
}
