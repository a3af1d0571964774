//! Who looks: a token of ours, and a Help Scout user who still exists (P8).

use hotline::config::{Config, Hotline};
use hotline::contact;
use hotline::directory;
use hotline::effects::{
    Body, Method, Millis, ObjectReply, Outcome, Permit, PermitRequest, Priority, RateLimiterName, Report, Request,
    Service,
};
use hotline::encoding;
use hotline::sidebar::session::{Opened, Session};
use hotline::twilio::lookup::Found;
use web_sys::Response;
use worker::Env;

use crate::clock::now;
use crate::objects::requests::{self, ObjectRequest};
use crate::{answer, outbound};

/// How seldom Help Scout is asked whether an agent still exists (P8: at most every 15 minutes).
const CHECKED_EVERY: Millis = 15 * 60_000;

/// How long an agent is believed whom Help Scout could not be asked about: a day, so that a hotline goes on through an
/// outage, and somebody who was let go during one does not.
const BELIEVED_FOR: Millis = 24 * 3_600_000;

/// Whoever shows a session.
pub struct AgentSession<'a> {
    pub session: Session,
    pub hotline: &'a Hotline,
    pub known: directory::AgentSession,
    /// The person's key.
    pub contact: String,
    /// A fresh token, when the one that was shown has not long to live.
    pub renewed: Option<String>,
}

/// What Help Scout says of an agent.
#[derive(PartialEq, Eq)]
pub enum AgentStatus {
    Good,
    Gone,
    Unknown,
}

impl AgentSession<'_> {
    pub fn to_hotline(&self, message: directory::Message) -> ObjectRequest {
        ObjectRequest::Hotline { mailbox: self.session.mailbox, message }
    }

    pub fn to_contact(&self, message: contact::Message) -> ObjectRequest {
        ObjectRequest::Contact { mailbox: self.session.mailbox, contact: self.contact.clone(), message }
    }
}

/// Lets in whoever shows a token that is good.
pub async fn admit<'a>(
    env: &Env,
    config: &'a Config,
    token: Option<&str>,
    call: Option<String>,
) -> Result<AgentSession<'a>, Response> {
    let no_session = || answer::error(401, "bad_session", "This sidebar's session is over. Please open it again.");
    let opened = token.and_then(|token| Opened::read(config, now(), token).ok()).ok_or_else(no_session)?;
    let session = opened.session;
    let hotline = config.by_mailbox(session.mailbox).ok_or_else(no_session)?;
    if call.as_ref().is_some_and(|call| !hotline::sidebar::is_uuid(call)) {
        return Err(super::calls::bad_id());
    }
    let known = known(env, &session, call).await.ok_or_else(super::not_now)?;
    let contact = known.contact.clone().ok_or_else(no_session)?;
    let mut agent_session = AgentSession { session, hotline, known, contact, renewed: None };
    if opened.is_ageing(now()) {
        match agent_status(env, config, &agent_session.session, agent_session.hotline, &agent_session.known).await {
            AgentStatus::Good => agent_session.renewed = Some(session.token(config, now())),
            AgentStatus::Gone => return Err(gone()),
            AgentStatus::Unknown => {}
        }
    }
    Ok(agent_session)
}

fn gone() -> Response {
    answer::error(401, "agent_unknown", "Help Scout does not know this agent any more.")
}

/// What the hotline's object knows of them.
pub async fn known(env: &Env, session: &Session, call: Option<String>) -> Option<directory::AgentSession> {
    let message = directory::Message::AgentSession { conversation: session.conversation, agent: session.agent, call };
    match requests::tell(env, ObjectRequest::Hotline { mailbox: session.mailbox, message }).await {
        ObjectReply::Says { body, .. } => encoding::decode(&body).ok(),
        _ => None,
    }
}

/// Whether the agent still exists.
pub async fn agent_status(
    env: &Env,
    config: &Config,
    session: &Session,
    hotline: &Hotline,
    known: &directory::AgentSession,
) -> AgentStatus {
    let since = now() - known.checked_at;
    if since < CHECKED_EVERY {
        return AgentStatus::Good;
    }
    let agent_status = ask(env, config, session, hotline, known).await;
    if agent_status == AgentStatus::Unknown && since < BELIEVED_FOR { AgentStatus::Good } else { agent_status }
}

async fn ask(
    env: &Env,
    config: &Config,
    session: &Session,
    hotline: &Hotline,
    known: &directory::AgentSession,
) -> AgentStatus {
    let id = session.agent;
    let ask = PermitRequest { id: format!("agent/{id}/{}", now()), cost: 1, priority: Priority::Conversation };
    let Permit::Granted { token, .. } = requests::ask(env, RateLimiterName::HelpScout, ask).await else {
        return AgentStatus::Unknown;
    };
    let path = format!("/v2/users/{id}");
    let request = Request { service: Service::HelpScout, method: Method::Get, path, body: Body::Empty };
    let Outcome::Answered(found) = outbound::send(config, &request, &token).await else { return AgentStatus::Unknown };
    let (agent_status, name, phone) = match found.status {
        200 => {
            let user = found.json();
            if user.get("id").as_u64().is_none() {
                return AgentStatus::Unknown;
            }
            let name = [user.get("firstName").text(), " ", user.get("lastName").text()].concat().trim().to_owned();
            let phone = if known.phone.is_empty() { user.string("phone") } else { String::new() };
            (AgentStatus::Good, Some(name), phone)
        }
        404 => (AgentStatus::Gone, None, String::new()),
        401 => {
            let report = Report { refused_token: Some(token), ..Report::default() };
            requests::report(env, RateLimiterName::HelpScout, report).await;
            return AgentStatus::Unknown;
        }
        _ => return AgentStatus::Unknown,
    };
    let phone = match super::find(config, hotline, &phone).await {
        Found::Phone(phone) => Some(phone),
        _ => None,
    };
    let message = directory::Message::Agent { id, name, phone };
    requests::tell(env, ObjectRequest::Hotline { mailbox: session.mailbox, message }).await;
    agent_status
}
