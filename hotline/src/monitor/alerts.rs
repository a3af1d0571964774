//! Operators are told of what two runs in a row have found, once; and that it is over by the first run that does not find it.

use serde_json::json;

use super::StepContext;
use super::alert_rows::{self, Alert};
use crate::config::Hotline;
use crate::deliveries;
use crate::domain::time::timestamp;
use crate::effects::{Effect, LEASE, Millis, Outcome};
use crate::health::{Code, Facts, Look, Reason, reasons, repair_of};
use crate::jobs::InFlight;
use crate::log::{Level, LogLine};
use crate::messages::endpoint::Delivery;
use crate::messages::event::StoredEvent;
use crate::storage::Stored;

/// So many runs in a row must find it: what passes by itself within ten minutes wakes nobody.
const RUNS: i64 = 2;

/// Alerts that are delivered at once.
const AT_ONCE: usize = 10;

/// How soon it is looked again whether there is an address and a secret.
const UNCONFIGURED_AGAIN: Millis = 60 * 60_000;

/// What operators are told of an alert.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Raised,
    Cleared,
}

impl Told {
    fn kind(self) -> &'static str {
        match self {
            Self::Raised => "alert.raised",
            Self::Cleared => "alert.cleared",
        }
    }

    /// In the order in which they are delivered.
    fn place(self) -> u8 {
        match self {
            Self::Raised => 1,
            Self::Cleared => 2,
        }
    }
}

/// Compares what is wrong with what was.
pub(super) fn evaluate(ctx: &StepContext, facts: &Facts) -> Stored<()> {
    let hotlines: Vec<_> = ctx.config.shown_hotlines().collect();
    let look = Look { config: ctx.config, hotlines: &hotlines, facts, now: ctx.now };
    let found = reasons(look);
    let mut known = alert_rows::all(ctx.store)?;
    for reason in &found {
        let mailbox = reason.mailbox.unwrap_or(0);
        let place = known.iter().position(|alert| is_of(alert, reason.code, mailbox));
        let mut alert = place.map_or_else(|| first_seen(ctx, reason), |place| known.swap_remove(place));
        alert.runs += 1;
        alert.detail.clone_from(&reason.detail);
        if alert.runs >= RUNS && alert.raised_at.is_none() && !is_consequence(reason.code, &found) {
            alert.raised_at = Some(ctx.now);
            tell(ctx, &alert, Told::Raised)?;
        }
        alert_rows::save(ctx.store, &alert)?;
    }
    // Of what could not be looked at nobody knows whether it is over.
    for alert in known.iter().filter(|alert| was_looked_at(facts, alert)) {
        if alert.raised_at.is_some() {
            tell(ctx, alert, Told::Cleared)?;
        }
        alert_rows::remove(ctx.store, alert)?;
    }
    Ok(())
}

fn is_of(alert: &Alert, code: Code, mailbox: u64) -> bool {
    alert.code == code.as_str() && alert.mailbox == mailbox
}

fn first_seen(ctx: &StepContext, reason: &Reason) -> Alert {
    Alert {
        code: reason.code.as_str().to_owned(),
        mailbox: reason.mailbox.unwrap_or(0),
        since: reason.since.unwrap_or(ctx.now),
        runs: 0,
        raised_at: None,
        detail: String::new(),
    }
}

/// While a service is away, that work waits for it is no news.
fn is_consequence(code: Code, found: &[Reason]) -> bool {
    let is_of_a_service =
        |reason: &Reason| ["helpscout_", "twilio_"].iter().any(|it| reason.code.as_str().starts_with(it));
    code == Code::JobsWaiting && found.iter().any(is_of_a_service)
}

/// Whether the object has answered by which it would be known.
fn was_looked_at(facts: &Facts, alert: &Alert) -> bool {
    match alert.code.as_str() {
        "storage_unreachable" => true,
        code if code.starts_with("helpscout_") && alert.mailbox == 0 => facts.helpscout.is_some(),
        code if code.starts_with("twilio_") => facts.senders.values().all(Option::is_some),
        _ => facts.directories.get(&alert.mailbox).is_none_or(Option::is_some),
    }
}

/// Puts what operators are told behind what they were told of the same alert before.
fn tell(ctx: &StepContext, alert: &Alert, told: Told) -> Stored<()> {
    if ctx.config.alerts.webhook.is_none() {
        return Ok(());
    }
    let raised_at = alert.raised_at.unwrap_or(ctx.now).max(0);
    let id = format!("alert_{raised_at:011x}_{}_{}", alert.code, alert.mailbox);
    let code = Code::read(&alert.code);
    let hotline = ctx.config.shown_hotlines().find(|hotline| hotline.mailbox == alert.mailbox && alert.mailbox != 0);
    let data = json!({
        "id": id,
        "code": alert.code,
        "status": code.map(Code::status),
        "hotline": hotline.map(Hotline::api_name),
        "since": timestamp(alert.since),
        "cleared_at": (told == Told::Cleared).then(|| timestamp(ctx.now)),
        "detail": alert.detail,
        "repair": code.map(repair_of),
    });
    let event = StoredEvent {
        id: format!("{id}_{}", told.place()),
        at: ctx.now,
        person: String::new(),
        kind: told.kind().to_owned(),
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
