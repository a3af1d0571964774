//! What cargo has built, by cargo's own account: where its target folder is, is nobody's business but its own
//! (`CARGO_TARGET_DIR`, `build.target-dir`, `build.target`).
use crate::process::{self, Outcome, cargo, typed};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The files of each target that a build was asked for, and of what they depend on.
pub(crate) struct Artifacts(Vec<(String, PathBuf)>);

/// Builds, with cargo's words to the terminal. `change` sets what the arguments cannot say.
pub(crate) fn build<'a>(
    args: impl IntoIterator<Item = &'a str>,
    change: impl FnOnce(&mut Command),
) -> Outcome<Artifacts> {
    let mut command = cargo(["build", "--locked", "--message-format=json-render-diagnostics"].into_iter().chain(args));
    change(&mut command);
    let name = typed(&command);
    let failed = |error: std::io::Error| format!("`{name}`: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut files = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        files.extend(read(&line.map_err(failed)?));
    }
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(Artifacts(files)) } else { Err(format!("`{name}` failed ({status})")) }
}

/// The target folder, which other checkouts may share.
pub(crate) fn target_folder() -> Outcome<PathBuf> {
    let metadata = process::read(&mut cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).unwrap_or_default();
    let folder = metadata["target_directory"].as_str().map(PathBuf::from);
    folder.ok_or_else(|| "`cargo metadata` did not say where its target folder is".to_owned())
}

/// The files that a line of cargo's tells of (The Cargo Book, External tools: artifact messages).
fn read(line: &str) -> Vec<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).unwrap_or_default();
    let Some(name) = message["target"]["name"].as_str().filter(|_| message["reason"] == "compiler-artifact") else {
        return Vec::new();
    };
    // The program that tests a target has the target's name too.
    if message["profile"]["test"] == true {
        return Vec::new();
    }
    let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
    files.map(|file| (name.to_owned(), PathBuf::from(file))).collect()
}

impl Artifacts {
    /// The program of this name.
    pub(crate) fn program(&self, name: &str) -> Outcome<&Path> {
        self.file(name, "")
    }

    /// The module that a package of this name became.
    pub(crate) fn wasm(&self, package: &str) -> Outcome<&Path> {
        self.file(&package.replace('-', "_"), "wasm")
    }

    fn file(&self, name: &str, ending: &str) -> Outcome<&Path> {
        let is_it = |(of, file): &&(String, PathBuf)| of == name && file.extension().unwrap_or_default() == ending;
        let found = self.0.iter().find(is_it).map(|(_, file)| file.as_path());
        found.ok_or_else(|| {
            format!("cargo built {name} and did not say where; is it a program or a library of this workspace?")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_cargo_says_and_nowhere_else() {
        let lines = [
            r#"{"reason":"compiler-artifact","target":{"name":"serde","kind":["lib"]},"filenames":["/a b/ü/libserde.rlib"]}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"emulator","kind":["lib"]},"filenames":["/a b/ü/libemulator.rlib"]}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"emulator","kind":["bin"]},"filenames":["/a b/ü/debug/emulator"]}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"ringside_worker","kind":["cdylib","rlib"]},"filenames":["/t/ringside_worker.wasm","/t/libringside_worker.rlib"]}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"other","kind":["bin"]},"profile":{"test":true},"filenames":["/t/other-1"]}"#,
            r#"{"reason":"build-script-executed","target":{"name":"other"},"filenames":["/t/other"]}"#,
            "   Compiling emulator",
        ];
        let artifacts = Artifacts(lines.into_iter().flat_map(read).collect());
        assert_eq!(artifacts.program("emulator"), Ok(Path::new("/a b/ü/debug/emulator")));
        assert_eq!(artifacts.wasm("ringside-worker"), Ok(Path::new("/t/ringside_worker.wasm")));
        assert!(artifacts.program("other").is_err() && artifacts.wasm("ringside-widget").is_err());
    }
}
