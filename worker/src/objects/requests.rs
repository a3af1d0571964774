//! Requests between objects, and from the routes to them: JSON over the object's `fetch`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hotline::effects::{Millis, ObjectReply, Permit, PermitRequest, RateLimiterName, Report, ToObject};
use hotline::log::{Level, LogLine};
use hotline::messages::MOST_MOVES;
use hotline::messages::request::Request as ObjectQuery;
pub use hotline::messages::{Address, Addressed, ContactRequest, DirectoryRequest, RateLimiterRequest};
use hotline::{
    api_key, audience, call, contact, directory, encoding, endpoint, monitor, participant, rate_limiter,
    verification_limit,
};
use serde::de::DeserializeOwned;
use web_sys::{Headers, RequestInit};
use worker::{Env, Request, Response, Result, Stub};

use super::retry;
use crate::clock::now;
use crate::{fetch, logging};

/// Time limit for a request to another object, which waits for one local write and nothing else.
const TIME_LIMIT: Millis = 5_000;

/// How soon a rate limiter that could not be reached is asked again.
const LIMITER_RETRY: Millis = 2_000;

/// A request to an object.
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
    /// To a hotline's directory.
    Directory {
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
        /// What it is sent first; may be empty.
        first: String,
    },
    /// To a rate limiter.
    RateLimiter(RateLimiterName, rate_limiter::Message),
    /// To the object of the key with this id.
    ApiKey(String, api_key::Message),
    /// To a part of a hotline's people.
    Audience {
        /// The hotline's inbox.
        mailbox: u64,
        /// Which part.
        part: u8,
        /// What.
        message: audience::Message,
    },
    /// To the object of this name, which counts codes that verify numbers.
    VerificationLimit(String, verification_limit::Message),
    /// To the object of the endpoint of this name.
    Endpoint(String, endpoint::Message),
    /// To the object of somebody who takes part in the sessions of a pool.
    Participant {
        /// The inbox of the pool's hotline.
        mailbox: u64,
        /// The object's name.
        name: String,
        /// What.
        message: participant::Message,
    },
    /// To the deployment's monitor.
    Monitor(monitor::Message),
}

impl ObjectRequest {
    /// A message to an object of the hotline of this inbox, or to a rate limiter.
    pub fn of(mailbox: u64, message: ToObject) -> Self {
        match message {
            ToObject::Directory(message) => Self::Directory { mailbox, message },
            ToObject::Contact(contact, message) => Self::Contact { mailbox, contact, message },
            ToObject::Call(call, message) => Self::Call { mailbox, call, message },
            ToObject::RateLimiter(name, report) => {
                Self::RateLimiter(name.clone(), rate_limiter::Message::Report(name, report))
            }
            ToObject::Spread(name, spread) => {
                Self::RateLimiter(name.clone(), rate_limiter::Message::Spread(name, spread))
            }
            ToObject::ApiKey(key, message) => Self::ApiKey(key, message),
            ToObject::Audience(part, message) => Self::Audience { mailbox, part, message },
            ToObject::VerificationLimit(name, message) => Self::VerificationLimit(name, message),
            ToObject::Endpoint(name, message) => Self::Endpoint(name, message),
            ToObject::Participant(name, message) => Self::Participant { mailbox, name, message },
            ToObject::LimiterHealth(name) => Self::RateLimiter(name.clone(), rate_limiter::Message::Health(name)),
            ToObject::Monitor(message) => Self::Monitor(message),
            ToObject::Of(mailbox, message) => Self::of(mailbox, *message),
        }
    }

    /// The binding of the object's class, the object's name, and the body for it.
    fn address(self) -> (&'static str, String, String) {
        match self {
            Self::Contact { mailbox, contact, message } => {
                contact_request(mailbox, contact, ContactRequest::Message(message))
            }
            Self::Live { mailbox, contact, token, first } => {
                contact_request(mailbox, contact, ContactRequest::Live { token, first })
            }
            Self::Call { mailbox, call, message } => {
                let name = format!("{mailbox}/{call}");
                ("CALL", name, encoding::encode(&Addressed { to: Address { mailbox, name: call }, message }))
            }
            Self::Directory { mailbox, message } => directory_request(mailbox, DirectoryRequest::Message(message)),
            Self::RateLimiter(name, message) => limiter_request(&name, RateLimiterRequest::Message(message)),
            Self::ApiKey(key, message) => {
                let to = Address { mailbox: 0, name: key.clone() };
                ("API_KEY", key, encoding::encode(&Addressed { to, message }))
            }
            Self::Audience { mailbox, part, message } => {
                let to = Address { mailbox, name: part.to_string() };
                ("AUDIENCE", format!("{mailbox}/{part}"), encoding::encode(&Addressed { to, message }))
            }
            Self::VerificationLimit(name, message) => {
                let to = Address { mailbox: 0, name: name.clone() };
                ("VERIFICATION_LIMIT", name, encoding::encode(&Addressed { to, message }))
            }
            Self::Endpoint(name, message) => {
                let to = Address { mailbox: 0, name: name.clone() };
                ("ENDPOINT", name, encoding::encode(&Addressed { to, message }))
            }
            Self::Participant { mailbox, name, message } => {
                let to = Address { mailbox, name: name.clone() };
                ("PARTICIPANT", name, encoding::encode(&Addressed { to, message }))
            }
            Self::Monitor(message) => {
                let to = Address { mailbox: 0, name: String::new() };
                ("MONITOR", MONITOR.to_owned(), encoding::encode(&Addressed { to, message }))
            }
        }
    }
}

