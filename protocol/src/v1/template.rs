//! Templates: what is said in several languages, with fields that each message fills.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Encoding, InOrder, ViaChannel};

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The hotline that it belongs to.
    pub hotline: String,
    /// The number of this version, from 1.
    pub version: u32,
    /// When this version was made.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub created_at: Timestamp,
    /// What it says, by language. The first is for whoever has no language here.
    #[cfg_attr(feature = "openapi", schemars(with = "BTreeMap<String, TemplateWording>"))]
    pub versions: InOrder<TemplateWording>,
    /// The fields that messages fill.
    pub fields: BTreeMap<String, TemplateField>,
}

/// What a template says in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TemplateWording {
    /// The text, with `{{field}}` where a value goes.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 1_600), example = &"Hi {{first}}"))]
    pub sms: String,
    /// What leaves on WhatsApp instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whatsapp: Option<WhatsappContent>,
}

/// A template that WhatsApp has approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct WhatsappContent {
    /// Twilio's id of it, `HX…`.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = r"^HX[0-9a-fA-F]{32}$")))]
    pub content_sid: String,
    /// The field that fills each of its variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// A field that messages fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TemplateField {
    /// Whether each message must.
    #[serde(default)]
    pub required: bool,
    /// The most characters; null when any number may come.
    #[serde(default)]
    pub max: Option<usize>,
}

/// A template that is to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StoreTemplate {
    /// What it says, by language. The first one is for whoever has no language here.
    #[cfg_attr(
        feature = "openapi",
        schemars(with = "BTreeMap<String, TemplateWording>", extend("minProperties" = 1, "maxProperties" = 50))
    )]
    pub versions: InOrder<TemplateWording>,
    /// The fields that messages fill.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schemars(extend("maxProperties" = 50)))]
    pub fields: BTreeMap<String, TemplateField>,
}

/// What a template is to be shown with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewTemplate {
    /// The language; the template's first where it is left out.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1)))]
    pub language: Option<String>,
    /// By which channel; a text where it is left out.
    pub channel: Option<ViaChannel>,
    /// The values of its fields.
    pub data: Option<BTreeMap<String, String>>,
}

/// Whether a template is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Deleted {
    /// It is.
    pub deleted: bool,
}

/// The template that a message is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TemplateUse {
    /// Its name.
    pub name: String,
    /// The language that was chosen.
    pub language: String,
    /// The version that it had when the message was accepted.
    pub version: u32,
}

/// What a template would say, and what that costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Preview {
    /// The text.
    pub text: String,
    /// How many segments it is charged as.
    pub segments: u32,
    /// How it is encoded.
    pub encoding: Encoding,
    /// The characters that make it UCS-2 or count twice, each once, in their order.
    pub costly: Vec<String>,
    /// The version and the language that were chosen.
    pub template: TemplateUse,
}
