//! Packs the Worker for Cloudflare: wasm and its JavaScript, into `worker/build`.
use crate::process::{Outcome, node_path, node_tool, read, root, run};
use crate::setup::{self, WASM_BINDGEN, WORKER_BUILD};
use std::process::Command;
use std::{env, fs};

/// When set, [`build`] returns at once: wrangler runs the build command by itself, also right after we have built.
pub(crate) const SKIP: &str = "RINGSIDE_SKIP_BUILD";

/// What Cloudflare counts, and what the budgets of the design count: the wasm and the script beside it.
const PARTS: [&str; 2] = ["worker/build/index_bg.wasm", "worker/build/index.js"];

/// Lengths after gzip -9, one a line; Node's zlib saves us a crate.
const GZIP: &str = "for (const file of process.argv.slice(1)) \
    console.log(require('zlib').gzipSync(require('fs').readFileSync(file), { level: 9 }).length)";

/// Builds the Worker and says what it weighs.
pub(crate) fn build() -> Outcome {
    if env::var_os(SKIP).is_some_and(|value| value == "1") {
        return Ok(());
    }
    setup::for_build()?;
    // With these three set, worker-build downloads nothing.
    let modules = root().join("node_modules");
    let mut command = Command::new(WORKER_BUILD.file()?);
    command.current_dir(root()).args(["worker", "--release"]).env("PATH", node_path());
    command.env("WASM_BINDGEN_BIN", WASM_BINDGEN.file()?);
    command.env("WASM_OPT_BIN", modules.join("binaryen/bin/wasm-opt"));
    command.env("ESBUILD_BIN", modules.join("esbuild/bin/esbuild"));
    run(&mut command)?;
    squeeze()?;
    weigh()
}

/// worker-build keeps the names of functions, a fifth of the file; the build server's paths go with them.
fn squeeze() -> Outcome {
    let wasm = root().join("worker/build/index_bg.wasm");
    run(node_tool("wasm-opt").args(["-Oz", "--strip-debug", "--strip-producers"]).arg(&wasm).arg("-o").arg(&wasm))
}

fn weigh() -> Outcome {
    let packed = read(Command::new("node").current_dir(root()).args(["-e", GZIP]).args(PARTS))?;
    for (part, packed) in PARTS.iter().zip(packed.lines()) {
        let bytes = fs::metadata(root().join(part)).map_err(|error| format!("{part}: {error}"))?.len();
        println!("{part}: {} ({} after gzip -9)", kilobytes(bytes), kilobytes(packed.parse().unwrap_or_default()));
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
