//! Pictures and files behind signed links: what strangers sent, and what agents attached.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hotline::config::Config;
use hotline::effect::{Ask, Body, GateName, Method, Outcome, Priority, Request, Service, Turn};
use hotline::link::LinkError;
use hotline::media::{MediaLink, shown};
use worker::{Env, Response, ResponseBody, Result};

use super::Visit;
use crate::clock::now;
use crate::objects::letters;
use crate::{answer, fetch, outside};

/// How long a medium may take to begin and to come: Twilio gives up after fifteen seconds.
const SHOWN_WITHIN: i64 = 14_000;

/// Shows what a link opens.
pub async fn show(visit: Visit, env: &Env, config: &Config, token: &str) -> Result<Response> {
    match MediaLink::open(config, now(), token) {
        Err(LinkError::Forged) => answer::error(401, "bad_link", "This link is not one of ours."),
        Err(LinkError::Expired) => answer::page(
            410,
            "This link has expired",
            "Links to pictures, voicemails and files end after a while. Open the conversation in Help Scout to find it.",
        ),
        Ok(MediaLink::Twilio { url }) => from_twilio(config, &url, visit.header("range")).await,
        Ok(MediaLink::HelpScout { conversation, attachment, mime }) => {
            from_help_scout(env, config, conversation, attachment, &mime, visit.header("range")).await
        }
    }
}

async fn from_twilio(config: &Config, url: &str, range: Option<String>) -> Result<Response> {
    let signal = fetch::time_out(SHOWN_WITHIN);
    let Ok(found) = outside::open_medium(config, url, range.as_deref(), &signal).await else { return unavailable() };
    let status = found.status();
    if !matches!(status, 200 | 206 | 416) {
        return unavailable();
    }
    let given = |name: &str| fetch::header(&found, name);
    let stream = found.body().map_or(ResponseBody::Empty, ResponseBody::Stream);
    let mut response = Response::from_body(stream)?.with_status(status);
    for name in ["content-length", "content-range", "accept-ranges"] {
        if let Some(value) = given(name) {
            response.headers_mut().set(name, &value)?;
        }
    }
    guard(&mut response, &given("content-type").unwrap_or_default())?;
    Ok(response)
}

async fn from_help_scout(
    env: &Env,
    config: &Config,
    conversation: u64,
    attachment: u64,
    mime: &str,
    range: Option<String>,
) -> Result<Response> {
    let id = format!("media/{conversation}/{attachment}/{}", now());
    let ask = Ask { id, cost: 1, priority: Priority::Conversation };
    let Turn::Go { token, .. } = letters::ask(env, &GateName::HelpScout, &ask).await else { return unavailable() };
    let path = format!("/v2/conversations/{conversation}/attachments/{attachment}/data");
    let request = Request { service: Service::HelpScout, method: Method::Get, path, body: Body::Empty };
    let Outcome::Answered(found) = outside::send(config, &request, &token).await else { return unavailable() };
    let found = found.json();
    let Ok(bytes) = STANDARD.decode(found.get("data").text()) else { return unavailable() };
    if bytes.is_empty() {
        return unavailable();
    }
    let mut response = part(bytes, range.as_deref())?;
    guard(&mut response, mime)?;
    Ok(response)
}

/// Honours a range of bytes, the only kind that players ask for: one range.
fn part(bytes: Vec<u8>, range: Option<&str>) -> Result<Response> {
    let all = bytes.len();
    let Some((from, to)) = range.and_then(|range| bounds(range, all)) else {
        let mut response = Response::from_bytes(bytes)?;
        response.headers_mut().set("accept-ranges", "bytes")?;
        return Ok(response);
    };
    let Some(piece) = bytes.get(from..=to) else {
        let mut response = Response::empty()?.with_status(416);
        response.headers_mut().set("content-range", &format!("bytes */{all}"))?;
        return Ok(response);
    };
    let mut response = Response::from_bytes(piece.to_vec())?.with_status(206);
    response.headers_mut().set("content-range", &format!("bytes {from}-{to}/{all}"))?;
    response.headers_mut().set("accept-ranges", "bytes")?;
    Ok(response)
}

fn bounds(range: &str, all: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = all.checked_sub(1)?;
    if from.is_empty() {
        let count: usize = to.parse().ok()?;
        return Some((all.saturating_sub(count), last));
    }
    let to = if to.is_empty() { last } else { to.parse::<usize>().ok()?.min(last) };
    Some((from.parse().ok()?, to))
}

/// What strangers send runs nothing and passes for nothing else (P13).
fn guard(response: &mut Response, content_type: &str) -> Result<()> {
    let shown = shown(content_type);
    let headers = response.headers_mut();
    headers.set("content-type", &shown.content_type)?;
    headers.set("content-disposition", if shown.inline { "inline" } else { "attachment" })?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("content-security-policy", "sandbox; default-src 'none'")?;
    headers.set("referrer-policy", "no-referrer")?;
    headers.set("cache-control", "private, max-age=300")
}

fn unavailable() -> Result<Response> {
    answer::page(502, "Not available right now", "The file could not be fetched. Please try again in a minute.")
}
