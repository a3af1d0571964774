//! `/v1/messages`: send to one person or to a thousand, and look at one message.

use std::collections::{BTreeMap, BTreeSet};

use protocol::v1::{Canceled, Class, Decision, Message, MessageStatus, Outcome};
use serde_json::{Value, json};

use super::Asked;
use super::fields::{self, Errors, Fields};
use super::problem::{self, Problems};
use super::progress::Progress;
use super::template_fill::WantedTemplate;
use crate::config::Config;
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::{Channel, E164, Party};
use crate::domain::template::Filled;
use crate::domain::text::segments;
use crate::domain::time::timestamp;
use crate::effects::{Millis, ObjectReply, RateLimiterName, ToObject};
use crate::json;
use crate::messages::audience::{self, Indexed, part_of};
use crate::messages::contact;
use crate::messages::program::{InConversation, ProgramMessage, ProgramRequest, priority};
use crate::messages::rate_limiter::Spread;
use crate::routing::HttpAnswer;
use crate::twilio::request::LONGEST_BODY;

/// The most recipients of one request.
const MOST_RECIPIENTS: usize = 1_000;

/// The most recipients whose conversations get a note at once: each is two writes of Help Scout's minute.
const MOST_NOTED: usize = 10;

/// The most media of one message (Twilio, Message resource: MediaUrl).
const MOST_MEDIA: usize = 10;

/// The longest address of a medium: what browsers and caches take.
const LONGEST_ADDRESS: usize = 2_048;

const MOST_TAGS: usize = 10;
const LONGEST_TAG: usize = 64;
const LONGEST_REFERENCE: usize = 255;

/// How far ahead a message may be sent: as far as Twilio's own scheduling reaches (Twilio, Message scheduling: 35 days).
const FARTHEST: Millis = 35 * 86_400_000;

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
/// A request to send, and the template that it has no words without.
pub(super) type ToSend = (Box<SendMessages>, Option<WantedTemplate>);

/// One for whom it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recipient {
    /// As the request has it.
    to: String,
    /// The person's key; or why nobody is asked.
    key: Result<String, NotAsked>,
    /// When their turn comes; `None` at once.
    turn_at: Option<Millis>,
    /// The message, and whether it was there before.
    answer: Option<(Indexed, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotAsked {
    NoNumber,
    Duplicate,
}

impl NotAsked {
    fn rule(self) -> &'static str {
        match self {
            Self::NoNumber => "number_invalid",
            Self::Duplicate => "duplicate",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::NoNumber => "This is no phone number. Write it in E.164, with its country: +15550100123.",
            Self::Duplicate => "This number stands in the list before, and gets the message once.",
        }
    }
}

impl Asked<'_> {
    /// Reads a request to send.
    pub(super) fn send_messages(&self) -> Result<ToSend, HttpAnswer> {
        let errors = Errors::default();
        let body = self.body()?;
        let Some(object) = fields::object(body, &errors) else { return Err(self.invalid(errors)) };
        let mut fields = Fields::new(object, &errors);
        let hotline = fields.required_text("hotline", 1..=LONGEST_TAG);
        let hotline = hotline.map(|name| self.hotline(&name)).transpose()?;
        let send = self.read_send(&mut fields, hotline.map_or(0, |hotline| hotline.mailbox));
        fields.finish();
        errors.check(send).map_err(|errors| self.problems().invalid(errors))
    }

    pub(super) fn invalid(&self, errors: Errors) -> HttpAnswer {
        self.problems().invalid(errors.check(None::<()>).err().unwrap_or_default())
    }

    fn read_send(&self, fields: &mut Fields, mailbox: u64) -> Option<ToSend> {
        let to = recipients(fields);
        let class = fields.required_word("class", &Class::ALL.map(|class| (class.as_str(), class)));
        let channel = channel(fields);
        let media = media(fields);
        let says = says(fields, media.is_empty());
        let (send_at, expires_at) = times(fields, self.request.now);
        let reference = fields.text("reference", 1..=LONGEST_REFERENCE);
        let tags = fields.texts("tags", MOST_TAGS, 1..=LONGEST_TAG).unwrap_or_default();
        let dry_run = fields.flag("dry_run").unwrap_or_default();
        let conversation = conversation(fields, to.as_ref().map_or(0, |(to, _)| to.len()));
        let (to, is_list) = to?;
        let (body, template) = match says? {
            Says::Body(body) => (body, None),
            Says::Template(template) => (String::new(), Some(template)),
        };
        let message = ProgramMessage {
            request: String::new(),
            program: self.key.id.clone(),
            to: String::new(),
            class: class?,
            channel: channel?,
            body,
            media,
            send_at,
            expires_at,
            turn_at: None,
            reference,
            tags,
            conversation,
            template: None,
        };
        let send = SendMessages {
            mailbox,
            message,
            template: None,
            dry_run,
            is_list,
            recipients: sorted_out(to),
            stage: Stage::Claiming,
            attempts: 0,
        };
        Some((Box::new(send), template))
    }
}

