//! Test fixture: an account with a webhook, a client with a token.

use super::settings::PayloadVersion;
use super::{HelpScout, Settings, WebhookSeed};
use crate::http::{Delivery, Model, Outcome, Request, Response};
use serde_json::{Value, json};

/// Noon of 20 November 2026, in ms since 1970.
pub(super) const NOON: u64 = 1_795_176_000_000;

/// An account, a token, a clock.
pub(super) struct Fixture {
    pub hs: HelpScout,
    pub now: u64,
    token: String,
}

impl Fixture {
    pub(super) fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings { webhook: Some(seed(vec![3003])), ..Settings::default() };
        change(&mut settings);
        let mut fixture = Self { hs: HelpScout::new(settings), now: NOON, token: String::new() };
        fixture.renew_token();
        fixture
    }

    pub(super) fn renew_token(&mut self) {
        let form = "grant_type=client_credentials&client_id=dev_app&client_secret=dev_app_secret";
        let headers = vec![("content-type".into(), "application/x-www-form-urlencoded".into())];
        let request = Request { method: "POST".into(), target: "/v2/oauth2/token".into(), headers, body: form.into() };
        let body: Value = serde_json::from_slice(&self.hs.handle(self.now, &request).body).unwrap();
        self.token = body["access_token"].as_str().unwrap().into();
    }

    pub(super) fn ask(&mut self, method: &str, target: &str, body: &Value) -> Response {
        self.ask_as("application/json", method, target, body)
    }

    /// The same with a body of another type.
    pub(super) fn ask_as(&mut self, kind: &str, method: &str, target: &str, body: &Value) -> Response {
        let mut headers = vec![("authorization".into(), format!("Bearer {}", self.token))];
        headers.extend((!body.is_null()).then(|| ("content-type".into(), kind.into())));
        let body = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        self.hs.handle(self.now, &Request { method: method.into(), target: target.into(), headers, body })
    }

    pub(super) fn get(&mut self, target: &str) -> Value {
        let response = self.ask("GET", target, &Value::Null);
        assert_eq!(response.status, 200, "{target}");
        serde_json::from_slice(&response.body).unwrap()
    }

    /// A create that must succeed; the id from its header.
    pub(super) fn make(&mut self, target: &str, body: &Value) -> u64 {
        let response = self.ask("POST", target, body);
        assert_eq!((response.status, response.body.len()), (201, 0), "{}", String::from_utf8_lossy(&response.body));
        header(&response, "resource-id").parse().unwrap()
    }

    /// A first text of a supporter with a synthetic e-mail address.
    pub(super) fn text_in(&mut self, text: &str) -> u64 {
        self.make("/v2/conversations", &text_body(text))
    }

    pub(super) fn act(&mut self, action: &str, args: &Value) -> Value {
        self.hs.agent_action(self.now, action, args).unwrap()
    }

    /// All webhooks due within the next minute, accepted.
    pub(super) fn webhooks(&mut self) -> Vec<Delivery> {
        self.now += 60_000;
        let due = self.hs.take_due(self.now);
        for delivery in &due {
            self.hs.answered(
                self.now,
                delivery.id,
                Outcome::Answered(Response { status: 204, headers: vec![], body: vec![] }),
            );
        }
        due
    }

    /// Their event names.
    pub(super) fn events(&mut self) -> Vec<String> {
        self.webhooks().iter().map(event).collect()
    }
}

pub(super) fn text_body(text: &str) -> Value {
    json!({
        "subject": "Text from +1 555 010 0100", "type": "phone", "mailboxId": 3003, "status": "active", "tags": ["sms"],
        "customer": { "email": "15550100100@sms.example.org", "firstName": "Sam", "phone": "+15550100100" },
        "threads": [{ "type": "customer", "customer": { "email": "15550100100@sms.example.org" }, "text": text }],
    })
}

pub(super) fn seed(mailbox_ids: Vec<u64>) -> WebhookSeed {
    WebhookSeed {
        url: "https://hotline.example.org/helpscout/webhook".into(),
        secret: "dev_webhook_secret".into(),
        events: vec![],
        mailbox_ids,
        version: PayloadVersion::V2,
    }
}

pub(super) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

pub(super) fn event(delivery: &Delivery) -> String {
    delivery.request.headers.iter().find(|(key, _)| key == "x-helpscout-event").unwrap().1.clone()
}

pub(super) fn payload(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.request.body).unwrap()
}
