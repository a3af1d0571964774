//! Pictures and files behind signed links: what strangers sent, and what agents attached.

use std::cell::RefCell;
use std::rc::Rc;

use hotline::answer::View;
use hotline::config::Config;
use hotline::domain::recent_files::RecentFiles;
use hotline::helpscout::read::attachment_bytes;
use hotline::helpscout::request::get_attachment;
use hotline::media::{MediaLink, Shown, shown, shown_to_twilio};
use hotline::messages::rate_limiter::PermitRequest;
use hotline::routing::HttpAnswer;
use web_sys::Response;
use worker::Env;

use crate::answer::Body;
use crate::clock::now;
use crate::{answer, fetch, outbound, view};

/// How long a medium may take to begin and to come: Twilio gives up after fifteen seconds.
const SHOWN_WITHIN: i64 = 14_000;

thread_local! {
    static RECENT_FILES: RefCell<RecentFiles> = RefCell::default();
}

/// Shows what a link opens.
pub async fn show(env: &Env, config: &Config, link: MediaLink, range: Option<String>) -> Response {
    match link {
        MediaLink::Twilio { url } => from_twilio(config, &url, range).await,
        MediaLink::HelpScout { conversation, attachment, mime } => {
            from_help_scout(env, config, (conversation, attachment), &shown(&mime), range).await
        }
        MediaLink::ForTwilio { conversation, attachment, mime, name } => {
            let shown = shown_to_twilio(&mime, &name);
            from_help_scout(env, config, (conversation, attachment), &shown, range).await
        }
    }
}

async fn from_twilio(config: &Config, url: &str, range: Option<String>) -> Response {
    let signal = fetch::time_out(SHOWN_WITHIN);
    let Ok(found) = outbound::open_medium(config, url, range.as_deref(), &signal).await else { return unavailable() };
    let status = found.status();
    if is_gone(status) {
        return gone();
    }
    if !matches!(status, 200 | 206 | 416) {
        return unavailable();
    }
    let (given, stream) = (found.headers(), found.body());
    let answer = answer::with(status, &[], stream.as_ref().map_or(Body::Empty, Body::Stream));
    for name in ["content-length", "content-range", "accept-ranges"] {
        if let Some(value) = fetch::header(&given, name) {
            answer::set(&answer.headers(), &[(name, &value)]);
        }
    }
    guarded(answer, &shown(&fetch::header(&given, "content-type").unwrap_or_default()))
}

async fn from_help_scout(env: &Env, config: &Config, id: (u64, u64), shown: &Shown, range: Option<String>) -> Response {
    if let Some(bytes) = RECENT_FILES.with_borrow_mut(|files| files.get(now(), id)) {
        return guarded(part(&bytes, range.as_deref()), shown);
    }
    let (permit, request) = (PermitRequest::file(id.1), get_attachment(id.0, id.1));
    let Ok(View::Answered(found)) = view::view(env, config, &permit, &request).await else { return unavailable() };
    let bytes = attachment_bytes(&found.body).filter(|bytes| !bytes.is_empty());
    let Some(bytes) = bytes else { return unavailable() };
    let bytes = Rc::from(bytes);
    RECENT_FILES.with_borrow_mut(|files| files.put(now(), id, &bytes));
    guarded(part(&bytes, range.as_deref()), shown)
}

/// Honours a range of bytes, the only kind that players ask for: one range.
fn part(bytes: &[u8], range: Option<&str>) -> Response {
    const IN_RANGES: (&str, &str) = ("accept-ranges", "bytes");
    let all = bytes.len();
    let Some((from, to)) = range.and_then(|range| bounds(range, all)) else {
        return answer::with(200, &[IN_RANGES], Body::Bytes(bytes));
    };
    let Some(piece) = bytes.get(from..=to) else {
        return answer::with(416, &[("content-range", &format!("bytes */{all}"))], Body::Empty);
    };
    let range = format!("bytes {from}-{to}/{all}");
    answer::with(206, &[("content-range", &range), IN_RANGES], Body::Bytes(piece))
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
fn guarded(response: Response, shown: &Shown) -> Response {
    let headers = [
        ("content-type", shown.content_type.as_str()),
        ("content-disposition", shown.disposition.as_str()),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "private, max-age=300, no-transform"),
    ];
    answer::set(&response.headers(), &headers);
    response
}

fn is_gone(status: u16) -> bool {
    matches!(status, 404 | 410)
}

/// A recording or picture that somebody has deleted at Twilio, or that Twilio keeps no longer.
fn gone() -> Response {
    const WORDS: &str = "It has been deleted at Twilio, or is older than this hotline keeps files. If it was attached to the conversation in \
         Help Scout, it is still there.";
    answer::response(&HttpAnswer::page(410, "This file is gone", WORDS))
}

fn unavailable() -> Response {
    const WORDS: &str = "The file could not be fetched. Please try again in a minute.";
    answer::response(&HttpAnswer::page(502, "Not available right now", WORDS))
}
