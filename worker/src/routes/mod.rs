//! Carries out what the rules decide about a request from outside ([`hotline::routing`]).

mod api;
mod body;
mod calls;
mod media;
mod sidebar;

use std::rc::Rc;

use futures_util::future::join_all;
use hotline::config::{Config, ConfigError};
use hotline::effects::ToObject;
use hotline::log::{Level, LogLine};
use hotline::routing::{Body, Decision, HttpAnswer, Method, Routed, Tell};
use web_sys::{Headers, Request, Response};
use worker::Env;

use crate::clock::now;
use crate::objects::requests::{self, ObjectRequest};
use crate::{answer, fetch, logging, random, settings};

/// A request from outside.
struct IncomingRequest {
    request: Request,
    headers: Headers,
    /// Path and query as they came.
    target: String,
}

/// Answers one HTTP request.
pub async fn route(request: Request, env: Env) -> Response {
    let begun = now();
    let incoming = IncomingRequest { target: target(&request), headers: request.headers(), request };
    let config = settings::read(&env);
    let Routed { route, log, decision } = incoming.routed(&config).await;
    if let Some(line) = log {
        logging::write(&line, &[]);
    }
    let response = match (&config, decision) {
        (_, Decision::Answer(answer)) => answer::response(&answer),
        (Ok(config), decision) => carry_out(decision, &incoming, &env, config).await,
        // Everything else needs a configuration.
        (Err(_), _) => Response::error(),
    };
    if let Some(route) = route.filter(|route| *route != "health") {
        let (status, took) = (response.status().to_string(), (now() - begun).to_string());
        let line = LogLine::new(Level::Info, "request");
        logging::write(&line, &[("route", route), ("status", &status), ("ms", &took)]);
    }
    response
}

async fn carry_out(decision: Decision, incoming: &IncomingRequest, env: &Env, config: &Config) -> Response {
    match decision {
        Decision::Answer(answer) => answer::response(&answer),
        // It has been read.
        Decision::ReadBody(_) => Response::error(),
        Decision::Tell(tell) => answer::response(&told(env, tell).await),
        Decision::Call(call) => answer::response(&calls::answer(&call, env, config).await),
        Decision::Media { link, range } => media::show(env, config, link, range).await,
        Decision::Page(page) => answer::response(&sidebar::page(&page, env, config).await),
        Decision::Sidebar(asked) => sidebar::open(asked, incoming, env, config).await,
        Decision::ApiRefused(admission) => answer::response(&api::admit(&admission).err().unwrap_or_default()),
        Decision::Api(admission, call) => answer::response(&match api::admit(&admission) {
            Ok(()) => api::answer(call, env, config).await,
            Err(refusal) => refusal,
        }),
    }
}

/// All objects are told, also when one of them cannot be reached: who sent the request sends it again then.
async fn told(env: &Env, tell: Tell) -> HttpAnswer {
    let messages = tell.messages.iter().cloned();
    let replies = join_all(messages.map(|(mailbox, message)| to_object(env, mailbox, message))).await;
    tell.answer(&replies)
}

async fn to_object(env: &Env, mailbox: u64, message: ToObject) -> hotline::effects::ObjectReply {
    requests::tell(env, ObjectRequest::of(mailbox, message)).await
}

/// Path and query of the request as the platform shows it. It has normalised the address; the check of signatures
/// knows how (`hotline::domain::signature::twilio`).
fn target(request: &Request) -> String {
    let url = request.url();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}

impl IncomingRequest {
    /// What the rules decide. A body is read when they ask for it, and not before.
    async fn routed(&self, config: &Result<Rc<Config>, ConfigError>) -> Routed {
        let routed = self.decide(config, Body::Unread);
        let Decision::ReadBody(from) = routed.decision else { return routed };
        match body::read(&self.request, from).await {
            Ok(body) => self.decide(config, Body::Read(&body)),
            Err(refusal) => self.decide(config, Body::Refused(refusal)),
        }
    }

    fn decide(&self, config: &Result<Rc<Config>, ConfigError>, body: Body) -> Routed {
        let method = Method::from(self.request.method().as_str());
        let headers = |name: &str| fetch::header(&self.headers, name);
        let (target, now, random) = (self.target.as_str(), now(), &random::bytes);
        let request = hotline::routing::Request { method, target, headers: &headers, body, now, random };
        hotline::routing::route(&request, config.as_deref())
    }
}
