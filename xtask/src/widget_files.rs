//! The widget's two files as browsers get them: under names with a hash of their content, so that what one build made is never
//! mixed with another's. Files of earlier builds stay for a while, since open pages ask for them.
use crate::process::{Outcome, root};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where they are served from.
const FOLDER: &str = "static/assets";

/// Bytes of the hash in a name, a `u64`: among thousands of builds no two share one.
const HASH_BYTES: usize = 8;

/// How their names begin and end; before hashes they had nothing between.
const SCRIPT: (&str, &str) = ("widget", ".js");
const WASM: (&str, &str) = ("widget_bg", ".wasm");

/// How long an agent's page stays open: a working month.
pub(crate) const KEPT: Duration = Duration::from_hours(30 * 24);

/// How long the playground's is, which is built again and again.
pub(crate) const KEPT_IN_DEV: Duration = Duration::from_mins(10);

/// The name of the wasm, which stands in the script.
pub(crate) fn wasm_name(wasm: &str) -> Outcome<String> {
    Ok(name(WASM, &read(wasm)?))
}

/// Puts both where they are served from, removes what nobody asks for any more, and returns what the Worker is told of them:
/// JavaScript that goes before its own.
pub(crate) fn publish(script: &str, wasm: &str, kept: Duration) -> Outcome<String> {
    let folder = root().join(FOLDER);
    let put = |kind: (&str, &str), from: &str| -> Outcome<String> {
        let bytes = read(from)?;
        let name = name(kind, &bytes);
        fs::write(folder.join(&name), bytes).map_err(|error| format!("{FOLDER}/{name}: {error}"))?;
        remove_old(&folder, kind, kept).map_err(|error| format!("{FOLDER}: {error}"))?;
        Ok(format!("/assets/{name}"))
    };
    let (script, wasm) = (put(SCRIPT, script)?, put(WASM, wasm)?);
    Ok(format!("globalThis.RINGSIDE_WIDGET={{script:\"{script}\",wasm:\"{wasm}\"}};"))
}

fn read(file: &str) -> Outcome<Vec<u8>> {
    fs::read(root().join(file)).map_err(|error| format!("{file}: {error}"))
}

fn name((begin, end): (&str, &str), bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hash = digest.iter().take(HASH_BYTES).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    format!("{begin}.{hash:016x}{end}")
}

/// A file is asked for until the page is loaded again, and so as long after the next build as pages stay open.
fn remove_old(folder: &Path, kind: (&str, &str), kept: Duration) -> std::io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_of(kind, &entry.file_name().to_string_lossy()) {
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    files.sort_by(|one, other| other.cmp(one));
    for (newer, older) in files.iter().zip(files.iter().skip(1)) {
        if newer.0.elapsed().unwrap_or_default() > kept {
            fs::remove_file(&older.1)?;
        }
    }
    Ok(())
}

fn is_of((begin, end): (&str, &str), name: &str) -> bool {
    let hash = name.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
    hash.is_some_and(|hash| hash.is_empty() || hash.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_contents_and_nothing_elses() {
        let (one, other) = (name(SCRIPT, b"one"), name(SCRIPT, b"other"));
        assert!(one != other && one == name(SCRIPT, b"one"));
        assert!(is_of(SCRIPT, &one) && !is_of(WASM, &one) && is_of(WASM, &name(WASM, b"one")));
        assert!(is_of(SCRIPT, "widget.js") && !is_of(SCRIPT, "widgets.js") && !is_of(SCRIPT, "sidebar.css"));
    }

    #[test]
    fn an_open_page_keeps_its_files_for_a_while_after_the_next_build() -> std::io::Result<()> {
        let folder = std::env::temp_dir().join(format!("ringside-widget-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let days_ago = |name: &str, days: u64| {
            let file = fs::File::create(folder.join(name))?;
            file.set_modified(SystemTime::now() - Duration::from_hours(24 * days))
        };
        days_ago("widget.js", 100)?;
        days_ago("widget.01.js", 90)?;
        days_ago("widget.02.js", 60)?;
        days_ago("widget.03.js", 1)?;
        days_ago("widget_bg.01.wasm", 90)?;
        remove_old(&folder, SCRIPT, KEPT)?;
        let mut left: Vec<_> = fs::read_dir(&folder)?.flatten().map(|entry| entry.file_name()).collect();
        left.sort();
        // The one of 60 days was the page's until yesterday.
        assert_eq!(left, ["widget.02.js", "widget.03.js", "widget_bg.01.wasm"]);
        fs::remove_dir_all(&folder)
    }
}
