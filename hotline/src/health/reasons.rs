//! What is wrong, by what the objects have said.

use protocol::health::{Credentials, WebhookState};

use super::codes::Code;
use super::{Look, senders_of};
use crate::config::Hotline;
use crate::effects::{Millis, Trouble};
use crate::messages::directory;
use crate::messages::monitor::Monitored;

const MINUTE: Millis = 60_000;

/// So long without a run, and the cron counts as gone: two runs are missed.
const CRON_STALE: Millis = 30 * MINUTE;

/// An erasure that takes longer does not end by itself: Twilio ends each delivery within hours.
const ERASE_STUCK: Millis = 3 * 24 * 60 * MINUTE;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What.
    pub code: Code,
    /// The inbox of the hotline; `None` for what concerns all.
    pub mailbox: Option<u64>,
    /// Since when, as far as is known.
    pub since: Option<Millis>,
    /// In words.
    pub detail: String,
}

/// Everything that is wrong, the worst first.
pub fn reasons(look: Look) -> Vec<Reason> {
    let mut found = Vec::new();
    storage(look, &mut found);
    helpscout(look, &mut found);
    twilio(look, &mut found);
    if let Some(known) = &look.facts.monitored {
        monitored(look, known, &mut found);
    }
    for hotline in look.hotlines {
        if let Some(health) = look.facts.directory(hotline.mailbox) {
            of_hotline(look, hotline, health, &mut found);
        }
    }
    found.sort_by_key(|reason| (std::cmp::Reverse(reason.code.status()), reason.code, reason.mailbox));
    found
}

fn for_all(code: Code, since: Option<Millis>, detail: impl Into<String>) -> Reason {
    Reason { code, mailbox: None, since, detail: detail.into() }
}

fn storage(look: Look, found: &mut Vec<Reason>) {
    let facts = look.facts;
    for (mailbox, health) in &facts.directories {
        if health.is_none() {
            let mailbox = (*mailbox != super::NO_HOTLINE).then_some(*mailbox);
            let detail = "The object of the hotline could not be reached.".to_owned();
            found.push(Reason { code: Code::StorageUnreachable, mailbox, since: None, detail });
        }
    }
    let is_limiter_away = facts.helpscout.is_none() || facts.senders.values().any(Option::is_none);
    if is_limiter_away || facts.monitored.is_none() {
        let detail = "An object that all hotlines share could not be reached.";
        found.push(for_all(Code::StorageUnreachable, None, detail));
    }
}

fn helpscout(look: Look, found: &mut Vec<Reason>) {
    let Some(health) = &look.facts.helpscout else { return };
    if let Some((since, words)) = &health.away {
        let code =
            if health.trouble.is_some_and(is_refusal) { Code::HelpscoutRefused } else { Code::HelpscoutUnreachable };
        found.push(for_all(code, Some(*since), format!("Help Scout: {words}.")));
    }
}

/// Whether the service answers, and takes nothing from us.
pub(super) fn is_refusal(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::TokenRefused | Trouble::NoToken(400..=499) | Trouble::AccountRefused)
}

/// The open breakers of senders: the first that opened, and why.
pub(super) fn closed_senders(look: Look<'_>) -> Option<(Millis, Option<Trouble>, &str)> {
    let open = look.facts.senders.values().flatten().filter_map(|health| {
        let (since, words) = health.away.as_ref()?;
        Some((*since, health.trouble, words.as_str()))
    });
    open.min_by_key(|(since, ..)| *since)
}

fn twilio(look: Look, found: &mut Vec<Reason>) {
    let seen = look.facts.monitored.as_ref().and_then(|known| known.twilio.as_ref());
    let open = closed_senders(look);
    let refused = seen.filter(|seen| seen.is == Credentials::Refused);
    let inactive = look.facts.monitored.as_ref().and_then(|known| known.inactive.clone());
    if let Some(words) = inactive {
        let detail = format!("Twilio says that the account is {words}.");
        found.push(for_all(Code::TwilioRefused, seen.map(|seen| seen.since), detail));
    } else if let Some(seen) = refused {
        found.push(for_all(Code::TwilioRefused, Some(seen.since), "Twilio refuses our credentials."));
    } else if let Some((since, trouble, words)) = open {
        let code = if trouble.is_some_and(is_refusal) { Code::TwilioRefused } else { Code::TwilioUnreachable };
        found.push(for_all(code, Some(since), format!("Twilio: {words}.")));
    } else if let Some(seen) = seen.filter(|seen| seen.is == Credentials::Unreachable) {
        found.push(for_all(Code::TwilioUnreachable, Some(seen.since), "Twilio does not answer."));
    }
}

