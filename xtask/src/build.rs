//! Builds the widget into `static/assets` and the Worker, which names it in its pages, into `worker/build`: wasm, and the
//! JavaScript beside it.
use crate::artifacts::{self, Artifacts};
use crate::lock::Lock;
use crate::process::{Outcome, cargo, node_tool, root, run, typed};
use crate::reference_page;
use crate::setup::{self, WASM};
use crate::steps::Steps;
use crate::widget_files;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// The environment variable that says what wrangler's build command builds: `cargo xtask dev` sets `dev`, `test` sets `skip`.
/// Wrangler runs that command by itself, also right after we have built.
pub(crate) const BUILD: &str = "RINGSIDE_BUILD";

/// The program that binds, and its package.
const BINDGEN: &str = "xtask-bindgen";

/// The emulator's package and program.
pub(crate) const EMULATOR: &str = "emulator";

/// What runs here for the playground, named alike in each of its calls of cargo: with another set of packages their common
/// dependencies have other features, and half of them are compiled again.
const FOR_DEV: [&str; 2] = ["--package", EMULATOR];

/// What prints the description of the API, for the reference page, and its package.
const DESCRIPTION: &str = "openapi";
const FOR_REFERENCE: [&str; 2] = ["--package", CHECK];

/// The program that refuses a wrong wrangler.toml, and its package.
const CHECK: &str = "xtask-check";

/// What is built for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The playground: quick to build.
    Dev,
    /// Cloudflare.
    Release,
    /// The same with the names of functions, for stack traces and `perf`.
    Profiling,
}

/// A package that becomes wasm, and where its parts go.
struct Module {
    package: &'static str,
    /// What loads it: workerd ("module") or a browser ("web").
    target: &'static str,
    /// Where wasm-bindgen writes.
    folder: &'static str,
    /// What it names its files after.
    name: &'static str,
    /// The script that esbuild makes one file of.
    entry: &'static str,
    /// The two files that come of it.
    wasm: &'static str,
    script: &'static str,
}

const WORKER: Module = Module {
    package: "ringside-worker",
    target: "module",
    folder: "worker/build",
    name: "index",
    entry: "worker/build/index.js",
    wasm: "worker/build/index_bg.wasm",
    script: "worker/build/index.js",
};

const WIDGET: Module = Module {
    package: "ringside-widget",
    target: "web",
    folder: "widget/build",
    name: "widget",
    entry: "widget/start.js",
    wasm: "widget/build/packed_bg.wasm",
    script: "widget/build/packed.js",
};

/// The measure of the benchmark.
const BARE: Module = Module {
    package: "bare-worker",
    folder: "tests/bare/build",
    entry: "tests/bare/build/index.js",
    wasm: "tests/bare/build/index_bg.wasm",
    script: "tests/bare/build/index.js",
    ..WORKER
};

