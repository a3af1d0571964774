//! Messaging Services, `messaging.twilio.com/v1/Services`: where they announce texts, and which numbers they hold.

use serde_json::{Map, Value, json};

use super::Twilio;
use super::api::{Pairs, not_allowed};
use super::json::{ApiError, respond, rfc3339, v1_page};
use super::numbers::{is_callback_url, is_number, sid_of};
use super::settings::MessagingService;
use crate::http::Response;

/// Where the API lives; addresses in its answers begin so.
pub(super) const HOST: &str = "https://messaging.twilio.com";

/// The form's parameter and the resource's field.
const FIELDS: [(&str, &str); 7] = [
    ("FriendlyName", "friendly_name"),
    ("InboundRequestUrl", "inbound_request_url"),
    ("InboundMethod", "inbound_method"),
    ("FallbackUrl", "fallback_url"),
    ("FallbackMethod", "fallback_method"),
    ("StatusCallback", "status_callback"),
    ("UseInboundWebhookOnNumber", "use_inbound_webhook_on_number"),
];

impl Twilio {
    /// Everything below `/v1/Services`.
    pub(super) fn services_route(
        &mut self,
        path: &str,
        rest: &[&str],
        method: &str,
        (query, form): (&Pairs, &Pairs),
    ) -> Result<Response, ApiError> {
        let Some((sid, rest)) = rest.split_first() else {
            let rows: Vec<_> = self.settings.services.iter().map(|it| self.service_json(it)).collect();
            return if method == "GET" {
                Ok(v1_page(HOST, "services", &rows, path, query))
            } else {
                Err(not_allowed(path))
            };
        };
        let at = self.settings.services.iter().position(|service| service.sid == *sid);
        let at = at.ok_or_else(|| ApiError::not_found(path))?;
        match (method, rest) {
            ("GET", []) => Ok(respond(200, &self.service_json(&self.settings.services[at]))),
            ("POST", []) => self.update_service(at, form),
            ("GET", ["PhoneNumbers"]) => {
                let service = &self.settings.services[at];
                let numbers = service.senders.iter().filter_map(|address| self.settings.sender(address));
                let rows: Vec<_> =
                    numbers.filter(|it| is_number(it)).map(|it| self.service_number_json(sid, &it.address)).collect();
                Ok(v1_page(HOST, "phone_numbers", &rows, path, query))
            }
            ("POST", ["PhoneNumbers"]) => self.add_to_service(at, form),
            ("GET", ["Compliance", "Usa2p"]) => Ok(self.campaigns(path, sid, query)),
            (_, [] | ["PhoneNumbers"] | ["Compliance", "Usa2p"]) => Err(not_allowed(path)),
            _ => Err(ApiError::not_found(path)),
        }
    }

    fn update_service(&mut self, at: usize, form: &Pairs) -> Result<Response, ApiError> {
        for (name, value) in form {
            let good = match name.as_str() {
                "InboundRequestUrl" | "FallbackUrl" | "StatusCallback" => value.is_empty() || is_callback_url(value),
                "InboundMethod" | "FallbackMethod" => matches!(value.as_str(), "GET" | "POST"),
                "UseInboundWebhookOnNumber" => matches!(value.as_str(), "true" | "false"),
                _ => true,
            };
            if !good {
                return Err(ApiError::bad(20001, format!("Invalid parameter: {name}")));
            }
        }
        if let Some(service) = self.settings.services.get_mut(at) {
            for (name, value) in form {
                if let Some((_, field)) = FIELDS.into_iter().find(|(param, _)| param == name) {
                    set(service, field, value);
                }
            }
        }
        Ok(respond(200, &self.service_json(&self.settings.services[at])))
    }

    /// Codes: 21712 when the number is in another service, 21710 when it is in this one (Twilio, error dictionary).
    fn add_to_service(&mut self, at: usize, form: &Pairs) -> Result<Response, ApiError> {
        let sid = form.iter().find(|(name, _)| name == "PhoneNumberSid").map_or("", |(_, value)| value);
        let numbers = self.settings.senders.iter().filter(|it| is_number(it));
        let number = numbers.map(|it| it.address.clone()).find(|number| sid_of("PN", number) == sid);
        let number = number.ok_or_else(|| ApiError::bad(21701, "The phone number was not found in this account"))?;
        match self.settings.service_of(&number) {
            Some(holder) if holder.sid == self.settings.services[at].sid => {
                return Err(ApiError::new(409, 21710, "Phone number is already in the Messaging Service"));
            }
            Some(_) => return Err(ApiError::new(409, 21712, "Phone number is in another Messaging Service")),
            None => {}
        }
        let service = &mut self.settings.services[at];
        service.senders.push(number.clone());
        let service = service.sid.clone();
        Ok(respond(201, &self.service_number_json(&service, &number)))
    }

    fn service_json(&self, service: &MessagingService) -> Value {
        let mut body: Map<String, Value> = FIELDS
            .into_iter()
            .map(|(_, field)| {
                let value = match get(service, field) {
                    Some(text) if field == "use_inbound_webhook_on_number" => (text == "true").into(),
                    Some(text) if !text.is_empty() => text.into(),
                    _ => unset(field),
                };
                (field.to_owned(), value)
            })
            .collect();
        let (url, date) = (format!("{HOST}/v1/Services/{}", service.sid), rfc3339(0));
        let more = json!({
            "account_sid": self.settings.account_sid, "area_code_geomatch": true, "date_created": date, "date_updated": date,
            "fallback_to_long_code": true, "links": {"phone_numbers": format!("{url}/PhoneNumbers")}, "mms_converter": true,
            "scan_message_content": "inherit", "sid": service.sid, "smart_encoding": true, "sticky_sender": true,
            "synchronous_validation": false, "us_app_to_person_registered": service.campaign.as_ref().is_some_and(|it| it.status == "VERIFIED"), "usecase": "undeclared", "url": url,
            "validity_period": 14400,
        });
        body.extend(more.as_object().cloned().unwrap_or_default());
        body.into()
    }

    fn service_number_json(&self, service: &str, number: &str) -> Value {
        let (sid, date) = (sid_of("PN", number), rfc3339(0));
        json!({
            "account_sid": self.settings.account_sid, "capabilities": ["SMS", "MMS", "Voice"], "country_code": "US",
            "date_created": date, "date_updated": date, "phone_number": number, "service_sid": service, "sid": sid,
            "url": format!("{HOST}/v1/Services/{service}/PhoneNumbers/{sid}"),
        })
    }
}

/// As the API shows what was never set.
fn unset(field: &str) -> Value {
    match field {
        "inbound_method" | "fallback_method" => "POST".into(),
        "use_inbound_webhook_on_number" => false.into(),
        "friendly_name" => "Service".into(),
        _ => Value::Null,
    }
}

fn get<'a>(service: &'a MessagingService, field: &str) -> Option<&'a str> {
    Some(match field {
        "inbound_request_url" => &service.inbound_request_url,
        "fallback_url" => &service.fallback_url,
        "status_callback" => &service.status_callback,
        other => return service.kept.get(other).map(String::as_str),
    })
}

fn set(service: &mut MessagingService, field: &'static str, value: &str) {
    let place = match field {
        "inbound_request_url" => &mut service.inbound_request_url,
        "fallback_url" => &mut service.fallback_url,
        "status_callback" => &mut service.status_callback,
        other => service.kept.entry(other.to_owned()).or_default(),
    };
    value.clone_into(place);
}
