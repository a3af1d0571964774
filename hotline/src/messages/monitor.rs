//! What is said to the object that looks after the whole deployment, and what it knows.

use std::collections::BTreeMap;

use protocol::health::{Credentials, WebhookState};
use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;

/// What is said to the deployment's monitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// The cron has come.
    Run,
    /// What is known? The answer is an `ObjectReply::Monitored`.
    Health,
}

/// What the last runs have found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Monitored {
    /// When the last run ended.
    pub last_run_at: Option<Millis>,
    /// How long it took.
    pub took_ms: Option<Millis>,
    /// The webhook at Help Scout.
    pub webhook: Option<Seen<WebhookState>>,
    /// Inboxes that Help Scout does not show us.
    pub refused_inboxes: BTreeMap<u64, Millis>,
    /// Whether Twilio takes our credentials.
    pub twilio: Option<Seen<Credentials>>,
    /// Why Twilio's account is not active, as Twilio says it.
    pub inactive: Option<String>,
    /// What is left on the account, and of which currency.
    pub balance: Option<(String, String)>,
    /// Since when it is below what the configuration wants.
    pub balance_low_since: Option<Millis>,
    /// Whether a sender is the account's.
    pub senders: BTreeMap<String, Seen<bool>>,
}

/// Something that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// What it was.
    pub is: T,
    /// Since when it is so, as far as was looked.
    pub since: Millis,
    /// When it was looked at last.
    pub at: Millis,
}

impl<T: PartialEq> Seen<T> {
    /// It was looked at again.
    pub fn again(known: Option<&Self>, is: T, at: Millis) -> Self {
        let since = known.filter(|known| known.is == is).map_or(at, |known| known.since);
        Self { is, since, at }
    }
}
