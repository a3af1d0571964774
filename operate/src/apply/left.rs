//! What only a person can do, with the values to paste and the page of the console where they go.

use hotline::config::{Hotline, MessagingServiceSid};
use hotline::domain::phone::E164;
use serde_json::{Map, Value, json};

use super::state::TwilioState;
use crate::asked::Asked;
use crate::permissions::{self, Campaigns, Registration, called_countries, needs_campaign, verification};
use crate::project::Project;
use crate::toll_free;
use crate::twilio::Twilio;

/// Something that is left to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    code: &'static str,
    hotline: Option<String>,
    what: String,
    page: &'static str,
    values: Vec<(&'static str, String)>,
}

/// What Twilio says to a texter when nothing of ours answers.
const FALLBACK_TEXT: &str = "<Response><Message>We cannot take your message at the moment. Please try again later, or call us.</Message></Response>";

/// And to a caller.
const FALLBACK_VOICE: &str =
    "<Response><Say>We cannot take your call at the moment. Please try again later.</Say></Response>";

impl Left {
    pub fn json(&self) -> Value {
        let values: Map<_, _> =
            self.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
        json!({"code": self.code, "hotline": self.hotline, "what": self.what, "page": self.page, "values": values})
    }

    /// Lines for people.
    pub fn lines(&self) -> Vec<String> {
        let whose = self.hotline.as_ref().map_or(String::new(), |hotline| format!(" ({hotline})"));
        let mut lines = vec![format!("- {}{whose}: {}", self.what, self.page)];
        lines.extend(self.values.iter().map(|(name, value)| format!("    {name}: {value}")));
        lines
    }
}

/// Everything that is left. What cannot be seen from outside is always listed.
pub fn all(project: &Project, hotlines: &[&Hotline], twilio: &Twilio, state: &TwilioState) -> Vec<Left> {
    let mut all = vec![sidebar_app(project)];
    all.extend(secrets(project));
    for hotline in hotlines {
        all.extend(of_hotline(hotline, twilio, state));
    }
    all
}

/// Numbers that carriers in the United States do not know yet, as far as can be seen. One that is in no service is judged by
/// the hotline's own, into which it is put.
fn unregistered(hotline: &Hotline, twilio: &Twilio, state: &TwilioState) -> Vec<String> {
    let named = hotline.messaging_service.as_ref().map(MessagingServiceSid::as_str);
    let numbers = hotline.numbers.iter().map(E164::as_str).filter(|number| needs_campaign(hotline, number));
    let numbers: Vec<_> = numbers.map(|number| (number, state.service_of(number).or(named))).collect();
    let services = numbers.iter().filter_map(|(_, service)| service.map(str::to_owned)).collect();
    let campaigns = Campaigns::read(twilio, services);
    let missing = numbers.into_iter().filter(|(_, service)| !service.is_some_and(|it| campaigns.is_registered(it)));
    missing.map(|(number, _)| number.to_owned()).collect()
}

/// Toll-free numbers that carriers do not know yet, as far as can be seen.
fn unverified(hotline: &Hotline, twilio: &Twilio, state: &TwilioState) -> Vec<String> {
    let numbers = hotline.numbers.iter().map(E164::as_str).filter(|number| toll_free::is(number));
    let sid = |number: &str| state.number(number)?["sid"].as_str();
    let all = permissions::verifications(twilio, numbers.map(str::to_owned).collect(), sid);
    let is_done =
        |asked: &Asked<Vec<Value>>| asked.answer().is_some_and(|rows| verification(rows) == Registration::Done);
    all.into_iter().filter(|(_, asked)| !is_done(asked)).map(|(number, _)| number).collect()
}

