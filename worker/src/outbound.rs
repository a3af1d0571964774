//! Requests to Twilio and Help Scout, whose credentials go to no other host, and to endpoints of programs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hotline::config::Config;
use hotline::effects::{Body, Medium, Outcome, REQUEST_TIMEOUT, Request, Response, Service};
use hotline::media::{is_below, redirected};
use hotline::messages::endpoint::Delivery;
use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use crate::fetch;

/// The largest answer that is read: an attachment of 10 MB in base64, and the JSON around it.
const LARGEST_ANSWER: usize = 14_000_000;

/// The largest medium that is fetched to be attached (Help Scout, Attachments: 10 MB).
const LARGEST_MEDIUM: usize = 10_000_000;

/// The most that the media of one text may be together: they stand in memory as bytes, as base64 and as the request, and
/// all of an isolate is 128 MB (Workers, limits). An MMS has at most 5 MB, a WhatsApp message one medium of 16.
const MOST_TOGETHER: usize = 15_000_000;

/// How often a medium's address may point elsewhere.
const MOST_REDIRECTS: usize = 3;

/// Sends one request of the rules.
pub async fn send(config: &Config, request: &Request, token: &str) -> Outcome {
    match try_send(config, request, token).await {
        Ok(response) => Outcome::Answered(response),
        Err(error) if fetch::is_time_out(&error) => Outcome::TimedOut,
        Err(_) => Outcome::Lost,
    }
}

async fn try_send(config: &Config, request: &Request, token: &str) -> Result<Response, JsValue> {
    let (base, authorization) = match request.service {
        Service::Twilio => (&config.twilio_api_url, twilio_authorization(config)),
        Service::Lookups => (&config.twilio_lookups_url, twilio_authorization(config)),
        Service::HelpScout => (&config.helpscout_api_url, format!("Bearer {token}")),
    };
    let mut headers = vec![("accept", "application/json")];
    if request.service != Service::HelpScout || !token.is_empty() {
        headers.push(("authorization", &authorization));
    }
    let body = match &request.body {
        Body::Empty => None,
        Body::Json(json) => Some(("application/json", json.as_str())),
        Body::Form(form) => Some(("application/x-www-form-urlencoded", form.as_str())),
    };
    headers.extend(body.map(|(content_type, _)| ("content-type", content_type)));
    let url = format!("{base}{}", request.path);
    let body = body.map(|(_, body)| body);
    let request = fetch::request(&url, request.method.as_str(), &headers, body, &fetch::time_out(REQUEST_TIMEOUT))?;
    read(&fetch::send(&request).await?).await
}

async fn read(response: &web_sys::Response) -> Result<Response, JsValue> {
    let headers = response.headers();
    let text = |name: &str| fetch::header(&headers, name);
    let number = |name: &str| text(name).and_then(|value| value.trim().parse().ok());
    Ok(Response {
        status: response.status(),
        resource_id: text("resource-id"),
        location: text("location"),
        retry_after: number("x-ratelimit-retry-after").or_else(|| number("retry-after")),
        limit: number("x-ratelimit-limit-minute"),
        remaining: number("x-ratelimit-remaining-minute"),
        body: fetch::body(headers, response.body(), LARGEST_ANSWER).await?.unwrap_or_default(),
    })
}

fn twilio_authorization(config: &Config) -> String {
    let secrets = &config.secrets;
    let (user, password) = match &secrets.twilio_api_key {
        Some(key) => (&key.sid, &key.secret),
        None => (&secrets.twilio_account_sid, &secrets.twilio_auth_token),
    };
    let pair = [user, ":", password.expose()].concat();
    ["Basic ", &STANDARD.encode(pair)].concat()
}

/// Delivers an event to an endpoint. Its answer's body is not read: the status is all that counts, and a body may be endless.
pub async fn deliver(delivery: &Delivery) -> Outcome {
    let timestamp = delivery.timestamp.to_string();
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", &delivery.id),
        ("webhook-timestamp", &timestamp),
        ("webhook-signature", &delivery.signatures),
    ];
    let signal = fetch::time_out(REQUEST_TIMEOUT);
    let request = fetch::request(&delivery.url, "POST", &headers, Some(&delivery.body), &signal);
    let sent = match request {
        Ok(request) => fetch::send(&request).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(response) => {
            if let Some(body) = response.body() {
                drop(body.cancel());
            }
            Outcome::Answered(Response { status: response.status(), ..Response::default() })
        }
        Err(error) if fetch::is_time_out(&error) => Outcome::TimedOut,
        Err(_) => Outcome::Lost,
    }
}

/// Fetches media of a text, all within one time-out.
pub async fn media(config: &Config, urls: &[String]) -> Vec<Medium> {
    let signal = fetch::time_out(REQUEST_TIMEOUT);
    let mut media = Vec::new();
    let mut room = MOST_TOGETHER;
    for url in urls {
        let medium = medium(config, url, room.min(LARGEST_MEDIUM), &signal).await;
        if let Medium::Fetched { bytes, .. } = &medium {
            room = room.saturating_sub(bytes.len());
        }
        media.push(medium);
    }
    media
}

async fn medium(config: &Config, url: &str, most: usize, signal: &AbortSignal) -> Medium {
    let Ok(response) = open_medium(config, url, None, signal).await else { return Medium::Unavailable };
    if response.status() != 200 {
        return Medium::Unavailable;
    }
    let headers = response.headers();
    let header = |name| fetch::header(&headers, name).unwrap_or_default();
    let (content_type, disposition) = (header("content-type"), header("content-disposition"));
    match fetch::body(headers, response.body(), most).await {
        Ok(Some(bytes)) => Medium::Fetched { content_type, disposition, bytes },
        Ok(None) => Medium::TooLarge,
        Err(_) => Medium::Unavailable,
    }
}

/// Opens a medium at Twilio; an address anywhere else is refused. Credentials go with the first request only, never to
/// the place that it redirects to (Twilio, Media resource).
pub async fn open_medium(
    config: &Config,
    url: &str,
    range: Option<&str>,
    signal: &AbortSignal,
) -> Result<web_sys::Response, JsValue> {
    if !is_below(url, &config.twilio_api_url) {
        return Err("no address of Twilio's".into());
    }
    let authorization = twilio_authorization(config);
    let mut credentials = Some(("authorization", authorization.as_str()));
    let mut url = url.to_owned();
    for _ in 0..=MOST_REDIRECTS {
        let headers: Vec<_> = credentials.take().into_iter().chain(range.map(|range| ("range", range))).collect();
        let response = fetch::send(&fetch::request(&url, "GET", &headers, None, signal)?).await?;
        match fetch::header(&response.headers(), "location").filter(|_| (300..400).contains(&response.status())) {
            Some(location) => url = redirected(&url, &location).ok_or("an address that is not encrypted")?,
            None => return Ok(response),
        }
    }
    Err("too many redirects".into())
}
