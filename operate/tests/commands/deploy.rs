//! `deploy`, with programs in place of cargo and wrangler that note what they are asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ran};

const VERSION: &str = "9f0d8a1e-0000-4000-8000-000000000000";

/// A folder with `cargo` and `npx`; the latter ends like this.
fn programs(hotline: &Deployment, npx: &str) -> PathBuf {
    let folder = hotline.folder.join("bin");
    fs::create_dir_all(&folder).unwrap();
    for (name, ends) in [("cargo", "exit 0"), ("npx", npx)] {
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\necho \"$@\" >> {}.log\n{ends}\n", file.display())).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn deploy(hotline: &Deployment, npx: &str, flags: &str) -> (Ran, String) {
    let folder = programs(hotline, npx);
    let ran = hotline.run_with_path(&format!("deploy --json {flags}"), &folder);
    (ran, fs::read_to_string(folder.join("npx.log")).unwrap_or_default())
}

fn steps(ran: &Ran) -> Vec<(String, String)> {
    let word = |step: &Value, field: &str| step[field].as_str().unwrap().to_owned();
    let steps = ran.json()["steps"].as_array().unwrap().clone();
    steps.iter().map(|step| (word(step, "step"), word(step, "status"))).collect()
}

fn said(names: &[(&str, &str)]) -> Vec<(String, String)> {
    names.iter().map(|(step, status)| ((*step).to_owned(), (*status).to_owned())).collect()
}

#[test]
fn a_deployment_ends_with_a_version_that_answers_and_says_how_to_go_back() {
    let hotline = Deployment::fresh();
    let (ran, asked) = deploy(&hotline, &format!("echo 'Current Version ID: {VERSION}'"), "--skip-doctor --yes");
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
    let wanted =
        [("check", "ok"), ("doctor", "skipped"), ("build", "ok"), ("schema", "ok"), ("deploy", "ok"), ("smoke", "ok")];
    assert_eq!(steps(&ran), said(&wanted));
    let shown = ran.json();
    assert_eq!((&shown["live"], &shown["version"]), (&json!(true), &json!(VERSION)));
    let rollback = shown["rollback"].as_str().unwrap();
    assert!(rollback.starts_with("npx wrangler rollback --config "), "of another Worker: {rollback}");
    assert!(asked.starts_with("wrangler deploy --config "), "{asked}");
}

#[test]
fn nothing_is_live_before_somebody_has_said_yes() {
    let hotline = Deployment::fresh();
    for (flags, exit) in [("--skip-doctor", 3), ("--skip-doctor --dry-run", 0)] {
        let (ran, asked) = deploy(&hotline, "exit 0", flags);
        assert_eq!((ran.exit, asked), (exit, String::new()), "{flags}: {}", ran.stderr);
    }
}

#[test]
fn what_wrangler_refuses_is_not_live() {
    let hotline = Deployment::fresh();
    let (ran, _) = deploy(&hotline, "exit 1", "--skip-doctor --yes");
    assert_eq!((ran.exit, &ran.json()["live"]), (1, &json!(false)), "{}", ran.stderr);
    assert_eq!(steps(&ran).last(), Some(&("deploy".to_owned(), "failed".to_owned())));
}

/// The number of a fresh deployment points elsewhere.
#[test]
fn an_error_that_the_doctor_finds_stops_it() {
    let hotline = Deployment::fresh();
    let (ran, asked) = deploy(&hotline, "exit 0", "--yes");
    assert_eq!((ran.exit, asked), (1, String::new()), "{}", ran.stderr);
    assert_eq!(steps(&ran), said(&[("check", "ok"), ("doctor", "failed")]));
    assert!(ran.json()["steps"][1]["detail"].as_str().unwrap().contains("number_text_url"), "{}", ran.stdout);
}
