//! Requests to Twilio and Help Scout: with a time-out, credentials for nobody else, and redirects as they come.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use futures_util::future::join_all;
use hotline::config::Config;
use hotline::effect::{Body, Medium, Method, Outcome, REQUEST_TIMEOUT, Request, Response, Service};
use wasm_bindgen::JsValue;
use worker::{AbortSignal, Fetch, Headers, RequestInit, RequestRedirect};

/// The largest answer that is read: a page of threads with long mails in it stays far below.
const LARGEST_ANSWER: usize = 8_000_000;

/// The largest medium that is fetched to be attached (Help Scout, Attachments: 10 MB).
const LARGEST_MEDIUM: usize = 10_000_000;

/// How often a medium's address may point elsewhere.
const MOST_REDIRECTS: usize = 3;

/// A signal that ends a request, body and all.
pub fn time_out(millis: i64) -> AbortSignal {
    web_sys::AbortSignal::timeout_with_u32(u32::try_from(millis).unwrap_or(u32::MAX)).into()
}

/// Sends one request of the rules.
pub async fn send(config: &Config, request: &Request, token: &str) -> Outcome {
    match try_send(config, request, token).await {
        Ok(response) => Outcome::Answered(response),
        Err(error) if is_time_out(&error) => Outcome::TimedOut,
        Err(_) => Outcome::Lost,
    }
}

fn is_time_out(error: &worker::Error) -> bool {
    match error {
        worker::Error::UnknownJsError { name, message, .. } => {
            name.as_deref() == Some("TimeoutError") || message.contains("TimeoutError")
        }
        other => other.to_string().contains("TimeoutError"),
    }
}

async fn try_send(config: &Config, request: &Request, token: &str) -> worker::Result<Response> {
    let (base, authorization) = match request.service {
        Service::Twilio => (&config.twilio_api_url, twilio_authorization(config)),
        Service::HelpScout => (&config.helpscout_api_url, format!("Bearer {token}")),
    };
    let headers = Headers::new();
    headers.set("accept", "application/json")?;
    if request.service == Service::Twilio || !token.is_empty() {
        headers.set("authorization", &authorization)?;
    }
    let body = match &request.body {
        Body::Empty => None,
        Body::Json(json) => Some(("application/json", json)),
        Body::Form(form) => Some(("application/x-www-form-urlencoded", form)),
    };
    if let Some((content_type, _)) = body {
        headers.set("content-type", content_type)?;
    }
    let init = RequestInit {
        method: match request.method {
            Method::Get => worker::Method::Get,
            Method::Post => worker::Method::Post,
            Method::Patch => worker::Method::Patch,
        },
        headers,
        body: body.map(|(_, text)| JsValue::from_str(text)),
        redirect: RequestRedirect::Manual,
        ..RequestInit::default()
    };
    let request = worker::Request::new_with_init(&format!("{base}{}", request.path), &init)?;
    let mut response = Fetch::Request(request).send_with_signal(&time_out(REQUEST_TIMEOUT)).await?;
    read(&mut response).await
}

async fn read(response: &mut worker::Response) -> worker::Result<Response> {
    let headers = response.headers();
    let text = |name: &str| headers.get(name).ok().flatten();
    let number = |name: &str| text(name).and_then(|value| value.trim().parse().ok());
    let answer = Response {
        status: response.status_code(),
        resource_id: text("resource-id"),
        location: text("location"),
        retry_after: number("x-ratelimit-retry-after").or_else(|| number("retry-after")),
        limit: number("x-ratelimit-limit-minute"),
        remaining: number("x-ratelimit-remaining-minute"),
        body: Vec::new(),
    };
    let body = read_body(response, LARGEST_ANSWER).await?;
    Ok(Response { body: body.unwrap_or_default(), ..answer })
}

/// The body, or `None` when it is larger than `most`.
async fn read_body(response: &mut worker::Response, most: usize) -> worker::Result<Option<Vec<u8>>> {
    let told = response.headers().get("content-length")?.and_then(|length| length.parse::<usize>().ok());
    if told.is_some_and(|length| length > most) {
        return Ok(None);
    }
    let Ok(mut stream) = response.stream() else { return Ok(Some(Vec::new())) };
    let mut body = Vec::with_capacity(told.unwrap_or(0));
    while let Some(chunk) = stream.next().await {
        body.extend(chunk?);
        if body.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

fn twilio_authorization(config: &Config) -> String {
    let secrets = &config.secrets;
    let pair = match &secrets.twilio_api_key {
        Some(key) => format!("{}:{}", key.sid, key.secret.expose()),
        None => format!("{}:{}", secrets.twilio_account_sid, secrets.twilio_auth_token.expose()),
    };
    format!("Basic {}", STANDARD.encode(pair))
}

/// Fetches media of a text, all at once, within one time-out.
pub async fn media(config: &Config, urls: &[String]) -> Vec<Medium> {
    let signal = time_out(REQUEST_TIMEOUT);
    join_all(urls.iter().map(|url| medium(config, url, &signal))).await
}

async fn medium(config: &Config, url: &str, signal: &AbortSignal) -> Medium {
    let Ok(mut response) = open_medium(config, url, None, signal).await else { return Medium::Unavailable };
    if response.status_code() != 200 {
        return Medium::Unavailable;
    }
    let content_type = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    match read_body(&mut response, LARGEST_MEDIUM).await {
        Ok(Some(bytes)) => Medium::Fetched { content_type, bytes },
        Ok(None) => Medium::TooLarge,
        Err(_) => Medium::Unavailable,
    }
}

/// Opens a medium: credentials go to Twilio's own address only, never to the place that it redirects to (Twilio, Media
/// resource).
pub async fn open_medium(
    config: &Config,
    url: &str,
    range: Option<String>,
    signal: &AbortSignal,
) -> worker::Result<worker::Response> {
    let mut url = url.to_owned();
    for _ in 0..=MOST_REDIRECTS {
        let headers = Headers::new();
        if is_below(&url, &config.twilio_api_url) {
            headers.set("authorization", &twilio_authorization(config))?;
        }
        if let Some(range) = &range {
            headers.set("range", range)?;
        }
        let init = RequestInit { headers, redirect: RequestRedirect::Manual, ..RequestInit::default() };
        let request = worker::Request::new_with_init(&url, &init)?;
        let response = Fetch::Request(request).send_with_signal(signal).await?;
        let location = response.headers().get("location")?;
        match location.filter(|_| (300..400).contains(&response.status_code())) {
            Some(location) => url = absolute(&url, &location),
            None => return Ok(response),
        }
    }
    Err(worker::Error::RustError("too many redirects".to_owned()))
}

/// Whether an address is the base itself or below it: `https://api.twilio.com.example` is not below
/// `https://api.twilio.com`.
fn is_below(url: &str, base: &str) -> bool {
    url.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
}

fn absolute(from: &str, location: &str) -> String {
    if !location.starts_with('/') {
        return location.to_owned();
    }
    let host = from.find("://").map_or(0, |at| at + 3);
    let end = from.get(host..).and_then(|rest| rest.find('/')).map_or(from.len(), |at| host + at);
    format!("{}{location}", from.get(..end).unwrap_or(from))
}
