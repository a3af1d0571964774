//! What every world has: two hotlines, the accounts of both services, and who is who.

use emulator::helpscout::{self, EmbedThreads, Inbox, Merged, PayloadVersion, WebhookSeed};
use emulator::twilio::{self, Sender};
use hotline::config::{Config, Var};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// 20 November 2026, noon UTC: where every history begins.
pub const NOON: i64 = 1_795_176_000_000;
/// The inbox of the hotline that most stories are about.
pub const VOTERS: u64 = 3003;
/// An inbox without a hotline.
pub const OFFICE: u64 = 3004;
/// The inbox of another hotline.
pub const DRIVERS: u64 = 3005;
/// Numbers of the voters' hotline; the first is also its WhatsApp sender.
pub const VOTERS_NUMBERS: [&str; 2] = ["+15550100001", "+15550100003"];
/// The number of the other hotline.
pub const DRIVERS_NUMBER: &str = "+15550100002";

/// What a person gets on first contact, and what an outage brings.
pub const GREETING: &str = "Thanks, we got your message.";
/// What a caller gets who was missed.
pub const MISSED: &str = "Sorry we missed your call.";
/// Said once per outage.
pub const TROUBLE: &str = "Our team may see your message late.";

const PUBLIC_URL: &str = "https://hotline.example.org";
/// Secrets of the simulation's own: those of development are refused anywhere but on this machine.
pub const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// The secret of the app, whose id is that of the emulator's account.
pub const APP_SECRET: &str = "helpscout-app-secret-of-the-simulation";
const DOMAIN: &str = "sms.example.org";
const WEBHOOK_SECRET: &str = "webhook-secret-of-the-tests";

/// Where operators are told that something is wrong.
pub const ALERTS_URL: &str = "https://alerts.example.org/ringside";
/// Signs that.
pub const ALERT_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

/// A program that may do everything at the voters' hotline, and its token.
pub const CRM: (&str, &str) = ("crm", "rk_crm_0123456789abcdef0123456789abcdef");
/// A program that may read messages of both hotlines, and its token.
pub const AUDIT: (&str, &str) = ("audit", "rk_audit_0123456789abcdef0123456789abcdef");

/// A program that may send for both hotlines, and change their templates, and its token.
pub const MAILER: (&str, &str) = ("mailer", "rk_mailer_0123456789abcdef0123456789abcdef");

/// A program that listens at the voters' hotline and may see numbers, and its token.
pub const LISTENER: (&str, &str) = ("listener", "rk_listener_0123456789abcdef0123456789abcdef");

/// A program that listens at both hotlines and may see no numbers, and its token.
pub const COUNTER: (&str, &str) = ("counter", "rk_counter_0123456789abcdef0123456789abcdef");

fn api_keys(are_heard: bool) -> Value {
    let key = |(id, token): (&str, &str), scopes: &[&str], hotlines: &[&str]| {
        let sha256 = format!("{:x}", Sha256::digest(token));
        json!({"id": id, "sha256": sha256, "scopes": scopes, "hotlines": hotlines})
    };
    let all = ["messages:write", "messages:read", "people:write", "people:read", "templates", "verify", "sessions"];
    let both = ["VOTERS", "DRIVERS"];
    let mut keys = vec![
        key(CRM, &all, &["VOTERS"]),
        key(AUDIT, &["messages:read", "health", "jobs"], &both),
        key(MAILER, &["messages:write", "templates"], &both),
    ];
    if are_heard {
        keys.extend([key(LISTENER, &["events", "people:read"], &["VOTERS"]), key(COUNTER, &["events"], &both)]);
    }
    keys.into()
}

/// How one world differs from the usual one.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// Fields of the voters' hotline that are not as usual.
    pub hotline: Vec<(&'static str, Value)>,
    /// Customers are known by phone alone.
    pub phone_only: bool,
    /// Shape of Help Scout's webhook bodies.
    pub embed: Option<EmbedThreads>,
    /// Their version.
    pub payload: Option<PayloadVersion>,
    /// What a merged conversation answers.
    pub merged: Option<Merged>,
    /// How far Help Scout's clock is ahead.
    pub clock_ahead_ms: i64,
    /// Whether programs listen to what happens.
    pub has_listeners: bool,
    /// The numbers of the pool COURIERS; without any there is none.
    pub pool: Vec<&'static str>,
    /// Whether operators are told that something is wrong.
    pub has_alerts: bool,
    /// The inbox in which they read it.
    pub alerts_inbox: Option<u64>,
}

