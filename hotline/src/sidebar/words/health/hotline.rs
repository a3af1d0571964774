//! One hotline: what waits, what failed, how quick it is, what its texts leave from.

use protocol::health::{Durations, FailedJobs, FailedReason, Health, HotlineHealth, SenderHealth, SenderKind, Waiting};

use super::{Clock, Fact, counted, is_wrong, took};
use crate::domain::phone::E164;
use crate::twilio::errors::explain;

/// What an operator asks of a hotline, the most urgent first.
pub fn hotline(health: &Health, of: &HotlineHealth, clock: Clock) -> Vec<Fact> {
    let wrong = |code| is_wrong(health, code, Some(&of.hotline));
    vec![
        Fact::new("Waiting", waiting(&of.waiting, clock), wrong("jobs_waiting")),
        Fact { name: "Failed", lines: failed(&of.failed, clock), is_wrong: wrong("jobs_failed") },
        Fact::new("Quarantined", quarantined(of.quarantined), wrong("jobs_quarantined")),
        Fact::new("Text to Help Scout", durations(of.text_to_helpscout), false),
        Fact::new("Reply to phone", durations(of.reply_to_phone), false),
        Fact::new("Opted out", people(of.opt_outs), false),
        Fact {
            name: "Senders",
            lines: of.senders.iter().map(sender).collect(),
            is_wrong: wrong("sender_not_ours") || wrong("no_sender"),
        },
    ]
}

fn people(count: i64) -> String {
    match u64::try_from(count).unwrap_or_default() {
        0 => "Nobody".to_owned(),
        count => counted(count, "person", "people"),
    }
}

fn waiting(waiting: &Waiting, clock: Clock) -> String {
    if waiting.jobs == 0 {
        return "Nothing".to_owned();
    }
    let lanes = [
        (waiting.lanes.helpscout, "for Help Scout"),
        (waiting.lanes.phone, "for phones"),
        (waiting.lanes.calls, "for calls"),
    ];
    let lanes: Vec<String> =
        lanes.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let of = if waiting.people > 0 { format!(" of {}", people(waiting.people)) } else { String::new() };
    let oldest = waiting.oldest_at.map_or(String::new(), |at| format!(", the oldest {}", clock.since(at)));
    let lanes = if lanes.is_empty() { String::new() } else { format!(": {}", lanes.join(", ")) };
    format!("{}{of}{oldest}{lanes}", counted(waiting.jobs, "job", "jobs"))
}

fn failed(failed: &FailedJobs, clock: Clock) -> Vec<String> {
    if failed.last_day == 0 {
        return vec!["Nothing in the last day".to_owned()];
    }
    let count = format!("{} in the last day", counted(failed.last_day, "job", "jobs"));
    let reason = |it: &FailedReason| format!("{} × {}, last {}", it.count, why(&it.code), clock.when(it.last_at));
    [count].into_iter().chain(failed.reasons.iter().map(reason)).collect()
}

/// Why something was given up. The codes are those of `directory`'s `failure_code`.
fn why(code: &str) -> String {
    if let Some(error) = code.strip_prefix("twilio_").and_then(|error| error.parse().ok()) {
        return format!("Twilio error {error}: {}", explain(error).words.trim_end_matches('.'));
    }
    match code {
        "text" => "Help Scout did not take what somebody said",
        "note" => "Help Scout did not take a note",
        "voicemail" => "Twilio lost a recording",
        "call" => "a call of which nobody knows who called",
        "phones_not_rung" => "phones were not rung: Twilio begins one call a second",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

fn quarantined(count: u32) -> String {
    match count {
        0 => "Nothing".to_owned(),
        count => format!("{} that this release cannot read", counted(count, "job", "jobs")),
    }
}

fn durations(known: Durations) -> String {
    match (known.median_ms, known.worst_ms) {
        (Some(median), Some(worst)) if known.count > 1 => {
            format!("Half within {}, worst {}, of {} in the last day", took(median), took(worst), known.count)
        }
        (_, Some(worst)) if known.count == 1 => format!("{}, of 1 in the last day", took(worst)),
        _ => "None in the last day".to_owned(),
    }
}

fn sender(sender: &SenderHealth) -> String {
    let name = E164::parse(&sender.sender).map_or_else(|| sender.sender.clone(), |number| number.readable());
    let kind = match sender.kind {
        SenderKind::Number => "",
        SenderKind::MessagingService => " (Messaging Service)",
        SenderKind::Whatsapp => " (WhatsApp)",
    };
    let ours = match (sender.ours, sender.kind) {
        (Some(true), _) => ": in our Twilio account",
        (Some(false), _) => ": not in our Twilio account",
        (None, SenderKind::Number) => ": not looked at yet",
        // The cron looks at numbers alone.
        (None, _) => "",
    };
    [&name, kind, ours].concat()
}
