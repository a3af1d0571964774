//! A message from a template: the hotline's object is asked what the template says, and then the message is sent.

use super::fields::fault;
use super::problem::Problems;
use super::progress::Progress;
use super::send_messages::{ATTEMPTS, SendMessages};
use super::template_fill::WantedTemplate;
use crate::config::Config;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::messages::directory;
use crate::messages::template::{StoredTemplate, TemplateRequest};

/// A request to send from a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SendTemplate {
    /// The template; `None` once it is found.
    wanted: Option<WantedTemplate>,
    /// The message, which says nothing before.
    send: Box<SendMessages>,
    request: String,
    attempts: usize,
}

impl SendTemplate {
    pub fn new(wanted: WantedTemplate, send: Box<SendMessages>) -> Self {
        Self { wanted: Some(wanted), send, request: String::new(), attempts: 0 }
    }

    pub fn begin(&mut self, request: &str) -> Progress {
        request.clone_into(&mut self.request);
        self.ask()
    }

    fn ask(&mut self) -> Progress {
        self.attempts += 1;
        match &self.wanted {
            Some(wanted) if self.attempts <= ATTEMPTS => {
                let read = TemplateRequest::Read { name: wanted.name.clone() };
                let message = ToObject::Directory(directory::Message::Template(Box::new(read)));
                Progress::Ask(vec![(self.send.mailbox(), message)])
            }
            _ => Progress::Unavailable,
        }
    }

    pub fn on_replies(&mut self, config: &Config, now: Millis, replies: Vec<ObjectReply>) -> Progress {
        let Some(wanted) = &self.wanted else { return self.send.on_replies(config, now, replies) };
        match replies.into_iter().next() {
            Some(ObjectReply::Template(stored)) => self.on_found(config, now, *stored),
            Some(ObjectReply::NotFound) => {
                let detail = format!("the hotline has no template {}", wanted.name);
                let faults = vec![fault("template.name", "template_unknown", detail)];
                Progress::Answer(Problems { config }.invalid(faults))
            }
            _ => self.ask(),
        }
    }

    fn on_found(&mut self, config: &Config, now: Millis, stored: StoredTemplate) -> Progress {
        let Some(wanted) = self.wanted.take() else { return Progress::Unavailable };
        let filled = wanted.fill(stored, self.send.has_media());
        let filled = filled.and_then(|filled| {
            let has_content = filled.template.wordings.iter().any(|wording| wording.whatsapp.is_some());
            if has_content && self.send.has_media_on_whatsapp() {
                let detail = "cannot be sent beside a Content SID, which has media of its own";
                return Err(vec![fault("media", "not_with_content", detail)]);
            }
            Ok(filled)
        });
        match filled {
            Ok(filled) => {
                self.send.say(filled);
                self.send.begin(config, now, &self.request)
            }
            Err(faults) => Progress::Answer(Problems { config }.invalid(faults)),
        }
    }
}
