//! The sidebar's routes. The token is the only proof: no cookie goes with a request, so nobody else's page can send one,
//! and the origin of a request says nothing more.

use protocol::sidebar::{SendText, SetPhone, StartCall};
use serde::de::DeserializeOwned;

use super::{Body, BodyRefusal, Decision, HttpAnswer, Request, SidebarRoute};
use crate::config::Config;
use crate::effects::Millis;
use crate::form::Form;
use crate::json;
use crate::messages::contact::Written;
use crate::messages::directory::{AgentSession, Message};
use crate::messages::request::WhoShows;
use crate::sidebar::agent_check::{self, AgentStatus};
use crate::sidebar::is_uuid;
use crate::sidebar::session::{Opened, Session};

/// A sidebar shows a good token and asks for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidebarRequest {
    /// Who, and for how much longer.
    pub opened: Opened,
    /// The token.
    pub token: String,
    /// What for.
    pub action: SidebarAction,
}

/// What a sidebar asks for. Bodies are read once the agent is admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SidebarAction {
    /// A page of the timeline.
    Timeline {
        /// The cursor of an earlier page.
        before: Option<i64>,
    },
    /// The agent's phone.
    ShowAgent,
    /// Another phone for the agent.
    SetPhone,
    /// A call to the person.
    StartCall,
    /// How far a call has come.
    ShowCall {
        /// Its id.
        id: String,
    },
    /// No more of a call.
    EndCall {
        /// Its id.
        id: String,
    },
    /// A text to the person.
    SendText,
    /// How the deployment fares.
    Health,
    /// A socket.
    Live,
}

pub(super) fn decide(route: SidebarRoute, request: &Request, config: &Config) -> Decision {
    let token = if route == SidebarRoute::Live { subprotocol_token(request) } else { bearer(request) };
    let opened = token.and_then(|token| Some((Opened::read(config, request.now, &token).ok()?, token)));
    if opened.as_ref().is_some_and(|(it, _)| config.refused_by_mailbox(it.session.mailbox).is_some()) {
        return Decision::Answer(HttpAnswer::not_now());
    }
    let Some((opened, token)) = opened.filter(|(it, _)| config.by_mailbox(it.session.mailbox).is_some()) else {
        return Decision::Answer(no_session());
    };
    match action(route, request) {
        Ok(action) => Decision::Sidebar(SidebarRequest { opened, token, action }),
        Err(refusal) => Decision::Answer(refusal),
    }
}

fn action(route: SidebarRoute, request: &Request) -> Result<SidebarAction, HttpAnswer> {
    let call = |id: &str| if is_uuid(id) { Ok(id.to_owned()) } else { Err(bad_id()) };
    Ok(match route {
        SidebarRoute::Timeline => SidebarAction::Timeline { before: cursor(request)? },
        SidebarRoute::Agent => SidebarAction::ShowAgent,
        SidebarRoute::SetPhone => SidebarAction::SetPhone,
        SidebarRoute::StartCall => SidebarAction::StartCall,
        SidebarRoute::ShowCall(id) => SidebarAction::ShowCall { id: call(id)? },
        SidebarRoute::EndCall(id) => SidebarAction::EndCall { id: call(id)? },
        SidebarRoute::SendText => SidebarAction::SendText,
        SidebarRoute::Health => SidebarAction::Health,
        SidebarRoute::Live if is_upgrade(request) => SidebarAction::Live,
        SidebarRoute::Live => {
            let refusal = HttpAnswer::error(426, "no_socket", "This route opens to a WebSocket.");
            return Err(refusal.with("upgrade", "websocket"));
        }
    })
}

fn cursor(request: &Request) -> Result<Option<i64>, HttpAnswer> {
    match Form::parse(request.query().as_bytes()).get("before").map(str::parse) {
        None => Ok(None),
        Some(Ok(before)) => Ok(Some(before)),
        Some(Err(_)) => Err(HttpAnswer::error(400, "bad_cursor", "This is no cursor of ours.")),
    }
}

fn is_upgrade(request: &Request) -> bool {
    request.header("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket"))
}

fn bearer(request: &Request) -> Option<String> {
    request.header("authorization")?.strip_prefix("Bearer ").map(str::to_owned)
}

/// The token of `ringside.v1, bearer.TOKEN`. It never stands in an address, which logs keep: it comes as the name of a
/// subprotocol, the one header that a browser's script may set.
fn subprotocol_token(request: &Request) -> Option<String> {
    let offered = request.header("sec-websocket-protocol")?;
    offered.split(',').find_map(|name| name.trim().strip_prefix("bearer.")).map(str::to_owned)
}

