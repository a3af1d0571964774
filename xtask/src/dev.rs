//! The whole loop on one machine: the Worker in workerd, the emulator, and one page to try them.
use crate::build::{self, EMULATOR};
use crate::lock::Lock;
use crate::playground::{self, ApiKey, SECRETS_FILE};
use crate::process::{Group, Outcome, node_tool, root};
use crate::steps::Steps;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

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

/// The longest answer that is read: health's, when every field is wrong.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Runs until Ctrl-C (which is success) or until one of the two ends.
pub(crate) fn dev(emulator_port: Option<u16>, worker_port: Option<u16>) -> Outcome {
    let mut lock = Lock::of_dev()?;
    let mut steps = Steps::new(4);
    let built = build::for_dev(&mut steps)?;
    begin_anew()?;
    steps.next("starting the emulator and wrangler", "15 seconds");

    let (emulator_port, worker_port) = ports(emulator_port, worker_port)?;
    lock.tell(&format!("http://127.0.0.1:{emulator_port}/"))?;
    let stop = on_ctrl_c()?;
    let program = built.program(EMULATOR)?;
    let key = ApiKey::new()?;
    let mut emulator = Group::start("the emulator", &mut emulator(program, emulator_port, worker_port, &key))?;
    let mut worker = Group::start("wrangler", &mut worker(emulator_port, worker_port, &key)?)?;
    let mut both_run = || emulator.still_runs().and_then(|()| worker.still_runs());

    let start = Instant::now();
    while !(answers(emulator_port, "/") && is_healthy(worker_port)?) {
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

fn emulator(program: &Path, port: u16, worker_port: u16, key: &ApiKey) -> Command {
    let worker = format!("http://127.0.0.1:{worker_port}");
    let mut command = Command::new(program);
    command.current_dir(root()).args(["--port", &port.to_string(), "--worker", &worker, "--api-key", &key.token]);
    command
}

fn worker(emulator_port: u16, port: u16, key: &ApiKey) -> Outcome<Command> {
    let emulator = format!("http://127.0.0.1:{emulator_port}");
    let mut command = node_tool("wrangler");
    command.env(build::BUILD, "dev");
    command.args(["dev", "--local", "--ip", "127.0.0.1", "--port", &port.to_string(), "--inspector-port", "0"]);
    command.args(["--persist-to", STATE, "--show-interactive-dev-session=false", "--env-file", SECRETS_FILE]);
    for (name, value) in playground::variables(&format!("http://127.0.0.1:{port}"), &emulator, key)? {
        command.args(["--var", &format!("{name}:{value}")]);
    }
    Ok(command)
}

/// The emulator begins with nothing, so what the Worker remembers of its conversations must go too.
fn begin_anew() -> Outcome {
    match fs::remove_dir_all(root().join(STATE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{STATE}: {error}")),
        _ => Ok(()),
    }
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

/// Whether the Worker runs; an error when it says that its configuration is wrong, which waiting does not mend.
fn is_healthy(port: u16) -> Outcome<bool> {
    match ask(port, "/healthz") {
        Some(answer) if answer.contains("\"code\":\"configuration\"") => {
            let words = answer.split_once("\r\n\r\n").map_or(answer.as_str(), |(_, body)| body);
            Err(format!("the Worker refuses its configuration; mend it in wrangler.toml: {words}"))
        }
        answer => Ok(answer.is_some_and(|answer| is_good(&answer))),
    }
}

/// Whether `GET path` on this port is answered with 200.
fn answers(port: u16, path: &str) -> bool {
    ask(port, path).is_some_and(|answer| is_good(&answer))
}

fn is_good(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200")
}

/// The answer to `GET path` on this port.
fn ask(port: u16, path: &str) -> Option<String> {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        // In one piece: a server that answers a part of it would reset what comes after.
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
        Ok(answer)
    };
    Some(String::from_utf8_lossy(&ask().ok()?).into_owned())
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
    fn only_a_200_is_an_answer_and_a_wrong_configuration_is_not_waited_for() {
        let wrong = "HTTP/1.1 503 No\r\n\r\n{\"error\":{\"code\":\"configuration\",\"message\":\"HOTLINE_A.name: is missing\"}}";
        for (said, ready) in [
            ("HTTP/1.1 200 OK\r\n\r\n", Some(true)),
            ("HTTP/1.1 500 Oh\r\n\r\n", Some(false)),
            ("", Some(false)),
            (wrong, None),
        ] {
            let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = server.local_addr().unwrap().port();
            let one = thread::spawn(move || {
                let mut stream = server.accept().unwrap().0;
                // What is not read would reset the connection.
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(said.as_bytes()).unwrap();
            });
            let healthy = is_healthy(port);
            assert!(healthy.is_ok() || healthy.as_ref().unwrap_err().contains("HOTLINE_A.name: is missing"));
            assert_eq!(healthy.ok(), ready, "{said}");
            one.join().unwrap();
        }
    }
}
