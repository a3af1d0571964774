//! Help Scout's routes. Its webhook: once signed always 2xx, unless it could not be stored; never 410, which would end
//! it. Its sidebar: a signed address that never expires, so it opens nothing by itself.

use super::counts::{NO_HOTLINE, counted};
use super::request::{Body, BodyFrom, BodyRefusal, Method, Request};
use super::{Decision, HttpAnswer, Tell, Unproven};
use crate::config::{Config, Secret};
use crate::domain::signature::helpscout::{CUSTOMER_SHOWN, verify_sidebar, verify_webhook};
use crate::effects::ToObject;
use crate::form::Form;
use crate::helpscout::webhook::{Event, Happening, Ignored, read};
use crate::messages::directory::Message;
use crate::sidebar::session::Session;

/// An event.
pub(super) fn webhook(request: &Request, config: &Config) -> Decision {
    let body = match proven_body(request, config) {
        Ok(body) => body,
        Err(unproven) => return unproven.into(),
    };
    let event = match read(request.header("x-helpscout-event").as_deref(), body) {
        Ok(event) => event,
        Err(Ignored::OtherEvent) => return Decision::Answer(HttpAnswer::empty(204)),
        Err(Ignored::Unreadable) => return counted(NO_HOTLINE, "unreadable event", HttpAnswer::empty(204)),
    };
    if is_perhaps_refused(config, &event) {
        let again = HttpAnswer::error(503, "configuration", "A hotline's table is wrong. Please send the event again.");
        return counted(NO_HOTLINE, "event of an unknown inbox while a hotline's table is wrong", again);
    }
    let message = |mailbox| (mailbox, ToObject::Directory(Message::Event(event.clone())));
    Decision::Tell(Tell {
        messages: concerned(config, &event).into_iter().map(message).collect(),
        stored: HttpAnswer::empty(204),
        not_stored: HttpAnswer::error(503, "not_stored", "The event could not be stored. Please send it again."),
    })
}

/// The body of a webhook that is Help Scout's, or what is done otherwise. What carries no signature is not read.
pub(super) fn proven_body<'a>(request: &Request<'a>, config: &Config) -> Result<&'a [u8], Unproven> {
    let is_get = request.method == Method::Get;
    let Some(signature) = request.header("x-helpscout-signature") else {
        return Err(Unproven::Refused(if is_get { HttpAnswer::wrong_method("POST") } else { forged() }));
    };
    let body = match request.body {
        _ if is_get => &[],
        Body::Read(body) => body,
        Body::Unread => return Err(Unproven::ReadBody(BodyFrom::HelpScout)),
        Body::Refused(refusal) => return Err(Unproven::Refused(not_read(refusal))),
    };
    let secrets = &config.secrets;
    let secrets =
        exposed([&secrets.helpscout_webhook_secret].into_iter().chain(&secrets.helpscout_webhook_secret_next));
    match verify_webhook(&secrets, Some(&signature), body) {
        Ok(()) => Ok(body),
        Err(_) => Err(Unproven::Refused(forged())),
    }
}

fn exposed<'a>(secrets: impl Iterator<Item = &'a Secret>) -> Vec<String> {
    secrets.map(|secret| secret.expose().to_owned()).collect()
}

fn forged() -> HttpAnswer {
    HttpAnswer::error(401, "bad_signature", "X-HelpScout-Signature is missing or wrong.")
}

fn not_read(refusal: BodyRefusal) -> HttpAnswer {
    let (code, message) = match refusal {
        BodyRefusal::TooLarge => ("too_large", "The event is larger than 10 MiB."),
        BodyRefusal::TooSlow => ("too_slow", "The event did not come within 10 seconds."),
        BodyRefusal::Busy => ("busy", "Too many events at once. Please send it again."),
    };
    HttpAnswer::error(refusal.status(), code, message)
}

