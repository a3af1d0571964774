//! Asking the Worker: with the session's token, which is renewed as long as the page lives.

use hotline::domain::text::search::split_once;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, Request, RequestInit, Response, window};

use crate::followed::Followed;
use crate::json::{self, Json};

/// How long an answer may take; the Worker itself waits at most 10 s for anyone.
const PATIENCE_MS: u32 = 15_000;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable, for programs; "" when no answer came.
    pub code: String,
    /// For the agent.
    pub words: String,
}

/// The Worker, as far as this session opens it.
#[derive(Clone, Copy)]
pub struct Api {
    /// The token that is good now.
    pub token: &'static Followed<String>,
    /// Whether the session is over, so that no more is asked.
    pub is_over: &'static Followed<bool>,
}

impl Api {
    /// Asks; the answer's body.
    pub async fn ask(self, method: &str, path: &str, body: Option<JsValue>) -> Result<Json, Refusal> {
        let mut response = self.send(method, path, body.as_ref()).await.map_err(|_| unreachable())?;
        if response.status() == 401 && self.reopen().await.map_err(|_| unreachable())? {
            response = self.send(method, path, body.as_ref()).await.map_err(|_| unreachable())?;
        }
        if let Ok(Some(token)) = response.headers().get("ringside-session") {
            self.token.set(token);
        }
        let json = Json::parse(&text(&response).await.map_err(|_| unreachable())?);
        if response.ok() {
            return Ok(json);
        }
        if response.status() == 401 {
            self.is_over.set(true);
        }
        let error = json.get("error");
        let words =
            error.get("message").maybe_text().unwrap_or_else(|| "This did not work. Please try again.".to_owned());
        Err(Refusal { code: error.get("code").text(), words })
    }

    /// A session ends when its machine has slept. The page's own address, which Help Scout has signed, brings another
    /// one, unless this agent is no more. Returns whether it did.
    async fn reopen(self) -> Result<bool, JsValue> {
        let window = window().ok_or(JsValue::NULL)?;
        let page = self.send("GET", &window.location().href()?, None).await?;
        if page.status() >= 500 {
            return Err(JsValue::NULL);
        }
        let html = text(&page).await?;
        let after = split_once(&html, "name=\"ringside-session\" content=\"").map_or("", |(_, after)| after);
        let token = after.split_once('"').map(|(token, _)| token.to_owned());
        Ok(token.map(|token| self.token.set(token)).is_some())
    }

    async fn send(self, method: &str, path: &str, body: Option<&JsValue>) -> Result<Response, JsValue> {
        let headers = Headers::new()?;
        headers.set("authorization", &["Bearer ", &self.token.now()].concat())?;
        let init = RequestInit::new();
        init.set_method(method);
        init.set_headers(&headers);
        init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
        if let Some(body) = body {
            init.set_body(&json::write(body).into());
        }
        let request = Request::new_with_str_and_init(path, &init)?;
        let window = window().ok_or(JsValue::NULL)?;
        JsFuture::from(window.fetch_with_request(&request)).await?.dyn_into()
    }
}

async fn text(response: &Response) -> Result<String, JsValue> {
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}

fn unreachable() -> Refusal {
    let words = "The hotline cannot be reached. Please check your connection and try again.".to_owned();
    Refusal { code: String::new(), words }
}

/// An id of our making: what is asked for twice by the same id is done once.
pub fn new_id() -> String {
    window().and_then(|window| window.crypto().ok()).map_or_else(String::new, |crypto| crypto.random_uuid())
}
