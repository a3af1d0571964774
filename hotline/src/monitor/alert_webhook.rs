//! Alerts are posted to the operators' address, signed as Standard Webhooks.

use serde_json::json;

use super::StepContext;
use super::alert_news::{News, Told};
use crate::deliveries;
use crate::domain::time::timestamp;
use crate::effects::{Effect, LEASE, Millis, Outcome};
use crate::health::Code;
use crate::jobs::InFlight;
use crate::log::{Level, LogLine};
use crate::messages::endpoint::Delivery;
use crate::messages::event::StoredEvent;
use crate::storage::Stored;

/// Alerts that are delivered at once.
const AT_ONCE: usize = 10;

/// How soon it is looked again whether there is an address and a secret.
const UNCONFIGURED_AGAIN: Millis = 60 * 60_000;

/// Puts what operators are told behind what they were told of the same alert before.
pub(super) fn add(ctx: &StepContext, news: &News) -> Stored<()> {
    if ctx.config.alerts.webhook.is_none() {
        return Ok(());
    }
    let (id, alert) = (news.id(), news.alert);
    let data = json!({
        "id": id,
        "code": alert.code,
        "status": news.code().map(Code::status),
        "hotline": news.hotline,
        "since": timestamp(alert.since),
        "cleared_at": (news.told == Told::Cleared).then(|| timestamp(news.at)),
        "detail": alert.detail,
        "repair": news.repair(),
    });
    let event = StoredEvent {
        id: format!("{id}_{}", news.told.place()),
        at: news.at,
        person: String::new(),
        kind: news.told.kind().to_owned(),
        data: data.to_string(),
    };
    deliveries::add(ctx.store, &id, &event, ctx.now).map(drop)
}

/// Begins whatever is due and has room.
pub(super) fn deliver(ctx: &StepContext, in_flight: &mut InFlight<()>, effects: &mut Vec<Effect>) -> Stored<()> {
    for waiting in deliveries::due(ctx.store, ctx.now, AT_ONCE.saturating_sub(in_flight.count(ctx.now)))? {
        let event = &waiting.event;
        let body =
            format!(r#"{{"type":"{}","timestamp":"{}","data":{}}}"#, event.kind, timestamp(event.at), event.data);
        let signed_at = ctx.now / 1_000;
        let secrets = ctx.config.secrets.alert_webhook_secrets();
        let signatures: Vec<String> = secrets.map(|secret| secret.sign(&event.id, signed_at, &body)).collect();
        let Some(url) = ctx.config.alerts.webhook.clone().filter(|_| !signatures.is_empty()) else {
            deliveries::put_off(ctx.store, waiting.number, ctx.now + UNCONFIGURED_AGAIN, waiting.attempts)?;
            continue;
        };
        // By then an answer that is lost does not come any more.
        deliveries::put_off(ctx.store, waiting.number, ctx.now + LEASE, waiting.attempts)?;
        let ticket = in_flight.begin(waiting.number, ctx.now, ());
        let (id, signatures) = (event.id.clone(), signatures.join(" "));
        effects.push(Effect::Deliver(ticket, Delivery { url, id, timestamp: signed_at, signatures, body }));
    }
    Ok(())
}

/// The address has answered, or has not. After three days it is passed over, and what follows is told.
pub(super) fn on_answer(ctx: &StepContext, delivery: i64, outcome: &Outcome, effects: &mut Vec<Effect>) -> Stored<()> {
    let Some(attempts) = deliveries::attempts(ctx.store, delivery)? else { return Ok(()) };
    if matches!(outcome, Outcome::Answered(response) if response.is_success()) {
        return deliveries::remove(ctx.store, delivery);
    }
    let Some(wait) = deliveries::wait(attempts) else {
        effects.push(Effect::Log(LogLine::new(Level::Error, "alert.passed_over")));
        return deliveries::remove(ctx.store, delivery);
    };
    effects.push(Effect::Log(LogLine::new(Level::Warning, "alert.not_delivered")));
    deliveries::put_off(ctx.store, delivery, ctx.now + wait, attempts + 1)
}
