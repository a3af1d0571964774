//! The sidebar's routes. The token is the only proof: no cookie goes with a request, so nobody else's page can send one,
//! and the origin of a request says nothing more.

mod agent_session;
mod calls;
mod customer;
mod live;
mod page;

use hotline::config::{Config, Hotline};
use hotline::contact;
use hotline::directory;
use hotline::effects::ObjectReply;
use hotline::sidebar;
use hotline::twilio::lookup::{self, Found};
use protocol::sidebar::{SendText, SetPhone};
use serde::de::DeserializeOwned;
use web_sys::Response;
use worker::Env;

use super::IncomingRequest;
use super::body::{self, Refusal};
use crate::objects::requests;
use crate::{answer, outbound};
use agent_session::AgentSession;
pub use page::show as page;

/// What a sidebar asks for.
enum Wish {
    Timeline,
    Agent,
    NamePhone,
    StartCall,
    SeeCall(String),
    EndCall(String),
    Write,
    Live,
}

/// Opens one of the routes to whoever shows a token.
pub async fn open(path: &str, incoming: &IncomingRequest, env: &Env, config: &Config) -> Response {
    let wish = match wish(path, &incoming.request.method()) {
        Ok(wish) => wish,
        Err(refusal) => return refusal,
    };
    let token = if matches!(wish, Wish::Live) { live::token(incoming) } else { bearer(incoming) };
    let call = match &wish {
        Wish::SeeCall(id) | Wish::EndCall(id) => Some(id.clone()),
        _ => None,
    };
    let agent_session = match agent_session::admit(env, config, token.as_deref(), call).await {
        Ok(agent_session) => agent_session,
        Err(refusal) => return refusal,
    };
    let response = match wish {
        Wish::Timeline => timeline(incoming, env, &agent_session).await,
        Wish::Agent => answer::json(
            200,
            &sidebar::json(&sidebar::agent(&agent_session.known.phone, agent_session.known.confirmed)),
        ),
        Wish::NamePhone => name_phone(incoming, env, config, &agent_session).await,
        Wish::StartCall => calls::start(incoming, env, config, &agent_session).await,
        Wish::SeeCall(id) => calls::see(env, &agent_session, id).await,
        Wish::EndCall(id) => calls::end(env, &agent_session, id).await,
        Wish::Write => write(incoming, env, &agent_session).await,
        Wish::Live => return live::open(incoming, env, &agent_session, token.unwrap_or_default()).await,
    };
    if let Some(token) = &agent_session.renewed {
        answer::set(&response.headers(), &[("ringside-session", token)]);
    }
    response
}

fn wish(path: &str, method: &str) -> Result<Wish, Response> {
    let id = path.strip_prefix("/sidebar/calls/").filter(|id| !id.contains('/'));
    let (wish, allowed) = match (path, method, id) {
        ("/sidebar/timeline", "GET", _) => (Some(Wish::Timeline), ""),
        ("/sidebar/live", "GET", _) => (Some(Wish::Live), ""),
        ("/sidebar/agent", "GET", _) => (Some(Wish::Agent), ""),
        ("/sidebar/agent", "PUT", _) => (Some(Wish::NamePhone), ""),
        ("/sidebar/calls", "POST", _) => (Some(Wish::StartCall), ""),
        ("/sidebar/messages", "POST", _) => (Some(Wish::Write), ""),
        (_, "GET", Some(id)) => (Some(Wish::SeeCall(id.to_owned())), ""),
        (_, "DELETE", Some(id)) => (Some(Wish::EndCall(id.to_owned())), ""),
        ("/sidebar/timeline" | "/sidebar/live", ..) => (None, "GET"),
        ("/sidebar/agent", ..) => (None, "GET, PUT"),
        ("/sidebar/calls" | "/sidebar/messages", ..) => (None, "POST"),
        (_, _, Some(_)) => (None, "GET, DELETE"),
        _ => return Err(super::no_such_route()),
    };
    wish.ok_or_else(|| super::wrong_method(allowed))
}

