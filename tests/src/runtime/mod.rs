//! The built Worker in real workerd, with the emulator as the outside world.
#![expect(clippy::missing_panics_doc, reason = "a story fails by a panic")]

mod api_key;
mod http_request;
mod look;
mod quiet;
mod receiver;
mod workerd;

use std::time::{Duration, Instant};

use emulator::faults::Service;
use emulator::server::{Running, Settings, World};
use emulator::twilio::{CallStatus, FarEnd, Heard, Script};
use hotline::config::{Config, Var};
use serde_json::{Value, json};

pub use api_key::{TOKEN, api_keys};
pub use http_request::{Answer, HttpRequest, form, text_params};
pub use look::Talk;
pub use receiver::{Delivered, Manner, Receiver};
pub use workerd::{BARE, Program, RINGSIDE, RINGSIDE_WITH_ASSETS, Workerd, free_port, is_built};

/// How long a story waits for something to happen. Only a failing story waits so long; the slowest thing that the rules
/// do by themselves is the repeat of a lost create, after 120 s; the rest is for a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(5);

/// The hotline's number at the emulator.
pub const HOTLINE: &str = "+15550100001";

/// The hotline's inbox at the emulator.
pub const INBOX: u64 = 3003;

/// What the hotline says on first contact.
pub const GREETING: &str = "Thanks, we got your message.";

/// The fastest that a sender may be (Twilio, rate limits: short codes), so that stories do not queue.
const PER_SECOND: u64 = 100;

/// A hotline that runs: the Worker, Twilio and Help Scout.
pub struct Stand {
    /// The outside world.
    pub emulator: Running,
    /// The Worker.
    pub worker: Workerd,
    /// Plain HTTP, a connection for each request: a kept one would fail after the Worker is killed.
    pub http: reqwest::Client,
    vars: Value,
    may_break: bool,
}

impl Stand {
    /// Starts with the configuration of development, changed by `change`.
    pub async fn start(change: impl FnOnce(&mut Value)) -> Self {
        Self::start_in(|_| (), change).await
    }

    /// The same, in an outside world changed by `world`.
    pub async fn start_in(world: impl FnOnce(&mut Settings), change: impl FnOnce(&mut Value)) -> Self {
        Self::start_as(&workerd::RINGSIDE, world, change).await
    }

    /// The same, as a browser meets it: with the static files, and with a program on the playground's page.
    pub async fn start_with_assets() -> Self {
        Self::start_as(&workerd::RINGSIDE_WITH_ASSETS, |_| (), |vars| vars["API_KEYS"] = api_keys()).await
    }

    /// The same, with an address of a program to which every `https` address leads.
    pub async fn start_with_receiver(receiver: &Receiver, change: impl FnOnce(&mut Value)) -> Self {
        let program = Program { receiver: Some(receiver.port), ..workerd::RINGSIDE };
        Self::start_as(&program, |_| (), change).await
    }

    async fn start_as(program: &Program, world: impl FnOnce(&mut Settings), change: impl FnOnce(&mut Value)) -> Self {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let mut settings = Settings::development(0, &url).with_api_key(&url, TOKEN);
        settings.twilio.senders.iter_mut().for_each(|sender| sender.segments_per_second = PER_SECOND);
        settings.helpscout.webhook_delay_ms = 20;
        world(&mut settings);
        let emulator = emulator::server::start(settings).await.expect("the emulator starts");
        let mut vars = vars(&url, &emulator.url());
        change(&mut vars);
        let worker = Workerd::start(program, port, &vars).await;
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
        Self { emulator, worker, http, vars, may_break: false }
    }

