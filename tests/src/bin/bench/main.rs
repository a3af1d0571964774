//! `cargo xtask bench`: size, cost and time, measured beside their budgets. What is counted fails the benchmark when it is over
//! its budget; times are only shown, since machines differ.

mod costs;
mod growth;
mod meter;
mod times;

use std::process::ExitCode;

/// Rows of "what, measured, at most", and whether a budget was exceeded.
#[derive(Default)]
struct Table {
    exceeded: bool,
}

impl Table {
    /// Something that is counted: more than `at_most` fails the benchmark.
    fn count(&mut self, what: &str, measured: u64, at_most: u64) {
        let over = measured > at_most;
        self.exceeded |= over;
        row(what, &measured.to_string(), &at_most.to_string(), if over { "  TOO MUCH" } else { "" });
    }

    /// Something that other programs on the machine disturb.
    fn time(&mut self, what: &str, measured: &str, at_most: &str) {
        row(what, measured, at_most, "");
    }
}

fn row(what: &str, measured: &str, at_most: &str, verdict: &str) {
    println!("{what:<58} {measured:>10} {at_most:>10}{verdict}");
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut table = Table::default();
    row("what", "measured", "at most", "");
    sizes();
    costs::of_a_text(&mut table);
    costs::of_a_reply(&mut table);
    growth::show(&mut table);
    times::webhook(&mut table).await;
    if table.exceeded { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Only shown: a module of 715 KB starts as quickly as one of 452 KB, and the platform takes 64 MiB (Cloudflare, Workers, Limits).
fn sizes() {
    for (what, name) in [
        ("Worker wasm, bytes after gzip -9", "RINGSIDE_WASM_GZIP"),
        ("widget, wasm and script, bytes after gzip -9", "RINGSIDE_WIDGET_GZIP"),
    ] {
        row(what, &std::env::var(name).unwrap_or_else(|_| "?".to_owned()), "", "");
    }
}
