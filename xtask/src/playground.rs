//! What the playground's Worker is told: addresses of this machine, secrets that the emulator knows, hotlines that are open.
use crate::process::{Outcome, root};
use sha2::{Digest, Sha256};
use std::fs;
use toml::{Table, Value};
use xtask::wrangler_toml;

/// The emulator knows the same secrets; everybody does.
const SECRETS: &str = include_str!("../../.dev.vars.example");

/// The file of those secrets. Named to wrangler, it is read in place of `.dev.vars`.
pub(crate) const SECRETS_FILE: &str = ".dev.vars.example";

/// Where people keep their own.
const OWN_FILE: &str = ".dev.vars";

/// What of their own means something here: it opens our own routes, and the emulator never sees it.
const OURS: &str = "API_KEYS";

/// The key of the program on the playground's page. Another one each time: no key that everybody knows ever opens anything.
pub(crate) struct ApiKey {
    /// Shown on the page, to copy.
    pub(crate) token: String,
}

impl ApiKey {
    /// What the program may do: all that there is to try.
    const SCOPES: [&str; 7] =
        ["messages:write", "messages:read", "people:write", "people:read", "templates", "verify", "events"];

    /// Random bytes of a token: as many as SHA-256 gives.
    const RANDOM_BYTES: usize = 32;

