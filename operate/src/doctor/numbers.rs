//! Each hotline's numbers: whether they are ours, what they can do, and where their texts and calls go.

use hotline::config::Hotline;
use serde_json::Value;

use super::codes::{Code, Source};
use super::report::{Place, Report};
use super::twilio::Facts;
use crate::apply::{FieldChange, RETRIES, differences, number_settings};
use crate::asked::Asked;
use crate::project::Project;

/// What is judged here.
const RESOURCE: &str = "twilio_number";

/// The region of an account, and of a number, that names none (Twilio, Global Infrastructure).
const USUAL_REGION: &str = "us1";

/// Judges all of them.
pub fn judge(facts: &Facts, hotlines: &[&Hotline], project: &Project, report: &mut Report) {
    let is_read = report.take(&facts.numbers, Source::Numbers).is_some();
    let wanted = region_of(&project.config.twilio_api_url);
    for hotline in hotlines {
        for number in hotline.numbers.iter().map(ToString::to_string) {
            let place = |field: &str| Place::new(RESOURCE, field).of(hotline.api_name()).named(&number);
            match facts.number(&number) {
                Some(it) => judge_number(it, hotline, project, &place, report),
                None if is_read => {
                    report.find(Code::NumberNotOurs, place("phone_number"), Value::Null, number.as_str());
                    continue;
                }
                None => {}
            }
            let Some(region) = facts.regions.get(&number) else { continue };
            if let Some(region) = report.take(region, Source::Regions) {
                let region = region.as_ref().and_then(|it| it["voice_region"].as_str()).unwrap_or(USUAL_REGION);
                if region != wanted {
                    report.find(Code::NumberRegion, place("voice_region"), region, wanted);
                }
            }
        }
    }
    if let Asked::Failed(why) = &facts.numbers {
        let why = why.clone();
        report.skip(Source::Regions, &why);
    }
}

fn judge_number(
    number: &Value,
    hotline: &Hotline,
    project: &Project,
    place: &dyn Fn(&str) -> Place,
    report: &mut Report,
) {
    let can = |what: &str| number["capabilities"][what] == true;
    if !can("sms") {
        report.find(Code::NumberNoSms, place("capabilities"), false, "sms");
    }
    // Who is called without `ring` reaches voicemail; without a country nobody can be called back.
    if !can("voice") && (hotline.ring.is_some() || hotline.callback.is_some() || has_voicemail(hotline, project)) {
        report.find(Code::NumberNoVoice, place("capabilities"), false, "voice");
    }
    for change in differences(number, &number_settings(&project.config.public_url, hotline)) {
        let FieldChange { field, old, new, .. } = change;
        let code = match field {
            "sms_url" | "voice_url" | "status_callback" if differs_in_retries(&old, &new) => Code::NumberRetries,
            "sms_url" | "sms_method" => Code::NumberTextUrl,
            "voice_url" | "voice_method" => Code::NumberVoiceUrl,
            "status_callback" | "status_callback_method" => Code::NumberStatusCallback,
            "sms_application_sid" | "voice_application_sid" | "trunk_sid" => Code::NumberApplication,
            "voice_receive_mode" => Code::NumberFax,
            _ => Code::NumberFallback,
        };
        report.find(code, place(field), old, new);
    }
}

fn has_voicemail(hotline: &Hotline, project: &Project) -> bool {
    use hotline::config::Var;
    let mut vars = project.files().vars().iter();
    vars.any(|(name, var)| match var {
        Var::Json(table) => *name == hotline.variable && table.get("voicemail").is_some(),
        Var::Text(text) => *name == hotline.variable && text.contains("\"voicemail\""),
    })
}

/// Whether two addresses are one, but for what tells Twilio how to try again.
fn differs_in_retries(found: &Value, wanted: &Value) -> bool {
    let bare = |value: &Value| value.as_str().map(|text| text.split('#').next().unwrap_or_default().to_owned());
    wanted.as_str().is_some_and(|wanted| wanted.ends_with(RETRIES)) && bare(found) == bare(wanted)
}

/// The region that requests reach: `api.EDGE.REGION.twilio.com` names one (Twilio, Global Infrastructure).
fn region_of(api: &str) -> &str {
    let host = api.split_once("://").and_then(|(_, rest)| rest.split(['/', ':']).next()).unwrap_or_default();
    match host.split('.').collect::<Vec<_>>().as_slice() {
        ["api", _, region, "twilio", "com"] => region,
        _ => USUAL_REGION,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_api_names_the_region() {
        for (api, region) in [
            ("https://api.twilio.com", "us1"),
            ("https://api.dublin.ie1.twilio.com", "ie1"),
            ("https://api.sydney.au1.twilio.com:443/x", "au1"),
            ("http://127.0.0.1:8788/twilio", "us1"),
        ] {
            assert_eq!(region_of(api), region, "{api}");
        }
    }
}
