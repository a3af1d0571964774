//! The socket through which a sidebar hears of changes.

use hotline::routing::HttpAnswer;
use web_sys::Response;
use worker::Env;

use super::agent_session::AgentSession;
use crate::answer;
use crate::objects::requests::{self, ObjectRequest};

/// Hands the socket to the person's object, which keeps it.
pub async fn open(env: &Env, agent_session: &AgentSession<'_>, token: String) -> Response {
    let first = super::calls::running(env, agent_session).await;
    let object_request = ObjectRequest::Live {
        mailbox: agent_session.session.mailbox,
        contact: agent_session.contact.clone(),
        token,
        first,
    };
    let socket = requests::socket(env, object_request).await;
    socket.map_or_else(|_| answer::response(&HttpAnswer::not_now()), Response::from)
}
