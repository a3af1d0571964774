//! HTTP server for both services and the playground; sends webhooks.

mod control;
mod control_calls;
mod dns;
mod origin;
mod page;
mod program;
mod routes;
mod sidebar;
#[cfg(test)]
mod stories;
mod webhook_sender;
mod world;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use dns::Records;
pub use program::Program;
pub use sidebar::App;
pub use world::{Entry, World};

use crate::helpscout::{self, HelpScout, PayloadVersion, WebhookSeed};
use crate::http::{Request, Response};
use crate::twilio::{self, Twilio};
use routes::ConnectionClosed;

/// Largest request in bytes: four attachments of Help Scout's 10 MB, in base64, fit.
const REQUEST_LIMIT: usize = 64 << 20;
/// Key of Help Scout's webhook signatures in development.
const DEVELOPMENT_WEBHOOK_SECRET: &str = "dev_webhook_secret";
/// Secret key of the app in Help Scout's sidebar in development.
const DEVELOPMENT_SIDEBAR_SECRET: &str = "dev_sidebar_secret";
/// What follows `HOTLINE_` in the name of development's hotline.
const DEVELOPMENT_HOTLINE: &str = "VOTERS";
/// The inbox that development's hotline has.
const DEVELOPMENT_INBOX: u64 = 3003;

/// Where the server listens, and the two accounts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Port on the loopback; 0: any free one.
    pub port: u16,
    /// Twilio's account; the addresses of its API and of its media host are put in when the port is known.
    pub twilio: twilio::Settings,
    /// Help Scout's account; the address of its API is put in when the port is known.
    pub helpscout: helpscout::Settings,
    /// The app in its sidebar.
    pub app: App,
    /// A program that the playground plays.
    pub program: Option<Program>,
}

impl Settings {
    /// Development accounts, with webhooks to the Worker at `worker`.
    pub fn development(port: u16, worker: &str) -> Self {
        let worker = worker.trim_end_matches('/');
        let webhook = WebhookSeed {
            url: format!("{worker}/helpscout/webhook"),
            secret: DEVELOPMENT_WEBHOOK_SECRET.into(),
            events: Vec::new(),
            mailbox_ids: vec![DEVELOPMENT_INBOX],
            // The only version that marks an AI agent.
            version: PayloadVersion::V3,
        };
        let helpscout = helpscout::Settings { webhook: Some(webhook), ..helpscout::Settings::default() };
        let app = App { url: format!("{worker}/helpscout/sidebar"), secret: DEVELOPMENT_SIDEBAR_SECRET.into() };
        Self { port, twilio: twilio::Settings::development(worker), helpscout, app, program: None }
    }

    /// With a program that has this key to the API of the Worker at `worker`.
    #[must_use]
    pub fn with_api_key(self, worker: &str, token: &str) -> Self {
        let url = format!("{}/v1", worker.trim_end_matches('/'));
        let program = Program { url, token: token.to_owned(), hotline: DEVELOPMENT_HOTLINE.to_owned() };
        Self { program: Some(program), ..self }
    }
}

/// State shared by connections, the webhook sender and tests.
#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    changed: Notify,
    program: Option<Program>,
}

impl Shared {
    fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same, then wakes the webhook sender.
    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = self.with(change);
        self.changed.notify_one();
        result
    }
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

impl Running {
    /// The server's address without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Looks at the models or changes them, while nothing else happens.
    pub fn with<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.shared.change(change)
    }

    /// Waits forever: the server ends only when dropped.
    pub async fn forever(mut self) {
        let [accepting, _] = &mut self.tasks;
        let _ = accepting.await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Starts the server in the current tokio runtime.
///
/// # Errors
///
/// When the port cannot be had.
pub async fn start(mut settings: Settings) -> std::io::Result<Running> {
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, settings.port)).await?;
    let addr = listener.local_addr()?;
    settings.twilio.api_base = format!("http://{addr}/twilio");
    settings.twilio.media_base = format!("http://{addr}/twilio-media");
    settings.helpscout.api_url = format!("http://{addr}/helpscout");
    let world = World::new(Twilio::new(settings.twilio), HelpScout::new(settings.helpscout), settings.app);
    let shared = Arc::new(Shared { world: Mutex::new(world), changed: Notify::new(), program: settings.program });
    let tasks = [tokio::spawn(accept(listener, shared.clone())), tokio::spawn(webhook_sender::run(shared.clone()))];
    Ok(Running { addr, shared, tasks })
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Connections end with this task, and so with the server.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(converse(stream, shared.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

/// An error of the service ends the connection without an answer, which is what `ConnectionClosed` is for.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| answer(shared.clone(), request));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, ConnectionClosed> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, REQUEST_LIMIT).collect().await.map_err(|_| ConnectionClosed)?.to_bytes().to_vec();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = head.headers.iter().map(header).collect();
    let Response { status, headers, body } =
        routes::serve(shared, Request { method: head.method.to_string(), target, headers, body }).await?;
    let mut response = hyper::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Full::from(body)).map_err(|_| ConnectionClosed)
}
