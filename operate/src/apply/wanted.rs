//! The fields that Ringside needs at Twilio, by resource, and how what is there differs.

use hotline::config::Hotline;
use serde_json::Value;

use super::change::FieldChange;

/// The connection overrides at the end of an address: three repetitions, on server errors, lost connections and time-outs
/// (Twilio, Webhooks connection overrides).
pub const RETRIES: &str = "#rc=3&rp=5xx,ct,rt";

/// A field as it is to be: its name in answers, its name in forms, its value in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    field: &'static str,
    param: &'static str,
    value: String,
}

fn setting(field: &'static str, param: &'static str, value: impl Into<String>) -> Setting {
    Setting { field, param, value: value.into() }
}

/// An address of ours, with which Twilio tries again.
fn ours(public_url: &str, path: &str) -> String {
    format!("{public_url}{path}{RETRIES}")
}

/// Where Twilio turns when we do not answer, and by which method: a document elsewhere, or a file that Cloudflare serves
/// without the Worker's code.
fn fallback(public_url: &str, given: Option<&str>, file: &str) -> (String, &'static str) {
    match given {
        Some(address) => (address.to_owned(), "POST"),
        None => (format!("{public_url}/assets/fallback/{file}"), "GET"),
    }
}

/// A phone number (`IncomingPhoneNumbers`).
pub fn number(public_url: &str, hotline: &Hotline) -> Vec<Setting> {
    let (text, text_method) = fallback(public_url, hotline.fallback.text.as_deref(), "text.xml");
    let (voice, voice_method) = fallback(public_url, hotline.fallback.voice.as_deref(), "voice.xml");
    vec![
        setting("sms_url", "SmsUrl", ours(public_url, "/twilio/messages")),
        setting("sms_method", "SmsMethod", "POST"),
        setting("sms_fallback_url", "SmsFallbackUrl", text),
        setting("sms_fallback_method", "SmsFallbackMethod", text_method),
        // An application would win over the addresses.
        setting("sms_application_sid", "SmsApplicationSid", ""),
        setting("voice_url", "VoiceUrl", ours(public_url, "/twilio/calls")),
        setting("voice_method", "VoiceMethod", "POST"),
        setting("voice_fallback_url", "VoiceFallbackUrl", voice),
        setting("voice_fallback_method", "VoiceFallbackMethod", voice_method),
        setting("voice_application_sid", "VoiceApplicationSid", ""),
        setting("trunk_sid", "TrunkSid", ""),
        setting("voice_receive_mode", "VoiceReceiveMode", "voice"),
        setting("status_callback", "StatusCallback", ours(public_url, "/twilio/calls/status")),
        setting("status_callback_method", "StatusCallbackMethod", "POST"),
    ]
}

/// A Messaging Service.
pub fn messaging_service(public_url: &str, hotline: &Hotline) -> Vec<Setting> {
    let (text, method) = fallback(public_url, hotline.fallback.text.as_deref(), "text.xml");
    vec![
        setting("inbound_request_url", "InboundRequestUrl", ours(public_url, "/twilio/messages")),
        setting("inbound_method", "InboundMethod", "POST"),
        setting("fallback_url", "FallbackUrl", text),
        setting("fallback_method", "FallbackMethod", method),
        setting("status_callback", "StatusCallback", ours(public_url, "/twilio/messages/status")),
        setting("use_inbound_webhook_on_number", "UseInboundWebhookOnNumber", "false"),
    ]
}

/// The `webhook` of a WhatsApp sender; its requests are JSON, so both names are one.
pub fn whatsapp_sender(public_url: &str, hotline: &Hotline) -> Vec<Setting> {
    let (text, method) = fallback(public_url, hotline.fallback.text.as_deref(), "text.xml");
    let same = |name, value| setting(name, name, value);
    vec![
        same("callback_url", ours(public_url, "/twilio/messages")),
        same("callback_method", "POST".to_owned()),
        same("fallback_url", text),
        same("fallback_method", method.to_owned()),
        same("status_callback_url", ours(public_url, "/twilio/messages/status")),
        same("status_callback_method", "POST".to_owned()),
    ]
}

/// What is not as it is to be. A field that is null is as good as empty.
pub fn differences(there: &Value, wanted: &[Setting]) -> Vec<FieldChange> {
    let differs = |it: &&Setting| match &there[it.field] {
        Value::Null => !it.value.is_empty(),
        Value::String(text) => *text != it.value,
        other => as_shown(&it.value) != *other,
    };
    let change = |it: &Setting| FieldChange {
        field: it.field,
        param: it.param,
        old: there[it.field].clone(),
        new: as_shown(&it.value),
    };
    wanted.iter().filter(differs).map(change).collect()
}

/// Booleans are booleans in answers and words in forms.
fn as_shown(value: &str) -> Value {
    match value {
        "true" => true.into(),
        "false" => false.into(),
        other => other.into(),
    }
}

/// The form of a request that changes these fields.
pub fn form(fields: &[FieldChange]) -> Vec<(String, String)> {
    let value = |new: &Value| new.as_str().map_or_else(|| new.to_string(), str::to_owned);
    fields.iter().map(|it| (it.param.to_owned(), value(&it.new))).collect()
}
