//! Health as it is shown.

use std::collections::BTreeMap;

use protocol::health::{
    Balance, Breaker, Count, Credentials, Cron, Day, Durations, FailedJobs, FailedReason, Health, HelpScout,
    HotlineHealth, Lanes, Removed, Retention, SenderHealth, SenderKind, Status, Twilio, Version, Waiting, Webhook,
    WebhookState,
};

use super::reasons::{Reason, closed_senders, is_refusal, reasons};
use super::{Look, repair_of};
use crate::config::Hotline;
use crate::domain::time::{day_in, timestamp};
use crate::effects::Millis;
use crate::messages::directory;
use crate::messages::facts::DayCounts;

/// Days that are shown.
const DAYS: usize = 14;

/// All that is known, as programs read it.
pub fn view(look: Look) -> Health {
    let reasons = reasons(look);
    let monitored = look.facts.monitored.as_deref();
    let status = worst(reasons.iter());
    let belongs_to_none = look.facts.directory(super::NO_HOTLINE);
    Health {
        status,
        at: timestamp(look.now),
        version: Version {
            release: env!("CARGO_PKG_VERSION").to_owned(),
            id: look.config.version.id.clone(),
            deployed_at: look.config.version.uploaded_at.as_ref().and_then(|at| at.parse().ok()),
            schema: look.config.version.schema,
            classes: crate::CLASSES.map(str::to_owned).to_vec(),
        },
        cron: Cron {
            last_run_at: monitored.and_then(|known| known.last_run_at).map(timestamp),
            took_ms: monitored.and_then(|known| known.took_ms),
        },
        twilio: twilio(look),
        helpscout: helpscout(look),
        hotlines: look.hotlines.iter().map(|hotline| of_hotline(look, hotline, &reasons)).collect(),
        counts: belongs_to_none.map(counts).unwrap_or_default(),
        reasons: reasons.iter().map(|reason| shown(look, reason)).collect(),
    }
}

fn worst<'a>(reasons: impl Iterator<Item = &'a Reason>) -> Status {
    reasons.map(|reason| reason.code.status()).max().unwrap_or_default()
}

fn shown(look: Look, reason: &Reason) -> protocol::health::Reason {
    let hotline = look.hotlines.iter().find(|hotline| Some(hotline.mailbox) == reason.mailbox);
    protocol::health::Reason {
        code: reason.code.as_str().to_owned(),
        status: reason.code.status(),
        hotline: hotline.map(|hotline| hotline.api_name().to_owned()),
        since: reason.since.map(timestamp),
        detail: reason.detail.clone(),
        repair: repair_of(reason.code).to_owned(),
    }
}

fn twilio(look: Look) -> Twilio {
    let known = look.facts.monitored.as_deref();
    let seen = known.and_then(|known| known.twilio.as_ref());
    let open = closed_senders(look);
    let is_probing = look.facts.senders.values().flatten().any(|health| health.is_probing);
    let credentials = match open {
        Some((_, Some(trouble), _)) if is_refusal(trouble) => Credentials::Refused,
        _ => seen.map_or(Credentials::Unknown, |seen| seen.is),
    };
    Twilio {
        credentials,
        checked_at: seen.map(|seen| timestamp(seen.at)),
        balance: known.and_then(|known| known.balance.clone()).map(|(amount, currency)| Balance { amount, currency }),
        breaker: breaker(open.is_some(), is_probing),
        breaker_since: open.map(|(since, ..)| timestamp(since)),
    }
}

fn breaker(is_open: bool, is_probing: bool) -> Breaker {
    match (is_open, is_probing) {
        (false, _) => Breaker::Closed,
        (true, false) => Breaker::Open,
        (true, true) => Breaker::HalfOpen,
    }
}

fn helpscout(look: Look) -> HelpScout {
    let events = look.facts.directories.values().flatten().filter_map(|health| health.last_event_at);
    let seen = look.facts.monitored.as_ref().and_then(|known| known.webhook);
    let webhook = Webhook {
        state: seen.map_or(WebhookState::Unknown, |seen| seen.is),
        checked_at: seen.map(|seen| timestamp(seen.at)),
        last_received_at: events.max().map(timestamp),
    };
    let Some(health) = &look.facts.helpscout else { return HelpScout { webhook, ..HelpScout::default() } };
    let credentials = match (health.trouble, health.has_token) {
        (Some(trouble), _) if is_refusal(trouble) => Credentials::Refused,
        (Some(_), false) => Credentials::Unreachable,
        (_, true) => Credentials::Ok,
        (None, false) => Credentials::Unknown,
    };
    HelpScout {
        credentials,
        checked_at: health.token_at.map(timestamp),
        breaker: breaker(health.away.is_some(), health.is_probing),
        breaker_since: health.away.as_ref().map(|(since, _)| timestamp(*since)),
        limit_per_minute: health.minute.map(|(limit, _)| limit),
        remaining: health.minute.map(|(_, left)| left),
        webhook,
    }
}

