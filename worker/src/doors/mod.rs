//! The doors, one plain `match`.

mod calls;
mod health;
mod helpscout;
mod media;
mod sidebar;
mod twilio;

use hotline::config::{Config, ConfigError};
use hotline::effect::Told;
use hotline::text::search;
use hotline::twilio::calls::Stage;
use web_sys::{Request, Response};
use worker::Env;

use crate::clock::now;
use crate::objects::letters::{self, Letter};
use crate::{answer, fetch, log, settings};

/// Bodies of Twilio and of the sidebar: their largest, a text with ten media and every parameter, is a few kilobytes.
const LARGEST_BODY: usize = 1 << 20;

/// Bodies of Help Scout: a conversation of a hundred threads with long mails embedded stays far below.
const LARGEST_EVENT: usize = 10 << 20;

/// What a door knows of a request, read once.
struct Visit {
    request: Request,
    /// Path and query as they came.
    target: String,
}

/// Opens the door that the request is for.
pub async fn open(request: Request, env: Env) -> Response {
    let begun = now();
    let visit = Visit { target: target(&request), request };
    let path = visit.target.split('?').next().unwrap_or("").to_owned();
    let (door, method) = match path.as_str() {
        "/healthz" => (Door::Health, "GET"),
        "/twilio/messages" => (Door::Text, "POST"),
        "/twilio/messages/status" => (Door::Status, "POST"),
        "/helpscout/webhook" => (Door::HelpScout, "POST"),
        "/helpscout/sidebar" => (Door::Page, "GET"),
        "/v1/health" => (Door::Operator, "GET"),
        // Each of these has methods of its own.
        _ if path.starts_with("/sidebar/") => (Door::Sidebar, ""),
        _ if let Some(stage) = path.strip_prefix("/twilio/calls").and_then(Stage::of_door) => {
            (Door::Call(stage), "POST")
        }
        _ => match path.strip_prefix("/media/") {
            Some(token) if !token.is_empty() && !token.contains('/') => (Door::Media(token.to_owned()), "GET"),
            _ => return no_such_door(),
        },
    };
    let given = visit.request.method();
    if !method.is_empty() && given != method && !(method == "GET" && given == "HEAD") {
        // Towards Twilio errors have no body (it reads TwiML or nothing).
        let refusal = match door {
            Door::Text | Door::Status | Door::Call(_) => answer::empty(405),
            _ => return wrong_method(method),
        };
        answer::set(&refusal.headers(), &[("allow", method)]);
        return refusal;
    }
    let name = door.name();
    let response = match door {
        Door::Health => answer::json(200, "{\"status\":\"ok\"}"),
        door => match settings::read(&env) {
            Ok(config) => behind(door, &path, visit, &env, &config).await,
            Err(error) => misconfigured(&error),
        },
    };
    let status = response.status();
    if name != "health" {
        let took = (now() - begun).to_string();
        log::line("door", &[("door", name), ("status", &status.to_string()), ("ms", &took)]);
    }
    response
}

fn no_such_door() -> Response {
    answer::error(404, "not_found", "There is no such door.")
}

fn wrong_method(allowed: &str) -> Response {
    let refusal = answer::error(405, "method_not_allowed", "This door does not open to that method.");
    answer::set(&refusal.headers(), &[("allow", allowed)]);
    refusal
}

enum Door {
    Health,
    Text,
    Status,
    Call(Stage),
    HelpScout,
    Operator,
    Page,
    Sidebar,
    Media(String),
}

impl Door {
    fn name(&self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Text => "twilio.messages",
            Self::Status => "twilio.messages.status",
            Self::Call(_) => "twilio.calls",
            Self::HelpScout => "helpscout.webhook",
            Self::Operator => "v1.health",
            Self::Page => "helpscout.sidebar",
            Self::Sidebar => "sidebar",
            Self::Media(_) => "media",
        }
    }
}

async fn behind(door: Door, path: &str, visit: Visit, env: &Env, config: &Config) -> Response {
    let most = if matches!(door, Door::HelpScout) { LARGEST_EVENT } else { LARGEST_BODY };
    let Some(body) = visit.body(most).await else {
        return match door {
            Door::HelpScout => answer::error(413, "too_large", "The event is larger than 10 MiB."),
            Door::Sidebar => answer::error(413, "too_large", "The body is larger than 1 MiB."),
            _ => answer::empty(413),
        };
    };
    let errand = match door {
        Door::Health => return answer::empty(204),
        Door::Operator => return health::show(&visit, env, config).await,
        Door::Page => return sidebar::page(&visit, env, config).await,
        Door::Sidebar => return sidebar::open(path, &visit, &body, env, config).await,
        Door::Media(token) => return media::show(visit, env, config, &token).await,
        Door::Call(stage) => return calls::open(stage, &visit, &body, env, config).await,
        Door::Text => twilio::text(&visit, &body, config),
        Door::Status => twilio::status(&visit, &body, config),
        Door::HelpScout => helpscout::webhook(&visit, &body, config),
    };
    for letter in errand.letters {
        if matches!(letters::tell(env, letter).await, Told::Unreachable | Told::Later(_)) {
            return (errand.lost)();
        }
    }
    errand.taken
}

/// What a door comes to: letters, and what is answered when they are stored, or not.
struct Errand {
    letters: Vec<Letter>,
    taken: Response,
    lost: fn() -> Response,
}

impl Errand {
    fn none(taken: Response) -> Self {
        Self { letters: Vec::new(), taken, lost: Response::error }
    }

    fn tell(letter: Letter, taken: Response, lost: fn() -> Response) -> Self {
        Self { letters: vec![letter], taken, lost }
    }
}

fn misconfigured(error: &ConfigError) -> Response {
    log::line("configuration.wrong", &[("field", &error.field)]);
    answer::error(500, "configuration", &format!("{}: {}", error.field, error.problem))
}

/// Path and query of the request as the platform shows it. It has normalised the address; the check of signatures
/// knows how (`hotline::signature::twilio`).
fn target(request: &Request) -> String {
    let url = request.url();
    let rest = search::split_once(&url, "://").map_or(url.as_str(), |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}

impl Visit {
    fn header(&self, name: &str) -> Option<String> {
        fetch::header(&self.request.headers(), name)
    }

    /// A parameter of the query.
    fn query(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?')?.1;
        hotline::form::Form::parse(query.as_bytes()).get(name).map(str::to_owned)
    }

    /// The body, or `None` when it is larger than `most` bytes. One that breaks off is empty, and so proves nothing.
    async fn body(&self, most: usize) -> Option<Vec<u8>> {
        fetch::body(self.request.headers(), self.request.body(), most).await.unwrap_or_else(|_| Some(Vec::new()))
    }
}
