//! The Cloudflare Worker: it carries, it does not decide. Every decision is in `hotline`.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answer;
mod clock;
mod effects;
mod fetch;
mod logging;
mod objects;
mod outbound;
mod random;
mod routes;
mod settings;
mod sql;
mod view;
mod widget_files;

use std::convert::Infallible;

use hotline::effects::ObjectReply;
use hotline::log::{Level, LogLine};
use hotline::monitor;
use objects::requests::{self, ObjectRequest};
use web_sys::{Request, Response};
use worker::{Context, Env, ScheduleContext, ScheduledEvent, event};

pub use objects::{
    ApiKey, Audience, Call, Contact, Directory, Endpoint, Monitor, Participant, RateLimiter, VerificationLimit,
};

/// Every request from outside.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response, Infallible> {
    Ok(routes::route(request, env).await)
}

/// The cron: the deployment's object does what there is to do. One that it does not hear of is made good by the next.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    let told = requests::tell(&env, ObjectRequest::Monitor(monitor::Message::Run)).await;
    if told == ObjectReply::Unreachable {
        logging::write(&LogLine::new(Level::Error, "cron.not_run"), &[]);
    }
}
