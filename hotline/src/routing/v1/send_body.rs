//! Reads the body of a request to send: all that is wrong is named at once.

use protocol::v1::Class;

use super::Asked;
use super::fields::{self, Errors, Fields};
use super::recipients::{recipients, sorted_out};
use super::send_messages::SendMessages;
use super::template_fill::WantedTemplate;
use super::via;
use crate::domain::phone::Channel;
use crate::effects::Millis;
use crate::messages::program::{InConversation, ProgramMessage};
use crate::routing::HttpAnswer;
use crate::twilio::request::LONGEST_BODY;

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

/// A request to send, and the template that it has no words without.
pub(super) type ToSend = (Box<SendMessages>, Option<WantedTemplate>);

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
        let via = via::read(fields);
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
        let via = via?;
        let message = ProgramMessage {
            request: String::new(),
            program: self.key.id.clone(),
            to: String::new(),
            class: class?,
            channel: via.first().map_or(Channel::Sms, |step| step.channel),
            via: if via.len() > 1 { via } else { Vec::new() },
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
        let send = SendMessages::new(mailbox, message, dry_run, is_list, sorted_out(to));
        Some((Box::new(send), template))
    }
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
