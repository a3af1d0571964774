//! Where Twilio turns when the Worker does not answer: documents that stand elsewhere, such as TwiML Bins. The Worker itself
//! does not need them; set-up and health do.

use super::fields::Fields;
use super::settings::{is_address, is_loopback};

/// What is wanted of both.
const WANTED: &str = "must be an https address of a TwiML document, such as https://handler.twilio.com/twiml/EH…";

/// The addresses of a hotline; without one Twilio is given a static file beside the Worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fallback {
    /// For texts.
    pub text: Option<String>,
    /// For calls.
    pub voice: Option<String>,
}

impl Fallback {
    pub(super) fn read(fields: Option<Fields<'_>>) -> Self {
        let Some(mut fields) = fields else { return Self::default() };
        // As for every address, plain http is for this machine alone, as in development.
        let is_encrypted = |text: &str| text.starts_with("https://") || is_loopback(text);
        let address = |text: &str| (is_encrypted(text) && is_address(text)).then(|| text.to_owned());
        let fallback =
            Self { text: fields.parsed("text", address, WANTED), voice: fields.parsed("voice", address, WANTED) };
        fields.finish();
        fallback
    }
}
