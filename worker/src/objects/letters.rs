//! What objects say to each other, and how it gets there.

use hotline::base64::{Alphabet, decode, encode};
use hotline::effect::{Ask, GateName, Millis, Report, Told, Turn};
use hotline::{calls, contact, desk, wire, wire_enum};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, RequestInit, Response};
use worker::Env;

use crate::clock::now;
use crate::{fetch, js, log};

/// How long another object may take to store what it was told. It waits for one local write and nothing else.
const STORED_WITHIN: Millis = 5_000;

/// How long a Gate may take: it may have to fetch a token first, which takes as long as an outside request.
const TURN_WITHIN: Millis = 12_000;

/// How soon a Gate that could not be reached is asked again.
const GATE_AGAIN: Millis = 2_000;

/// A letter to an object.
pub enum Letter {
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
        message: calls::Message,
    },
    /// To a hotline's object.
    Hotline {
        /// Its inbox; 0 for the object that counts what belongs to no hotline.
        mailbox: u64,
        /// What.
        message: desk::Message,
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
    /// To a Gate: a turn, please.
    Ask(GateName, Ask),
    /// To a Gate: what the service said.
    Report(GateName, Report),
}

wire_enum!(Letter {
    Contact { mailbox, contact, message },
    Call { mailbox, call, message },
    Hotline { mailbox, message },
    Live { mailbox, contact, token, first },
    Health { mailbox },
    Ask(name, ask),
    Report(name, report),
});

impl Letter {
    /// The class of the object it goes to, and its name.
    fn address(&self) -> (&'static str, String) {
        match self {
            Self::Contact { mailbox, contact, .. } | Self::Live { mailbox, contact, .. } => {
                ("CONTACT", format!("{mailbox}/{contact}"))
            }
            Self::Call { mailbox, call, .. } => ("CALL", format!("{mailbox}/{call}")),
            Self::Hotline { mailbox, .. } | Self::Health { mailbox } => ("HOTLINE", mailbox.to_string()),
            Self::Ask(name, _) | Self::Report(name, _) => ("GATE", gate(name)),
        }
    }
}

/// What a Gate's object is called. A number may be a sender and, to another hotline, a phone.
fn gate(name: &GateName) -> String {
    match name {
        GateName::HelpScout => "helpscout".to_owned(),
        GateName::Sender { sender, .. } => sender.clone(),
        GateName::Phone { number } => ["phone ", number].concat(),
    }
}

/// Posts a letter; the answer is a letter too (Cloudflare, `DurableObjectNamespace`).
pub async fn post(env: &Env, letter: Letter) -> Result<String, JsValue> {
    let (class, name) = letter.address();
    let within = if matches!(letter, Letter::Ask(..)) { TURN_WITHIN } else { STORED_WITHIN };
    let letter = wire::write(&letter);
    let request = fetch::request("https://object/", "POST", &[], Some(&letter), &fetch::time_out(within))?;
    let answer = deliver(env, class, name, &request).await?;
    let words = js::promised(&answer, "text", &Array::new()).await?;
    words.as_string().ok_or(words)
}

async fn deliver(env: &Env, class: &str, name: String, request: &Request) -> Result<JsValue, JsValue> {
    let object = js::call(&js::get(env, class)?, "getByName", &Array::of1(&name.into()))?;
    js::promised(&object, "fetch", &Array::of1(request)).await
}

/// The header in which a letter stands that comes with a socket, and so has no body.
const LETTER: &str = "letter";

/// Posts a letter together with a socket. It has no time-out, which would end the socket too.
pub async fn socket(env: &Env, letter: &Letter) -> Result<Response, JsValue> {
    let (class, name) = letter.address();
    let headers = Headers::new()?;
    headers.set("upgrade", "websocket")?;
    headers.set(LETTER, &encode(Alphabet::Url, wire::write(letter).as_bytes()))?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init("https://object/", &init)?;
    deliver(env, class, name, &request).await?.dyn_into()
}

/// Reads the letter that a request to an object brings.
pub async fn read(request: &Request) -> Result<Letter, JsValue> {
    let letter = match fetch::header(&request.headers(), LETTER) {
        Some(letter) => decode(Alphabet::Url, &letter).and_then(|letter| String::from_utf8(letter).ok()),
        None => JsFuture::from(request.text()?).await?.as_string(),
    };
    Ok(wire::read(&letter.unwrap_or_default()).ok_or("unreadable letter")?)
}

/// Tells an object something that it stores.
pub async fn tell(env: &Env, letter: Letter) -> Told {
    let told = post(env, letter).await;
    told.ok().and_then(|told| wire::read(&told)).unwrap_or(Told::Unreachable)
}

/// Asks a Gate for a turn.
pub async fn ask(env: &Env, name: GateName, ask: Ask) -> Turn {
    let turn = post(env, Letter::Ask(name, ask)).await;
    turn.ok().and_then(|turn| wire::read(&turn)).unwrap_or_else(|| Turn::At(now() + GATE_AGAIN))
}

/// Tells a Gate what a service said. It is advice: what is lost is said again by the service's next answer.
pub async fn report(env: &Env, name: GateName, report: Report) {
    if tell(env, Letter::Report(name, report)).await == Told::Unreachable {
        log::line("gate.unreachable", &[]);
    }
}
