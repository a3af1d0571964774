//! What is planted in a sound deployment.

use std::collections::BTreeMap;

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{MessagingService, Sender, Settings};
use serde_json::{Value, json};

use crate::deployment::{Deployment, SERVICE, TOLL_FREE, toml};

pub const OTHER_SERVICE: &str = "MG00000000000000000000000000000002";
const OLD: &str = "https://old.example/sms";

/// The codes of a document, as they stand in it.
pub fn codes(document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().unwrap().iter();
    findings.map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

/// This is answered to reads whose path has this in it.
pub fn rule(status: u16, path: &str, body: Value) -> Rule {
    let kind = Kind::Status { status, headers: BTreeMap::new(), body };
    Rule { id: 0, kind, method: Some("GET".into()), path_contains: Some(path.into()), times: None }
}

pub fn twilio(hotline: &Deployment, change: impl FnOnce(&mut Settings)) {
    hotline.emulator.with(|world| change(world.twilio.settings_mut()));
}

pub fn helpscout(hotline: &Deployment, change: impl FnOnce(&mut emulator::helpscout::Settings)) {
    hotline.emulator.with(|world| change(world.helpscout.settings_mut()));
}

pub fn number(hotline: &Deployment, change: impl FnOnce(&mut Sender)) {
    twilio(hotline, |it| change(&mut it.senders[0]));
}

pub fn kept(hotline: &Deployment, field: &str, value: &str) {
    number(hotline, |it| {
        it.kept.insert(field.into(), value.into());
    });
}

pub fn service(hotline: &Deployment, change: impl FnOnce(&mut MessagingService)) {
    twilio(hotline, |it| change(&mut it.services[0]));
}

pub fn whatsapp(hotline: &Deployment, change: impl FnOnce(&mut Sender)) {
    twilio(hotline, |it| change(it.senders.iter_mut().find(|it| it.address.starts_with("whatsapp:")).unwrap()));
}

pub fn answers(hotline: &Deployment, service: Service, path: &str, body: Value) {
    hotline.emulator.with(|world| world.faults.add(service, rule(200, path, body)));
}

pub fn down(hotline: &Deployment, service: Service) {
    let kind = Kind::Down { refuse: true };
    hotline
        .emulator
        .with(|world| world.faults.add(service, Rule { id: 0, kind, method: None, path_contains: None, times: None }));
}

/// Changes the table of the hotline.
pub fn table(hotline: &Deployment, change: impl FnOnce(&mut toml::Table)) {
    hotline.edit(|config| change(config["vars"]["HOTLINE_VOTERS"].as_table_mut().unwrap()));
}

/// Fields in the place of others, as TOML.
pub fn fields(hotline: &Deployment, text: &str) {
    table(hotline, |table| table.extend(toml(text).as_table().unwrap().clone()));
}

pub fn var(hotline: &Deployment, name: &str, value: &str) {
    hotline.edit(|config| {
        config["vars"].as_table_mut().unwrap().insert(name.into(), value.into());
    });
}

/// A further hotline, as sound as the first.
pub fn second_hotline(hotline: &Deployment) {
    twilio(hotline, |it| it.senders.push(Sender { address: "whatsapp:+15550100002".into(), ..Sender::default() }));
    let url = hotline.public_url().to_owned();
    hotline.edit(|config| {
        let table = format!(
            "name = \"Office\"\nmailbox = 3004\nwhatsapp = \"+15550100002\"\n\
             fallback = {{ text = \"{url}/bin/text\", voice = \"{url}/bin/voice\" }}"
        );
        config["vars"].as_table_mut().unwrap().insert("HOTLINE_OFFICE".into(), toml(&table));
    });
    hotline.worker.health(|health| {
        health["hotlines"].as_array_mut().unwrap().push(json!({
            "hotline": "OFFICE", "mailbox": 3004, "senders": [{"sender": "+15550100002", "kind": "whatsapp"}],
        }));
    });
    assert_eq!(hotline.run("hotline apply --yes").exit, 0);
}

/// The list of webhooks, with the sound one changed.
pub fn webhooks(hotline: &Deployment, change: impl FnOnce(&mut Value)) {
    let mut list = json!([{
        "id": 1, "url": format!("{}/helpscout/webhook", hotline.public_url()), "label": "Ringside", "notification": false,
        "events": ["convo.created", "convo.agent.reply.created", "convo.merged", "convo.moved", "convo.deleted"],
        "payloadVersion": "V3", "mailboxIds": [3003], "state": "enabled",
    }]);
    change(&mut list);
    let body = json!({"_embedded": {"webhooks": list}, "page": {"totalPages": 1}});
    answers(hotline, Service::HelpScout, "/webhooks", body);
}

/// The list of texts: what people and the hotline wrote, and at which second of a minute long ago.
pub fn texts(hotline: &Deployment, rows: &[(&str, &str, &str, u8)]) {
    let row = |(from, to, body, second): &(&str, &str, &str, u8)| {
        let direction = if *to == "+15550100001" { "inbound" } else { "outbound-reply" };
        let date = format!("Thu, 20 Nov 2025 12:00:{second:02} +0000");
        json!({"from": from, "to": to, "body": body, "direction": direction, "date_sent": date})
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    answers(hotline, Service::Twilio, "/Messages.json", json!({"messages": rows}));
}

/// A number that is in another service, which takes its texts.
pub fn taken_by_another_service(hotline: &Deployment) {
    twilio(hotline, |it| {
        it.services[0].senders.retain(|number| number != TOLL_FREE);
        it.services.push(MessagingService {
            sid: OTHER_SERVICE.into(),
            senders: vec![TOLL_FREE.into()],
            inbound_request_url: OLD.into(),
            ..MessagingService::default()
        });
    });
}

/// A service that is not in the account, in the file and in what runs.
pub fn unknown_service(hotline: &Deployment) {
    fields(hotline, &format!("messaging_service = \"{OTHER_SERVICE}\""));
    hotline.worker.health(|health| {
        let senders = health["hotlines"][0]["senders"].as_array_mut().unwrap();
        senders.iter_mut().filter(|it| it["sender"] == SERVICE).for_each(|it| it["sender"] = OTHER_SERVICE.into());
    });
}

/// An error of the Worker's that Twilio has seen.
pub fn seen_error(hotline: &Deployment) {
    hotline.emulator.with(|world| {
        let now = world.now();
        world.twilio.text_in(now, "+15550100100", "+15550100001", "Hello", vec![])
    });
    let seen = || hotline.emulator.with(|world| !world.twilio.debugger().is_empty());
    while !seen() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// Changes PUBLIC_URL and nothing that was set up with it.
pub fn public_url(hotline: &Deployment, url: &str) {
    var(hotline, "PUBLIC_URL", url);
}

pub const fn old() -> &'static str {
    OLD
}
