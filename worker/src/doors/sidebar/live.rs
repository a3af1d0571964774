//! The socket through which a sidebar hears of changes. A token never stands in an address, which logs keep: it comes as
//! the name of a subprotocol, the one header that a browser's script may set.

use web_sys::Response;
use worker::Env;

use super::guest::Guest;
use crate::answer;
use crate::doors::Visit;
use crate::objects::letters::{self, Letter};

/// The token of `ringside.v1, bearer.TOKEN`.
pub fn token(visit: &Visit) -> Option<String> {
    let offered = visit.header("sec-websocket-protocol")?;
    offered.split(',').find_map(|name| name.trim().strip_prefix("bearer.")).map(str::to_owned)
}

/// Hands the socket to the person's object, which keeps it.
pub async fn open(visit: &Visit, env: &Env, guest: &Guest<'_>, token: String) -> Response {
    if !visit.header("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket")) {
        let refusal = answer::error(426, "no_socket", "This door opens to a WebSocket.");
        answer::set(&refusal.headers(), &[("upgrade", "websocket")]);
        return refusal;
    }
    let first = super::calls::running(env, guest).await;
    let letter = Letter::Live { mailbox: guest.session.mailbox, contact: guest.contact.clone(), token, first };
    letters::socket(env, &letter).await.unwrap_or_else(|_| super::not_now())
}
