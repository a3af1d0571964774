//! Requests to Twilio, Help Scout and the Worker. Each ends within ten seconds; what only reads is repeated. Threads may share
//! one [`Http`], which keeps eight requests under way and no more.

use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use hotline::config::Secret;
use serde_json::Value;
use ureq::http::{HeaderMap, Request, Response, StatusCode, header};
use ureq::{Agent, Body};

/// No request takes longer.
const LIMIT: Duration = Duration::from_secs(10);

/// How often a request is repeated: a read on 429 and 5xx, a write on 429 alone.
const REPEATS: usize = 2;

/// The wait before a repetition when the service names none.
const WAIT: Duration = Duration::from_secs(1);

/// The longest wait that a service may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Requests under way at once: as many as an account's smallest limit on concurrency lets through (OPERATE, doctor).
const AT_ONCE: usize = 8;

/// The largest file: an MMS has 5 MB at most, an hour of voicemail 30 (Twilio, Accepted content types; Recordings).
const LARGEST_FILE: u64 = 64_000_000;

/// How a request proves who asks.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Basic authentication.
    Basic(String, Secret),
    /// A bearer token.
    Bearer(Secret),
    /// None.
    None,
}

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Content {
    /// Fields of a form, in order.
    Form(Vec<(String, String)>),
    /// A JSON document.
    Json(Value),
    /// A JSON document whose very bytes are signed.
    SignedJson(String),
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, if it is JSON; else `Null`.
    pub body: Value,
    /// The body as it came.
    pub text: String,
    headers: HeaderMap,
}

impl Answer {
    /// A status of 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// There was no answer; whether a write was done is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub String);

/// Sends requests.
#[derive(Clone, Debug)]
pub struct Http {
    agent: Agent,
    places: Arc<Places>,
    deadline: Option<Instant>,
}

impl Default for Http {
    fn default() -> Self {
        // A redirect is an answer: credentials are not taken elsewhere.
        let config = Agent::config_builder().timeout_global(Some(LIMIT)).max_redirects(0).http_status_as_error(false);
        Self { agent: config.build().into(), places: Arc::default(), deadline: None }
    }
}

/// How many requests are under way.
#[derive(Debug, Default)]
struct Places {
    taken: Mutex<usize>,
    freed: Condvar,
}

impl Places {
    /// Runs `request` once there is a place for it.
    fn within<T>(&self, request: impl FnOnce() -> T) -> T {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.freed.wait_while(taken, |taken| *taken >= AT_ONCE).unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        drop(taken);
        let done = request();
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.freed.notify_one();
        done
    }
}

/// Does the same with each item, a few beside each other; the results are in the items' order.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let size = items.len().div_ceil(AT_ONCE).max(1);
    thread::scope(|scope| {
        let run = |part: &[T]| part.iter().map(&work).collect::<Vec<_>>();
        let threads: Vec<_> = items.chunks(size).map(|part| scope.spawn(move || run(part))).collect();
        threads.into_iter().flat_map(joined).collect()
    })
}

/// What a thread came to. What it did not find for a fault of ours must not look like nothing there.
pub fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

