//! What objects say to each other, and how it gets there.

use serde::{Deserialize, Serialize};

use hotline::base64::{Alphabet, decode, encode};
use hotline::effects::{Millis, ObjectReply, Permit, PermitRequest, RateLimiterName, Report};
use hotline::{call, contact, directory, encoding};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, RequestInit, Response};
use worker::Env;

use crate::clock::now;
use crate::{fetch, js, logging};

/// How long another object may take to store what it was told. It waits for one local write and nothing else.
const STORED_WITHIN: Millis = 5_000;

/// How long a rate limiter may take: it may have to fetch a token first, which takes as long as an outside request.
const TURN_WITHIN: Millis = 12_000;

/// How soon a rate limiter that could not be reached is asked again.
const GATE_AGAIN: Millis = 2_000;

/// A request to an object.
#[derive(Serialize, Deserialize)]
pub enum ObjectRequest {
    /// To a person's object.
    Contact {
        /// The hotline's inbox.
        mailbox: u64,
        /// The person's key.
        contact: String,
        /// What.
        message: contact::Message,
    },
    /// To a call's object.
    Call {
        /// The hotline's inbox.
        mailbox: u64,
        /// The caller's `CallSid`, or the id that the agent's sidebar made.
        call: String,
        /// What.
        message: call::Message,
    },
    /// To a hotline's object.
    Hotline {
        /// Its inbox; 0 for the object that counts what belongs to no hotline.
        mailbox: u64,
        /// What.
        message: directory::Message,
    },
    /// To a person's object: a sidebar's socket.
    Live {
        /// The hotline's inbox.
        mailbox: u64,
        /// The person's key.
        contact: String,
        /// The sidebar's token.
        token: String,
        /// What it hears first; may be empty.
        first: String,
    },
    /// To a hotline's object: what must an operator know?
    Health {
        /// Its inbox.
        mailbox: u64,
    },
    /// To a rate limiter: a permit, please.
    PermitRequest(RateLimiterName, PermitRequest),
    /// To a rate limiter: what the service said.
    Report(RateLimiterName, Report),
}

impl ObjectRequest {
    /// The class of the object it goes to, and its name.
    fn address(&self) -> (&'static str, String) {
        match self {
            Self::Contact { mailbox, contact, .. } | Self::Live { mailbox, contact, .. } => {
                ("CONTACT", format!("{mailbox}/{contact}"))
            }
            Self::Call { mailbox, call, .. } => ("CALL", format!("{mailbox}/{call}")),
            Self::Hotline { mailbox, .. } | Self::Health { mailbox } => ("HOTLINE", mailbox.to_string()),
            Self::PermitRequest(name, _) | Self::Report(name, _) => ("GATE", gate(name)),
        }
    }
}

/// What a rate limiter's object is called. A number may be a sender and, to another hotline, a phone.
fn gate(name: &RateLimiterName) -> String {
    match name {
        RateLimiterName::HelpScout => "helpscout".to_owned(),
        RateLimiterName::Sender { sender, .. } => sender.clone(),
        RateLimiterName::Phone { number } => ["phone ", number].concat(),
    }
}

/// Posts a request; the answer is a request too (Cloudflare, `DurableObjectNamespace`).
pub async fn post(env: &Env, object_request: ObjectRequest) -> Result<String, JsValue> {
    let (class, name) = object_request.address();
    let within = if matches!(object_request, ObjectRequest::PermitRequest(..)) { TURN_WITHIN } else { STORED_WITHIN };
    let object_request = encoding::encode(&object_request);
    let request = fetch::request("https://object/", "POST", &[], Some(&object_request), &fetch::time_out(within))?;
    let answer = deliver(env, class, name, &request).await?;
    let words = js::promised(&answer, "text", &Array::new()).await?;
    words.as_string().ok_or(words)
}

async fn deliver(env: &Env, class: &str, name: String, request: &Request) -> Result<JsValue, JsValue> {
    let object = js::call(&js::get(env, class)?, "getByName", &Array::of1(&name.into()))?;
    js::promised(&object, "fetch", &Array::of1(request)).await
}

/// The header in which a request stands that comes with a socket, and so has no body.
const LETTER: &str = "object_request";

/// Posts a request together with a socket. It has no time-out, which would end the socket too.
pub async fn socket(env: &Env, object_request: &ObjectRequest) -> Result<Response, JsValue> {
    let (class, name) = object_request.address();
    let headers = Headers::new()?;
    headers.set("upgrade", "websocket")?;
    headers.set(LETTER, &encode(Alphabet::Url, encoding::encode(object_request).as_bytes()))?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init("https://object/", &init)?;
    deliver(env, class, name, &request).await?.dyn_into()
}

/// Reads the request that a request to an object brings.
pub async fn read(request: &Request) -> Result<ObjectRequest, JsValue> {
    let object_request = match fetch::header(&request.headers(), LETTER) {
        Some(object_request) => {
            decode(Alphabet::Url, &object_request).and_then(|object_request| String::from_utf8(object_request).ok())
        }
        None => JsFuture::from(request.text()?).await?.as_string(),
    };
    Ok(encoding::decode(&object_request.unwrap_or_default()).map_err(|_| "unreadable request")?)
}

/// Tells an object something that it stores.
pub async fn tell(env: &Env, object_request: ObjectRequest) -> ObjectReply {
    let reply = post(env, object_request).await;
    reply.ok().and_then(|reply| encoding::decode(&reply).ok()).unwrap_or(ObjectReply::Unreachable)
}

/// Asks a rate limiter for a permit.
pub async fn ask(env: &Env, name: RateLimiterName, ask: PermitRequest) -> Permit {
    let turn = post(env, ObjectRequest::PermitRequest(name, ask)).await;
    turn.ok().and_then(|turn| encoding::decode(&turn).ok()).unwrap_or_else(|| Permit::ReservedAt(now() + GATE_AGAIN))
}

/// Tells a rate limiter what a service said. It is advice: what is lost is said again by the service's next answer.
pub async fn report(env: &Env, name: RateLimiterName, report: Report) {
    if tell(env, ObjectRequest::Report(name, report)).await == ObjectReply::Unreachable {
        logging::line("gate.unreachable", &[]);
    }
}
