//! Who may use the sidebar: the bearer of a token of ours, while the Help Scout user still exists (P8).

use hotline::config::{Config, Hotline};
use hotline::contact;
use hotline::directory;
use hotline::effects::Refusal;
use hotline::routing::{HttpAnswer, SidebarAction, SidebarRequest};
pub use hotline::sidebar::agent_check::AgentStatus;
use hotline::sidebar::agent_check::{self, User};
use hotline::sidebar::session::{Opened, Session};
use hotline::twilio::lookup::Found;
use worker::Env;

use crate::clock::now;
use crate::objects::requests::{self, ObjectRequest};
use crate::view;

/// How often to check whether a parallel request has already verified this agent.
const VERIFICATION_CHECKS: u32 = 4;

/// An admitted sidebar session.
pub struct AgentSession<'a> {
    pub session: Session,
    pub hotline: &'a Hotline,
    pub known: directory::AgentSession,
    /// The person's key.
    pub contact: String,
    /// A fresh token, when the one that was shown has not long to live.
    pub renewed: Option<String>,
}

impl AgentSession<'_> {
    pub fn to_hotline(&self, message: directory::Message) -> ObjectRequest {
        ObjectRequest::Directory { mailbox: self.session.mailbox, message }
    }

    pub fn to_contact(&self, message: contact::Message) -> ObjectRequest {
        ObjectRequest::Contact { mailbox: self.session.mailbox, contact: self.contact.clone(), message }
    }
}

/// Lets in whoever shows a token that is good.
pub async fn admit<'a>(
    env: &Env,
    config: &'a Config,
    opened: Opened,
    action: &SidebarAction,
) -> Result<AgentSession<'a>, HttpAnswer> {
    let is_ageing = opened.is_ageing(now());
    let session = opened.session;
    let hotline = config.by_mailbox(session.mailbox).ok_or_else(HttpAnswer::not_now)?;
    let known = known(env, &session, Some(action)).await.ok_or_else(HttpAnswer::not_now)?;
    let contact = SidebarRequest::admit(&known, now())?;
    let mut agent_session = AgentSession { session, hotline, known, contact, renewed: None };
    if is_ageing {
        match agent_status(env, config, &agent_session.session, agent_session.hotline, &agent_session.known).await {
            AgentStatus::Good => agent_session.renewed = Some(agent_session.session.token(config, now())),
            AgentStatus::Gone => return Err(SidebarRequest::agent_unknown()),
            AgentStatus::Unknown => {}
        }
    }
    Ok(agent_session)
}

/// What the hotline's object knows of them.
pub async fn known(env: &Env, session: &Session, action: Option<&SidebarAction>) -> Option<directory::AgentSession> {
    requests::request(env, session.mailbox, SidebarRequest::who_shows(session, action)).await.ok()
}

/// Whether Help Scout said of late who the agent is, so that it is not asked.
pub fn is_known(known: &directory::AgentSession) -> bool {
    agent_check::known(known, now()).is_some()
}

/// Whether the agent still exists.
pub async fn agent_status(
    env: &Env,
    config: &Config,
    session: &Session,
    hotline: &Hotline,
    known: &directory::AgentSession,
) -> AgentStatus {
    if let Some(status) = agent_check::known(known, now()) {
        return status;
    }
    let (permit, request) = (agent_check::permit(session.agent), agent_check::request(session.agent));
    match view::view(env, config, &permit, &request).await {
        Ok(view) => {
            let (status, user) = agent_check::judge(&view, known, now());
            if user.is_some() || status == AgentStatus::Gone {
                tell(env, config, session, hotline, known, user).await;
            }
            status
        }
        // Another page of theirs may just be asking.
        Err(Refusal::Busy) => verified_meanwhile(env, session).await,
        Err(refusal) => agent_check::refused(refusal, known, now()),
    }
}

/// Whether the agent is an owner or an administrator in Help Scout, which is asked every 15 minutes at most; `None` when it
/// does not say.
pub async fn is_operator(env: &Env, config: &Config, agent_session: &AgentSession<'_>) -> Option<bool> {
    let AgentSession { session, hotline, known, .. } = agent_session;
    if let Some(is_operator) = agent_check::known_operator(known, now()) {
        return Some(is_operator);
    }
    let (permit, request) = (agent_check::permit(session.agent), agent_check::request(session.agent));
    let view = view::view(env, config, &permit, &request).await.ok()?;
    let (_, user) = agent_check::judge(&view, known, now());
    let is_operator = user.as_ref().map(|user| user.is_operator);
    if user.is_some() {
        tell(env, config, session, hotline, known, user).await;
    }
    is_operator
}

async fn verified_meanwhile(env: &Env, session: &Session) -> AgentStatus {
    for _ in 0..VERIFICATION_CHECKS {
        view::pause().await;
        let Some(known) = known(env, session, None).await else { break };
        if let Some(status) = agent_check::known(&known, now()) {
            return status;
        }
    }
    AgentStatus::Unknown
}

/// Help Scout has said who an agent is, or that there is no such user.
async fn tell(
    env: &Env,
    config: &Config,
    session: &Session,
    hotline: &Hotline,
    known: &directory::AgentSession,
    user: Option<User>,
) {
    let typed = user.as_ref().filter(|_| known.phone.is_empty()).map_or("", |user| &user.phone);
    let phone = match super::find(config, hotline, typed).await {
        Found::Phone(phone) => Some(phone),
        _ => None,
    };
    let is_operator = user.as_ref().map(|user| user.is_operator);
    let message = directory::Message::Agent { id: session.agent, name: user.map(|user| user.name), phone, is_operator };
    requests::tell(env, ObjectRequest::Directory { mailbox: session.mailbox, message }).await;
}
