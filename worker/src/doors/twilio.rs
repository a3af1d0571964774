//! Twilio's doors. Proof comes first; what is malformed behind a good proof is counted and answered 2xx, so that it
//! makes no retry loop.

use hotline::config::{Config, Hotline, Sender};
use hotline::contact::Message;
use hotline::desk;
use hotline::effect::Told;
use hotline::form::Form;
use hotline::phone::{Channel, E164, Party};
use hotline::signature::twilio::{SignedRequest, TwilioKeys, verify};
use hotline::twilio::inbound::InboundText;
use hotline::twilio::status::Status;
use worker::{Context, Env, Response, Result};

use super::{LARGEST_BODY, Visit};
use crate::answer;
use crate::objects::letters;

/// Text in.
pub async fn text(visit: Visit, env: &Env, context: &Context, config: &Config) -> Result<Response> {
    let form = match proven(visit, config).await? {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal),
    };
    let Some((party, text)) = InboundText::read(&form) else {
        count(env, context, 0, "unreadable text");
        return answer::twiml(answer::NO_TWIML);
    };
    let Some(hotline) = hotline_of(config, &text) else {
        count(env, context, 0, "text to an unknown number");
        return answer::twiml(answer::NO_TWIML);
    };
    if blocked(hotline, &party) {
        count(env, context, hotline.mailbox, "text from a blocked number");
        return answer::twiml(answer::NO_TWIML);
    }
    match letters::to_contact(env, hotline.mailbox, &party.key(), Message::Text(text)).await {
        Told::Unreachable | Told::Later(_) => answer::empty(503),
        _ => answer::twiml(answer::NO_TWIML),
    }
}

/// A delivery state.
pub async fn status(visit: Visit, env: &Env, config: &Config) -> Result<Response> {
    let message = visit.query("m").unwrap_or_default();
    let mailbox = visit.query("h").and_then(|mailbox| mailbox.parse().ok());
    let form = match proven(visit, config).await? {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal),
    };
    let hotline = mailbox.and_then(|mailbox| config.by_mailbox(mailbox));
    let (_, party) = Party::parse(form.get("To").unwrap_or(""));
    let (Some(hotline), Some(status)) = (hotline, Status::read(&message, &form)) else { return answer::empty(204) };
    if message.is_empty() || !party.can_be_texted() {
        return answer::empty(204);
    }
    match letters::to_contact(env, hotline.mailbox, &party.key(), Message::Status(status)).await {
        Told::Unreachable => answer::empty(503),
        _ => answer::empty(204),
    }
}

/// The form of a request that is Twilio's, or the refusal.
async fn proven(mut visit: Visit, config: &Config) -> Result<std::result::Result<Form, Response>> {
    let signature = visit.header("x-twilio-signature");
    let settings = visit.header("x-twilio-webhooks-signature-settings");
    let content_type = visit.header("content-type");
    let Some(body) = visit.body(LARGEST_BODY).await? else { return Ok(Err(answer::empty(413)?)) };
    let request = SignedRequest {
        target: &visit.target,
        signature: signature.as_deref(),
        settings: settings.as_deref(),
        content_type: content_type.as_deref(),
        body: &body,
    };
    if verify(&keys(config), &config.public_url, &request).is_err() {
        return Ok(Err(answer::empty(403)?));
    }
    Ok(Ok(Form::parse(&body)))
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

fn blocked(hotline: &Hotline, party: &Party) -> bool {
    matches!(party, Party::Phone(number) if hotline.blocked.contains(number))
}

/// Counts something odd, beside the answer.
fn count(env: &Env, context: &Context, mailbox: u64, what: &str) {
    let (env, what) = (env.clone(), what.to_owned());
    context.wait_until(async move {
        letters::to_hotline(&env, mailbox, desk::Message::Count { what }).await;
    });
}
