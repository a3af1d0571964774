//! What objects say to each other, and how it gets there.

use hotline::effect::{Ask, GateName, Millis, Report, Told, Turn};
use hotline::{contact, desk, wire, wire_enum};
use js_sys::Array;
use wasm_bindgen::JsValue;
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
    /// To a hotline's object.
    Hotline {
        /// Its inbox; 0 for the object that counts what belongs to no hotline.
        mailbox: u64,
        /// What.
        message: desk::Message,
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
    Hotline { mailbox, message },
    Health { mailbox },
    Ask(name, ask),
    Report(name, report),
});

impl Letter {
    /// The class of the object it goes to, and its name.
    fn address(&self) -> (&'static str, String) {
        match self {
            Self::Contact { mailbox, contact, .. } => ("CONTACT", format!("{mailbox}/{contact}")),
            Self::Hotline { mailbox, .. } | Self::Health { mailbox } => ("HOTLINE", mailbox.to_string()),
            Self::Ask(GateName::HelpScout, _) | Self::Report(GateName::HelpScout, _) => {
                ("GATE", "helpscout".to_owned())
            }
            Self::Ask(GateName::Sender { sender, .. }, _) | Self::Report(GateName::Sender { sender, .. }, _) => {
                ("GATE", sender.clone())
            }
        }
    }
}

/// Posts a letter; the answer is a letter too (Cloudflare, `DurableObjectNamespace`).
pub async fn post(env: &Env, letter: Letter) -> Result<String, JsValue> {
    let (class, name) = letter.address();
    let within = if matches!(letter, Letter::Ask(..)) { TURN_WITHIN } else { STORED_WITHIN };
    let letter = wire::write(&letter);
    let request = fetch::request("https://object/", "POST", &[], Some(&letter), &fetch::time_out(within))?;
    let object = js::call(&js::get(env, class)?, "getByName", &Array::of1(&name.into()))?;
    let answer = js::promised(&object, "fetch", &Array::of1(&request)).await?;
    let words = js::promised(&answer, "text", &Array::new()).await?;
    words.as_string().ok_or(words)
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
