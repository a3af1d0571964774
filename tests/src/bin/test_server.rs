//! The Worker and the emulator, started for the browser tests. Prints their addresses and the
//! Worker's log file, and ends when its standard input does.

use ringside_tests::runtime::Stand;
use serde_json::json;
use tokio::io::AsyncReadExt as _;

#[tokio::main]
async fn main() {
    let stand = Stand::start_with_assets().await;
    let log = stand.worker.log_file();
    println!("{}", json!({ "emulator": stand.emulator.url(), "worker": stand.worker.url, "log": log }));
    let mut rest = Vec::new();
    // Whoever started us has closed the pipe, or has ended.
    let _ = tokio::io::stdin().read_to_end(&mut rest).await;
}
