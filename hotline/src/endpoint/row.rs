//! An endpoint's one row: what its program said of it, its secrets, and whether it is on.

use serde::{Deserialize, Serialize};

use super::StepContext;
use super::secrets::Secrets;
use crate::config::{ApiKey, ApiScope};
use crate::effects::Millis;
use crate::encoding;
use crate::messages::endpoint::{Settings, Shown};
use crate::storage::{Store, Stored, first, run};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS endpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1), endpoint TEXT NOT NULL
) STRICT";

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Endpoint {
    pub settings: Settings,
    /// Each change of the settings has a greater one.
    pub version: u32,
    pub changed_at: Millis,
    pub created_at: Millis,
    pub secrets: Secrets,
    /// Whether its program was shown the first secret.
    #[serde(default)]
    pub is_confirmed: bool,
    /// Why it is off.
    #[serde(default)]
    pub off: Option<String>,
    /// Since when nothing was delivered, and what went wrong last.
    #[serde(default)]
    pub failing: Option<Failing>,
    /// How often events were sent again.
    #[serde(default)]
    pub replays: u32,
    /// What operators are to be told, and by when that was begun.
    #[serde(default)]
    pub untold: Option<Untold>,
}

/// Deliveries fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failing {
    pub since: Millis,
    pub reason: String,
}

/// Operators are to be told something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Untold {
    pub what: String,
    pub due: Millis,
}

impl Endpoint {
    pub fn new(ctx: &StepContext, settings: Settings) -> Self {
        Self {
            settings,
            version: 0,
            changed_at: ctx.now,
            created_at: ctx.now,
            secrets: Secrets::new(ctx),
            is_confirmed: false,
            off: None,
            failing: None,
            replays: 0,
            untold: None,
        }
    }

    pub fn load(store: &dyn Store) -> Stored<Option<Self>> {
        let row = first(store, "SELECT endpoint FROM endpoint WHERE id = 1", &[])?;
        row.map(|row| row.json(0, "endpoint.endpoint")).transpose()
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let endpoint = encoding::encode(self);
        run(store, "INSERT OR REPLACE INTO endpoint (id, endpoint) VALUES (1, ?)", &[(&endpoint).into()])
    }

    pub fn shown(&self, secret: Option<String>) -> Shown {
        Shown {
            settings: self.settings.clone(),
            version: self.version,
            changed_at: self.changed_at,
            replays: self.replays,
            off: self.off.clone(),
            trouble: self.failing.as_ref().map(|failing| failing.reason.clone()),
            created_at: self.created_at,
            secret,
        }
    }

    /// The key that made it, as long as it may listen.
    pub fn key<'a>(&self, ctx: &StepContext<'a>) -> Option<&'a ApiKey> {
        ctx.config.secrets.api_keys.of_id(&self.settings.key).filter(|key| key.has(ApiScope::Events))
    }

    /// Whether events of this inbox are for it: its program has named the hotline, and its key still opens it.
    pub fn is_of(&self, ctx: &StepContext, mailbox: u64) -> bool {
        let Some(hotline) = ctx.config.by_mailbox(mailbox) else { return false };
        let name = hotline.api_name();
        let has = |names: &[String]| names.iter().any(|own| own == name);
        has(&self.settings.hotlines) && self.key(ctx).is_some_and(|key| has(&key.hotlines))
    }

    /// Nothing is delivered any more. Operators are told.
    pub fn switch_off(&mut self, ctx: &StepContext, reason: &str) {
        self.off = Some(reason.to_owned());
        self.untold = Some(Untold { what: format!("endpoint {} is off: {reason}", ctx.name), due: ctx.now });
    }
}

/// Nothing of it stays.
pub(super) fn delete(store: &dyn Store) -> Stored<()> {
    run(store, "DELETE FROM endpoint", &[])
}

#[cfg(test)]
mod tests {
    use super::Endpoint;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn endpoints_in_rows_stay_readable() {
        let endpoint = concat!(
            r#"{"settings":{"key":"crm","url":"https://a.example.org","events":["*"],"hotlines":["VOTERS"]},"version":1,"changed_at":2,"#,
            r#""created_at":1,"secrets":[{"number":1,"at":1,"check":"c","until":3}],"is_confirmed":true,"off":"Gone.","#,
            r#""failing":{"since":1,"reason":"Late."},"replays":1,"untold":{"what":"off","due":1}}"#
        );
        stays::<Endpoint>(&[endpoint]);
        let settings = ["/settings", "/settings/events", "/settings/hotlines", "/settings/key", "/settings/url"];
        let secrets = ["/secrets", "/secrets/0/at", "/secrets/0/check", "/secrets/0/number"];
        let others = [
            "/changed_at",
            "/created_at",
            "/version",
            "/failing/reason",
            "/failing/since",
            "/untold/due",
            "/untold/what",
        ];
        needs::<Endpoint>(endpoint, &[&settings[..], &secrets, &others].concat());
        lacks::<Endpoint>(&[concat!(
            r#"{"settings":{"key":"crm","url":"https://a.example.org","events":["*"],"hotlines":["VOTERS"]},"version":1,"changed_at":2,"#,
            r#""created_at":1,"secrets":[]}"#
        )]);
    }
}