    pub(crate) fn new() -> Outcome<Self> {
        let mut bytes = [0; Self::RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
        // The hash is as random as they are, and prints as digits.
        Ok(Self { token: format!("rk_playground_{:x}", Sha256::digest(bytes)) })
    }

    /// Its entry in `API_KEYS`, for these hotlines.
    fn entry(&self, hotlines: &[String]) -> serde_json::Value {
        let sha256 = format!("{:x}", Sha256::digest(&self.token));
        serde_json::json!({"id": "playground", "sha256": sha256, "scopes": Self::SCOPES, "hotlines": hotlines})
    }

    /// `API_KEYS` with this key beside their own ones. The older form, which is no JSON, has no place for another key.
    fn beside(&self, own: Option<&str>, hotlines: &[String]) -> String {
        match own.map(serde_json::from_str::<Vec<serde_json::Value>>) {
            Some(Err(_)) => own.unwrap_or_default().to_owned(),
            Some(Ok(mut keys)) => {
                keys.push(self.entry(hotlines));
                serde_json::Value::from(keys).to_string()
            }
            None => serde_json::json!([self.entry(hotlines)]).to_string(),
        }
    }
}

/// How the name of a hotline's table begins.
const HOTLINE: &str = "HOTLINE_";

/// Every variable of the Worker, for wrangler's `--var`, which counts before files and the shell's environment.
pub(crate) fn variables(worker: &str, emulator: &str, key: &ApiKey) -> Outcome<Vec<(String, String)>> {
    let config = wrangler_toml::read(&root().join(wrangler_toml::NAME))?;
    let mut variables: Vec<(String, String)> = [
        ("PUBLIC_URL", worker.to_owned()),
        ("TWILIO_API_URL", format!("{emulator}/twilio")),
        ("TWILIO_LOOKUPS_URL", format!("{emulator}/lookups")),
        ("HELPSCOUT_API_URL", format!("{emulator}/helpscout")),
        ("HELPSCOUT_APP_ORIGIN", emulator.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    variables.extend(entries(SECRETS));
    let own = Own::read(&fs::read_to_string(root().join(OWN_FILE)).unwrap_or_default());
    if !own.ignored.is_empty() {
        println!(
            "dev: the playground uses the emulator's secrets, and not these of {OWN_FILE}: {}",
            own.ignored.join(", ")
        );
    }
    let hotlines = hotlines(&config);
    let names: Vec<String> =
        hotlines.iter().filter_map(|(name, _)| Some(name.strip_prefix(HOTLINE)?.to_owned())).collect();
    variables.push((OURS.to_owned(), key.beside(own.api_keys.as_deref(), &names)));
    variables.extend(hotlines);
    Ok(variables)
}

/// What somebody's own file says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Own {
    api_keys: Option<String>,
    /// By name.
    ignored: Vec<String>,
}

impl Own {
    /// Real credentials would make every request to and from the emulator a forged one, and would be shown to it.
    fn read(text: &str) -> Self {
        let mut own = Self::default();
        let known = entries(SECRETS);
        for (name, value) in entries(text) {
            if name == OURS {
                own.api_keys = Some(value);
            } else if !known.contains(&(name.clone(), value)) {
                own.ignored.push(name);
            }
        }
        own
    }
}

/// The lines of a dotenv file; what is no line of one is left out, and never shown.
fn entries(text: &str) -> Vec<(String, String)> {
    dotenvy::from_read_iter(text.trim_start_matches('\u{feff}').as_bytes()).filter_map(Result::ok).collect()
}

/// The hotlines of wrangler.toml as they are in the playground: with WhatsApp at the emulator's number, with replies that
/// leave within a second, and open at whatever hour somebody tries them.
fn hotlines(config: &Table) -> Vec<(String, String)> {
    let vars = config.get("vars").and_then(Value::as_table).cloned().unwrap_or_default();
    let changed = |(name, value): (String, Value)| {
        let mut hotline = value.as_table().filter(|_| name.starts_with(HOTLINE))?.clone();
        hotline.insert("reply_delay_seconds".to_owned(), 1.into());
        hotline.remove("hours");
        if let Some(number) = hotline.get("numbers").and_then(|numbers| numbers.get(0)).cloned() {
            hotline.insert("whatsapp".to_owned(), number);
        }
        Some((name, serde_json::to_string(&hotline).ok()?))
    };
    vars.into_iter().filter_map(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_credentials_never_reach_the_emulator() {
        let own = "\u{feff}# mine\r\nTWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdef\r\nHELPSCOUT_APP_ID='real'\r\n\
                   API_KEYS=\"a_key_of_32_bytes_0123456789abcdef\"\r\nTWILIO_API_KEY_SECRET=real\r\nHELPSCOUT_APP_SECRET=dev_app_secret\r\n= no line\r\n";
        let Own { api_keys, ignored } = Own::read(own);
        assert_eq!(api_keys.as_deref(), Some("a_key_of_32_bytes_0123456789abcdef"));
        assert_eq!(ignored, ["TWILIO_AUTH_TOKEN", "HELPSCOUT_APP_ID", "TWILIO_API_KEY_SECRET"]);
    }

    #[test]
    fn the_playgrounds_key_stands_beside_their_own_and_is_another_one_each_time() {
        let (key, other) = (ApiKey::new().unwrap(), ApiKey::new().unwrap());
        assert_ne!(key.token, other.token);
        let hotlines = ["VOTERS".to_owned()];
        let ids = |own: Option<&str>| -> Vec<String> {
            let keys: Vec<serde_json::Value> = serde_json::from_str(&key.beside(own, &hotlines)).unwrap();
            keys.iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(None), ["playground"]);
        assert_eq!(ids(Some(r#"[{"id":"crm"}]"#)), ["crm", "playground"]);
        let plain = "a_key_of_32_bytes_0123456789abcdef";
        assert_eq!(key.beside(Some(plain), &hotlines), plain);
    }

    #[test]
    fn the_playground_has_every_secret_that_a_deploy_needs() {
        let known = entries(SECRETS);
        let config: Table = include_str!("../../wrangler.toml").parse().unwrap();
        for name in config["secrets"]["required"].as_array().unwrap() {
            assert!(known.iter().any(|(known, _)| Some(known.as_str()) == name.as_str()), "{name}");
        }
        assert_eq!(Own::read(SECRETS), Own::default(), "a copy of them is no more than they are");
    }
}