/// The name of the deployment's only monitor.
const MONITOR: &str = "monitor";

fn contact_request(mailbox: u64, contact: String, message: ContactRequest) -> (&'static str, String, String) {
    let name = format!("{mailbox}/{contact}");
    ("CONTACT", name, encoding::encode(&Addressed { to: Address { mailbox, name: contact }, message }))
}

fn directory_request(mailbox: u64, message: DirectoryRequest) -> (&'static str, String, String) {
    let to = Address { mailbox, name: String::new() };
    ("HOTLINE", mailbox.to_string(), encoding::encode(&Addressed { to, message }))
}

fn limiter_request(name: &RateLimiterName, message: RateLimiterRequest) -> (&'static str, String, String) {
    let name = object_name(name);
    ("GATE", name.clone(), encoding::encode(&Addressed { to: Address { mailbox: 0, name }, message }))
}

/// The name of a rate limiter's object. A number may be a sender and, to another hotline, a phone.
fn object_name(name: &RateLimiterName) -> String {
    match name {
        RateLimiterName::HelpScout => "helpscout".to_owned(),
        RateLimiterName::Sender { sender, .. } => sender.clone(),
        RateLimiterName::Phone { number } => format!("phone {number}"),
    }
}

/// Sends a request; the body of the reply. Both tries together take no longer than one may.
pub async fn post(env: &Env, request: ObjectRequest) -> Result<String> {
    let (binding, name, body) = request.address();
    let signal = fetch::time_out(TIME_LIMIT);
    retry::send(env, (binding, &name), async |object: Stub| {
        let request = fetch::request("https://object/", "POST", &[], Some(&body), &signal)?;
        object.fetch_with_request(request.into()).await?.text().await
    })
    .await
}

/// The header in which a message stands that comes with a socket, and so has no body.
const MESSAGE: &str = "message";

/// Hands over a socket. It has no time limit, which would end the socket too.
pub async fn socket(env: &Env, request: ObjectRequest) -> Result<Response> {
    let (binding, name, body) = request.address();
    let message = URL_SAFE_NO_PAD.encode(body);
    retry::send(env, (binding, &name), async |object: Stub| {
        let headers = Headers::new()?;
        headers.set("upgrade", "websocket")?;
        headers.set(MESSAGE, &message)?;
        let init = RequestInit::new();
        init.set_headers(&headers);
        let request = web_sys::Request::new_with_str_and_init("https://object/", &init)?;
        object.fetch_with_request(request.into()).await
    })
    .await
}

/// Reads the message that a request to an object brings.
pub async fn read<T: DeserializeOwned>(mut request: Request) -> Result<T> {
    let text = match request.headers().get(MESSAGE)? {
        Some(message) => URL_SAFE_NO_PAD.decode(message).ok().and_then(|message| String::from_utf8(message).ok()),
        None => Some(request.text().await?),
    };
    encoding::decode(&text.unwrap_or_default()).map_err(|_| "unreadable request".into())
}

/// Tells an object something that it stores. What is for a person who is known by another key is told there.
pub async fn tell(env: &Env, request: ObjectRequest) -> ObjectReply {
    let ObjectRequest::Contact { mailbox, mut contact, message } = request else {
        return tell_once(env, request).await;
    };
    for _ in 0..MOST_MOVES {
        let request = ObjectRequest::Contact { mailbox, contact, message: message.clone() };
        match tell_once(env, request).await {
            ObjectReply::Moved { to } => contact = to,
            reply => return reply,
        }
    }
    tell_once(env, ObjectRequest::Contact { mailbox, contact, message }).await
}

async fn tell_once(env: &Env, request: ObjectRequest) -> ObjectReply {
    let reply = post(env, request).await;
    reply.ok().and_then(|reply| encoding::decode(&reply).ok()).unwrap_or(ObjectReply::Unreachable)
}

/// Asks an object of a hotline. Any reply of another type is returned as the error.
pub async fn request<R: ObjectQuery>(
    env: &Env,
    mailbox: u64,
    request: R,
) -> std::result::Result<R::Reply, ObjectReply> {
    R::reply(tell(env, ObjectRequest::of(mailbox, request.message())).await)
}

/// Requests a permit.
pub async fn request_permit(env: &Env, name: RateLimiterName, request: PermitRequest) -> Permit {
    let message = rate_limiter::Message::Permit(name.clone(), request);
    match tell(env, ObjectRequest::RateLimiter(name, message)).await {
        ObjectReply::Permit(permit) => permit,
        _ => Permit::ReservedAt(now() + LIMITER_RETRY),
    }
}

/// Tells a rate limiter what a service said. It is advice: what is lost is said again by the service's next answer.
pub async fn report(env: &Env, name: RateLimiterName, report: Report) {
    let message = rate_limiter::Message::Report(name.clone(), report);
    if tell(env, ObjectRequest::RateLimiter(name, message)).await == ObjectReply::Unreachable {
        logging::write(&LogLine::new(Level::Error, "rate_limiter.unreachable"), &[]);
    }
}
