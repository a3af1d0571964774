//! Requests at the Worker's routes, signed as the services sign them, or not.

use emulator::helpscout;
use emulator::twilio::signing::{About, headers, with_body_hash};
use emulator::twilio::{DEVELOPMENT_ACCOUNT_SID, DEVELOPMENT_AUTH_TOKEN, Signing};
use reqwest::Url;

use super::{HOTLINE, Stand};

/// The key of Help Scout's webhook in development.
const WEBHOOK_SECRET: &str = "dev_webhook_secret";

/// A request, whose parts a story may change before it is sent.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// Upper-case method.
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// What the Worker answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// A form's body.
pub fn form(params: &[(&str, &str)]) -> Vec<u8> {
    let url = Url::parse_with_params("http://form", params).expect("parameters");
    url.query().unwrap_or_default().into()
}

/// What Twilio says of a text, as far as it matters.
pub fn text_params<'a>(sid: &'a str, from: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
    let account = ("AccountSid", DEVELOPMENT_ACCOUNT_SID);
    vec![("MessageSid", sid), account, ("From", from), ("To", HOTLINE), ("Body", body), ("NumMedia", "0")]
}

impl HttpRequest {
    /// A request without any proof.
    pub fn plain(method: &'static str, target: &str) -> Self {
        Self { method, target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// The same request with one header more, or another in its place.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request without a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// The same request at another address; what was signed stays signed.
    #[must_use]
    pub fn at(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// The same request with another body; what was signed stays signed.
    #[must_use]
    pub fn saying(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl Answer {
    /// The header, or "".
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The stable code of a problem document, or "".
    pub fn problem(&self) -> String {
        let problem = serde_json::from_slice::<protocol::v1::Problem>(&self.body);
        let is_typed = self.header("content-type") == "application/problem+json";
        problem.ok().filter(|_| is_typed).map_or_else(String::new, |problem| problem.code)
    }

    /// The stable code of an error, or "".
    pub fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let reply = body["error"]["message"].as_str().is_some_and(|message| !message.is_empty());
        if reply { body["error"]["code"].as_str().unwrap_or_default().to_owned() } else { String::new() }
    }
}

impl Stand {
    /// A form as Twilio posts it.
    pub fn twilio(&self, target: &str, params: &[(&str, &str)]) -> HttpRequest {
        self.twilio_signed(&Signing::AuthToken, DEVELOPMENT_AUTH_TOKEN, target, params)
    }

    /// A form as Twilio posts it, signed in this way.
    pub fn twilio_signed(&self, signing: &Signing, token: &str, target: &str, params: &[(&str, &str)]) -> HttpRequest {
        let url = format!("{}{target}", self.worker.url);
        let owned: Vec<_> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let signed = headers(signing, token, About::Messages, &url, &owned);
        let request = HttpRequest { headers: signed, body: form(params), ..HttpRequest::plain("POST", target) };
        request.with("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
    }

    /// The same fields as Twilio sends them by GET: they follow the query that was set up, and all of it is signed.
    pub fn twilio_get(&self, target: &str, params: &[(&str, &str)]) -> HttpRequest {
        let joint = if target.contains('?') { '&' } else { '?' };
        let target = format!("{target}{joint}{}", String::from_utf8_lossy(&form(params)));
        let url = format!("{}{target}", self.worker.url);
        let signed = headers(&Signing::AuthToken, DEVELOPMENT_AUTH_TOKEN, About::Messages, &url, &[]);
        HttpRequest { headers: signed, ..HttpRequest::plain("GET", &target) }
    }

    /// A body that is no form, as Twilio posts it: its hash stands in the address.
    pub fn twilio_json(&self, target: &str, body: &str) -> HttpRequest {
        let target = with_body_hash(target, body.as_bytes());
        let url = format!("{}{target}", self.worker.url);
        let signed = headers(&Signing::AuthToken, DEVELOPMENT_AUTH_TOKEN, About::Messages, &url, &[]);
        let request = HttpRequest { headers: signed, ..HttpRequest::plain("POST", &target) };
        request.saying(body).with("content-type", "application/json")
    }

    /// An event as Help Scout posts it.
    pub fn helpscout(&self, event: &str, body: impl Into<Vec<u8>>) -> HttpRequest {
        self.helpscout_signed(WEBHOOK_SECRET, event, body)
    }

    /// An event as Help Scout posts it, signed with this secret.
    pub fn helpscout_signed(&self, secret: &str, event: &str, body: impl Into<Vec<u8>>) -> HttpRequest {
        let request = HttpRequest::plain("POST", "/helpscout/webhook").saying(body);
        let signature = helpscout::signature(secret, &request.body);
        request
            .with("content-type", "application/json")
            .with("x-helpscout-event", event)
            .with("x-helpscout-signature", &signature)
    }

    /// Knocks, and waits for the answer.
    pub async fn fetch(&self, request: &HttpRequest) -> Answer {
        send(&self.http, &self.worker.url, request.clone()).await
    }

    /// Sends all of them at the same instant; the answers in the order in which they come.
    pub async fn fetch_at_once(&self, requests: impl IntoIterator<Item = HttpRequest>) -> Vec<Answer> {
        let mut waiting = tokio::task::JoinSet::new();
        for request in requests {
            let (http, url) = (self.http.clone(), self.worker.url.clone());
            waiting.spawn(async move { send(&http, &url, request).await });
        }
        waiting.join_all().await
    }
}

async fn send(http: &reqwest::Client, url: &str, request: HttpRequest) -> Answer {
    let method = request.method.parse().expect("a method");
    let mut sent = http.request(method, format!("{url}{}", request.target));
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let response = sent.body(request.body).send().await.expect("the Worker answers");
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = response.headers().iter().map(header).collect();
    let status = response.status().as_u16();
    Answer { status, headers, body: response.bytes().await.expect("a body").to_vec() }
}
