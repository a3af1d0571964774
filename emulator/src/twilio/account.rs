//! The account itself and its balance (Twilio, Account resource, Balance resource).

use serde_json::{Value, json};

use super::messages::account_path;
use super::settings::Settings;

/// What the console shows of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `active`, `suspended` or `closed`.
    pub status: String,
    /// `Full` or `Trial`.
    pub kind: String,
    /// What is left, in US dollars; below zero once more was spent.
    pub balance: String,
}

impl Default for Account {
    fn default() -> Self {
        Self { status: "active".into(), kind: "Full".into(), balance: "100.00".into() }
    }
}

/// The Account resource. It holds the auth token, as Twilio's does.
pub(super) fn account(settings: &Settings) -> Value {
    let (sid, path) = (&settings.account_sid, account_path(&settings.account_sid));
    // The day on which Twilio opened its doors.
    let date = "Thu, 20 Nov 2008 00:00:00 +0000";
    json!({
        "auth_token": settings.auth_token, "date_created": date, "date_updated": date, "friendly_name": "Development",
        "owner_account_sid": sid, "sid": sid, "status": settings.account.status, "type": settings.account.kind,
        "subresource_uris": {"balance": format!("{path}/Balance.json"), "messages": format!("{path}/Messages.json")},
        "uri": format!("{path}.json"),
    })
}

/// The Balance resource.
pub(super) fn balance(settings: &Settings) -> Value {
    json!({"account_sid": settings.account_sid, "balance": settings.account.balance, "currency": "USD"})
}
