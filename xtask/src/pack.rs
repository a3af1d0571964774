//! Packs the Worker for Cloudflare into `worker/build`, and the widget beside the static files: wasm and its JavaScript.
use crate::alike;
use crate::process::{Outcome, cargo, node_path, node_tool, root, run};
use crate::setup::{self, WASM, WASM_BINDGEN, WORKER_BUILD};
use crate::short;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// When set, [`build`] returns at once: wrangler runs the build command by itself, also right after we have built.
pub(crate) const SKIP: &str = "RINGSIDE_SKIP_BUILD";

/// When set, [`build`] leaves the modules as they are built.
pub(crate) const QUICK: &str = "RINGSIDE_QUICK_BUILD";

/// Whether the modules are made smaller, which takes longer than building them: in the playground they do not travel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    AsBuilt,
}

/// What Cloudflare counts, and what the budgets of the design count: the wasm and the script beside it, of the Worker
/// and of the widget.
const PARTS: [&str; 4] =
    ["worker/build/index_bg.wasm", "worker/build/index.js", "static/assets/widget_bg.wasm", "static/assets/widget.js"];

/// Where wasm-bindgen puts the widget, before it is made smaller.
const WIDGET: &str = "widget/build";

/// What `wasm-opt` is told. Measured by what is left after gzip, which finds many small functions alike, and little in a
/// few large ones.
const SMALL: [&str; 14] = [
    // wasm-bindgen catches what JavaScript throws.
    "--enable-exception-handling",
    // Classes that the `worker` crate exports and we do not use: containers, minified pages, R2, streams made in Rust.
    // An export keeps its code; the script beside refers to these only when somebody makes such an object.
    "--remove-exports=*containerstartupoptions*",
    "--remove-exports=*minifyconfig*",
    "--remove-exports=*r2range*",
    "--remove-exports=*intounderlying*",
    "-Oz",
    // Again and again, until nothing gets smaller.
    "--converge",
    // Fewer instructions, but no longer alike: to gzip, the same words twice cost less than another variable.
    "--skip-pass=local-cse",
    "--skip-pass=simplify-locals",
    // What has one caller stays a function of its own from 20 instructions on.
    "--one-caller-inline-max-function-size=20",
    // The stack begins there: an address below 1024 would be the end of an overflow, which traps either way.
    "--low-memory-unused",
    // Like beside like: see `squeeze`.
    "--reorder-functions-by-name",
    // The names of functions are a fifth of the file; the build server's paths go with them.
    "--strip-debug",
    "--strip-producers",
];

/// Builds the Worker and the widget, and says what they weigh.
pub(crate) fn build() -> Outcome {
    match (is_set(SKIP), is_set(QUICK)) {
        (true, _) => Ok(()),
        (false, true) => build_as(Size::AsBuilt),
        (false, false) => build_as(Size::Small).and_then(|()| weigh()),
    }
}

/// Builds the Worker and the widget.
pub(crate) fn build_as(size: Size) -> Outcome {
    setup::for_build()?;
    worker_build("worker", size)?;
    widget(size)
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| value == "1")
}

/// Builds the widget as modules that a browser loads by itself.
fn widget(size: Size) -> Outcome {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let built = target.join(WASM).join("widget/ringside_widget.wasm");
    let compile = ["build", "--locked", "--package", "ringside-widget", "--target", WASM, "--profile", "widget"];
    run(cargo(compile).env("CARGO_ENCODED_RUSTFLAGS", flags()))?;
    let mut bind = Command::new(WASM_BINDGEN.file()?);
    bind.current_dir(root()).args(["--target", "web", "--no-typescript", "--out-name", "widget", "--out-dir", WIDGET]);
    run(bind.arg(built))?;
    let bundle = ["--bundle", "--minify", "--format=esm", "--log-level=warning", "--outfile=static/assets/widget.js"];
    run(node_tool("esbuild").arg("widget/start.js").args(bundle))?;
    let wasm = "static/assets/widget_bg.wasm";
    let copied = fs::copy(root().join(WIDGET).join("widget_bg.wasm"), root().join(wasm));
    copied.map_err(|error| format!("{wasm}: {error}"))?;
    squeeze(wasm, "static/assets/widget.js", size)
}