/// The hotlines that an event may concern, also those whose tables are wrong: their directories keep it until then. What left an inbox, was merged into a conversation of another one, or names
/// none, may be anybody's.
fn concerned(config: &Config, event: &Event) -> Vec<u64> {
    let elsewhere = matches!(event.happening, Happening::Moved | Happening::Deleted | Happening::Merged);
    let of_event = |mailbox: &u64| elsewhere || event.mailbox.is_none_or(|own| own == *mailbox);
    config.mailboxes().filter(of_event).collect()
}

/// Whether an event may be of a hotline whose table does not even say which inbox it has.
fn is_perhaps_refused(config: &Config, event: &Event) -> bool {
    let unknown = |mailbox: u64| config.mailboxes().all(|known| known != mailbox);
    event.mailbox.is_some_and(unknown) && config.refused.iter().any(|refused| refused.hotline.mailbox == 0)
}

/// Help Scout opens the sidebar beside a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Who looks at which conversation of which hotline.
    pub session: Session,
    /// The customer whom Help Scout named when it signed the address.
    pub customer: Option<u64>,
    /// Whether Help Scout shows another customer by now.
    pub other_customer_shown: bool,
}

/// What the signed query of the sidebar's address says; `None` when it is not Help Scout's.
pub(super) fn signed_query(request: &Request, config: &Config) -> Option<Form> {
    let secrets = &config.secrets;
    let secrets = secrets.helpscout_sidebar_secret.iter().chain(&secrets.helpscout_sidebar_secret_next);
    verify_sidebar(&exposed(secrets), request.query()).ok()
}

/// The page that Help Scout frames.
pub(super) fn page(request: &Request, config: &Config) -> Decision {
    let Some(signed) = signed_query(request, config) else { return Decision::Answer(forged()) };
    let number = |name: &str| signed.get(name).and_then(|value| value.parse::<u64>().ok());
    let (mailbox, conversation) = (number("mailbox-id"), number("conversation-id"));
    let agent = number("user-id").and_then(|id| i64::try_from(id).ok());
    let (Some(mailbox), Some(conversation), Some(agent)) = (mailbox, conversation, agent) else {
        const WORDS: &str = "Help Scout did not say which conversation this is.";
        return Decision::Answer(HttpAnswer::framed_words(config, 400, "Not readable", WORDS));
    };
    if config.refused_by_mailbox(mailbox).is_some() {
        return Decision::Answer(PageRequest::not_now(config));
    }
    if config.by_mailbox(mailbox).is_none() {
        const WORDS: &str = "This inbox is not a hotline's, so there is nothing to show here.";
        return Decision::Answer(HttpAnswer::framed_words(config, 200, "Not a hotline", WORDS));
    }
    Decision::Page(PageRequest {
        session: Session::new(mailbox, conversation, agent),
        customer: number("customer-id"),
        other_customer_shown: Form::parse(request.query().as_bytes()).get(CUSTOMER_SHOWN).is_some(),
    })
}

impl PageRequest {
    /// The page cannot be shown at this moment.
    pub fn not_now(config: &Config) -> HttpAnswer {
        const WORDS: &str = "This did not work just now. Please open the conversation again.";
        HttpAnswer::framed_words(config, 503, "Not now", WORDS)
    }

    /// Help Scout says that there is no such agent.
    pub fn agent_unknown(config: &Config) -> HttpAnswer {
        HttpAnswer::framed_words(config, 401, "Unknown agent", "Help Scout does not know this agent any more.")
    }

    /// The directory knows nobody from whom the conversation came.
    pub fn not_from_the_hotline(config: &Config) -> HttpAnswer {
        const WORDS: &str =
            "This conversation did not come in through the hotline, so there is nobody to call or text here.";
        HttpAnswer::framed_words(config, 200, "Not from the hotline", WORDS)
    }

    /// An agent gave the conversation to a customer without a phone.
    pub fn another_customer(config: &Config) -> HttpAnswer {
        const WORDS: &str = "This conversation has another customer now, of whom the hotline knows no phone, so there is \
                             nobody to call or text here.";
        HttpAnswer::framed_words(config, 200, "Another customer", WORDS)
    }
}
