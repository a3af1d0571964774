//! The page that Help Scout frames. Its address is signed but never expires, so behind it stands the question whether the
//! agent still exists, and a token that ends.

use hotline::config::Config;
use hotline::contact;
use hotline::effects::ObjectReply;
use hotline::routing::{HttpAnswer, PageRequest};
use hotline::sidebar::page::{self, FirstPage};
use worker::Env;

use super::agent_session::{self, AgentStatus};
use super::customer::{self, Whose};
use crate::clock::now;
use crate::objects::requests::{self, ObjectRequest};
use crate::widget_files;

/// Shows the page.
pub async fn show(asked: &PageRequest, env: &Env, config: &Config) -> HttpAnswer {
    let mut session = asked.session.clone();
    let mailbox = session.mailbox;
    let Some(hotline) = config.by_mailbox(mailbox) else { return PageRequest::not_now(config) };
    let Some(mut known) = agent_session::known(env, &session, None).await else { return PageRequest::not_now(config) };
    let is_known = agent_session::is_known(&known);
    match agent_session::agent_status(env, config, &session, hotline, &known).await {
        AgentStatus::Good => {}
        AgentStatus::Gone => return PageRequest::agent_unknown(config),
        AgentStatus::Unknown => return PageRequest::not_now(config),
    }
    if !is_known {
        // Help Scout's record of the agent may have brought a phone and a role just now.
        known = agent_session::known(env, &session, None).await.unwrap_or(known);
    }
    let Some(contact) = known.contact else { return PageRequest::not_from_the_hotline(config) };
    let (contact, customer) = match customer::whose(env, config, asked, &contact).await {
        Whose::Theirs(customer) => (contact, customer),
        Whose::Others(other, customer) => {
            session.customer_override = Some(other.clone());
            (other, Some(customer))
        }
        Whose::Nobodys => return PageRequest::another_customer(config),
    };
    let beside = session.conversation;
    let is_operator = known.is_operator == Some(true);
    let prerender = contact::Message::Prerender { beside, phone: known.phone, confirmed: known.confirmed };
    match requests::tell(env, ObjectRequest::Contact { mailbox, contact, message: prerender }).await {
        ObjectReply::Html(prerendered) => {
            let Some(widget) = widget_files::of_this_build() else { return PageRequest::not_now(config) };
            let token = session.token(config, now());
            let first =
                FirstPage { session: &session, token: &token, customer, is_operator, prerendered: &prerendered };
            HttpAnswer::framed(config, 200, page::first(config, &widget, first))
        }
        _ => PageRequest::not_now(config),
    }
}
