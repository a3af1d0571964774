//! Routes requests to the services, with injected faults, and to the control API.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Shared, control, dns, origin, page, program};
use crate::faults::Service;
use crate::http::{Request, Response};

/// The connection ends without an answer.
#[derive(Debug)]
pub(super) struct ConnectionClosed;

impl std::fmt::Display for ConnectionClosed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a fault ended the connection")
    }
}

impl std::error::Error for ConnectionClosed {}

/// `/twilio/…` and the paths named after its other hosts are Twilio, `/helpscout/…` is Help Scout; there faults apply. The rest is ours.
pub(super) async fn serve(shared: Arc<Shared>, mut request: Request) -> Result<Response, ConnectionClosed> {
    let (path, query) = request.target.split_once('?').map_or((request.target.as_str(), ""), |parts| parts);
    let segments: Vec<_> = path.split('/').skip(1).collect();
    if let Some(refusal) = origin::refusal(&request, &segments) {
        return Ok(json_reply(403, &json!({"error": refusal})));
    }
    let (service, prefix) = match segments.as_slice() {
        ["twilio", ..] => (Service::Twilio, "/twilio"),
        ["lookups", ..] => (Service::Twilio, "/lookups"),
        ["messaging", ..] => (Service::Twilio, "/messaging"),
        ["pricing", ..] => (Service::Twilio, "/pricing"),
        ["voice", ..] => (Service::Twilio, "/voice"),
        ["monitor", ..] => (Service::Twilio, "/monitor"),
        // Its paths are Lookup's, so the host stays before them.
        ["routes", ..] => (Service::Twilio, ""),
        ["helpscout", ..] => (Service::HelpScout, "/helpscout"),
        ["dns", ..] => return Ok(shared.with(|world| dns::answer(&world.dns, query))),
        ["twilio-media", ..] => {
            request.target = below(&request.target, "/twilio-media");
            return Ok(shared.change(|world| {
                let now = world.now();
                world.twilio.media_host(now, &request)
            }));
        }
        ["_play", "program", ..] => return Ok(program::serve(&shared, &request).await),
        ["_play" | "_faults", ..] => {
            return Ok(shared.change(|world| control::serve(world, &request, &segments, query)));
        }
        _ => return Ok(page::file(path).unwrap_or_else(|| json_reply(404, &json!({"error": "not found"})))),
    };
    request.target = below(&request.target, prefix);
    api(shared, service, request).await
}

fn below(target: &str, prefix: &str) -> String {
    match target.strip_prefix(prefix).unwrap_or_default() {
        "" => "/".to_owned(),
        rest => rest.to_owned(),
    }
}

async fn api(shared: Arc<Shared>, service: Service, request: Request) -> Result<Response, ConnectionClosed> {
    let (number, verdict) = shared.with(|world| world.receive(service, &request));
    let action = {
        let (shared, course) = (shared.clone(), verdict.course);
        async move {
            tokio::time::sleep(Duration::from_millis(verdict.hold_ms)).await;
            let served = course.is_done().then(|| shared.change(|world| world.handle(service, &request)));
            course.answer(served).ok_or(ConnectionClosed)
        }
    };
    // In a task of its own, because a caller who hangs up while we hold the request does not undo it.
    let response = tokio::spawn(action).await.unwrap_or(Err(ConnectionClosed))?;
    tokio::time::sleep(Duration::from_millis(verdict.slow_ms)).await;
    shared.with(|world| world.note_status(number, response.status));
    Ok(response)
}

pub(super) fn reply(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
    let headers = vec![("content-type".into(), content_type.into()), ("cache-control".into(), "no-store".into())];
    Response { status, headers, body: body.into() }
}

pub(super) fn json_reply(status: u16, body: &Value) -> Response {
    reply(status, "application/json", body.to_string())
}
