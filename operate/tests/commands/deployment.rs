//! A deployment in a folder of its own, beside an emulated Twilio and Help Scout, and the commands run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use emulator::server::{Running, Settings, World, start};
use emulator::twilio::{Campaign, MessagingService, Sender};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::worker::{KEY, Worker};

/// Folders so far, each of which has a name of its own.
static MADE: AtomicU32 = AtomicU32::new(0);

pub const SESSION_SECRET: &str = "dev_session_secret_at_least_32_bytes_long";

/// What a command did.
pub struct Ran {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one document of `--json`.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("not one document: {}{}", self.stdout, self.stderr))
    }

    /// The exit code and the error's code.
    pub fn error(&self) -> (i32, String) {
        (self.exit, self.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// What a sound deployment has.
pub const NUMBER: &str = "+15550100001";
pub const TOLL_FREE: &str = "+18005550100";
pub const SERVICE: &str = "MG00000000000000000000000000000001";
pub const BRAND: &str = "BN00000000000000000000000000000001";
pub const DOMAIN: &str = "sms.example.org";

/// A table or a value of a configuration.
pub fn toml(text: &str) -> toml::Value {
    text.parse::<toml::Table>().unwrap().into()
}

pub struct Deployment {
    pub emulator: Running,
    pub folder: PathBuf,
    pub worker: Worker,
    _runtime: Runtime,
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Deployment {
    /// A hotline whose number points elsewhere and whose webhook is not there yet. The Worker answers challenges.
    pub fn fresh() -> Self {
        let worker = Worker::start();
        let runtime = Runtime::new().unwrap();
        let mut settings = Settings::development(0, "http://127.0.0.1:9");
        settings.helpscout.webhook = None;
        for sender in &mut settings.twilio.senders {
            sender.webhook = "https://old.example/sms".into();
        }
        let emulator = runtime.block_on(start(settings)).unwrap();
        let name = format!("ringside-operate-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let deployment = Self { emulator, folder, worker, _runtime: runtime };
        deployment.configure("");
        fs::write(deployment.folder.join(".dev.vars"), include_str!("../../../.dev.vars.example")).unwrap();
        deployment
    }

    /// A hotline of which nothing is wrong, neither here nor anywhere else, with everything that it may have.
    pub fn sound() -> Self {
        let deployment = Self::fresh();
        deployment.emulator.with(|world| {
            let twilio = world.twilio.settings_mut();
            let toll_free = Sender { address: TOLL_FREE.into(), segments_per_second: 3, ..Sender::default() };
            twilio.senders.push(toll_free);
            twilio.services.push(MessagingService {
                sid: SERVICE.into(),
                senders: vec![NUMBER.into(), TOLL_FREE.into()],
                campaign: Some(Campaign { status: "VERIFIED".into(), brand: BRAND.into() }),
                ..MessagingService::default()
            });
            twilio.brands.insert(BRAND.into(), "APPROVED".into());
            twilio.toll_free_verifications.insert(TOLL_FREE.into(), "TWILIO_APPROVED".into());
            world.dns.insert((DOMAIN.into(), "MX".into()), vec!["0 .".into()]);
        });
        deployment.secret("RINGSIDE_API_KEY", KEY);
        deployment.edit(|config| {
            config.insert("triggers".into(), toml("crons = [\"*/10 * * * *\"]"));
            let (emulator, worker) = (deployment.emulator.url(), &deployment.worker.url);
            for (name, path) in [
                ("TWILIO_MESSAGING_URL", "messaging"),
                ("TWILIO_VOICE_URL", "voice"),
                ("TWILIO_ROUTES_URL", "routes"),
                ("TWILIO_PRICING_URL", "pricing"),
                ("TWILIO_MONITOR_URL", "monitor"),
                ("DNS_URL", "dns"),
            ] {
                config["vars"].as_table_mut().unwrap().insert(name.into(), format!("{emulator}/{path}").into());
            }
            config["vars"]["HOTLINE_VOTERS"] = toml(&format!(
                "name = \"Voter hotline\"\nmailbox = 3003\nnumbers = [\"{NUMBER}\", \"{TOLL_FREE}\"]\nregion = \"US\"\n\
                 messaging_service = \"{SERVICE}\"\nwhatsapp = \"{NUMBER}\"\n\
                 ring = {{ phones = [\"+15550100101\", \"+15550100102\", \"+15550100103\", \"+15550100104\"] }}\n\
                 fallback = {{ text = \"{worker}/bin/text\", voice = \"{worker}/bin/voice\" }}\n"
            ));
        });
        let ran = deployment.run("hotline apply --yes");
        assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
        deployment
    }

    /// Changes wrangler.toml.
    pub fn edit(&self, change: impl FnOnce(&mut toml::Table)) {
        let file = self.folder.join("wrangler.toml");
        let mut config = fs::read_to_string(&file).unwrap().parse().unwrap();
        change(&mut config);
        fs::write(file, config.to_string()).unwrap();
    }

    /// Writes wrangler.toml, with more fields of the hotline.
    pub fn configure(&self, more: &str) {
        let emulator = self.emulator.url();
        let hosts =
            format!("TWILIO_MESSAGING_URL = \"{emulator}/messaging\"\nTWILIO_PRICING_URL = \"{emulator}/pricing\"\n");
        self.write_config(&hosts, more);
    }

    /// Writes wrangler.toml without Twilio's hosts beside that of its API.
    pub fn configure_without_hosts(&self) {
        self.write_config("", "");
    }

    fn write_config(&self, hosts: &str, more: &str) {
        let mut whole: toml::Table = include_str!("../../../wrangler.toml").parse().unwrap();
        let (worker, emulator) = (&self.worker.url, self.emulator.url());
        let vars = format!(
            "PUBLIC_URL = \"{worker}\"\nHELPSCOUT_CUSTOMER_EMAIL_DOMAIN = \"sms.example.org\"\n\
             TWILIO_API_URL = \"{emulator}/twilio\"\n{hosts}HELPSCOUT_API_URL = \"{emulator}/helpscout\"\n\
             [HOTLINE_VOTERS]\nname = \"Voter hotline\"\nmailbox = 3003\nnumbers = [\"+15550100001\"]\nregion = \"US\"\n{more}\n"
        );
        whole.insert("vars".into(), vars.parse::<toml::Table>().unwrap().into());
        fs::write(self.folder.join("wrangler.toml"), whole.to_string()).unwrap();
    }

    /// Replaces a line of `.dev.vars`.
    pub fn secret(&self, name: &str, value: &str) {
        let file = self.folder.join(".dev.vars");
        let old = fs::read_to_string(&file).unwrap();
        let lines = old.lines().filter(|line| !line.starts_with(&format!("{name}=")));
        let kept: Vec<_> = lines.collect();
        fs::write(file, format!("{}\n{name}={value}\n", kept.join("\n"))).unwrap();
    }

    /// Runs a command with `--json`.
    pub fn json(&self, words: &str) -> Ran {
        self.run(&format!("{words} --json"))
    }

    /// The command of these words. There is no terminal.
    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_operate"));
        let config = self.folder.join("wrangler.toml");
        command.env_clear().args(words.split(' ')).arg("--config").arg(config).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &str) -> Ran {
        Self::ran(words, self.command(words).output().unwrap())
    }

    /// Runs a command with `--json`, and presses Ctrl-C once a request that changes something has come.
    pub fn interrupted(&self, words: &str) -> Ran {
        let words = format!("{words} --json");
        let child = self.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while self.writes().is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        Self::ran(&words, child.wait_with_output().unwrap())
    }

    fn ran(words: &str, Output { status, stdout, stderr }: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Ran { exit: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) };
        for secret in [
            "dev_twilio_auth_token",
            "dev_app_secret",
            "dev_webhook_secret",
            "dev_sidebar_secret",
            SESSION_SECRET,
            KEY,
            "Basic ",
            "Bearer ",
            "X-HelpScout-Signature",
        ] {
            assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(secret), "{words} prints {secret}");
        }
        ran
    }

    /// Requests so far that change something, but for tokens.
    pub fn writes(&self) -> Vec<String> {
        self.emulator.with(|world: &mut World| {
            let changing = world.requests().filter(|it| it.method != "GET" && !it.target.ends_with("/oauth2/token"));
            changing.map(|it| format!("{} {}", it.method, it.target.split('?').next().unwrap_or_default())).collect()
        })
    }

    /// Runs a command that finds its programs in this folder.
    pub fn run_with_path(&self, words: &str, path: &Path) -> Ran {
        Self::ran(words, self.command(words).env("PATH", path).output().unwrap())
    }

    /// wrangler.toml as it stands.
    pub fn config_text(&self) -> String {
        fs::read_to_string(self.folder.join("wrangler.toml")).unwrap()
    }

    pub fn public_url(&self) -> &str {
        &self.worker.url
    }
}
