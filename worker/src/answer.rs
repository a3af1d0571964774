//! What the routes answer.

use js_sys::Uint8Array;
use protocol::{Error, ErrorBody};
use web_sys::{Headers, ReadableStream, Response, ResponseInit};

/// TwiML that does nothing.
pub const NO_TWIML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// A body.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// None.
    Empty,
    /// Words.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// What comes from elsewhere.
    Stream(&'a ReadableStream),
}

/// An answer. What the platform would refuse (a status that is none, a header with a line end) becomes its own
/// `Response.error()`; nothing here is either.
pub fn with(status: u16, headers: &[(&str, &str)], body: Body) -> Response {
    let init = ResponseInit::new();
    init.set_status(status);
    let response = match body {
        Body::Empty => Response::new_with_opt_str_and_init(None, &init),
        Body::Text(text) => Response::new_with_opt_str_and_init(Some(text), &init),
        Body::Bytes(bytes) => Response::new_with_opt_buffer_source_and_init(Some(&Uint8Array::from(bytes)), &init),
        Body::Stream(stream) => Response::new_with_opt_readable_stream_and_init(Some(stream), &init),
    };
    let Ok(response) = response else { return Response::error() };
    set(&response.headers(), &[ENCRYPTED_ONLY]);
    set(&response.headers(), headers);
    response
}

/// Sets headers of an answer of ours.
pub fn set(to: &Headers, headers: &[(&str, &str)]) {
    for (name, value) in headers {
        // It refuses what is no header at all; ours are, and others' values came as headers.
        let _ = to.set(name, value);
    }
}

const NOT_STORED: (&str, &str) = ("cache-control", "no-store");
/// For a year a browser comes back by HTTPS alone (RFC 6797); over plain HTTP, as in development, it means nothing.
const ENCRYPTED_ONLY: (&str, &str) = ("strict-transport-security", "max-age=31536000");
const AS_IT_SAYS: (&str, &str) = ("x-content-type-options", "nosniff");

/// Nothing to say.
pub fn empty(status: u16) -> Response {
    with(status, &[NOT_STORED], Body::Empty)
}

/// TwiML.
pub fn twiml(body: &str) -> Response {
    with(200, &[("content-type", "text/xml; charset=utf-8"), AS_IT_SAYS, NOT_STORED], Body::Text(body))
}

/// JSON.
pub fn json(status: u16, body: &str) -> Response {
    with(status, &[("content-type", "application/json"), AS_IT_SAYS, NOT_STORED], Body::Text(body))
}

/// A page for people.
pub fn page(status: u16, title: &str, words: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><h1>{title}</h1><p>{words}</p></html>"
    );
    let alone = ("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    with(status, &[("content-type", "text/html; charset=utf-8"), AS_IT_SAYS, NOT_STORED, alone], Body::Text(&html))
}

/// An error with a stable code.
pub fn error(status: u16, code: &str, message: &str) -> Response {
    let error = Error { code: code.to_owned(), message: message.to_owned() };
    json(status, &hotline::sidebar::json(&ErrorBody { error }))
}
