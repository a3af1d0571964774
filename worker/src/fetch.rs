//! One HTTP request, as the platform makes it: with a signal that ends it, and redirects as they come.

use hotline::effects::Millis;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, DomException, Headers, ReadableStream, ReadableStreamDefaultReader, ReadableStreamReadResult, Request,
    RequestInit, RequestRedirect, Response, WorkerGlobalScope,
};

/// A signal that ends a request, body and all: dropping the future does not (the platform goes on with it).
pub fn time_out(millis: Millis) -> AbortSignal {
    AbortSignal::timeout_with_u32(u32::try_from(millis).unwrap_or(u32::MAX))
}

/// A request.
pub fn request(
    url: &str,
    method: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    signal: &AbortSignal,
) -> Result<Request, JsValue> {
    let given = Headers::new()?;
    for (name, value) in headers {
        given.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(&given);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    if let Some(body) = body {
        init.set_body(&JsValue::from_str(body));
    }
    Request::new_with_str_and_init(url, &init)
}

/// What JavaScript calls `globalThis`.
pub fn global() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Sends it to the world.
pub async fn send(request: &Request) -> Result<Response, JsValue> {
    JsFuture::from(global().fetch_with_request(request)).await?.dyn_into()
}

/// A header.
pub fn header(headers: &Headers, name: &str) -> Option<String> {
    headers.get(name).ok().flatten()
}

/// The length that a body says it has. It is a claim: memory is taken for what comes.
pub fn announced(headers: &Headers) -> Option<usize> {
    header(headers, "content-length")?.parse().ok()
}

/// The pieces of a stream, one after the other.
pub struct Pieces(ReadableStreamDefaultReader);

impl Pieces {
    /// Nobody else may read the stream.
    pub fn of(stream: &ReadableStream) -> Self {
        Self(stream.get_reader().unchecked_into())
    }

    /// The next piece; `None` at the end.
    pub async fn next(&self) -> Result<Option<Uint8Array>, JsValue> {
        let piece: ReadableStreamReadResult = JsFuture::from(self.0.read()).await?.unchecked_into();
        if piece.get_done() == Some(true) {
            return Ok(None);
        }
        piece.get_value().dyn_into().map(Some)
    }
}

/// A body, or `None` when it is larger than `most` bytes.
pub async fn body(headers: Headers, stream: Option<ReadableStream>, most: usize) -> Result<Option<Vec<u8>>, JsValue> {
    if announced(&headers).is_some_and(|length| length > most) {
        return Ok(None);
    }
    let mut body = Vec::new();
    let Some(stream) = stream else { return Ok(Some(body)) };
    let pieces = Pieces::of(&stream);
    while let Some(piece) = pieces.next().await? {
        if body.len() + piece.length() as usize > most {
            return Ok(None);
        }
        body.extend(piece.to_vec());
    }
    Ok(Some(body))
}

/// Whether a request ended because its time was over.
pub fn is_time_out(error: &JsValue) -> bool {
    error.dyn_ref::<DomException>().is_some_and(|error| error.name() == "TimeoutError")
}
