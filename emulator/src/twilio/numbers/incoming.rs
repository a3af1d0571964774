//! `IncomingPhoneNumbers`: the account's numbers, and where each announces its texts and calls.

use serde_json::{Map, Value, json};

use super::super::api::{Pairs, only};
use super::super::json::{ApiError, empty, page, respond, rfc2822};
use super::super::messages::account_path;
use super::super::settings::Sender;
use super::super::{API_VERSION, Twilio};
use super::{available, sid_of};
use crate::http::Response;

/// What kind of value a field holds, which decides what is refused and how "none" looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Url,
    Method,
    Sid,
    ReceiveMode,
    Text,
}

/// The form's parameter, the resource's field, and the kind of both.
const FIELDS: [(&str, &str, Kind); 15] = [
    ("FriendlyName", "friendly_name", Kind::Text),
    ("SmsUrl", "sms_url", Kind::Url),
    ("SmsMethod", "sms_method", Kind::Method),
    ("SmsFallbackUrl", "sms_fallback_url", Kind::Url),
    ("SmsFallbackMethod", "sms_fallback_method", Kind::Method),
    ("SmsApplicationSid", "sms_application_sid", Kind::Sid),
    ("VoiceUrl", "voice_url", Kind::Url),
    ("VoiceMethod", "voice_method", Kind::Method),
    ("VoiceFallbackUrl", "voice_fallback_url", Kind::Url),
    ("VoiceFallbackMethod", "voice_fallback_method", Kind::Method),
    ("VoiceApplicationSid", "voice_application_sid", Kind::Sid),
    ("VoiceReceiveMode", "voice_receive_mode", Kind::ReceiveMode),
    ("TrunkSid", "trunk_sid", Kind::Sid),
    ("StatusCallback", "status_callback", Kind::Url),
    ("StatusCallbackMethod", "status_callback_method", Kind::Method),
];

impl Kind {
    /// As Twilio answers when nothing was set.
    fn unset(self) -> Value {
        match self {
            Self::Text => "".into(),
            Self::Method => "POST".into(),
            Self::Url | Self::Sid => Value::Null,
            Self::ReceiveMode => "voice".into(),
        }
    }

    fn check(self, name: &str, value: &str) -> Result<(), ApiError> {
        let good = match self {
            Self::Url => value.is_empty() || is_callback_url(value),
            Self::Method => matches!(value, "GET" | "POST"),
            Self::ReceiveMode => matches!(value, "voice" | "fax"),
            Self::Sid | Self::Text => true,
        };
        // 21502: invalid URL; 21403: invalid method (Twilio, error and warning dictionary).
        let code = if self == Self::Url { 21502 } else { 21403 };
        if good { Ok(()) } else { Err(ApiError::bad(code, format!("{name} is not valid: {value}"))) }
    }
}

/// An address that Twilio calls: http or https, with a host without an underscore (Twilio, Webhooks security).
pub(in crate::twilio) fn is_callback_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    !host.is_empty() && !host.contains('_')
}

impl Twilio {
    pub(in crate::twilio) fn incoming_numbers(
        &mut self,
        now: u64,
        path: &str,
        rest: &[&str],
        method: &str,
        (query, form): (&Pairs, &Pairs),
    ) -> Result<Response, ApiError> {
        match (method, rest) {
            ("GET", []) => Ok(self.list_numbers(path, query)),
            ("POST", []) => self.buy_number(now, form),
            (_, [name]) => {
                let sid = name.strip_suffix(".json").unwrap_or_default();
                let at = self.number_at(sid).ok_or_else(|| ApiError::not_found(path))?;
                match method {
                    "GET" => Ok(respond(200, &self.number_json(&self.settings.senders[at]))),
                    "POST" => self.update_number(at, form),
                    _ => only(method, "DELETE", path).map(|()| {
                        self.settings.senders.remove(at);
                        empty(204)
                    }),
                }
            }
            _ => Err(ApiError::not_found(path)),
        }
    }

    fn number_at(&self, sid: &str) -> Option<usize> {
        self.settings.senders.iter().position(|sender| super::is_number(sender) && sid_of("PN", &sender.address) == sid)
    }

    fn list_numbers(&self, path: &str, query: &Pairs) -> Response {
        let wanted = query.iter().find(|(name, _)| name == "PhoneNumber").map(|(_, value)| value.as_str());
        // The filter is a pattern that may stand anywhere in the number.
        let shown = |sender: &&Sender| super::is_number(sender) && wanted.is_none_or(|it| sender.address.contains(it));
        let rows: Vec<_> = self.settings.senders.iter().filter(shown).map(|it| self.number_json(it)).collect();
        respond(200, &page("incoming_phone_numbers", &rows, path, query))
    }

