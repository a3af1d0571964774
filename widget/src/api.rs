//! The Worker's routes, as far as this session opens them. The session's token is renewed as long as the page lives.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use protocol::ErrorBody;
use protocol::health::Health;
use protocol::sidebar::{Agent, Call, SendText, SetPhone, StartCall, TimelinePage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::{AbortSignal, DomParser, SupportedType};

use crate::abort_on_drop::AbortOnDrop;
use crate::page;

/// Time limit for an answer; the Worker itself waits at most 10 s for anyone.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The header in which a fresh token comes, and the `<meta>` element that holds the first.
const SESSION: &str = "ringside-session";

/// No body.
const NOTHING: Option<&()> = None;

/// Why something was not done, in words for the agent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No answer came.
    #[error("The hotline cannot be reached. Please check your connection and try again.")]
    Unreachable,
    /// The Worker says why.
    #[error("{0}")]
    Refused(String),
    /// The answer is of another kind than was asked for.
    #[error("This did not work. Please try again.")]
    Unreadable,
}

impl From<gloo_net::Error> for ApiError {
    fn from(error: gloo_net::Error) -> Self {
        match error {
            gloo_net::Error::SerdeError(_) => Self::Unreadable,
            _ => Self::Unreachable,
        }
    }
}

/// What was answered.
struct Answer {
    is_ok: bool,
    body: String,
}

/// Why something was refused.
fn refusal(body: &str) -> ApiError {
    let read: Result<ErrorBody, _> = serde_json::from_str(body);
    read.map_or(ApiError::Unreadable, |ErrorBody { error }| ApiError::Refused(error.message))
}

/// The Worker's routes.
#[derive(Clone, Copy, Debug)]
pub struct Api {
    /// The token that is good now.
    pub token: RwSignal<String>,
    /// Whether the session is over, so that no more is asked.
    pub is_over: RwSignal<bool>,
}

impl Api {
    /// With the token of the served page.
    pub fn of_page() -> Self {
        Self { token: RwSignal::new(page::meta(SESSION)), is_over: RwSignal::new(false) }
    }

    /// A page of the timeline: the one before a cursor, or the newest.
    pub async fn timeline(self, before: Option<&str>) -> Result<TimelinePage, ApiError> {
        let path = match before {
            Some(cursor) => format!("/sidebar/timeline?before={cursor}"),
            None => "/sidebar/timeline".to_owned(),
        };
        self.request(Method::GET, &path, NOTHING).await
    }

    /// The agent's phone.
    pub async fn agent(self) -> Result<Agent, ApiError> {
        self.request(Method::GET, "/sidebar/agent", NOTHING).await
    }

    /// Names the agent's phone.
    pub async fn set_phone(self, phone: String) -> Result<Agent, ApiError> {
        self.request(Method::PUT, "/sidebar/agent", Some(&SetPhone { phone })).await
    }

    /// Starts a call. One whose answer is lost may have begun: by its id it can be asked after.
    pub async fn start_call(self, id: String) -> Result<Call, ApiError> {
        let start = StartCall { id };
        match self.request(Method::POST, "/sidebar/calls", Some(&start)).await {
            Err(ApiError::Unreachable) => self.call(&start.id).await,
            answer => answer,
        }
    }

    /// How far a call is.
    pub async fn call(self, id: &str) -> Result<Call, ApiError> {
        self.request(Method::GET, &format!("/sidebar/calls/{id}"), NOTHING).await
    }

    /// Ends a call; how far it was.
    pub async fn end_call(self, id: &str) -> Result<Call, ApiError> {
        self.request(Method::DELETE, &format!("/sidebar/calls/{id}"), NOTHING).await
    }

    /// Sends a text. The same id is sent once.
    pub async fn send_text(self, text: &SendText) -> Result<(), ApiError> {
        self.request(Method::POST, "/sidebar/messages", Some(text)).await.map(|_: serde_json::Value| ())
    }

    /// How the hotlines fare, for owners and administrators.
    pub async fn health(self) -> Result<Health, ApiError> {
        let Answer { body, .. } = self.answer(Method::GET, "/sidebar/health", NOTHING).await?;
        // One that is down is told with 503 and the same body; with that status others refuse too.
        serde_json::from_str(&body).map_err(|_| refusal(&body))
    }

    async fn request<B: Serialize, A: DeserializeOwned>(
        self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, ApiError> {
        let Answer { is_ok, body } = self.answer(method, path, body).await?;
        if is_ok { serde_json::from_str(&body).map_err(|_| ApiError::Unreadable) } else { Err(refusal(&body)) }
    }

    async fn answer<B: Serialize>(self, method: Method, path: &str, body: Option<&B>) -> Result<Answer, ApiError> {
        // Not `AbortSignal.timeout`, which Safari has from 16 on.
        let abort = AbortOnDrop::new();
        match select(pin!(self.ask(method, path, body, abort.signal())), sleep(TIMEOUT)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(ApiError::Unreachable),
        }
    }

    async fn ask<B: Serialize>(
        self,
        method: Method,
        path: &str,
        body: Option<&B>,
        signal: Option<&AbortSignal>,
    ) -> Result<Answer, ApiError> {
        let mut response = self.send(&method, path, body, signal).await?;
        if response.status() == 401 && self.reopen(signal).await? {
            response = self.send(&method, path, body, signal).await?;
        }
        if let Some(token) = response.headers().get(SESSION) {
            self.token.set(token);
        }
        if response.status() == 401 {
            self.is_over.set(true);
        }
        Ok(Answer { is_ok: response.ok(), body: response.text().await? })
    }

    /// Asks for the page's own address again, which Help Scout has signed: after a night's sleep it brings another
    /// session, unless this agent is no more. Returns whether it did.
    async fn reopen(self, signal: Option<&AbortSignal>) -> Result<bool, ApiError> {
        let address = window().location().href().map_err(|_| ApiError::Unreachable)?;
        let response = Request::get(&address).abort_signal(signal).send().await?;
        if response.status() >= 500 {
            return Err(ApiError::Unreachable);
        }
        let html = response.text().await?;
        let token = session_of(&html);
        if let Some(token) = token.clone() {
            self.token.set(token);
        }
        Ok(token.is_some())
    }

    async fn send<B: Serialize>(
        self,
        method: &Method,
        path: &str,
        body: Option<&B>,
        signal: Option<&AbortSignal>,
    ) -> Result<Response, ApiError> {
        let request = RequestBuilder::new(path)
            .method(method.clone())
            .abort_signal(signal)
            .header("authorization", &format!("Bearer {}", self.token.get_untracked()));
        let request = match body {
            Some(body) => request.json(body)?,
            None => request.build()?,
        };
        Ok(request.send().await?)
    }
}

/// The token of a served page.
fn session_of(html: &str) -> Option<String> {
    let page = DomParser::new().ok()?.parse_from_string(html, SupportedType::TextHtml).ok()?;
    page.query_selector(&format!("meta[name={SESSION}]")).ok()??.get_attribute("content")
}
