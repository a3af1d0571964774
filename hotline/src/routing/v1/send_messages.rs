//! `POST /v1/messages`: a message to one person or to a thousand, from the name that its program gives it to the answer.

use std::collections::BTreeMap;

use serde_json::json;

use super::problem::{self, Problems};
use super::progress::Progress;
use super::recipients::{Recipient, not_asked};
use crate::config::Config;
use crate::domain::phone::Channel;
use crate::domain::template::Filled;
use crate::domain::text::segments;
use crate::domain::unsent_id::UnsentPlace;
use crate::effects::{Millis, ObjectReply, RateLimiterName, ToObject};
use crate::json;
use crate::messages::audience::{self, Indexed, part_of};
use crate::messages::contact;
use crate::messages::program::{ProgramMessage, ProgramRequest, priority};
use crate::messages::rate_limiter::Spread;
use crate::routing::HttpAnswer;

/// Up to so many recipients take their turns as they come.
const SENT_AT_ONCE: usize = 10;

/// How often an object that cannot be reached is told.
pub(super) const ATTEMPTS: usize = 3;

/// A request to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SendMessages {
    mailbox: u64,
    /// The message, to nobody yet.
    message: ProgramMessage,
    /// What it is made from.
    template: Option<Box<Filled>>,
    dry_run: bool,
    /// Whether the answer is a list.
    is_list: bool,
    recipients: Vec<Recipient>,
    stage: Stage,
    attempts: usize,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Whose its name is, is asked.
    Claiming,
    /// The message of somebody else that has its name is asked for.
    FindingClaimed,
    /// When its messages take their turns, is asked.
    Spreading,
    /// The people's objects are told.
    Telling,
    /// Where programs ask for many messages, is told of these.
    Indexing,
}

impl SendMessages {
    /// A request whose template, if it has one, is not known yet.
    pub(super) fn new(
        mailbox: u64,
        message: ProgramMessage,
        dry_run: bool,
        is_list: bool,
        recipients: Vec<Recipient>,
    ) -> Self {
        Self { mailbox, message, template: None, dry_run, is_list, recipients, stage: Stage::Claiming, attempts: 0 }
    }

    pub(super) fn begin(&mut self, config: &Config, now: Millis, request: &str) -> Progress {
        request.clone_into(&mut self.message.request);
        let part = part_of(request);
        for (at, recipient) in self.recipients.iter_mut().enumerate() {
            if let Err(reason) = recipient.key {
                let id = (!self.dry_run).then(|| UnsentPlace::id(self.mailbox, part, request, at));
                let nobody = not_asked(config, self.mailbox, &self.message, (&recipient.to, id), reason, now);
                recipient.answer = Some((nobody, false));
            }
        }
        self.claim_reference(config)
    }

    /// The name of a message to one person is unique within the hotline.
    fn claim_reference(&mut self, config: &Config) -> Progress {
        self.stage = Stage::Claiming;
        match (&self.message.reference, self.recipients.as_slice()) {
            (Some(reference), [Recipient { key: Ok(person), .. }]) if !self.is_list && !self.dry_run => {
                let claim = audience::Message::Claim { reference: reference.clone(), person: person.clone() };
                Progress::Ask(vec![(self.mailbox, ToObject::Audience(part_of(reference), claim))])
            }
            _ => self.spread_list(config),
        }
    }

    fn spread_list(&mut self, config: &Config) -> Progress {
        self.stage = Stage::Spreading;
        let asked = self.recipients.iter().filter(|recipient| recipient.key.is_ok()).count();
        match self.sender(config) {
            Some(sender) if asked > SENT_AT_ONCE && !self.dry_run => {
                Progress::Ask(vec![(self.mailbox, ToObject::Spread(sender, self.spread(asked)))])
            }
            _ => self.tell_people(),
        }
    }

    /// The sender by whose rate a list is spread: any other one of the hotline has the same.
    fn sender(&self, config: &Config) -> Option<RateLimiterName> {
        let hotline = config.by_mailbox(self.mailbox)?;
        let number = hotline.numbers.first().map(|number| number.as_str().to_owned());
        let sender = match self.message.channel {
            Channel::WhatsApp => format!("whatsapp:{}", hotline.whatsapp.as_ref()?),
            Channel::Sms => hotline.messaging_service.as_ref().map(|service| service.as_str().to_owned()).or(number)?,
        };
        Some(RateLimiterName::Sender { sender, per_second: hotline.sends_per_second })
    }

    fn spread(&self, asked: usize) -> Spread {
        let cost = self.segments() * i64::try_from(asked).unwrap_or(i64::MAX);
        Spread { priority: priority(self.message.class), cost, not_before: self.message.send_at }
    }

    fn segments(&self) -> i64 {
        i64::try_from(segments::count(&self.message.body).segments).unwrap_or(1)
    }

    /// Each takes their turn after the one before.
    fn take_turns(&mut self, config: &Config, from: Millis) {
        let per_second = config.by_mailbox(self.mailbox).map_or(1, |hotline| hotline.sends_per_second.max(1));
        let each = self.segments() * 1_000 / i64::from(per_second);
        for (recipient, at) in self.recipients.iter_mut().filter(|it| it.key.is_ok()).zip(0..) {
            recipient.turn_at = Some(from + at * each);
        }
    }

