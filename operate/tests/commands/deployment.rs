//! A deployment in a folder of its own, beside an emulated Twilio and Help Scout, and the commands run on it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use emulator::server::{Running, Settings, World, start};
use hotline::domain::challenge;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

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

pub struct Deployment {
    pub emulator: Running,
    pub folder: PathBuf,
    worker: String,
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
        let worker = worker();
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
        let (worker, emulator) = (&self.worker, self.emulator.url());
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
        for secret in
            ["dev_twilio_auth_token", "dev_app_secret", "dev_webhook_secret", SESSION_SECRET, "Basic ", "Bearer "]
        {
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

    /// wrangler.toml as it stands.
    pub fn config_text(&self) -> String {
        fs::read_to_string(self.folder.join("wrangler.toml")).unwrap()
    }

    pub fn public_url(&self) -> &str {
        &self.worker
    }
}

/// Answers challenges as the Worker does.
fn worker() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = url.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 2048];
            let read = stream.read(&mut head).unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let asked = head.split("challenge=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
            let proof = challenge::proof(SESSION_SECRET, asked, &own);
            let body = json!({"status": "ok", "version": "0", "proof": proof}).to_string();
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}
