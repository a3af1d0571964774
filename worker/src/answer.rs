//! Responses of the platform, from what the rules answer.

use hotline::routing::HttpAnswer;
use js_sys::Uint8Array;
use web_sys::{Headers, ReadableStream, Response, ResponseInit};

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

/// For a year a browser comes back by HTTPS alone (RFC 6797); over plain HTTP, as in development, it means nothing.
const ENCRYPTED_ONLY: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// The response that an answer of the rules describes.
pub fn response(answer: &HttpAnswer) -> Response {
    let body = if answer.body.is_empty() { Body::Empty } else { Body::Text(&answer.body) };
    let headers: Vec<(&str, &str)> = answer.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    with(answer.status, &headers, body)
}

/// A response. What the platform would refuse (a status that is none, a header with a line end) becomes its own
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
