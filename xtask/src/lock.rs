//! Who uses this checkout: one `dev`, which starts from nothing and watches the build; one build at a time. The system gives
//! a lock back when its holder ends, however it ends.
use crate::artifacts;
use crate::process::{Outcome, root};
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Beside wrangler's own files, which git ignores.
const FOLDER: &str = ".wrangler";
const DEV: &str = "dev.lock";
const BUILD: &str = "ringside-build.lock";

/// Held until it is dropped.
pub(crate) struct Lock(File);

impl Lock {
    /// The playground's; an error when another has it, and where that one is.
    pub(crate) fn of_dev() -> Outcome<Self> {
        let words = "stop it there with Ctrl-C, or work in another checkout";
        take(&root().join(FOLDER), DEV)?.map_err(|place| format!("`cargo xtask dev` already runs here{place}; {words}"))
    }

    /// Fails while a playground runs, which would load a build that is not its own.
    pub(crate) fn no_dev_runs() -> Outcome {
        let words = "it builds what you change by itself; stop it with Ctrl-C before another build";
        let free = take(&root().join(FOLDER), DEV)?.map(drop);
        free.map_err(|place| format!("`cargo xtask dev` runs here{place}; {words}"))
    }

    /// The build's; waits for the end of another one that uses the same target folder: it would replace what was compiled
    /// before it is packed.
    pub(crate) fn of_build() -> Outcome<Self> {
        let folder = artifacts::target_folder()?;
        if let Ok(lock) = take(&folder, BUILD)? {
            return Ok(lock);
        }
        println!("waiting for another build in the same target folder");
        let file = open(&folder, BUILD)?;
        file.lock().map_err(|error| format!("{}: {error}", folder.join(BUILD).display()))?;
        Ok(Self(file))
    }

    /// Tells others where this one is.
    pub(crate) fn tell(&mut self, place: &str) -> Outcome {
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(place.as_bytes())
        };
        write(&mut self.0).map_err(|error| format!("{FOLDER}: {error}"))
    }
}

fn open(folder: &Path, name: &str) -> Outcome<File> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let file = File::options().create(true).truncate(false).read(true).write(true).open(folder.join(name));
    file.map_err(|error| format!("{}: {error}", folder.join(name).display()))
}

/// Takes a lock; otherwise words for where its holder is, if that one has told it.
fn take(folder: &Path, name: &str) -> Outcome<Result<Lock, String>> {
    let mut file = open(folder, name)?;
    // A file system without locks has none to take.
    if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Ok(Ok(Lock(file)));
    }
    let mut place = String::new();
    // What cannot be read is not told.
    let _ = file.read_to_string(&mut place);
    Ok(Err(if place.is_empty() { place } else { format!(", at {place}") }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_playground_learns_where_the_first_one_is() -> Outcome {
        let folder = std::env::temp_dir().join(format!("ringside-lock-{}", std::process::id()));
        let place = || take(&folder, DEV).map(Result::err);
        let mut first = take(&folder, DEV)?.expect("nobody has it");
        assert_eq!(place()?, Some(String::new()));
        first.tell("http://127.0.0.1:8700/")?;
        assert_eq!(place()?, Some(", at http://127.0.0.1:8700/".to_owned()));
        assert!(take(&folder, BUILD)?.is_ok(), "a build is another matter");
        drop(first);
        assert_eq!(place()?, None);
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())
    }
}