    pub(super) fn on_replies(&mut self, config: &Config, now: Millis, replies: Vec<ObjectReply>) -> Progress {
        match self.stage {
            Stage::Claiming => self.on_claimed(config, replies),
            Stage::FindingClaimed => self.on_claimed_found(config, replies),
            Stage::Spreading => {
                let from = if let Some(ObjectReply::SpreadFrom(from)) = replies.first() { *from } else { now };
                self.take_turns(config, from);
                self.tell_people()
            }
            Stage::Telling => {
                let waiting = self.recipients.iter_mut().filter(|recipient| recipient.answer.is_none());
                for (recipient, reply) in waiting.zip(replies) {
                    if let ObjectReply::ProgramMessage { message, existed } = reply {
                        recipient.answer = Some((*message, existed));
                    }
                }
                self.tell_people()
            }
            // What could not be told now, each person's object tells within seconds.
            Stage::Indexing => Progress::Answer(self.answer()),
        }
    }

    fn on_claimed(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let Some(ObjectReply::Claimed { person }) = replies.into_iter().next() else { return Progress::Unavailable };
        let is_own = self.recipients.iter().all(|recipient| recipient.key.as_ref() == Ok(&person));
        match &self.message.reference {
            Some(reference) if !is_own => {
                self.stage = Stage::FindingClaimed;
                let find = ProgramRequest::OfReference { reference: reference.clone() };
                let message = contact::Message::Program(Box::new(find));
                Progress::Ask(vec![(self.mailbox, ToObject::Contact(person, message))])
            }
            _ => self.spread_list(config),
        }
    }

    fn on_claimed_found(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        match replies.into_iter().next() {
            Some(ObjectReply::ProgramMessage { message, .. }) => {
                Progress::Answer(HttpAnswer::json(200, json::written(&message.item)))
            }
            Some(ObjectReply::NotFound) => {
                let detail = "Another request with this reference, to another number, has not come to its end.";
                let refusal = Problems { config }.answer(problem::STILL_RUNNING, detail);
                Progress::Answer(refusal.with("retry-after", "1"))
            }
            _ => Progress::Unavailable,
        }
    }

    /// Tells whoever has not answered; then the answers are told to where programs ask for many.
    fn tell_people(&mut self) -> Progress {
        self.stage = Stage::Telling;
        let waiting = self.recipients.iter().filter(|recipient| recipient.answer.is_none());
        let messages: Vec<_> =
            waiting.filter_map(|recipient| Some(self.to(recipient, recipient.key.as_ref().ok()?))).collect();
        if messages.is_empty() {
            return self.index();
        }
        self.attempts += 1;
        if self.attempts > ATTEMPTS { Progress::Unavailable } else { Progress::Ask(messages) }
    }

    fn index(&mut self) -> Progress {
        self.stage = Stage::Indexing;
        let mut parts: BTreeMap<u8, Vec<Indexed>> = BTreeMap::new();
        for (message, existed) in self.recipients.iter().filter_map(|recipient| recipient.answer.as_ref()) {
            if message.item.id.is_some() && !existed {
                let key = if message.person.is_empty() { &self.message.request } else { &message.person };
                parts.entry(part_of(key)).or_default().push(message.clone());
            }
        }
        if parts.is_empty() {
            return Progress::Answer(self.answer());
        }
        let tell = |(part, messages)| (self.mailbox, ToObject::Audience(part, audience::Message::Index { messages }));
        Progress::Ask(parts.into_iter().map(tell).collect())
    }

    /// It says what this template says.
    pub(super) fn say(&mut self, template: Filled) {
        self.message.say(&template, None);
        self.template = Some(Box::new(template));
    }

    /// The hotline's inbox.
    pub(super) fn mailbox(&self) -> u64 {
        self.mailbox
    }

    /// Whether it has media, and travels by WhatsApp.
    pub(super) fn has_media_on_whatsapp(&self) -> bool {
        self.has_media() && self.message.goes_by(Channel::WhatsApp)
    }

    pub(super) fn has_media(&self) -> bool {
        !self.message.media.is_empty()
    }

    fn to(&self, recipient: &Recipient, key: &str) -> (u64, ToObject) {
        let message = ProgramMessage { to: recipient.to.clone(), turn_at: recipient.turn_at, ..self.message.clone() };
        let template = self.template.clone();
        let send = ProgramRequest::Send { message: Box::new(message), dry_run: self.dry_run, template };
        (self.mailbox, ToObject::Contact(key.to_owned(), contact::Message::Program(Box::new(send))))
    }

    /// 202, or 200 when all of it was there before.
    fn answer(&self) -> HttpAnswer {
        let answers: Vec<&(Indexed, bool)> = self.recipients.iter().filter_map(|it| it.answer.as_ref()).collect();
        let status = if answers.iter().all(|(_, existed)| *existed) { 200 } else { 202 };
        let body = match answers.as_slice() {
            [(message, _)] if !self.is_list => json::written(&message.item),
            all => json!({ "data": all.iter().map(|(message, _)| &message.item).collect::<Vec<_>>() }).to_string(),
        };
        HttpAnswer::json(status, body)
    }
}