/// The recipients, and whether they came as a list.
fn recipients(fields: &mut Fields) -> Option<(Vec<String>, bool)> {
    match fields.required("to")? {
        Value::String(to) => Some((vec![to], false)),
        Value::Array(items) if items.is_empty() => {
            fields.error("to", "empty", "must name at least one number");
            None
        }
        Value::Array(items) if items.len() > MOST_RECIPIENTS => {
            let detail = format!("has {} numbers; at most {MOST_RECIPIENTS} are allowed", items.len());
            fields.error("to", "too_many", detail);
            None
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for (at, item) in items.into_iter().enumerate() {
                match fields::into_text(item) {
                    Some(to) => all.push(to),
                    None => fields.error(&format!("to.{at}"), "wrong_type", "must be a text"),
                }
            }
            Some((all, true))
        }
        _ => {
            fields.error("to", "wrong_type", "must be a number as a text, or a list of them");
            None
        }
    }
}

/// Who is asked, and who is not.
fn sorted_out(to: Vec<String>) -> Vec<Recipient> {
    let mut seen = BTreeSet::new();
    let sort = |to: String| {
        let number = E164::parse(&to).map(|number| Party::Phone(number.canonical()).key());
        let key = number.ok_or(NotAsked::NoNumber);
        let key = key.and_then(|key| if seen.insert(key.clone()) { Ok(key) } else { Err(NotAsked::Duplicate) });
        Recipient { to, key, turn_at: None, answer: None }
    };
    to.into_iter().map(sort).collect()
}

/// The channel: a text, unless `via` names another.
fn channel(fields: &mut Fields) -> Option<Channel> {
    let Some(via) = fields.take("via") else { return Some(Channel::Sms) };
    let channel = match &via {
        Value::Array(steps) if steps.len() == 1 => {
            steps.first().and_then(|step| match step.as_object()?.get("channel")?.as_str()? {
                "sms" => Some(Channel::Sms),
                "whatsapp" => Some(Channel::WhatsApp),
                _ => None,
            })
        }
        _ => None,
    };
    if channel.is_none() {
        fields.error("via", "not_supported", "must be a list of one channel: [{\"channel\":\"sms\"}] or whatsapp");
    }
    channel
}

fn media(fields: &mut Fields) -> Vec<String> {
    let media = fields.texts("media", MOST_MEDIA, 1..=LONGEST_ADDRESS).unwrap_or_default();
    for (at, address) in media.iter().enumerate() {
        let is_good = address.starts_with("https://") && address.len() > "https://".len();
        if !is_good || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
            let detail = "must be an address that begins with https://, without blanks";
            fields.error(&format!("media.{at}"), "not_an_address", detail);
        }
    }
    media
}

/// What a message says.
enum Says {
    Body(String),
    Template(WantedTemplate),
}

fn says(fields: &mut Fields, is_required: bool) -> Option<Says> {
    let has_template = fields.has("template");
    let template = fields.inner("template");
    if !has_template {
        return body(fields, is_required).map(Says::Body);
    }
    if fields.take("body").is_some() {
        fields.error("body", "not_with_template", "must not be there beside template");
    }
    template.and_then(WantedTemplate::read_named).map(Says::Template)
}

fn body(fields: &mut Fields, is_required: bool) -> Option<String> {
    let body = if is_required {
        fields.required_text("body", 1..=LONGEST_BODY)
    } else {
        Some(fields.text("body", 0..=LONGEST_BODY).unwrap_or_default())
    };
    // Twilio's calculator, and so our count, takes CR LF for two characters outside of GSM-7.
    let body = body?.replace("\r\n", "\n");
    if is_required && body.trim().is_empty() {
        fields.error("body", "empty", "must not be blank");
        return None;
    }
    Some(body)
}

fn times(fields: &mut Fields, now: Millis) -> (Option<Millis>, Option<Millis>) {
    let (send_at, expires_at) = (fields.instant("send_at"), fields.instant("expires_at"));
    if send_at.is_some_and(|at| at > now + FARTHEST) {
        fields.error("send_at", "too_far", "must be within 35 days");
    }
    if let (Some(send_at), Some(expires_at)) = (send_at, expires_at)
        && expires_at <= send_at
    {
        fields.error("expires_at", "too_early", "must be after send_at");
    }
    (send_at, expires_at)
}