fn bearer(incoming: &IncomingRequest) -> Option<String> {
    incoming.header("authorization")?.strip_prefix("Bearer ").map(str::to_owned)
}

async fn timeline(incoming: &IncomingRequest, env: &Env, agent_session: &AgentSession<'_>) -> Response {
    let before = match incoming.query("before").map(|cursor| cursor.parse()) {
        None => None,
        Some(Ok(before)) => Some(before),
        Some(Err(_)) => return answer::error(400, "bad_cursor", "This is no cursor of ours."),
    };
    shown(requests::tell(env, agent_session.to_contact(contact::Message::Look { before })).await)
}

/// What an agent's sidebar sends; `None` when it is not what it must be. It is read only behind a token.
async fn json<T: DeserializeOwned>(incoming: &IncomingRequest) -> Result<Option<T>, Response> {
    let body = body::read(&incoming.request, &body::SIDEBAR).await.map_err(|refusal| match refusal {
        Refusal::TooLarge => answer::error(413, "too_large", "The body is larger than 1 MiB."),
        Refusal::TooSlow => answer::error(408, "too_slow", "The body did not come within 10 seconds."),
        Refusal::Busy => not_now(),
    })?;
    Ok(serde_json::from_slice(&body).ok())
}

async fn write(incoming: &IncomingRequest, env: &Env, agent_session: &AgentSession<'_>) -> Response {
    let SendText { id, text, again } = match json(incoming).await {
        Ok(Some(body)) => body,
        Ok(None) => return answer::error(400, "bad_request", "The body must be {\"id\":\"…\",\"text\":\"…\"}."),
        Err(refusal) => return refusal,
    };
    if !hotline::sidebar::is_uuid(&id) {
        return calls::bad_id();
    }
    let (agent, name) = (agent_session.session.agent, agent_session.known.name.clone());
    let written = contact::Written { id, agent, name, text, again };
    let may_text = directory::Message::MayText { agent, id: written.entry_id() };
    match requests::tell(env, agent_session.to_hotline(may_text)).await {
        ObjectReply::Done => {}
        refused => return shown(refused),
    }
    shown(requests::tell(env, agent_session.to_contact(contact::Message::Write(written))).await)
}

async fn name_phone(
    incoming: &IncomingRequest,
    env: &Env,
    config: &Config,
    agent_session: &AgentSession<'_>,
) -> Response {
    let body = match json(incoming).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let Some(SetPhone { phone: typed }) = body else {
        return answer::error(400, "bad_request", "The body must be {\"phone\":\"…\"}.");
    };
    match find(config, agent_session.hotline, &typed).await {
        Found::Phone(phone) => {
            let message = directory::Message::Phone { agent: agent_session.session.agent, phone };
            shown(requests::tell(env, agent_session.to_hotline(message)).await)
        }
        Found::Nothing => answer::error(400, "not_a_number", "This is not a phone number. Please check it."),
        Found::Unknown => cannot_look_up(
            "Twilio cannot be reached, so the number could not be checked. Please try again in a minute.",
        ),
    }
}

/// Asks Twilio what a number is.
async fn find(config: &Config, hotline: &Hotline, typed: &str) -> Found {
    let Some(request) = lookup::lookup(typed, hotline.region.as_ref()) else { return Found::Nothing };
    lookup::read(outbound::send(config, &request, "").await)
}

/// Twilio did not say what a number is. Nothing has begun, and nothing is tried again by itself.
fn cannot_look_up(words: &str) -> Response {
    answer::error(503, "lookup_unavailable", words)
}

/// What an object has to say to a sidebar.
fn shown(reply: ObjectReply) -> Response {
    match reply {
        ObjectReply::Says { status, body } => answer::json(u16::try_from(status).unwrap_or(500), &body),
        _ => not_now(),
    }
}

fn not_now() -> Response {
    answer::error(503, "not_now", "This did not work just now. Please try again.")
}
