//! Twilio's REST API: reading lists whole, and writing once.

use hotline::config::PlainConfig;
use serde_json::Value;

use crate::failure::{Exit, Failure, Outcome};
use crate::http::{Answer, Content, Credentials, Http, NoAnswer};
use crate::project::Project;

/// Pages of a list that are followed. With a thousand rows a page it is far above what an account may have.
const MOST_PAGES: usize = 10;

/// Rows of a page: the most that the 2010 API gives (Twilio, "Twilio's response", paging).
const PAGE_SIZE: &str = "1000";

/// Rows of a page of the newer APIs, which give at most a hundred.
const SMALL_PAGE_SIZE: &str = "100";

/// A host of Twilio's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `api.twilio.com`, below the account.
    Account,
    /// `messaging.twilio.com`.
    Messaging,
    /// `pricing.twilio.com`.
    Pricing,
    /// `voice.twilio.com`.
    Voice,
    /// `routes.twilio.com`.
    Routes,
    /// `monitor.twilio.com`.
    Monitor,
}

impl Host {
    /// The variable that names it.
    fn variable(self) -> &'static str {
        match self {
            Self::Account => "TWILIO_API_URL",
            Self::Messaging => "TWILIO_MESSAGING_URL",
            Self::Pricing => "TWILIO_PRICING_URL",
            Self::Voice => "TWILIO_VOICE_URL",
            Self::Routes => "TWILIO_ROUTES_URL",
            Self::Monitor => "TWILIO_MONITOR_URL",
        }
    }
}

/// What came of a write.
#[derive(Clone, Debug)]
pub enum Written {
    /// Done; the resource as it is now.
    Done(Value),
    /// Refused: Twilio's code and words.
    Refused { status: u16, code: String, message: String },
    /// No answer: read back before anything else.
    Unknown(String),
}

/// The account.
pub struct Twilio<'a> {
    http: &'a Http,
    config: &'a PlainConfig,
    account: String,
    credentials: Credentials,
}

impl<'a> Twilio<'a> {
    /// With the API key, if there is one, else with the auth token.
    pub fn new(http: &'a Http, project: &'a Project) -> Outcome<Self> {
        let account = project.needed_secret("TWILIO_ACCOUNT_SID")?.expose().to_owned();
        let key = project.secret("TWILIO_API_KEY_SID").zip(project.secret("TWILIO_API_KEY_SECRET"));
        let credentials = match key {
            Some((key, secret)) => Credentials::Basic(key.expose().to_owned(), secret),
            None => Credentials::Basic(account.clone(), project.needed_secret("TWILIO_AUTH_TOKEN")?),
        };
        Ok(Self::signed_in(http, &project.config, account, credentials))
    }

    /// With these credentials.
    pub fn signed_in(http: &'a Http, config: &'a PlainConfig, account: String, credentials: Credentials) -> Self {
        Self { http, config, account, credentials }
    }

    /// Whether a host may be asked: beside a look-alike only what the configuration names.
    pub fn may_ask(&self, host: Host) -> bool {
        self.base(host).is_some()
    }

    fn base(&self, host: Host) -> Option<String> {
        match host {
            Host::Account => Some(account_url(self.config, &self.account)),
            other => self.config.twilio_host(other.variable()).map(str::to_owned),
        }
    }

    fn url(&self, host: Host, path: &str) -> Outcome<String> {
        let base = self.base(host).ok_or_else(|| {
            let variable = host.variable();
            let message = format!("TWILIO_API_URL is a look-alike, so {variable} is asked only when it is given too");
            Failure::new("twilio_host_unnamed", message).about(variable)
        })?;
        Ok(format!("{base}/{path}"))
    }

    /// One resource; `None` when there is none.
    pub fn read(&self, host: Host, path: &str) -> Outcome<Option<Value>> {
        let answer = self.http.get(&self.url(host, path)?, &self.credentials);
        let answer = answer.map_err(unreachable)?;
        match answer.status {
            404 => Ok(None),
            _ if answer.is_success() => Ok(Some(answer.body)),
            _ => Err(refusal(&answer)),
        }
    }

