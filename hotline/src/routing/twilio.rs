//! Twilio's routes for texts. Proof comes first; what is malformed behind a good proof is counted and answered 2xx, so
//! that it makes no retry loop.

use super::called_party::{self, Called};
use super::counts::{NO_HOTLINE, counted};
use super::request::{Body, BodyFrom, Method, Request};
use super::{Decision, HttpAnswer, Tell, Unproven};
use crate::config::{Config, Pool};
use crate::domain::phone::{Channel, E164, Party};
use crate::domain::signature::twilio::{SignedRequest, TwilioKeys, verify};
use crate::effects::ToObject;
use crate::form::Form;
use crate::messages::participant::object_name;
use crate::messages::{contact, participant};
use crate::twilio::inbound::InboundText;
use crate::twilio::status::Status;

/// Status of a request without proof.
const FORGED: u16 = 403;

/// Text in.
pub(super) fn text(request: &Request, config: &Config) -> Decision {
    let form = match proven(request, config) {
        Ok(form) => form,
        Err(unproven) => return unproven.into(),
    };
    let Some((party, text)) = InboundText::read(&form) else { return odd(NO_HOTLINE, "unreadable text") };
    let (channel, number) = (text.channel, E164::parse(&text.to));
    if let Some(pool) = number.as_ref().filter(|_| channel == Channel::Sms).and_then(|number| config.pool_of(number)) {
        return text_to_pool(config, pool, &party, text);
    }
    let hotline = match Called::find(config, channel, number.as_ref(), text.service.as_deref()) {
        Called::Hotline(hotline) => hotline,
        Called::Refused(refused) => return called_party::text_refused(config, refused),
        Called::Nobody if !config.may_be_refused() => return odd(NO_HOTLINE, "text to an unknown number"),
        Called::Nobody => return called_party::text_perhaps_refused(),
    };
    if party.phone().is_some_and(|number| config.is_own(number)) {
        return odd(hotline.mailbox, "text from a hotline's own number");
    }
    if hotline.blocks(&party) {
        return odd(hotline.mailbox, "text from a blocked number");
    }
    let message = ToObject::Contact(party.key(), contact::Message::Text(text));
    tell(hotline.mailbox, message, HttpAnswer::no_twiml())
}

/// A text to a number of a pool: a word to the other side of a session, unless nobody can be meant.
fn text_to_pool(config: &Config, pool: &Pool, party: &Party, text: InboundText) -> Decision {
    let is_turned_away = config.by_mailbox(pool.mailbox).is_some_and(|hotline| hotline.blocks(party));
    match party {
        Party::Phone(number) if config.is_own(number) => odd(pool.mailbox, "text from a hotline's own number"),
        _ if is_turned_away => odd(pool.mailbox, "text from a blocked number"),
        Party::Phone(number) => {
            let name = object_name(pool.api_name(), number.clone().canonical().as_str());
            let message = ToObject::Participant(name, participant::Message::Text(Box::new(text)));
            tell(pool.mailbox, message, HttpAnswer::no_twiml())
        }
        // Whoever has no number takes part in no session.
        _ => tell(pool.mailbox, ToObject::Contact(party.key(), contact::Message::Text(text)), HttpAnswer::no_twiml()),
    }
}

/// A delivery state.
pub(super) fn status(request: &Request, config: &Config) -> Decision {
    let form = match proven(request, config) {
        Ok(form) => form,
        Err(unproven) => return unproven.into(),
    };
    let query = Form::parse(request.query().as_bytes());
    let message = query.get("m").unwrap_or_default();
    if let Some(pool) = query.get("p") {
        return status_of_pool(config, pool, message, &form);
    }
    let hotline = match Called::by_mailbox(config, query.get("h")) {
        Called::Hotline(hotline) => Some(hotline),
        Called::Refused(refused) => return called_party::text_refused(config, refused),
        Called::Nobody => None,
    };
    let (_, party) = Party::parse(form.get("To").unwrap_or(""));
    let nothing = HttpAnswer::empty(204);
    match (hotline, Status::read(message, &form)) {
        (Some(hotline), Some(status)) if !message.is_empty() && party.can_be_texted() => {
            let message = ToObject::Contact(party.key(), contact::Message::Status(status));
            tell(hotline.mailbox, message, nothing)
        }
        _ => Decision::Answer(nothing),
    }
}

/// A delivery state of a text to a participant.
fn status_of_pool(config: &Config, pool: &str, message: &str, form: &Form) -> Decision {
    let nothing = HttpAnswer::empty(204);
    let to = E164::parse(form.get("To").unwrap_or("")).map(E164::canonical);
    match (config.pool(pool), to, Status::read(message, form)) {
        (Some(pool), Some(to), Some(status)) => {
            let name = object_name(pool.api_name(), to.as_str());
            tell(pool.mailbox, ToObject::Participant(name, participant::Message::Status(status)), nothing)
        }
        // The pool's table may be wrong for a while: Twilio tells it again.
        (None, ..) if config.is_pool_refused => Decision::Answer(HttpAnswer::empty(503)),
        _ => Decision::Answer(nothing),
    }
}

/// Twilio sends again what could not be stored.
fn tell(mailbox: u64, message: ToObject, stored: HttpAnswer) -> Decision {
    Decision::Tell(Tell { messages: vec![(mailbox, message)], stored, not_stored: HttpAnswer::empty(503) })
}

/// What means nothing to us, behind a good proof.
fn odd(mailbox: u64, what: &str) -> Decision {
    counted(mailbox, what, HttpAnswer::no_twiml())
}

/// The parameters of a request that is Twilio's, or what is done otherwise. What carries no signature is not read.
pub(super) fn proven(request: &Request, config: &Config) -> Result<Form, Unproven> {
    let is_get = request.method == Method::Get;
    let Some(signature) = request.header("x-twilio-signature") else {
        let refusal = if is_get { HttpAnswer::empty(405).with("allow", "POST") } else { HttpAnswer::empty(FORGED) };
        return Err(Unproven::Refused(refusal));
    };
    let body = match request.body {
        _ if is_get => &[],
        Body::Read(body) => body,
        Body::Unread => return Err(Unproven::ReadBody(BodyFrom::Twilio)),
        Body::Refused(refusal) => return Err(Unproven::Refused(HttpAnswer::empty(refusal.status()))),
    };
    // An empty one names no key: that is no proof.
    let settings = (request.headers)("x-twilio-webhooks-signature-settings");
    let content_type = if is_get { None } else { request.header("content-type") };
    let signed = SignedRequest {
        target: request.target,
        signature: Some(&signature),
        settings: settings.as_deref(),
        content_type: content_type.as_deref(),
        body,
    };
    match verify(&keys(config), &config.public_url, &signed) {
        Ok(()) => Ok(Form::parse(if is_get { request.query().as_bytes() } else { body })),
        Err(_) => Err(Unproven::Refused(HttpAnswer::empty(FORGED))),
    }
}

fn keys(config: &Config) -> TwilioKeys {
    let secrets = &config.secrets;
    let tokens = std::iter::once(&secrets.twilio_auth_token).chain(&secrets.twilio_auth_token_next);
    let shared = secrets.twilio_webhook_keys.iter();
    TwilioKeys {
        auth_tokens: tokens.map(|token| token.expose().to_owned()).collect(),
        shared_keys: shared.map(|(id, secret)| (id.clone(), secret.expose().to_owned())).collect(),
    }
}