/// Countries that are called, and that calls do not reach yet, as far as can be seen.
fn not_called(hotline: &Hotline, twilio: &Twilio) -> Vec<String> {
    let is_allowed = |asked: &Asked<Option<Value>>| {
        asked.answer().is_some_and(|it| it.as_ref().is_some_and(|it| it["low_risk_numbers_enabled"] == true))
    };
    let all = permissions::dialing(twilio, called_countries(hotline));
    all.into_iter().filter(|(_, asked)| !is_allowed(asked)).map(|(country, _)| country).collect()
}

fn sidebar_app(project: &Project) -> Left {
    Left {
        code: "sidebar_app",
        hotline: None,
        what: "Make the sidebar app, unless it is there".to_owned(),
        page: "https://secure.helpscout.net/apps/custom/",
        values: vec![
            ("Callback URL", format!("{}/helpscout/sidebar", project.config.public_url)),
            ("Secret key", "the value of HELPSCOUT_SIDEBAR_SECRET".to_owned()),
        ],
    }
}

/// Secrets that are nowhere here. Whether the Worker has those that are cannot be seen.
fn secrets(project: &Project) -> Option<Left> {
    let names: Vec<_> = xtask_check::NEEDED_SECRETS.into_iter().filter(|name| project.secret(name).is_none()).collect();
    (!names.is_empty()).then(|| Left {
        code: "secrets",
        hotline: None,
        what: "Give the Worker the secrets that are not at hand here".to_owned(),
        page: "https://developers.cloudflare.com/workers/configuration/secrets/",
        values: names.into_iter().map(|name| (name, format!("npx wrangler secret put {name}"))).collect(),
    })
}

fn of_hotline(hotline: &Hotline, twilio: &Twilio, state: &TwilioState) -> Vec<Left> {
    let left = |code, what: &str, page, values| Left {
        code,
        hotline: Some(hotline.api_name().to_owned()),
        what: what.to_owned(),
        page,
        values,
    };
    let mut all = Vec::new();
    let countries = not_called(hotline, twilio);
    if !countries.is_empty() {
        let what = "Allow calls to these countries, unless they are allowed";
        let page = "https://console.twilio.com/us1/develop/voice/settings/geo-permissions";
        all.push(left("geo_permissions", what, page, vec![("Countries", countries.join(", "))]));
    }
    let (local, toll_free) = (unregistered(hotline, twilio, state), unverified(hotline, twilio, state));
    if !local.is_empty() {
        let what =
            "Register the brand and a campaign for texts to the United States (A2P 10DLC), unless they are registered";
        let page = "https://console.twilio.com/us1/develop/sms/regulatory-compliance/a2p-10dlc-overview";
        all.push(left("a2p", what, page, vec![("Numbers", local.join(", "))]));
    }
    if !toll_free.is_empty() {
        let what = "Have the toll-free numbers verified, unless they are";
        let page = "https://console.twilio.com/us1/develop/phone-numbers/regulatory-compliance/toll-free";
        all.push(left("toll_free_verification", what, page, vec![("Numbers", toll_free.join(", "))]));
    }
    if hotline.fallback.text.is_none() || hotline.fallback.voice.is_none() {
        let what = "Make TwiML Bins and name them in `fallback`: without them the fallback shares the Worker's address";
        let values = vec![("text", FALLBACK_TEXT.to_owned()), ("voice", FALLBACK_VOICE.to_owned())];
        all.push(left("fallback_bin", what, "https://console.twilio.com/us1/develop/twiml-bins/twiml-bins", values));
    }
    let own = hotline.messaging_service.as_ref().map(MessagingServiceSid::as_str);
    let elsewhere = hotline
        .numbers
        .iter()
        .map(E164::as_str)
        .filter(|number| state.service_of(number).is_some_and(|service| Some(service) != own));
    let elsewhere: Vec<_> = elsewhere.collect();
    if !elsewhere.is_empty() {
        let what =
            "Take the numbers out of a Messaging Service that this hotline does not name, which takes their texts";
        let page = "https://console.twilio.com/us1/develop/sms/services";
        all.push(left("service_takes_texts", what, page, vec![("Numbers", elsewhere.join(", "))]));
    }
    all
}