fn of_hotline(look: Look, hotline: &Hotline, reasons: &[Reason]) -> HotlineHealth {
    let concerns = |reason: &&Reason| reason.mailbox.is_none_or(|mailbox| mailbox == hotline.mailbox);
    let nothing = directory::Health::default();
    let health = look.facts.directory(hotline.mailbox).unwrap_or(&nothing);
    let zone = hotline.hours.as_ref().map(|hours| &hours.time_zone);
    HotlineHealth {
        hotline: hotline.api_name().to_owned(),
        name: hotline.name.clone(),
        mailbox: hotline.mailbox,
        status: worst(reasons.iter().filter(concerns)),
        senders: senders(look, hotline),
        waiting: Waiting {
            jobs: health.work.jobs(),
            people: health.people,
            oldest_at: health.work.oldest.map(timestamp),
            lanes: Lanes { helpscout: health.work.helpscout, phone: health.work.phone, calls: health.work.calls },
        },
        failed: FailedJobs {
            last_day: health.failed.iter().map(|failed| failed.count).sum(),
            reasons: health.failed.iter().map(failed).collect(),
        },
        quarantined: health.work.quarantined,
        opt_outs: health.opted_out,
        days: days(&health.days, &last_days(look.now, |at| day_in(zone, at))),
        text_to_helpscout: durations(health.to_helpscout),
        reply_to_phone: durations(health.to_phone),
        retention: retention(hotline, &health.retention),
        counts: counts(health),
    }
}

fn retention(hotline: &Hotline, known: &directory::RetentionHealth) -> Retention {
    let count = |counted: u64| u32::try_from(counted).unwrap_or(u32::MAX);
    let directory::Removed { texts, media, recordings } = known.removed;
    Retention {
        text_days: hotline.retention.text_days,
        media_days: hotline.retention.media_days,
        recordings_days: hotline.retention.recordings_days,
        last_run_at: known.last_run_at.map(timestamp),
        removed: Removed { texts: count(texts), media: count(media), recordings: count(recordings) },
        held: count(known.held),
    }
}

fn senders(look: Look, hotline: &Hotline) -> Vec<SenderHealth> {
    let kind = |sender: &str| match sender {
        sender if sender.starts_with("MG") => SenderKind::MessagingService,
        sender if sender.starts_with("whatsapp:") => SenderKind::Whatsapp,
        _ => SenderKind::Number,
    };
    let show = |sender: String| {
        let seen = look.facts.monitored.as_ref().and_then(|known| known.senders.get(&sender));
        SenderHealth {
            kind: kind(&sender),
            ours: seen.map(|seen| seen.is),
            checked_at: seen.map(|seen| timestamp(seen.at)),
            sender: sender.trim_start_matches("whatsapp:").to_owned(),
        }
    };
    super::senders_of(hotline).into_iter().map(show).collect()
}

fn failed(failed: &directory::Failed) -> FailedReason {
    FailedReason { code: failed.code.clone(), count: failed.count, last_at: timestamp(failed.last) }
}

fn durations(known: directory::Durations) -> Durations {
    Durations { count: known.count, median_ms: known.median_ms, worst_ms: known.worst_ms }
}

fn counts(health: &directory::Health) -> Vec<Count> {
    let count = |it: &directory::Count| Count {
        what: it.what.clone(),
        count: it.count,
        first: timestamp(it.first),
        last: timestamp(it.last),
    };
    health.counts.iter().map(count).collect()
}

/// The names of the last days, the newest last. Days are shorter or longer by an hour when clocks change.
fn last_days(now: Millis, day_of: impl Fn(Millis) -> String) -> Vec<String> {
    const HALF_A_DAY: Millis = 12 * 3_600_000;
    let mut days: Vec<String> = Vec::new();
    let mut at = now;
    while days.len() < DAYS {
        let day = day_of(at);
        if days.last() != Some(&day) {
            days.push(day);
        }
        at -= HALF_A_DAY;
    }
    days.reverse();
    days
}

fn days(known: &BTreeMap<String, DayCounts>, days: &[String]) -> Vec<Day> {
    let day = |day: &String| {
        let DayCounts { texts_in, texts_out, calls_in, calls_out, voicemails } =
            known.get(day).copied().unwrap_or_default();
        Day { day: day.clone(), texts_in, texts_out, calls_in, calls_out, voicemails }
    };
    days.iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time_zone;

    #[test]
    fn fourteen_days_are_named_also_across_a_change_of_clocks() {
        let zone = time_zone::parse("America/New_York");
        // Half an hour after midnight in New York, a week after the clocks were set back on 1 November.
        let now = "2026-11-08T05:30:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let days = last_days(now, |at| day_in(zone.as_ref(), at));
        assert_eq!((days.len(), days[0].as_str(), days[13].as_str()), (14, "2026-10-26", "2026-11-08"));
        let days = last_days(now, |at| day_in(None, at));
        assert_eq!((days[6].as_str(), days[13].as_str()), ("2026-11-01", "2026-11-08"));
    }
}
