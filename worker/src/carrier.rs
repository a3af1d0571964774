//! Carries out one effect and brings back what came of it.

use hotline::config::Config;
use hotline::effect::{Back, Effect, Tell, Ticket};
use worker::Env;

use crate::objects::letters::{self, Letter};
use crate::outside;

/// Carries out an effect; `None` when nothing comes back.
pub async fn perform(env: &Env, config: &Config, mailbox: u64, effect: Effect) -> Option<(Ticket, Back)> {
    Some(match effect {
        Effect::Turn(ticket, gate, ask) => (ticket, Back::Turn(letters::ask(env, gate, ask).await)),
        Effect::Send(ticket, request, token) => (ticket, Back::Answer(outside::send(config, &request, &token).await)),
        Effect::Fetch(ticket, urls) => (ticket, Back::Media(outside::media(config, &urls).await)),
        Effect::Tell(ticket, tell) => {
            let letter = match tell {
                Tell::Hotline(message) => Letter::Hotline { mailbox, message },
                Tell::Contact(contact, message) => Letter::Contact { mailbox, contact, message },
                Tell::Call(call, message) => Letter::Call { mailbox, call, message },
                Tell::Gate(gate, report) => Letter::Report(gate, report),
            };
            (ticket, Back::Told(letters::tell(env, letter).await))
        }
        Effect::Report(gate, report) => {
            letters::report(env, gate, report).await;
            return None;
        }
        Effect::Wake(_) | Effect::Push(_) => return None,
    })
}