    /// A whole list, or an error: a part of it would look like all of it. `None` when there is no such list.
    pub fn list(&self, host: Host, path: &str, key: &str, query: &[(&str, &str)]) -> Outcome<Option<Vec<Value>>> {
        let size = if host == Host::Account { PAGE_SIZE } else { SMALL_PAGE_SIZE };
        let mut asked: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        asked.push(("PageSize".to_owned(), size.to_owned()));
        let mut rows = Vec::new();
        for _ in 0..MOST_PAGES {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&asked).finish();
            let Some(page) = self.read(host, &format!("{path}?{query}"))? else { return Ok(None) };
            let Some(found) = page[key].as_array() else {
                return Err(Failure::new("twilio_unreadable", format!("Twilio's list {path} has no `{key}`")));
            };
            rows.extend(found.iter().cloned());
            // Only what follows the question mark is taken from the link: its host may be another one.
            let next = page["next_page_uri"].as_str().or_else(|| page["meta"]["next_page_url"].as_str());
            let Some((_, next)) = next.and_then(|link| link.split_once('?')) else { return Ok(Some(rows)) };
            asked = form_urlencoded::parse(next.as_bytes()).into_owned().collect();
        }
        Err(Failure::new("list_too_long", format!("Twilio's list {path} is longer than {MOST_PAGES} pages")))
    }

    /// The newest rows of a list, at most a page of them.
    pub fn newest(&self, path: &str, key: &str, rows: usize) -> Outcome<Vec<Value>> {
        let page = self.read(Host::Account, &format!("{path}?PageSize={rows}"))?.unwrap_or_default();
        let found = page[key].as_array().cloned();
        found.ok_or_else(|| Failure::new("twilio_unreadable", format!("Twilio's list {path} has no `{key}`")))
    }

    /// Sends a form.
    pub fn post(&self, host: Host, path: &str, form: Vec<(String, String)>) -> Outcome<Written> {
        self.write("POST", host, path, &Content::Form(form))
    }

    /// Sends JSON.
    pub fn post_json(&self, host: Host, path: &str, document: Value) -> Outcome<Written> {
        self.write("POST", host, path, &Content::Json(document))
    }

    fn write(&self, method: &str, host: Host, path: &str, content: &Content) -> Outcome<Written> {
        let answer = self.http.write(method, &self.url(host, path)?, &self.credentials, content);
        Ok(written(answer))
    }

    /// Takes a resource away; that there is none is as good.
    pub fn delete(&self, host: Host, path: &str) -> Outcome<Written> {
        let answer = self.http.delete(&self.url(host, path)?, &self.credentials);
        Ok(match written(answer) {
            Written::Refused { status: 404, .. } => Written::Done(Value::Null),
            other => other,
        })
    }
}

/// The address of an account, below which its resources are.
pub fn account_url(config: &PlainConfig, account: &str) -> String {
    format!("{}/2010-04-01/Accounts/{account}", config.twilio_api_url)
}

fn written(answer: Result<Answer, NoAnswer>) -> Written {
    match answer {
        Ok(answer) if answer.is_success() => Written::Done(answer.body),
        // A gateway's error says as little as no answer: the write may be done.
        Ok(answer) if answer.status >= 500 => Written::Unknown(format!("Twilio answered {}", answer.status)),
        Ok(answer) => {
            let (code, message) = words(&answer);
            Written::Refused { status: answer.status, code, message }
        }
        Err(NoAnswer(reason)) => Written::Unknown(reason),
    }
}

/// Twilio's code and words.
fn words(answer: &Answer) -> (String, String) {
    let code = answer.body["code"].as_u64().map_or_else(|| answer.status.to_string(), |code| code.to_string());
    let message = answer.body["message"].as_str().unwrap_or("without a reason").to_owned();
    (code, message)
}

fn refusal(answer: &Answer) -> Failure {
    let (code, message) = words(answer);
    match answer.status {
        401 | 403 => {
            let message = format!(
                "Twilio refuses the credentials (error {code}: {message}); look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or \
                 the API key"
            );
            Failure::new("twilio_token_refused", message).exit(Exit::CredentialsRefused)
        }
        status => Failure::new("twilio_refused", format!("Twilio answered {status}, error {code}: {message}")),
    }
}

fn unreachable(NoAnswer(reason): NoAnswer) -> Failure {
    Failure::new("twilio_unreachable", format!("Twilio does not answer: {reason}"))
}
