//! Carries out one effect and brings back what came of it.

use hotline::config::Config;
use hotline::effect::{Effect, Tell};
use worker::Env;

use crate::objects::News;
use crate::objects::letters::{self, Letter};
use crate::outside;

/// Carries out an effect; `None` when nothing comes back.
pub async fn perform(env: &Env, config: &Config, mailbox: u64, effect: Effect) -> Option<News> {
    Some(match effect {
        Effect::Turn(ticket, gate, ask) => News::Turn(ticket, letters::ask(env, gate, ask).await),
        Effect::Send(ticket, request, token) => News::Answer(ticket, outside::send(config, &request, &token).await),
        Effect::Fetch(ticket, urls) => News::Media(ticket, outside::media(config, &urls).await),
        Effect::Tell(ticket, Tell::Hotline(message)) => {
            News::Told(ticket, letters::tell(env, Letter::Hotline { mailbox, message }).await)
        }
        Effect::Tell(ticket, Tell::Contact(contact, message)) => {
            News::Told(ticket, letters::tell(env, Letter::Contact { mailbox, contact, message }).await)
        }
        Effect::Tell(ticket, Tell::Call(call, message)) => {
            News::Told(ticket, letters::tell(env, Letter::Call { mailbox, call, message }).await)
        }
        Effect::Tell(ticket, Tell::Gate(gate, report)) => {
            News::Told(ticket, letters::tell(env, Letter::Report(gate, report)).await)
        }
        Effect::Report(gate, report) => {
            letters::report(env, gate, report).await;
            return None;
        }
        Effect::Wake(_) | Effect::Push(_) => return None,
    })
}
