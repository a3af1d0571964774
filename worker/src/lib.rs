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

use web_sys::{Request, Response};
use worker::{Context, Env, event};

pub use objects::{ApiKey, Audience, Call, Contact, Directory, Endpoint, RateLimiter, VerificationLimit};

/// Every request from outside.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response, Infallible> {
    Ok(routes::route(request, env).await)
}
