//! Judges that are not ours: scripts below `oracles`, which npm's packages answer.

use std::io::Write;
use std::process::{Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a script says of something: JSON in, JSON out.
///
/// # Panics
/// When npm's packages are not there, or the script fails.
pub fn ask<T: DeserializeOwned>(script: &str, about: &impl Serialize) -> T {
    let workspace = crate::workspace();
    let mut node = Command::new(workspace.join("node_modules/.bin/node"))
        .arg(workspace.join("tests/oracles").join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("npm's node is in node_modules: run `cargo xtask set-up`");
    let input = serde_json::to_vec(about).expect("JSON");
    node.stdin.take().expect("its standard input").write_all(&input).expect("it reads");
    let output = node.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{script} failed");
    serde_json::from_slice(&output.stdout).expect("JSON")
}
