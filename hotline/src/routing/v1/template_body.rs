//! Reads the body of a request that stores a template: all that is wrong is named at once.

use std::collections::BTreeSet;

use protocol::v1::InOrder;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::fields::Fields;
use crate::domain::template::{Field, Template, Text, WhatsappContent, Wording, is_field_name, is_language};
use crate::twilio::request::LONGEST_BODY;

/// The most languages of a template: twice as many as the most translated forms of public offices have.
const MOST_LANGUAGES: usize = 50;

/// The most fields of a template: as many as may be known of a person.
const MOST_FIELDS: usize = 50;

/// The most characters of all texts together: a thousand recipients' objects are sent them at once, out of an isolate of 128 MB.
const LONGEST_TEXTS: usize = 16_000;

const NAME: &str = "must be a name: letters, digits, _ and -, at most 64";

/// The languages as they are written: the first one is for whoever has none.
#[derive(Default, Deserialize)]
struct Order {
    #[serde(default)]
    versions: InOrder<IgnoredAny>,
}

/// Reads a template. `body` is what `fields` was read from.
pub(super) fn template(body: &[u8], mut fields: Fields) -> Option<Template> {
    let declared = fields.inner("fields");
    let names: BTreeSet<String> = declared.iter().flat_map(Fields::names).collect();
    if names.len() > MOST_FIELDS {
        fields.error("fields", "too_many", format!("has {} fields; at most {MOST_FIELDS} are allowed", names.len()));
    }
    let declared = declared.map(declared_fields).unwrap_or_default();
    let wordings = wordings(body, &mut fields, &names);
    fields.finish();
    Some(Template { wordings: wordings?, fields: declared })
}

fn declared_fields(mut fields: Fields) -> Vec<Field> {
    let mut read = Vec::new();
    for name in fields.names() {
        if !is_field_name(&name) {
            fields.error(&name, "not_a_name", NAME);
        }
        let Some(mut field) = fields.required_inner(&name) else { continue };
        let required = field.flag("required").unwrap_or_default();
        let max = field.number("max", 1..=LONGEST_BODY);
        field.finish();
        read.push(Field { name, required, max });
    }
    read
}

fn wordings(body: &[u8], fields: &mut Fields, names: &BTreeSet<String>) -> Option<Vec<Wording>> {
    let mut versions = fields.required_inner("versions")?;
    let mut languages = versions.names();
    match languages.len() {
        0 => fields.error("versions", "empty", "must have at least one language"),
        count if count > MOST_LANGUAGES => {
            let detail = format!("has {count} languages; at most {MOST_LANGUAGES} are allowed");
            fields.error("versions", "too_many", detail);
        }
        _ => {}
    }
    let order = serde_json::from_slice::<Order>(body).unwrap_or_default().versions.0;
    languages.sort_by_key(|language| order.iter().position(|(written, _)| written == language));
    let wordings: Vec<Wording> =
        languages.into_iter().filter_map(|language| wording(&mut versions, language, names)).collect();
    let characters: usize = wordings.iter().map(|wording| wording.text.source().chars().count()).sum();
    if characters > LONGEST_TEXTS {
        let detail = format!("the texts have {characters} characters together; at most {LONGEST_TEXTS} are allowed");
        fields.error("versions", "too_long", detail);
    }
    Some(wordings)
}

fn wording(versions: &mut Fields, language: String, names: &BTreeSet<String>) -> Option<Wording> {
    if !is_language(&language) {
        versions.error(&language, "unknown_language", "must be the tag of a language, such as en or es-MX");
    }
    let mut fields = versions.required_inner(&language)?;
    let text = text(&mut fields, names);
    let whatsapp = fields.inner("whatsapp").and_then(|content| whatsapp(content, names));
    fields.finish();
    Some(Wording { language, text: text?, whatsapp })
}

fn text(fields: &mut Fields, names: &BTreeSet<String>) -> Option<Text> {
    // As with `body`: CR LF would be counted as two characters outside of GSM-7.
    let source = fields.required_text("sms", 1..=LONGEST_BODY)?.replace("\r\n", "\n");
    if source.trim().is_empty() {
        fields.error("sms", "empty", "must not be blank");
    }
    match Text::parse(&source) {
        Ok(text) => {
            let used: BTreeSet<&str> = text.placeholders().collect();
            for name in used.into_iter().filter(|name| !names.contains(*name)) {
                fields.error("sms", "undeclared_field", format!("{{{{{name}}}}} is none of `fields`"));
            }
            Some(text)
        }
        Err(malformed) => {
            fields.error("sms", "malformed_placeholder", malformed.to_string());
            None
        }
    }
}

fn whatsapp(mut fields: Fields, names: &BTreeSet<String>) -> Option<WhatsappContent> {
    /// Twilio, Message resource: ContentSid, `^HX[0-9a-fA-F]{32}$`.
    const DIGITS: usize = 32;
    let sid = fields.required_text("content_sid", 1..=LONGEST_BODY);
    let digits = |sid: &String| {
        sid.strip_prefix("HX").is_some_and(|it| it.len() == DIGITS && it.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if sid.as_ref().is_some_and(|sid| !digits(sid)) {
        fields.error("content_sid", "not_a_content_sid", "must be HX and 32 hexadecimal digits, as Twilio shows it");
    }
    let variables = fields.inner("variables").map(|variables| read_variables(variables, names)).unwrap_or_default();
    fields.finish();
    Some(WhatsappContent { content_sid: sid?, variables })
}

fn read_variables(mut fields: Fields, names: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut read = Vec::new();
    for variable in fields.names() {
        if !is_field_name(&variable) {
            fields.error(&variable, "not_a_name", NAME);
        }
        let Some(field) = fields.required_text(&variable, 1..=LONGEST_BODY) else { continue };
        if !names.contains(&field) {
            fields.error(&variable, "undeclared_field", format!("{field:?} is none of `fields`"));
        }
        read.push((variable, field));
    }
    read
}

#[cfg(test)]
mod tests;
