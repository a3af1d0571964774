//! What is built, and what wrangler does with it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};

/// Where wrangler and cargo run.
fn root() -> PathBuf {
    std::env::var_os("RINGSIDE_ROOT").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Builds the Worker and the widget.
pub fn build() -> Outcome<String> {
    let mut cargo = Command::new("cargo");
    // Standard output may belong to a document.
    cargo.args(["xtask", "build"]).current_dir(root()).stdin(Stdio::null()).stdout(std::io::stderr());
    let status =
        cargo.status().map_err(|error| Failure::new("build_failed", format!("cargo did not start: {error}")))?;
    if status.success() {
        Ok("worker/build is new".to_owned())
    } else {
        Err(Failure::new("build_failed", "`cargo xtask build` failed; what it said stands above"))
    }
}

/// Deploys what was built. Returns the version's id, if wrangler says it.
pub fn deploy(common: &Common) -> Outcome<Option<String>> {
    let mut npx = Command::new("npx");
    npx.args(["wrangler", "deploy"]).current_dir(root()).env("RINGSIDE_BUILD", "skip").stdin(Stdio::null());
    if let Some(config) = &common.config {
        let here = std::env::current_dir().unwrap_or_default();
        npx.arg("--config").arg(here.join(config));
    }
    if let Some(env) = &common.env {
        npx.args(["--env", env]);
    }
    let output = npx.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| Failure::new("deploy_failed", format!("npx did not start: {error}")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    eprint!("{said}");
    if output.status.success() {
        return Ok(version(&said));
    }
    Err(Failure::new(
        "deploy_failed",
        "`npx wrangler deploy` failed; what it said stands above. The version before is live",
    ))
}

/// Wrangler's line `Current Version ID: …`.
fn version(said: &str) -> Option<String> {
    let line = said.lines().find_map(|line| line.trim().strip_prefix("Current Version ID:"))?;
    Some(line.trim().to_owned()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_is_read_from_what_wrangler_says() {
        let said =
            "Uploaded ringside\nDeployed ringside triggers\nCurrent Version ID: 9f0d8a1e-0000-4000-8000-000000000000\n";
        assert_eq!(version(said).as_deref(), Some("9f0d8a1e-0000-4000-8000-000000000000"));
        assert_eq!(version("Uploaded ringside"), None);
    }
}
