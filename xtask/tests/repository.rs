//! What the repository promises to whoever clones it, by git's and cargo's own account.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// What a program says in the workspace's folder; `None` when it says no.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).current_dir(root()).args(args).output().expect(program);
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn no_file_of_secrets_can_be_committed() {
    for name in [
        ".env",
        ".env.local",
        ".env.production",
        ".dev.vars",
        ".dev.vars.staging",
        ".dev.vars.local",
        "worker/.dev.vars",
        "tests/.env",
    ] {
        assert!(said("git", &["check-ignore", "--quiet", "--no-index", name]).is_some(), "{name}");
    }
    for name in [".dev.vars.example", "README.md", "hotline/src/config/secrets.rs"] {
        assert!(said("git", &["check-ignore", "--quiet", "--no-index", name]).is_none(), "{name}");
    }
}

#[test]
fn a_clone_has_the_same_bytes_whatever_its_settings_say_of_line_ends() {
    for name in ["README.md", ".ci/run", "tests/snapshots/a", "hotline/src/domain/numbering.txt"] {
        let attributes = said("git", &["check-attr", "text", "eol", "--", name]).expect("attributes");
        assert!(attributes.contains("text: auto") && attributes.contains("eol: lf"), "{attributes}");
    }
    let files = said("git", &["ls-files", "--eol"]).expect("files");
    let windows: Vec<_> =
        files.lines().filter(|line| line.starts_with("i/crlf") || line.starts_with("i/mixed")).collect();
    assert_eq!(windows, [""; 0], "these would change in the next clone");
}

fn version(text: &str) -> Vec<u32> {
    let mut parts: Vec<u32> = text.split('.').filter_map(|part| part.parse().ok()).collect();
    parts.resize(3, 0);
    parts
}

fn manifest(name: &str) -> toml::Table {
    std::fs::read_to_string(root().join(name)).expect(name).parse().expect(name)
}

/// Clippy's `incompatible_msrv` finds what of the standard library is newer than the promise; here is the rest.
#[test]
fn the_oldest_rust_that_is_promised_builds_all_that_is_built() {
    let promised = manifest("Cargo.toml")["workspace"]["package"]["rust-version"].as_str().expect("text").to_owned();
    let metadata = said(env!("CARGO"), &["metadata", "--locked", "--format-version", "1"]).expect("metadata");
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    for package in metadata["packages"].as_array().expect("packages") {
        let Some(wanted) = package["rust_version"].as_str() else { continue };
        assert!(version(wanted) <= version(&promised), "{} wants Rust {wanted}", package["name"]);
        let ours = package["source"].is_null();
        assert!(!ours || wanted == promised, "{} has a promise of its own", package["name"]);
    }
    // The oldest that has ever compiled this code.
    assert!(version(&promised) >= version("1.95"));
}

#[test]
fn rustup_fetches_all_that_the_build_asks_for() {
    let toolchain = manifest("rust-toolchain.toml")["toolchain"].clone();
    let has =
        |list: &str, wanted: &str| toolchain[list].as_array().expect(list).iter().any(|it| it.as_str() == Some(wanted));
    assert!(has("targets", "wasm32-unknown-unknown"));
    assert!(has("components", "clippy") && has("components", "rustfmt"));
}
