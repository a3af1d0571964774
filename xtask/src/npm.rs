//! npm's packages: wrangler, esbuild, wasm-opt, Playwright, and the Node that they run under.
use crate::lock::Lock;
use crate::process::{Outcome, node_path, node_tool, read, root, run};
use crate::steps::add;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// `npm install`, not `npm ci`: the latter refuses a lock file that leaves out another system's optional packages,
/// as it does when the registry at hand lacks them. `--no-save` keeps the lock file as it is; workerd, esbuild and Node come
/// as optional packages, whatever npm's settings say of those. What the user's cache holds is not asked for again.
const INSTALL: [&str; 8] = [
    "install",
    "--no-save",
    "--include=dev",
    "--include=optional",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
];

/// What the packages were installed from, to their end; dates would lie after a checkout.
const INSTALLED_FROM: &str = ".installed-from";

/// Installs what is missing. One at a time in a checkout, and not while an npm that was broken off still clears up.
pub(crate) fn packages() -> Outcome {
    let lock = Lock::of_packages()?;
    let install = || {
        add("npm packages", || {
            let mut npm = Command::new("npm");
            npm.current_dir(root()).args(INSTALL).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
            // It needs no keyboard; so it keeps the lock as long as it lives, even if we do not.
            run(npm.stdin(lock.to_child()?))?;
            programs_run()
        })
    };
    packages_in(root(), || programs_run().is_ok(), install)?;
    node_is_new_enough()
}

fn packages_in(checkout: &Path, work: impl FnOnce() -> bool, install: impl FnOnce() -> Outcome) -> Outcome {
    let lock = fs::read(checkout.join("package-lock.json")).map_err(|error| format!("package-lock.json: {error}"))?;
    let folder = checkout.join("node_modules");
    let mark = folder.join(INSTALLED_FROM);
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let from = fs::read(&mark).ok();
    let is_of_lock = from.as_ref() == Some(&lock);
    if is_of_lock && work() {
        return Ok(());
    }
    // npm believes of a package whose folder is there that all of it is.
    if (from.is_none() || is_of_lock) && clear(&folder).map_err(failed)? {
        println!("set-up: cleared node_modules, which an installation that was broken off or another system had left");
    }
    unless_missing(fs::remove_file(&mark)).map_err(failed)?;
    install()?;
    fs::write(&mark, &lock).map_err(failed)
}

/// Removes what a folder holds, and not the folder, which may be a volume's or a link; whether there was anything.
fn clear(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    let mut held = false;
    for entry in entries {
        let entry = entry?;
        held = true;
        let path = entry.path();
        // An npm that is just ending may be quicker.
        unless_missing(if entry.file_type()?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) })?;
    }
    Ok(held)
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    if removed.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) { Ok(()) } else { removed }
}

/// The programs that come as a package for this system each, which npm may leave out without a word.
fn programs_run() -> Outcome {
    for name in ["workerd", "esbuild"] {
        if read(node_tool(name).arg("--version")).is_err() {
            return Err(format!("npm did not install {name} as it runs on this machine: {}", settings()));
        }
    }
    Ok(())
}

/// What npm's settings leave out, and what to do.
fn settings() -> String {
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
        _ => Err(format!("wrangler wants Node 22.12 or newer, and there is only {}: {}", version.trim(), settings())),
    }
}

fn parse_node(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.trim().strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, rest.split_once('.')?.0.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkout whose lock file says this.
    fn checkout(name: &str, lock: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("ringside-npm-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).expect("a folder");
        fs::write(folder.join("package-lock.json"), lock).expect("a lock file");
        folder
    }

    #[test]
    fn packages_whose_installation_was_broken_off_are_installed_from_nothing() -> Outcome {
        let folder = checkout("broken-off", "one");
        let half = folder.join("node_modules/wrangler/half");
        let break_off = || -> Outcome {
            fs::create_dir_all(&half).expect("half a package");
            Err("Ctrl-C".to_owned())
        };
        let install = || -> Outcome {
            assert!(!half.exists(), "npm would take it for whole");
            Ok(())
        };
        assert!(packages_in(&folder, || true, break_off).is_err());
        packages_in(&folder, || true, install)?;
        packages_in(&folder, || true, || Err("all of it is there".to_owned()))?;
        // A new lock file changes what is there, unless that is broken off, too.
        fs::write(folder.join("package-lock.json"), "two").expect("a lock file");
        assert!(packages_in(&folder, || true, break_off).is_err());
        packages_in(&folder, || true, install)?;
        // What another system has installed does not run here.
        fs::create_dir_all(&half).expect("a package");
        packages_in(&folder, || false, install)?;
        fs::remove_dir_all(folder).map_err(|error| error.to_string())
    }

    #[test]
    fn a_folder_of_packages_that_is_a_link_stays_one() -> io::Result<()> {
        let folder = checkout("link", "one");
        let kept = folder.join("volume");
        fs::create_dir_all(kept.join("esbuild"))?;
        fs::remove_dir(folder.join("node_modules"))?;
        std::os::unix::fs::symlink(&kept, folder.join("node_modules"))?;
        // npm puts links among the programs, and what they lead to is not inside.
        std::os::unix::fs::symlink(folder.join("package-lock.json"), kept.join(".bin"))?;
        assert!(clear(&folder.join("node_modules"))?);
        assert!(!clear(&folder.join("node_modules"))? && kept.is_dir() && folder.join("package-lock.json").exists());
        fs::remove_dir_all(folder)
    }

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
