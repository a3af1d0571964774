//! Who uses this checkout: one `dev`, which starts from nothing and watches the build; one build at a time. The system gives
//! a lock back when its holder ends, however it ends.
use crate::artifacts;
use crate::process::{Outcome, root};
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::process::Stdio;

/// Beside wrangler's own files, which git ignores.
const FOLDER: &str = ".wrangler";
const DEV: &str = "dev.lock";
const BUILD: &str = "ringside-build.lock";
const PACKAGES: &str = "packages.lock";

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
        wait_for(&artifacts::target_folder()?, BUILD, "waiting for another build in the same target folder")
    }

    /// That of `node_modules`; waits for the end of another installation: two would remove each other's files.
    pub(crate) fn of_packages() -> Outcome<Self> {
        wait_for(&root().join(FOLDER), PACKAGES, "waiting for another installation of npm packages here to end")
    }

    /// Itself as a program's standard input: then that program holds it, too, until it ends.
    pub(crate) fn to_child(&self) -> Outcome<Stdio> {
        self.0.try_clone().map(Stdio::from).map_err(|error| format!("{FOLDER}: {error}"))
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

/// Takes a lock when its holder gives it back.
fn wait_for(folder: &Path, name: &str, words: &str) -> Outcome<Lock> {
    if let Ok(lock) = take(folder, name)? {
        return Ok(lock);
    }
    println!("{words}");
    let file = open(folder, name)?;
    file.lock().map_err(|error| format!("{}: {error}", folder.join(name).display()))?;
    Ok(Lock(file))
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
    use std::process::Command;
    use std::thread::sleep;
    use std::time::Duration;

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
        // A program that another test starts at this moment has all our files until it is itself.
        let is_free = || {
            place().is_ok_and(|place| place.is_none()) || {
                sleep(Duration::from_millis(50));
                false
            }
        };
        assert!((0..100).any(|_| is_free()), "{:?}", place()?);
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())
    }

    #[test]
    fn a_program_that_outlives_us_holds_the_lock_until_it_ends() -> Outcome {
        let folder = std::env::temp_dir().join(format!("ringside-held-{}", std::process::id()));
        let ours = take(&folder, PACKAGES)?.expect("nobody has it");
        let mut program = Command::new("sleep").arg("31").stdin(ours.to_child()?).spawn().expect("it starts");
        drop(ours);
        let held = take(&folder, PACKAGES);
        program.kill().and_then(|()| program.wait()).expect("it ends");
        assert!(held?.is_err(), "the program had it still");
        assert!(take(&folder, PACKAGES)?.is_ok());
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())
    }
}
