//! What the tests share.

pub mod oracle;
mod plans;
pub mod runtime;
pub mod store;
pub mod world;

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace whose tests cargo runs: a copied checkout has programs that were compiled in another one.
#[expect(clippy::missing_panics_doc, reason = "a package's folder has one above it")]
pub fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().expect("the workspace").to_owned()
}
