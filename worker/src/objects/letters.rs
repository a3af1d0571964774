//! What objects say to each other, and how it gets there.

use hotline::effect::{Ask, GateName, Millis, Report, Told, Turn};
use hotline::wire::{self, Wire};
use hotline::{contact, desk, wire_enum};
use worker::{Env, Error};

use crate::clock::now;
use crate::fetch;

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
    Report(Report),
}

wire_enum!(Letter {
    Contact { mailbox, contact, message },
    Hotline { mailbox, message },
    Health { mailbox },
    Ask(name, ask),
    Report(report),
});

async fn post<T: Wire>(env: &Env, class: &str, name: &str, letter: &Letter, within: Millis) -> worker::Result<T> {
    let stub = env.durable_object(class)?.get_by_name(name)?;
    let letter = wire::write(letter);
    let request = fetch::request("https://object/", "POST", &[], Some(&letter), &fetch::time_out(within))?;
    let mut answer = stub.fetch_with_request(request.into()).await?;
    let told = if answer.status_code() == 200 { wire::read(&answer.text().await?) } else { None };
    told.ok_or_else(|| Error::from("the object did not answer"))
}

/// Tells a person's object something.
pub async fn to_contact(env: &Env, mailbox: u64, contact: &str, message: contact::Message) -> Told {
    let name = format!("{mailbox}/{contact}");
    let letter = Letter::Contact { mailbox, contact: contact.to_owned(), message };
    post(env, "CONTACT", &name, &letter, STORED_WITHIN).await.unwrap_or(Told::Unreachable)
}

/// Tells a hotline's object something.
pub async fn to_hotline(env: &Env, mailbox: u64, message: desk::Message) -> Told {
    let letter = Letter::Hotline { mailbox, message };
    post(env, "HOTLINE", &mailbox.to_string(), &letter, STORED_WITHIN).await.unwrap_or(Told::Unreachable)
}

/// What an operator must know of a hotline, as JSON; `None` when its object cannot be reached.
pub async fn health(env: &Env, mailbox: u64) -> Option<String> {
    post(env, "HOTLINE", &mailbox.to_string(), &Letter::Health { mailbox }, STORED_WITHIN).await.ok()
}

fn gate(name: &GateName) -> &str {
    match name {
        GateName::HelpScout => "helpscout",
        GateName::Sender { sender, .. } => sender,
    }
}

/// Asks a Gate for a turn.
pub async fn ask(env: &Env, name: &GateName, ask: &Ask) -> Turn {
    let letter = Letter::Ask(name.clone(), ask.clone());
    let turn = post(env, "GATE", gate(name), &letter, TURN_WITHIN).await;
    turn.unwrap_or_else(|_| Turn::At(now() + GATE_AGAIN))
}

/// Tells a Gate what a service said. It is advice: what is lost is said again by the service's next answer.
pub async fn report(env: &Env, name: &GateName, report: &Report) {
    let letter = Letter::Report(report.clone());
    if post::<Told>(env, "GATE", gate(name), &letter, STORED_WITHIN).await.is_err() {
        crate::log::line("gate.unreachable", &[]);
    }
}
