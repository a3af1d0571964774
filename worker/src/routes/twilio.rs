//! Twilio's routes. Proof comes first; what is malformed behind a good proof is counted and answered 2xx, so that it
//! makes no retry loop.

use hotline::config::{Config, Hotline, Sender};
use hotline::contact::Message;
use hotline::directory;
use hotline::domain::phone::{Channel, E164, Party};
use hotline::domain::signature::twilio::{SignedRequest, TwilioKeys, verify};
use hotline::form::Form;
use hotline::twilio::inbound::InboundText;
use hotline::twilio::status::Status;
use web_sys::Response;

use super::body::{self, Refusal};
use super::{Errand, IncomingRequest};
use crate::answer;
use crate::objects::requests::ObjectRequest;

/// Text in.
pub async fn text(incoming: &IncomingRequest, config: &Config) -> Errand {
    let form = match proven(incoming, config).await {
        Ok(form) => form,
        Err(status) => return Errand::none(answer::empty(status)),
    };
    let Some((party, text)) = InboundText::read(&form) else { return odd(0, "unreadable text") };
    let Some(hotline) = hotline_of(config, &text) else { return odd(0, "text to an unknown number") };
    if hotline.blocks(&party) {
        return odd(hotline.mailbox, "text from a blocked number");
    }
    let object_request =
        ObjectRequest::Contact { mailbox: hotline.mailbox, contact: party.key(), message: Message::Text(text) };
    Errand::tell(object_request, no_twiml(), not_stored)
}

/// A delivery state.
pub async fn status(incoming: &IncomingRequest, config: &Config) -> Errand {
    let form = match proven(incoming, config).await {
        Ok(form) => form,
        Err(status) => return Errand::none(answer::empty(status)),
    };
    let message = incoming.query("m").unwrap_or_default();
    let mailbox = incoming.query("h").and_then(|mailbox| mailbox.parse().ok());
    let hotline = mailbox.and_then(|mailbox| config.by_mailbox(mailbox));
    let (_, party) = Party::parse(form.get("To").unwrap_or(""));
    let taken = answer::empty(204);
    let (Some(hotline), Some(status)) = (hotline, Status::read(&message, &form)) else { return Errand::none(taken) };
    if message.is_empty() || !party.can_be_texted() {
        return Errand::none(taken);
    }
    let object_request =
        ObjectRequest::Contact { mailbox: hotline.mailbox, contact: party.key(), message: Message::Status(status) };
    Errand::tell(object_request, taken, not_stored)
}

fn no_twiml() -> Response {
    answer::twiml(answer::NO_TWIML)
}

/// Twilio sends it again.
fn not_stored() -> Response {
    answer::empty(503)
}

/// What means nothing to us, behind a good proof.
fn odd(mailbox: u64, what: &str) -> Errand {
    let message = directory::Message::Count { what: what.to_owned() };
    Errand::tell(ObjectRequest::Hotline { mailbox, message }, no_twiml(), no_twiml)
}

/// Status of a request without proof.
const FORGED: u16 = 403;

/// The form of a request that is Twilio's, or the status of the refusal. What carries no signature is not read.
pub async fn proven(incoming: &IncomingRequest, config: &Config) -> Result<Form, u16> {
    let signature = incoming.header("x-twilio-signature").filter(|signature| !signature.is_empty()).ok_or(FORGED)?;
    let body = body::read(&incoming.request, &body::TWILIO).await.map_err(Refusal::status)?;
    let settings = incoming.header("x-twilio-webhooks-signature-settings");
    let content_type = incoming.header("content-type");
    let request = SignedRequest {
        target: &incoming.target,
        signature: Some(&signature),
        settings: settings.as_deref(),
        content_type: content_type.as_deref(),
        body: &body,
    };
    verify(&keys(config), &config.public_url, &request).map_err(|_| FORGED)?;
    Ok(Form::parse(&body))
}

fn keys(config: &Config) -> TwilioKeys {
    let secrets = &config.secrets;
    let next = secrets.twilio_auth_token_next.iter();
    let tokens = std::iter::once(&secrets.twilio_auth_token).chain(next);
    let shared = secrets.twilio_webhook_keys.iter();
    TwilioKeys {
        auth_tokens: tokens.map(|token| token.expose().to_owned()).collect(),
        shared_keys: shared.map(|(id, secret)| (id.clone(), secret.expose().to_owned())).collect(),
    }
}

fn hotline_of<'a>(config: &'a Config, text: &InboundText) -> Option<&'a Hotline> {
    let number = E164::parse(&text.to);
    let by_number = number.as_ref().and_then(|number| {
        let sender = match text.channel {
            Channel::Sms => Sender::Number(number),
            Channel::WhatsApp => Sender::Whatsapp(number),
        };
        config.by_sender(sender)
    });
    by_number.or_else(|| config.by_sender(Sender::MessagingService(text.service.as_deref()?)))
}
