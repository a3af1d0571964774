//! The whole loop on one machine: the Worker in workerd, the emulator, and one page to try them.
use crate::build;
use crate::process::{Group, Outcome, built, node_tool, root};
use crate::steps::Steps;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The emulator's package and program.
const EMULATOR: &str = "emulator";

/// Where the playground is when nobody else is there.
const EMULATOR_PORT: u16 = 8700;

/// wrangler's own default.
const WORKER_PORT: u16 = 8787;

/// wrangler builds once more before it listens; on a slow machine that is a minute.
const READY: Duration = Duration::from_mins(3);

/// How long one question to a local server may take.
const ANSWER: Duration = Duration::from_secs(2);

/// How often we look whether something ended or came up.
const LOOK: Duration = Duration::from_millis(250);

/// Where wrangler keeps the objects of this Worker.
const STATE: &str = ".wrangler/state";

/// The emulator knows the same secrets.
const SECRETS: &str = include_str!("../../.dev.vars.example");

/// Runs until Ctrl-C (which is success) or until one of the two ends.
pub(crate) fn dev(emulator_port: Option<u16>, worker_port: Option<u16>) -> Outcome {
    let mut steps = Steps::new(4);
    build::for_dev(EMULATOR, &mut steps)?;
    write_secrets()?;
    begin_anew()?;
    steps.next("starting the emulator and wrangler", "15 seconds");

    let (emulator_port, worker_port) = ports(emulator_port, worker_port)?;
    let stop = on_ctrl_c()?;
    let mut emulator = Group::start("the emulator", &mut emulator(emulator_port, worker_port)?)?;
    let mut worker = Group::start("wrangler", &mut worker(emulator_port, worker_port)?)?;
    let mut both_run = || emulator.still_runs().and_then(|()| worker.still_runs());

    let start = Instant::now();
    while !(answers(emulator_port, "/") && answers(worker_port, "/healthz")) {
        both_run()?;
        if stopped(&stop) {
            return Ok(());
        }
        if start.elapsed() > READY {
            return Err(format!("the Worker and the emulator did not come up within {} s", READY.as_secs()));
        }
    }
    println!("\n  Open  http://127.0.0.1:{emulator_port}/\n");
    println!("  There you are both the supporter with a phone and the agent in Help Scout: text, and reply.");
    println!("  A change in worker/src or hotline/src is built and loaded by itself. Ctrl-C ends both.\n");
    while !stopped(&stop) {
        both_run()?;
    }
    Ok(())
}

fn emulator(port: u16, worker_port: u16) -> Outcome<Command> {
    let worker = format!("http://127.0.0.1:{worker_port}");
    let mut command = Command::new(built()?.join(EMULATOR));
    command.current_dir(root()).args(["--port", &port.to_string(), "--worker", &worker]);
    Ok(command)
}

fn worker(emulator_port: u16, port: u16) -> Outcome<Command> {
    let emulator = format!("http://127.0.0.1:{emulator_port}");
    let mut command = node_tool("wrangler");
    command.env(build::BUILD, "dev");
    command.args(["dev", "--local", "--ip", "127.0.0.1", "--port", &port.to_string(), "--inspector-port", "0"]);
    command.args(["--persist-to", STATE, "--show-interactive-dev-session=false"]);
    for (name, value) in [
        ("PUBLIC_URL", format!("http://127.0.0.1:{port}")),
        ("TWILIO_API_URL", format!("{emulator}/twilio")),
        ("TWILIO_LOOKUPS_URL", format!("{emulator}/lookups")),
        ("HELPSCOUT_API_URL", format!("{emulator}/helpscout")),
        ("HELPSCOUT_APP_ORIGIN", emulator.clone()),
    ] {
        command.args(["--var", &format!("{name}:{value}")]);
    }
    for (name, hotline) in hotlines()? {
        command.args(["--var", &format!("{name}:{hotline}")]);
    }
    Ok(command)
}

/// The hotlines of wrangler.toml as they are in the playground: with WhatsApp at the emulator's number, with replies that
/// leave within a second, and open at whatever hour somebody tries them.
fn hotlines() -> Outcome<Vec<(String, String)>> {
    let file = root().join("wrangler.toml");
    let text = fs::read_to_string(&file).map_err(|error| format!("wrangler.toml: {error}"))?;
    let config: toml::Table = text.parse().map_err(|error| format!("wrangler.toml: {error}"))?;
    let vars = config.get("vars").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let changed = |(name, value): (String, toml::Value)| {
        let mut hotline = value.as_table().filter(|_| name.starts_with("HOTLINE_"))?.clone();
        hotline.insert("reply_delay_seconds".to_owned(), 1.into());
        hotline.remove("hours");
        if let Some(number) = hotline.get("numbers").and_then(|numbers| numbers.get(0)).cloned() {
            hotline.insert("whatsapp".to_owned(), number);
        }
        Some((name, serde_json::to_string(&hotline).ok()?))
    };
    Ok(vars.into_iter().filter_map(changed).collect())
}

/// The emulator begins with nothing, so what the Worker remembers of its conversations must go too.
fn begin_anew() -> Outcome {
    match fs::remove_dir_all(root().join(STATE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{STATE}: {error}")),
        _ => Ok(()),
    }
}

fn write_secrets() -> Outcome {
    let file = root().join(".dev.vars");
    if file.exists() {
        return Ok(());
    }
    println!("dev: writing .dev.vars, secrets that only the emulator knows");
    fs::write(&file, SECRETS).map_err(|error| format!(".dev.vars: {error}"))
}

/// The ports asked for, else the usual ones, else any that are free.
fn ports(emulator: Option<u16>, worker: Option<u16>) -> Outcome<(u16, u16)> {
    let emulator = listener(emulator, EMULATOR_PORT)?;
    // The first listener stays open meanwhile, so that the two differ.
    let worker = listener(worker, WORKER_PORT)?;
    let port = |listener: TcpListener| listener.local_addr().map(|address| address.port()).map_err(|e| e.to_string());
    Ok((port(emulator)?, port(worker)?))
}

fn listener(asked: Option<u16>, usual: u16) -> Outcome<TcpListener> {
    let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match asked {
        Some(port) => bind(port),
        None => bind(usual).or_else(|_| bind(0)),
    }
    .map_err(|error| format!("port {}: {error}", asked.unwrap_or(0)))
}

fn on_ctrl_c() -> Outcome<Receiver<()>> {
    let (pressed, stop) = channel();
    let press = move || pressed.send(()).unwrap_or_default();
    ctrlc::set_handler(press).map_err(|error| format!("Ctrl-C: {error}"))?;
    Ok(stop)
}

fn stopped(stop: &Receiver<()>) -> bool {
    stop.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout)
}

/// Whether `GET path` on this port is answered with 200.
fn answers(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<[u8; 12]> {
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status)
    };
    ask().is_ok_and(|status| status == *b"HTTP/1.1 200")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn two_free_ports_differ_and_a_taken_one_is_refused() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let (emulator, worker) = ports(None, None).unwrap();
        assert_ne!(emulator, worker);
        assert!(ports(Some(port), None).is_err());
    }

    #[test]
    fn only_a_200_is_an_answer() {
        for (said, ready) in [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 500 Oh\r\n\r\n", false), ("", false)] {
            let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = server.local_addr().unwrap().port();
            let one = thread::spawn(move || server.accept().unwrap().0.write_all(said.as_bytes()).unwrap());
            assert_eq!(answers(port, "/healthz"), ready, "{said}");
            one.join().unwrap();
        }
    }
}
