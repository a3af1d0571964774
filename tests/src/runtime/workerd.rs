//! workerd as a process: started on storage on disk, killed without warning, started again on the same storage.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::workspace;

/// The compatibility date of wrangler.toml.
const COMPATIBILITY_DATE: &str = "2026-10-01";

/// What runs: a folder with `entry.mjs` and `build`, and its classes by their bindings.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Below the workspace.
    pub folder: &'static str,
    /// Binding and class, as wrangler.toml names them.
    pub classes: &'static [(&'static str, &'static str)],
    /// Whether `/assets/…` comes from the folder `static`, as wrangler.toml has it; raw workerd has no such thing, and
    /// one more hop is nothing to measure by.
    pub has_assets: bool,
    /// The port on this machine that every `https` address leads to, as a program's endpoint; `None`: each leads where it says.
    pub receiver: Option<u16>,
}

/// In front of the Worker: a file if there is one, else the Worker, as Cloudflare's assets do. The disk service knows
/// bytes alone, so the types are said here; the headers of `static/_headers` go with every file below `/assets/`.
const FRONT: &str = r#"const TYPES = { js: "text/javascript", css: "text/css", html: "text/html; charset=utf-8", wasm: "application/wasm", wav: "audio/wav" };
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const type = TYPES[pathname.split(".").pop()];
    if (request.method !== "GET" || !type || !pathname.startsWith("/assets/")) return env.WORKER.fetch(request);
    const file = await env.STATIC.fetch("http://static" + pathname);
    if (!file.ok) return env.WORKER.fetch(request);
    const rules = await (await env.STATIC.fetch("http://static/_headers")).text();
    const blocks = rules.split("\n/").map((block) => block.split("\n"));
    const ours = blocks.filter(([path]) => path === "assets/*" || "/" + path === pathname);
    const lines = ours.flatMap((block) => block.filter((line) => line.startsWith("  ")));
    return new Response(file.body, { headers: [["content-type", type], ...lines.map((line) => line.trim().split(/: (.*)/s).slice(0, 2))] });
  },
};
"#;

/// Between the Worker and the world: whatever goes to an encrypted address goes to one port of this machine.
const CROSSING: &str = r#"export default {
  fetch: (request, env) => (new URL(request.url).protocol === "https:" ? env.PROGRAMS : env.OUTSIDE).fetch(request),
};
"#;

/// The platform's cron: a request to it fires `scheduled`. Raw workerd has none; wrangler's own runtime calls the handler so.
const CRON: &str = r#"export default {
  fetch: async (_, env) => Response.json(await env.WORKER.scheduled({ cron: "*/10 * * * *", scheduledTime: new Date() })),
};
"#;

/// Ringside.
pub const RINGSIDE: Program = Program {
    folder: "worker",
    classes: &[
        ("CONTACT", "Contact"),
        ("CALL", "Call"),
        ("HOTLINE", "Hotline"),
        ("GATE", "Gate"),
        ("API_KEY", "ApiKey"),
        ("AUDIENCE", "Audience"),
        ("VERIFICATION_LIMIT", "VerificationLimit"),
        ("ENDPOINT", "Endpoint"),
        ("PARTICIPANT", "Participant"),
        ("MONITOR", "Monitor"),
    ],
    has_assets: false,
    receiver: None,
};

/// Ringside as a browser meets it.
pub const RINGSIDE_WITH_ASSETS: Program = Program { has_assets: true, ..RINGSIDE };

/// The measure of the benchmark.
pub const BARE: Program =
    Program { folder: "tests/bare", classes: &[("LINE", "Line")], has_assets: false, receiver: None };

/// A running Worker.
pub struct Workerd {
    /// Where it listens.
    pub url: String,
    folder: PathBuf,
    port: u16,
    /// Where its cron listens.
    cron_port: u16,
    child: Option<Child>,
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Whether `cargo xtask build` has run and npm's packages are there.
pub fn is_built() -> bool {
    workspace().join("worker/build/index_bg.wasm").exists() && binary().is_some()
}

/// The binary inside npm's platform package; the launcher beside it would leave the binary behind when it is killed.
fn binary() -> Option<PathBuf> {
    let packages = fs::read_dir(workspace().join("node_modules/@cloudflare")).ok()?;
    let mut binaries = packages.flatten().map(|package| package.path().join("bin/workerd"));
    binaries.find(|path| path.exists() && path.to_string_lossy().contains("/workerd-"))
}

impl Workerd {
    /// Starts it with these variables on fresh storage.
    pub async fn start(program: &Program, port: u16, vars: &Value) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        assert!(is_built(), "the Worker is not built: run `cargo xtask build`, or `cargo xtask test` for everything");
        let name = format!("ringside-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("build")).expect("a folder for workerd");
        fs::create_dir_all(folder.join("disk")).expect("a folder for its storage");
        for part in ["entry.mjs", "build/index.js", "build/index_bg.wasm"] {
            fs::copy(workspace().join(program.folder).join(part), folder.join(part)).expect(part);
        }
        fs::write(folder.join("front.mjs"), FRONT).expect("the front");
        fs::write(folder.join("crossing.mjs"), CROSSING).expect("the crossing");
        fs::write(folder.join("cron.mjs"), CRON).expect("the cron");
        let cron_port = free_port();
        let config = config(program, (port, cron_port), &folder, vars);
        fs::write(folder.join("config.capnp"), config).expect("workerd's configuration");
        let mut worker = Self { url: format!("http://127.0.0.1:{port}"), folder, port, cron_port, child: None };
        worker.restart().await;
        worker
    }

