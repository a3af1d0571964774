//! `emulator --port P --worker URL`: both services and the playground on one port.

use std::process::ExitCode;

use emulator::server::{Settings, start};

const USAGE: &str = "usage: emulator [--port PORT] [--worker URL]";
/// Default address of `wrangler dev`.
const WORKER: &str = "http://127.0.0.1:8787";
/// A port beside the Worker's.
const PORT: u16 = 8788;

#[tokio::main]
async fn main() -> ExitCode {
    let Some((port, worker)) = arguments(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match start(Settings::development(port, &worker)).await {
        Ok(running) => {
            println!("emulator ready on {}/", running.url());
            running.forever().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("emulator: cannot listen on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Option<(u16, String)> {
    let (mut port, mut worker) = (PORT, WORKER.to_owned());
    while let Some(name) = given.next() {
        match (name.as_str(), given.next()?) {
            ("--port", value) => port = value.parse().ok()?,
            ("--worker", value) => worker = value,
            _ => return None,
        }
    }
    Some((port, worker))
}
