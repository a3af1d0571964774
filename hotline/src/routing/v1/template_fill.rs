//! A template as a message or a preview wants it, and whether its data fit.

use protocol::v1::FieldError;

use super::fields::{Fields, fault};
use crate::domain::template::{Data, Filled, Wording, is_language, is_name};
use crate::messages::template::StoredTemplate;
use crate::twilio::request::LONGEST_BODY;

/// The most characters of all values together: what one message can say.
const LONGEST_DATA: usize = LONGEST_BODY;

/// A template with data, before anybody has looked whether they fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedTemplate {
    pub name: String,
    language: Option<String>,
    data: Data,
    /// Where the fields stand in the request: "" or `template.`.
    prefix: &'static str,
}

impl WantedTemplate {
    /// Reads the member `template` of a message.
    pub fn read_named(mut fields: Fields) -> Option<Self> {
        let name = fields.required_text("name", 1..=LONGEST_BODY);
        if name.as_deref().is_some_and(|name| !is_name(name)) {
            fields.error("name", "not_a_name", "must be a template's name: small letters, digits, _ and -, at most 64");
        }
        let (language, data) = language_and_data(&mut fields);
        fields.finish();
        Some(Self { name: name?, language, data, prefix: "template." })
    }

    /// Reads `language` and `data` of a preview.
    pub fn read(name: &str, fields: &mut Fields) -> Self {
        let (language, data) = language_and_data(fields);
        Self { name: name.to_owned(), language, data, prefix: "" }
    }

    /// Fills the template. Every wording that a person may get must be sendable.
    pub fn fill(self, stored: StoredTemplate, may_be_blank: bool) -> Result<Filled, Vec<FieldError>> {
        let StoredTemplate { version, template, .. } = stored;
        let Self { name, language, data, prefix } = self;
        let mut filled = Filled { name, version, template, language, data };
        let field = format!("{prefix}data");
        let mut faults: Vec<FieldError> = Vec::new();
        for (name, wrong) in filled.template.data_faults(&filled.data) {
            faults.push(fault(&format!("{field}.{name}"), wrong.code(), wrong.to_string()));
        }
        let characters: usize = filled.data.0.iter().map(|(_, value)| value.chars().count()).sum();
        if characters > LONGEST_DATA {
            let detail =
                format!("the values have {characters} characters together; at most {LONGEST_DATA} are allowed");
            faults.push(fault(&field, "too_long", detail));
        }
        if faults.is_empty() {
            faults = unsendable(&filled, &field, may_be_blank);
        }
        // Nobody gets another wording, and each recipient's object is sent what is left.
        filled.template.wordings = filled.candidates().to_vec();
        if faults.is_empty() { Ok(filled) } else { Err(faults) }
    }
}

/// The wordings that are too long or blank with these values.
fn unsendable(filled: &Filled, field: &str, may_be_blank: bool) -> Vec<FieldError> {
    let judge = |wording: &Wording| {
        let text = wording.text.render(&filled.data);
        let (language, characters) = (&wording.language, text.chars().count());
        if characters > LONGEST_BODY {
            let detail =
                format!("makes a text of {characters} characters in {language}; at most {LONGEST_BODY} are sent");
            return Some(fault(field, "too_long", detail));
        }
        let is_blank = text.trim().is_empty() && !may_be_blank;
        is_blank.then(|| fault(field, "empty", format!("makes a blank text in {language}")))
    };
    filled.candidates().iter().filter_map(judge).collect()
}

fn language_and_data(fields: &mut Fields) -> (Option<String>, Data) {
    let language = fields.text("language", 1..=LONGEST_BODY);
    if language.as_deref().is_some_and(|language| !is_language(language)) {
        fields.error("language", "unknown_language", "must be the tag of a language, such as en or es-MX");
    }
    (language, fields.inner("data").map(data).unwrap_or_default())
}

fn data(mut fields: Fields) -> Data {
    let names = fields.names();
    let value = |name: String| {
        // As with `body`: CR LF would be counted as two characters outside of GSM-7.
        let value = fields.text(&name, 0..=LONGEST_BODY)?.replace("\r\n", "\n");
        Some((name, value))
    };
    Data(names.into_iter().filter_map(value).collect())
}

#[cfg(test)]
mod tests;
