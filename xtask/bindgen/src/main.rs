//! `xtask-bindgen module|web WASM FOLDER NAME`: writes `NAME.js` and `NAME_bg.wasm` into the folder.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [target, wasm, folder, name] = args.as_slice() else {
        bail!("usage: xtask-bindgen module|web WASM FOLDER NAME");
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(name).typescript(false);
    match target.as_str() {
        "module" => worker(&mut bindgen, Path::new(folder), name),
        "web" => bindgen.web(true)?.generate(folder),
        other => bail!("`{other}` is no target: module or web"),
    }
}

/// As worker-build calls wasm-bindgen: after a trap the next call into wasm makes a new instance.
fn worker(bindgen: &mut Bindgen, folder: &Path, name: &str) -> Result<()> {
    bindgen.module(true)?.force_enable_abort_handler(true).generate(folder)?;
    let script = folder.join(name).with_extension("js");
    let text = fs::read_to_string(&script).with_context(|| script.display().to_string())?;
    // workerd gives the module to a plain import, and esbuild leaves such an import to it.
    fs::write(&script, text.replace("import source ", "import ")).with_context(|| script.display().to_string())
}
