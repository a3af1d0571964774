//! Adds what the build and the tests need and the machine lacks, and only that.
use crate::npm;
use crate::process::{Outcome, cargo, on_path, read, root, run};
use crate::steps::add;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;
use std::{env, thread};

/// The target that Cloudflare runs.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A program that cargo builds once per machine, into a folder named for its version, so that the next clone is quick.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
}

/// Runs the tests of all crates side by side, as `.config/nextest.toml` says.
const CARGO_NEXTEST: Tool = Tool { package: "cargo-nextest", program: "cargo-nextest", version: "0.9.143" };

/// Reads `deny.toml`.
pub(crate) const CARGO_DENY: Tool = Tool { package: "cargo-deny", program: "cargo-deny", version: "0.20.2" };

/// Makes up requests from the description of the API. It is Python's, and tested with where Python is.
const SCHEMATHESIS: &str = "4.32.5";

/// What is being fetched beside other work.
pub(crate) struct Fetching(JoinHandle<Outcome>);

impl Fetching {
    pub(crate) fn wait(self) -> Outcome {
        self.0.join().unwrap_or_else(|_| Err("the set-up did not end".to_owned()))
    }
}

/// Begins to fetch what [`crate::build`] needs. What only the user can add is asked for at once.
pub(crate) fn for_build() -> Outcome<Fetching> {
    for (program, why) in [("node", "runs wrangler and esbuild"), ("npm", "fetches wrangler and its kin")] {
        if on_path(&[program]).is_none() {
            return Err(format!("{program} is not on PATH; it {why}: get Node with npm at https://nodejs.org"));
        }
    }
    Ok(Fetching(thread::spawn(|| rust_target().and_then(|()| npm::packages()))))
}

/// What `cargo xtask test` needs, and so everything.
pub(crate) fn for_tests() -> Outcome {
    rust_components()?;
    for_build()?.wait()?;
    tool(CARGO_DENY)?;
    nextest()?;
    schemathesis()?;
    if browser_tests().is_dir() {
        chromium()?;
    }
    println!("set-up: everything is here");
    Ok(())
}

/// Where Playwright's tests are, when there are any.
pub(crate) fn browser_tests() -> PathBuf {
    root().join("tests/browser")
}

impl Tool {
    fn folder(self) -> Outcome<PathBuf> {
        Ok(cache()?.join(format!("{}-{}", self.program, self.version)))
    }

    /// The program's file, there or not.
    pub(crate) fn file(self) -> Outcome<PathBuf> {
        Ok(self.folder()?.join("bin").join(self.program))
    }
}

/// The user's cache folder, where each system wants it.
fn cache() -> Outcome<PathBuf> {
    let home = || env::home_dir().filter(|home| home.is_absolute()).ok_or("no home folder: set HOME or XDG_CACHE_HOME");
    let base = match env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute()) {
        Some(folder) => folder,
        None if cfg!(target_os = "macos") => home()?.join("Library/Caches"),
        None => home()?.join(".cache"),
    };
    Ok(base.join("ringside/tools"))
}

fn rust_target() -> Outcome {
    let libraries = read(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]))?;
    if Path::new(libraries.trim()).is_dir() { Ok(()) } else { rustup(&["target", "add", WASM]) }
}

fn rust_components() -> Outcome {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if read(&mut cargo([subcommand, "--version"])).is_err() {
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(args: &[&str]) -> Outcome {
    let wish = format!("rustup {}", args.join(" "));
    if on_path(&["rustup"]).is_none() {
        return Err(format!("`{wish}` is needed, and rustup is not on PATH: get it at https://rustup.rs"));
    }
    add(&format!("Rust's {}", args.last().unwrap_or(&"")), || {
        run(Command::new("rustup").current_dir(root()).args(args))
    })
}

fn tool(tool: Tool) -> Outcome {
    if tool.file()?.is_file() {
        return Ok(());
    }
    let folder = tool.folder()?;
    let what = format!("{} {} (once per machine, a minute or two)", tool.package, tool.version);
    add(&what, || {
        // They run for seconds; to optimise them takes minutes.
        let install = ["install", tool.package, "--version", tool.version, "--locked", "--debug", "--root"];
        run(cargo(install).arg(folder).env("CARGO_PROFILE_DEV_DEBUG", "false"))
    })
}

/// The machine's own `cargo-nextest`, else the one that we have added.
pub(crate) fn nextest() -> Outcome<PathBuf> {
    if let Some(file) = on_path(&[CARGO_NEXTEST.program]) {
        return Ok(file);
    }
    tool(CARGO_NEXTEST)?;
    CARGO_NEXTEST.file()
}

/// The tester of the description, installed once per machine; `None`, said aloud, where Python cannot make it a folder of its own.
pub(crate) fn schemathesis() -> Outcome<Option<PathBuf>> {
    let folder = cache()?.join(format!("schemathesis-{SCHEMATHESIS}"));
    let program = folder.join("bin/schemathesis");
    if program.is_file() {
        return Ok(Some(program));
    }
    if read(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_err() {
        println!(
            "python3 with venv and pip is not here: the tester of the API's description, which needs it, is SKIPPED"
        );
        return Ok(None);
    }
    add(&format!("schemathesis {SCHEMATHESIS} (once per machine)"), || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let package = format!("schemathesis=={SCHEMATHESIS}");
        run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", &package]))
    })?;
    Ok(Some(program))
}

/// A Chromium for Playwright: the one that `CHROMIUM` names, else the machine's own.
pub(crate) fn chromium() -> Outcome<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let apple = Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    let find = || on_path(&names).or_else(|| apple.is_file().then(|| apple.to_owned()));
    if let Some(file) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return if file.is_file() { Ok(file) } else { Err(format!("CHROMIUM: there is no {}", file.display())) };
    }
    if let Some(file) = find() {
        return Ok(file);
    }
    if env::var("CI").is_ok_and(|ci| ci == "true") && on_path(&["apt-get"]).is_some() {
        add("Chromium", || {
            run(Command::new("apt-get").arg("update"))?;
            run(Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "chromium"]))
        })?;
    }
    find().ok_or_else(|| "the browser tests need Chromium: install it, or name its file in CHROMIUM".to_owned())
}
