//! Twilio, Help Scout, and what runs here.

use protocol::Timestamp;
use protocol::health::{Breaker, Credentials, Health, Webhook, WebhookState};

use super::{Clock, Fact, is_wrong, took};

/// What is known of Twilio.
pub fn twilio(health: &Health, clock: Clock) -> Vec<Fact> {
    let twilio = &health.twilio;
    let balance = twilio.balance.as_ref().map(|it| format!("{} {}", it.amount, it.currency));
    vec![
        credentials(twilio.credentials, twilio.checked_at, clock),
        breaker("Texts", twilio.breaker, twilio.breaker_since, clock),
        Fact::new("Balance", balance.unwrap_or_else(unknown), is_wrong(health, "balance_low", None)),
    ]
}

/// What is known of Help Scout.
pub fn helpscout(health: &Health, clock: Clock) -> Vec<Fact> {
    let helpscout = &health.helpscout;
    let mut facts = vec![
        credentials(helpscout.credentials, helpscout.checked_at, clock),
        breaker("Requests", helpscout.breaker, helpscout.breaker_since, clock),
    ];
    if let (Some(left), Some(limit)) = (helpscout.remaining, helpscout.limit_per_minute) {
        facts.push(Fact::new("This minute", format!("{left} of {limit} requests are left"), false));
    }
    facts.extend(webhook(helpscout.webhook, clock));
    facts
}

/// What runs here.
pub fn ringside(health: &Health, clock: Clock) -> Vec<Fact> {
    let cron = match (health.cron.last_run_at, health.cron.took_ms) {
        (None, _) => "Has not run yet".to_owned(),
        (Some(at), None) => format!("Ran {}", clock.when(at)),
        (Some(at), Some(ms)) => format!("Ran {}, for {}", clock.when(at), took(ms)),
    };
    let version = &health.version;
    let deployed = version.deployed_at.map_or(String::new(), |at| format!(", deployed {}", clock.when(at)));
    vec![
        Fact::new("Cron", cron, is_wrong(health, "cron_stale", None)),
        Fact::new("Release", format!("{}{deployed}", version.release), false),
    ]
}

fn unknown() -> String {
    "Not looked at yet".to_owned()
}

fn credentials(credentials: Credentials, checked_at: Option<Timestamp>, clock: Clock) -> Fact {
    let words = match credentials {
        Credentials::Ok => "Taken",
        Credentials::Refused => "Refused",
        Credentials::Unreachable => "Nobody answers",
        Credentials::Unknown => return Fact::new("Credentials", unknown(), false),
    };
    let checked = checked_at.map_or(String::new(), |at| format!(", seen {}", clock.when(at)));
    Fact::new("Credentials", format!("{words}{checked}"), credentials != Credentials::Ok)
}

/// Whether requests leave: nothing does while the breaker is open (ARCHITECTURE.md).
fn breaker(name: &'static str, breaker: Breaker, since: Option<Timestamp>, clock: Clock) -> Fact {
    let words = match breaker {
        Breaker::Closed => return Fact::new(name, "Leave", false),
        Breaker::Open => "Wait",
        Breaker::HalfOpen => "Wait, one is tried",
    };
    let since = since.map_or(String::new(), |at| format!(", {}", clock.since(at)));
    Fact::new(name, format!("{words}{since}"), true)
}

fn webhook(webhook: Webhook, clock: Clock) -> [Fact; 2] {
    let seen = webhook.checked_at.map_or(String::new(), |at| format!(", seen {}", clock.when(at)));
    let (state, is_wrong) = match webhook.state {
        WebhookState::Enabled => ("On", false),
        WebhookState::Disabled => ("Switched off by Help Scout", true),
        WebhookState::Missing => ("There is none with our address", true),
        WebhookState::Unknown => ("Not looked at yet", false),
    };
    let fired = webhook.last_received_at.map_or_else(|| "Never".to_owned(), |at| clock.when(at));
    [Fact::new("Webhook", format!("{state}{seen}"), is_wrong), Fact::new("It last fired", fired, false)]
}
