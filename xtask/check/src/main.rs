//! `cargo xtask check`: refuses a wrong `wrangler.toml` before Cloudflare sees it.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: xtask-check FILE");
        return ExitCode::FAILURE;
    };
    match xtask_check::check(Path::new(&path)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
