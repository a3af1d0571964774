//! The page that Help Scout frames. Its address is signed but never expires, so it opens nothing by itself: behind it
//! stands the question whether the agent still exists, and a token that ends.

use hotline::config::Config;
use hotline::contact;
use hotline::domain::signature::helpscout::{CUSTOMER_SHOWN, verify_sidebar};
use hotline::effects::ObjectReply;
use hotline::sidebar::page;
use hotline::sidebar::session::Session;
use web_sys::Response;
use worker::Env;

use super::agent_session::{self, AgentStatus};
use super::customer::{self, Whose};
use crate::answer::{self, Body};
use crate::clock::now;
use crate::objects::requests::{self, ObjectRequest};
use crate::routes::IncomingRequest;

/// Shows the page.
pub async fn show(incoming: &IncomingRequest, env: &Env, config: &Config) -> Response {
    let secrets = &config.secrets;
    let secrets = secrets.helpscout_sidebar_secret.iter().chain(&secrets.helpscout_sidebar_secret_next);
    let secrets: Vec<String> = secrets.map(|secret| secret.expose().to_owned()).collect();
    let query = incoming.target.split_once('?').map_or("", |(_, query)| query);
    let Ok(signed) = verify_sidebar(&secrets, query) else {
        return answer::error(401, "bad_signature", "X-HelpScout-Signature is missing or wrong.");
    };
    let number = |name: &str| signed.get(name).and_then(|value| value.parse::<u64>().ok());
    let (mailbox, conversation) = (number("mailbox-id"), number("conversation-id"));
    let agent = number("user-id").and_then(|id| i64::try_from(id).ok());
    let (Some(mailbox), Some(conversation), Some(agent)) = (mailbox, conversation, agent) else {
        return words(config, 400, "Not readable", "Help Scout did not say which conversation this is.");
    };
    let Some(hotline) = config.by_mailbox(mailbox) else {
        return words(config, 200, "Not a hotline", "This inbox is not a hotline's, so there is nothing to show here.");
    };
    let mut session = Session::new(mailbox, conversation, agent);
    let not_now = || words(config, 503, "Not now", "This did not work just now. Please open the conversation again.");
    let Some(mut known) = agent_session::known(env, &session, None).await else { return not_now() };
    match agent_session::agent_status(env, config, &session, hotline, &known).await {
        AgentStatus::Good => {}
        AgentStatus::Gone => {
            return words(config, 401, "Unknown agent", "Help Scout does not know this agent any more.");
        }
        AgentStatus::Unknown => return not_now(),
    }
    if known.phone.is_empty() {
        // Help Scout's record of the agent may have brought one just now.
        known = agent_session::known(env, &session, None).await.unwrap_or(known);
    }
    let Some(contact) = known.contact else {
        return words(
            config,
            200,
            "Not from the hotline",
            "This conversation did not come in through the hotline, so there is nobody to call or text here.",
        );
    };
    let again = incoming.query(CUSTOMER_SHOWN).is_some();
    let (contact, customer) = match customer::whose(env, config, &session, &contact, number("customer-id"), again).await
    {
        Whose::Theirs(customer) => (contact, customer),
        Whose::Others(other, customer) => {
            session.other = Some(other.clone());
            (other, Some(customer))
        }
        Whose::Nobodys => {
            return words(
                config,
                200,
                "Another customer",
                "This conversation has another customer now, of whom the hotline knows no phone, so there is nobody to call or \
                 text here.",
            );
        }
    };
    let paint = contact::Message::Prerender { beside: conversation, phone: known.phone, confirmed: known.confirmed };
    match requests::tell(env, ObjectRequest::Contact { mailbox, contact, message: paint }).await {
        ObjectReply::Says { body, .. } => {
            framed(config, 200, &page::first(config, &session, &session.token(config, now()), customer, &body))
        }
        _ => not_now(),
    }
}

fn words(config: &Config, status: u16, title: &str, words: &str) -> Response {
    framed(config, status, &page::words(title, words))
}

/// A page within Help Scout's. Its address is a proof, so no other place hears of it.
fn framed(config: &Config, status: u16, html: &str) -> Response {
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", &page::policy(config)),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ];
    answer::with(status, &headers, Body::Text(html))
}