impl Http {
    /// The same, but no request goes on beyond this instant.
    #[must_use]
    pub fn until(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// How long a request may take that begins now.
    fn time_left(&self) -> Duration {
        self.deadline.map_or(LIMIT, |deadline| deadline.saturating_duration_since(Instant::now()).min(LIMIT))
    }

    /// Waits before a repetition, unless there would be no time for it.
    fn wait(&self, answer: &Answer) -> bool {
        let wait = wait(answer);
        let in_time = self.deadline.is_none_or(|deadline| Instant::now() + wait < deadline);
        if in_time {
            thread::sleep(wait);
        }
        in_time
    }

    /// Reads an address.
    pub fn get(&self, url: &str, credentials: &Credentials) -> Result<Answer, NoAnswer> {
        let mut answer = self.once("GET", url, credentials, None);
        for _ in 0..REPEATS {
            match &answer {
                Ok(given) if (given.status == 429 || given.status >= 500) && self.wait(given) => {}
                _ => break,
            }
            answer = self.once("GET", url, credentials, None);
        }
        answer
    }

    /// Reads an address of which 5xx is an answer like others.
    pub fn get_once(&self, url: &str, credentials: &Credentials) -> Result<Answer, NoAnswer> {
        self.once("GET", url, credentials, None)
    }

    /// The bytes behind a signed address, or the status of the refusal.
    pub fn bytes(&self, url: &str) -> Result<Result<Vec<u8>, u16>, NoAnswer> {
        let request = Request::builder().method("GET").uri(url).body(());
        let no_answer = |error: &dyn std::fmt::Display| NoAnswer(error.to_string());
        let mut response = request
            .map_err(|error| no_answer(&error))
            .and_then(|request| self.agent.run(request).map_err(|error| no_answer(&error)))?;
        if !response.status().is_success() {
            return Ok(Err(response.status().as_u16()));
        }
        let bytes = response.body_mut().with_config().limit(LARGEST_FILE).read_to_vec();
        bytes.map(Ok).map_err(|error| no_answer(&error))
    }

    /// Changes something. It is sent again only after 429, which says that nothing was done.
    pub fn write(
        &self,
        method: &str,
        url: &str,
        credentials: &Credentials,
        content: &Content,
    ) -> Result<Answer, NoAnswer> {
        let mut answer = self.once(method, url, credentials, Some(content));
        for _ in 0..REPEATS {
            match &answer {
                Ok(given) if given.status == 429 && self.wait(given) => {}
                _ => break,
            }
            answer = self.once(method, url, credentials, Some(content));
        }
        answer
    }

    /// Takes something away.
    pub fn delete(&self, url: &str, credentials: &Credentials) -> Result<Answer, NoAnswer> {
        self.once("DELETE", url, credentials, None)
    }

    fn once(
        &self,
        method: &str,
        url: &str,
        credentials: &Credentials,
        content: Option<&Content>,
    ) -> Result<Answer, NoAnswer> {
        let mut headers = vec![(header::ACCEPT.as_str(), "application/json".to_owned())];
        headers.extend(authorization(credentials).map(|value| (header::AUTHORIZATION.as_str(), value)));
        self.send(method, url, &headers, content)
    }

    /// Sends a request once, with these headers.
    pub fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, String)],
        content: Option<&Content>,
    ) -> Result<Answer, NoAnswer> {
        self.places.within(|| self.exchange(method, url, headers, content))
    }

    fn exchange(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, String)],
        content: Option<&Content>,
    ) -> Result<Answer, NoAnswer> {
        let limit = self.time_left();
        if limit.is_zero() {
            return Err(NoAnswer("there was no time left for it".to_owned()));
        }
        let builder = Request::builder().method(method).uri(url);
        let mut request = headers.iter().fold(builder, |request, (name, value)| request.header(*name, value));
        let (kind, body) = match content {
            None => (None, String::new()),
            Some(Content::Form(fields)) => {
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                (Some("application/x-www-form-urlencoded"), body)
            }
            Some(Content::Json(document)) => (Some("application/json"), document.to_string()),
            Some(Content::SignedJson(text)) => (Some("application/json"), text.clone()),
        };
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let no_answer = |error: &dyn std::fmt::Display| NoAnswer(error.to_string());
        let sent = if kind.is_some() {
            let request = request.body(body).map_err(|error| no_answer(&error))?;
            self.agent.run(self.agent.configure_request(request).timeout_global(Some(limit)).build())
        } else {
            let request = request.body(()).map_err(|error| no_answer(&error))?;
            self.agent.run(self.agent.configure_request(request).timeout_global(Some(limit)).build())
        };
        sent.map_err(|error| no_answer(&error)).and_then(read)
    }
}

fn read(mut response: Response<Body>) -> Result<Answer, NoAnswer> {
    let status = response.status();
    let headers = response.headers().clone();
    let text = response.body_mut().read_to_string();
    // A body that breaks off after its status is no answer: what it would have said is not known.
    let text = if status == StatusCode::NO_CONTENT {
        String::new()
    } else {
        text.map_err(|error| NoAnswer(error.to_string()))?
    };
    Ok(Answer { status: status.as_u16(), body: serde_json::from_str(&text).unwrap_or_default(), text, headers })
}

fn wait(answer: &Answer) -> Duration {
    let asked = answer.header("retry-after").or_else(|| answer.header("x-ratelimit-retry-after"));
    let asked = asked.and_then(|text| text.parse().ok());
    asked.map_or(WAIT, Duration::from_secs).min(LONGEST_WAIT)
}

fn authorization(credentials: &Credentials) -> Option<String> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    match credentials {
        Credentials::Basic(user, password) => {
            Some(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
        }
        Credentials::Bearer(token) => Some(format!("Bearer {}", token.expose())),
        Credentials::None => None,
    }
}
