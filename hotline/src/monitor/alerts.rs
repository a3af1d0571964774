//! Operators are told of what two runs in a row have found, once; and that it is over by the first run that does not find it.

use super::StepContext;
use super::alert_news::{News, Told};
use super::alert_rows::{self, Alert};
use super::{alert_notes, alert_webhook};
use crate::config::Hotline;
use crate::health::{Code, Facts, Look, Reason, reasons};
use crate::storage::Stored;

/// So many runs in a row must find it: what passes by itself within ten minutes wakes nobody.
const RUNS: i64 = 2;

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

/// Operators are told wherever they want to be.
fn tell(ctx: &StepContext, alert: &Alert, told: Told) -> Stored<()> {
    let hotline = ctx.config.shown_hotlines().find(|hotline| hotline.mailbox == alert.mailbox && alert.mailbox != 0);
    let news = News { told, alert, hotline: hotline.map(Hotline::api_name), at: ctx.now };
    alert_webhook::add(ctx, &news)?;
    alert_notes::add(ctx, &news)
}
