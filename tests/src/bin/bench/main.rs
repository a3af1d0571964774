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
    sizes(&mut table);
    costs::of_a_text(&mut table);
    costs::of_a_reply(&mut table);
    growth::show(&mut table);
    times::webhook(&mut table).await;
    if table.exceeded { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The weights are printed by `cargo xtask build` too; here they stand beside their budgets.
fn sizes(table: &mut Table) {
    for (what, name, at_most) in [
        ("Worker wasm, bytes after gzip -9", "RINGSIDE_WASM_GZIP", 400_000),
        ("widget, wasm and script, bytes after gzip -9", "RINGSIDE_WIDGET_GZIP", 150_000),
    ] {
        match std::env::var(name).ok().and_then(|bytes| bytes.parse().ok()) {
            Some(bytes) => table.count(what, bytes, at_most),
            None => table.time(what, "?", &at_most.to_string()),
        }
    }
}
