//! Carries out one effect and brings back what came of it.

use hotline::config::Config;
use hotline::effects::{Asker, Completion, Effect, Ticket};
use hotline::messages::participant;
use hotline::{contact, directory};
use worker::Env;

use crate::objects::requests::{self, ObjectRequest};
use crate::outbound;

/// Carries out an effect; `None` when nothing comes back.
pub async fn perform(env: &Env, config: &Config, mailbox: u64, effect: Effect) -> Option<(Ticket, Completion)> {
    Some(match effect {
        Effect::Permit(ticket, limiter, request) => {
            (ticket, Completion::Permit(requests::request_permit(env, limiter, request).await))
        }
        Effect::Send(ticket, request, token) => {
            (ticket, Completion::Response(outbound::send(config, &request, &token).await))
        }
        Effect::Deliver(ticket, delivery) => (ticket, Completion::Response(outbound::deliver(&delivery).await)),
        Effect::Fetch(ticket, urls) => (ticket, Completion::Media(outbound::media(config, &urls).await)),
        Effect::ToObject(ticket, tell) => {
            let object_request = ObjectRequest::of(mailbox, tell);
            (ticket, Completion::ObjectReply(requests::tell(env, object_request).await))
        }
        Effect::Report(limiter, report) => {
            requests::report(env, limiter, report).await;
            return None;
        }
        Effect::PermitReady(Asker { mailbox, contact, job }) => {
            let object_request = match contact {
                Some(asker) if participant::of_asker(&asker).is_some() => {
                    let name = participant::of_asker(&asker).unwrap_or_default().to_owned();
                    let message = participant::Message::PermitReady { job };
                    ObjectRequest::Participant { mailbox, name, message }
                }
                Some(contact) => {
                    let message = contact::Message::PermitReady { job };
                    ObjectRequest::Contact { mailbox, contact, message }
                }
                None => ObjectRequest::Directory { mailbox, message: directory::Message::PermitReady { job } },
            };
            requests::tell(env, object_request).await;
            return None;
        }
        Effect::Wake(_) | Effect::Push(_) | Effect::Log(_) => return None,
    })
}
