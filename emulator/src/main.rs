//! `emulator --port P --worker URL --api-key TOKEN`: both services and the playground on one port.

use std::process::ExitCode;

use emulator::server::{Settings, start};

const USAGE: &str = "usage: emulator [--port PORT] [--worker URL] [--api-key TOKEN]";
/// Default address of `wrangler dev`.
const WORKER: &str = "http://127.0.0.1:8787";
/// A port beside the Worker's.
const PORT: u16 = 8788;

#[tokio::main]
async fn main() -> ExitCode {
    let Some(settings) = settings(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let port = settings.port;
    match start(settings).await {
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

fn settings(mut given: impl Iterator<Item = String>) -> Option<Settings> {
    let (mut port, mut worker, mut api_key) = (PORT, WORKER.to_owned(), None);
    while let Some(name) = given.next() {
        match (name.as_str(), given.next()?) {
            ("--port", value) => port = value.parse().ok()?,
            ("--worker", value) => worker = value,
            ("--api-key", value) => api_key = Some(value),
            _ => return None,
        }
    }
    let settings = Settings::development(port, &worker);
    Some(match api_key {
        Some(token) => settings.with_api_key(&worker, &token),
        None => settings,
    })
}
