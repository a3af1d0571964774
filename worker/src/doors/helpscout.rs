//! Help Scout's door: once signed, always 2xx, unless it could not be stored. Never 410, which would end the webhook.

use hotline::config::Config;
use hotline::desk::Message;
use hotline::effect::Told;
use hotline::helpscout::webhook::{Event, Happening, Ignored, read};
use hotline::signature::helpscout::verify_webhook;
use worker::{Context, Env, Response, Result};

use super::Visit;
use crate::answer;
use crate::objects::letters;

/// The largest body: a conversation of a hundred threads with long mails embedded stays far below.
const LARGEST_EVENT: usize = 10 << 20;

/// An event.
pub async fn webhook(mut visit: Visit, env: &Env, context: &Context, config: &Config) -> Result<Response> {
    let signature = visit.header("x-helpscout-signature");
    let name = visit.header("x-helpscout-event");
    let Some(body) = visit.body(LARGEST_EVENT).await? else {
        return answer::error(413, "too_large", "The event is larger than 10 MiB.");
    };
    let secrets = &config.secrets;
    let next = secrets.helpscout_webhook_secret_next.iter();
    let secrets: Vec<String> = std::iter::once(&secrets.helpscout_webhook_secret)
        .chain(next)
        .map(|secret| secret.expose().to_owned())
        .collect();
    if verify_webhook(&secrets, signature.as_deref(), &body).is_err() {
        return answer::error(401, "bad_signature", "X-HelpScout-Signature is missing or wrong.");
    }
    let event = match read(name.as_deref(), &body) {
        Ok(event) => event,
        Err(Ignored::OtherEvent) => return answer::empty(204),
        Err(Ignored::Unreadable) => {
            let env = env.clone();
            context.wait_until(async move {
                letters::to_hotline(&env, 0, Message::Count { what: "unreadable event".to_owned() }).await;
            });
            return answer::empty(204);
        }
    };
    for mailbox in concerned(config, &event) {
        if letters::to_hotline(env, mailbox, Message::Event(event.clone())).await == Told::Unreachable {
            return answer::error(503, "not_stored", "The event could not be stored. Please send it again.");
        }
    }
    answer::empty(204)
}

/// The hotlines that an event may concern. What left an inbox, or names none, may be anybody's.
fn concerned(config: &Config, event: &Event) -> Vec<u64> {
    let anybody = event.mailbox.is_none() || matches!(event.happening, Happening::Moved | Happening::Deleted);
    let of_event = |mailbox: &u64| anybody || event.mailbox == Some(*mailbox);
    config.hotlines.iter().map(|hotline| hotline.mailbox).filter(of_event).collect()
}
