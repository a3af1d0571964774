//! Messaging Services: those that hotlines name, and those that take their numbers' texts.

use hotline::config::{Hotline, MessagingServiceSid};
use serde_json::Value;

use super::codes::{Code, Source};
use super::report::{Place, Report};
use super::twilio::{Facts, Pool};
use crate::apply::{FieldChange, differences, service_settings};
use crate::project::Project;

/// What is judged here.
const RESOURCE: &str = "twilio_messaging_service";

/// Judges all of them.
pub fn judge(facts: &Facts, hotlines: &[&Hotline], project: &Project, report: &mut Report) {
    report.take(&facts.pools, Source::Pools);
    let Some(pools) = report.take(&facts.pools, Source::Services) else { return };
    for hotline in hotlines {
        let named = hotline.messaging_service.as_ref().map(MessagingServiceSid::as_str);
        let own = named.and_then(|sid| pools.get(sid));
        if let Some(sid) = named {
            let place = |field: &str| Place::new(RESOURCE, field).of(hotline.api_name()).named(sid);
            match own {
                Some(pool) => judge_service(&pool.service, hotline, project, &place, report),
                None => report.find(Code::ServiceUnknown, place("sid"), Value::Null, sid),
            }
        }
        for number in hotline.numbers.iter().map(ToString::to_string) {
            if facts.number(&number).is_some() {
                judge_pool(&number, facts.pool_of(&number), own.and(named), hotline, project, report);
            }
        }
    }
}

fn judge_service(
    service: &Value,
    hotline: &Hotline,
    project: &Project,
    place: &dyn Fn(&str) -> Place,
    report: &mut Report,
) {
    for change in differences(service, &service_settings(&project.config.public_url, hotline)) {
        let FieldChange { field, old, new, .. } = change;
        let code = match field {
            "status_callback" => Code::ServiceStatusCallback,
            "inbound_request_url" | "inbound_method" | "use_inbound_webhook_on_number" => Code::ServiceTextUrl,
            _ => Code::ServiceFallback,
        };
        report.find(code, place(field), old, new);
    }
}

/// Where a number stands: in its hotline's service, in another one, in none.
fn judge_pool(
    number: &str,
    pool: Option<(&str, &Pool)>,
    named: Option<&str>,
    hotline: &Hotline,
    project: &Project,
    report: &mut Report,
) {
    let place = |field: &str| Place::new("twilio_messaging_service_number", field).of(hotline.api_name()).named(number);
    if let Some((service, pool)) = pool.filter(|(service, _)| Some(*service) != named) {
        let asks_number = pool.service["use_inbound_webhook_on_number"] == true;
        let ours = format!("{}/twilio/messages", project.config.public_url);
        let address = pool.service["inbound_request_url"].as_str().unwrap_or_default();
        if !asks_number && address.split('#').next() != Some(&ours) {
            report.find(Code::ServiceTakesTexts, place("service_sid"), service, named.map_or(Value::Null, Value::from));
            return;
        }
    }
    if named.is_some() && pool.map(|(service, _)| service) != named {
        let found = pool.map_or(Value::Null, |(service, _)| service.into());
        report.find(Code::ServiceLacksNumber, place("phone_number_sid"), found, named);
    }
}
