//! Who looks: a token of ours, and a Help Scout user who still exists (P8).

use hotline::config::{Config, Hotline};
use hotline::contact;
use hotline::desk;
use hotline::effect::{Ask, Body, GateName, Method, Millis, Outcome, Priority, Report, Request, Service, Told, Turn};
use hotline::sidebar::session::{Opened, Session};
use hotline::twilio::lookup::Found;
use hotline::wire;
use web_sys::Response;
use worker::Env;

use crate::clock::now;
use crate::objects::letters::{self, Letter};
use crate::{answer, outside};

/// How seldom Help Scout is asked whether an agent still exists (P8: at most every 15 minutes).
const CHECKED_EVERY: Millis = 15 * 60_000;

/// How long an agent is believed whom Help Scout could not be asked about: a day, so that a hotline goes on through an
/// outage, and somebody who was let go during one does not.
const BELIEVED_FOR: Millis = 24 * 3_600_000;

/// Whoever shows a session.
pub struct Guest<'a> {
    pub session: Session,
    pub hotline: &'a Hotline,
    pub known: desk::Guest,
    /// The person's key.
    pub contact: String,
    /// A fresh token, when the one that was shown has not long to live.
    pub renewed: Option<String>,
}

/// What Help Scout says of an agent.
#[derive(PartialEq, Eq)]
pub enum Standing {
    Good,
    Gone,
    Unknown,
}

impl Guest<'_> {
    pub fn to_hotline(&self, message: desk::Message) -> Letter {
        Letter::Hotline { mailbox: self.session.mailbox, message }
    }

    pub fn to_contact(&self, message: contact::Message) -> Letter {
        Letter::Contact { mailbox: self.session.mailbox, contact: self.contact.clone(), message }
    }
}

/// Lets in whoever shows a token that is good.
pub async fn admit<'a>(
    env: &Env,
    config: &'a Config,
    token: Option<&str>,
    call: Option<String>,
) -> Result<Guest<'a>, Response> {
    let no_session = || answer::error(401, "bad_session", "This sidebar's session is over. Please open it again.");
    let opened = token.and_then(|token| Opened::read(config, now(), token).ok()).ok_or_else(no_session)?;
    let session = opened.session;
    let hotline = config.by_mailbox(session.mailbox).ok_or_else(no_session)?;
    if call.as_ref().is_some_and(|call| !hotline::sidebar::is_uuid(call)) {
        return Err(super::calls::bad_id());
    }
    let known = known(env, &session, call).await.ok_or_else(super::not_now)?;
    let contact = known.contact.clone().ok_or_else(no_session)?;
    let mut guest = Guest { session, hotline, known, contact, renewed: None };
    if opened.is_ageing(now()) {
        match standing(env, config, &guest.session, guest.hotline, &guest.known).await {
            Standing::Good => guest.renewed = Some(session.token(config, now())),
            Standing::Gone => return Err(gone()),
            Standing::Unknown => {}
        }
    }
    Ok(guest)
}

fn gone() -> Response {
    answer::error(401, "agent_unknown", "Help Scout does not know this agent any more.")
}

/// What the hotline's object knows of them.
pub async fn known(env: &Env, session: &Session, call: Option<String>) -> Option<desk::Guest> {
    let message = desk::Message::Guest { conversation: session.conversation, agent: session.agent, call };
    match letters::tell(env, Letter::Hotline { mailbox: session.mailbox, message }).await {
        Told::Says { body, .. } => wire::read(&body),
        _ => None,
    }
}

/// Whether the agent still exists.
pub async fn standing(
    env: &Env,
    config: &Config,
    session: &Session,
    hotline: &Hotline,
    known: &desk::Guest,
) -> Standing {
    let since = now() - known.checked_at;
    if since < CHECKED_EVERY {
        return Standing::Good;
    }
    let standing = ask(env, config, session, hotline, known).await;
    if standing == Standing::Unknown && since < BELIEVED_FOR { Standing::Good } else { standing }
}

async fn ask(env: &Env, config: &Config, session: &Session, hotline: &Hotline, known: &desk::Guest) -> Standing {
    let id = session.agent;
    let ask = Ask { id: format!("agent/{id}/{}", now()), cost: 1, priority: Priority::Conversation };
    let Turn::Go { token, .. } = letters::ask(env, GateName::HelpScout, ask).await else { return Standing::Unknown };
    let path = format!("/v2/users/{id}");
    let request = Request { service: Service::HelpScout, method: Method::Get, path, body: Body::Empty };
    let Outcome::Answered(found) = outside::send(config, &request, &token).await else { return Standing::Unknown };
    let (standing, name, phone) = match found.status {
        200 => {
            let user = found.json();
            let name = [user.get("firstName").text(), " ", user.get("lastName").text()].concat().trim().to_owned();
            let phone = if known.phone.is_empty() { user.string("phone") } else { String::new() };
            (Standing::Good, Some(name), phone)
        }
        404 => (Standing::Gone, None, String::new()),
        401 => {
            let report = Report { refused_token: Some(token), ..Report::default() };
            letters::report(env, GateName::HelpScout, report).await;
            return Standing::Unknown;
        }
        _ => return Standing::Unknown,
    };
    let phone = match super::find(config, hotline, &phone).await {
        Found::Phone(phone) => Some(phone),
        _ => None,
    };
    let message = desk::Message::Agent { id, name, phone };
    letters::tell(env, Letter::Hotline { mailbox: session.mailbox, message }).await;
    standing
}