fn no_session() -> HttpAnswer {
    HttpAnswer::error(401, "bad_session", "This sidebar's session is over. Please open it again.")
}

fn bad_id() -> HttpAnswer {
    HttpAnswer::error(400, "bad_id", "The id must be a UUID.")
}

impl SidebarRequest {
    /// What the hotline's directory is asked of whoever shows a session: who they are, and whether a call is theirs.
    pub fn who_shows(session: &Session, action: Option<&SidebarAction>) -> WhoShows {
        let call = match action {
            Some(SidebarAction::ShowCall { id } | SidebarAction::EndCall { id }) => Some(id.clone()),
            _ => None,
        };
        let Session { conversation, agent, ref customer_override, .. } = *session;
        WhoShows(Message::AgentSession { conversation, agent, call, other: customer_override.clone() })
    }

    /// The key of the person whom this agent may look at, by what the directory knows.
    pub fn admit(known: &AgentSession, now: Millis) -> Result<String, HttpAnswer> {
        let contact = known.contact.clone().ok_or_else(no_session)?;
        if agent_check::known(known, now) == Some(AgentStatus::Gone) { Err(Self::agent_unknown()) } else { Ok(contact) }
    }

    /// Help Scout says that there is no such agent.
    pub fn agent_unknown() -> HttpAnswer {
        HttpAnswer::error(401, "agent_unknown", "Help Scout does not know this agent any more.")
    }

    /// Who is neither owner nor administrator in Help Scout.
    pub fn operators_only() -> HttpAnswer {
        let words = "Only owners and administrators of Help Scout see how the hotlines fare.";
        HttpAnswer::error(403, "operators_only", words)
    }

    /// Nobody could say whether they are: they are shown no more than who is not, and told why.
    pub fn role_unknown() -> HttpAnswer {
        let words = "Help Scout does not say at present whether you are an owner or an administrator, and only they see how \
                     the hotlines fare. A key of the API shows it all the same (GET /v1/health).";
        HttpAnswer::error(403, "operators_only", words)
    }

    /// Twilio did not say what a number is. Nothing has begun, and nothing is tried again by itself.
    pub fn cannot_look_up(words: &str) -> HttpAnswer {
        HttpAnswer::error(503, "lookup_unavailable", words)
    }

    /// What an agent typed is no phone number.
    pub fn not_a_number() -> HttpAnswer {
        HttpAnswer::error(400, "not_a_number", "This is not a phone number. Please check it.")
    }

    /// Reads which call to start.
    pub fn read_call(body: Body) -> Result<StartCall, HttpAnswer> {
        let start: Option<StartCall> = read(body)?;
        start.filter(|start| is_uuid(&start.id)).ok_or_else(bad_id)
    }

    /// Reads the phone that an agent typed.
    pub fn read_phone(body: Body) -> Result<SetPhone, HttpAnswer> {
        read(body)?.ok_or_else(|| HttpAnswer::error(400, "bad_request", "The body must be {\"phone\":\"…\"}."))
    }

    /// Reads a text of this agent.
    pub fn read_text(body: Body, agent: i64, name: &str) -> Result<TextFromSidebar, HttpAnswer> {
        const WANTED: &str = "The body must be {\"id\":\"…\",\"text\":\"…\"}.";
        let text: Option<SendText> = read(body)?;
        let SendText { id, text, again } = text.ok_or_else(|| HttpAnswer::error(400, "bad_request", WANTED))?;
        if !is_uuid(&id) {
            return Err(bad_id());
        }
        let written = Written { id, agent, name: name.to_owned(), text, again };
        Ok(TextFromSidebar { may_text: Message::MayText { agent, id: written.entry_id() }, written })
    }
}

/// A text from a sidebar.
pub struct TextFromSidebar {
    /// What the hotline's directory is asked first.
    pub may_text: Message,
    /// The text.
    pub written: Written,
}

/// What a sidebar sends; `None` when it is not what it must be.
fn read<T: DeserializeOwned>(body: Body) -> Result<Option<T>, HttpAnswer> {
    match body {
        Body::Read(body) => Ok(json::parse(body).and_then(|body| serde_json::from_value(body).ok())),
        Body::Unread => Ok(None),
        Body::Refused(BodyRefusal::TooLarge) => {
            Err(HttpAnswer::error(413, "too_large", "The body is larger than 1 MiB."))
        }
        Body::Refused(BodyRefusal::TooSlow) => {
            Err(HttpAnswer::error(408, "too_slow", "The body did not come within 10 seconds."))
        }
        Body::Refused(BodyRefusal::Busy) => Err(HttpAnswer::not_now()),
    }
}
