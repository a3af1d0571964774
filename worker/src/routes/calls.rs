//! Twilio's routes for calls. A caller is on the line: when our own state cannot be reached, they still get an answer.

use hotline::call::{Message, Reception, counted_caller, without_state};
use hotline::config::{Config, Hotline, Sender};
use hotline::domain::phone::{E164, Party};
use hotline::effects::ObjectReply;
use hotline::form::Form;
use hotline::twilio::calls::{Facts, Stage};
use hotline::twilio::twiml::{Verb, document};
use hotline::{contact, directory};
use web_sys::Response;
use worker::Env;

use super::{IncomingRequest, twilio};
use crate::objects::requests::{self, ObjectRequest};
use crate::{answer, clock};

/// Who asked, about which call.
struct Asked<'a> {
    hotline: &'a Hotline,
    call: String,
    leg: Option<i64>,
    facts: Facts,
}

/// One of a call's requests.
pub async fn open(stage: Stage, incoming: &IncomingRequest, env: &Env, config: &Config) -> Response {
    let form = match twilio::proven(incoming, config).await {
        Ok(form) => form,
        Err(status) => return answer::empty(status),
    };
    let asked = match asked(stage, incoming, &form, config) {
        Ok(asked) => asked,
        Err(odd) => {
            let message = directory::Message::Count { what: odd.to_owned() };
            requests::tell(env, ObjectRequest::Hotline { mailbox: 0, message }).await;
            return nothing(stage);
        }
    };
    let Asked { hotline, call, leg, facts } = asked;
    let mailbox = hotline.mailbox;
    // A team phone's own words come from our number.
    if hotline.blocks(&Party::parse(&facts.from).1) {
        let message = directory::Message::Count { what: "call from a blocked number".to_owned() };
        if stage == Stage::Incoming {
            requests::tell(env, ObjectRequest::Hotline { mailbox, message }).await;
            return answer::twiml(&document(&[Verb::Reject]));
        }
        return nothing(stage);
    }
    let open = hotline.is_open(clock::now());
    let reception = reception(stage, &facts, mailbox, env).await;
    let message = Message::Twilio { stage, leg, facts: facts.clone(), open, reception };
    let reply = requests::tell(env, ObjectRequest::Call { mailbox, call: call.clone(), message }).await;
    match reply {
        ObjectReply::Says { body, .. } if stage.wants_twiml() => answer::twiml(&body),
        ObjectReply::Unreachable | ObjectReply::Later(_) if stage.wants_twiml() => {
            answer::twiml(&document(&without_state(stage, &facts, config, hotline, &call)))
        }
        // Twilio tells it again.
        ObjectReply::Unreachable | ObjectReply::Later(_) => answer::empty(503),
        _ => nothing(stage),
    }
}

/// What a caller meets who may have called before.
async fn reception(stage: Stage, facts: &Facts, mailbox: u64, env: &Env) -> Reception {
    let Some(contact) = counted_caller(stage, facts) else { return Reception::Usual };
    let message = contact::Message::CallComes { call: facts.sid.clone() };
    Reception::read(&requests::tell(env, ObjectRequest::Contact { mailbox, contact, message }).await)
}

/// Towards Twilio: nothing to do.
fn nothing(stage: Stage) -> Response {
    if stage.wants_twiml() { answer::twiml(&document(&[])) } else { answer::empty(204) }
}

/// Which call of which hotline; the first two requests of a call do not say it in their address.
fn asked<'a>(
    stage: Stage,
    incoming: &IncomingRequest,
    form: &Form,
    config: &'a Config,
) -> Result<Asked<'a>, &'static str> {
    let facts = Facts::read(form);
    let number = || E164::parse(&facts.to).and_then(|number| config.by_sender(Sender::Number(&number)));
    let first = matches!(stage, Stage::Incoming | Stage::Over);
    let by_address = || config.by_mailbox(incoming.query("h")?.parse().ok()?);
    let hotline = if first { number() } else { by_address() };
    let hotline = hotline.ok_or(if stage == Stage::Incoming {
        "call to an unknown number"
    } else {
        "word of a call to an unknown number"
    })?;
    let call = if first { facts.sid.clone() } else { incoming.query("c").unwrap_or_default() };
    if call.is_empty() || call.len() > LONGEST_ID {
        return Err("unreadable call");
    }
    let leg = incoming.query("l").and_then(|leg| leg.parse().ok());
    Ok(Asked { hotline, call, leg, facts })
}

/// A `CallSid` has 34 characters, a UUID 36.
const LONGEST_ID: usize = 64;
