//! Help Scout's webhook, which tells of replies, and customers whom it has twice.

use std::collections::{BTreeMap, BTreeSet};

use hotline::config::{Customers, Hotline};
use hotline::domain::phone::E164;
use serde_json::{Value, json};

use super::codes::{Code, Source};
use super::report::{Place, Report};
use crate::apply::{EVENTS, HIDDEN};
use crate::asked::Asked;
use crate::project::Project;

/// What is judged here.
const RESOURCE: &str = "helpscout_webhook";

/// Judges the webhook with our address among all.
pub fn judge(webhooks: &Asked<Vec<Value>>, hotlines: &[&Hotline], project: &Project, report: &mut Report) {
    let Some(all) = report.take(webhooks, Source::Webhooks) else { return };
    let url = format!("{}/helpscout/webhook", project.config.public_url);
    let place = |field: &str| Place::new(RESOURCE, field).named(&url);
    let ours: Vec<&Value> = all.iter().filter(|it| it["url"] == url.as_str()).collect();
    let Some(webhook) = ours.first() else {
        return report.find(Code::WebhookMissing, place("url"), Value::Null, url.as_str());
    };
    if ours.len() > 1 {
        report.find(Code::WebhookRepeated, place("url"), ours.len(), 1);
    }
    if webhook["state"] == "disabled" {
        report.find(Code::WebhookDisabled, place("state"), "disabled", "enabled");
    }
    let has = |field: &str, wanted: &Value| webhook[field].as_array().is_some_and(|list| list.contains(wanted));
    if EVENTS.iter().any(|event| !has("events", &json!(event))) {
        report.find(Code::WebhookEvents, place("events"), webhook["events"].clone(), json!(EVENTS));
    }
    let covers_all = webhook["mailboxIds"].as_array().is_none_or(Vec::is_empty);
    for hotline in hotlines.iter().filter(|hotline| !covers_all && !has("mailboxIds", &json!(hotline.mailbox))) {
        let place = place("mailboxIds").of(hotline.api_name());
        report.find(Code::WebhookInboxes, place, webhook["mailboxIds"].clone(), hotline.mailbox);
    }
    if webhook["payloadVersion"] != "V3" {
        report.find(Code::WebhookVersion, place("payloadVersion"), webhook["payloadVersion"].clone(), "V3");
    }
    if webhook["notification"] == true {
        report.find(Code::WebhookNotification, place("notification"), true, false);
    }
    let (shown, secret) = (webhook["secret"].as_str(), project.secret("HELPSCOUT_WEBHOOK_SECRET"));
    if shown.zip(secret).is_some_and(|(shown, secret)| shown != secret.expose()) {
        report.find(Code::WebhookSecret, place("secret"), HIDDEN, HIDDEN);
    }
}

/// Judges whether one number is two customers.
pub fn judge_customers(customers: &Asked<Vec<Value>>, project: &Project, report: &mut Report) {
    let Some(customers) = report.take(customers, Source::Customers) else { return };
    let Some(Customers::Email { domain }) = &project.config.customers else { return };
    let mut owners: BTreeMap<E164, BTreeSet<u64>> = BTreeMap::new();
    for customer in customers {
        let Some(id) = customer["id"].as_u64() else { continue };
        let emails = customer["_embedded"]["emails"].as_array().into_iter().flatten();
        for number in emails.filter_map(|email| number(email["value"].as_str()?, domain)) {
            owners.entry(number).or_default().insert(id);
        }
    }
    let twice: Vec<String> =
        owners.iter().filter(|(_, ids)| ids.len() > 1).map(|(number, _)| number.masked()).collect();
    if !twice.is_empty() {
        let place = Place::new("helpscout_account", "customers").named(domain);
        report.find(Code::CustomerDuplicates, place, twice, "one customer for each number");
    }
}

/// The number that an address at our domain stands for, however it is spelled there.
fn number(address: &str, domain: &str) -> Option<E164> {
    let (local, at) = address.split_once('@')?;
    let digits: String = local.chars().filter(char::is_ascii_digit).collect();
    at.eq_ignore_ascii_case(domain).then(|| E164::parse(&format!("+{digits}")))?.map(E164::canonical)
}
