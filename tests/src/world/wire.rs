//! Requests and answers in the two languages: the rules' and the look-alikes'. And how a history shows them.

use emulator::http;
use hotline::effects::{Body, Effect, Input, ObjectMessage, Request, Response};

use super::object::Name;

/// A request as it leaves the Worker.
pub(super) fn on_the_wire(request: &Request, authorization: String) -> http::Request {
    let (kind, body) = match &request.body {
        Body::Empty => (None, ""),
        Body::Json(body) => (Some("application/json"), body.as_str()),
        Body::Form(body) => (Some("application/x-www-form-urlencoded"), body.as_str()),
    };
    let mut headers = vec![("authorization".to_owned(), authorization)];
    headers.extend(kind.map(|kind| ("content-type".to_owned(), kind.to_owned())));
    let method = request.method.as_str().to_owned();
    http::Request { method, target: request.path.clone(), headers, body: body.as_bytes().to_vec() }
}

/// The value of a header.
pub(super) fn header<'a>(response: &'a http::Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// An answer as the Worker hands it to the rules.
pub(super) fn as_read(response: http::Response) -> Response {
    let number = |name| header(&response, name).and_then(|value| value.parse().ok());
    Response {
        status: response.status,
        resource_id: header(&response, "resource-id").map(str::to_owned),
        location: header(&response, "location").map(str::to_owned),
        retry_after: number("x-ratelimit-retry-after").or(number("retry-after")),
        limit: number("x-ratelimit-limit-minute"),
        remaining: number("x-ratelimit-remaining-minute"),
        body: response.body,
    }
}

/// What a step began with, in a line.
pub(super) fn shown(input: &Input<ObjectMessage>) -> String {
    let text = format!("{input:?}");
    // Bodies are bytes in debug output and say nothing to people.
    let text = text.split("body: [").next().unwrap_or_default().to_owned();
    text.chars().take(300).collect()
}

/// What a step asks for, in a line.
pub(super) fn brief(effects: &[Effect]) -> String {
    let one = |effect: &Effect| match effect {
        Effect::Permit(ticket, limiter, _) => format!("permit {ticket:?} {}", Name::limiter(limiter)),
        Effect::Send(ticket, request, _) => format!("send {ticket:?} {}", request.method.as_str()),
        Effect::Deliver(ticket, delivery) => format!("deliver {ticket:?} {}", delivery.id),
        Effect::Fetch(ticket, urls) => format!("fetch {ticket:?} {}", urls.len()),
        Effect::ToObject(ticket, _) => format!("tell {ticket:?}"),
        Effect::Report(..) => "report".to_owned(),
        Effect::Push(frame) => format!("push {frame}"),
        Effect::PermitReady(asker) => format!("word for {asker:?}"),
        Effect::Log(line) => format!("log {} {}", line.event, line.subject),
        Effect::Wake(at) => format!("wake {}", super::clock(*at).trim_start()),
    };
    effects.iter().map(one).collect::<Vec<_>>().join(", ").replace("Ticket ", "")
}
