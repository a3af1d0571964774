//! The Worker's own API, `/v1`.

use hotline::form::percent_encode;
use serde_json::Value;

use crate::failure::{Exit, Failure, Outcome};
use crate::http::{Answer, Content, Credentials, Http, NoAnswer};
use crate::project::Project;

/// What became of something that was to be done.
pub enum Turned {
    /// It is done, or was.
    Done,
    /// It is not, and why.
    Refused { code: String, detail: String },
}

/// The Worker, asked with `RINGSIDE_API_KEY`.
pub struct Worker<'a> {
    http: &'a Http,
    base: String,
    credentials: Credentials,
}

impl<'a> Worker<'a> {
    /// At `PUBLIC_URL`.
    pub fn new(http: &'a Http, project: &Project) -> Outcome<Self> {
        let token = project.needed_secret("RINGSIDE_API_KEY")?;
        let base = project.config.public_url.clone();
        Ok(Self { http, base, credentials: Credentials::Bearer(token) })
    }

    /// Reads something; `None` when there is no such thing.
    pub fn read(&self, path: &str, query: &[(&str, &str)]) -> Outcome<Option<Value>> {
        let answer = self.http.get(&self.url(path, query), &self.credentials).map_err(unreachable)?;
        match answer.status {
            404 if answer.body["code"] == "not_found" => Ok(None),
            _ if answer.is_success() => Ok(Some(answer.body)),
            _ => Err(refusal(&answer)),
        }
    }

    /// Has something be so. Twice is once, so a request without an answer is sent once more.
    pub fn put(&self, path: &str, query: &[(&str, &str)]) -> Outcome<Value> {
        let url = self.url(path, query);
        let send = || self.http.write("PUT", &url, &self.credentials, &Content::Json(Value::Null));
        let first = send();
        let is_lost = first.as_ref().map_or(true, |answer| answer.status >= 500);
        let answer = if is_lost { send() } else { first };
        let answer = answer.map_err(unreachable)?;
        if answer.is_success() { Ok(answer.body) } else { Err(refusal(&answer)) }
    }

    /// Takes something away. Twice is once, so a request without an answer is sent once more.
    pub fn delete(&self, path: &str, query: &[(&str, &str)]) -> Outcome<Value> {
        let url = self.url(path, query);
        let first = self.http.delete(&url, &self.credentials);
        let is_lost = first.as_ref().map_or(true, |answer| answer.status == 429 || answer.status >= 500);
        let answer = if is_lost { self.http.delete(&url, &self.credentials) } else { first };
        let answer = answer.map_err(unreachable)?;
        if answer.is_success() { Ok(answer.body) } else { Err(refusal(&answer)) }
    }

    /// Has something done that may be done twice: a request without an answer is sent once more.
    pub fn turn(&self, path: &str, query: &[(&str, &str)]) -> Outcome<Turned> {
        let url = self.url(path, query);
        let send = || self.http.write("POST", &url, &self.credentials, &Content::Json(Value::Null));
        let first = send();
        let is_lost = first.as_ref().map_or(true, |answer| answer.status >= 500);
        let answer = if is_lost { send() } else { first };
        let answer = answer.map_err(unreachable)?;
        let text = |field: &str| answer.body[field].as_str().unwrap_or_default().to_owned();
        match answer.status {
            _ if answer.is_success() => Ok(Turned::Done),
            404 | 409 => Ok(Turned::Refused { code: text("code"), detail: text("detail") }),
            _ => Err(refusal(&answer)),
        }
    }

    /// The bytes behind a link of the Worker's own.
    pub fn file(&self, url: &str) -> Outcome<Result<Vec<u8>, u16>> {
        let is_own = url.strip_prefix(&self.base).is_some_and(|rest| rest.starts_with("/media/"));
        if !is_own {
            return Err(Failure::new(
                "link_foreign",
                "the Worker names a file that is not its own; nothing was fetched",
            ));
        }
        self.http.bytes(url).map_err(unreachable)
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let pairs: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("{}/v1/{path}{mark}{}", self.base, pairs.join("&"))
    }
}

fn refusal(answer: &Answer) -> Failure {
    let (status, code) = (answer.status, answer.body["code"].as_str().unwrap_or_default());
    let detail = answer.body["detail"].as_str().unwrap_or("without a reason");
    match status {
        401 | 403 => {
            let message = format!("the Worker refuses RINGSIDE_API_KEY ({code}): {detail}");
            Failure::new("worker_key_refused", message).exit(Exit::CredentialsRefused)
        }
        // Nobody at PUBLIC_URL knows this API.
        404 => Failure::new("worker_unknown", "PUBLIC_URL does not know this request; deploy this release there"),
        _ => Failure::new("worker_refused", format!("the Worker answered {status} ({code}): {detail}")),
    }
}

fn unreachable(NoAnswer(reason): NoAnswer) -> Failure {
    Failure::new("worker_unreachable", format!("the Worker at PUBLIC_URL does not answer: {reason}"))
}
