//! WhatsApp senders, and the countries that are called.

use hotline::config::Hotline;
use serde_json::Value;

use super::codes::{Code, Source};
use super::report::{Place, Report};
use super::twilio::Facts;
use crate::apply::{FieldChange, differences, sender_settings};
use crate::permissions::called_countries;
use crate::project::Project;

/// What is judged here.
const RESOURCE: &str = "twilio_whatsapp_sender";

/// Judges the senders.
pub fn judge(facts: &Facts, hotlines: &[&Hotline], project: &Project, report: &mut Report) {
    let Some(senders) = report.take(&facts.senders, Source::Senders) else { return };
    for hotline in hotlines {
        let Some(number) = &hotline.whatsapp else { continue };
        let address = format!("whatsapp:{number}");
        let place = |field: &str| Place::new(RESOURCE, field).of(hotline.api_name()).named(&address);
        let Some(sender) = senders.iter().find(|it| it["sender_id"] == address.as_str()) else {
            report.find(Code::WhatsappUnknown, place("sender_id"), Value::Null, address.as_str());
            continue;
        };
        if !matches!(sender["status"].as_str(), Some("ONLINE" | "ONLINE:UPDATING")) {
            report.find(Code::WhatsappOffline, place("status"), sender["status"].clone(), "ONLINE");
        }
        for change in differences(&sender["webhook"], &sender_settings(&project.config.public_url, hotline)) {
            let FieldChange { field, old, new, .. } = change;
            report.find(Code::WhatsappWebhook, place(field), old, new);
        }
    }
}

/// Judges where calls may go.
pub fn judge_countries(facts: &Facts, hotlines: &[&Hotline], report: &mut Report) {
    for hotline in hotlines {
        for country in called_countries(hotline) {
            let Some(asked) = facts.countries.get(&country) else { continue };
            let allowed = report.take(asked, Source::Countries);
            if allowed.is_some_and(|it| it.as_ref().is_some_and(|it| it["low_risk_numbers_enabled"] == false)) {
                let place = Place::new("twilio_account", "low_risk_numbers_enabled").of(hotline.api_name());
                report.find(Code::GeoVoiceOff, place.named(&country), false, true);
            }
        }
    }
}
