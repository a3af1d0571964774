//! A stand-in for the Worker at PUBLIC_URL: its real routes decide, for what touches no object; the rest is fixed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use hotline::config::{Config, Var};
use hotline::routing::{Body, Decision, Method, Request, route};
use serde_json::{Value, json};

/// The key that `/v1/health` opens to.
pub const KEY: &str = "rk_operator_0123456789abcdef0123456789abcdef0123456789a";

/// What is answered in place of the usual: status, headers, body.
pub type Instead = (u16, Vec<(&'static str, String)>, String);

#[derive(Default)]
struct State {
    /// By the beginning of the path.
    instead: BTreeMap<&'static str, Instead>,
    health: Value,
    /// Requests that would have reached an object.
    touched: Vec<String>,
}

pub struct Worker {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Worker {
    /// One whose secrets are those of development.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { health: health(), ..State::default() }));
        let (config, shared) = (Arc::new(config(&url)), state.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, state) = (config.clone(), shared.clone());
                thread::spawn(move || answer(stream.unwrap(), &config, &state));
            }
        });
        Self { url, state }
    }

    /// Answers this to all below a path.
    pub fn instead(&self, path: &'static str, instead: Instead) {
        self.state.lock().unwrap().instead.insert(path, instead);
    }

    /// Changes what `/v1/health` says.
    pub fn health(&self, change: impl FnOnce(&mut Value)) {
        change(&mut self.state.lock().unwrap().health);
    }

    /// Requests that would have reached an object.
    pub fn touched(&self) -> Vec<String> {
        self.state.lock().unwrap().touched.clone()
    }
}

fn config(url: &str) -> Config {
    let mut vars = vec![
        ("PUBLIC_URL".to_owned(), Var::Text(url.to_owned())),
        ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN".to_owned(), Var::Text("sms.example.org".to_owned())),
        (
            "HOTLINE_VOTERS".to_owned(),
            Var::Json(json!({"name": "Voters", "mailbox": 3003, "numbers": ["+15550100001"], "region": "US"})),
        ),
    ];
    let secrets = include_str!("../../../.dev.vars.example").lines().filter(|line| !line.starts_with('#'));
    let secrets = secrets.filter_map(|line| line.split_once('='));
    vars.extend(secrets.map(|(name, value)| (name.to_owned(), Var::Text(value.to_owned()))));
    Config::read(&vars).unwrap()
}

/// As OPERATE says it of one sound hotline.
fn health() -> Value {
    let sender = |sender: &str, kind: &str| json!({"sender": sender, "kind": kind, "ours": true, "checked_at": null});
    json!({
        "status": "ok", "at": "2026-11-30T12:00:00Z", "reasons": [], "hotlines": [{
            "hotline": "VOTERS", "name": "Voter hotline", "mailbox": 3003, "status": "ok", "senders": [
                sender("+15550100001", "number"), sender("+18005550100", "number"),
                sender("MG00000000000000000000000000000001", "messaging_service"), sender("+15550100001", "whatsapp"),
            ],
        }],
    })
}

fn answer(stream: TcpStream, config: &Config, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let mut words = head[0].split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let header = |name: &str| {
        let mut pairs = head.iter().skip(1).filter_map(|line| line.split_once(": "));
        pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let mut body = vec![0; header("content-length").and_then(|it| it.parse().ok()).unwrap_or_default()];
    let _ = reader.read_exact(&mut body);
    let (status, headers, text) = decide(method, target, &header, &body, config, state);
    let mut answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", text.len());
    answer.extend(headers.into_iter().map(|(name, value)| format!("{name}: {value}\r\n")));
    let _ = reader.into_inner().write_all(format!("{answer}\r\n{text}").as_bytes());
}

fn decide(
    method: &str,
    target: &str,
    header: &dyn Fn(&str) -> Option<String>,
    body: &[u8],
    config: &Config,
    state: &Mutex<State>,
) -> Instead {
    let mut state = state.lock().unwrap();
    if let Some((_, instead)) = state.instead.iter().find(|(path, _)| target.starts_with(**path)) {
        return instead.clone();
    }
    match target {
        "/bin/text" | "/bin/voice" => return (200, vec![], "<Response/>".to_owned()),
        "/v1/health" if header("authorization") != Some(format!("Bearer {KEY}")) => {
            return (401, vec![], "{}".to_owned());
        }
        "/v1/health" => return (200, vec![], state.health.to_string()),
        _ => {}
    }
    let request = Request {
        method: Method::from(method),
        target,
        headers: header,
        body: Body::Read(body),
        now: 0,
        random: &|| None,
    };
    if let Decision::Answer(answer) = route(&request, Ok(config)).decision {
        return (answer.status, vec![], answer.body);
    }
    state.touched.push(target.to_owned());
    (404, vec![], String::new())
}