fn monitored(look: Look, known: &Monitored, found: &mut Vec<Reason>) {
    if let Some(seen) = known.webhook {
        match seen.is {
            WebhookState::Disabled => {
                let detail = "Help Scout has switched our webhook off: replies are only noticed by the cron.";
                found.push(for_all(Code::WebhookDisabled, Some(seen.since), detail));
            }
            WebhookState::Missing => {
                let detail = "Help Scout has no webhook with our address: replies are only noticed by the cron.";
                found.push(for_all(Code::WebhookMissing, Some(seen.since), detail));
            }
            WebhookState::Enabled | WebhookState::Unknown => {}
        }
    }
    if let (Some(since), Some((amount, currency))) = (known.balance_low_since, &known.balance) {
        found.push(for_all(Code::BalanceLow, Some(since), format!("Twilio's account has {amount} {currency} left.")));
    }
    let deployed = look.config.version.uploaded_at.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let last_sign = known.last_run_at.max(deployed.map(jiff::Timestamp::as_millisecond));
    if let Some(since) = last_sign.filter(|at| look.now - at > CRON_STALE) {
        let minutes = (look.now - since) / MINUTE;
        let detail = format!("The task that runs every ten minutes has not run for {minutes} minutes.");
        found.push(for_all(Code::CronStale, Some(since), detail));
    }
    for (mailbox, since) in &known.refused_inboxes {
        if look.hotlines.iter().any(|hotline| hotline.mailbox == *mailbox) {
            let detail = "Help Scout does not show us the hotline's inbox.".to_owned();
            found.push(Reason { code: Code::HelpscoutRefused, mailbox: Some(*mailbox), since: Some(*since), detail });
        }
    }
}

fn of_hotline(look: Look, hotline: &Hotline, health: &directory::Health, found: &mut Vec<Reason>) {
    let mut add = |code, since, detail| found.push(Reason { code, mailbox: Some(hotline.mailbox), since, detail });
    senders(look, hotline, &mut add);
    let (work, now) = (&health.work, look.now);
    let late = Millis::from(look.config.alerts.waiting_minutes) * MINUTE;
    if let Some(oldest) = work.oldest.filter(|oldest| now - oldest > late) {
        let minutes = (now - oldest) / MINUTE;
        let detail = format!("{} jobs wait, the oldest for {minutes} minutes.", work.jobs());
        add(Code::JobsWaiting, Some(oldest), detail);
    }
    let failed: u32 = health.failed.iter().map(|failed| failed.count).sum();
    if failed > 0 {
        let since = health.failed.iter().map(|failed| failed.first).min();
        add(Code::JobsFailed, since, format!("{failed} jobs were given up in the last day."));
    }
    if work.quarantined > 0 {
        add(Code::JobsQuarantined, None, format!("This release cannot read {} jobs.", work.quarantined));
    }
    if let Some(since) = work.erasing.filter(|since| now - since > ERASE_STUCK) {
        add(Code::EraseStuck, Some(since), "An erasure has been under way for more than three days.".to_owned());
    }
}

fn senders(look: Look, hotline: &Hotline, add: &mut impl FnMut(Code, Option<Millis>, String)) {
    let Some(known) = &look.facts.monitored else { return };
    let all = senders_of(hotline);
    let seen: Vec<_> = all.iter().filter_map(|sender| Some((sender, known.senders.get(sender)?))).collect();
    let lost: Vec<_> = seen.iter().filter(|(_, seen)| !seen.is).collect();
    let Some(since) = lost.iter().map(|(_, seen)| seen.since).min() else { return };
    if lost.len() == all.len() {
        add(Code::NoSender, Some(since), "None of the hotline's senders is the Twilio account's.".to_owned());
    } else {
        let names: Vec<&str> = lost.iter().map(|(sender, _)| sender.as_str()).collect();
        add(Code::SenderNotOurs, Some(since), format!("Not the Twilio account's: {}.", names.join(", ")));
    }
}
