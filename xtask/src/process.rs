//! Starting other programs, and ending them with all they started.
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// What went well, or one sentence for the developer.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// How long a group may take to end by itself; wrangler needs about a second to remove its temporary files.
const GRACE: Duration = Duration::from_secs(3);

/// How often a running process is looked at; short to a person, long to a processor.
const LOOK: Duration = Duration::from_millis(100);

/// The folder of the workspace that we are run in, which is not always the one that we were compiled in: `cp -a` copies
/// the compiled xtask along.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        // cargo sets `CARGO_MANIFEST_DIR`; otherwise search upwards.
        let here = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).or_else(|| env::current_dir().ok());
        let here = here.unwrap_or_default();
        here.ancestors().find(|folder| is_workspace(folder)).unwrap_or(&here).to_owned()
    });
    &ROOT
}

fn is_workspace(folder: &Path) -> bool {
    fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains("[workspace]"))
}

/// The cargo that runs us, in the workspace's folder.
pub(crate) fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    builds(Path::new(&env::var_os("CARGO").unwrap_or_else(|| "cargo".into())), args)
}

/// A program that builds as cargo does, so that neither builds what the other has built.
pub(crate) fn builds<'a>(program: &Path, args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).args(args);
    if env::var_os("CI").is_some() {
        // What would make the next build faster is of no use where there is none, and takes gigabytes.
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// A program of `node_modules/.bin`, which runs under the Node of that folder whatever the machine's own Node is.
pub(crate) fn node_tool(name: &str) -> Command {
    let mut command = Command::new(root().join("node_modules/.bin").join(name));
    command.current_dir(root()).env("PATH", node_path());
    // wrangler: no telemetry; no attempt to fetch a `Request.cf` object from Cloudflare.
    command.env("WRANGLER_SEND_METRICS", "false").env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    // Behind a proxy, what is on this machine is still asked without it.
    for name in ["NO_PROXY", "no_proxy"] {
        let others = env::var(name).map_or(String::new(), |others| format!(",{others}"));
        command.env(name, format!("127.0.0.1,localhost{others}"));
    }
    command
}

/// `PATH` with `node_modules/.bin` first.
pub(crate) fn node_path() -> std::ffi::OsString {
    let old = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(root().join("node_modules/.bin")).chain(env::split_paths(&old));
    env::join_paths(folders).unwrap_or(old)
}

/// The first of these programs that is on `PATH`.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    names.iter().find_map(|name| env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// The command as a person would type it.
pub(crate) fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs to the end, output to the terminal; fails when the program cannot start or says no.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let name = typed(command);
    let status = command.status().map_err(|error| format!("`{name}` did not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
}

/// Runs to the end in silence and returns its standard output; fails as [`run`] does.
pub(crate) fn read(command: &mut Command) -> Outcome<String> {
    let name = typed(command);
    let output = command.stderr(Stdio::null()).output().map_err(|error| format!("`{name}` did not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{name}` failed ({})", output.status))
    }
}

/// A process and everything it starts; all of it ends when this is dropped.
pub(crate) struct Group {
    leader: Child,
    name: String,
}

impl Group {
    /// Starts the command as the leader of a process group of its own, without a keyboard: a Ctrl-C reaches only us.
    pub(crate) fn start(name: &str, command: &mut Command) -> Outcome<Self> {
        let leader = command.process_group(0).stdin(Stdio::null()).spawn();
        let leader = leader.map_err(|error| format!("{name} did not start: {error}"))?;
        Ok(Self { leader, name: name.to_owned() })
    }

    /// How it ended, or nothing while it runs.
    pub(crate) fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        self.leader.try_wait().map_err(|error| format!("{}: {error}", self.name))
    }

    /// An error as soon as it has ended.
    pub(crate) fn still_runs(&mut self) -> Outcome {
        match self.ended()? {
            None => Ok(()),
            Some(status) => Err(format!("{} ended ({status})", self.name)),
        }
    }

    /// Waits for its end, at most so long.
    pub(crate) fn wait(&mut self, limit: Duration) -> Outcome<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            match self.ended()? {
                None if start.elapsed() < limit => thread::sleep(LOOK),
                end => return Ok(end),
            }
        }
    }

    fn signal(&self, signal: Signal) {
        if let Ok(id) = i32::try_from(self.leader.id()) {
            // A group that is already empty is as good as ended.
            let _ = killpg(Pid::from_raw(id), signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::SIGTERM);
        let _ = self.wait(GRACE);
        // wrangler leaves its workerd behind when it is ended from outside.
        self.signal(Signal::SIGKILL);
        let _ = self.leader.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};

    #[test]
    fn a_dropped_group_takes_its_grandchild_along() -> Outcome {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 33 & echo up; wait"]).stdout(Stdio::piped());
        let mut group = Group::start("a shell", &mut shell)?;
        let mut lines = BufReader::new(group.leader.stdout.take().expect("piped")).lines();
        assert_eq!(lines.next().expect("a line").expect("text"), "up");
        let start = Instant::now();
        drop(group);
        assert!(lines.next().is_none(), "the sleeper would hold the pipe open");
        assert!(start.elapsed() < Duration::from_secs(20));
        Ok(())
    }

    #[test]
    fn a_program_that_hangs_is_waited_for_only_so_long() -> Outcome {
        let mut group = Group::start("sleep", Command::new("sleep").arg("32"))?;
        assert_eq!(group.wait(LOOK)?, None);
        group.still_runs()
    }

    #[test]
    fn a_failure_names_what_was_typed() {
        assert_eq!(
            run(Command::new("/bin/sh").args(["-c", "exit 3"])).unwrap_err(),
            "`sh -c exit 3` failed (exit status: 3)"
        );
    }

    #[test]
    fn what_is_on_this_machine_is_asked_without_a_proxy() {
        let tool = node_tool("wrangler");
        for name in ["NO_PROXY", "no_proxy"] {
            let set = tool.get_envs().find_map(|(known, value)| value.filter(|_| known == name)).unwrap_or_default();
            assert!(set.to_string_lossy().starts_with("127.0.0.1,localhost"), "{name}={}", set.display());
        }
    }
}
