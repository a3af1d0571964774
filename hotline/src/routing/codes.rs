//! Twilio's routes for calls that say a code: what is heard, and how the call went. What is said is made from the nonce in the address,
//! so no object is asked while somebody waits on the phone.

use super::called_party::Called;
use super::twilio::proven;
use super::{Decision, HttpAnswer, Request, Tell};
use crate::config::{Config, Hotline};
use crate::domain::phone::Party;
use crate::domain::spoken::{self, Sentence};
use crate::domain::verification_code::VerificationCode;
use crate::effects::ToObject;
use crate::form::Form;
use crate::messages::contact;
use crate::messages::verification::VerificationRequest;
use crate::twilio::twiml::Verb;

/// How often the code is said: who looks for a pen hears it again.
const SAID: usize = 2;

/// What somebody hears who is called.
pub(super) fn say(request: &Request, config: &Config) -> Decision {
    if let Err(unproven) = proven(request, config) {
        return unproven.into();
    }
    let query = Form::parse(request.query().as_bytes());
    let nonce = query.get("n").filter(|nonce| !nonce.is_empty());
    Decision::Answer(match (Called::by_mailbox(config, query.get("h")), nonce) {
        (Called::Hotline(hotline), Some(nonce)) => HttpAnswer::verbs(&said(config, hotline, nonce)),
        _ => HttpAnswer::no_twiml(),
    })
}

/// The code, digit by digit.
fn said(config: &Config, hotline: &Hotline, nonce: &str) -> Vec<Verb> {
    let code = VerificationCode::derive(config.secrets.session_secret.expose(), nonce);
    let digits: Vec<String> = code.as_str().chars().map(String::from).collect();
    // A voice reads digits in its language; words that are not in it are left out.
    let begins = spoken::sentence(hotline.voice.language.as_deref(), Sentence::SayCode).unwrap_or_default();
    let words = format!("{begins} {}.", digits.join(", "));
    vec![Verb::SayIn(hotline.voice.clone(), words.trim().to_owned()); SAID]
}

/// How far the call has come.
pub(super) fn status(request: &Request, config: &Config) -> Decision {
    let form = match proven(request, config) {
        Ok(form) => form,
        Err(unproven) => return unproven.into(),
    };
    let query = Form::parse(request.query().as_bytes());
    let number = query.get("v").and_then(|number| number.parse().ok());
    let send = query.get("s").and_then(|send| send.parse().ok());
    let (_, party) = Party::parse(form.get("To").unwrap_or(""));
    let nothing = HttpAnswer::empty(204);
    match (Called::by_mailbox(config, query.get("h")), number, send) {
        (Called::Hotline(hotline), Some(number), Some(send)) if party.can_be_texted() => {
            let status = form.get("CallStatus").unwrap_or_default().to_ascii_lowercase();
            let called = VerificationRequest::Called { number, send, status };
            let message = ToObject::Contact(party.key(), contact::Message::Verification(Box::new(called)));
            let not_stored = HttpAnswer::empty(503);
            Decision::Tell(Tell { messages: vec![(hotline.mailbox, message)], stored: nothing, not_stored })
        }
        _ => Decision::Answer(nothing),
    }
}
