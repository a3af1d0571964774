//! Twilio's routes for calls. A caller is on the line: when our own state cannot be reached, they still get an answer.

use super::called_party::{self, Called};
use super::counts::{NO_HOTLINE, counted};
use super::twilio::proven;
use super::{Decision, HttpAnswer, Request, is_stored};
use crate::config::{Config, Hotline};
use crate::domain::phone::Party;
use crate::effects::{ObjectReply, ToObject};
use crate::form::Form;
use crate::messages::call::{self, Reception};
use crate::messages::request::ReceiveCall;
use crate::twilio::calls::{Facts, Stage};
use crate::twilio::twiml::Verb;
use crate::twilio::voicemail::without_state;

/// A `CallSid` has 34 characters, a UUID 36.
const LONGEST_ID: usize = 64;

/// A call's object says what comes next in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRequest {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The call: the caller's `CallSid`, or the id that the agent's sidebar made.
    pub call: String,
    /// Whether the hotline is open now.
    pub open: bool,
    stage: Stage,
    leg: Option<i64>,
    facts: Facts,
}

impl CallRequest {
    /// What is asked first: the caller's object counts who calls again and again.
    pub fn caller(&self) -> Option<ReceiveCall> {
        let contact = counted_caller(self.stage, &self.facts)?;
        Some(ReceiveCall { contact, call: self.facts.sid.clone(), from: self.facts.from.trim().to_owned() })
    }

    /// What the call's object is told.
    pub fn message(&self, reception: Reception) -> ToObject {
        let (stage, leg, facts, open) = (self.stage, self.leg, self.facts.clone(), self.open);
        ToObject::Call(self.call.clone(), call::Message::Twilio { stage, leg, facts, open, reception })
    }

    /// What Twilio is answered once the call's object has replied.
    pub fn answer(&self, reply: ObjectReply, config: &Config) -> HttpAnswer {
        match reply {
            ObjectReply::Twiml(document) if self.stage.wants_twiml() => HttpAnswer::twiml(document),
            reply if is_stored(&reply) => nothing(self.stage),
            _ if self.stage.wants_twiml() => match config.by_mailbox(self.mailbox) {
                Some(hotline) => {
                    HttpAnswer::verbs(&without_state(self.stage, &self.facts, config, hotline, &self.call))
                }
                None => nothing(self.stage),
            },
            // Twilio tells it again.
            _ => HttpAnswer::empty(503),
        }
    }
}

/// Whose object is asked before a call is received: the key of who calls. Those who withhold their number are many, and
/// are not counted together.
fn counted_caller(stage: Stage, facts: &Facts) -> Option<String> {
    let caller = (stage == Stage::Incoming).then(|| Party::parse(&facts.from).1)?;
    matches!(caller, Party::Phone(_)).then(|| caller.key())
}

/// One of a call's requests.
pub(super) fn decide(stage: Stage, request: &Request, config: &Config) -> Decision {
    let form = match proven(request, config) {
        Ok(form) => form,
        Err(unproven) => return unproven.into(),
    };
    let (hotline, call) = match find(stage, request, &form, config) {
        Ok(found) => found,
        Err(decision) => return *decision,
    };
    let caller = Party::parse(&call.facts.from).1;
    // What a phone of the team tells of its own call comes from our number too: only a call that comes in is turned away.
    if matches!(stage, Stage::Incoming | Stage::Over) && caller.phone().is_some_and(|number| config.is_own(number)) {
        return match stage {
            Stage::Incoming => {
                counted(hotline.mailbox, "call from a hotline's own number", HttpAnswer::verbs(&[Verb::Reject]))
            }
            _ => Decision::Answer(nothing(stage)),
        };
    }
    if hotline.blocks(&caller) {
        return match stage {
            Stage::Incoming => {
                counted(hotline.mailbox, "call from a blocked number", HttpAnswer::verbs(&[Verb::Reject]))
            }
            _ => Decision::Answer(nothing(stage)),
        };
    }
    Decision::Call(call)
}

/// Which call of which hotline; the first two requests of a call do not say it in their address. Otherwise what is done.
fn find<'a>(
    stage: Stage,
    request: &Request,
    form: &Form,
    config: &'a Config,
) -> Result<(&'a Hotline, CallRequest), Box<Decision>> {
    let (facts, query) = (Facts::read(form), Form::parse(request.query().as_bytes()));
    let is_first = matches!(stage, Stage::Incoming | Stage::Over);
    let called = if is_first {
        let (channel, party) = Party::parse(&facts.to);
        Called::find(config, channel, party.phone(), None)
    } else {
        Called::by_mailbox(config, query.get("h"))
    };
    let call = if is_first { facts.sid.clone() } else { query.get("c").unwrap_or_default().to_owned() };
    let hotline = match called {
        Called::Hotline(hotline) => hotline,
        Called::Refused(refused) => {
            return Err(called_party::call_refused(config, refused, stage, &facts, &call).into());
        }
        Called::Nobody if is_first && config.may_be_refused() => {
            return Err(called_party::call_perhaps_refused(stage).into());
        }
        Called::Nobody if stage == Stage::Incoming => return Err(odd(stage, "call to an unknown number").into()),
        Called::Nobody => return Err(odd(stage, "word of a call to an unknown number").into()),
    };
    if call.is_empty() || call.len() > LONGEST_ID {
        return Err(odd(stage, "unreadable call").into());
    }
    let leg = query.get("l").and_then(|leg| leg.parse().ok());
    let open = hotline.is_open(request.now);
    Ok((hotline, CallRequest { mailbox: hotline.mailbox, call, open, stage, leg, facts }))
}

/// What means nothing to us, behind a good proof.
fn odd(stage: Stage, what: &str) -> Decision {
    counted(NO_HOTLINE, what, nothing(stage))
}

/// Towards Twilio: nothing to do.
fn nothing(stage: Stage) -> HttpAnswer {
    if stage.wants_twiml() { HttpAnswer::no_twiml() } else { HttpAnswer::empty(204) }
}