/// Builds both Workers and lets the benchmark measure them.
pub(crate) fn bench() -> Outcome {
    build()?;
    worker_build("tests/bare", Size::Small)?;
    let [worker, _, wasm, script] = PARTS.map(gzipped);
    let mut bench = cargo(["run", "--quiet", "--package", "ringside-tests", "--bin", "bench"]);
    bench.env("RINGSIDE_WASM_GZIP", worker?.to_string()).env("RINGSIDE_WIDGET_GZIP", (wasm? + script?).to_string());
    run(&mut bench)
}

fn worker_build(folder: &str, size: Size) -> Outcome {
    // With these two set and nothing to optimize, which we do, worker-build downloads nothing.
    let mut command = Command::new(WORKER_BUILD.file()?);
    command.current_dir(root()).args([folder, "--release", "--no-opt"]).env("PATH", node_path());
    command.env("WASM_BINDGEN_BIN", WASM_BINDGEN.file()?);
    command.env("ESBUILD_BIN", root().join("node_modules/esbuild/bin/esbuild"));
    command.env("CARGO_ENCODED_RUSTFLAGS", flags());
    run(&mut command)?;
    squeeze(&format!("{folder}/build/index_bg.wasm"), &format!("{folder}/build/index.js"), size)
}

/// What LLVM is told. It counts instructions, and gzip counts what is new in them.
const SMALLER: [&str; 2] = [
    // A function that keeps more than this on the stack stays one of its own, though it has one caller: in a few huge
    // functions no two addresses are alike.
    "-Cllvm-args=-inline-max-stacksize=128",
    // What is larger than a register is copied by one instruction, not piece by piece.
    "-Cllvm-args=-max-store-memcpy=1",
];

/// What every crate is built with.
fn flags() -> String {
    let flags = no_paths().chain(SMALLER.map(str::to_owned));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// A panic's message holds the path of its source: that of the machine that built it has no business in the Worker.
fn no_paths() -> impl Iterator<Item = String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let crates = home.map(|home| (home.join("registry/src"), "crates"));
    let renamed = crates.into_iter().chain([(root().to_owned(), "ringside")]);
    renamed.map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display()))
}

/// Makes the wasm, and the script that it imports from, as small as they get after gzip: by itself, then once more with
/// what reads alike side by side, and with short names between the two.
fn squeeze(wasm: &str, script: &str, size: Size) -> Outcome {
    if size == Size::AsBuilt {
        return Ok(());
    }
    let (module, glue) = (root().join(wasm), root().join(script));
    let mut optimize = node_tool("wasm-opt");
    optimize.args(SMALL).arg(&module).arg("-o").arg(&module);
    let wrong = |error| format!("{wasm}: {error}");
    run(&mut optimize)?;
    let small = fs::read(&module).map_err(wrong)?;
    let named = alike::named_by_place(&small).ok_or_else(|| format!("{wasm} is not a module we can read"))?;
    fs::write(&module, named).map_err(wrong)?;
    run(&mut optimize)?;
    let long = fs::read(&module).map_err(wrong)?;
    let words = fs::read_to_string(&glue).map_err(|error| format!("{script}: {error}"))?;
    let (short, words) = short::named(&long, &words).ok_or_else(|| format!("{wasm} does not fit {script}"))?;
    fs::write(&module, short).map_err(wrong)?;
    fs::write(&glue, words).map_err(|error| format!("{script}: {error}"))
}

/// The length of a part after gzip -9.
fn gzipped(part: &str) -> Outcome<usize> {
    let packed = Command::new("gzip").current_dir(root()).args(["-9", "-n", "-c", part]).output();
    let packed = packed.map_err(|error| format!("gzip: {error}"))?;
    if packed.status.success() { Ok(packed.stdout.len()) } else { Err(format!("gzip {part}: {}", packed.status)) }
}

fn weigh() -> Outcome {
    for part in PARTS {
        let bytes = fs::metadata(root().join(part)).map_err(|error| format!("{part}: {error}"))?.len();
        println!("{part}: {} ({} after gzip -9)", kilobytes(bytes), kilobytes(gzipped(part)? as u64));
    }
    Ok(())
}

/// Thousands of bytes with one decimal, as Cloudflare's and our budgets are written.
fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_the_budget() {
        assert_eq!([0, 999, 160_050].map(kilobytes), ["0.0 KB", "0.9 KB", "160.0 KB"]);
    }
}
