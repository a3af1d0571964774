//! A message and its person, written as words: `class=promotion consent=granted now=2026-11-20T17:00:00Z`.

use serde_json::{Value, json};

use crate::config::{Config, Hotline, Var};
use crate::domain::phone::Channel;
use crate::domain::time::Millis;
use crate::send_rules::{Consent, Decision, Message, Person, evaluate};
use protocol::v1::Class;

/// What the rules are told, but for the hotline.
#[derive(Clone, Debug)]
pub struct Story {
    pub to: String,
    pub channel: Channel,
    pub class: Class,
    pub has_content_sid: bool,
    pub send_at: Option<Millis>,
    pub expires_at: Option<Millis>,
    pub is_opted_out: bool,
    pub opted_in: Vec<String>,
    pub consent: Consent,
    pub zone: Option<String>,
    pub heard_at: Option<Millis>,
    pub left: Vec<Millis>,
    pub known: Option<String>,
    pub paused: Vec<String>,
    pub now: Millis,
}

impl Story {
    /// A text about something that somebody in New York has asked for, on a Friday at noon; and what is different.
    pub fn read(words: &str) -> Self {
        let mut story = Self {
            to: "+12125550123".to_owned(),
            channel: Channel::Sms,
            class: Class::Service,
            has_content_sid: false,
            send_at: None,
            expires_at: None,
            is_opted_out: false,
            opted_in: Vec::new(),
            consent: Consent::Unknown,
            zone: None,
            heard_at: None,
            left: Vec::new(),
            known: None,
            paused: Vec::new(),
            now: millis("2026-11-20T17:00:00Z"),
        };
        for word in words.split_whitespace() {
            story.apply(word);
        }
        story
    }

    fn apply(&mut self, word: &str) {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let text = || value.to_owned();
        match name {
            "to" => self.to = text(),
            "whatsapp" => self.channel = Channel::WhatsApp,
            "class" => self.class = Class::read(value).unwrap(),
            "template" => self.has_content_sid = true,
            "send_at" => self.send_at = Some(millis(value)),
            "expires_at" => self.expires_at = Some(millis(value)),
            "stop" => self.is_opted_out = true,
            "start" => self.opted_in.push(text()),
            "granted" => self.consent = Consent::Granted,
            "withdrawn" => self.consent = Consent::Withdrawn,
            "zone" => self.zone = Some(text()),
            "heard" => self.heard_at = Some(millis(value)),
            "left" => self.left.push(millis(value)),
            "known" => self.known = Some(text()),
            "paused" => self.paused.push(text()),
            "now" => self.now = millis(value),
            _ => panic!("{word}"),
        }
    }

    pub fn decide(&self, hotline: &Hotline) -> Decision {
        let message = Message {
            to: &self.to,
            channel: self.channel,
            class: self.class,
            has_content_sid: self.has_content_sid,
            send_at: self.send_at,
            expires_at: self.expires_at,
        };
        let person = Person {
            is_opted_out: self.is_opted_out,
            opted_in_senders: &self.opted_in,
            consent: self.consent,
            zone: self.zone.as_deref(),
            whatsapp_heard_at: self.heard_at,
            left: &self.left,
            known_sender: self.known.as_deref(),
        };
        evaluate(&message, &person, hotline, &self.paused, self.now)
    }
}

pub fn millis(text: &str) -> Millis {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// A hotline of two numbers and WhatsApp, in the United States and Canada; and what is different in its table.
pub fn hotline(different: Value) -> Hotline {
    let mut table = json!({
        "name": "Voters", "mailbox": 3003, "numbers": ["+15550100001", "+15550100002"], "whatsapp": "+15550100009",
        "region": "US", "send_countries": ["US", "CA", "AU", "GB"], "blocked": ["+12125550666"],
        "quiet": {"from": "21:00", "until": "08:00"},
        "cap": {"promotion": {"count": 1, "days": 7}, "alert": {"count": 3, "days": 1}},
    });
    for (name, value) in different.as_object().unwrap() {
        table[name] = value.clone();
    }
    let texts = [
        ("PUBLIC_URL", "https://hotline.example.org"),
        ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "sms.example.org"),
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
        ("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
        ("HELPSCOUT_APP_ID", "a"),
        ("HELPSCOUT_APP_SECRET", "s"),
        ("HELPSCOUT_WEBHOOK_SECRET", "w"),
        ("HELPSCOUT_SIDEBAR_SECRET", "b"),
        ("SESSION_SECRET", "a_session_secret_of_at_least_32_bytes"),
    ];
    let mut vars: Vec<_> = texts.map(|(name, text)| (name.to_owned(), Var::Text(text.to_owned()))).into();
    vars.push(("HOTLINE_VOTERS".to_owned(), Var::Json(table)));
    let mut config = Config::read(&vars).unwrap();
    assert_eq!(config.faults, []);
    config.hotlines.remove(0)
}
