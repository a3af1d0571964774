//! `/v1/messages`: send to one person or to a thousand, and look at one message.

use std::collections::BTreeSet;

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
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::json;
use crate::messages::contact;
use crate::messages::program::{InConversation, ProgramMessage, ProgramRequest};
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
    attempts: usize,
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
    /// The item, and whether it was there before.
    item: Option<(Message, bool)>,
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
        let class = class(fields);
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
            reference,
            tags,
            conversation,
            template: None,
        };
        let recipients = sorted_out(to);
        let send = SendMessages { mailbox, message, template: None, dry_run, is_list, recipients, attempts: 0 };
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
        Recipient { to, key, item: None }
    };
    to.into_iter().map(sort).collect()
}

fn class(fields: &mut Fields) -> Option<Class> {
    const WORDS: [(&str, Class); 3] =
        [("alert", Class::Alert), ("service", Class::Service), ("promotion", Class::Promotion)];
    let value = fields.required("class")?;
    let found = WORDS.iter().find(|(word, _)| value == *word).map(|(_, class)| *class);
    if found.is_none() {
        fields.error("class", "unknown_word", "must be one of alert, service, promotion");
    }
    found
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
                recipient.item = Some((item, false));
            }
        }
        self.go_on()
    }

    pub(super) fn on_replies(&mut self, _: &Config, _: Millis, replies: Vec<ObjectReply>) -> Progress {
        let waiting = self.recipients.iter_mut().filter(|recipient| recipient.item.is_none());
        for (recipient, reply) in waiting.zip(replies) {
            if let ObjectReply::ProgramMessage { item, existed } = reply {
                recipient.item = Some((*item, existed));
            }
        }
        self.go_on()
    }

    /// Asks whoever has not answered, or answers.
    fn go_on(&mut self) -> Progress {
        let waiting = self.recipients.iter().filter(|recipient| recipient.item.is_none());
        let messages: Vec<_> =
            waiting.filter_map(|recipient| Some(self.to(recipient, recipient.key.as_ref().ok()?))).collect();
        if messages.is_empty() {
            return Progress::Answer(self.answer());
        }
        self.attempts += 1;
        if self.attempts > ATTEMPTS { Progress::Unavailable } else { Progress::Ask(messages) }
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
        let message = ProgramMessage { to: recipient.to.clone(), ..self.message.clone() };
        let template = self.template.clone();
        let send = ProgramRequest::Send { message: Box::new(message), dry_run: self.dry_run, template };
        (self.mailbox, ToObject::Contact(key.to_owned(), contact::Message::Program(Box::new(send))))
    }

    /// 202, or 200 when all of it was there before.
    fn answer(&self) -> HttpAnswer {
        let items: Vec<&(Message, bool)> = self.recipients.iter().filter_map(|it| it.item.as_ref()).collect();
        let status = if items.iter().all(|(_, existed)| *existed) { 200 } else { 202 };
        let body = match items.as_slice() {
            [(item, _)] if !self.is_list => json::written(item),
            items => json!({ "data": items.iter().map(|(item, _)| item).collect::<Vec<_>>() }).to_string(),
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
            Some(ObjectReply::ProgramMessage { item, .. }) => json(json::written(&item)),
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
