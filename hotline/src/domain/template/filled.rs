//! A template with the values for one message. In which language it is said is decided last, where the person is known.

use serde::{Deserialize, Serialize};

use super::{Data, Template, WhatsappContent, Wording};

/// A template with the values for one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The template's name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// What that says.
    pub template: Template,
    /// The language that the program asked for.
    #[serde(default)]
    pub language: Option<String>,
    /// The values.
    #[serde(default)]
    pub data: Data,
}

/// What a template says to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Which template it is from.
    pub used: UsedTemplate,
}

/// The template that a message is from. It never changes once the message is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedTemplate {
    /// Its name.
    pub name: String,
    /// The language that was chosen.
    pub language: String,
    /// Its version.
    pub version: u32,
    /// What leaves on WhatsApp instead of the text.
    #[serde(default)]
    pub content: Option<Content>,
}

/// A template that WhatsApp has approved, with the values of its variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Twilio's id of it.
    pub sid: String,
    /// The values by the names of the variables.
    #[serde(default)]
    pub variables: Vec<(String, String)>,
}

impl Filled {
    /// The wordings that a person may get: the one in the language that was asked for, else any.
    pub fn candidates(&self) -> &[Wording] {
        let asked = self.language.as_deref().and_then(|language| self.template.wording(language));
        asked.map_or(self.template.wordings.as_slice(), std::slice::from_ref)
    }

    /// What it says: in the language that was asked for, else in the person's, else in the template's first.
    pub fn rendered(&self, persons_language: Option<&str>) -> Option<Rendered> {
        let languages = [self.language.as_deref(), persons_language];
        let chosen = languages.into_iter().flatten().find_map(|language| self.template.wording(language));
        let wording = chosen.or(self.template.wordings.first())?;
        let used = UsedTemplate {
            name: self.name.clone(),
            language: wording.language.clone(),
            version: self.version,
            content: wording.whatsapp.as_ref().map(|content| content.filled(&self.data)),
        };
        Some(Rendered { text: wording.text.render(&self.data), used })
    }
}

impl WhatsappContent {
    /// Line ends, tabs and runs of blanks become one blank, since Twilio refuses them; it refuses an empty value too, and has
    /// a default in place of one that is left out (Twilio, error 21656).
    fn filled(&self, data: &Data) -> Content {
        let value = |field: &str| data.get(field).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let variables = self.variables.iter().map(|(variable, field)| (variable.clone(), value(field)));
        let variables = variables.filter(|(_, value)| !value.is_empty()).collect();
        Content { sid: self.content_sid.clone(), variables }
    }
}
