//! Codes that verify numbers: how many of a hotline, and as what they leave on WhatsApp.

use super::fields::Fields;
use super::sid::is_sid;

/// How many verifications of a hotline may begin in an hour, unless its table says otherwise: a large sign-up, and what a script
/// that asks for codes costs before it is stopped.
const PER_HOUR: u32 = 500;

/// Codes that verify numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// How many verifications may begin in an hour.
    pub per_hour: u32,
    /// The template with a code that WhatsApp has approved.
    pub content_sid: Option<String>,
}

impl Verify {
    /// Reads the table; without one, its defaults.
    pub(super) fn read(fields: Option<Fields<'_>>) -> Self {
        let Some(mut fields) = fields else { return Self { per_hour: PER_HOUR, content_sid: None } };
        // More codes in an hour than the fastest sender (100 texts a second) sends are none.
        let per_hour = fields.whole("per_hour", 1..=360_000, PER_HOUR);
        let sid = |text: &str| is_sid("HX", text).then(|| text.to_owned());
        let content_sid =
            fields.parsed("content_sid", sid, "must be the SID of a Content template: HX and 32 hexadecimal digits");
        fields.finish();
        Self { per_hour, content_sid }
    }
}