    fn update_number(&mut self, at: usize, form: &Pairs) -> Result<Response, ApiError> {
        check(form)?;
        if let Some(sender) = self.settings.senders.get_mut(at) {
            set_all(sender, form);
        }
        Ok(respond(200, &self.number_json(&self.settings.senders[at])))
    }

    /// Codes: 21421 no such number, 21422 not to be had, 21452 none with that area code.
    fn buy_number(&mut self, now: u64, form: &Pairs) -> Result<Response, ApiError> {
        check(form)?;
        let given = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let number = match (given("PhoneNumber"), given("AreaCode")) {
            (Some(number), _) => number,
            (None, Some(area)) => {
                let free = self.numbers_for_sale("US", "Local", &[("AreaCode".to_owned(), area)])?;
                let first = free
                    .into_iter()
                    .next()
                    .ok_or_else(|| ApiError::bad(21452, "No phone numbers found in area code"))?;
                first.number
            }
            (None, None) => return Err(ApiError::bad(21421, "PhoneNumber or AreaCode must be given")),
        };
        let owned = self.settings.senders.iter().any(|sender| sender.address == number);
        if owned || !available::is_for_sale(&number) {
            let code = if available::is_number(&number) { 21422 } else { 21421 };
            return Err(ApiError::bad(code, format!("{number} is not available")));
        }
        let mut sender = Sender { address: number, bought: Some(now), segments_per_second: 1, ..Sender::default() };
        set_all(&mut sender, form);
        let body = self.number_json(&sender);
        self.settings.senders.push(sender);
        Ok(respond(201, &body))
    }

    fn number_json(&self, sender: &Sender) -> Value {
        let account = &self.settings.account_sid;
        let sid = sid_of("PN", &sender.address);
        let date = rfc2822(sender.bought.unwrap_or_default());
        let mut body: Map<String, Value> = FIELDS
            .into_iter()
            .map(|(_, field, kind)| {
                let value = get(sender, field).filter(|value| !value.is_empty());
                (field.to_owned(), value.map_or_else(|| kind.unset(), Value::from))
            })
            .collect();
        if body["friendly_name"] == "" {
            body.insert("friendly_name".into(), sender.address.clone().into());
        }
        let more = json!({
            "account_sid": account, "address_requirements": "none", "address_sid": null, "api_version": API_VERSION, "beta": false,
            "bundle_sid": null, "capabilities": sender.capabilities.json(), "date_created": date, "date_updated": date,
            "emergency_address_sid": null, "emergency_address_status": "unregistered", "emergency_status": "Inactive",
            "identity_sid": null, "origin": "twilio", "phone_number": sender.address, "sid": sid, "status": "in-use", "type": "local",
            "voice_caller_id_lookup": false,
            "uri": format!("{}/IncomingPhoneNumbers/{sid}.json", account_path(account)),
        });
        body.extend(more.as_object().cloned().unwrap_or_default());
        body.into()
    }
}

fn check(form: &Pairs) -> Result<(), ApiError> {
    let kind = |name: &str| FIELDS.into_iter().find(|(param, ..)| *param == name).map(|(.., kind)| kind);
    form.iter().try_for_each(|(name, value)| kind(name).map_or(Ok(()), |kind| kind.check(name, value)))
}

fn set_all(sender: &mut Sender, form: &Pairs) {
    for (name, value) in form {
        if let Some((_, field, _)) = FIELDS.into_iter().find(|(param, ..)| param == name) {
            set(sender, field, value);
        }
    }
}

/// What the emulator acts on stands in the sender, the rest beside it.
fn get<'a>(sender: &'a Sender, field: &str) -> Option<&'a str> {
    Some(match field {
        "sms_url" => &sender.webhook,
        "sms_fallback_url" => &sender.fallback,
        "voice_url" => &sender.voice_url,
        "voice_fallback_url" => &sender.voice_fallback,
        "status_callback" => &sender.voice_status_callback,
        other => return sender.kept.get(other).map(String::as_str),
    })
}

fn set(sender: &mut Sender, field: &'static str, value: &str) {
    let place = match field {
        "sms_url" => &mut sender.webhook,
        "sms_fallback_url" => &mut sender.fallback,
        "voice_url" => &mut sender.voice_url,
        "voice_fallback_url" => &mut sender.voice_fallback,
        "status_callback" => &mut sender.voice_status_callback,
        other => sender.kept.entry(other.to_owned()).or_default(),
    };
    value.clone_into(place);
}
