//! Makes a key for a program: `cargo xtask api-key new`. The token is shown once; the secret holds its hash alone.

use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hotline::config::{ApiScope, is_api_key_id};
use sha2::{Digest, Sha256};

const USAGE: &str = "\
cargo xtask api-key new --id ID --scope SCOPE… --hotline NAME…

  --id       the program's name, which agents see beside what it sends: small letters, digits, dashes
  --scope    what the key opens; may stand several times
  --hotline  a hotline that it may use: what follows HOTLINE_ in wrangler.toml; may stand several times";

/// Random bytes of a token: as many as SHA-256 gives.
const RANDOM_BYTES: usize = 32;

fn main() -> ExitCode {
    match Wanted::read(std::env::args().skip(1)).and_then(|wanted| Ok(wanted.made(random()?))) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn random() -> Result<[u8; RANDOM_BYTES], String> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(bytes)
}

/// The key that is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    id: String,
    scopes: Vec<&'static str>,
    hotlines: Vec<String>,
}

impl Wanted {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        if args.next().as_deref() != Some("new") {
            return Err(USAGE.to_owned());
        }
        let mut wanted = Self::default();
        while let Some(arg) = args.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (arg, args.next()),
            };
            let value = value.ok_or_else(|| format!("{name} wants a value\n\n{USAGE}"))?;
            wanted.take(&name, value)?;
        }
        if wanted.id.is_empty() || wanted.scopes.is_empty() {
            return Err(format!("--id and at least one --scope are needed\n\n{USAGE}"));
        }
        Ok(wanted)
    }

    fn take(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "--id" if is_api_key_id(&value) => self.id = value,
            "--id" => return Err(format!("--id: `{value}` must be small letters, digits and dashes, at most 32")),
            "--scope" => {
                let scope = ApiScope::parse(&value).ok_or_else(|| {
                    let known = ApiScope::ALL.map(ApiScope::as_str).join(", ");
                    format!("--scope: there is no `{value}`; there are {known}")
                })?;
                self.scopes.push(scope.as_str());
            }
            "--hotline" => self.hotlines.push(value.trim_start_matches("HOTLINE_").to_owned()),
            unknown => return Err(format!("`{unknown}` is not understood here\n\n{USAGE}")),
        }
        Ok(())
    }

    /// The token, its entry, and what to do with both.
    fn made(&self, random: [u8; RANDOM_BYTES]) -> String {
        let token = format!("rk_{}_{}", self.id, URL_SAFE_NO_PAD.encode(random));
        let sha256 = format!("{:x}", Sha256::digest(&token));
        let entry = serde_json::json!({
            "id": self.id, "sha256": sha256, "scopes": self.scopes, "hotlines": self.hotlines,
        });
        format!(
            "The token, shown this once; give it to the program:\n\n  {token}\n\n\
             Its entry. The secret API_KEYS is a JSON list of such entries; add it to those that are there:\n\n  [{entry}]\n\n\
             Then run `npx wrangler secret put API_KEYS`, and paste the whole list."
        )
    }
}

#[cfg(test)]
mod tests {
    use hotline::config::{Config, ConfigError, Var};

    use super::*;

    fn wanted(words: &str) -> Result<Wanted, String> {
        Wanted::read(words.split(' ').map(str::to_owned))
    }

    /// What the Worker says of a secret with this entry.
    fn read(entry: &str) -> Config {
        let hotline = r#"{"name":"Voters","mailbox":3003,"numbers":["+15550100001"]}"#;
        let vars = [
            ("PUBLIC_URL", "https://hotline.example.org"),
            ("HELPSCOUT_CUSTOMERS", "phone_only"),
            ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
            ("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
            ("HELPSCOUT_APP_ID", "a"),
            ("HELPSCOUT_APP_SECRET", "s"),
            ("HELPSCOUT_WEBHOOK_SECRET", "w"),
            ("HELPSCOUT_SIDEBAR_SECRET", "s"),
            ("SESSION_SECRET", "a_session_secret_of_at_least_32_bytes"),
            ("API_KEYS", entry),
            ("HOTLINE_VOTERS", hotline),
        ];
        Config::read(&vars.map(|(name, text)| (name.to_owned(), Var::Text(text.to_owned())))).unwrap()
    }

    #[test]
    fn the_worker_knows_the_token_by_the_entry_that_was_printed() {
        let words = "new --id crm --scope messages:write --scope=messages:read --hotline HOTLINE_VOTERS";
        let text = wanted(words).unwrap().made([7; RANDOM_BYTES]);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let token = lines.iter().find(|line| line.starts_with("rk_crm_")).unwrap();
        let config = read(lines.iter().find(|line| line.starts_with('[')).unwrap());
        assert_eq!(config.faults, [] as [ConfigError; 0]);
        let key = config.secrets.api_keys.find(token).unwrap();
        assert_eq!((key.id.as_str(), &key.hotlines), ("crm", &vec!["VOTERS".to_owned()]));
        assert_eq!(key.scopes, [ApiScope::MessagesWrite, ApiScope::MessagesRead]);
    }

    #[test]
    fn a_slip_is_named() {
        for (words, named) in [
            ("", "cargo xtask api-key new"),
            ("new", "--id and at least one --scope"),
            ("new --id crm", "--id and at least one --scope"),
            ("new --id CRM --scope verify", "small letters"),
            ("new --id crm --scope message:write", "messages:write"),
            ("new --id crm --scope", "--scope wants a value"),
            ("new --id crm --scopes verify", "`--scopes` is not understood"),
        ] {
            let error = wanted(words).unwrap_err();
            assert!(error.contains(named), "{words}: {error}");
        }
    }
}
