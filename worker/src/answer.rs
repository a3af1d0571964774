//! What the doors answer.

use hotline::json::quoted;
use worker::{Response, Result};

/// TwiML that does nothing.
pub const NO_TWIML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

fn plain(status: u16, content_type: &str, body: &str) -> Result<Response> {
    let mut response = Response::ok(body)?.with_status(status);
    let headers = response.headers_mut();
    headers.set("content-type", content_type)?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("cache-control", "no-store")?;
    Ok(response)
}

/// Nothing to say.
pub fn empty(status: u16) -> Result<Response> {
    let mut response = Response::empty()?.with_status(status);
    response.headers_mut().set("cache-control", "no-store")?;
    Ok(response)
}

/// TwiML.
pub fn twiml(body: &str) -> Result<Response> {
    plain(200, "text/xml; charset=utf-8", body)
}

/// JSON.
pub fn json(status: u16, body: &str) -> Result<Response> {
    plain(status, "application/json", body)
}

/// A page for people.
pub fn page(status: u16, title: &str, words: &str) -> Result<Response> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><h1>{title}</h1><p>{words}</p></html>"
    );
    let mut response = plain(status, "text/html; charset=utf-8", &html)?;
    response.headers_mut().set("content-security-policy", "default-src 'none'; frame-ancestors 'none'")?;
    Ok(response)
}

/// An error with a stable code.
pub fn error(status: u16, code: &str, message: &str) -> Result<Response> {
    json(status, &["{\"error\":{\"code\":", &quoted(code), ",\"message\":", &quoted(message), "}}"].concat())
}
