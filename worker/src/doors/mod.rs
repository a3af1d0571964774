//! The doors, one plain `match`.

mod health;
mod helpscout;
mod media;
mod twilio;

use hotline::config::{Config, ConfigError};
use worker::{Context, Env, Method, Request, Response, Result};

use crate::clock::now;
use crate::{answer, log, settings};

/// Bodies of Twilio and of the sidebar: their largest, a text with ten media and every parameter, is a few kilobytes.
const LARGEST_BODY: usize = 1 << 20;

/// What a door knows of a request, read once.
struct Visit {
    request: Request,
    /// Path and query as they came.
    target: String,
}

/// Opens the door that the request is for.
pub async fn open(request: Request, env: Env, context: Context) -> Result<Response> {
    let begun = now();
    let visit = Visit { target: target(&request), request };
    let path = visit.target.split('?').next().unwrap_or("").to_owned();
    let (door, method) = match path.as_str() {
        "/healthz" => (Door::Health, Method::Get),
        "/twilio/messages" => (Door::Text, Method::Post),
        "/twilio/messages/status" => (Door::Status, Method::Post),
        "/helpscout/webhook" => (Door::HelpScout, Method::Post),
        "/v1/health" => (Door::Operator, Method::Get),
        _ => match path.strip_prefix("/media/") {
            Some(token) if !token.is_empty() && !token.contains('/') => (Door::Media(token.to_owned()), Method::Get),
            _ => return answer::error(404, "not_found", "There is no such door."),
        },
    };
    let given = visit.request.method();
    if given != method && !(method == Method::Get && given == Method::Head) {
        // Towards Twilio errors have no body (it reads TwiML or nothing).
        let mut refusal = match door {
            Door::Text | Door::Status => answer::empty(405)?,
            _ => answer::error(405, "method_not_allowed", "This door does not open to that method.")?,
        };
        refusal.headers_mut().set("allow", method.as_ref())?;
        return Ok(refusal);
    }
    let name = door.name();
    let response = match door {
        Door::Health => answer::json(200, "{\"status\":\"ok\"}"),
        door => match settings::read(&env) {
            Ok(config) => behind(door, visit, &env, &context, &config).await,
            Err(error) => misconfigured(&error),
        },
    };
    let status = response.as_ref().map_or(500, Response::status_code);
    if name != "health" {
        let took = (now() - begun).to_string();
        log::line("door", &[("door", name), ("status", &status.to_string()), ("ms", &took)]);
    }
    response
}

enum Door {
    Health,
    Text,
    Status,
    HelpScout,
    Operator,
    Media(String),
}

impl Door {
    fn name(&self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Text => "twilio.messages",
            Self::Status => "twilio.messages.status",
            Self::HelpScout => "helpscout.webhook",
            Self::Operator => "v1.health",
            Self::Media(_) => "media",
        }
    }
}

async fn behind(door: Door, visit: Visit, env: &Env, context: &Context, config: &Config) -> Result<Response> {
    match door {
        Door::Health => answer::empty(204),
        Door::Text => twilio::text(visit, env, context, config).await,
        Door::Status => twilio::status(visit, env, config).await,
        Door::HelpScout => helpscout::webhook(visit, env, context, config).await,
        Door::Operator => health::show(&visit, env, config).await,
        Door::Media(token) => media::show(visit, env, config, &token).await,
    }
}

fn misconfigured(error: &ConfigError) -> Result<Response> {
    log::line("configuration.wrong", &[("field", &error.field)]);
    answer::error(500, "configuration", &format!("{}: {}", error.field, error.problem))
}

/// Path and query of the request as the platform shows it. It has normalised the address; the check of signatures
/// knows how (`hotline::signature::twilio`).
fn target(request: &Request) -> String {
    let url = request.inner().url();
    let host = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(host..).unwrap_or("");
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}

impl Visit {
    fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// A parameter of the query.
    fn query(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?')?.1;
        hotline::form::Form::parse(query.as_bytes()).get(name).map(str::to_owned)
    }

    /// The body, or `None` when it is larger than `most` bytes.
    async fn body(&mut self, most: usize) -> Result<Option<Vec<u8>>> {
        let told = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
        if told.is_some_and(|length| length > most) {
            return Ok(None);
        }
        let body = self.request.bytes().await?;
        Ok((body.len() <= most).then_some(body))
    }
}
