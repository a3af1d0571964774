//! Adds what the build and the tests need and the machine lacks, and only that.
use crate::process::{Outcome, cargo, node_path, node_tool, on_path, read, root, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;
use std::time::Instant;
use std::{env, fs, thread};

/// The target that Cloudflare runs.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A program that cargo builds once per machine, into a folder named for its version, so that the next clone is quick.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
}

/// Reads `deny.toml`.
pub(crate) const CARGO_DENY: Tool = Tool { package: "cargo-deny", program: "cargo-deny", version: "0.20.2" };

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
    Ok(Fetching(thread::spawn(|| rust_target().and_then(|()| npm_packages()))))
}

/// What `cargo xtask test` needs, and so everything.
pub(crate) fn for_tests() -> Outcome {
    rust_components()?;
    for_build()?.wait()?;
    tool(CARGO_DENY)?;
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

/// Says what is being added, adds it, says how long that took.
fn add(what: &str, step: impl FnOnce() -> Outcome) -> Outcome {
    println!("set-up: adding {what} …");
    let start = Instant::now();
    step()?;
    println!("set-up: added {what} in {:.0} s", start.elapsed().as_secs_f32());
    Ok(())
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
    let what = format!("{} {} (once per machine, some minutes)", tool.package, tool.version);
    add(&what, || {
        let install = ["install", tool.package, "--version", tool.version, "--locked", "--root"];
        run(cargo(install).arg(folder))
    })
}

/// `npm install`, not `npm ci`: the latter refuses a lock file that leaves out another system's optional packages,
/// as it does when the registry at hand lacks them. `--no-save` keeps the lock file as it is; workerd, esbuild and Node come
/// as optional packages, whatever npm's settings say of those.
const NPM_INSTALL: [&str; 7] =
    ["install", "--no-save", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];

fn npm_packages() -> Outcome {
    let lock = fs::read(root().join("package-lock.json")).map_err(|error| format!("package-lock.json: {error}"))?;
    // What npm last installed from; dates would lie after a checkout.
    let installed = root().join("node_modules/.installed-from");
    if fs::read(&installed).is_ok_and(|old| old == lock) && npm_programs_run().is_ok() {
        return node_is_new_enough();
    }
    add("npm packages", || {
        run(Command::new("npm").current_dir(root()).args(NPM_INSTALL).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
        npm_programs_run()?;
        node_is_new_enough()?;
        fs::write(&installed, &lock).map_err(|error| format!("{}: {error}", installed.display()))
    })
}

/// The programs that come as a package for this system each, which npm may leave out without a word.
fn npm_programs_run() -> Outcome {
    for name in ["workerd", "esbuild"] {
        if read(node_tool(name).arg("--version")).is_err() {
            return Err(format!("npm did not install {name} as it runs on this machine: {}", npm_settings()));
        }
    }
    Ok(())
}

/// What npm's settings leave out, and what to do.
fn npm_settings() -> String {
    let setting = |name: &str| {
        let value = read(Command::new("npm").current_dir(root()).args(["config", "get", name])).unwrap_or_default();
        value.trim().to_owned()
    };
    left_out(&setting("omit"), &setting("optional"), &setting("ignore-scripts"))
}

fn left_out(omit: &str, optional: &str, ignore_scripts: &str) -> String {
    let cause = if omit.split([',', ' ', '\n']).any(|kind| kind == "optional") {
        "npm's setting `omit` leaves out optional packages; run `npm config delete omit`"
    } else if optional == "false" {
        "npm's setting `optional` leaves out optional packages; run `npm config delete optional`"
    } else if ignore_scripts == "true" {
        "npm's setting `ignore-scripts` keeps packages from setting themselves up; run `npm config delete ignore-scripts`"
    } else {
        "it may have been broken off, or come from another system"
    };
    [cause, ", remove node_modules, and try again"].concat()
}

/// wrangler refuses a Node below 22.12; the packages bring a newer one for Linux and macOS on common processors.
fn node_is_new_enough() -> Outcome {
    let version = read(Command::new("env").args(["node", "--version"]).env("PATH", node_path()))?;
    match parse_node(&version) {
        Some(version) if version >= (22, 12) => Ok(()),
        _ => {
            Err(format!("wrangler wants Node 22.12 or newer, and there is only {}: {}", version.trim(), npm_settings()))
        }
    }
}

fn parse_node(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.trim().strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, rest.split_once('.')?.0.parse().ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_npm_has_left_out_is_named_with_its_setting() {
        for (omit, optional, scripts, named) in [
            ("optional", "null", "false", "`omit`"),
            ("dev,optional", "null", "true", "`omit`"),
            ("", "false", "false", "`optional`"),
            ("dev", "null", "true", "`ignore-scripts`"),
            ("", "null", "false", "broken off"),
        ] {
            assert!(left_out(omit, optional, scripts).contains(named), "{omit} {optional} {scripts}");
        }
    }

    #[test]
    fn node_tells_its_version() {
        for (said, read) in [("v24.21.0\n", Some((24, 21))), ("v22.9.0", Some((22, 9))), ("", None), ("24.1.0", None)] {
            assert_eq!(parse_node(said), read, "{said}");
        }
    }
}
