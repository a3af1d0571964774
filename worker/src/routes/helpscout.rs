//! Help Scout's route: once signed, always 2xx, unless it could not be stored. Never 410, which would end the webhook.

use hotline::config::Config;
use hotline::directory::Message;
use hotline::domain::signature::helpscout::verify_webhook;
use hotline::helpscout::webhook::{Event, Happening, Ignored, read};
use web_sys::Response;

use super::body::{self, Refusal};
use super::{Errand, IncomingRequest};
use crate::answer;
use crate::objects::requests::ObjectRequest;

/// An event. What carries no signature is not read.
pub async fn webhook(incoming: &IncomingRequest, config: &Config) -> Errand {
    let signature = incoming.header("x-helpscout-signature").filter(|signature| !signature.is_empty());
    if signature.is_none() {
        return forged();
    }
    let body = match body::read(&incoming.request, &body::HELP_SCOUT).await {
        Ok(body) => body,
        Err(refusal) => return Errand::none(not_read(refusal)),
    };
    let name = incoming.header("x-helpscout-event");
    let secrets = &config.secrets;
    let next = secrets.helpscout_webhook_secret_next.iter();
    let secrets: Vec<String> = std::iter::once(&secrets.helpscout_webhook_secret)
        .chain(next)
        .map(|secret| secret.expose().to_owned())
        .collect();
    if verify_webhook(&secrets, signature.as_deref(), &body).is_err() {
        return forged();
    }
    let taken = answer::empty(204);
    let event = match read(name.as_deref(), &body) {
        Ok(event) => event,
        Err(Ignored::OtherEvent) => return Errand::none(taken),
        Err(Ignored::Unreadable) => {
            let message = Message::Count { what: "unreadable event".to_owned() };
            return Errand::tell(ObjectRequest::Hotline { mailbox: 0, message }, taken, || answer::empty(204));
        }
    };
    let object_request = |mailbox| ObjectRequest::Hotline { mailbox, message: Message::Event(event.clone()) };
    Errand { letters: concerned(config, &event).into_iter().map(object_request).collect(), taken, lost: not_stored }
}

fn forged() -> Errand {
    Errand::none(answer::error(401, "bad_signature", "X-HelpScout-Signature is missing or wrong."))
}

fn not_read(refusal: Refusal) -> Response {
    match refusal {
        Refusal::TooLarge => answer::error(413, "too_large", "The event is larger than 10 MiB."),
        Refusal::TooSlow => answer::error(408, "too_slow", "The event did not come within 10 seconds."),
        Refusal::Busy => answer::error(503, "busy", "Too many events at once. Please send it again."),
    }
}

/// Help Scout sends it again.
fn not_stored() -> Response {
    answer::error(503, "not_stored", "The event could not be stored. Please send it again.")
}

/// The hotlines that an event may concern. What left an inbox, or names none, may be anybody's.
fn concerned(config: &Config, event: &Event) -> Vec<u64> {
    let anybody = event.mailbox.is_none() || matches!(event.happening, Happening::Moved | Happening::Deleted);
    let of_event = |mailbox: &u64| anybody || event.mailbox == Some(*mailbox);
    config.hotlines.iter().map(|hotline| hotline.mailbox).filter(of_event).collect()
}
