//! A hotline that answers `/v1` by the rules themselves: the simulation behind a port of this machine.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use emulator::http::{Model, Request};
use ringside_tests::world::World;
use ringside_tests::world::stage::{APP_SECRET, CRM, Stage};
use serde_json::json;

use crate::deployment::Ran;

pub const SAM: &str = "+15550100150";

/// Where the simulation believes that it is.
const PUBLIC_URL: &str = "https://hotline.example.org";

/// By how much its clock goes on with each request: an erasure takes some requests to Twilio, of a second each.
const STEP: i64 = 10_000;

/// Folders so far, each of which has a name of its own.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The hotline, and a folder with its configuration.
pub struct Rules {
    folder: PathBuf,
}

impl Drop for Rules {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Rules {
    /// A hotline at which this has happened.
    pub fn start(happens: impl FnOnce(&mut World) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let own = url.clone();
        thread::spawn(move || {
            let mut world = World::new(&Stage::with("region", json!("US")));
            happens(&mut world);
            for stream in listener.incoming() {
                world.run_for(STEP);
                let _ = serve(&mut world, stream.unwrap(), &own);
            }
        });
        let folder = std::env::temp_dir().join(format!(
            "ringside-person-{}-{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::SeqCst)
        ));
        fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "[vars]\nPUBLIC_URL = \"{url}\"\nHELPSCOUT_API_URL = \"{url}\"\nHELPSCOUT_CUSTOMER_EMAIL_DOMAIN = \"sms.example.org\"\n\
             [vars.HOTLINE_VOTERS]\nname = \"Voter hotline\"\nmailbox = 3003\nnumbers = [\"+15550100001\"]\n"
        );
        fs::write(folder.join("wrangler.toml"), config).unwrap();
        let rules = Self { folder };
        rules.key(CRM.1);
        rules
    }

    /// The key that the commands use.
    pub fn key(&self, token: &str) {
        let app = emulator::helpscout::Settings::default().app_id;
        let secrets = format!("RINGSIDE_API_KEY={token}\nHELPSCOUT_APP_ID={app}\nHELPSCOUT_APP_SECRET={APP_SECRET}\n");
        fs::write(self.folder.join(".dev.vars"), secrets).unwrap();
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Runs a command with `--json`.
    pub fn json(&self, words: &str) -> Ran {
        self.run(&format!("{words} --json"))
    }

    /// Runs a command to its end, without a terminal.
    pub fn run(&self, words: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_operate"));
        let config = self.folder.join("wrangler.toml");
        command.env_clear().args(words.split(' ')).arg("--config").arg(config).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let exit = output.status.code().unwrap_or(-1);
        let ran = Ran { exit, stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(CRM.1), "{words} prints the key");
        ran
    }
}

/// Answers one request, with addresses of this machine in place of the simulation's own.
fn serve(world: &mut World, mut stream: TcpStream, own: &str) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? > 0 {
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body: Vec<u8> = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body)?;
    let request = Request { method: method.to_owned(), target: target.to_owned(), headers, body };
    // The same port stands for Help Scout.
    let answer = if target.starts_with("/v2/") {
        let now = world.now.cast_unsigned();
        world.helpscout.handle(now, &request)
    } else {
        world.answer(&request)
    };
    let body = match String::from_utf8(answer.body) {
        Ok(text) => text.replace(PUBLIC_URL, own).into_bytes(),
        Err(bytes) => bytes.into_bytes(),
    };
    write!(stream, "HTTP/1.1 {} OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.status, body.len())?;
    stream.write_all(&body)
}
