//! `/v1/templates/{name}`: store, read, delete and preview a template of a hotline.

use protocol::v1::{
    Deleted, InOrder, Preview, Template as Shown, TemplateField, TemplateUse, TemplateWording, WhatsappContent,
};

use super::Asked;
use super::fields::{self, Errors, Fields};
use super::problem::{self, Problems};
use super::progress::Progress;
use super::template_body;
use super::template_fill::WantedTemplate;
use crate::config::Config;
use crate::domain::phone::Channel;
use crate::domain::template::{Field, Template, UsedTemplate, Wording, is_name};
use crate::domain::text::segments;
use crate::domain::time::timestamp;
use crate::effects::{ObjectReply, ToObject};
use crate::json;
use crate::messages::directory;
use crate::messages::template::{StoredTemplate, TemplateRequest};
use crate::routing::HttpAnswer;

/// A request about one template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneTemplate {
    mailbox: u64,
    name: String,
    about: About,
}

/// What is asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    Item,
    Put(Template),
    End,
    Preview(WantedTemplate),
}

impl Asked<'_> {
    /// A request about a template that is there; what cannot be a name is none of one.
    pub(super) fn one_template(&self, name: &str, about: About) -> Result<Box<OneTemplate>, HttpAnswer> {
        let hotline = self.hotline_alone()?;
        if !is_name(name) {
            return Err(self.not_found());
        }
        Ok(Box::new(OneTemplate { mailbox: hotline.mailbox, name: name.to_owned(), about }))
    }

    /// Reads a template that is to be stored.
    pub(super) fn put_template(&self, name: &str) -> Result<Box<OneTemplate>, HttpAnswer> {
        self.hotline_alone()?;
        let errors = Errors::default();
        let body = self.body()?;
        if !is_name(name) {
            errors.add("name", "not_a_name", "must be 1 to 64 small letters, digits, _ and -");
        }
        let Some(object) = fields::object(body, &errors) else { return Err(self.invalid(errors)) };
        let template = template_body::template(body, Fields::new(object, &errors));
        let template = errors.check(template).map_err(|errors| self.problems().invalid(errors))?;
        self.one_template(name, About::Put(template))
    }

    /// Reads what a template is to be shown with.
    pub(super) fn preview_template(&self, name: &str) -> Result<Box<OneTemplate>, HttpAnswer> {
        const CHANNELS: [(&str, Channel); 2] = [("sms", Channel::Sms), ("whatsapp", Channel::WhatsApp)];
        self.hotline_alone()?;
        let errors = Errors::default();
        let Some(object) = fields::object(self.body()?, &errors) else { return Err(self.invalid(errors)) };
        let mut fields = Fields::new(object, &errors);
        // The text is the same on both: what WhatsApp shows of an approved template is kept at Twilio.
        fields.word("channel", &CHANNELS);
        let wanted = WantedTemplate::read(name, &mut fields);
        fields.finish();
        let wanted = errors.check(Some(wanted)).map_err(|errors| self.problems().invalid(errors))?;
        self.one_template(name, About::Preview(wanted))
    }
}

impl OneTemplate {
    pub(super) fn begin(&self) -> Progress {
        let name = self.name.clone();
        let request = match &self.about {
            About::Item | About::Preview(_) => TemplateRequest::Read { name },
            About::Put(template) => TemplateRequest::Put { name, template: template.clone() },
            About::End => TemplateRequest::Delete { name },
        };
        let message = ToObject::Directory(directory::Message::Template(Box::new(request)));
        Progress::Ask(vec![(self.mailbox, message)])
    }

    pub(super) fn on_reply(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let problems = Problems { config };
        let stored = match replies.into_iter().next() {
            Some(ObjectReply::Template(stored)) => *stored,
            Some(ObjectReply::NotFound) => {
                let detail = "The hotline has no template of this name.";
                return Progress::Answer(problems.answer(problem::NOT_FOUND, detail));
            }
            Some(ObjectReply::Refused(refused)) => {
                let fault = fields::fault("name", &refused.code, refused.words);
                return Progress::Answer(problems.invalid(vec![fault]));
            }
            _ => return Progress::Unavailable,
        };
        Progress::Answer(match &self.about {
            About::Item | About::Put(_) => HttpAnswer::json(200, json::written(&self.shown(config, stored))),
            About::End => HttpAnswer::json(200, json::written(&Deleted { deleted: true })),
            About::Preview(wanted) => preview(problems, wanted.clone(), stored),
        })
    }

    fn shown(&self, config: &Config, stored: StoredTemplate) -> Shown {
        let StoredTemplate { version, at, template } = stored;
        Shown {
            name: self.name.clone(),
            hotline: config.by_mailbox(self.mailbox).map_or_else(String::new, |hotline| hotline.api_name().to_owned()),
            version,
            created_at: timestamp(at),
            versions: InOrder(template.wordings.into_iter().map(shown_wording).collect()),
            fields: template.fields.into_iter().map(shown_field).collect(),
        }
    }
}

fn shown_wording(wording: Wording) -> (String, TemplateWording) {
    let whatsapp = wording.whatsapp.map(|content| WhatsappContent {
        content_sid: content.content_sid,
        variables: content.variables.into_iter().collect(),
    });
    (wording.language, TemplateWording { sms: wording.text.into(), whatsapp })
}

fn shown_field(field: Field) -> (String, TemplateField) {
    (field.name, TemplateField { required: field.required, max: field.max })
}

fn preview(problems: Problems, wanted: WantedTemplate, stored: StoredTemplate) -> HttpAnswer {
    let filled = match wanted.fill(stored, false) {
        Ok(filled) => filled,
        Err(faults) => return problems.invalid(faults),
    };
    let Some(rendered) = filled.rendered(None) else {
        return problems.answer(problem::NOT_FOUND, "The template says nothing.");
    };
    let counted = segments::count(&rendered.text);
    let UsedTemplate { name, language, version, .. } = rendered.used;
    let costly = segments::costly(&rendered.text).into_iter().map(str::to_owned).collect();
    let preview = Preview {
        segments: u32::try_from(counted.segments).unwrap_or(u32::MAX),
        encoding: counted.encoding.into(),
        costly,
        text: rendered.text,
        template: TemplateUse { name, language, version },
    };
    HttpAnswer::json(200, json::written(&preview))
}
