//! The socket through which a sidebar hears of changes. A token never stands in an address, which logs keep: it comes as
//! the name of a subprotocol, the one header that a browser's script may set.

use web_sys::Response;
use worker::Env;

use super::agent_session::AgentSession;
use crate::answer;
use crate::objects::requests::{self, ObjectRequest};
use crate::routes::IncomingRequest;

/// The token of `ringside.v1, bearer.TOKEN`.
pub fn token(incoming: &IncomingRequest) -> Option<String> {
    let offered = incoming.header("sec-websocket-protocol")?;
    offered.split(',').find_map(|name| name.trim().strip_prefix("bearer.")).map(str::to_owned)
}

/// Hands the socket to the person's object, which keeps it.
pub async fn open(incoming: &IncomingRequest, env: &Env, agent_session: &AgentSession<'_>, token: String) -> Response {
    if !incoming.header("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket")) {
        let refusal = answer::error(426, "no_socket", "This route opens to a WebSocket.");
        answer::set(&refusal.headers(), &[("upgrade", "websocket")]);
        return refusal;
    }
    let first = super::calls::running(env, agent_session).await;
    let object_request = ObjectRequest::Live {
        mailbox: agent_session.session.mailbox,
        contact: agent_session.contact.clone(),
        token,
        first,
    };
    requests::socket(env, object_request).await.map_or_else(|_| super::not_now(), Response::from)
}
