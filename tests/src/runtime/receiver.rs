//! An address of a program on this machine, in place of every public name: what the Worker delivers to `https://…` comes here.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What it does with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It answers with this status.
    Status(u16),
    /// It answers 302, to itself.
    Redirects,
    /// It answers 200 at once, and its body never ends.
    EndlessBody,
    /// It never answers.
    Silent,
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The path, with its query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Delivered {
    /// A header, or "".
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

struct Shared {
    manner: Manner,
    delivered: Vec<Delivered>,
}

/// It listens until it is dropped.
pub struct Receiver {
    /// The port.
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Begins to listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Mutex::new(Shared { manner: Manner::Status(204), delivered: Vec::new() }));
        let heard = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&heard)));
            }
        });
        Self { port, shared, task }
    }

    /// What it does from now on.
    pub fn set(&self, manner: Manner) {
        self.shared.lock().expect("nobody panicked").manner = manner;
    }

    /// What came.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.shared.lock().expect("nobody panicked").delivered.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    let Some(delivered) = read(&mut stream).await else { return };
    let manner = {
        let mut shared = shared.lock().expect("nobody panicked");
        shared.delivered.push(delivered);
        shared.manner
    };
    let head = |status: u16, more: &str| format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n{more}\r\n");
    let text = match manner {
        Manner::Status(status) => head(status, if status == 204 { "" } else { "content-length: 0\r\n" }),
        Manner::Redirects => head(302, "location: https://elsewhere.example.org/\r\ncontent-length: 0\r\n"),
        Manner::EndlessBody => head(200, "transfer-encoding: chunked\r\n"),
        Manner::Silent => String::new(),
    };
    if stream.write_all(text.as_bytes()).await.is_err() {
        return;
    }
    match manner {
        // Until whoever reads it has had enough.
        Manner::EndlessBody => {
            while stream.write_all(b"5\r\nmore \r\n").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        Manner::Silent => drop(stream.read(&mut [0; 1]).await),
        Manner::Status(_) | Manner::Redirects => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Delivered> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(piece.get(..length)?),
        }
        if let Some(delivered) = parse(&bytes) {
            return Some(delivered);
        }
    }
}

/// A request, once all of it is there.
fn parse(bytes: &[u8]) -> Option<Delivered> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, length)| length.parse().ok());
    (body.len() >= length.unwrap_or(0)).then(|| Delivered { target, headers, body: body.to_owned() })
}
