//! Hosts of which one resource each is read: where calls may go (Twilio, Voice dialing permissions), in which region a
//! number's calls are handled (Inbound processing region), what went wrong (Monitor alerts).

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::api::{Pairs, only};
use super::json::{ApiError, respond, rfc3339, v1_page};
use super::numbers::sid_of;
use super::{DebuggerEntry, Twilio};
use crate::http::Response;

impl Twilio {
    /// `voice.twilio.com/v1/DialingPermissions/Countries/{CC}`.
    pub(super) fn dialing_permissions(&self, path: &str, country: &str, method: &str) -> Result<Response, ApiError> {
        only(method, "GET", path)?;
        if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(ApiError::not_found(path));
        }
        let url = format!("https://voice.twilio.com/v1/DialingPermissions/Countries/{country}");
        let allowed = !self.settings.countries_not_called.iter().any(|it| it == country);
        let body = json!({
            "continent": "NORTH_AMERICA", "country_codes": ["+1"], "high_risk_special_numbers_enabled": false,
            "high_risk_tollfraud_numbers_enabled": false, "iso_code": country, "low_risk_numbers_enabled": allowed, "name": country,
            "links": {"highrisk_special_prefixes": format!("{url}/HighRiskSpecialPrefixes")}, "url": url,
        });
        Ok(respond(200, &body))
    }

    /// `routes.twilio.com/v2/PhoneNumbers/{n}`; 404 for a number that was never given a region.
    pub(super) fn region_of_number(&self, path: &str, number: &str, method: &str) -> Result<Response, ApiError> {
        only(method, "GET", path)?;
        let sender = self.settings.sender(number);
        let region = sender.and_then(|it| it.kept.get("voice_region")).ok_or_else(|| ApiError::not_found(path))?;
        let (sid, date) = (sid_of("QQ", number), rfc3339(0));
        let body = json!({
            "account_sid": self.settings.account_sid, "date_created": date, "date_updated": date, "friendly_name": "",
            "phone_number": number, "sid": sid, "url": format!("https://routes.twilio.com/v2/PhoneNumbers/{number}"),
            "voice_region": region,
        });
        Ok(respond(200, &body))
    }

    /// `monitor.twilio.com/v1/Alerts`: what the debugger shows. All of it is of level `error`.
    pub(super) fn alerts(&self, path: &str, method: &str, query: &Pairs) -> Result<Response, ApiError> {
        only(method, "GET", path)?;
        let asked = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let from = asked("StartDate").map(|text| OffsetDateTime::parse(text, &Rfc3339)).transpose();
        let from = from.map_err(|_| ApiError::bad(20001, "Invalid parameter: StartDate"))?;
        let from = from.map_or(0, |at| u64::try_from(at.unix_timestamp() * 1000).unwrap_or_default());
        let shown = |it: &&DebuggerEntry| it.at >= from && asked("LogLevel").is_none_or(|level| level == "error");
        let rows: Vec<_> = self.debugger.iter().rev().filter(shown).map(|it| self.alert_json(it)).collect();
        Ok(v1_page("https://monitor.twilio.com", "alerts", &rows, path, query))
    }

    fn alert_json(&self, entry: &DebuggerEntry) -> Value {
        let (sid, date) = (sid_of("NO", &format!("{}/{}", entry.at, entry.message_sid)), rfc3339(entry.at));
        json!({
            "account_sid": self.settings.account_sid, "alert_text": entry.text, "api_version": "2010-04-01",
            "date_created": date, "date_generated": date, "date_updated": date, "error_code": entry.code.to_string(),
            "log_level": "error", "more_info": format!("https://www.twilio.com/docs/errors/{}", entry.code),
            "request_method": "POST", "request_url": entry.url, "resource_sid": entry.message_sid, "service_sid": null, "sid": sid,
            "url": format!("https://monitor.twilio.com/v1/Alerts/{sid}"),
        })
    }
}
