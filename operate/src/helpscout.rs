//! Help Scout's API: webhooks, conversations and customers.

use std::thread;
use std::time::Duration;

use hotline::config::Secret;
use serde_json::{Value, json};

use crate::failure::{Exit, Failure, Outcome};
use crate::http::{Answer, Content, Credentials, Http, NoAnswer};
use crate::project::Project;

/// How often a minute is waited for until there is room for a request.
const MINUTES: usize = 5;
const MINUTE: Duration = Duration::from_mins(1);

/// Pages of webhooks that are read.
const MOST_PAGES: u64 = 10;

/// The account of an app.
pub struct HelpScout<'a> {
    http: &'a Http,
    base: String,
    credentials: Credentials,
}

impl<'a> HelpScout<'a> {
    /// Signs in as the app.
    pub fn new(http: &'a Http, project: &Project) -> Outcome<Self> {
        let base = format!("{}/v2", project.config.helpscout_api_url);
        let (id, secret) = (project.needed_secret("HELPSCOUT_APP_ID")?, project.needed_secret("HELPSCOUT_APP_SECRET")?);
        let form =
            [("grant_type", "client_credentials"), ("client_id", id.expose()), ("client_secret", secret.expose())];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer =
            http.write("POST", &format!("{base}/oauth2/token"), &Credentials::None, &Content::Form(form.into()));
        let answer = answer.map_err(unreachable)?;
        let token = answer.body["access_token"].as_str().filter(|_| answer.is_success());
        let token = token.ok_or_else(|| match answer.status {
            400 | 401 => refused("Help Scout refuses HELPSCOUT_APP_ID and HELPSCOUT_APP_SECRET"),
            status => Failure::new(
                "helpscout_unreachable",
                format!("Help Scout answered {status} to the request for a token"),
            ),
        })?;
        Ok(Self { http, base, credentials: Credentials::Bearer(Secret::from(token)) })
    }

    /// Reads something below `/v2`.
    pub fn get(&self, path: &str) -> Outcome<Answer> {
        self.http.get(&format!("{}/{path}", self.base), &self.credentials).map_err(unreachable)
    }

    /// Reads something that must be there, however long Help Scout has one wait (Rate limiting: 429 until the minute is over).
    pub fn read(&self, path: &str) -> Outcome<Value> {
        let mut answer = self.get(path)?;
        for _ in 0..MINUTES {
            if answer.status != 429 {
                break;
            }
            thread::sleep(MINUTE);
            answer = self.get(path)?;
        }
        if answer.is_success() { Ok(answer.body) } else { Err(refusal(&answer)) }
    }

    /// All webhooks.
    pub fn webhooks(&self) -> Outcome<Vec<Value>> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let answer = self.get(&format!("webhooks?page={page}"))?;
            if !answer.is_success() {
                return Err(refusal(&answer));
            }
            // A list that cannot be read is no empty one: a second webhook would be made.
            let pages = answer.body["page"]["totalPages"].as_u64().ok_or_else(|| {
                Failure::new("helpscout_unreadable", "Help Scout's list of webhooks cannot be read; try again")
            })?;
            all.extend(answer.body["_embedded"]["webhooks"].as_array().into_iter().flatten().cloned());
            if pages <= page {
                return Ok(all);
            }
        }
        Err(Failure::new("list_too_long", format!("Help Scout has more than {MOST_PAGES} pages of webhooks")))
    }

    /// Makes a webhook, or replaces the one of this id with everything that it holds, which also enables it. The error says
    /// why not; `Ok(false)`: there was no answer.
    pub fn put_webhook(&self, id: Option<u64>, webhook: &Value) -> Result<bool, String> {
        let content = Content::Json(webhook.clone());
        let sent = match id {
            Some(id) => self.http.write("PUT", &format!("{}/webhooks/{id}", self.base), &self.credentials, &content),
            None => self.http.write("POST", &format!("{}/webhooks", self.base), &self.credentials, &content),
        };
        match sent {
            Ok(answer) if answer.is_success() => Ok(true),
            Ok(answer) if answer.status < 500 => Err(refusal(&answer).message),
            Ok(_) | Err(_) => Ok(false),
        }
    }
}

/// Why Help Scout did not do it.
pub fn refusal(answer: &Answer) -> Failure {
    // Each fault of a field is told with its path.
    let faults = answer.body["_embedded"]["errors"].as_array().into_iter().flatten();
    let faults: Vec<_> = faults.map(|it| format!("{} {}", text(&it["path"]), text(&it["message"]))).collect();
    match answer.status {
        401 => refused("Help Scout refuses a fresh token; the user who made the app may be gone"),
        403 => refused("Help Scout refuses this account's use of the API"),
        status => {
            let why = if faults.is_empty() { text(&answer.body["message"]).to_owned() } else { faults.join("; ") };
            Failure::new("helpscout_refused", format!("Help Scout answered {status}: {why}"))
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn refused(message: &str) -> Failure {
    Failure::new("helpscout_app_refused", message).exit(Exit::CredentialsRefused)
}

fn unreachable(NoAnswer(reason): NoAnswer) -> Failure {
    Failure::new("helpscout_unreachable", format!("Help Scout does not answer: {reason}"))
}

/// A webhook as a request holds it.
pub fn webhook(url: &str, events: &[&str], inboxes: &[u64], label: &str, secret: &Secret) -> Value {
    json!({
        "url": url, "events": events, "mailboxIds": inboxes, "payloadVersion": "V3", "notification": false, "label": label,
        "secret": secret.expose(),
    })
}