    /// Starts it again on the same storage.
    pub async fn restart(&mut self) {
        self.kill();
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log");
        let mut command = Command::new(binary().expect("workerd"));
        command.arg("serve").arg(self.folder.join("config.capnp")).arg("--experimental");
        command.stdout(log.try_clone().expect("a log")).stderr(log).stdin(Stdio::null()).process_group(0);
        self.child = Some(command.spawn().expect("workerd starts"));
        let begun = Instant::now();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        while http.get(format!("{}/healthz", self.url)).send().await.is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "workerd did not start:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Adds JavaScript to the end of the module that was built; it counts from the next start.
    pub fn tamper(&self, javascript: &str) {
        let module = File::options().append(true).open(self.folder.join("build/index.js"));
        module.and_then(|mut module| module.write_all(javascript.as_bytes())).expect("the built module");
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // SIGKILL; the process has no children of its own.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// The SQLite files of its objects. They are whole while it is down.
    pub fn databases(&self) -> Vec<PathBuf> {
        let kinds = fs::read_dir(self.folder.join("disk")).into_iter().flatten().flatten();
        let files = kinds.filter_map(|kind| fs::read_dir(kind.path()).ok()).flatten().flatten();
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|it| it == "sqlite")).collect()
    }

    /// Where it writes.
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The memory that it holds, in bytes (Linux, proc(5): `VmRSS`); 0 where the system does not say.
    pub fn resident_bytes(&self) -> usize {
        let pid = self.child.as_ref().map_or(0, Child::id);
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes =
            line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|text| text.parse::<usize>().ok());
        kilobytes.unwrap_or_default() * 1024
    }

    /// The cron comes. Returns how its handler ended, as workerd says it: `ok`, `exception`.
    pub async fn cron(&self) -> String {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = http.get(format!("http://127.0.0.1:{}/", self.cron_port)).send().await.expect("the cron answers");
        let ended: Value = answer.json().await.expect("JSON");
        ended["outcome"].as_str().unwrap_or_default().to_owned()
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A text as Cap'n Proto reads it, byte by byte: what nobody sees arrives too.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => {
                let _ = write!(quoted, "\\x{byte:02x}");
            }
        }
    }
    quoted + "\""
}

fn config(program: &Program, (port, cron_port): (u16, u16), folder: &Path, vars: &Value) -> String {
    let mut bindings = String::new();
    for (name, value) in vars.as_object().expect("variables") {
        let (kind, text) = match value {
            Value::String(text) => ("text", text.clone()),
            other => ("json", other.to_string()),
        };
        let _ = writeln!(bindings, "      (name = {name:?}, {kind} = {}),", quoted(&text));
    }
    let mut namespaces = String::new();
    for (binding, class) in program.classes {
        let _ = writeln!(bindings, "      (name = {binding:?}, durableObjectNamespace = {class:?}),");
        let _ =
            writeln!(namespaces, "      (className = {class:?}, uniqueKey = \"ringside-{class}\", enableSql = true),");
    }
    let disk = folder.join("disk").display().to_string();
    let files = workspace().join("static").display().to_string();
    let first = if program.has_assets { "front" } else { "main" };
    let outbound = if program.receiver.is_some() { "crossing" } else { "outside" };
    let receiver = program.receiver.unwrap_or_default();
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";
const config :Workerd.Config = (
  services = [
    (name = \"main\", worker = .worker),
    (name = \"front\", worker = .front),
    (name = \"static\", disk = (path = \"{files}\")),
    (name = \"disk\", disk = (path = \"{disk}\", writable = true)),
    (name = \"outside\", network = (allow = [\"public\", \"private\", \"local\"])),
    (name = \"programs\", external = (address = \"127.0.0.1:{receiver}\", http = ())),
    (name = \"crossing\", worker = .crossing),
    (name = \"cron\", worker = .cron),
  ],
  sockets = [
    (name = \"http\", address = \"127.0.0.1:{port}\", http = (), service = \"{first}\"),
    (name = \"cron\", address = \"127.0.0.1:{cron_port}\", http = (), service = \"cron\"),
  ],
);
const front :Workerd.Worker = (
  modules = [(name = \"front.mjs\", esModule = embed \"front.mjs\")],
  compatibilityDate = {COMPATIBILITY_DATE:?},
  bindings = [(name = \"WORKER\", service = \"main\"), (name = \"STATIC\", service = \"static\")],
);
const cron :Workerd.Worker = (
  modules = [(name = \"cron.mjs\", esModule = embed \"cron.mjs\")],
  compatibilityDate = {COMPATIBILITY_DATE:?},
  compatibilityFlags = [\"service_binding_extra_handlers\"],
  bindings = [(name = \"WORKER\", service = \"main\")],
);
const crossing :Workerd.Worker = (
  modules = [(name = \"crossing.mjs\", esModule = embed \"crossing.mjs\")],
  compatibilityDate = {COMPATIBILITY_DATE:?},
  bindings = [(name = \"PROGRAMS\", service = \"programs\"), (name = \"OUTSIDE\", service = \"outside\")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = \"entry.mjs\", esModule = embed \"entry.mjs\"),
    (name = \"build/index.js\", esModule = embed \"build/index.js\"),
    (name = \"build/index_bg.wasm\", wasm = embed \"build/index_bg.wasm\"),
  ],
  compatibilityDate = {COMPATIBILITY_DATE:?},
  bindings = [
{bindings}  ],
  durableObjectNamespaces = [
{namespaces}  ],
  durableObjectStorage = (localDisk = \"disk\"),
  globalOutbound = \"{outbound}\",
);
"
    )
}
