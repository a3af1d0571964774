//! Calls that an agent asks for: the hotline's object allows them, the call's own object makes them.

use hotline::calls;
use hotline::config::Config;
use hotline::contact;
use hotline::desk::{self, Dial, Facts};
use hotline::effect::Told;
use hotline::json::Json;
use hotline::sidebar::NO_SUCH_CALL;
use hotline::twilio::lookup::Found;
use hotline::wire;
use js_sys::{Array, Uint32Array};
use web_sys::Response;
use worker::Env;

use super::guest::Guest;
use super::{find, not_now, shown, unknown_number};
use crate::objects::letters::{self, Letter};
use crate::{answer, js};

pub fn bad_id() -> Response {
    answer::error(400, "bad_id", "The id must be a UUID.")
}

/// An agent wants to call the person.
pub async fn start(body: &[u8], env: &Env, config: &Config, guest: &Guest<'_>) -> Response {
    let id = Json::parse(body).unwrap_or_default().string("id");
    if !hotline::sidebar::is_uuid(&id) {
        return bad_id();
    }
    let Some(code) = four_digits() else { return not_now() };
    let mut dial = Dial { id, agent: guest.session.agent, contact: guest.contact.clone(), code, facts: None };
    let mut told = allowed(env, guest, &dial).await;
    if matches!(told, Told::Later(_)) {
        dial.facts = match facts(env, config, guest).await {
            Ok(facts) => Some(facts),
            Err(refusal) => return refusal,
        };
        told = allowed(env, guest, &dial).await;
    }
    let Told::Says { status: 201, body } = &told else { return shown(told) };
    let Some(start) = wire::read(body) else { return not_now() };
    shown(letters::tell(env, to_call(guest, dial.id, calls::Message::Start(start))).await)
}

async fn allowed(env: &Env, guest: &Guest<'_>, dial: &Dial) -> Told {
    letters::tell(env, guest.to_hotline(desk::Message::Dial(dial.clone()))).await
}

/// Where the person is, and which of our numbers they know.
async fn facts(env: &Env, config: &Config, guest: &Guest<'_>) -> Result<Facts, Response> {
    let country = match find(config, guest.hotline, &guest.contact).await {
        Found::Phone(phone) => phone.country,
        // A number that is none is in no country.
        Found::Nothing => String::new(),
        Found::Unknown => return Err(unknown_number()),
    };
    match letters::tell(env, guest.to_contact(contact::Message::Number)).await {
        Told::Says { body: number, .. } => Ok(Facts { country, number }),
        _ => Err(not_now()),
    }
}

/// How far a call has come.
pub async fn see(env: &Env, guest: &Guest<'_>, id: String) -> Response {
    let look = calls::Message::Look { agent: guest.session.agent };
    ask(env, guest, id, look).await.unwrap_or_else(no_such_call)
}

/// The frame that tells a sidebar of the call that its agent has with this person, wherever it was begun; "" when there
/// is none.
pub async fn running(env: &Env, guest: &Guest<'_>) -> String {
    let (agent, contact) = (guest.session.agent, guest.contact.clone());
    let asked = letters::tell(env, guest.to_hotline(desk::Message::Running { agent, contact })).await;
    let Told::Says { body: id, .. } = asked else { return String::new() };
    match letters::tell(env, to_call(guest, id, calls::Message::Look { agent })).await {
        Told::Says { status: 200, body } => body.replacen('{', &format!("{{\"type\":\"call\",\"agent\":{agent},"), 1),
        _ => String::new(),
    }
}

/// An agent wants no more of it. One that never began does not keep the agent from the next.
pub async fn end(env: &Env, guest: &Guest<'_>, id: String) -> Response {
    let cancel = calls::Message::Cancel { agent: guest.session.agent };
    let Some(response) = ask(env, guest, id.clone(), cancel).await else { return no_such_call() };
    if response.status() == 404 {
        letters::tell(env, guest.to_hotline(desk::Message::CallEnded { id })).await;
    }
    response
}

/// Asks a call of this agent with this person; `None` when it is another's.
async fn ask(env: &Env, guest: &Guest<'_>, id: String, message: calls::Message) -> Option<Response> {
    if !guest.known.call {
        return None;
    }
    Some(shown(letters::tell(env, to_call(guest, id, message)).await))
}

fn no_such_call() -> Response {
    shown(NO_SUCH_CALL.told())
}

fn to_call(guest: &Guest, call: String, message: calls::Message) -> Letter {
    Letter::Call { mailbox: guest.session.mailbox, call, message }
}

/// Four digits that nobody can guess: enough for the few tries that a call allows.
fn four_digits() -> Option<String> {
    let random = Uint32Array::new_with_length(1);
    let crypto = js::get(&js_sys::global(), "crypto").ok()?;
    js::call(&crypto, "getRandomValues", &Array::of1(&random)).ok()?;
    Some(format!("{:04}", random.get_index(0) % 10_000))
}
