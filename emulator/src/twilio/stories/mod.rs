//! Tests with people, the hotline and Twilio, under a virtual clock.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::*;

mod calls;
mod people;
mod sending;
mod strictness;
mod webhooks;

const HOTLINE: &str = DEVELOPMENT_NUMBER;
const ANNA: &str = "+15550100100";
const MESSAGES: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages";
/// A Messaging Service.
const SERVICE: &str = "MG00000000000000000000000000000001";
const HOUR: u64 = 3_600_000;

type Form<'a> = &'a [(&'a str, &'a str)];

/// Twilio, a receiver that answers its webhooks, and the time.
struct Fixture {
    twilio: Twilio,
    now: u64,
    /// What the receiver says to each request, in turn; afterwards always `ok`.
    answers: Vec<Outcome>,
    heard: Vec<Delivery>,
}

fn ok() -> Outcome {
    answer(200, "text/xml", "<Response/>")
}

fn answer(status: u16, content_type: &str, body: &str) -> Outcome {
    Outcome::Answered(Response {
        status,
        headers: vec![("content-type".into(), content_type.into())],
        body: body.into(),
    })
}

impl Fixture {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::development("https://hotline.example");
        change(&mut settings);
        Self { twilio: Twilio::new(settings), now: 1_692_853_305_000, answers: Vec::new(), heard: Vec::new() }
    }

    fn answering(mut self, answers: impl IntoIterator<Item = Outcome>) -> Self {
        self.answers = answers.into_iter().collect();
        self
    }

    /// Lets time pass until nothing is due any more.
    fn settle(&mut self) {
        while let Some(due) = self.twilio.next_due() {
            self.now = self.now.max(due);
            for delivery in self.twilio.take_due(self.now) {
                let outcome = if self.answers.is_empty() { ok() } else { self.answers.remove(0) };
                self.heard.push(delivery.clone());
                self.twilio.answered(self.now, delivery.id, outcome);
            }
        }
    }

    fn text(&mut self, from: &str, body: &str) -> String {
        let to = if from.starts_with("whatsapp:") { format!("whatsapp:{HOTLINE}") } else { HOTLINE.to_owned() };
        let sid = self.twilio.text_in(self.now, from, &to, body, Vec::new());
        self.settle();
        sid
    }

    fn call(&mut self, method: &str, target: &str, form: Form) -> (u16, Value) {
        let credentials =
            format!("Basic {}", STANDARD.encode(format!("{DEVELOPMENT_ACCOUNT_SID}:{DEVELOPMENT_AUTH_TOKEN}")));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish().into_bytes();
        let mut headers = vec![("authorization".to_owned(), credentials)];
        if method == "POST" {
            headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
        let request = Request { method: method.into(), target: target.into(), headers, body };
        let response = self.twilio.handle(self.now, &request);
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    fn send(&mut self, form: Form) -> (u16, Value) {
        self.call("POST", &format!("{MESSAGES}.json"), form)
    }

    fn bodies(&self, phone: &str) -> Vec<String> {
        self.twilio.phone(phone).into_iter().filter(|message| !message.mine).map(|message| message.body).collect()
    }

    /// A form field of every webhook heard so far.
    fn fields(&self, name: &str) -> Vec<String> {
        self.heard.iter().map(|delivery| field(delivery, name)).collect()
    }
}

/// Stories ask for wrong things on purpose; what they are answered has Twilio's own form all the same.
impl Drop for Fixture {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let ours = self.twilio.violations().iter().filter(|it| it.party == openapi::Party::Emulator);
            assert_eq!(ours.map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
        }
    }
}

fn field(delivery: &Delivery, name: &str) -> String {
    form_urlencoded::parse(&delivery.request.body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn header(delivery: &Delivery, name: &str) -> String {
    delivery.request.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn with_service(settings: &mut Settings) {
    settings.services.push(MessagingService {
        sid: SERVICE.into(),
        senders: vec![HOTLINE.into()],
        status_callback: "https://hotline.example/service".into(),
        advanced_opt_out: true,
        ..MessagingService::default()
    });
}
