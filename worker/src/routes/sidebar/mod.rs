//! The sidebar's routes, once a good token was shown.

mod agent_session;
mod calls;
mod customer;
mod live;
mod page;

use hotline::config::{Config, Hotline};
use hotline::effects::ObjectReply;
use hotline::messages::request::ReadTimeline;
use hotline::routing::{Body, BodyFrom, HttpAnswer, ReadHealth, SidebarAction, SidebarRequest, TextFromSidebar};
use hotline::twilio::lookup::{self, Found};
use hotline::{contact, directory, sidebar};
use protocol::sidebar::SetPhone;
use web_sys::Response;
use worker::Env;

use super::{IncomingRequest, body};
use crate::clock::now;
use crate::objects::requests;
use crate::{answer, outbound};
use agent_session::AgentSession;
pub use page::show as page;

/// Does what a sidebar asks for, if its agent still exists.
pub async fn open(asked: SidebarRequest, incoming: &IncomingRequest, env: &Env, config: &Config) -> Response {
    let SidebarRequest { opened, token, action } = asked;
    let agent_session = match agent_session::admit(env, config, opened, &action).await {
        Ok(agent_session) => agent_session,
        Err(refusal) => return answer::response(&refusal),
    };
    if action == SidebarAction::Live {
        return live::open(env, &agent_session, token).await;
    }
    let answer = act(action, incoming, env, config, &agent_session).await.unwrap_or_else(|refusal| refusal);
    let response = answer::response(&answer);
    if let Some(token) = &agent_session.renewed {
        answer::set(&response.headers(), &[("ringside-session", token)]);
    }
    response
}

/// A body is read here, behind the session. An error is a refusal of it.
async fn act(
    action: SidebarAction,
    incoming: &IncomingRequest,
    env: &Env,
    config: &Config,
    agent_session: &AgentSession<'_>,
) -> Result<HttpAnswer, HttpAnswer> {
    let (agent, name) = (agent_session.session.agent, &agent_session.known.name);
    Ok(match action {
        SidebarAction::Timeline { before } => {
            let read = ReadTimeline { contact: agent_session.contact.clone(), before };
            match requests::request(env, agent_session.session.mailbox, read).await {
                Ok(page) => HttpAnswer::json(200, sidebar::json(&page)),
                Err(other) => HttpAnswer::of_object(&other),
            }
        }
        SidebarAction::ShowAgent => {
            let agent = sidebar::agent(&agent_session.known.phone, agent_session.known.confirmed);
            HttpAnswer::json(200, sidebar::json(&agent))
        }
        SidebarAction::SetPhone => {
            let phone = read(incoming, SidebarRequest::read_phone).await?;
            set_phone(env, config, agent_session, &phone).await
        }
        SidebarAction::StartCall => {
            let start = read(incoming, SidebarRequest::read_call).await?;
            calls::start(env, config, agent_session, start).await
        }
        SidebarAction::ShowCall { id } => calls::see(env, agent_session, id).await,
        SidebarAction::EndCall { id } => calls::end(env, agent_session, id).await,
        SidebarAction::SendText => {
            let text = read(incoming, |body| SidebarRequest::read_text(body, agent, name)).await?;
            send_text(env, agent_session, text).await
        }
        SidebarAction::Health => match agent_session::is_operator(env, config, agent_session).await {
            Some(true) => {
                let mut read = ReadHealth::of_all(config);
                let replies = super::api::ask(env, read.begin(config)).await;
                read.answer(config, now(), replies)
            }
            Some(false) => SidebarRequest::operators_only(),
            None => SidebarRequest::role_unknown(),
        },
        // Its answer is a socket.
        SidebarAction::Live => HttpAnswer::not_now(),
    })
}

async fn read<T>(
    incoming: &IncomingRequest,
    read: impl FnOnce(Body) -> Result<T, HttpAnswer>,
) -> Result<T, HttpAnswer> {
    match body::read(&incoming.request, BodyFrom::Sidebar).await {
        Ok(body) => read(Body::Read(&body)),
        Err(refusal) => read(Body::Refused(refusal)),
    }
}

async fn send_text(env: &Env, agent_session: &AgentSession<'_>, text: TextFromSidebar) -> HttpAnswer {
    match requests::tell(env, agent_session.to_hotline(text.may_text)).await {
        ObjectReply::Done => {
            let write = agent_session.to_contact(contact::Message::Write(text.written));
            HttpAnswer::of_object(&requests::tell(env, write).await)
        }
        refused => HttpAnswer::of_object(&refused),
    }
}

async fn set_phone(env: &Env, config: &Config, agent_session: &AgentSession<'_>, typed: &SetPhone) -> HttpAnswer {
    match find(config, agent_session.hotline, &typed.phone).await {
        Found::Phone(phone) => {
            let message = directory::Message::Phone { agent: agent_session.session.agent, phone };
            HttpAnswer::of_object(&requests::tell(env, agent_session.to_hotline(message)).await)
        }
        Found::Nothing => SidebarRequest::not_a_number(),
        Found::Unknown => SidebarRequest::cannot_look_up(
            "Twilio cannot be reached, so the number could not be checked. Please try again in a minute.",
        ),
    }
}

/// Asks Twilio what a number is.
async fn find(config: &Config, hotline: &Hotline, typed: &str) -> Found {
    let Some(request) = lookup::lookup(typed, hotline.region.as_ref()) else { return Found::Nothing };
    lookup::read(outbound::send(config, &request, "").await)
}