/// As worker-build calls `wasm-opt`: what rustc's target has, and what wasm-bindgen catches exceptions with.
const OPTIMIZE: [&str; 8] = [
    "-O",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// `cargo xtask build`, or what [`BUILD`] says instead.
pub(crate) fn build(mode: Mode) -> Outcome {
    match env::var(BUILD).as_deref() {
        Ok("skip") => Ok(()),
        // `cargo xtask dev` has set up and compiled what runs here.
        Ok("dev") => {
            let here = native(&FOR_DEV)?;
            modules(&[WIDGET, WORKER], Mode::Dev, &here, &mut Steps::new(2))
        }
        _ => {
            Lock::no_dev_runs()?;
            // Whoever plays does not wait until the rules are compiled for this machine too.
            let beside: &[&'static str] = if mode == Mode::Dev { &[] } else { &FOR_REFERENCE };
            let here = all(&[WIDGET, WORKER], mode, beside, &mut Steps::new(3))?;
            if mode != Mode::Dev {
                reference_page::make(here.program(DESCRIPTION)?)?;
            }
            weigh()
        }
    }
}

/// The build for Cloudflare, with what the tests have compiled for this machine.
pub(crate) fn for_tests(here: &Artifacts) -> Outcome {
    Lock::no_dev_runs()?;
    modules(&[WIDGET, WORKER], Mode::Release, here, &mut Steps::new(2))?;
    reference_page::make(here.program(DESCRIPTION)?)?;
    weigh()
}

/// Builds the Worker and the widget for the playground, and the emulator; what runs here.
pub(crate) fn for_dev(steps: &mut Steps) -> Outcome<Artifacts> {
    all(&[WIDGET, WORKER], Mode::Dev, &FOR_DEV, steps)
}

/// Builds both Workers and lets the benchmark measure them.
pub(crate) fn bench() -> Outcome {
    Lock::no_dev_runs()?;
    all(&[WIDGET, WORKER, BARE], Mode::Release, &[], &mut Steps::new(3))?;
    let worker = gzipped(WORKER.wasm)?;
    let widget = gzipped(WIDGET.wasm)? + gzipped(WIDGET.script)?;
    let mut bench = cargo(["run", "--quiet", "--package", "ringside-tests", "--bin", "bench"]);
    bench.env("RINGSIDE_WASM_GZIP", worker.to_string()).env("RINGSIDE_WIDGET_GZIP", widget.to_string());
    run(&mut bench)
}

/// `cargo xtask check`: a program of its own, which brings the rules along.
pub(crate) fn check(args: Vec<String>) -> Outcome<ExitCode> {
    let status = program(CHECK, args)?.status().map_err(|error| format!("cargo xtask check: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same of the project's own file, as a step of the tests.
pub(crate) fn check_project(here: &Artifacts) -> Outcome {
    run(Command::new(here.program(CHECK)?).current_dir(root()).env("RINGSIDE_ROOT", root()))
}

/// `cargo xtask api-key`: another one, for the same reason.
pub(crate) fn api_key(args: Vec<String>) -> Outcome {
    run(cargo(["run", "--locked", "--quiet", "--package", CHECK, "--bin", "api-key", "--"]).args(args))
}

/// `cargo xtask hotline`, `doctor`, `numbers` and `person`: a program in place of this one, so that Ctrl-C and its exit code are its own.
pub(crate) fn operate(word: &str, args: Vec<String>) -> Outcome<ExitCode> {
    let mut program = program("ringside-operate", [vec![word.to_owned()], args].concat())?;
    let problem = program.exec();
    Err(format!("`{}` did not start: {problem}", typed(&program)))
}

/// A program of the workspace. Paths in its arguments are meant from where the person stands.
fn program(package: &str, args: Vec<String>) -> Outcome<Command> {
    let mut program = cargo(["run", "--locked", "--quiet", "--package", package, "--manifest-path"]);
    let here = env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    program.arg(root().join("Cargo.toml")).current_dir(here).arg("--").args(args).env("RINGSIDE_ROOT", root());
    Ok(program)
}

/// From nothing: what runs here first, since it needs nothing that has to be fetched.
fn all(of: &[Module], mode: Mode, beside: &[&'static str], steps: &mut Steps) -> Outcome<Artifacts> {
    let fetching = setup::for_build()?;
    steps.next("compiling what runs on this machine", "2 minutes");
    let here = native(beside)?;
    fetching.wait()?;
    modules(of, mode, &here, steps)?;
    Ok(here)
}

fn native(beside: &[&'static str]) -> Outcome<Artifacts> {
    artifacts::build(["--package", BINDGEN].into_iter().chain(beside.iter().copied()), |_| ())
}

fn modules(of: &[Module], mode: Mode, here: &Artifacts, steps: &mut Steps) -> Outcome {
    let _alone = Lock::of_build()?;
    steps.next("compiling the Worker and the widget to wasm", "2 minutes");
    let compiled = compile(of, mode)?;
    steps.next("packing wasm and JavaScript", "a few seconds");
    let mut widget = String::new();
    for module in of {
        pack(module, mode, here.program(BINDGEN)?, compiled.wasm(module.package)?, &widget)?;
        if module.package == WIDGET.package {
            let kept = if mode == Mode::Dev { widget_files::KEPT_IN_DEV } else { widget_files::KEPT };
            widget = widget_files::publish(WIDGET.script, WIDGET.wasm, kept)?;
        }
    }
    Ok(())
}

/// All in one go, so that what they share is compiled once.
fn compile(of: &[Module], mode: Mode) -> Outcome<Artifacts> {
    let packages = of.iter().flat_map(|module| ["--package", module.package]);
    let release = (mode != Mode::Dev).then_some("--release");
    artifacts::build(["--target", WASM].into_iter().chain(packages).chain(release), |command| {
        match mode {
            // wasm-bindgen drops the tables of lines. Optimised, the rules alone take five times as long to compile, and
            // whoever plays cannot tell.
            Mode::Dev => command.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_PROFILE_DEV_OPT_LEVEL", "0"),
            Mode::Release | Mode::Profiling => command.env("CARGO_ENCODED_RUSTFLAGS", without_paths()),
        };
    })
}

/// Binds, shrinks and bundles; `widget` is what the Worker is told of the widget's files.
fn pack(module: &Module, mode: Mode, bindgen: &Path, compiled: &Path, widget: &str) -> Outcome {
    let mut bind = Command::new(bindgen);
    run(bind.current_dir(root()).arg(module.target).arg(compiled).args([module.folder, module.name]))?;

    let bound = format!("{}/{}_bg.wasm", module.folder, module.name);
    let names = if mode == Mode::Release { "--strip-debug" } else { "--debuginfo" };
    if mode != Mode::Dev {
        run(node_tool("wasm-opt").args(OPTIMIZE).args([names, &bound, "-o", module.wasm]))?;
    } else if bound != module.wasm {
        let copied = fs::copy(root().join(&bound), root().join(module.wasm));
        copied.map_err(|error| format!("{}: {error}", module.wasm))?;
    }

    let mut bundle = node_tool("esbuild");
    bundle.args([module.entry, "--bundle", "--format=esm", "--external:*.wasm", "--log-level=warning"]);
    bundle.args(["--allow-overwrite", &format!("--outfile={}", module.script)]);
    match module.package {
        of if of == WIDGET.package => {
            let wasm = widget_files::wasm_name(module.wasm)?;
            bundle.arg(format!("--define:WIDGET_WASM=\"./{wasm}\""));
        }
        of if of == WORKER.package => {
            bundle.arg(format!("--banner:js={widget}"));
        }
        _ => {}
    }
    run(bundle.args((mode == Mode::Release).then_some("--minify")))
}

/// A panic's message holds the path of its source: that of the machine that built it has no business in the Worker.
fn without_paths() -> String {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let crates = home.map(|home| (home.join("registry/src"), "crates"));
    let renamed = crates.into_iter().chain([(root().to_owned(), "ringside")]);
    let flags = renamed.map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display()));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// The length of a part after gzip -9.
fn gzipped(part: &str) -> Outcome<usize> {
    let packed = Command::new("gzip").current_dir(root()).args(["-9", "-n", "-c", part]).output();
    let packed = packed.map_err(|error| format!("gzip: {error}"))?;
    if packed.status.success() { Ok(packed.stdout.len()) } else { Err(format!("gzip {part}: {}", packed.status)) }
}

fn weigh() -> Outcome {
    for part in [WORKER.wasm, WORKER.script, WIDGET.wasm, WIDGET.script] {
        let bytes = fs::metadata(root().join(part)).map_err(|error| format!("{part}: {error}"))?.len();
        println!("{part}: {} ({} after gzip -9)", kilobytes(bytes), kilobytes(gzipped(part)? as u64));
    }
    Ok(())
}

/// Thousands of bytes with one decimal, as Cloudflare's limits are written.
fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_the_limits() {
        assert_eq!([0, 999, 160_050].map(kilobytes), ["0.0 KB", "0.9 KB", "160.0 KB"]);
    }
}
