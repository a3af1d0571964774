//! Everything that is tested, step by step; the last line counts.
use crate::artifacts;
use crate::build;
use crate::process::{Outcome, builds, cargo, node_tool, root, run as to_the_end, typed};
use crate::setup::{self, CARGO_DENY, WASM};
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode};
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

/// Everything that runs on this machine. Each call of cargo names the same packages: with another set their common dependencies
/// have other features, and half of them are compiled again.
const NATIVE: [&str; 6] = ["--locked", "--workspace", "--exclude", "ringside-worker", "--exclude", "bare-worker"];

/// What is the platform's.
const WORKER: [&str; 5] = ["--locked", "--package", "ringside-worker", "--target", WASM];

fn lints(run: &mut Run) {
    let with = |first: &[&'static str], of: &[&'static str], then: &[&'static str]| {
        let mut command = cargo([first, of, then].concat());
        command.env("RUSTDOCFLAGS", "-D warnings");
        command
    };
    let deny = ["--", "-D", "warnings"];
    run.command("format", cargo(["fmt", "--all", "--check"]), Runner::None);
    run.command("clippy", with(&["clippy", "--all-targets"], &NATIVE, &deny), Runner::None);
    run.command("clippy for the Worker", with(&["clippy"], &WORKER, &deny), Runner::None);
    run.command("documentation", with(&["doc", "--no-deps"], &NATIVE, &[]), Runner::None);
    run.command("documentation of the Worker", with(&["doc", "--no-deps"], &WORKER, &[]), Runner::None);
    run.step("dependencies", dependencies);
}

fn tests(run: &mut Run, filter: Option<&str>) {
    let mut built = None;
    let mut compile = || {
        built = Some(artifacts::build(NATIVE[1..].iter().copied().chain(["--all-targets"]), |_| ())?);
        Ok(())
    };
    run.step("compiling the tests", &mut compile);
    let Some(here) = built else { return };
    if filter.is_none() {
        run.step("wrangler.toml", || build::check_project(&here));
    }
    // Without a Worker there is nothing that the rest could tell.
    if !run.step("build", || build::for_tests(&here)) {
        return;
    }
    match native(filter) {
        Ok(native) => run.command("tests of all crates", native, Runner::Nextest),
        Err(reason) => run.step("tests of all crates", || Err(reason)),
    };
    if filter.is_none() {
        // Nextest runs none of these.
        let examples = cargo(["test", "--doc"].into_iter().chain(NATIVE));
        run.command("examples in the documentation", examples, Runner::None);
        let mut deploy = node_tool("wrangler");
        deploy.args(["deploy", "--dry-run", "--outdir", "target/dry-run"]).env(build::BUILD, "skip");
        run.command("deploy, dry run", deploy, Runner::None);
    }
    if setup::browser_tests().is_dir() {
        let mut browser = node_tool("playwright");
        browser.args(["test", "--config", "tests/browser", "--reporter", "list", "--pass-with-no-tests"]);
        browser.args(filter.map(|filter| ["--grep", filter]).into_iter().flatten());
        browser.envs(setup::chromium().map(|file| ("CHROMIUM", file)));
        browser.envs(here.program("test_server").map(|file| ("TEST_SERVER", file)));
        run.command("browser tests", browser, Runner::Playwright);
    }
}

fn native(filter: Option<&str>) -> Outcome<Command> {
    let run = ["nextest", "run", "--no-tests", "pass"].into_iter().chain(NATIVE).chain(filter);
    let mut command = builds(&setup::nextest()?, run);
    command.envs(setup::schemathesis().ok().flatten().map(|file| ("SCHEMATHESIS", file)));
    Ok(command)
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
    Nextest,
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
            Runner::Nextest => line
                .trim_start()
                .strip_prefix("Summary ")
                .and_then(|rest| rest.split_once(" run: "))
                .map(|(_, all)| all),
            Runner::Playwright => Some(line),
            Runner::None => None,
        };
        for count in counts.into_iter().flat_map(|counts| counts.split(", ")) {
            let mut words = count.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u32>().ok()) else { continue };
            let (what, more) = (words.next().unwrap_or_default(), words.next());
            let is_failure = match runner {
                // Failed, timed out or not started.
                Runner::Nextest => what != "skipped",
                // A flaky test passed at a second try, and so is not one to rely on.
                Runner::Playwright | Runner::None => more.is_none() && ["failed", "flaky"].contains(&what),
            };
            if what == "passed" {
                self.passed += number;
            } else if is_failure {
                self.failed += number;
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
        let failed = |error: std::io::Error| format!("`{name}`: {error}");
        let (said, to) = std::io::pipe().map_err(failed)?;
        if matches!(runner, Runner::Nextest) {
            // It says there what it counts.
            command.stderr(to.try_clone().map_err(failed)?);
        }
        let mut child = command.stdout(to).spawn().map_err(failed)?;
        // It holds our end of what it writes to, which would never end.
        drop(command);
        for line in BufReader::new(said).split(b'\n') {
            let line = line.map_err(failed)?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            self.tally.read(runner, &line);
        }
        let status = child.wait().map_err(failed)?;
        if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nextest_and_playwright_say_is_counted_and_nothing_else() {
        let nextest = "
        PASS [   0.010s] hotline a_story
     Summary [  12.345s] 15 tests run: 13 passed (1 slow), 1 failed, 1 timed out, 3 skipped
        FAIL [   0.030s] hotline 5 passed by";
        let playwright = "
Running 6 tests using 2 workers
  ✓  1 [chromium] › call.spec.ts:3:1 › 7 passed by (1.2s)
  1 failed
    [chromium] › text.spec.ts:3:1 › a text
  1 flaky
  1 skipped
  3 passed (4.2s)";
        for (runner, said, passed, failed) in
            [(Runner::Nextest, nextest, 13, 2), (Runner::Playwright, playwright, 3, 2), (Runner::None, nextest, 0, 0)]
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
        assert!(!run.command("does not compile", shell("exit 101"), Runner::Nextest));
        assert!(!run.command(
            "two fail",
            shell("echo 'Summary [ 1.0s] 3 tests run: 1 passed, 2 failed, 0 skipped' >&2; exit 1"),
            Runner::Nextest
        ));
        assert!(run.command("fine", shell("echo '  4 passed (1.2s)'"), Runner::Playwright));
        assert!(!run.step("no tool", || Err("missing".to_owned())));
        assert_eq!(run.tally, Tally { passed: 5, failed: 4 });
    }
}
