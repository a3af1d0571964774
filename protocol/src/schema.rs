//! Schemas of types that are not ours.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// An instant, RFC 3339 with its zone.
pub struct Instant;

impl JsonSchema for Instant {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// An enum of one word is that word, and no choice of one, which validators of OpenAPI refuse.
pub fn one_word(schema: &mut Schema) {
    let words = schema.remove("oneOf").unwrap_or_default();
    let Some([word]) = words.as_array().map(Vec::as_slice) else { return };
    for (name, value) in word.as_object().into_iter().flatten().filter(|(name, _)| *name != "description") {
        schema.insert(name.clone(), value.clone());
    }
}
