//! What objects say to each other, and how it gets there.

use hotline::effect::{Ask, GateName, Millis, Report, Told, Turn};
use hotline::{contact, desk};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::{Env, Headers, Method, Request, RequestInit, Stub};

use crate::clock::now;
use crate::outside::time_out;

/// How long another object may take to store what it was told. It waits for one local write and nothing else.
const STORED_WITHIN: Millis = 5_000;

/// How long a Gate may take: it may have to fetch a token first, which takes as long as an outside request.
const TURN_WITHIN: Millis = 12_000;

/// How soon a Gate that could not be reached is asked again.
const GATE_AGAIN: Millis = 2_000;

/// To a person's object.
#[derive(Serialize, Deserialize)]
pub struct ToContact {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The person's key.
    pub contact: String,
    /// What.
    pub message: contact::Message,
}

/// To a hotline's object.
#[derive(Serialize, Deserialize)]
pub struct ToHotline {
    /// Its inbox; 0 for the object that counts what belongs to no hotline.
    pub mailbox: u64,
    /// What.
    pub message: desk::Message,
}

/// To a Gate.
#[derive(Serialize, Deserialize)]
pub enum ToGate {
    /// A turn, please.
    Ask(GateName, Ask),
    /// What the service said.
    Report(Report),
}

async fn post<T: DeserializeOwned>(stub: Stub, letter: &impl Serialize, within: Millis) -> worker::Result<T> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let init = RequestInit {
        method: Method::Post,
        headers,
        body: Some(JsValue::from_str(&serde_json::to_string(letter)?)),
        ..RequestInit::default()
    };
    let request = Request::new_with_init("https://object/", &init)?;
    let signed = web_sys::RequestInit::new();
    signed.set_signal(Some(&time_out(within)));
    let request = web_sys::Request::new_with_request_and_init(request.inner(), &signed)?;
    let mut answer = stub.fetch_with_request(request.into()).await?;
    if answer.status_code() != 200 {
        return Err(worker::Error::RustError(format!("object answered {}", answer.status_code())));
    }
    answer.json().await
}

/// Tells a person's object something.
pub async fn to_contact(env: &Env, mailbox: u64, contact: &str, message: contact::Message) -> Told {
    let told = async {
        let stub = env.durable_object("CONTACT")?.get_by_name(&format!("{mailbox}/{contact}"))?;
        post(stub, &ToContact { mailbox, contact: contact.to_owned(), message }, STORED_WITHIN).await
    };
    told.await.unwrap_or(Told::Unreachable)
}

/// Tells a hotline's object something.
pub async fn to_hotline(env: &Env, mailbox: u64, message: desk::Message) -> Told {
    let told = async {
        let stub = env.durable_object("HOTLINE")?.get_by_name(&mailbox.to_string())?;
        post(stub, &ToHotline { mailbox, message }, STORED_WITHIN).await
    };
    told.await.unwrap_or(Told::Unreachable)
}

fn gate(env: &Env, name: &GateName) -> worker::Result<Stub> {
    let name = match name {
        GateName::HelpScout => "helpscout",
        GateName::Sender { sender, .. } => sender,
    };
    env.durable_object("GATE")?.get_by_name(name)
}

/// Asks a Gate for a turn.
pub async fn ask(env: &Env, name: &GateName, ask: &Ask) -> Turn {
    let turn = async {
        post(gate(env, name)?, &ToGate::Ask(name.clone(), ask.clone()), TURN_WITHIN).await
    };
    turn.await.unwrap_or_else(|_: worker::Error| Turn::At(now() + GATE_AGAIN))
}

/// Tells a Gate what a service said. It is advice: what is lost is said again by the service's next answer.
pub async fn report(env: &Env, name: &GateName, report: &Report) {
    let told: worker::Result<()> =
        async { post(gate(env, name)?, &ToGate::Report(report.clone()), STORED_WITHIN).await }.await;
    if told.is_err() {
        crate::log::line("gate.unreachable", &[]);
    }
}