impl Stage {
    /// The usual world with one field of the voters' hotline changed.
    pub fn with(field: &'static str, value: Value) -> Self {
        Self { hotline: vec![(field, value)], ..Self::default() }
    }

    /// The product's configuration.
    ///
    /// # Panics
    /// When a story's fields are no configuration.
    pub fn config(&self) -> Config {
        let mut voters = json!({"name": "Voter hotline", "mailbox": VOTERS, "numbers": VOTERS_NUMBERS,
            "whatsapp": VOTERS_NUMBERS[0], "greeting": GREETING, "trouble": TROUBLE, "missed": MISSED});
        for (field, value) in &self.hotline {
            voters[field] = value.clone();
        }
        let drivers = json!({"name": "Driver hotline", "mailbox": DRIVERS, "numbers": [DRIVERS_NUMBER],
            "greeting": GREETING, "trouble": TROUBLE, "missed": MISSED});
        let customers = if self.phone_only {
            ("HELPSCOUT_CUSTOMERS", "phone_only")
        } else {
            ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", DOMAIN)
        };
        let account = helpscout::Settings::default();
        let texts = [
            ("PUBLIC_URL", PUBLIC_URL),
            customers,
            ("TWILIO_ACCOUNT_SID", twilio::DEVELOPMENT_ACCOUNT_SID),
            ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
            ("HELPSCOUT_APP_ID", &account.app_id),
            ("HELPSCOUT_APP_SECRET", APP_SECRET),
            ("HELPSCOUT_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("SESSION_SECRET", "session-secret-of-the-simulation"),
        ];
        let mut vars: Vec<_> = texts.map(|(name, text)| (name.to_owned(), Var::Text(text.to_owned()))).into();
        vars.push(("API_KEYS".to_owned(), Var::Text(api_keys(self.has_listeners).to_string())));
        vars.push(("HOTLINE_VOTERS".to_owned(), Var::Text(voters.to_string())));
        vars.push(("HOTLINE_DRIVERS".to_owned(), Var::Text(drivers.to_string())));
        if !self.pool.is_empty() {
            let pool = json!({"hotline": "VOTERS", "numbers": self.pool});
            vars.push(("POOL_COURIERS".to_owned(), Var::Text(pool.to_string())));
        }
        let mut alerts = json!({});
        if self.has_alerts {
            alerts["webhook"] = ALERTS_URL.into();
            vars.push(("ALERT_WEBHOOK_SECRET".to_owned(), Var::Text(ALERT_SECRET.to_owned())));
        }
        if let Some(inbox) = self.alerts_inbox {
            alerts["mailbox"] = inbox.into();
        }
        vars.push(("ALERTS".to_owned(), Var::Json(alerts)));
        let mut config = Config::read(&vars).expect("the stage's own configuration");
        config.version.schema = hotline::schema();
        config
    }

    /// A Twilio account with the senders of both hotlines.
    pub fn twilio(&self) -> twilio::Twilio {
        let mut settings = twilio::Settings::development(PUBLIC_URL);
        AUTH_TOKEN.clone_into(&mut settings.auth_token);
        let rate =
            self.hotline.iter().find(|(field, _)| *field == "sends_per_second").and_then(|(_, rate)| rate.as_u64());
        for sender in &mut settings.senders {
            sender.segments_per_second = rate.unwrap_or(sender.segments_per_second);
        }
        let like = settings.senders[0].clone();
        for number in [VOTERS_NUMBERS[1], DRIVERS_NUMBER].iter().chain(&self.pool) {
            settings.senders.push(Sender { address: (*number).to_owned(), ..like.clone() });
        }
        twilio::Twilio::new(settings)
    }

    /// A Help Scout account that tells us of every event.
    pub fn helpscout(&self) -> helpscout::HelpScout {
        let mut settings = helpscout::Settings { app_secret: APP_SECRET.to_owned(), ..helpscout::Settings::default() };
        settings.inboxes.push(Inbox {
            id: DRIVERS,
            name: "Driver hotline".into(),
            email: "drivers@example.org".into(),
        });
        settings.window = helpscout::Window::Sliding;
        settings.clock_ahead_ms = self.clock_ahead_ms;
        settings.merged = self.merged.unwrap_or(settings.merged);
        settings.embed_threads = self.embed.unwrap_or(EmbedThreads::No);
        settings.webhook = Some(WebhookSeed {
            url: format!("{PUBLIC_URL}/helpscout/webhook"),
            secret: WEBHOOK_SECRET.into(),
            events: Vec::new(),
            mailbox_ids: Vec::new(),
            version: self.payload.unwrap_or(PayloadVersion::V3),
        });
        helpscout::HelpScout::new(settings)
    }
}
