//! Help Scout's webhook: one for all hotlines of a deployment.

use hotline::config::Secret;
pub use hotline::helpscout::webhook::EVENTS;
use serde_json::{Value, json};

use super::change::{Action, Change, FieldChange, Resource, Status};
use crate::failure::Outcome;
use crate::helpscout::{HelpScout, webhook};
use crate::project::Project;

/// What Help Scout's page of webhooks shows.
const LABEL: &str = "Ringside";

/// How a secret is shown.
pub const HIDDEN: &str = "(secret)";

/// The webhook as it is to be, and as it is.
pub struct Webhook {
    url: String,
    inboxes: Vec<u64>,
    secret: Secret,
    there: Option<Value>,
    /// Whether the secret is sent although nothing shows that it differs.
    sends_secret: bool,
}

impl Webhook {
    /// Looks for ours among all of them.
    pub fn read(helpscout: &HelpScout, project: &Project, sends_secret: bool) -> Outcome<Self> {
        let url = format!("{}/helpscout/webhook", project.config.public_url);
        let there = helpscout.webhooks()?.into_iter().find(|it| it["url"] == url.as_str());
        let mut inboxes: Vec<u64> = project.config.hotlines.iter().map(|hotline| hotline.mailbox).collect();
        inboxes.sort_unstable();
        inboxes.dedup();
        let secret = project.needed_secret("HELPSCOUT_WEBHOOK_SECRET")?;
        Ok(Self { url, inboxes, secret, there, sends_secret })
    }

    /// What is to be changed, if anything.
    pub fn change(&self) -> Option<Change> {
        let nothing = json!({});
        let there = self.there.as_ref().unwrap_or(&nothing);
        let mut fields = Vec::new();
        let mut differs = |field: &'static str, same: bool, new: Value| {
            if !same {
                fields.push(FieldChange { field, param: field, old: there[field].clone(), new });
            }
        };
        differs("url", there["url"] == self.url.as_str(), self.url.clone().into());
        differs("events", same_words(&there["events"], &EVENTS), json!(EVENTS));
        differs("mailboxIds", same_ids(&there["mailboxIds"], &self.inboxes), json!(self.inboxes));
        differs("payloadVersion", there["payloadVersion"] == "V3", "V3".into());
        differs("notification", there["notification"] == false, false.into());
        differs("state", there["state"] == "enabled", "enabled".into());
        if self.there.is_none() {
            differs("label", false, LABEL.into());
        }
        let other_secret = there["secret"].as_str().is_some_and(|shown| shown != self.secret.expose());
        if self.there.is_none() || self.sends_secret || other_secret {
            let old = if self.there.is_some() { HIDDEN.into() } else { Value::Null };
            fields.push(FieldChange { field: "secret", param: "secret", old, new: HIDDEN.into() });
        }
        let action = match &self.there {
            None => Action::Create,
            Some(it) if it["state"] == "disabled" => Action::Enable,
            Some(_) => Action::Update,
        };
        (!fields.is_empty()).then(|| Change {
            resource: Resource::HelpScoutWebhook,
            name: self.url.clone(),
            sid: self.id().map(|id| id.to_string()),
            hotline: None,
            action,
            fields,
            status: Status::Planned,
        })
    }

    /// Makes or replaces it. A replacement holds everything, so the secret always goes along.
    pub fn write(&self, helpscout: &HelpScout) -> Result<bool, String> {
        let label = self.there.as_ref().and_then(|it| it["label"].as_str()).unwrap_or(LABEL);
        helpscout.put_webhook(self.id(), &webhook(&self.url, &EVENTS, &self.inboxes, label, &self.secret))
    }

    fn id(&self) -> Option<u64> {
        self.there.as_ref()?["id"].as_u64()
    }
}

/// The same words, in whatever order.
fn same_words(there: &Value, wanted: &[&str]) -> bool {
    let Some(there) = there.as_array() else { return false };
    there.len() == wanted.len() && wanted.iter().all(|word| there.iter().any(|it| it == word))
}

/// The same numbers, in whatever order.
fn same_ids(there: &Value, wanted: &[u64]) -> bool {
    let Some(there) = there.as_array() else { return false };
    there.len() == wanted.len() && wanted.iter().all(|id| there.iter().any(|it| it == id))
}
