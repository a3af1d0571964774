//! Requests to Twilio, Help Scout and the Worker. Each ends within ten seconds; what only reads is repeated.

use std::thread;
use std::time::Duration;

use hotline::config::Secret;
use serde_json::Value;
use ureq::http::{Request, Response, StatusCode, header};
use ureq::{Agent, Body};

/// No request takes longer.
const LIMIT: Duration = Duration::from_secs(10);

/// How often a request is repeated: a read on 429 and 5xx, a write on 429 alone.
const REPEATS: usize = 2;

/// The wait before a repetition when the service names none.
const WAIT: Duration = Duration::from_secs(1);

/// The longest wait that a service may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

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
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, if it is JSON; else `Null`.
    pub body: Value,
    /// `Retry-After`, in seconds.
    retry_after: Option<u64>,
}

impl Answer {
    /// A status of 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// There was no answer; whether a write was done is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub String);

/// Sends requests.
#[derive(Clone, Debug)]
pub struct Http {
    agent: Agent,
}

impl Default for Http {
    fn default() -> Self {
        // A redirect is an answer: credentials are not taken elsewhere.
        let config = Agent::config_builder().timeout_global(Some(LIMIT)).max_redirects(0).http_status_as_error(false);
        Self { agent: config.build().into() }
    }
}

impl Http {
    /// Reads an address.
    pub fn get(&self, url: &str, credentials: &Credentials) -> Result<Answer, NoAnswer> {
        let mut answer = self.once("GET", url, credentials, None);
        for _ in 0..REPEATS {
            match &answer {
                Ok(given) if given.status == 429 || given.status >= 500 => thread::sleep(wait(given)),
                _ => break,
            }
            answer = self.once("GET", url, credentials, None);
        }
        answer
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
                Ok(given) if given.status == 429 => thread::sleep(wait(given)),
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
        let mut request = Request::builder().method(method).uri(url).header(header::ACCEPT, "application/json");
        if let Some(value) = authorization(credentials) {
            request = request.header(header::AUTHORIZATION, value);
        }
        let (kind, body) = match content {
            None => (None, String::new()),
            Some(Content::Form(fields)) => {
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                (Some("application/x-www-form-urlencoded"), body)
            }
            Some(Content::Json(document)) => (Some("application/json"), document.to_string()),
        };
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let no_answer = |error: &dyn std::fmt::Display| NoAnswer(error.to_string());
        let sent = if kind.is_some() {
            request.body(body).map_err(|error| no_answer(&error)).map(|request| self.agent.run(request))?
        } else {
            request.body(()).map_err(|error| no_answer(&error)).map(|request| self.agent.run(request))?
        };
        sent.map_err(|error| no_answer(&error)).and_then(read)
    }
}

fn read(mut response: Response<Body>) -> Result<Answer, NoAnswer> {
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let text = response.body_mut().read_to_string();
    // A body that breaks off after its status is no answer: what it would have said is not known.
    let text = if status == StatusCode::NO_CONTENT {
        String::new()
    } else {
        text.map_err(|error| NoAnswer(error.to_string()))?
    };
    Ok(Answer { status: status.as_u16(), body: serde_json::from_str(&text).unwrap_or_default(), retry_after })
}

fn wait(answer: &Answer) -> Duration {
    answer.retry_after.map_or(WAIT, Duration::from_secs).min(LONGEST_WAIT)
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