fn conversation(fields: &mut Fields, recipients: usize) -> InConversation {
    const WORDS: [(&str, InConversation); 3] =
        [("on_reply", InConversation::OnReply), ("note", InConversation::Note), ("none", InConversation::None)];
    let conversation = fields.word("conversation", &WORDS).unwrap_or_default();
    if conversation == InConversation::Note && recipients > MOST_NOTED {
        let detail = format!("note is for at most {MOST_NOTED} recipients; use on_reply or none");
        fields.error("conversation", "too_many", detail);
    }
    conversation
}

impl SendMessages {
    pub(super) fn begin(&mut self, config: &Config, now: Millis, request: &str) -> Progress {
        request.clone_into(&mut self.message.request);
        for recipient in &mut self.recipients {
            if let Err(reason) = recipient.key {
                let item = not_asked(config, self.mailbox, &self.message, &recipient.to, reason, now);
                let nobody = Indexed { person: String::new(), at: now, known_at: now, look_at: None, item };
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
                parts.entry(part_of(&message.person)).or_default().push(message.clone());
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
        self.has_media() && self.message.channel == Channel::WhatsApp
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

/// The item of a recipient who is not asked. Nothing is stored of it.
fn not_asked(
    config: &Config,
    mailbox: u64,
    message: &ProgramMessage,
    to: &str,
    reason: NotAsked,
    now: Millis,
) -> Message {
    let decision = Decision {
        outcome: Outcome::Refuse,
        rule: Some(reason.rule().to_owned()),
        detail: reason.detail().to_owned(),
        until: None,
    };
    let counted = segments::count(&message.body);
    Message {
        id: None,
        status: MessageStatus::Refused,
        decision,
        hotline: config.by_mailbox(mailbox).map_or_else(String::new, |hotline| hotline.api_name().to_owned()),
        to: to.to_owned(),
        class: message.class,
        channel: message.channel.as_str().to_owned(),
        sender: None,
        body: message.body.clone(),
        media: message.media.clone(),
        segments: u32::try_from(counted.segments).unwrap_or(u32::MAX),
        encoding: counted.encoding.into(),
        reference: message.reference.clone(),
        tags: message.tags.clone(),
        send_at: message.send_at.map(timestamp),
        expires_at: message.expires_at.map(timestamp),
        parts: Vec::new(),
        error: None,
        program: message.program.clone(),
        created_at: timestamp(now),
        template: message.template_use(),
    }
}

/// A look at one message, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneMessage {
    place: MessagePlace,
    about: About,
}

/// What is asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Item,
    Why,
    Cancel,
}

impl Asked<'_> {
    /// Finds where the message of an id is; one of another hotline is not found.
    pub(super) fn one_message(&self, id: &str, about: About) -> Result<OneMessage, HttpAnswer> {
        let place = MessagePlace::of_id(&self.config.secrets.twilio_account_sid, id);
        let is_theirs = |place: &MessagePlace| {
            let hotline = self.config.by_mailbox(place.mailbox);
            hotline.is_some_and(|hotline| self.key.hotlines.iter().any(|own| own == hotline.api_name()))
        };
        let place = place.filter(is_theirs).ok_or_else(|| self.not_found())?;
        Ok(OneMessage { place, about })
    }
}

impl OneMessage {
    pub(super) fn begin(&self) -> Progress {
        let number = self.place.number;
        let request = match self.about {
            About::Item => ProgramRequest::Read { number },
            About::Why => ProgramRequest::Why { number },
            About::Cancel => ProgramRequest::Cancel { number },
        };
        let person = Party::Phone(self.place.person.clone()).key();
        let message = ToObject::Contact(person, contact::Message::Program(Box::new(request)));
        Progress::Ask(vec![(self.place.mailbox, message)])
    }

    pub(super) fn on_reply(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let json = |body| Progress::Answer(HttpAnswer::json(200, body));
        match replies.into_iter().next() {
            Some(ObjectReply::ProgramMessage { message, .. }) => json(json::written(&message.item)),
            Some(ObjectReply::Why(why)) => json(json::written(&why)),
            Some(ObjectReply::Canceled(canceled)) => json(json::written(&Canceled { canceled })),
            Some(ObjectReply::NotFound) => {
                let detail = "There is no message of this id.";
                Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, detail))
            }
            _ => Progress::Unavailable,
        }
    }
}
