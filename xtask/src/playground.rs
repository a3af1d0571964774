//! What the playground's Worker is told: addresses of this machine, secrets that the emulator knows, hotlines that are open.
use crate::process::{Outcome, root};
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

/// Every variable of the Worker, for wrangler's `--var`, which counts before files and the shell's environment.
pub(crate) fn variables(worker: &str, emulator: &str) -> Outcome<Vec<(String, String)>> {
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
    variables.extend(own.used);
    variables.extend(hotlines(&config));
    Ok(variables)
}

/// What somebody's own file says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Own {
    used: Vec<(String, String)>,
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
                own.used.push((name, value));
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
        let mut hotline = value.as_table().filter(|_| name.starts_with("HOTLINE_"))?.clone();
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
        let Own { used, ignored } = Own::read(own);
        assert_eq!(used, [("API_KEYS".to_owned(), "a_key_of_32_bytes_0123456789abcdef".to_owned())]);
        assert_eq!(ignored, ["TWILIO_AUTH_TOKEN", "HELPSCOUT_APP_ID", "TWILIO_API_KEY_SECRET"]);
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
