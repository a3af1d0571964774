//! The routes, one plain `match`.

mod body;
mod calls;
mod health;
mod helpscout;
mod media;
mod sidebar;
mod twilio;

use hotline::config::{Config, ConfigError};
use hotline::effects::ObjectReply;
use hotline::twilio::calls::Stage;
use web_sys::{Request, Response};
use worker::Env;

use crate::clock::now;
use crate::objects::requests::{self, ObjectRequest};
use crate::{answer, fetch, logging, settings};

/// What a route knows of a request, read once.
struct IncomingRequest {
    request: Request,
    /// Path and query as they came.
    target: String,
}

/// Opens the route that the request is for.
pub async fn route(request: Request, env: Env) -> Response {
    let begun = now();
    let incoming = IncomingRequest { target: target(&request), request };
    let path = incoming.target.split('?').next().unwrap_or("").to_owned();
    let (route, method) = match path.as_str() {
        "/healthz" => (Route::Health, "GET"),
        "/twilio/messages" => (Route::Text, "POST"),
        "/twilio/messages/status" => (Route::Status, "POST"),
        "/helpscout/webhook" => (Route::HelpScout, "POST"),
        "/helpscout/sidebar" => (Route::Page, "GET"),
        "/v1/health" => (Route::Operator, "GET"),
        // Each of these has methods of its own.
        _ if path.starts_with("/sidebar/") => (Route::Sidebar, ""),
        _ if let Some(stage) = path.strip_prefix("/twilio/calls").and_then(Stage::of_route) => {
            (Route::Call(stage), "POST")
        }
        _ => match path.strip_prefix("/media/") {
            Some(token) if !token.is_empty() && !token.contains('/') => (Route::Media(token.to_owned()), "GET"),
            _ => return no_such_route(),
        },
    };
    let given = incoming.request.method();
    if !method.is_empty() && given != method && !(method == "GET" && given == "HEAD") {
        // Towards Twilio errors have no body (it reads TwiML or nothing).
        let refusal = match route {
            Route::Text | Route::Status | Route::Call(_) => answer::empty(405),
            _ => return wrong_method(method),
        };
        answer::set(&refusal.headers(), &[("allow", method)]);
        return refusal;
    }
    let name = route.name();
    let response = match route {
        Route::Health => answer::json(200, "{\"status\":\"ok\"}"),
        route => match settings::read(&env) {
            Ok(config) => behind(route, &path, incoming, &env, &config).await,
            Err(error) => misconfigured(&error),
        },
    };
    let status = response.status();
    if name != "health" {
        let took = (now() - begun).to_string();
        logging::line("request", &[("route", name), ("status", &status.to_string()), ("ms", &took)]);
    }
    response
}

fn no_such_route() -> Response {
    answer::error(404, "not_found", "There is no such route.")
}

fn wrong_method(allowed: &str) -> Response {
    let refusal = answer::error(405, "method_not_allowed", "This route does not take that method.");
    answer::set(&refusal.headers(), &[("allow", allowed)]);
    refusal
}

enum Route {
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

impl Route {
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

async fn behind(route: Route, path: &str, incoming: IncomingRequest, env: &Env, config: &Config) -> Response {
    let errand = match route {
        Route::Health => return answer::empty(204),
        Route::Operator => return health::show(&incoming, env, config).await,
        Route::Page => return sidebar::page(&incoming, env, config).await,
        Route::Sidebar => return sidebar::open(path, &incoming, env, config).await,
        Route::Media(token) => return media::show(incoming, env, config, &token).await,
        Route::Call(stage) => return calls::open(stage, &incoming, env, config).await,
        Route::Text => twilio::text(&incoming, config).await,
        Route::Status => twilio::status(&incoming, config).await,
        Route::HelpScout => helpscout::webhook(&incoming, config).await,
    };
    for object_request in errand.letters {
        if matches!(requests::tell(env, object_request).await, ObjectReply::Unreachable | ObjectReply::Later(_)) {
            return (errand.lost)();
        }
    }
    errand.taken
}

/// What a route comes to: requests, and what is answered when they are stored, or not.
struct Errand {
    letters: Vec<ObjectRequest>,
    taken: Response,
    lost: fn() -> Response,
}

impl Errand {
    fn none(taken: Response) -> Self {
        Self { letters: Vec::new(), taken, lost: Response::error }
    }

    fn tell(object_request: ObjectRequest, taken: Response, lost: fn() -> Response) -> Self {
        Self { letters: vec![object_request], taken, lost }
    }
}

fn misconfigured(error: &ConfigError) -> Response {
    logging::line("configuration.wrong", &[("field", &error.field)]);
    answer::error(500, "configuration", &format!("{}: {}", error.field, error.problem))
}

/// Path and query of the request as the platform shows it. It has normalised the address; the check of signatures
/// knows how (`hotline::signature::twilio`).
fn target(request: &Request) -> String {
    let url = request.url();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}

impl IncomingRequest {
    fn header(&self, name: &str) -> Option<String> {
        fetch::header(&self.request.headers(), name)
    }

    /// A parameter of the query.
    fn query(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?')?.1;
        hotline::form::Form::parse(query.as_bytes()).get(name).map(str::to_owned)
    }
}
