//! Everything that is tested, step by step; the last line counts.
use crate::build::{self, Mode};
use crate::process::{Outcome, cargo, node_tool, root, run as to_the_end, typed};
use crate::setup::{self, CARGO_DENY, WASM};
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Runs everything, or with a filter only the test runners; prints `N passed, M failed` last.
pub(crate) fn test(filter: Option<&str>) -> ExitCode {
    let mut run = Run::default();
    if run.step("set-up", setup::for_tests) {
        if filter.is_none() {
            lints(&mut run);
        }
        tests(&mut run, filter);
    }
    for (name, seconds, ended) in &run.steps {
        println!("{seconds:6.0} s  {name}{}", if *ended { "" } else { "  FAILED" });
    }
    if run.tally == Tally::default() {
        run.tally.failed = 1;
        println!("no test has that name");
    }
    println!("{} passed, {} failed", run.tally.passed, run.tally.failed);
    if run.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn lints(run: &mut Run) {
    let deny = ["--locked", "--", "-D", "warnings"];
    let native = ["--workspace", "--exclude", "ringside-worker", "--exclude", "bare-worker"];
    let worker = ["--package", "ringside-worker", "--target", WASM];
    let doc = |of: &[&'static str]| {
        let mut command = cargo(["doc", "--no-deps", "--locked"].into_iter().chain(of.iter().copied()));
        command.env("RUSTDOCFLAGS", "-D warnings");
        command
    };
    run.command("format", cargo(["fmt", "--all", "--check"]), Runner::None);
    let clippy = ["clippy", "--all-targets"].into_iter();
    run.command("clippy", cargo(clippy.clone().chain(native).chain(deny)), Runner::None);
    run.command("clippy for the Worker", cargo(["clippy"].into_iter().chain(worker).chain(deny)), Runner::None);
    run.command("documentation", doc(&native), Runner::None);
    run.command("documentation of the Worker", doc(&worker), Runner::None);
    run.step("dependencies", dependencies);
    run.step("wrangler.toml", build::check_project);
}

fn tests(run: &mut Run, filter: Option<&str>) {
    let cargo_test = |of: &[&'static str]| {
        let mut command = cargo(["test", "--locked", "--no-fail-fast"].into_iter().chain(of.iter().copied()));
        command.args(filter);
        command
    };
    let native = cargo_test(&[
        "--workspace",
        "--exclude",
        "ringside-worker",
        "--exclude",
        "bare-worker",
        "--exclude",
        "ringside-tests",
        // It has no tests, and `build` compiles it.
        "--exclude",
        "xtask-bindgen",
    ]);
    run.command("native tests", native, Runner::Cargo);
    // Without a Worker there is nothing that the rest could tell.
    if !run.step("build", || build::build(Mode::Release)) {
        return;
    }
    let mut across = cargo_test(&["--package", "ringside-tests"]);
    // Stories in workerd mostly wait; more at once than there are processors cost nothing.
    across.args(["--", "--test-threads=8"]);
    across.envs(setup::schemathesis().ok().flatten().map(|file| ("SCHEMATHESIS", file)));
    run.command("tests across crates", across, Runner::Cargo);
    if filter.is_none() {
        let mut deploy = node_tool("wrangler");
        deploy.args(["deploy", "--dry-run", "--outdir", "target/dry-run"]).env(build::BUILD, "skip");
        run.command("deploy, dry run", deploy, Runner::None);
    }
    if setup::browser_tests().is_dir() {
        let mut browser = node_tool("playwright");
        browser.args(["test", "--config", "tests/browser", "--reporter", "list", "--pass-with-no-tests"]);
        browser.args(filter.map(|filter| ["--grep", filter]).into_iter().flatten());
        browser.envs(setup::chromium().map(|file| ("CHROMIUM", file)));
        run.command("browser tests", browser, Runner::Playwright);
    }
}

/// Licences, bans and sources always; advisories where their database, a git repository elsewhere, may be asked for.
fn dependencies() -> Outcome {
    let deny = || -> Outcome<Command> {
        let mut command = Command::new(CARGO_DENY.file()?);
        command.current_dir(root());
        Ok(command)
    };
    to_the_end(deny()?.args(["check", "bans", "licenses", "sources"]))?;
    if std::env::var_os("RINGSIDE_ADVISORIES").is_none() {
        println!("advisories not checked: set RINGSIDE_ADVISORIES=1 where GitHub may be asked for their database");
        return Ok(());
    }
    to_the_end(deny()?.args(["check", "advisories"]))
}

/// Whose words tell how many tests there were.
#[derive(Clone, Copy)]
enum Runner {
    Cargo,
    Playwright,
    None,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    /// Adds what this line of a test runner counts, if it counts.
    fn read(&mut self, runner: Runner, line: &str) {
        let counts = match runner {
            Runner::Cargo => {
                line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")).map(|(_, all)| all)
            }
            Runner::Playwright => Some(line),
            Runner::None => None,
        };
        for count in counts.into_iter().flat_map(|counts| counts.split(';')) {
            let mut words = count.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u32>().ok()) else { continue };
            match (words.next(), words.next()) {
                (Some("passed"), _) => self.passed += number,
                // A flaky test passed at a second try, and so is not one to rely on.
                (Some("failed" | "flaky"), None) => self.failed += number,
                _ => {}
            }
        }
    }
}