    /// The configuration as the Worker reads it.
    pub fn config(&self) -> Config {
        let var = |(name, value): (&String, &Value)| {
            // A table may stand in a secret too, as text.
            (name.clone(), Var::Text(value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        };
        let vars: Vec<_> = self.vars.as_object().expect("variables").iter().map(var).collect();
        Config::read(&vars).expect("a good configuration")
    }

    /// Looks at the outside world, or changes it.
    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.emulator.with(look)
    }

    /// A supporter texts the hotline.
    pub fn text(&self, from: &str, body: &str) -> String {
        self.text_with(from, body, Vec::new())
    }

    /// A supporter texts the hotline, with pictures.
    pub fn text_with(&self, from: &str, body: &str, media: Vec<(String, Vec<u8>)>) -> String {
        let to = if from.starts_with("whatsapp:") { format!("whatsapp:{HOTLINE}") } else { HOTLINE.to_owned() };
        self.world(|world| {
            let now = world.now();
            world.twilio.text_in(now, from, &to, body, media)
        })
    }

    /// Somebody calls the hotline and follows a script; the call's sid.
    pub fn call(&self, from: &str, script: Script) -> String {
        self.world(|world| {
            let now = world.now();
            world.twilio.call_in(now, from, HOTLINE, script)
        })
    }

    /// What somebody does when their phone is called.
    pub fn phone(&self, number: &str, far_end: FarEnd) {
        self.world(|world| world.twilio.set_far_end(number, far_end));
    }

    /// What the person at the far end of a call heard, in order.
    pub fn heard(&self, call: &str) -> Vec<Heard> {
        self.world(|world| world.twilio.call(call).expect("a call").heard.iter().map(|(_, it)| it.clone()).collect())
    }

    /// Waits until a call is over.
    pub async fn until_over(&self, call: &str) -> CallStatus {
        let status = |it: &Self| it.world(|world| world.twilio.call(call).map(|call| call.status));
        self.until("the call's end", |it| status(it).filter(|status| status.is_final())).await
    }

    /// An agent does something in Help Scout's own screen.
    pub fn agent(&self, action: &str, arguments: Value) -> Value {
        self.world(|world| {
            let now = world.now();
            world.helpscout.agent_action(now, action, &arguments).expect(action)
        })
    }

    /// An agent replies in a conversation; the reply's thread.
    pub fn reply(&self, conversation: u64, html: &str) -> u64 {
        let made = self.agent("reply", json!({ "conversation": conversation, "html": html }));
        made["thread"].as_u64().expect("a thread")
    }

    /// Something goes wrong from now on (a rule of the switchboard); its id.
    pub fn spoil(&self, service: Service, rule: Value) -> u64 {
        let rule = serde_json::from_value(rule).expect("a rule of the switchboard");
        self.world(|world| world.faults.add(service, rule))
    }

    /// Nothing goes wrong at a service any more.
    pub fn mend(&self, service: Service) {
        self.world(|world| world.faults.clear(service, None));
    }

    /// Starts the Worker again with JavaScript added to what was built, which may make it break.
    pub async fn sabotage(&mut self, javascript: &str) {
        self.may_break = true;
        self.worker.kill();
        self.worker.tamper(javascript);
        self.worker.restart().await;
    }

    /// Waits until something holds, and returns it.
    pub async fn until<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "never happened: {what}\n{}", self.story());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Stand {
    /// Whatever the story was about: the Worker's log tells nothing of it (P7), nothing broke, and all that was said to
    /// Twilio conforms to Twilio's description.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let violations = self.world(|world| crate::world::violations(&world.twilio));
            assert_eq!(violations, [""; 0], "requests or answers are not Twilio's");
            let (log, leaks) = (self.worker.log(), self.leaks());
            assert!(leaks.is_empty(), "the log tells {leaks:?}:\n{log}");
            let broke = ["Uncaught", "step.failed", "alarm.failed"].iter().any(|words| log.contains(words));
            assert!(self.may_break || !broke, "something broke:\n{log}");
        }
    }
}

/// The variables and secrets of development.
fn vars(worker: &str, emulator: &str) -> Value {
    json!({
        "PUBLIC_URL": worker,
        "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN": "sms.example.org",
        "TWILIO_API_URL": format!("{emulator}/twilio"),
        "TWILIO_LOOKUPS_URL": format!("{emulator}/lookups"),
        "HELPSCOUT_API_URL": format!("{emulator}/helpscout"),
        "HELPSCOUT_APP_ORIGIN": emulator,
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
        "TWILIO_AUTH_TOKEN": "dev_twilio_auth_token",
        "HELPSCOUT_APP_ID": "dev_app",
        "HELPSCOUT_APP_SECRET": "dev_app_secret",
        "HELPSCOUT_WEBHOOK_SECRET": "dev_webhook_secret",
        "HELPSCOUT_SIDEBAR_SECRET": "dev_sidebar_secret",
        "SESSION_SECRET": "dev_session_secret_at_least_32_bytes_long",
        "HOTLINE_VOTERS": {
            "name": "Voter hotline",
            "mailbox": INBOX,
            "numbers": [HOTLINE],
            "whatsapp": HOTLINE,
            "region": "US",
            "sends_per_second": PER_SECOND,
            "reply_delay_seconds": 0,
            "greeting": GREETING,
        },
    })
}