/// What has been run so far.
#[derive(Default)]
struct Run {
    tally: Tally,
    /// Name, seconds, whether it went well.
    steps: Vec<(String, f32, bool)>,
}

impl Run {
    /// A step that either works or counts as one failure.
    fn step(&mut self, name: &str, step: impl FnOnce() -> Outcome) -> bool {
        self.timed(name, |run| {
            step().inspect_err(|reason| {
                run.tally.failed += 1;
                println!("{reason}");
            })
        })
    }

    /// A command whose output is shown, and counted as this runner counts.
    fn command(&mut self, name: &str, command: Command, runner: Runner) -> bool {
        self.timed(name, |run| {
            let before = run.tally.failed;
            run.show(command, runner).inspect_err(|reason| {
                // A compiler's error, say, which no test runner counts.
                run.tally.failed += u32::from(run.tally.failed == before);
                println!("{reason}");
            })
        })
    }

    fn timed(&mut self, name: &str, step: impl FnOnce(&mut Self) -> Outcome) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let well = step(self).is_ok();
        let seconds = start.elapsed().as_secs_f32();
        println!("== {name}: {} after {seconds:.1} s", if well { "done" } else { "FAILED" });
        self.steps.push((name.to_owned(), seconds, well));
        well
    }

    fn show(&mut self, mut command: Command, runner: Runner) -> Outcome {
        let name = typed(&command);
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("`{name}`: {error}"))?;
        for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')) {
            let line = line.map_err(|error| format!("`{name}`: {error}"))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            self.tally.read(runner, &line);
        }
        let status = child.wait().map_err(|error| format!("`{name}`: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_and_playwright_say_is_counted_and_nothing_else() {
        let cargo = "
running 3 tests
test a_story ... ok
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
   5 passed; 5 failed";
        let playwright = "
Running 6 tests using 2 workers
  ✓  1 [chromium] › call.spec.ts:3:1 › 7 passed by (1.2s)
  1 failed
    [chromium] › text.spec.ts:3:1 › a text
  1 flaky
  1 skipped
  3 passed (4.2s)";
        for (runner, said, passed, failed) in
            [(Runner::Cargo, cargo, 15, 2), (Runner::Playwright, playwright, 3, 2), (Runner::None, cargo, 0, 0)]
        {
            let mut tally = Tally::default();
            said.lines().for_each(|line| tally.read(runner, line));
            assert_eq!(tally, Tally { passed, failed });
        }
    }

    #[test]
    fn a_step_that_counts_nothing_still_fails_once() {
        let mut run = Run::default();
        let shell = |script| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        assert!(!run.command("does not compile", shell("exit 101"), Runner::Cargo));
        assert!(!run.command(
            "two fail",
            shell("echo 'test result: FAILED. 1 passed; 2 failed'; exit 1"),
            Runner::Cargo
        ));
        assert!(run.command("fine", shell("echo 'test result: ok. 4 passed; 0 failed'"), Runner::Cargo));
        assert!(!run.step("no tool", || Err("missing".to_owned())));
        assert_eq!(run.tally, Tally { passed: 5, failed: 4 });
    }
}
